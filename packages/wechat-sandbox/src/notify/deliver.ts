/**
 * @module One POST to the merchant: five seconds, no redirects, TLS always verified, http to loopback only.
 */
import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { rootCertificates } from 'node:tls'
import { isLoopback } from '../notify-url.ts'

export type DeliveryAnswer = { readonly status: number; readonly body: string } | { readonly error: string }

export type Deliver = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  isOver: AbortSignal,
) => Promise<DeliveryAnswer>

/** What is said of a merchant whose time was over. */
export const NO_ANSWER = 'no answer in time'

const MAX_ANSWER_BYTES = 64 * 1024

/** @param options `trusted`: further CA certificates (PEM) that a merchant's https may be signed by. */
export function makeDeliver(options: {
  readonly trusted: readonly string[]
  readonly timeoutMs: number
  readonly closing: AbortSignal
}): Deliver {
  const { closing } = options
  const ca = [...rootCertificates, ...extraCertificates(), ...options.trusted]
  return (url, headers, body, isOver) =>
    new Promise((resolve) => {
      const target = new URL(url)
      if (target.protocol === 'http:' && !isLoopback(target.hostname)) {
        resolve({ error: 'plain http is sent to loopback only' })
        return
      }
      const deadline = AbortSignal.any([closing, isOver, AbortSignal.timeout(options.timeoutMs)])
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest
      const request = send(
        target,
        {
          method: 'POST',
          headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
          agent: false,
          signal: deadline,
          ...(target.protocol === 'https:' ? { ca } : {}),
        },
        (response) => {
          const chunks: Buffer[] = []
          let size = 0
          response.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > MAX_ANSWER_BYTES) request.destroy(new Error('the answer is longer than 64 KB'))
            else chunks.push(chunk)
          })
          response.on('error', (error) => resolve({ error: describe(error, deadline, closing) }))
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })
          })
        },
      )
      request.on('error', (error) => resolve({ error: describe(error, deadline, closing) }))
      request.end(body)
    })
}

function describe(error: Error, deadline: AbortSignal, closing: AbortSignal): string {
  if (closing.aborted) return 'the sandbox stopped'
  if (deadline.aborted) return NO_ANSWER
  return error.message === '' ? error.name : error.message
}

// Node reads this variable for its defaults, which a list of our own replaces.
function extraCertificates(): string[] {
  const file = process.env.NODE_EXTRA_CA_CERTS
  if (file === undefined || file === '') return []
  try {
    return [readFileSync(file, 'utf8')]
  } catch {
    return []
  }
}
