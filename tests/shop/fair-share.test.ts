/** Nothing waits behind what is slow: neither messages behind WeChat Pay, nor money behind the platform. */
import { type PaymentGateway, type ShopDeps, startPayment, sweep } from '@yuanlu/shop'
import { anOrder, aPaidOrder, approve, aRequest, aWorld, NOON, ship, type World } from '../support/shop-world'

const MINUTE = 60_000
const turns = async (n = 200) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve))
}
const told = (world: World) => world.platform.messages.map(({ kind }) => kind)
const aBag = [{ productId: 'beans', quantity: 1 }]

/** A WeChat Pay that answers questions about these trades and refunds only once it is let. */
const slowAbout = (world: World, numbers: readonly string[]) => {
  const asked: string[] = []
  const letGo: (() => void)[] = []
  const wait = async (number: string) => {
    if (!numbers.includes(number)) return
    asked.push(number)
    await new Promise<void>((resolve) => letGo.push(resolve))
  }
  const gateway: PaymentGateway = {
    ...world.wechat,
    queryTrade: async (trade) => {
      await wait(trade.outTradeNo)
      return world.wechat.queryTrade(trade)
    },
    queryRefund: async (request) => {
      await wait(request.outRefundNo)
      return world.wechat.queryRefund(request)
    },
  }
  return {
    deps: { ...world, clock: () => world.now, gateway } satisfies ShopDeps,
    asked,
    /** Everything asked so far is answered. */
    answer: () => {
      for (const go of letGo.splice(0)) go()
    },
  }
}

/** Orders whose payment is to be asked about five seconds after noon. */
const someUncertain = async (world: World, many: number) => {
  const ids: string[] = []
  for (let n = 0; n < many; n++) {
    const orderId = await anOrder(world, { key: `slow-${n}`, items: aBag })
    ids.push(orderId)
  }
  for (const orderId of ids) {
    await startPayment(world, {
      buyerOpenid: world.order(orderId).buyerOpenid,
      orderId,
      clientIp: '203.0.113.7',
    })
  }
  return ids
}

test('a message goes out while WeChat Pay does not answer about other orders', async () => {
  const world = aWorld()
  const uncertain = await someUncertain(world, 3)
  const shipped = await aPaidOrder(world, 'shipped')
  await ship(world, shipped)
  world.now += MINUTE
  const wechat = slowAbout(world, uncertain)
  const swept = sweep(wechat.deps, 100)
  await turns()
  expect(wechat.asked.toSorted()).toEqual(uncertain.toSorted())
  expect([told(world), world.platform.uploads.length]).toEqual([['shipped'], 1])
  wechat.answer()
  expect(await swept).toMatchObject({ settlePayments: 3, effects: 2 })
})

test('messages go out even when WeChat Pay takes all the time there is, sweep after sweep', async () => {
  const world = aWorld()
  const uncertain = await someUncertain(world, 1)
  const shipped = await aPaidOrder(world, 'shipped')
  await ship(world, shipped)
  world.now += MINUTE
  const wechat = slowAbout(world, uncertain)
  let isOver = false
  const swept = sweep(wechat.deps, 100, () => !isOver)
  await turns()
  isOver = true
  wechat.answer()
  await swept
  expect([told(world), world.platform.uploads.length]).toEqual([['shipped'], 1])
})

test('a platform that does not answer holds up no money, and a message waits for nobody else’s', async () => {
  const world = aWorld()
  const shipped = await aPaidOrder(world, 'shipped')
  await ship(world, shipped)
  const other = await aPaidOrder(world, 'other')
  const refundId = await aRequest(world, other, { amountFen: 100 })
  await approve(world, refundId)
  const number = world.order(other).refunds[0]?.transfers[0]?.request.outRefundNo ?? ''
  world.wechat.settleRefund(number, 'succeeded')
  world.now += MINUTE
  let letGo = () => {}
  const silent = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const { platform } = world
  const deps: ShopDeps = {
    ...world,
    clock: () => world.now,
    platform: {
      ...platform,
      uploadShipping: async (info) => {
        await silent
        return platform.uploadShipping(info)
      },
    },
  }
  const swept = sweep(deps, 100)
  await turns()
  expect(world.order(other).refunds[0]?.state).toBe('refunded')
  expect(told(world)).toEqual(['refunded'])
  letGo()
  await swept
  expect(told(world)).toEqual(['refunded', 'shipped'])
})

describe('unsigned notices that are to be asked about', () => {
  const hinted = async (world: World, n: number) =>
    world.store.inbox.put({
      id: `hint-${n}`,
      receivedAt: NOON,
      news: {
        kind: 'refundHint',
        hint: {
          outRefundNo: `elsewhere-${n}`,
          outTradeNo: world.order(await theOrder(world)).id,
          transactionId: '420000001',
        },
      },
    })
  const theOrder = async (world: World) => [...world.store.rows.orders.keys()][0] ?? ''

  test('wait for WeChat Pay side by side, and hold up neither orders nor messages', async () => {
    const world = aWorld()
    await aPaidOrder(world)
    for (const n of [1, 2, 3]) await hinted(world, n)
    const expired = await anOrder(world, { key: 'expired', items: aBag })
    const shipped = await aPaidOrder(world, 'shipped')
    await ship(world, shipped)
    world.now += 15 * MINUTE
    const wechat = slowAbout(world, ['elsewhere-1', 'elsewhere-2', 'elsewhere-3'])
    const swept = sweep(wechat.deps, 100)
    await turns()
    expect(wechat.asked).toEqual(['elsewhere-1', 'elsewhere-2', 'elsewhere-3'])
    expect([world.order(expired).state, told(world)]).toEqual(['closed', ['shipped']])
    wechat.answer()
    expect(await swept).toMatchObject({ settleRefunds: 3 })
  })

  test('leave half of a sweep to orders', async () => {
    const world = aWorld()
    await aPaidOrder(world)
    for (const n of [1, 2, 3, 4]) await hinted(world, n)
    const expired = await anOrder(world, { key: 'expired', items: aBag })
    world.now += 15 * MINUTE
    world.wechat.nextAnswer.queryRefund = { kind: 'unknown', reason: 'down' }
    expect(await sweep(world, 4)).toMatchObject({ settleRefunds: 1, expire: 1 })
    expect(world.order(expired).state).toBe('closed')
  })
})

describe('when time runs out', () => {
  test('one of an order’s transfers is looked after in any case, the others at the next sweep', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const numbers: string[] = []
    for (const key of ['r1', 'r2', 'r3']) {
      await approve(world, await aRequest(world, orderId, { key, amountFen: 100 }))
      world.now += MINUTE
      await sweep(world, 100)
      numbers.push(world.order(orderId).refunds.at(-1)?.transfers[0]?.request.outRefundNo ?? '')
    }
    world.now += 60 * MINUTE
    world.wechat.calls.length = 0
    let pieces = 0
    // Time for claiming, and for no more.
    expect(await sweep(world, 100, () => pieces++ === 0)).toMatchObject({ settleRefunds: 1 })
    expect(world.wechat.calls).toEqual(['queryRefund'])
    expect(await sweep(world, 100)).toMatchObject({ settleRefunds: 2 })
  })

  test('one person of many is told, the others at the next sweep', async () => {
    const world = aWorld()
    await world.store.staff.ensureOwners(['oOwner1', 'oOwner2', 'oOwner3'])
    await aRequest(world, await aPaidOrder(world), { amountFen: 100 })
    await sweep(world, 100, () => world.platform.messages.length === 0)
    expect(world.platform.messages).toHaveLength(1)
    await sweep(world, 100)
    expect(world.platform.messages.map(({ toOpenid }) => toOpenid).toSorted()).toEqual([
      'oOwner1',
      'oOwner2',
      'oOwner3',
    ])
  })
})
