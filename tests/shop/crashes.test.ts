/**
 * Every use case is stopped at every one of its steps: before it, after it, for good or just once. Then the jobs run,
 * with and without the caller trying again, and the shop has to be in order.
 */
import {
  approveRefund,
  cancelOrder,
  placeOrder,
  recordNotifiedPayment,
  recordNotifiedRefund,
  requestRefund,
  resubmitRefund,
  type ShopDeps,
  startPayment,
  sweep,
  syncPayment,
} from '@yuanlu/shop'
import {
  anOrder,
  aPaidOrder,
  approve,
  aRequest,
  aStartedPayment,
  aWorld,
  MANAGER,
  NOON,
  type World,
  XIAOLIN,
} from '../support/shop-world'
import { Crash, type CrashPlan, crashing } from './crash-points'
import { expectEverythingInOrder, letTimePass } from './invariants'

type Run = (deps: ShopDeps) => Promise<unknown>

interface Story {
  readonly title: string
  /** Everything up to the interesting call, which it answers. */
  readonly begin: (world: World) => Promise<Run>
  /** News is repeated until it is acknowledged; whatever else is only tried again by some callers. */
  readonly repeated?: 'until it succeeds'
}

const items = [
  { productId: 'beans', quantity: 2 },
  { productId: 'cup', quantity: 1 },
]
const place =
  (key = 'k1'): Run =>
  (deps) =>
    placeOrder(deps, { buyerOpenid: XIAOLIN, idempotencyKey: key, items, delivery: null, remark: '' })
const start =
  (orderId: string): Run =>
  (deps) =>
    startPayment(deps, { buyerOpenid: XIAOLIN, orderId, clientIp: '203.0.113.7' })

const STORIES: readonly Story[] = [
  { title: 'placing an order', begin: async () => place() },
  {
    title: 'placing an order whose goods run out half-way',
    begin: async (world) => {
      await anOrder(world, { key: 'first', items: [{ productId: 'cup', quantity: 2 }] })
      const { get } = world.store.products
      // The shelf looked full a moment ago.
      world.store.products.get = async (id) => {
        const product = await get(id)
        return product === null ? null : { ...product, stock: 99 }
      }
      return place()
    },
  },
  { title: 'starting a payment', begin: async (world) => start(await anOrder(world)) },
  {
    title: 'starting a payment that nobody got an answer for, then paying',
    begin: async (world) => {
      const orderId = await anOrder(world)
      return async (deps) => {
        const started = await start(orderId)(deps)
        world.wechat.pay(orderId)
        return started
      }
    },
  },
  {
    title: 'news of a payment',
    repeated: 'until it succeeds',
    begin: async (world) => {
      const news = world.wechat.pay(await aStartedPayment(world))
      return (deps) => recordNotifiedPayment(deps, news)
    },
  },
  {
    title: 'news of a payment of a wrong amount',
    repeated: 'until it succeeds',
    begin: async (world) => {
      const news = world.wechat.pay(await aStartedPayment(world), { totalFen: 1 })
      return (deps) => recordNotifiedPayment(deps, news)
    },
  },
  {
    title: 'news of a payment that came before the create call was answered',
    repeated: 'until it succeeds',
    begin: async (world) => {
      const orderId = await anOrder(world)
      world.wechat.nextAnswer.prepay = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
      await start(orderId)(world)
      const news = world.wechat.pay(orderId)
      return (deps) => recordNotifiedPayment(deps, news)
    },
  },
  {
    title: 'news of a payment after the close',
    repeated: 'until it succeeds',
    begin: async (world) => {
      const orderId = await aStartedPayment(world)
      await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
      const news = world.wechat.pay(orderId)
      return (deps) => recordNotifiedPayment(deps, news)
    },
  },
  {
    title: 'news of a payment for a trade we do not know',
    repeated: 'until it succeeds',
    begin: async (world) => {
      const orderId = await aStartedPayment(world)
      const news = world.wechat.pay(orderId)
      world.store.rows.orders.delete(orderId)
      world.store.rows.holds.clear()
      for (const [productId, stock] of [
        ['beans', 10],
        ['cup', 2],
      ] as const) {
        const product = world.store.rows.products.get(productId)
        if (product !== undefined) world.store.rows.products.set(productId, { ...product, stock })
      }
      return (deps) => recordNotifiedPayment(deps, news)
    },
  },
  {
    title: 'asking after a payment whose news was lost',
    begin: async (world) => {
      const orderId = await aStartedPayment(world)
      world.wechat.pay(orderId)
      return (deps) => syncPayment(deps, { buyerOpenid: XIAOLIN, orderId })
    },
  },
  {
    title: 'cancelling before any payment',
    begin: async (world) => {
      const orderId = await anOrder(world)
      return (deps) => cancelOrder(deps, { buyerOpenid: XIAOLIN, orderId })
    },
  },
  {
    title: 'cancelling an order that WeChat Pay knows',
    begin: async (world) => {
      const orderId = await aStartedPayment(world)
      return (deps) => cancelOrder(deps, { buyerOpenid: XIAOLIN, orderId })
    },
  },
  {
    title: 'cancelling an order that is being paid',
    begin: async (world) => {
      const orderId = await aStartedPayment(world)
      world.wechat.during = { call: 'close', run: async () => void world.wechat.pay(orderId) }
      return (deps) => cancelOrder(deps, { buyerOpenid: XIAOLIN, orderId })
    },
  },
  {
    title: 'asking for a refund',
    begin: async (world) => {
      Object.assign(world.settings, { autoApproveMs: null })
      const orderId = await aPaidOrder(world)
      return (deps) =>
        requestRefund(deps, {
          buyerOpenid: XIAOLIN,
          orderId,
          idempotencyKey: 'r1',
          kind: 'refundOnly',
          amountFen: 17590,
          items: [],
          reason: '不想要了',
          description: '',
          evidence: [],
        })
    },
  },
  {
    title: 'approving a refund',
    begin: async (world) => {
      Object.assign(world.settings, { autoApproveMs: null })
      const refundId = await aRequest(world, await aPaidOrder(world))
      return (deps) => approveRefund(deps, { by: MANAGER, refundId, amountFen: 17590, note: null })
    },
  },
  {
    title: 'approving a refund whose answer is lost',
    begin: async (world) => {
      Object.assign(world.settings, { autoApproveMs: null })
      const refundId = await aRequest(world, await aPaidOrder(world))
      world.wechat.nextAnswer.refund = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
      return (deps) => approveRefund(deps, { by: MANAGER, refundId, amountFen: 17590, note: null })
    },
  },
  {
    title: 'news of a refund by items',
    repeated: 'until it succeeds',
    begin: async (world) => {
      const orderId = await aPaidOrder(world)
      const refundId = await aRequest(world, orderId, {
        amountFen: 3990,
        items: [{ productId: 'cup', quantity: 1 }],
      })
      await approve(world, refundId)
      const news = world.wechat.settleRefund(`${refundId}-1`, 'succeeded')
      return (deps) => recordNotifiedRefund(deps, { outTradeNo: orderId, news })
    },
  },
  {
    title: 'sending a closed refund again under a new number',
    begin: async (world) => {
      const orderId = await aPaidOrder(world)
      const refundId = await aRequest(world, orderId)
      await approve(world, refundId)
      const news = world.wechat.settleRefund(`${refundId}-1`, 'closed')
      await recordNotifiedRefund(world, { outTradeNo: orderId, news })
      world.now += 60_000
      return (deps) => resubmitRefund(deps, { by: MANAGER, refundId })
    },
  },
  {
    title: 'a sweep over one order of every kind',
    begin: async (world) => {
      const { deps } = crashing(world, { at: 5, when: 'after', process: 'dies' })
      await expect(place('half-placed')(deps)).rejects.toThrow(Crash)
      const one = [{ productId: 'beans', quantity: 1 }]
      await anOrder(world, { key: 'unpaid', items: one })
      await start(await anOrder(world, { key: 'started', items: one }))(world)
      const told = await anOrder(world, { key: 'told', items: one })
      const untold = await anOrder(world, { key: 'untold', items: one })
      for (const orderId of [told, untold]) await start(orderId)(world)
      const news = world.wechat.pay(told)
      await world.store.inbox.put({
        id: 'payment-told',
        receivedAt: NOON,
        news: { kind: 'payment', paid: news },
      })
      world.wechat.pay(untold)
      world.now = NOON + 15 * 60_000
      return (deps) => sweep(deps, 100)
    },
  },
]

const attempt = async (run: Run, deps: ShopDeps): Promise<boolean> => {
  try {
    await run(deps)
    return true
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    return false
  }
}

const playThrough = async (
  story: Story,
  plan: CrashPlan,
  triesAgain: boolean,
): Promise<{ steps: string[]; world: World }> => {
  const world = aWorld()
  const run = await story.begin(world)
  const { deps, steps } = crashing(world, plan)
  const succeeded = await attempt(run, deps)
  if (!succeeded && (triesAgain || story.repeated !== undefined)) await run(world)
  await letTimePass(world)
  await expectEverythingInOrder(world)
  return { steps, world }
}

test.each(STORIES)('$title can be stopped at any step', async (story) => {
  const { steps } = await playThrough(story, { at: 0, when: 'before', process: 'dies' }, false)
  expect(steps.length).toBeGreaterThanOrEqual(2)
  for (const [index, name] of steps.entries())
    for (const when of ['before', 'after'] as const)
      for (const process of ['dies', 'goes on'] as const)
        for (const triesAgain of [false, true])
          try {
            await playThrough(story, { at: index + 1, when, process }, triesAgain)
          } catch (error) {
            throw new Error(`it ${process} ${when} step ${index + 1}, ${name}, tries again: ${triesAgain}`, {
              cause: error,
            })
          }
})

test('whoever tries again under the same key has one order, wherever the first try stopped', async () => {
  const story: Story = { title: '', begin: async () => place() }
  const { steps } = await playThrough(story, { at: 0, when: 'before', process: 'dies' }, false)
  for (const index of steps.keys()) {
    const { world } = await playThrough(story, { at: index + 1, when: 'after', process: 'dies' }, true)
    const placed = [...world.store.rows.orders.values()].filter((order) => order.state !== 'refused')
    expect(placed).toHaveLength(1)
  }
})

test('news that reached the inbox is applied, even if WeChat Pay never repeats it', async () => {
  const story = STORIES.find(({ title }) => title === 'news of a payment for a trade we do not know')
  if (story === undefined) throw new Error('the story is gone')
  const { steps } = await playThrough(story, { at: 0, when: 'before', process: 'dies' }, false)
  expect(steps[0]).toBe('inbox.put')
  for (const [index] of steps.entries())
    await playThrough(
      { title: story.title, begin: story.begin },
      { at: index + 1, when: 'after', process: 'dies' },
      false,
    )
})
