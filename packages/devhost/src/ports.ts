/** @module Which ports to listen on: the usual ones, the next free ones, or exactly those that were asked for. */
import { anyFreePort, probePort } from './free-port.ts'
import { DevhostProblem } from './problem.ts'

/** A port that a part of the stack wants. */
export interface PortWish {
  /** The environment variable that chooses it. */
  readonly variable: string
  /** 0: any free one. */
  readonly port: number
  /** Somebody asked for this very port, so no other will do. */
  readonly asked: boolean
}

/** What listens. */
export const PORT_NAMES = ['backend', 'preview', 'wechatPay', 'wechatApi', 'wechatControl'] as const
export type PortName = (typeof PORT_NAMES)[number]
export type Ports = Readonly<Record<PortName, number>>

/** How many more are tried before giving up. */
const TRIES = 20

/**
 * A port for each wish, no two the same. Those that somebody asked for are given first: another part must not find its
 * way onto them.
 *
 * @throws DevhostProblem naming the port and the variable that changes it
 */
export async function findPorts(wishes: Readonly<Record<PortName, PortWish>>): Promise<Ports> {
  const found = { backend: 0, preview: 0, wechatPay: 0, wechatApi: 0, wechatControl: 0 }
  const given = new Set<number>()
  for (const asked of [true, false]) {
    for (const name of PORT_NAMES.filter((candidate) => wishes[candidate].asked === asked)) {
      found[name] = await findPort(wishes[name], given)
      given.add(found[name])
    }
  }
  return found
}

/**
 * Finds a port on loopback that can be listened on, and not one of `given`.
 *
 * @throws DevhostProblem naming the port and the variable that changes it
 */
async function findPort({ port, asked, variable }: PortWish, given: ReadonlySet<number>): Promise<number> {
  if (port === 0) return anyFreePort(given)
  const last = asked ? port : port + TRIES
  for (let candidate = port; candidate <= last; candidate++) {
    const state = given.has(candidate) ? 'taken' : await probePort(candidate)
    if (state === 'free') return candidate
    if (state === 'forbidden') {
      throw new DevhostProblem(
        `Port ${candidate} may not be opened by this user. Choose one above 1023 in ${variable}.`,
      )
    }
  }
  const which = asked ? `Port ${port} is` : `Ports ${port} to ${last} are`
  throw new DevhostProblem(
    `${which} taken by another program. Close it, or choose another port in the environment variable ${variable} (0: any free one).`,
  )
}
