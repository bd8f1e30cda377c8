/** @module One signed call to Tencent Cloud's API: what the SDK cannot do, make collections and indexes. */
import { createHash, createHmac } from 'node:crypto'

export interface TencentCredentials {
  readonly secretId: string
  readonly secretKey: string
  readonly sessionToken?: string
}

export interface TencentApi {
  /** @throws TencentApiError when it is refused or not answered */
  call(action: string, body: object): Promise<Readonly<Record<string, unknown>>>
}

export class TencentApiError extends Error {
  override readonly name = 'TencentApiError'
  /** As in `ResourceNotFound`; `NoAnswer` when there was none. */
  readonly code: string

  constructor(action: string, code: string, message: string, options?: { readonly cause: unknown }) {
    super(`${action}: ${message} (${code})`, options)
    this.code = code
  }

  /** What it was about is not there (yet). The API says so in the code or in words alone. */
  get saysMissing(): boolean {
    return /NotFound|NotExist|not exist|not found/i.test(`${this.code} ${this.message}`)
  }
}

const SERVICE = 'tcb'
const VERSION = '2018-06-08'
const TIMEOUT_MS = 30_000

export const tencentApi = (options: {
  readonly credentials: TencentCredentials
  readonly region: string
  /** Default: Tencent's. */
  readonly endpoint?: string
  readonly now?: () => number
}): TencentApi => {
  const { credentials, region, endpoint = `https://${SERVICE}.tencentcloudapi.com`, now = Date.now } = options
  const { host } = new URL(endpoint)
  return {
    async call(action, body) {
      const payload = JSON.stringify(body)
      const timestamp = Math.floor(now() / 1000)
      let answer: unknown
      try {
        const response = await fetch(endpoint, {
          method: 'POST',
          body: payload,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          headers: {
            'Content-Type': CONTENT_TYPE,
            Authorization: authorization({ credentials, host, payload, timestamp }),
            'X-TC-Action': action,
            'X-TC-Version': VERSION,
            'X-TC-Region': region,
            'X-TC-Timestamp': String(timestamp),
            ...(credentials.sessionToken === undefined ? {} : { 'X-TC-Token': credentials.sessionToken }),
          },
        })
        answer = await response.json()
      } catch (cause) {
        throw new TencentApiError(action, 'NoAnswer', `${endpoint} does not answer`, { cause })
      }
      const said = member(answer, 'Response')
      const error = member(said, 'Error')
      if (isRecord(error)) throw new TencentApiError(action, String(error.Code), String(error.Message))
      if (!isRecord(said)) throw new TencentApiError(action, 'NoAnswer', 'the answer is not one of this API')
      return said
    },
  }
}

const CONTENT_TYPE = 'application/json'
const SIGNED_HEADERS = 'content-type;host'

/** TC3-HMAC-SHA256 (签名方法 v3), https://cloud.tencent.com/document/api/213/30654, checked 2026-11. */
const authorization = (input: {
  readonly credentials: TencentCredentials
  readonly host: string
  readonly payload: string
  readonly timestamp: number
}): string => {
  const { credentials, host, payload, timestamp } = input
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10)
  const scope = `${date}/${SERVICE}/tc3_request`
  const request = [
    'POST',
    '/',
    '',
    `content-type:${CONTENT_TYPE}`,
    `host:${host}`,
    '',
    SIGNED_HEADERS,
    sha256(payload),
  ]
  const toSign = ['TC3-HMAC-SHA256', timestamp, scope, sha256(request.join('\n'))].join('\n')
  const key = [date, SERVICE, 'tc3_request'].reduce<Buffer | string>(hmac, `TC3${credentials.secretKey}`)
  const signature = hmac(key, toSign).toString('hex')
  return `TC3-HMAC-SHA256 Credential=${credentials.secretId}/${scope}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const member = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)
