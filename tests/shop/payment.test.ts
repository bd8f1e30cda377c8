import {
  cancelOrder,
  getOwnOrder,
  recordAmbiguousNotice,
  recordNotifiedPayment,
  startPayment,
  sweep,
  syncPayment,
} from '@yuanlu/shop'
import {
  AQING,
  anOrder,
  aPaidOrder,
  aStartedPayment,
  aWorld,
  NOON,
  type World,
  XIAOLIN,
} from '../support/shop-world'

const pay = (world: World, orderId: string) =>
  startPayment(world, { buyerOpenid: XIAOLIN, orderId, clientIp: '203.0.113.7' })
const ledger = async (world: World) => {
  await world.store.journal.publish({ limit: 100 })
  return world.store.rows.ledger.map((e) => [e.cause, e.account, e.fen])
}

describe('starting a payment', () => {
  test('the trade is written down, with its number and parameters, before WeChat Pay is told', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    world.wechat.during = {
      call: 'prepay',
      run: async () => {
        expect(world.order(orderId).payment).toMatchObject({
          state: 'submitting',
          trade: { outTradeNo: orderId, totalFen: 17590, api: 'v3', payerOpenid: XIAOLIN },
        })
      },
    }
    expect(await pay(world, orderId)).toMatchObject({ ok: true, value: { package: 'prepay_id=wx-1' } })
    expect(world.order(orderId).payment?.state).toBe('ready')
    expect(world.wechat.sent).toHaveLength(1)
  })

  test('tapping pay again reuses the prepay id and the number', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    expect(await pay(world, orderId)).toMatchObject({ ok: true, value: { package: 'prepay_id=wx-1' } })
    expect(world.wechat.sent).toHaveLength(1)
  })

  test('a lost answer is uncertain, and the repeated call sends the very same parameters', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    world.wechat.nextAnswer.prepay = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    expect(await pay(world, orderId)).toMatchObject({ ok: false, refusal: { code: 'PAYMENT_UNCERTAIN' } })
    expect(world.order(orderId).payment?.state).toBe('unknown')
    world.wechat.api = 'v2'
    const repeated = startPayment(world, { buyerOpenid: XIAOLIN, orderId, clientIp: '198.51.100.9' })
    expect(await repeated).toMatchObject({ ok: true, value: { signType: 'RSA' } })
    expect(world.wechat.sent[1]).toEqual(world.wechat.sent[0])
  })

  test('an order about to expire is refused before WeChat Pay hears of it', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    world.now = NOON + 14 * 60_000 + 1
    expect(await pay(world, orderId)).toMatchObject({ ok: false, refusal: { code: 'ORDER_EXPIRED' } })
    expect(world.wechat.calls).toEqual([])
  })

  test('with exactly a minute left it can still be paid', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    world.now = NOON + 14 * 60_000
    expect(await pay(world, orderId)).toMatchObject({ ok: true })
  })

  test('parameters of a payment that was cancelled meanwhile never reach the phone', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    world.wechat.during = {
      call: 'prepay',
      run: async () => void (await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })),
    }
    expect(await pay(world, orderId)).toMatchObject({ ok: false, refusal: { code: 'ORDER_CLOSING' } })
  })

  test('a refusal is checked against the trade before it is passed on', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    world.wechat.nextAnswer.prepay = { kind: 'refused', apiCode: 'PARAM_ERROR', message: '' }
    expect(await pay(world, orderId)).toMatchObject({
      ok: false,
      refusal: { code: 'WECHAT_REFUSED', details: { apiCode: 'PARAM_ERROR' } },
    })
    expect(world.wechat.calls).toEqual(['prepay', 'query'])
  })

  test('somebody else’s order is not there', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    const input = { buyerOpenid: AQING, orderId, clientIp: '203.0.113.7' }
    expect(await startPayment(world, input)).toMatchObject({ ok: false, refusal: { code: 'NOT_FOUND' } })
    expect(await getOwnOrder(world, input)).toMatchObject({ ok: false, refusal: { code: 'NOT_FOUND' } })
  })
})

describe('learning of a payment', () => {
  test('a notification makes the order paid, journaled once, however often it comes', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    const news = world.wechat.pay(orderId)
    await Promise.all(Array.from({ length: 50 }, () => recordNotifiedPayment(world, news)))
    expect(world.order(orderId)).toMatchObject({
      state: 'paid',
      paidAt: NOON,
      nextActionAt: null,
      misplaced: [],
      attention: [],
    })
    expect(await ledger(world)).toEqual([
      [`payment:${news.transactionId}`, 'wechat:receivable', 17590],
      [`payment:${news.transactionId}`, 'shop:sales', -17590],
    ])
  })

  test('a lost notification is found by asking', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.pay(orderId)
    world.now = NOON + 5_000
    expect(await sweep(world, 100)).toMatchObject({ settlePayments: 1 })
    expect(world.order(orderId).state).toBe('paid')
  })

  test('the page that comes back from paying asks at once', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.pay(orderId)
    const synced = await syncPayment(world, { buyerOpenid: XIAOLIN, orderId })
    expect(synced).toMatchObject({ ok: true, value: { status: 'paid', paidFen: 17590 } })
  })

  test('an unclear answer to the question is said to be unclear, and leaves the order as it is', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    world.wechat.pay(orderId)
    world.wechat.nextAnswer.query = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    const synced = await syncPayment(world, { buyerOpenid: XIAOLIN, orderId })
    expect(synced).toMatchObject({ ok: false, refusal: { code: 'PAYMENT_UNCERTAIN' } })
    expect(world.order(orderId)).toMatchObject({ state: 'awaitingPayment', stock: 'held' })
  })

  test('an order that may be paid for days is asked about for days', async () => {
    const world = aWorld()
    Object.assign(world.settings, { orderTtlMs: 7 * 24 * 3_600_000 })
    const orderId = await aStartedPayment(world)
    for (let hour = 0; hour < 3; hour++) {
      world.now += 3_600_000
      await sweep(world, 100)
    }
    world.wechat.pay(orderId)
    world.now += 1_800_000
    await sweep(world, 100)
    expect(world.order(orderId).state).toBe('paid')
  })

  test('money that came for a closed order and was never told is found when the page asks', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
    world.wechat.pay(orderId)
    expect(await syncPayment(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { status: 'closed', paidFen: 0, attention: ['paidAfterClose'] },
    })
  })

  test('money for an order that does not remember its trade is this order’s, when everything fits', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    const remembered = world.order(orderId)
    await pay(world, orderId)
    const news = world.wechat.pay(orderId)
    world.store.rows.orders.set(orderId, remembered)
    await recordNotifiedPayment(world, news)
    expect(world.order(orderId)).toMatchObject({
      state: 'paid',
      payment: {
        state: 'paid',
        transactionId: news.transactionId,
        paidFen: 17590,
        trade: { totalFen: 17590 },
      },
      misplaced: [],
    })
  })

  test('news that cannot be applied holds up neither other news nor the jobs', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    const news = world.wechat.pay(orderId)
    const poison = { ...news, outTradeNo: 'poison', transactionId: 'poison' }
    await world.store.inbox.put({
      id: 'payment-poison',
      receivedAt: NOON - 1,
      news: { kind: 'payment', paid: poison },
    })
    await world.store.inbox.put({
      id: 'payment-good',
      receivedAt: NOON,
      news: { kind: 'payment', paid: news },
    })
    world.store.strays.insert = () => Promise.reject(new Error('poison'))
    const other = await anOrder(world, { key: 'other', items: [{ productId: 'beans', quantity: 1 }] })
    world.now = NOON + 15 * 60_000
    expect(await sweep(world, 100)).toMatchObject({ settlePayments: 1 })
    expect([world.order(orderId).state, world.order(other).state]).toEqual(['paid', 'closed'])
  })

  test('an order that waits for a person is not asked about again and again', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId, { totalFen: 1 }))
    await recordAmbiguousNotice(world, orderId)
    world.wechat.calls.length = 0
    for (let minute = 0; minute < 30; minute++) {
      world.now += 61_000
      await sweep(world, 100)
    }
    expect(world.wechat.calls).toEqual(['query'])
    expect(world.order(orderId)).toMatchObject({ state: 'awaitingPayment', nextActionAt: null })
  })

  test('news that was stored but not applied is applied by a job', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    const news = world.wechat.pay(orderId)
    await world.store.inbox.put({
      id: `payment-${news.transactionId}`,
      receivedAt: NOON,
      news: { kind: 'payment', paid: news },
    })
    world.now = NOON + 5_001
    await sweep(world, 100)
    expect(world.order(orderId).state).toBe('paid')
  })
})

describe('money in the wrong place', () => {
  test.each([
    ['one fen less', { totalFen: 17589 }],
    ['one fen more', { totalFen: 17591 }],
    ['another currency', { currency: 'USD' }],
  ])('%s stays unpaid, in suspense, and waits for a person', async (_, change) => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    const news = world.wechat.pay(orderId, change)
    await recordNotifiedPayment(world, news)
    await recordNotifiedPayment(world, news)
    const shown = await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })
    expect(shown).toMatchObject({
      ok: true,
      value: { status: 'awaitingPayment', paidFen: 0, attention: ['amountMismatch'] },
    })
    expect(await ledger(world)).toEqual([
      [`payment:${news.transactionId}`, 'wechat:receivable', news.totalFen],
      [`payment:${news.transactionId}`, 'shop:suspense', -news.totalFen],
    ])
  })

  test('an order with a wrong amount is not closed under the money, nor paid a second time', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId, { totalFen: 1 }))
    expect(await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { status: 'awaitingPayment', closing: false },
    })
    world.now = NOON + 60 * 60_000
    await sweep(world, 100)
    expect(world.order(orderId)).toMatchObject({ state: 'awaitingPayment', stock: 'held' })
    expect(await pay(world, orderId)).toMatchObject({ ok: false, refusal: { code: 'ORDER_ALREADY_PAID' } })
  })

  test('another payer than the shopper is not believed', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId, { payerOpenid: AQING }))
    expect(world.order(orderId)).toMatchObject({
      state: 'awaitingPayment',
      misplaced: [{ kind: 'payerMismatch' }],
    })
  })

  test('a second payment of a paid order goes to suspense and the first stays', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    const first = world.wechat.pay(orderId)
    await recordNotifiedPayment(world, first)
    const second = world.wechat.pay(orderId)
    await recordNotifiedPayment(world, second)
    expect(world.order(orderId)).toMatchObject({
      state: 'paid',
      payment: { transactionId: first.transactionId, paidFen: 17590 },
      misplaced: [{ kind: 'duplicatePayment', transactionId: second.transactionId }],
    })
    expect((await ledger(world)).at(-1)).toEqual([`payment:${second.transactionId}`, 'shop:suspense', -17590])
  })

  test('a payment after the close leaves the order closed and the money in suspense', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
    await recordNotifiedPayment(world, world.wechat.pay(orderId))
    const shown = await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })
    expect(shown).toMatchObject({
      ok: true,
      value: { status: 'closed', paidFen: 0, attention: ['paidAfterClose'] },
    })
  })

  test('a payment for a number we never gave out is kept, once, without an order', async () => {
    const world = aWorld()
    const news = {
      outTradeNo: 'never-given-out',
      transactionId: '4200009',
      totalFen: 500,
      currency: 'CNY',
      payerOpenid: XIAOLIN,
      paidAt: NOON,
    }
    await recordNotifiedPayment(world, news)
    await recordNotifiedPayment(world, news)
    expect(await world.store.attention.listOpen({ limit: 10 })).toMatchObject([{ kind: 'unknownTrade' }])
    expect(await ledger(world)).toEqual([
      ['payment:4200009', 'wechat:receivable', 500],
      ['payment:4200009', 'shop:suspense', -500],
    ])
  })
})

describe('a sweep that has little time', () => {
  test('publishes what was journaled before it claims an order that may take all of it', async () => {
    const world = aWorld()
    await aPaidOrder(world)
    jest.spyOn(world.store.orders, 'claimDue').mockRejectedValueOnce(new Error('cut off'))
    await expect(sweep(world, 100)).rejects.toThrow('cut off')
    expect(world.store.rows.ledger.map((entry) => entry.fen)).toEqual([17590, -17590])
  })

  test('counts what it published before and after its orders', async () => {
    const world = aWorld()
    jest.spyOn(world.store.journal, 'publish').mockResolvedValueOnce(2).mockResolvedValueOnce(3)
    expect(await sweep(world, 100)).toMatchObject({ journal: 5 })
  })

  test('leaves pictures that nobody shows to the next one', async () => {
    const world = aWorld()
    const file = { id: 'a', ownerOpenid: XIAOLIN, type: 'image/png', bytes: Uint8Array.of(1) } as const
    await world.store.files.put({ file, at: NOON - 25 * 60 * 60_000, maxLoose: 1 })
    await sweep(world, 100, () => false)
    expect(await world.store.files.get('a')).not.toBeNull()
    await sweep(world, 100)
    expect(await world.store.files.get('a')).toBeNull()
  })
})
