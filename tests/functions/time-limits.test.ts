/** A function answers within its time limit: whatever WeChat Pay does, there is time to write down what it said. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AppEnv, createFunction, type FunctionParts } from '@yuanlu/backend/functions'
import { wxpayNotifyFunction } from '@yuanlu/backend/functions/wxpay-notify'
import type { RefundQueryAnswer, TransferRequest } from '@yuanlu/shop'
import { Hono } from 'hono'
import { aFunction, anHttpEvent } from '../support/functions'

type OpenShop = Parameters<FunctionParts['open']>[0]

/** Time passes only where a test says so; sockets work on. */
beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] }))

const servers: Server[] = []
const shops: OpenShop[] = []
afterEach(async () => {
  jest.useRealTimers()
  for (const shop of shops.splice(0)) await shop.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A WeChat Pay that takes requests and never answers. */
const aSilentWechat = async () => {
  const paths: string[] = []
  const waiting: (() => void)[] = []
  const server = createServer(({ url = '' }) => {
    paths.push(url)
    waiting.shift()?.()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    /** Resolves when the next request is there. */
    arrival: () => new Promise<void>((resolve) => waiting.push(resolve)),
  }
}

const REFUND: TransferRequest = {
  api: 'v3',
  outRefundNo: 'R-1',
  outTradeNo: 'T-00001',
  transactionId: '42001',
  refundFen: 100,
  totalFen: 200,
  reason: '',
  notifyUrl: 'https://shop.example.com/wxpay/notify/refund',
}

/** A function whose shop a test gets at; `GET /v1/ask` asks about three refunds, one after the other. */
const aFunctionWithShop = async (change: Record<string, string> = {}, part: Partial<FunctionParts> = {}) => {
  let opened: OpenShop | undefined
  const asked: RefundQueryAnswer[] = []
  const parts: FunctionParts = {
    name: 'parts',
    roots: ['/v1'],
    servesCalls: false,
    hasTimer: false,
    timeLimitMs: 10_000,
    open: async (shop) => {
      opened = shop
      shops.push(shop)
      const app = new Hono<AppEnv>()
      app.get('/v1/ask', async (c) => {
        for (let n = 0; n < 3; n++) asked.push(await shop.gateway.queryRefund(REFUND))
        return c.json({})
      })
      return { app }
    },
    ...part,
  }
  const { fn } = aFunction((driver, outside) => createFunction(parts, { driver, ...outside }), change)
  await fn.main(anHttpEvent('GET', '/v1/nothing'))
  if (opened === undefined) throw new Error('the function did not open its shop')
  return { fn, shop: opened, asked }
}

test.each(['v2', 'v3'] as const)(
  'a call to WeChat Pay (%s) is given up after 4 seconds: its answer can still be written down',
  async (api) => {
    const wechat = await aSilentWechat()
    const { shop } = await aFunctionWithShop({ WXPAY_BASE_URL: wechat.url })
    const answered = jest.fn()
    const arrived = wechat.arrival()
    const asked = shop.gateway.queryRefund({ ...REFUND, api }).then(answered)
    await arrived
    await jest.advanceTimersByTimeAsync(3_999)
    expect(answered).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    await asked
    expect(answered).toHaveBeenCalledWith({ kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' })
  },
)

test('a refund waits a second for its turn, and no longer', async () => {
  const wechat = await aSilentWechat()
  const { shop } = await aFunctionWithShop({ WXPAY_BASE_URL: wechat.url })
  const refund = (n: number) => shop.gateway.refund({ ...REFUND, outRefundNo: `R-${n}` })
  // As many as may fail within one second are under way.
  for (const n of [1, 2, 3, 4, 5]) void refund(n)
  const answered = jest.fn()
  const held = refund(6).then(answered)
  await jest.advanceTimersByTimeAsync(999)
  expect(answered).not.toHaveBeenCalled()
  await jest.advanceTimersByTimeAsync(1)
  await held
  expect(answered).toHaveBeenCalledWith({ kind: 'notSent', reason: 'ERR_WXPAY_HELD_BACK' })
})

const UNANSWERED = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
const NOT_BEGUN = { kind: 'unknown', reason: 'ERR_WXPAY_CONNECT' }

test('the calls of one event take 8 of its 10 seconds together, and none is begun after that', async () => {
  const wechat = await aSilentWechat()
  const { fn, asked } = await aFunctionWithShop({ WXPAY_BASE_URL: wechat.url })
  const first = wechat.arrival()
  const answered = fn.main(anHttpEvent('GET', '/v1/ask'))
  await first
  const second = wechat.arrival()
  await jest.advanceTimersByTimeAsync(4_000)
  await second
  await jest.advanceTimersByTimeAsync(3_999)
  expect(asked).toEqual([UNANSWERED])
  await jest.advanceTimersByTimeAsync(1)
  await answered
  expect(asked).toEqual([UNANSWERED, UNANSWERED, NOT_BEGUN])
  expect(wechat.paths).toHaveLength(2)
})

test.each([
  ['the limit that the platform tells', { time_limit_in_ms: 3_000 }, {}],
  ['the patience of whoever calls', {}, { patienceMs: 3_000 }],
  ['a limit longer than that patience', { time_limit_in_ms: 60_000 }, { patienceMs: 3_000 }],
])('an event is over by %s: a second is left for WeChat Pay', async (_, context, part) => {
  const wechat = await aSilentWechat()
  const { fn, asked } = await aFunctionWithShop({ WXPAY_BASE_URL: wechat.url }, part)
  const first = wechat.arrival()
  const answered = fn.main(anHttpEvent('GET', '/v1/ask'), context)
  await first
  await jest.advanceTimersByTimeAsync(1_000)
  await answered
  expect(asked).toEqual([UNANSWERED, NOT_BEGUN, NOT_BEGUN])
})

test('nothing is asked in the last half second', async () => {
  const wechat = await aSilentWechat()
  const { fn, asked } = await aFunctionWithShop({ WXPAY_BASE_URL: wechat.url })
  await fn.main(anHttpEvent('GET', '/v1/ask'), { time_limit_in_ms: 2_499 })
  expect(asked).toEqual([NOT_BEGUN, NOT_BEGUN, NOT_BEGUN])
  expect(wechat.paths).toEqual([])
})

test('events side by side have each their own end', async () => {
  const wechat = await aSilentWechat()
  const { fn, asked } = await aFunctionWithShop({ WXPAY_BASE_URL: wechat.url })
  const first = wechat.arrival()
  const long = fn.main(anHttpEvent('GET', '/v1/ask'))
  await first
  await fn.main(anHttpEvent('GET', '/v1/ask'), { time_limit_in_ms: 2_000 })
  expect(asked).toEqual([NOT_BEGUN, NOT_BEGUN, NOT_BEGUN])
  const second = wechat.arrival()
  await jest.advanceTimersByTimeAsync(4_000)
  await second
  await jest.advanceTimersByTimeAsync(4_000)
  await long
  expect(asked.slice(3)).toEqual([UNANSWERED, UNANSWERED, NOT_BEGUN])
})

test('a notification that needs platform certificates is answered before WeChat Pay gives up at 5 seconds', async () => {
  const wechat = await aSilentWechat()
  const { fn } = aFunction(wxpayNotifyFunction, {
    WXPAY_BASE_URL: wechat.url,
    WXPAY_PUBLIC_KEY_ID: undefined,
    WXPAY_PUBLIC_KEY: undefined,
  })
  const fetched = wechat.arrival()
  const answered = jest.fn()
  const notified = fn
    .main(
      anHttpEvent('POST', '/wxpay/notify/payment', {
        headers: {
          'Wechatpay-Timestamp': String(Math.floor(Date.now() / 1_000)),
          'Wechatpay-Nonce': 'c5ac7061fccab6bf3e254dcf98995b8c',
          'Wechatpay-Serial': '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
          'Wechatpay-Signature': 'c2lnbmF0dXJl',
        },
        body: JSON.stringify({ id: '1', resource: {} }),
      }),
    )
    .then(answered)
  await fetched
  expect(wechat.paths).toEqual(['/v3/certificates?algorithm_type=RSA'])
  await jest.advanceTimersByTimeAsync(2_999)
  expect(answered).not.toHaveBeenCalled()
  await jest.advanceTimersByTimeAsync(1)
  await notified
  expect(answered).toHaveBeenCalledWith(expect.objectContaining({ statusCode: 401 }))
})

test('an answer waits a second for what is under way beside it, and no longer', async () => {
  const { fn, shop } = await aFunctionWithShop()
  jest.spyOn(shop, 'settled').mockReturnValue(new Promise(() => {}))
  const answered = jest.fn()
  const asked = fn.main(anHttpEvent('GET', '/v1/nothing')).then(answered)
  await jest.advanceTimersByTimeAsync(999)
  expect(shop.settled).toHaveBeenCalled()
  expect(answered).not.toHaveBeenCalled()
  await jest.advanceTimersByTimeAsync(1)
  await asked
  expect(answered).toHaveBeenCalledWith(expect.objectContaining({ statusCode: 404 }))
})

test('an answer waits for what is under way until it is done, and leaves no timer behind', async () => {
  const { fn, shop } = await aFunctionWithShop()
  const settled = jest.fn()
  jest.spyOn(shop, 'settled').mockImplementation(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    settled()
  })
  await fn.main(anHttpEvent('GET', '/v1/nothing'))
  expect(settled).toHaveBeenCalledTimes(1)
  expect(jest.getTimerCount()).toBe(0)
})
