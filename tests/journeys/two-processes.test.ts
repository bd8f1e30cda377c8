/** @module Two processes serve one shop on one database: whatever reaches both at once happens once. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallData } from '@yuanlu/contract'
import { anyFreePort } from '@yuanlu/devhost'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
import { type TestDatabase, testDatabase } from '../support/postgres'
import { type ServedShop, serveShop } from '../support/served-shop'
import {
  expectBooksToAgree,
  MANAGER,
  OWNER,
  type Phone,
  placeOrder,
  shopEnvironment,
  signIn,
  tickAt,
  writeCatalogue,
} from '../support/stack'

const XIAOLIN = 'oXiaolin00000000000000000001'
const ROUNDS = 20
const REFUND_PATH = '/v3/refund/domestic/refunds'

type Pair<T> = readonly [T, T]
type Order = CallData<'getOrder'>
type Refund = CallData<'getRefund'>

let dir: string
let database: TestDatabase
let sandbox: Sandbox
let shops: Pair<ServedShop>
/** One person each, once at either process. */
let xiaolin: Pair<Phone>
let manager: Pair<Phone>
let owner: Pair<Phone>
/** Counts the refund requests that reach WeChat Pay, and holds each up a little, so that both are under way. */
let counter: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'yuanlu-two-'))
  database = await testDatabase()
  sandbox = await startSandbox({ dataDir: join(dir, 'sandbox') })
  const { info } = sandbox
  const catalogueFile = await writeCatalogue(dir)
  const serve = async () => {
    const at = { port: await anyFreePort(), databaseUrl: database.url, catalogueFile }
    return serveShop({ ...shopEnvironment(info, at), NODE_EXTRA_CA_CERTS: info.caFile })
  }
  shops = await both(serve(), serve())
  const atBoth = (openid: string) => both(...shopPair((shop) => signIn(shop.url, sandbox, openid)))
  xiaolin = await atBoth(XIAOLIN)
  manager = await atBoth(MANAGER)
  owner = await atBoth(OWNER)
  counter = sandbox.control.addFault({ fault: 'delay', match: { path: REFUND_PATH }, rate: 1, ms: 20 }).id
})
afterAll(async () => {
  const codes = await both(...shopPair((shop) => shop.stop()))
  await sandbox.close()
  await database.drop()
  await rm(dir, { recursive: true })
  expect(codes).toEqual([0, 0])
})
afterEach(async () => {
  for (let i = 0; i < 3; i++) {
    await advance(61_000)
    await tickBoth()
  }
  await expectBooksToAgree(shops[0].url, sandbox)
})

const both = <A, B>(one: Promise<A>, two: Promise<B>): Promise<readonly [A, B]> => Promise.all([one, two])
const shopPair = <T>(of: (shop: ServedShop) => T): Pair<T> => [of(shops[0]), of(shops[1])]
const tickBoth = () => both(...shopPair((shop) => tickAt(shop.url)))

/** WeChat Pay's clock and the clocks of both processes. */
const advance = async (ms: number): Promise<void> => {
  const { offsetMs } = await sandbox.control.moveClock({ advanceMs: ms })
  await both(...shopPair((shop) => shop.setAhead(offsetMs)))
}

const refundRequests = (): number =>
  sandbox.control.faults().faults.find((fault) => fault.id === counter)?.matched ?? Number.NaN

const paidOrders = async (count: number): Promise<Order[]> => {
  const orders = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const phone = xiaolin[i % 2 === 0 ? 0 : 1]
      const order = await placeOrder(phone)
      expect(await phone.pay(order.orderId)).toBe('requestPayment:ok')
      return order
    }),
  )
  await advance(0)
  return orders
}

let keys = 0
const wish = ({ orderId }: Order, amountFen: number, key = `wish-${++keys}`) => ({
  params: { orderId },
  key,
  body: { amountFen, reason: '不想要了' },
})
const approve = (phone: Phone, { refundId, amountFen }: Refund) =>
  phone.call('approveRefund', { params: { refundId }, body: { amountFen } })
const see = ({ refundId }: Refund) => xiaolin[0].ask('getRefund', { params: { refundId } })
const codeOf = ({ envelope }: { envelope: { ok: boolean; error?: { code: string } } }): string =>
  envelope.ok ? 'OK' : (envelope.error?.code ?? 'none')

test('a double tap that reaches both asks for one refund, and both say the same', async () => {
  const [order] = await paidOrders(1)
  if (order === undefined) throw new Error('no order')
  for (let round = 0; round < ROUNDS; round++) {
    const tapped = wish(order, 100)
    const [one, two] = await both(
      xiaolin[0].call('requestRefund', tapped),
      xiaolin[1].call('requestRefund', tapped),
    )
    expect(one).toMatchObject({ status: 200, envelope: { data: { status: 'requested', amountFen: 100 } } })
    expect(two).toEqual(one)
  }
  const { refunds, refundableFen } = await xiaolin[0].ask('getOrder', { params: { orderId: order.orderId } })
  expect([refunds.length, refundableFen]).toEqual([20, 15590])
})

test('two approvals at once, by two people or by one, are one decision and one transfer', async () => {
  const before = refundRequests()
  for (const [round, order] of (await paidOrders(ROUNDS)).entries()) {
    const asked = await xiaolin[0].ask('requestRefund', wish(order, 1000))
    const isOnePerson = round % 2 === 0
    const answers = await both(
      approve(manager[0], asked),
      approve(isOnePerson ? manager[1] : owner[1], asked),
    )
    expect(answers.map(codeOf).sort()).toEqual(isOnePerson ? ['OK', 'OK'] : ['OK', 'REFUND_ALREADY_DECIDED'])
    expect(answers.map(({ status }) => status).sort()).toEqual(isOnePerson ? [200, 200] : [200, 409])
    const decided = await see(asked)
    expect(decided).toMatchObject({ status: 'refunding', approvals: [{}], transfers: [{ attempts: 1 }] })
    expect(decided.timeline.map(({ event }) => event)).toEqual(['requested', 'approved'])
  }
  expect(refundRequests() - before).toBe(20)
})

test('approved here and withdrawn there: one wins, and the other is told', async () => {
  const before = refundRequests()
  let approved = 0
  for (const [round, order] of (await paidOrders(ROUNDS)).entries()) {
    const asked = await xiaolin[0].ask('requestRefund', wish(order, 1000))
    const [here, there] = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)
    const answers = await both(
      approve(manager[here], asked),
      xiaolin[there].call('withdrawRefund', { params: { refundId: asked.refundId } }),
    )
    const isApproved = answers[0].status === 200
    expect(answers.map(codeOf)).toEqual(
      isApproved ? ['OK', 'REFUND_ALREADY_DECIDED'] : ['REFUND_ALREADY_DECIDED', 'OK'],
    )
    expect(answers.map(({ status }) => status)).toEqual(isApproved ? [200, 409] : [409, 200])
    expect(await see(asked)).toMatchObject(
      isApproved
        ? { status: 'refunding', transfers: [{ attempts: 1 }] }
        : { status: 'withdrawn', transfers: [] },
    )
    if (isApproved) approved += 1
  }
  expect(refundRequests() - before).toBe(approved)
})

test('approved here while the jobs run there: WeChat Pay gives back once', async () => {
  const orders = await paidOrders(ROUNDS)
  for (const [round, order] of orders.entries()) {
    const asked = await xiaolin[0].ask('requestRefund', wish(order, 1000))
    const [here, there] = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)
    const [approval] = await both(approve(manager[here], asked), tickAt(shops[there].url))
    expect(approval.status).toBe(200)
    expect(await see(asked)).toMatchObject({ status: 'refunding', transfers: [{ status: 'processing' }] })
  }
  const refunded = new Set(orders.map(({ orderId }) => orderId))
  await advance(61_000)
  const numbers = sandbox.control
    .ledger({ after: 0 })
    .entries.flatMap(({ outTradeNo = '', outRefundNo }) =>
      outRefundNo !== undefined && refunded.has(outTradeNo) ? [outRefundNo] : [],
    )
  expect(new Set(numbers).size).toBe(20)
})

test('ten wishes of thirty per cent each at both: three fit, and the jobs of both send each of them once', async () => {
  const before = refundRequests()
  const orders = await paidOrders(ROUNDS)
  const accepted: Refund[] = []
  for (const order of orders) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        xiaolin[i % 2 === 0 ? 0 : 1].call('requestRefund', wish(order, 5277)),
      ),
    )
    expect(answers.map(codeOf).sort()).toEqual([
      ...Array.from({ length: 3 }, () => 'OK'),
      ...Array.from({ length: 7 }, () => 'REFUND_EXCEEDS_BALANCE'),
    ])
    for (const { envelope } of answers) if (envelope.ok) accepted.push(envelope.data)
  }
  for (const [i, refund] of accepted.entries())
    expect((await approve(i % 2 === 0 ? manager[0] : owner[1], refund)).status).toBe(200)
  // WeChat Pay wants a minute between two refunds of an order: the jobs send the second ones, then the third ones.
  expect(refundRequests() - before).toBe(20)
  for (const sent of [40, 60]) {
    await advance(61_000)
    await Promise.all([tickBoth(), tickBoth()])
    expect(refundRequests() - before).toBe(sent)
  }
  await advance(61_000)
  await tickBoth()
  for (const refund of accepted)
    expect(await see(refund)).toMatchObject({ status: 'refunded', transfers: [{ attempts: 1 }] })
  for (const { orderId } of orders)
    expect(await xiaolin[1].ask('getOrder', { params: { orderId } })).toMatchObject({
      refundedFen: 15831,
      refundableFen: 1759,
    })
})

test('orders that expire are closed by one of both, and their stock comes back once', async () => {
  const stock = async () => (await xiaolin[0].ask('getProduct', { params: { productId: 'cup' } })).stock
  const before = await stock()
  const orders = await Promise.all(
    Array.from({ length: ROUNDS }, (_, i) => placeOrder(xiaolin[i % 2 === 0 ? 0 : 1])),
  )
  expect(await stock()).toBe(before - 20)
  await advance(16 * 60_000)
  await Promise.all([tickBoth(), tickBoth()])
  for (const { orderId } of orders)
    expect((await xiaolin[0].ask('getOrder', { params: { orderId } })).status).toBe('closed')
  expect(await stock()).toBe(before)
})
