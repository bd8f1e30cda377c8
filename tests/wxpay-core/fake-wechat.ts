/** @module A small HTTPS server on loopback that answers as it is told and counts what reaches it. */
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { fixture } from './fixtures.ts'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export type Answerer = (request: Received, response: http.ServerResponse) => void

export interface FakeWechat {
  readonly url: string
  /** Everything that arrived, in order. */
  readonly received: Received[]
  /** TLS handshakes that were completed; of a plain server, connections. */
  handshakes(): number
  /** Serial numbers of the client certificates shown, one for each handshake; '' for none. */
  shown(): readonly string[]
  /** What to do with requests from now on. */
  answer(answerer: Answerer): void
  /** Breaks every open connection. */
  cutAll(): void
  /** Closes idle connections as a server does after its keep-alive time. */
  close(): Promise<void>
}

const open = new Set<FakeWechat>()

/** Call in `afterEach`: closes every server that a test has started. */
export async function closeServers(): Promise<void> {
  await Promise.all([...open].map((server) => server.close()))
}

export async function startFakeWechat(
  options: {
    readonly certificate?: 'server' | 'wrong-name' | 'stranger'
    readonly plain?: boolean
    /** Asks for the merchant's certificate and lets nobody in without it, as `/secapi` does. */
    readonly mutual?: boolean
  } = {},
): Promise<FakeWechat> {
  const name = options.certificate ?? 'server'
  const received: Received[] = []
  const sockets = new Set<Socket>()
  let handshakes = 0
  const shown: string[] = []
  let answerer: Answerer = (_, response) => response.end()

  const handle: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') }
      received.push(one)
      answerer(one, response)
    })
    request.on('error', () => {})
  }
  const server =
    options.plain === true
      ? http.createServer(handle)
      : https.createServer(
          {
            cert: fixture(`${name}.cert.pem`),
            key: fixture(`${name}.key.pem`),
            ...(options.mutual === true ? { requestCert: true, ca: fixture('merchant.cert.pem') } : {}),
          },
          handle,
        )
  server.keepAliveTimeout = 0
  server.on(options.plain === true ? 'connection' : 'secureConnection', () => {
    handshakes += 1
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    // An empty object stands for "none".
    shown.push(socket.getPeerCertificate().serialNumber ?? '')
  })
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const fake: FakeWechat = {
    url: `${options.plain === true ? 'http' : 'https'}://127.0.0.1:${portOf(server.address())}`,
    received,
    handshakes: () => handshakes,
    shown: () => shown,
    answer(next) {
      answerer = next
    },
    cutAll() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    close() {
      open.delete(fake)
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => {
        server.close(() => resolve())
      })
    },
  }
  open.add(fake)
  return fake
}

export function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP')
  return address.port
}

/** An origin where nobody listens. */
export async function closedOrigin(): Promise<string> {
  const server = await startFakeWechat()
  await server.close()
  return server.url
}
