/** @module The HTTP application over the model shop: requests in, envelopes out, no network. */
import { createApp, createRateLimiter, createSessionTokens, createUploadUrls } from '@yuanlu/backend'
import type { MessageTemplates } from '@yuanlu/contract'
import type { LoginAnswer } from '@yuanlu/shop'
import { createNotificationReader, type NotificationReader } from 'wxpay-core'
import { aWorld, type World } from './shop-world'

export const JOBS_TOKEN = 'jobs-token-of-the-tests'
export const APPID = 'wx0123456789abcdef'
export const MCHID = '1900000001'
export const V2_KEY = '0123456789abcdef0123456789abcdef'

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: answers of every call pass through here
  readonly json: any
  readonly text: string
}

export interface HttpWorld {
  readonly world: World
  readonly logins: Map<string, LoginAnswer>
  /** Every call that the application answers, as `GET /v1/orders/:orderId`. */
  readonly served: readonly string[]
  request(method: string, path: string, options?: RequestOptions): Promise<HttpAnswer>
  signIn(openid: string): Promise<string>
}

export interface RequestOptions {
  readonly token?: string
  readonly body?: unknown
  readonly raw?: BodyInit
  readonly headers?: Record<string, string>
  readonly key?: string
  /** What a function's gateway cut off before `path`. */
  readonly prefix?: string
}

export const anHttpWorld = (
  options: {
    jobsToken?: string | null
    secrets?: string[]
    notifications?: NotificationReader
    trustProxy?: number
    returnAddress?: string
    messageTemplates?: MessageTemplates
  } = {},
): HttpWorld => {
  const world = aWorld()
  const logins = new Map<string, LoginAnswer>()
  const secrets = options.secrets ?? ['s'.repeat(32)]
  let ids = 0
  const newId = () => `id-${++ids}`
  const app = createApp({
    ...world,
    clock: world.clock,
    newId,
    platform: { ...world.platform, login: async (code) => logins.get(code) ?? { kind: 'badCode' } },
    notifications:
      options.notifications ?? createNotificationReader({ appid: APPID, mchid: MCHID, v2: { key: V2_KEY } }),
    messageTemplates: options.messageTemplates ?? {
      refundResult: null,
      refundRequested: null,
      shipped: null,
    },
    returnAddress: options.returnAddress ?? null,
    tokens: createSessionTokens({
      secrets,
      appid: APPID,
      sessions: world.store.sessions,
      clock: world.clock,
      newId,
    }),
    uploadUrls: createUploadUrls({ secrets, clock: world.clock }),
    trustProxy: options.trustProxy ?? 0,
    jobsToken: options.jobsToken === undefined ? JOBS_TOKEN : options.jobsToken,
    limits: {
      anyone: createRateLimiter({ burst: 50, perSecond: 1 }),
      signedIn: createRateLimiter({ burst: 50, perSecond: 1 }),
      uploads: createRateLimiter({ burst: 20, perSecond: 1 }),
    },
    isUnavailable: (error) => error instanceof Error && error.message === 'store is away',
  })
  const request: HttpWorld['request'] = async (
    method,
    path,
    { token, body, raw, headers, key, prefix } = {},
  ) => {
    const init = {
      method,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(raw === undefined ? {} : { body: raw }),
      ...(raw instanceof ReadableStream ? { duplex: 'half' } : {}),
    }
    const caller = prefix === undefined ? {} : { caller: { ip: '127.0.0.1', prefix, openid: null } }
    const response = await app.request(path, init, caller)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : null,
    }
  }
  return {
    world,
    logins,
    served: app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`),
    request,
    signIn: async (openid) => {
      const code = `code-of-${openid}`
      logins.set(code, { kind: 'known', openid })
      const answer = await request('POST', '/v1/sessions', { body: { code } })
      return answer.json.data.token
    },
  }
}
