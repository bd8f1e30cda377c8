/** @module A way to the cloud that can be cut before or after any request, once or for good. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * `before`: the request never arrives. `after`: it arrives and is done, the answer never comes. `late`: it arrives when
 * nobody waits for it any more, at `deliverLate`. `twice`: it arrives and is done twice, and the second answer comes.
 */
export type Cut = 'before' | 'after' | 'late' | 'twice'

interface Plan {
  readonly nth: number
  readonly kind?: Cut
  /** Done when this request arrives, before anything else happens with it. */
  readonly meanwhile?: () => Promise<unknown>
  /** Every later request is cut too: the process died. */
  readonly forGood?: boolean
}

export interface CloudProxy {
  /** For the store's `serviceUrl`. */
  readonly url: string
  /** Requests since the last `arm`. */
  count(): number
  /** Counts from one again, with other plans for the requests to come. */
  arm(...plans: readonly Plan[]): void
  /** What was held back arrives now. */
  deliverLate(): Promise<void>
  close(): Promise<void>
}

export const startCloudProxy = async (cloudUrl: string): Promise<CloudProxy> => {
  const target = new URL(cloudUrl).origin
  const late: (() => Promise<unknown>)[] = []
  let seen = 0
  let plans: readonly Plan[] = []

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const nth = ++seen
    const plan = plans.find((each) => each.nth === nth)
    const isDead = plans.some((each) => each.forGood === true && each.nth < nth)
    const kind = plan?.kind ?? (isDead ? 'before' : null)
    await plan?.meanwhile?.()
    if (kind === 'before') return void incoming.socket.destroy()
    const body = await read(incoming)
    if (kind === 'late') {
      late.push(() => forward(target, incoming, body))
      return void incoming.socket.destroy()
    }
    if (kind === 'twice') await forward(target, incoming, body)
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
    arm(...next) {
      seen = 0
      plans = next
    },
    async deliverLate() {
      for (const deliver of late.splice(0)) await deliver()
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
    // The host stays as the caller wrote it: it is part of the signature.
    const { method = 'POST', headers } = incoming
    const outgoing = request(`${target}${incoming.url}`, { method, headers }, (response) => {
      read(response).then((answer) => {
        const type = response.headers['content-type'] ?? ''
        // Files are to come this way too: their addresses are in the answers.
        const body = type.includes('json')
          ? Buffer.from(answer.toString().replaceAll(target, `http://${headers.host}`))
          : answer
        resolve({ status: response.statusCode ?? 500, type, body })
      }, reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
