/** @module A proxy in front of PostgreSQL that breaks one statement in a chosen way. */
import net from 'node:net'

export type Fault =
  /** The statement arrives and is answered; the answer is lost and the connection cut. */
  | { readonly kind: 'loseAnswer'; readonly before?: () => Promise<unknown> }
  /** The statement is lost and the connection cut. */
  | { readonly kind: 'loseStatement' }
  /** The statement is lost and nobody says so: a dead network path. */
  | { readonly kind: 'silence' }
  /** The server refuses with this SQLSTATE. */
  | { readonly kind: 'refuse'; readonly code: string }

export interface FaultProxy {
  readonly url: string
  /** Breaks the next `times` statements (default 1) that contain `statement`. */
  breakNext(statement: string, fault: Fault, times?: number): void
  /** Statements broken so far. */
  broken(): number
  close(): Promise<void>
}

export const startFaultProxy = async (databaseUrl: string): Promise<FaultProxy> => {
  const target = new URL(databaseUrl)
  const sockets = new Set<net.Socket>()
  let armed: { statement: string; fault: Fault; left: number } | undefined
  let broken = 0

  const server = net.createServer((client) => {
    const upstream = net.connect({ host: target.hostname, port: Number(target.port) })
    let fault: Fault | undefined
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (chunk) => {
      if (fault?.kind === 'silence') return
      fault = armed !== undefined && chunk.includes(armed.statement) ? armed.fault : undefined
      if (armed !== undefined && fault !== undefined) {
        broken += 1
        armed.left -= 1
        if (armed.left === 0) armed = undefined
      }
      if (fault === undefined || fault.kind === 'loseAnswer') upstream.write(chunk)
      if (fault?.kind === 'loseStatement') client.destroy()
      if (fault?.kind === 'refuse') client.write(refusal(fault.code))
    })
    upstream.on('data', (chunk) => {
      if (fault?.kind !== 'loseAnswer') return client.write(chunk)
      const lost = fault
      void Promise.resolve(lost.before?.()).finally(() => client.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has a port')
  const url = new URL(databaseUrl)
  url.port = String(address.port)
  return {
    url: url.href,
    breakNext(statement, fault, times = 1) {
      armed = { statement, fault, left: times }
    },
    broken: () => broken,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** ErrorResponse and ReadyForQuery. @see PostgreSQL 18, 54.7 Message Formats, checked 2026-11 */
const refusal = (code: string): Buffer => {
  const fields = Buffer.from(`SERROR\0VERROR\0C${code}\0Mmade by a test\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields, Buffer.from([0x5a, 0, 0, 0, 5, 0x49])])
}
