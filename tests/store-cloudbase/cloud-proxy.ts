/** @module A way to the cloud that can be cut before or after any request, once or for good. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** `before`: the request never arrives. `after`: it arrives and is done, the answer never comes. */
export type Cut = 'before' | 'after'

export interface CloudProxy {
  /** For the store's `serviceUrl`. */
  readonly url: string
  /** Requests since the last `arm`. */
  count(): number
  /** Counts from one again, and cuts the `nth` request; with `forGood` every one after it too: the process died. */
  arm(cut?: { readonly nth: number; readonly kind: Cut; readonly forGood?: boolean }): void
  close(): Promise<void>
}

export const startCloudProxy = async (target: string): Promise<CloudProxy> => {
  let seen = 0
  let cut: { readonly nth: number; readonly kind: Cut; readonly forGood?: boolean } | undefined

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    seen++
    const kind =
      cut === undefined ? null : seen === cut.nth ? cut.kind : cut.forGood && seen > cut.nth ? 'before' : null
    if (kind === 'before') return void incoming.socket.destroy()
    const body = await read(incoming)
    const answer = await forward(target, incoming, body)
    if (kind === 'after') return void incoming.socket.destroy()
    outgoing.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body)
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/admin`,
    count: () => seen,
    arm(next) {
      seen = 0
      cut = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const read = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

const forward = (target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { pathname, origin } = new URL(target)
    const query = incoming.url?.split('?')[1] ?? ''
    // The host stays as the caller wrote it: it is part of the signature.
    const outgoing = request(
      `${origin}${pathname}?${query}`,
      { method: 'POST', headers: incoming.headers },
      (response) => {
        read(response).then(
          (answer) =>
            resolve({
              status: response.statusCode ?? 500,
              type: response.headers['content-type'] ?? 'application/json',
              body: answer,
            }),
          reject,
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
