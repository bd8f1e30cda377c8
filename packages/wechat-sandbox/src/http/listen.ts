/**
 * @module Starts and stops a listening server, and says which option to change when it can't start.
 */
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { SandboxStartError } from '../start-error.ts'
import { isCode } from '../state/lock.ts'

/** Time a peer has for its headers and its whole request, and how soon it is noticed that it was too slow. */
export const SERVER_LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
} as const

/** What comes beyond that is hung up on: a flood must not take the memory of the machine. */
const MAX_CONNECTIONS = 2_000

/** Every connection of a server, those too that HTTP knows nothing of (yet): half a TLS handshake, a tunnel. */
const sockets = new WeakMap<Server, Set<Socket>>()

/** @returns the port it listens on. */
export function listen(server: Server, host: string, port: number, option: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      const why = isCode(error, 'EADDRINUSE')
        ? `port ${port} on ${host} is taken`
        : isCode(error, 'EACCES')
          ? `port ${port} on ${host} is not allowed to this user`
          : isCode(error, 'EADDRNOTAVAIL') || isCode(error, 'ENOTFOUND')
            ? `this machine has no address ${host} (--host)`
            : `port ${port} on ${host}: ${error.message}`
      reject(
        new SandboxStartError(`${option}: ${why}. Choose another, or 0 for a free one.`, { cause: error }),
      )
    }
    const open = new Set<Socket>()
    sockets.set(server, open)
    server.maxConnections = MAX_CONNECTIONS
    server.on('connection', (socket: Socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.removeListener('error', refuse)
      resolve(portOf(server.address()))
    })
  })
}

function portOf(address: AddressInfo | string | null): number {
  return address !== null && typeof address === 'object' ? address.port : 0
}

export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets.get(server) ?? []) socket.destroy()
  })
}
