/** @module Whether a port of this machine can be listened on, and any that can. */
import { randomInt } from 'node:crypto'
import net from 'node:net'
import { hasCode } from './embedded-postgres/error-code.ts'

/**
 * Where "any free port" is drawn from: below those that systems give to outgoing connections (from 32768 on Linux, from
 * 49152 elsewhere). A port that the system itself picks for `listen(0)` may be gone again before the part that it is
 * meant for listens, because any connection that somebody opens meanwhile can get it.
 */
const DRAWN_PORTS = { from: 10_000, to: 32_768 } as const

/** Ever more unlikely draws before it is plain that something else is wrong. */
const DRAWS = 100

/** @param but ports that are spoken for, though nobody listens on them yet */
export async function anyFreePort(but: ReadonlySet<number> = new Set()): Promise<number> {
  for (let draw = 0; draw < DRAWS; draw++) {
    const port = randomInt(DRAWN_PORTS.from, DRAWN_PORTS.to)
    if (!but.has(port) && (await probePort(port)) === 'free') return port
  }
  throw new Error(`no free port on 127.0.0.1 between ${DRAWN_PORTS.from} and ${DRAWN_PORTS.to}`)
}

/** Forbidden to this user: below 1024, or kept by the system for itself, as Windows does here and there. */
export type PortState = 'free' | 'taken' | 'forbidden'

export function probePort(port: number): Promise<PortState> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (error) => {
      if (hasCode(error, 'EADDRINUSE')) resolve('taken')
      else if (hasCode(error, 'EACCES')) resolve('forbidden')
      else reject(error)
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve('free')))
  })
}
