/** @module The real stack on free ports: a database, the sandbox over TLS, the shop over HTTP, one virtual clock. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  type CallBody,
  type CallData,
  type CallName,
  type CallParams,
  type Envelope,
  type LedgerEntry,
  ROUTES,
  routePath,
} from '@yuanlu/contract'
import { CALLS } from '@yuanlu/contract/schemas'
import { anyFreePort } from '@yuanlu/devhost'
import { type FaultName, type Sandbox, startSandbox } from 'wechat-sandbox'
import { type Api, type Deployment, type OpenShop, openTestShop, PLAIN, startTestStore } from './deployments'

export const STACK_JOBS_TOKEN = 'jobs-token-of-the-journeys'

/** A phone: signed in as one shopper, and able to pay. */
export interface Phone {
  readonly openid: string
  call<N extends CallName>(name: N, input?: CallInput<N>): Promise<Answer<N>>
  /** Calls and expects success; the answer was checked against its schema. */
  ask<N extends CallName>(name: N, input?: CallInput<N>): Promise<CallData<N>>
  /** What the payer does with the parameters of `startPayment`. */
  pay(orderId: string, action?: 'pay' | 'cancel' | 'fail'): Promise<string>
}

interface CallInput<N extends CallName> {
  readonly params?: CallParams<N>
  readonly body?: CallBody<N>
  readonly query?: Readonly<Record<string, string>>
  readonly key?: string
}

interface Answer<N extends CallName> {
  readonly status: number
  readonly envelope: Envelope<CallData<N>>
}

export interface Stack {
  readonly sandbox: Sandbox
  readonly backend: OpenShop
  /** The protocol of new trades; a journey may change it. */
  api: Api
  readonly owner: Phone
  phone(openid: string): Promise<Phone>
  /** Moves the virtual clock, runs what falls due at WeChat and then in the shop. */
  advance(ms: number): Promise<void>
  tick(): Promise<Record<string, number>>
  fault(
    fault: FaultName,
    match?: { path?: string; outTradeNo?: string; outRefundNo?: string },
    more?: object,
  ): void
  ledger(): Promise<LedgerEntry[]>
  stockOf(productId: string): Promise<number>
  /** Compares the sandbox's books with our journal, per trade and account; neither may be empty. */
  expectBooksToAgree(): Promise<void>
  close(): Promise<void>
}

/** The person whom `Stack.owner` is. */
export const OWNER = 'oOwner0000000000000000000001'
/** A second person who may approve. */
export const MANAGER = 'oManager00000000000000000001'

const CATALOGUE = [
  { productId: 'beans', title: '手冲咖啡豆 埃塞俄比亚 250g', priceFen: 6800, stock: 1000 },
  { productId: 'cup', title: '陶瓷杯 & 杯垫 <礼盒>', priceFen: 3990, stock: 1000 },
]

export const startStack = async (
  options: {
    readonly database?: string
    readonly env?: Readonly<Record<string, string>>
    readonly api?: Api
    readonly deployment?: Deployment
  } = {},
): Promise<Stack> => {
  const dir = await mkdtemp(join(tmpdir(), 'yuanlu-journey-'))
  const { deployment = PLAIN } = options
  const store = options.database === undefined ? await startTestStore(deployment.store) : null
  const sandbox = await startSandbox({ dataDir: join(dir, 'sandbox') })
  const { info } = sandbox
  const catalogueFile = await writeCatalogue(dir)
  const port = await anyFreePort()
  const env = {
    ...shopEnvironment(info, { port, databaseUrl: options.database ?? '', catalogueFile }),
    ...store?.variables,
    ...options.env,
  }
  let api = options.api ?? 'v3'
  const backend = await openTestShop(deployment.runsAs, { env, sandbox, api })
  const phone = (openid: string) => signIn(backend.url, sandbox, openid)
  const stack: Stack = {
    sandbox,
    backend,
    get api() {
      return api
    },
    set api(next) {
      api = next
      backend.chooseApi(next)
    },
    owner: await phone(OWNER),
    phone,
    advance: async (ms) => {
      await sandbox.control.moveClock({ advanceMs: ms })
      await backend.tick()
    },
    tick: () => tickAt(backend.url),
    fault: (fault, match = {}, more = {}) => void sandbox.control.addFault({ fault, match, ...more }),
    ledger: () => readJournal(backend.url),
    stockOf: async (productId) => (await stack.owner.ask('getProduct', { params: { productId } })).stock,
    expectBooksToAgree: () => expectBooksToAgree(backend.url, sandbox),
    close: async () => {
      try {
        await backend.close()
      } finally {
        await sandbox.close()
        await store?.close()
        await rm(dir, { recursive: true })
      }
    },
  }
  return stack
}

/** What the catalogue of the journeys is read from. */
export const writeCatalogue = async (dir: string): Promise<string> => {
  const file = join(dir, 'catalogue.json')
  await writeFile(file, JSON.stringify(CATALOGUE))
  return file
}

/** The environment of a shop whose WeChat Pay is the sandbox; its jobs run when they are told to. */
export const shopEnvironment = (
  info: Sandbox['info'],
  at: { readonly port: number; readonly databaseUrl: string; readonly catalogueFile: string },
): Record<string, string> => ({
  PORT: String(at.port),
  DATABASE_URL: at.databaseUrl,
  NOTIFY_BASE_URL: `http://127.0.0.1:${at.port}`,
  SESSION_SECRET: 'session-secret-of-the-journeys-0123456789',
  JOBS_TOKEN: STACK_JOBS_TOKEN,
  JOBS: 'off',
  WX_APPID: info.appid,
  WX_APPSECRET: info.appSecret,
  WX_API_BASE: info.apiBaseUrl,
  WXPAY_MCHID: info.mchid,
  WXPAY_BASE_URL: info.baseUrl,
  WXPAY_V2_KEY: info.v2Key,
  WXPAY_V3_KEY: info.v3Key,
  WXPAY_CERT_FILE: info.certFile,
  WXPAY_KEY_FILE: info.keyFile,
  WXPAY_PUBLIC_KEY_ID: info.publicKeyId,
  WXPAY_PUBLIC_KEY_FILE: info.publicKeyFile,
  MERCHANT_OWNER_OPENIDS: `${OWNER},${MANAGER}`,
  CATALOGUE_FILE: at.catalogueFile,
})

/** Runs what is due, as a timer would; answers how much of each kind that was. */
export const tickAt = async (url: string): Promise<Record<string, number>> => {
  const answer = await fetch(`${url}/internal/tick`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${STACK_JOBS_TOKEN}` },
  })
  const { data }: { data: { ran: Record<string, number> } } = JSON.parse(await answer.text())
  return data.ran
}

/** A phone whose calls go to the shop at this address. */
export const signIn = async (url: string, sandbox: Sandbox, openid: string): Promise<Phone> => {
  let token = ''
  const call = async <N extends CallName>(name: N, input: CallInput<N> = {}): Promise<Answer<N>> => {
    const answer = await send(name, input)
    // A session lives two hours, and the clock of a journey jumps.
    if (answer.status !== 401 || name === 'signIn') return answer
    await renew()
    return send(name, input)
  }
  const renew = async (): Promise<void> => {
    token = ''
    token = (await ask('signIn', { body: sandbox.control.createCode({ openid }) })).token
  }
  const send = async <N extends CallName>(name: N, input: CallInput<N>): Promise<Answer<N>> => {
    const route = ROUTES[name]
    const query = new URLSearchParams(input.query)
    const response = await fetch(`${url}${routePath(name, input.params ?? {})}?${query}`, {
      method: route.method,
      headers: {
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(route.method === 'GET' ? {} : { 'Content-Type': 'application/json' }),
        ...(input.key === undefined ? {} : { 'Idempotency-Key': input.key }),
      },
      ...(route.method === 'POST' ? { body: JSON.stringify(input.body ?? {}) } : {}),
    })
    return { status: response.status, envelope: JSON.parse(await response.text()) }
  }
  const ask = async <N extends CallName>(name: N, input: CallInput<N> = {}): Promise<CallData<N>> => {
    const { status, envelope } = await call(name, input)
    if (!envelope.ok) throw new Error(`${name}: ${status} ${envelope.error.code} ${envelope.error.message}`)
    // Answers carry exactly what the contract names.
    expect(CALLS[name].data.parse(envelope.data)).toEqual(envelope.data)
    return envelope.data
  }
  await renew()
  return {
    openid,
    call,
    ask,
    pay: async (orderId, action = 'pay') => {
      const params = await ask('startPayment', { params: { orderId } })
      return sandbox.control.cashier({ ...params, openid, action }).errMsg
    },
  }
}

/** Two bags of beans and one gift box: 175.90 yuan. */
export const placeOrder = (phone: Phone, key = `key-${Math.random().toString(36).slice(2)}`) =>
  phone.ask('placeOrder', {
    key,
    body: {
      items: [
        { productId: 'beans', quantity: 2 },
        { productId: 'cup', quantity: 1 },
      ],
      delivery: { name: '林小姐', phone: '13800000000', address: '上海市徐汇区漕溪北路 1 号' },
      remark: '请用纸袋 🙏',
    },
  })

const readJournal = async (url: string): Promise<LedgerEntry[]> => {
  await tickAt(url)
  const entries: LedgerEntry[] = []
  for (let after = 0; ; ) {
    const answer = await fetch(`${url}/internal/ledger?after=${after}`, {
      headers: { Authorization: `Bearer ${STACK_JOBS_TOKEN}` },
    })
    const { data }: { data: { entries: LedgerEntry[]; nextAfter: number } } = JSON.parse(await answer.text())
    entries.push(...data.entries)
    if (data.nextAfter === after) return entries
    after = data.nextAfter
  }
}

/** Rounds of news and jobs until both have heard of everything that happens by itself. */
const QUIET_AFTER = 10

/** Compares the books of WeChat Pay and of the shop at this address, per order; neither may be empty. */
export const expectBooksToAgree = async (url: string, sandbox: Sandbox): Promise<void> => {
  let ours: LedgerEntry[] = []
  let theirs: SandboxEntry[] = []
  for (let round = 0; round < QUIET_AFTER; round++) {
    // A refund may succeed at WeChat in this very moment: it is in their books then, and in ours with the next news.
    await sandbox.control.moveClock({ advanceMs: 0 })
    ours = await readJournal(url)
    theirs = [...sandbox.control.ledger({ after: 0 }).entries]
    if (isDeepStrictEqual(receivableOf(ours, theirs), heldOf(theirs))) break
  }
  expect(ours.length).toBeGreaterThan(0)
  expect(theirs.length).toBeGreaterThan(0)
  expect(ours.map((entry) => entry.seq)).toEqual(ours.map((_, i) => i + 1))
  for (const sum of Object.values(sumBy(ours, (entry) => entry.cause))) expect(sum).toBe(0)
  for (const sum of Object.values(sumBy(theirs, (entry) => entry.cause))) expect(sum).toBe(0)
  expect(receivableOf(ours, theirs)).toEqual(heldOf(theirs))
}

type SandboxEntry = ReturnType<Sandbox['control']['ledger']>['entries'][number]

/** What WeChat Pay holds of the merchant's, money on its way back included, per order. */
const heldOf = (theirs: readonly SandboxEntry[]) =>
  sumBy(
    theirs.filter((entry) => entry.outTradeNo !== undefined && MERCHANT_ACCOUNTS.test(entry.account)),
    (entry) => entry.outTradeNo ?? 'none',
  )

/** What we say it owes us, per order. */
const receivableOf = (ours: readonly LedgerEntry[], theirs: readonly SandboxEntry[]) => {
  const tradeOf = new Map(theirs.map((entry) => [entry.transactionId, entry.outTradeNo]))
  return sumBy(
    ours.filter((entry) => entry.account === 'wechat:receivable'),
    (entry) => entry.orderId ?? tradeOf.get(entry.wxId ?? undefined) ?? 'none',
  )
}

const MERCHANT_ACCOUNTS = /^(?:merchant:|card:merchant:|wechatpay:fees$|wechatpay:refunds-in-transit$)/

const sumBy = <T extends { readonly fen: number }>(entries: readonly T[], keyOf: (entry: T) => string) => {
  const sums: Record<string, number> = {}
  for (const entry of entries) sums[keyOf(entry)] = (sums[keyOf(entry)] ?? 0) + entry.fen
  return sums
}
