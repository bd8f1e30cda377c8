/**
 * Each rule of the acceptance suite against a shop that keeps them all, and against shops that do one thing wrong:
 * a rule that cannot fail would say nothing.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type * as command from '../../packages/wechat-sandbox/src/acceptance/command.ts'
import type * as patience from '../../packages/wechat-sandbox/src/acceptance/patience.ts'
import type * as ruleList from '../../packages/wechat-sandbox/src/acceptance/rules.ts'
import type * as runner from '../../packages/wechat-sandbox/src/acceptance/run.ts'
import { type Answer, aSandbox, cleanUp, closeAll, Merchant, START } from './merchant.ts'

const { RULES } = jest.requireActual<typeof ruleList>('../../packages/wechat-sandbox/src/acceptance/rules.ts')
const { runAcceptance } = jest.requireActual<typeof runner>(
  '../../packages/wechat-sandbox/src/acceptance/run.ts',
)
const { openPatience } = jest.requireActual<typeof patience>(
  '../../packages/wechat-sandbox/src/acceptance/patience.ts',
)
const { controlOf } = jest.requireActual<typeof command>(
  '../../packages/wechat-sandbox/src/acceptance/command.ts',
)

type ShopDriver = NonNullable<Parameters<typeof runner.runAcceptance>[0]['driver']>

const PRICE = 1999
/** A shop that acknowledges and works this much later. */
const LATE_MS = 400
const closers: (() => void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) close()
  await closeAll()
})
afterAll(cleanUp)

/** The time by which the rules wait for a shop, and by which it is late: it passes when somebody waits. */
function aHurry() {
  let now = 0
  let planned: { at: number; step: () => void }[] = []
  return {
    now: () => now,
    async pause(ms: number): Promise<void> {
      now += ms
      const due = planned.filter(({ at }) => at <= now)
      planned = planned.filter(({ at }) => at > now)
      for (const { step } of due) step()
      // Calls that are under way go on.
      await new Promise((resolve) => setImmediate(resolve))
    },
    later: (ms: number, step: () => void) => planned.push({ at: now + ms, step }),
  }
}

type Wrong =
  | 'redirects'
  | 'has no such address'
  | 'takes GET alone'
  | 'breaks at every call'
  | 'is not running'
  | 'refuses with HTTP 200'
  | 'refuses what it then believes'
  | 'refuses what its jobs then believe'
  | 'takes any signature'
  | 'takes what is unsigned'
  | 'takes probes'
  | 'takes what is old'
  | 'answers in its own words'
  | 'answers too late'
  | 'acknowledges and forgets'
  | 'hears no more of an order after a bad signature'
  | 'stumbles over repetition'
  | 'does not look at the amount'
  | 'does not look at the currency'
  | 'takes any news for its latest order'
  | 'believes the page'
  | 'never asks'
  | 'does not verify answers'
  | 'takes a new number to order again'
  | 'calls accepted refunded'
  | 'calls abnormal refunded'
  | 'refunds what nobody paid'
  | 'forgets what it refunded before'
  | 'refuses every refund'
  | 'delivers at each news'
  | 'never delivers'
  | 'takes a new number to refund again'
  | 'does not hear of refunds'
  | 'counts a refund each time it hears of it'
  | 'never asks about refunds'
  | 'never shows a refund'

/** Right ones of another kind. */
type Right = 'refuses with 500 and code FAIL' | 'asks when it has refused'

interface Refund {
  number: string
  fen: number
  state: string
  /** Refunded as the shop understands it, whatever the state says. */
  isShown?: boolean
}
interface Order {
  wxNo: string
  isPaid: boolean
  deliveries: number
  heard: number
  refunds: Refund[]
}

/** A small shop in memory that keeps the rules, but for the one thing. */
async function aShopThat(wrong?: Wrong | Right, lateMs = 0) {
  const sandbox = await aSandbox({ notify: { timeoutMs: wrong === 'answers too late' ? 50 : 5_000 } })
  const merchant = new Merchant(sandbox)
  const time = aHurry()
  const orders = new Map<string, Order>()
  const deaf = new Set<string>()
  const forJobs: (() => void)[] = []
  /** What is done once a notification is stored, or a page has come back: at once, or a moment after the answer. */
  const work = (step: () => void): void => {
    if (lateMs === 0) step()
    else time.later(lateMs, step)
  }
  let count = 0
  let latest = ''

  const byWxNo = (wxNo: string) => [...orders.values()].find((order) => order.wxNo === wxNo)
  const isTrusted = (headers: Answer['headers'], body: string): boolean => {
    const signature = headers['wechatpay-signature']
    if (signature === undefined) return wrong === 'takes what is unsigned'
    if (String(signature).startsWith('WECHATPAY/SIGNTEST/')) return wrong === 'takes probes'
    if (wrong !== 'takes any signature' && !merchant.isGenuine(headers, body)) return false
    const isOld = Math.abs(START / 1_000 - Number(headers['wechatpay-timestamp'])) > 300
    return !isOld || wrong === 'takes what is old'
  }
  const isRightAmount = (amount: { total: number; currency: string }): boolean =>
    (amount.total === PRICE || wrong === 'does not look at the amount') &&
    (amount.currency === 'CNY' || wrong === 'does not look at the currency')

  const markPaid = (order: Order | undefined): void => {
    if (order === undefined) return
    if ((!order.isPaid && wrong !== 'never delivers') || wrong === 'delivers at each news')
      order.deliveries += 1
    order.isPaid = true
  }
  const onPayment = (news: { out_trade_no: string; amount: { total: number; currency: string } }): number => {
    const wxNo = wrong === 'takes any news for its latest order' ? latest : news.out_trade_no
    const order = byWxNo(wxNo)
    if (order === undefined) return 200
    if (order.isPaid && wrong === 'stumbles over repetition') return 500
    if (isRightAmount(news.amount) && wrong !== 'acknowledges and forgets') work(() => markPaid(order))
    return 200
  }
  const onRefund = (news: { out_refund_no: string; refund_status: string }): number => {
    if (wrong === 'does not hear of refunds') return 500
    for (const order of orders.values())
      for (const refund of order.refunds.filter(({ number }) => number === news.out_refund_no)) {
        work(() => {
          settle(refund, news.refund_status)
          order.heard += 1
        })
      }
    return 200
  }
  const settle = (refund: Refund, state: string): void => {
    const isTaken = state === 'ABNORMAL' && wrong === 'calls abnormal refunded'
    refund.state = isTaken ? 'SUCCESS' : state
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      const end = (status: number, text = ''): void => {
        response.writeHead(status, status === 301 ? { Location: '/elsewhere' } : {})
        response.end(text)
      }
      if (wrong === 'redirects') return end(301)
      if (wrong === 'has no such address') return end(404, 'Not Found')
      if (wrong === 'takes GET alone') return end(405)
      if (wrong === 'breaks at every call') return end(500, 'Internal Server Error')
      const news = JSON.parse(merchant.decrypt(JSON.parse(body).resource))
      if (!isTrusted(request.headers, body)) {
        deaf.add(news.out_trade_no)
        const about = byWxNo(news.out_trade_no)
        if (wrong === 'refuses what it then believes') work(() => markPaid(about))
        if (wrong === 'refuses what its jobs then believe') forJobs.push(() => markPaid(about))
        if (wrong === 'asks when it has refused' && about !== undefined) void askAboutPayment(about)
        if (wrong === 'refuses with HTTP 200') return end(200, '{"code":"FAIL","message":"签名错误"}')
        if (wrong === 'refuses with 500 and code FAIL')
          return end(500, '{"code":"FAIL","message":"签名错误"}')
        return end(401)
      }
      if (wrong === 'hears no more of an order after a bad signature' && deaf.has(news.out_trade_no))
        return end(429)
      const status = news.out_refund_no === undefined ? onPayment(news) : onRefund(news)
      if (wrong === 'answers too late') return
      end(status, wrong === 'answers in its own words' ? 'ok' : '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`
  if (wrong === 'is not running') server.close()

  /** An answer that is there and genuine, or nothing. */
  const believed = async (call: Promise<Answer>) => {
    const answer = await call.catch(() => undefined)
    if (answer === undefined) return undefined
    const isGood = answer.status === 200 && merchant.isGenuine(answer.headers, answer.body)
    return isGood || wrong === 'does not verify answers' || answer.status === 404 ? answer : undefined
  }
  const askAboutPayment = async (order: Order): Promise<void> => {
    if (order.isPaid || wrong === 'never asks' || wrong === 'acknowledges and forgets') return
    const answer = await believed(merchant.query(order.wxNo))
    if (answer?.status !== 200) return
    const { trade_state: state, amount } = JSON.parse(answer.body)
    if (['SUCCESS', 'REFUND'].includes(state) && isRightAmount(amount)) work(() => markPaid(order))
  }
  const submit = async (order: Order, refund: Refund): Promise<void> => {
    if (wrong === 'takes a new number to refund again') refund.number = `R${++count}-${order.wxNo}`
    const amount = { refund: refund.fen, total: PRICE, currency: 'CNY' }
    const answer = await believed(
      merchant.refund(order.wxNo, { out_refund_no: refund.number, amount, notify_url: url }),
    )
    if (answer?.status !== 200) return
    refund.state = 'PROCESSING'
    if (wrong === 'calls accepted refunded')
      work(() => {
        refund.isShown = true
      })
  }
  const followRefund = async (order: Order, refund: Refund): Promise<void> => {
    if (refund.state === 'submitting' && wrong === 'takes a new number to refund again')
      return submit(order, refund)
    if (!['submitting', 'PROCESSING'].includes(refund.state) || wrong === 'never asks about refunds') return
    const answer = await believed(merchant.queryRefund(refund.number))
    if (answer?.status === 404) await submit(order, refund)
    else if (answer !== undefined) settle(refund, JSON.parse(answer.body).status)
  }
  const orderOf = (outTradeNo: string): Order => {
    const order = orders.get(outTradeNo)
    if (order === undefined) throw new Error(`there is no order ${outTradeNo}`)
    return order
  }

  const place = async (order: Order): Promise<string | undefined> => {
    const wanted = merchant.order({
      out_trade_no: order.wxNo,
      notify_url: url,
      payer: { openid: 'oAcceptanceShopper0000000001' },
    })
    const answer = await believed(merchant.v3('POST', '/v3/pay/transactions/jsapi', wanted))
    return answer?.status === 200 ? String(JSON.parse(answer.body).prepay_id) : undefined
  }
  const driver: ShopDriver = {
    async order() {
      const outTradeNo = `SHOP-${String(++count).padStart(4, '0')}`
      latest = outTradeNo
      orders.set(outTradeNo, { wxNo: outTradeNo, isPaid: false, deliveries: 0, heard: 0, refunds: [] })
      return { outTradeNo }
    },
    async payment(outTradeNo) {
      const order = orderOf(outTradeNo)
      const prepayId = await place(order)
      if (prepayId !== undefined) {
        const sheet = merchant.payParameters(prepayId)
        return sheet as unknown as Awaited<ReturnType<ShopDriver['payment']>>
      }
      if (wrong === 'takes a new number to order again') order.wxNo = `${outTradeNo}-${++count}`
      throw new Error('try again')
    },
    async returned(outTradeNo) {
      if (wrong === 'believes the page') work(() => markPaid(orderOf(outTradeNo)))
      await askAboutPayment(orderOf(outTradeNo))
    },
    isPaid: async (outTradeNo) => orderOf(outTradeNo).isPaid,
    deliveries: async (outTradeNo) => orderOf(outTradeNo).deliveries,
    async refund({ outTradeNo, amountFen }) {
      const order = orderOf(outTradeNo)
      const left = PRICE - order.refunds.reduce((sum, { fen }) => sum + fen, 0)
      const limit = wrong === 'forgets what it refunded before' ? PRICE : left
      const isTooMuch = amountFen > limit && wrong !== 'refunds what nobody paid'
      if (isTooMuch || wrong === 'refuses every refund') throw new Error('more than was paid')
      const refund = {
        number: `R${++count}-${order.wxNo}`,
        fen: wrong === 'forgets what it refunded before' ? amountFen : Math.min(amountFen, left),
        state: 'submitting',
      }
      order.refunds.push(refund)
      await submit(order, refund)
    },
    async refundedFen(outTradeNo) {
      const { refunds, heard } = orderOf(outTradeNo)
      if (wrong === 'never shows a refund') return 0
      const done = refunds.filter(({ state, isShown }) => state === 'SUCCESS' || isShown)
      const fen = done.reduce((sum, one) => sum + one.fen, 0)
      return wrong === 'counts a refund each time it hears of it' ? fen * Math.max(heard, 1) : fen
    },
    async elapse() {
      for (const job of forJobs.splice(0)) job()
      for (const order of orders.values()) {
        await askAboutPayment(order)
        for (const refund of order.refunds) await followRefund(order, refund)
      }
    },
  }
  const run = (only: readonly string[] = []) =>
    runAcceptance({ control: controlOf(sandbox.info), driver, notifyUrl: url, protocol: 'v3', only, time })
  return { run, sandbox, driver }
}

test('a shop that keeps every rule is told so, with none skipped', async () => {
  const { run } = await aShopThat()
  const { rules, passed, failed, skipped } = await run()
  expect(rules.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  expect([passed, failed, skipped]).toEqual([RULES.length, 0, 0])
}, 60_000)

test.each([
  ['refuses with 500 and code FAIL', 0],
  ['asks when it has refused', 0],
  [undefined, LATE_MS],
] as const)(
  'a shop that is right in another way (%s, working %i ms after its answers) is told so',
  async (right, lateMs) => {
    const { run } = await aShopThat(right, lateMs)
    expect((await run()).rules.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  },
  60_000,
)

test('a shop is waited for five seconds, one that never did anything a second from then on, until it does', async () => {
  const time = aHurry()
  const { until } = openPatience(time)
  const waitedFor = async (holds: () => Promise<boolean>): Promise<number> => {
    const start = time.now()
    await until(holds)
    return time.now() - start
  }
  const never = async () => false
  expect([await waitedFor(never), await waitedFor(never)]).toEqual([5_000, 1_000])
  let asked = 0
  expect(await waitedFor(async () => ++asked > 10)).toBe(500)
  expect([await waitedFor(never), await waitedFor(never)]).toEqual([5_000, 5_000])
})

test('the faults that somebody else has planned are still there afterwards, and none of its own', async () => {
  const { run, sandbox } = await aShopThat()
  const { id } = sandbox.control.addFault({ fault: 'lose-notification', match: { outTradeNo: 'MINE' } })
  await run(['after-probe', 'same-trade-number', 'query-verified'])
  expect(sandbox.control.faults().faults.map((fault) => fault.id)).toEqual([id])
})

test('a sandbox that goes away midway is no broken rule, even when the driver hides it', async () => {
  const { run, sandbox, driver } = await aShopThat()
  driver.payment = async () => {
    await sandbox.close()
    throw new Error('no payment today')
  }
  await expect(run(['verify-tampered'])).rejects.toThrow('the sandbox does not answer: ')
})

const NOBODY_RUNS: [Wrong, string] = ['is not running', 'nobody answers there: connect ECONNREFUSED']
const NOBODY: [Wrong, string][] = [
  ['has no such address', 'notifications are not received there: HTTP 404'],
  ['takes GET alone', 'notifications are not received there: HTTP 405'],
  NOBODY_RUNS,
]
const NO_REFUSAL: [Wrong, string] = ['refuses with HTTP 200', 'it was not refused: 200 and 204 mean received']

const CAUGHT: Readonly<Record<string, readonly [Wrong, string][]>> = {
  'notify-url': [
    ['redirects', 'it redirects: HTTP 301'],
    ['breaks at every call', 'it breaks, or is not there: HTTP 500'],
    ...NOBODY,
  ],
  'verify-forged': [
    ['takes any signature', 'it was acknowledged (HTTP 200'],
    ['refuses what it then believes', 'the order is shown as paid'],
    ['refuses what its jobs then believe', 'the order is shown as paid'],
    NO_REFUSAL,
    ...NOBODY,
  ],
  'verify-unsigned': [['takes what is unsigned', 'it was acknowledged (HTTP 200']],
  'verify-probe': [['takes probes', 'it was acknowledged (HTTP 200']],
  'verify-tampered': [['takes any signature', 'it was acknowledged (HTTP 200'], NOBODY_RUNS],
  'verify-stale': [['takes what is old', 'it was acknowledged (HTTP 200']],
  acknowledge: [
    ['answers in its own words', 'it was not acknowledged (HTTP 200 ok)'],
    ['answers too late', 'it was not acknowledged (no answer in time)'],
    ['acknowledges and forgets', 'the order is not shown as paid'],
  ],
  'after-probe': [['hears no more of an order after a bad signature', 'it was not acknowledged (HTTP 429']],
  idempotent: [
    ['stumbles over repetition', 'one of them was not acknowledged (HTTP 500'],
    ['delivers at each news', 'it was handed out 5 times'],
    ['never delivers', 'nothing was handed out'],
  ],
  replayed: [
    ['stumbles over repetition', 'it was not acknowledged (HTTP 500'],
    ['delivers at each news', 'it was handed out 2 times'],
    ['never delivers', 'nothing was handed out'],
  ],
  amount: [
    ['does not look at the amount', 'one fen paid the whole order'],
    ['does not look at the currency', 'another currency paid the order'],
  ],
  'other-order': [['takes any news for its latest order', 'the order is shown as paid']],
  'client-not-believed': [['believes the page', 'the order is shown as paid']],
  query: [['never asks', 'an hour later it is still not shown as paid']],
  'query-verified': [['does not verify answers', 'the order is shown as paid']],
  'same-trade-number': [['takes a new number to order again', 'WeChat Pay knows 2 orders: ']],
  'refund-not-yet': [['calls accepted refunded', 'it is shown as refunded while PROCESSING']],
  'refund-told': [['does not hear of refunds', 'it was not acknowledged (HTTP 500']],
  'refund-replayed': [
    [
      'counts a refund each time it hears of it',
      'after two notifications 2 fen are shown as refunded, not 1',
    ],
  ],
  'refund-query': [['never asks about refunds', 'an hour later 0 fen are shown as refunded, not 1']],
  'refund-forged': [['takes any signature', 'it was acknowledged (HTTP 200'], NO_REFUSAL, NOBODY_RUNS],
  'refund-abnormal': [['calls abnormal refunded', '1 fen are shown as refunded']],
  'refund-over': [
    ['refunds what nobody paid', 'money went back'],
    ['forgets what it refunded before', 'the shop agreed to refund more than was paid'],
    ['refuses every refund', 'it could not be checked: the shop does not refund a single fen either'],
  ],
  'refund-same-number-lost': [['takes a new number to refund again', '2 refunds were made: ']],
  'refund-same-number-500': [['takes a new number to refund again', '2 refunds were made: ']],
  'refund-same-number-429': [['takes a new number to refund again', '2 refunds were made: ']],
}

test('a shop that nobody counts for keeps the rules, and it is said that nobody looked', async () => {
  const { run, driver } = await aShopThat('delivers at each news')
  delete driver.deliveries
  const { rules } = await run(['idempotent', 'replayed'])
  expect(rules.map(({ outcome, detail }) => [outcome, detail])).toEqual(
    Array.from({ length: 2 }, () => [
      'passed',
      'the driver has no deliveries(): nobody looked what was handed out',
    ]),
  )
})

test.each([
  [
    'verify-forged',
    'answers in its own words',
    'acknowledge is broken: it was not acknowledged (HTTP 200 ok)',
  ],
  ['replayed', 'acknowledges and forgets', 'acknowledge is broken: the order is not shown as paid'],
  ['amount', 'acknowledges and forgets', 'acknowledge is broken: the order is not shown as paid'],
  ['other-order', 'acknowledges and forgets', 'acknowledge is broken: the order is not shown as paid'],
  [
    'client-not-believed',
    'acknowledges and forgets',
    'acknowledge is broken: the order is not shown as paid',
  ],
  ['query-verified', 'never asks', 'query is broken: an hour later it is still not shown as paid'],
  ['refund-forged', 'does not hear of refunds', 'refund-told is broken: it was not acknowledged (HTTP 500'],
  ['refund-abnormal', 'never shows a refund', 'refund-not-yet is broken: after SUCCESS 0 fen are shown'],
] as const)('%s is not kept by a shop that %s: nothing is known of it', async (id, wrong, detail) => {
  const { run, driver } = await aShopThat(wrong)
  delete driver.deliveries
  const { rules } = await run([id])
  expect(rules).toMatchObject([{ id, outcome: 'failed' }])
  expect(rules[0]?.detail).toContain(`it could not be checked, for ${detail}`)
})

test('there is a wrong shop for every rule', () => {
  expect(Object.keys(CAUGHT).sort()).toEqual(RULES.map(({ id }) => id).sort())
})

test.each(Object.entries(CAUGHT).flatMap(([id, shops]) => shops.map((shop) => [id, ...shop] as const)))(
  '%s catches a shop that %s',
  async (id, wrong, detail) => {
    const { run } = await aShopThat(wrong)
    const { rules, failed } = await run([id])
    expect(failed).toBe(1)
    expect(rules).toMatchObject([{ id, outcome: 'failed' }])
    expect(rules[0]?.detail).toContain(detail)
  },
  60_000,
)

const LATE: readonly [string, Wrong, string][] = [
  ['verify-forged', 'refuses what it then believes', 'the order is shown as paid'],
  ['verify-tampered', 'refuses what it then believes', 'the order is shown as paid'],
  ['acknowledge', 'acknowledges and forgets', 'the order is not shown as paid'],
  ['amount', 'does not look at the amount', 'one fen paid the whole order'],
  ['amount', 'does not look at the currency', 'another currency paid the order'],
  ['other-order', 'takes any news for its latest order', 'the order is shown as paid'],
  ['client-not-believed', 'believes the page', 'the order is shown as paid'],
  ['query-verified', 'does not verify answers', 'the order is shown as paid'],
  ['refund-not-yet', 'calls accepted refunded', 'it is shown as refunded while PROCESSING'],
  ['refund-replayed', 'counts a refund each time it hears of it', 'after two notifications 2 fen'],
  ['refund-abnormal', 'calls abnormal refunded', '1 fen are shown as refunded'],
]

test.each(LATE)(
  '%s catches a shop that %s, and does so only after it has answered',
  async (id, wrong, detail) => {
    const { run } = await aShopThat(wrong, LATE_MS)
    const { rules } = await run([id])
    expect(rules).toMatchObject([{ id, outcome: 'failed' }])
    expect(rules[0]?.detail).toContain(detail)
  },
  60_000,
)
