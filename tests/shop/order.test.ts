import {
  cancelOrder,
  confirmReceipt,
  dueAt,
  placeOrder,
  placingOrder,
  recordNotifiedPayment,
  startPayment,
  sweep,
} from '@yuanlu/shop'
import { AQING, anOrder, aStartedPayment, aWorld, NOON, type World, XIAOLIN } from '../support/shop-world'

const place = (
  world: World,
  change: {
    key?: string
    buyerOpenid?: string
    items?: { productId: string; quantity: number }[]
    remark?: string
  } = {},
) =>
  placeOrder(world, {
    buyerOpenid: change.buyerOpenid ?? XIAOLIN,
    idempotencyKey: change.key ?? 'k1',
    items: change.items ?? [{ productId: 'cup', quantity: 1 }],
    delivery: null,
    remark: change.remark ?? '',
  })

describe('placing an order', () => {
  test('price, title and total are the server’s; stock is taken off the shelf', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    expect(world.order(orderId)).toMatchObject({
      state: 'awaitingPayment',
      amountFen: 17590,
      lines: [
        { productId: 'beans', title: '手冲咖啡豆', unitPriceFen: 6800, quantity: 2, amountFen: 13600 },
        { productId: 'cup', title: '陶瓷杯', unitPriceFen: 3990, quantity: 1, amountFen: 3990 },
      ],
      expiresAt: NOON + 15 * 60_000,
    })
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([8, 1])
  })

  test('a number is 26 characters that WeChat Pay takes', async () => {
    expect(await anOrder(aWorld())).toMatch(/^[0-9a-z]{26}$/)
  })

  test('twenty taps under one key make one order', async () => {
    const world = aWorld()
    const answers = await Promise.all(Array.from({ length: 20 }, () => place(world)))
    expect(new Set(answers.map((a) => JSON.stringify(a))).size).toBe(1)
    expect(world.store.rows.orders.size).toBe(1)
    expect(world.stockOf('cup')).toBe(1)
  })

  test('the first answer comes again even when the order has gone on', async () => {
    const world = aWorld()
    const first = await place(world)
    if (!first.ok) throw new Error('refused')
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId: first.value.orderId })
    expect(await place(world)).toEqual(first)
  })

  test('another body under the same key is refused', async () => {
    const world = aWorld()
    await place(world)
    expect(await place(world, { remark: '不要辣' })).toMatchObject({
      ok: false,
      refusal: { code: 'IDEMPOTENCY_MISMATCH' },
    })
  })

  test('two shoppers may use the same key', async () => {
    const world = aWorld()
    await place(world)
    expect(await place(world, { buyerOpenid: AQING })).toMatchObject({ ok: true })
    expect(world.store.rows.orders.size).toBe(2)
  })

  test('too little stock refuses, puts back what was taken, and is not remembered', async () => {
    const world = aWorld()
    const items = [
      { productId: 'beans', quantity: 3 },
      { productId: 'cup', quantity: 3 },
    ]
    expect(await place(world, { items })).toMatchObject({
      ok: false,
      refusal: { code: 'OUT_OF_STOCK', details: { productId: 'cup', stock: 2 } },
    })
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([10, 2])
    expect(await place(world, { items: [{ productId: 'cup', quantity: 2 }] })).toMatchObject({ ok: true })
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([10, 0])
  })

  test('the last piece goes to one of many', async () => {
    const world = aWorld()
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => place(world, { key: `k${i}` })))
    expect(answers.filter((a) => a.ok)).toHaveLength(2)
    expect(world.stockOf('cup')).toBe(0)
  })

  test('lines of one product are counted together', async () => {
    const world = aWorld()
    const line = { productId: 'beans', quantity: 600 }
    expect(await place(world, { items: [line, line] })).toMatchObject({
      ok: false,
      refusal: { code: 'INVALID_INPUT' },
    })
  })

  test('a refusal is not stored: the key is as good as new after sixty of them', async () => {
    const world = aWorld()
    const blocker = await anOrder(world, { key: 'blocker', items: [{ productId: 'cup', quantity: 2 }] })
    for (let i = 0; i < 60; i++)
      expect(await place(world)).toMatchObject({ ok: false, refusal: { code: 'OUT_OF_STOCK' } })
    expect(world.store.rows.orders.size).toBe(1)
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId: blocker })
    expect(await place(world)).toMatchObject({ ok: true })
  })

  test('a first try that stopped hours ago is given up, and the repeated call has its full time to pay', async () => {
    const world = aWorld()
    const placing = place(world)
    setImmediate(() => setImmediate(() => (world.store.failNextWrite = new Error('crash'))))
    await expect(placing).rejects.toThrow('crash')
    world.now = NOON + 3 * 60 * 60_000
    expect(await place(world)).toMatchObject({ ok: true, value: { expiresAt: '2026-11-23T07:15:00.000Z' } })
    expect(world.stockOf('cup')).toBe(1)
  })

  test('a crash half-way is finished by the same call, or given up by a job', async () => {
    const world = aWorld()
    await expect(
      (async () => {
        const placing = place(world, {
          items: [
            { productId: 'beans', quantity: 1 },
            { productId: 'cup', quantity: 1 },
          ],
        })
        setImmediate(() => setImmediate(() => (world.store.failNextWrite = new Error('crash'))))
        return placing
      })(),
    ).rejects.toThrow('crash')
    world.now = NOON + 60_000
    await sweep(world, 100)
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([10, 2])
    const again = await place(world, {
      items: [
        { productId: 'beans', quantity: 1 },
        { productId: 'cup', quantity: 1 },
      ],
    })
    expect(again).toMatchObject({ ok: true })
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([9, 1])
  })
})

describe('closing an order', () => {
  test('cancelling before any payment closes at once and puts the goods back', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    expect(await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { status: 'closed', closing: false },
    })
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([10, 2])
    expect(world.wechat.calls).toEqual([])
  })

  test('WeChat Pay is asked, then closes, and only then the stock is released', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.during = {
      call: 'close',
      run: async () =>
        expect(world.order(orderId)).toMatchObject({ state: 'awaitingPayment', stock: 'held' }),
    }
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
    expect(world.wechat.calls).toEqual(['prepay', 'query', 'close'])
    expect(world.wechat.trades.get(orderId)?.state).toBe('CLOSED')
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([10, 2])
  })

  test('a close without an answer keeps the order closing, its stock held, and payment refused', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.nextAnswer.close = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    expect(await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { status: 'awaitingPayment', closing: true },
    })
    expect(world.stockOf('cup')).toBe(1)
    world.now += 30_000
    await sweep(world, 100)
    expect(world.order(orderId)).toMatchObject({ state: 'closed', stock: 'released' })
    expect(world.stockOf('cup')).toBe(2)
  })

  test('found paid while closing, it is paid', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.pay(orderId)
    expect(await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { status: 'paid', closing: false },
    })
    expect(world.wechat.calls).not.toContain('close')
  })

  test('paid between the question and the close, it is paid', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.during = { call: 'close', run: async () => void world.wechat.pay(orderId) }
    expect(await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { status: 'paid' },
    })
    expect(world.stockOf('cup')).toBe(1)
  })

  test('a trade that may still be on its way is not taken for missing', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    world.wechat.nextAnswer.prepay = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    await aStartedPayment(world).catch(() => undefined)
    world.wechat.nextAnswer.query = { kind: 'missing' }
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
    expect(world.order(orderId)).toMatchObject({ state: 'awaitingPayment', closing: { reason: 'cancelled' } })
    expect(world.wechat.calls).not.toContain('close')
  })

  test('a trade that WeChat Pay knows and then does not is not closed on such an answer', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.nextAnswer.query = { kind: 'unpaid' }
    world.wechat.nextAnswer.close = { kind: 'missing' }
    expect(await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { status: 'awaitingPayment', closing: true },
    })
    expect(world.stockOf('cup')).toBe(1)
  })

  test('said to be paid, and then not found so: the close is tried again later, not at once', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.nextAnswer.close = { kind: 'alreadyPaid' }
    world.wechat.during = {
      call: 'close',
      run: async () => {
        world.wechat.nextAnswer.query = { kind: 'unpaid' }
      },
    }
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
    expect(world.order(orderId)).toMatchObject({ state: 'awaitingPayment', nextActionAt: NOON + 30_000 })
  })

  test('an expired order is asked about, closed and released by a job', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.now = NOON + 15 * 60_000
    await sweep(world, 100)
    expect(world.wechat.calls.slice(-2)).toEqual(['query', 'close'])
    expect(world.order(orderId)).toMatchObject({ state: 'closed', closedAt: world.now, stock: 'released' })
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([10, 2])
  })

  test('many sweeps at once release once', async () => {
    const world = aWorld()
    await aStartedPayment(world)
    world.now = NOON + 15 * 60_000
    await Promise.all(Array.from({ length: 8 }, () => sweep(world, 100)))
    expect([world.stockOf('beans'), world.stockOf('cup')]).toEqual([10, 2])
  })

  test('a sweep that runs out of time leaves the rest due, and fails nobody for it', async () => {
    const world = aWorld()
    await world.store.products.put({
      productId: 'tea',
      title: '茶',
      description: '',
      priceFen: 1,
      stock: 30,
      imageUrl: '',
    })
    for (let i = 0; i < 25; i++)
      await anOrder(world, { key: `tea-${i}`, items: [{ productId: 'tea', quantity: 1 }] })
    expect(world.stockOf('tea')).toBe(5)
    world.now = NOON + 15 * 60_000
    let pieces = 1
    expect(await sweep(world, 1_000, () => pieces-- > 0)).toMatchObject({ expire: 10 })
    expect(world.stockOf('tea')).toBe(15)
    expect(await sweep(world, 1_000, () => false)).toMatchObject({ expire: 0 })
    expect(await sweep(world, 1_000)).toMatchObject({ expire: 15 })
    expect(world.stockOf('tea')).toBe(30)
  })

  test('orders are worked on side by side: the slowest answer decides, not their sum', async () => {
    const world = aWorld()
    for (const key of ['a', 'b', 'c']) {
      const orderId = await anOrder(world, { key, items: [{ productId: 'beans', quantity: 1 }] })
      await startPayment(world, { buyerOpenid: XIAOLIN, orderId, clientIp: '203.0.113.7' })
    }
    world.now = NOON + 15 * 60_000
    let atWork = 0
    let most = 0
    const { queryTrade } = world.wechat
    world.wechat.queryTrade = async (trade) => {
      most = Math.max(most, ++atWork)
      const answer = await queryTrade(trade)
      atWork--
      return answer
    }
    await sweep(world, 100)
    expect(most).toBe(3)
    expect(world.stockOf('beans')).toBe(10)
  })

  test('an order whose answer makes us stumble holds up no other', async () => {
    const world = aWorld()
    const items = [{ productId: 'beans', quantity: 1 }]
    const ids = [await anOrder(world, { key: 'a', items }), await anOrder(world, { key: 'b', items })]
    for (const orderId of ids)
      await startPayment(world, { buyerOpenid: XIAOLIN, orderId, clientIp: '203.0.113.7' })
    const { queryTrade } = world.wechat
    world.wechat.queryTrade = (trade) =>
      trade.outTradeNo === ids[0] ? Promise.reject(new Error('poison')) : queryTrade(trade)
    world.now = NOON + 15 * 60_000
    await sweep(world, 100)
    expect(ids.map((id) => world.order(id).state)).toEqual(['awaitingPayment', 'closed'])
    expect(world.wechat.calls.length).toBeLessThan(10)
  })

  test('a half-placed order found by a clock that was set back is looked at again in time', () => {
    const order = placingOrder({
      id: 'o',
      buyerOpenid: XIAOLIN,
      lines: [],
      delivery: null,
      remark: '',
      requestDigest: '',
      now: NOON,
      ttlMs: 900_000,
    })
    expect(dueAt(order)).toBe(NOON + 60_000)
  })

  test('a paid order can’t be cancelled, a closed one stays closed', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId))
    expect(await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: false,
      refusal: { code: 'ORDER_ALREADY_PAID' },
    })
  })
})

describe('receiving the goods', () => {
  test('a paid order is completed once, and saying so again changes nothing', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId))
    const first = await confirmReceipt(world, { buyerOpenid: XIAOLIN, orderId })
    expect(first).toMatchObject({ ok: true, value: { status: 'completed' } })
    world.now += 1_000
    expect(await confirmReceipt(world, { buyerOpenid: XIAOLIN, orderId })).toEqual(first)
  })

  test('an unpaid order can’t be received', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    expect(await confirmReceipt(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: false,
      refusal: { code: 'ORDER_NOT_PAID' },
    })
  })
})
