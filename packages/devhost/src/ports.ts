/** @module Which ports to listen on: the usual ones, the next free ones, or exactly those that were asked for. */
import net from 'node:net'
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
async function findPort(wish: PortWish, given: ReadonlySet<number>): Promise<number> {
  for (const port of candidates(wish)) {
    const free = given.has(port) ? undefined : await tryPort(port, wish)
    if (free !== undefined && !given.has(free)) return free
  }
  const which = wish.asked ? `Port ${wish.port} is` : `Ports ${wish.port} to ${wish.port + TRIES} are`
  throw new DevhostProblem(
    `${which} taken by another program. Close it, or choose another port in the environment variable ${wish.variable} (0: any free one).`,
  )
}

function candidates({ port, asked }: PortWish): number[] {
  const step = port === 0 ? 0 : 1
  return Array.from({ length: asked && port !== 0 ? 1 : TRIES + 1 }, (_, index) => port + index * step)
}

/** The port that was really opened, or undefined when this one is taken. */
function tryPort(port: number, { variable }: PortWish): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else if (error.code === 'EACCES')
        reject(
          new DevhostProblem(
            `Port ${port} may not be opened by this user. Choose one above 1023 in ${variable}.`,
          ),
        )
      else reject(error)
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      const opened = typeof address === 'object' && address !== null ? address.port : port
      server.close(() => resolve(opened))
    })
  })
}
