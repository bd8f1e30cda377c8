/** @module One bounded call to the mini-program platform: JSON in, JSON out. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { rootCertificates } from 'node:tls'

const MAX_ANSWER_BYTES = 64 * 1024

export interface PlatformCallOptions {
  /** Plain http is for loopback only: the configuration sees to that. */
  readonly baseUrl: string
  /** A certificate authority to trust besides the usual ones, PEM. */
  readonly extraCaPem?: string
  readonly timeoutMs: number
  /** What is left for a call that begins now, where somebody else ends this process. Default: as long as it takes. */
  readonly timeLeftMs?: (() => number) | undefined
}

export interface PlatformCall {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** A POST where it is given. */
  readonly body?: unknown
}

export interface PlatformCaller {
  /** Throws whatever went wrong on the way. The address may hold secrets: pass errors through `failureName`. */
  call(input: PlatformCall): Promise<unknown>
  destroy(): void
}

export const createPlatformCaller = (options: PlatformCallOptions): PlatformCaller => {
  const isPlain = options.baseUrl.startsWith('http:')
  const keep = { keepAlive: true, maxSockets: 32 }
  const ca = options.extraCaPem === undefined ? {} : { ca: [...rootCertificates, options.extraCaPem] }
  const agent = isPlain ? new HttpAgent(keep) : new HttpsAgent({ ...keep, ...ca })
  const request = isPlain ? httpRequest : httpsRequest
  const { timeLeftMs = () => Number.POSITIVE_INFINITY } = options
  return {
    call: ({ path, query, body }) =>
      new Promise((resolve, reject) => {
        const timeoutMs = Math.floor(Math.min(options.timeoutMs, timeLeftMs()))
        if (!(timeoutMs >= 1)) throw new NoTimeError()
        const url = new URL(path, options.baseUrl)
        url.search = new URLSearchParams(query).toString()
        const payload = body === undefined ? null : Buffer.from(JSON.stringify(body), 'utf8')
        const call = request(
          url,
          {
            agent,
            method: payload === null ? 'GET' : 'POST',
            signal: AbortSignal.timeout(timeoutMs),
            headers: {
              Accept: 'application/json',
              ...(payload === null
                ? {}
                : { 'Content-Type': 'application/json', 'Content-Length': payload.length }),
            },
          },
          (res) => {
            const chunks: Buffer[] = []
            let bytes = 0
            res.on('data', (chunk: Buffer) => {
              bytes += chunk.length
              if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error('answer too large'))
              else chunks.push(chunk)
            })
            res.on('error', reject)
            res.on('end', () => {
              try {
                if (res.statusCode !== 200) throw new HttpStatusError(res.statusCode ?? 0)
                resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')))
              } catch (error) {
                reject(error)
              }
            })
          },
        )
        call.on('error', reject)
        call.end(payload)
      }),
    destroy: () => agent.destroy(),
  }
}

class NoTimeError extends Error {
  readonly code = 'NO_TIME'

  constructor() {
    super('no time is left for this call')
  }
}

class HttpStatusError extends Error {
  readonly code: string

  constructor(status: number) {
    super(`HTTP ${status}`)
    this.code = `HTTP_${status}`
  }
}

/** The kind of failure, without the address that the message may hold. */
export const failureName = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'failed'
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'name' in error && typeof error.name === 'string' ? error.name : 'failed'
}

/** The platform's own code of an answer that need not name one: 0 where it does not, null where the answer is none of its. */
export const errcodeOf = (answer: unknown): number | null => {
  if (typeof answer !== 'object' || answer === null) return null
  if (!('errcode' in answer)) return 0
  return typeof answer.errcode === 'number' ? answer.errcode : null
}
