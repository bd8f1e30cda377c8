/** @module Cloud functions over the model store, and events as their platform makes them. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createSessionTokens, type StoreDriver } from '@yuanlu/backend'
import type { CloudFunction } from '@yuanlu/backend/functions'
import { createMemoryStore, type MemoryStore } from './memory-store'
import { XIAOLIN } from './shop-world'

export const FUNCTION_APPID = 'wx0123456789abcdef'
const SECRET = 's'.repeat(32)

const pem = (name: string) => readFileSync(resolve(__dirname, `../wxpay-core/fixtures/${name}`), 'utf8')

/** What a merchant configures for each of the functions; keys are inline, for a function has no files of its own. */
export const functionEnv = (change: Record<string, string | undefined> = {}) => ({
  DATABASE_URL: 'postgres://shop:secret-of-the-database@127.0.0.1:5432/shop',
  NOTIFY_BASE_URL: 'https://shop.example.com',
  SESSION_SECRET: SECRET,
  JOBS_TOKEN: 'jobs-token-of-the-functions',
  WX_APPID: FUNCTION_APPID,
  WX_APPSECRET: 'appsecretappsecret',
  WXPAY_MCHID: '1900000001',
  WXPAY_V2_KEY: '2'.repeat(32),
  WXPAY_V3_KEY: '3'.repeat(32),
  WXPAY_CERT: pem('merchant.cert.pem'),
  WXPAY_KEY: pem('merchant.key.pem').replaceAll('\n', '\\n'),
  WXPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0000000000',
  WXPAY_PUBLIC_KEY: pem('wxpay.pub.pem'),
  ...change,
})

interface AFunction {
  readonly fn: CloudFunction
  readonly store: MemoryStore
  readonly env: Record<string, string | undefined>
  readonly lines: string[]
  /** How often the store was opened. */
  opened(): number
  /** Calls of the store that have begun and not ended. */
  underWay(): number
  /** A session token, as signing in would give. */
  token(openid: string): Promise<string>
}

/** A function as its bundle would make it, over the model store. */
export const aFunction = (
  make: (
    driver: StoreDriver,
    outside: { env: Record<string, string | undefined>; write: (line: string) => void },
  ) => CloudFunction,
  change: Record<string, string | undefined> = {},
  products: Parameters<typeof createMemoryStore>[0] = [],
): AFunction => {
  const memory = createMemoryStore(products)
  const counts = { underWay: 0, opened: 0 }
  const store = counted(memory, counts)
  const lines: string[] = []
  const env = functionEnv(change)
  const driver: StoreDriver = {
    kind: 'postgres',
    open: async () => {
      counts.opened++
      return store
    },
    isUnavailable: () => false,
  }
  const fn = make(driver, { env, write: (line) => void lines.push(line) })
  return {
    fn,
    store: memory,
    env,
    lines,
    opened: () => counts.opened,
    underWay: () => counts.underWay,
    token: async (openid) => {
      const tokens = createSessionTokens({
        secrets: [SECRET],
        appid: FUNCTION_APPID,
        sessions: memory.sessions,
        clock: Date.now,
        newId: () => `session-of-${openid}`,
      })
      return (await tokens.issue(openid)).token
    },
  }
}

/** The same store, with its calls counted while they are under way. */
const counted = (store: MemoryStore, counts: { underWay: number }): MemoryStore => {
  const wrap = <T extends object>(part: T): T =>
    new Proxy(part, {
      get: (target, name, receiver) => {
        const member: unknown = Reflect.get(target, name, receiver)
        if (typeof member === 'object' && member !== null && name !== 'rows') return wrap(member)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          const answer: unknown = Reflect.apply(member, target, args)
          if (!(answer instanceof Promise)) return answer
          counts.underWay++
          return answer.finally(() => {
            counts.underWay--
          })
        }
      },
    })
  return wrap(store)
}

/** An event of the HTTP access service, as its documentation shows one. */
export const anHttpEvent = (httpMethod: string, path: string, change: object = {}) => ({
  path,
  httpMethod,
  headers: {
    host: 'shop.example.com',
    connection: 'close',
    'x-forwarded-for': '198.51.100.1',
    'x-forwarded-proto': 'https',
  },
  queryStringParameters: {},
  requestContext: { requestId: 'cdbb96328072184d19d3fcd243e8cc4d', envId: 'shop-1gabc', appId: 1, uin: 1 },
  body: '',
  isBase64Encoded: false,
  ...change,
})

/** What WeChat puts beside a call of the mini-program: into the event, and into the environment. */
export const aCall = (
  env: Record<string, string | undefined>,
  data: object,
  change: { openid?: string; source?: string; appid?: string; context?: boolean } = {},
) => {
  const { openid = XIAOLIN, source = 'wx_client', appid = FUNCTION_APPID, context = true } = change
  if (context)
    Object.assign(env, {
      WX_CONTEXT_KEYS: 'WX_OPENID,WX_APPID,WX_UNIONID,WX_CLIENTIP',
      WX_OPENID: openid,
      WX_APPID: appid,
      WX_CLIENTIP: '198.51.100.7',
      TCB_SOURCE: source,
    })
  return { ...data, userInfo: { openId: openid, appId: appid } }
}

/** The envelope of an HTTP answer. */
// biome-ignore lint/suspicious/noExplicitAny: answers of every call pass through here
export const envelopeOf = (answer: any) => ({ status: answer.statusCode, ...JSON.parse(answer.body) })
