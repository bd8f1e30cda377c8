/** A sweep is over when nothing is due any more, and leaves nothing running behind it. */
import { type InboxNews, type ShopDeps, storeRefundHint, sweep } from '@yuanlu/shop'
import { anOrder, aPaidOrder, approve, aRequest, aWorld, NOON, ship, type World } from '../support/shop-world'

const MINUTE = 60_000
const aBag = [{ productId: 'beans', quantity: 1 }]
const turns = async (n = 200) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve))
}
const told = (world: World) => world.platform.messages.map(({ kind }) => kind)
const isDue = (world: World, orderId: string) => (world.order(orderId).nextActionAt ?? Infinity) <= world.now

/** Something that waits until the test lets it go on. */
const aGate = () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** An order with a refund under way; WeChat Pay is done with it, and has said so without a signature. */
const aHintedRefund = async (world: World, items = aBag) => {
  const orderId = await aPaidOrder(world)
  await approve(world, await aRequest(world, orderId, { amountFen: 6800, items }))
  await sweep(world, 100)
  const request = world.order(orderId).refunds[0]?.transfers[0]?.request
  if (request === undefined) throw new Error('nothing was sent')
  world.wechat.settleRefund(request.outRefundNo, 'succeeded')
  world.now += 5_000
  const { outRefundNo, transactionId } = request
  await storeRefundHint(world, { outRefundNo, transactionId, outTradeNo: orderId })
  return orderId
}

describe('what the answer to an unsigned notice sets off', () => {
  test('is done in the same sweep: goods are put back, and the shopper is told', async () => {
    const world = aWorld()
    const orderId = await aHintedRefund(world)
    expect(world.stockOf('beans')).toBe(8)
    expect(await sweep(world, 100)).toMatchObject({ settleRefunds: 1, effects: 1, journal: 1 })
    expect(world.order(orderId).refunds).toMatchObject([{ state: 'refunded', stock: 'returned' }])
    expect([world.stockOf('beans'), told(world), isDue(world, orderId)]).toEqual([9, ['refunded'], false])
  })

  test('is done also where the sweep had something to tell about that order before', async () => {
    const world = aWorld()
    await world.store.staff.ensureOwners(['oOwner'])
    const orderId = await aHintedRefund(world)
    await aRequest(world, orderId, { key: 'r2', amountFen: 100 })
    const answer = aGate()
    const gateway = {
      ...world.wechat,
      queryRefund: async (request: Parameters<typeof world.wechat.queryRefund>[0]) => {
        await answer.opened
        return world.wechat.queryRefund(request)
      },
    }
    const swept = sweep({ ...world, clock: () => world.now, gateway }, 100)
    await turns()
    expect(told(world)).toEqual(['refundRequested'])
    answer.open()
    await swept
    expect([world.stockOf('beans'), told(world), isDue(world, orderId)]).toEqual([
      9,
      ['refundRequested', 'refunded'],
      false,
    ])
  })
})

test('news that comes while its order’s messages are being delivered is told in the same sweep', async () => {
  const world = aWorld()
  await world.store.staff.ensureOwners(['oOwner'])
  const orderId = await aHintedRefund(world, [])
  await aRequest(world, orderId, { key: 'r2', amountFen: 100 })
  const answer = aGate()
  const lastLook = aGate()
  let isHeld = false
  const { orders } = world.store
  const deps: ShopDeps = {
    ...world,
    clock: () => world.now,
    gateway: {
      ...world.wechat,
      queryRefund: async (request) => {
        await answer.opened
        return world.wechat.queryRefund(request)
      },
    },
    store: {
      ...world.store,
      orders: {
        ...orders,
        // The messenger has told everything it knew of, and sees in a moment that nothing is left.
        get: async (id) => {
          const order = await orders.get(id)
          const isLast = told(world).length === 1 && order?.effects?.every(({ state }) => state === 'done')
          if (!isHeld && isLast === true) {
            isHeld = true
            await lastLook.opened
          }
          return order
        },
      },
    },
  }
  const swept = sweep(deps, 100)
  await turns()
  expect([isHeld, told(world)]).toEqual([true, ['refundRequested']])
  answer.open()
  await turns()
  expect(world.order(orderId).refunds[0]?.state).toBe('refunded')
  lastLook.open()
  await swept
  expect([told(world), isDue(world, orderId)]).toEqual([['refundRequested', 'refunded'], false])
})

test.each([
  ['WeChat Pay', 'queryRefund'],
  ['the platform', 'uploadShipping'],
])(
  'a sweep that fails waits for the calls to %s that are under way, and begins no new ones',
  async (_, slow) => {
    const world = aWorld()
    const shipped = await aPaidOrder(world)
    await ship(world, shipped)
    for (let n = 10; n < 22; n++) await world.store.inbox.put(aHint(shipped, `elsewhere-${n}`))
    world.now += MINUTE
    const answers = aGate()
    const slowAnswers = aGate()
    const failure = aGate()
    const begun: string[] = []
    let underWay = 0
    const slowly = async (name: string) => {
      begun.push(name)
      underWay++
      await (name === slow ? slowAnswers : answers).opened
      underWay--
    }
    let claims = 0
    const deps: ShopDeps = {
      ...world,
      clock: () => world.now,
      gateway: {
        ...world.wechat,
        queryRefund: async (request) => {
          await slowly('queryRefund')
          return world.wechat.queryRefund(request)
        },
      },
      platform: {
        ...world.platform,
        uploadShipping: async (info) => {
          await slowly('uploadShipping')
          return world.platform.uploadShipping(info)
        },
        sendMessage: async (message) => {
          await slowly('sendMessage')
          return world.platform.sendMessage(message)
        },
      },
      store: {
        ...world.store,
        orders: {
          ...world.store.orders,
          claimDue: async (input) => {
            if (++claims === 1) return world.store.orders.claimDue(input)
            await failure.opened
            throw new Error('the database is away')
          },
        },
      },
    }
    let isAnswered = false
    const swept = sweep(deps, 100).catch((error: unknown) => {
      isAnswered = true
      return error
    })
    await turns()
    const first = [...Array.from({ length: 10 }, () => 'queryRefund'), 'uploadShipping']
    expect([begun.toSorted(), underWay]).toEqual([first, 11])
    failure.open()
    answers.open()
    await turns()
    expect(isAnswered).toBe(false)
    slowAnswers.open()
    expect(await swept).toEqual(new Error('the database is away'))
    expect(underWay).toBe(0)
    await turns()
    expect(begun.toSorted()).toEqual(first)
  },
)

const aHint = (outTradeNo: string, outRefundNo: string): InboxNews => ({
  id: `hint-${outRefundNo}`,
  receivedAt: NOON,
  news: { kind: 'refundHint', hint: { outRefundNo, outTradeNo, transactionId: '420000001' } },
})

describe('messages that are written down', () => {
  /** Requests that are announced to twenty people each. */
  const someAnnounced = async (world: World, many: number) => {
    await world.store.products.put({
      productId: 'beans',
      title: '手冲咖啡豆',
      description: '',
      priceFen: 6800,
      stock: 100,
      imageUrl: '',
    })
    await world.store.products.put({
      productId: 'cup',
      title: '陶瓷杯',
      description: '',
      priceFen: 3990,
      stock: 100,
      imageUrl: '',
    })
    for (let n = 0; n < 20; n++) await world.store.staff.setRole({ openid: `oFinance${n}`, role: 'finance' })
    const paid: string[] = []
    for (let n = 0; n < many; n++) paid.push(await aPaidOrder(world, `paid-${n}`))
    for (const orderId of paid) await aRequest(world, orderId, { amountFen: 100 })
  }
  const claimsOf = (world: World) => {
    const sizes: number[] = []
    const { orders } = world.store
    const claimDue: typeof orders.claimDue = async (input) => {
      // Some messages are written down before each claim.
      await turns(10)
      const claimed = await orders.claimDue(input)
      sizes.push(claimed.length)
      return claimed
    }
    const store = { ...world.store, orders: { ...orders, claimDue } }
    return { deps: { ...world, clock: () => world.now, store } satisfies ShopDeps, sizes }
  }

  test('take nothing of what a sweep may handle away from money', async () => {
    const world = aWorld()
    await someAnnounced(world, 5)
    const expired: string[] = []
    for (let n = 0; n < 15; n++) expired.push(await anOrder(world, { key: `expired-${n}`, items: aBag }))
    world.now += 15 * MINUTE
    expect(await sweep(world, 20)).toMatchObject({ expire: 15, effects: 105 })
    expect(expired.filter((orderId) => world.order(orderId).state !== 'closed')).toEqual([])
  })

  test('do not have their orders claimed again and again', async () => {
    const world = aWorld()
    await someAnnounced(world, 2)
    const { deps, sizes } = claimsOf(world)
    expect(await sweep(deps, 100)).toMatchObject({ effects: 42 })
    expect(sizes.length).toBeLessThanOrEqual(3)
  })
})
