import {
  deliverEffects,
  type Effect,
  type EffectKind,
  effectRetryMs,
  receiveReturn,
  recordNotifiedPayment,
  redirectRefund,
  rejectRefund,
  resolveAttention,
  returnGoods,
  settleRefundOffline,
  startPayment,
  sweep,
  withdrawRefund,
} from '@yuanlu/shop'
import {
  AQING,
  anOrder,
  aPaidOrder,
  approve,
  aRequest,
  aStartedPayment,
  aWorld,
  MANAGER,
  NOON,
  ship,
  type World,
  XIAOLIN,
} from '../support/shop-world'

const MINUTE = 60_000
const later = async (world: World, ms: number) => {
  world.now += ms
  return sweep(world, 1000)
}
const effectOf = (world: World, orderId: string, id: string): Effect => {
  const effect = world.order(orderId).effects?.find((e) => e.id === id)
  if (effect === undefined) throw new Error(`no effect ${id}`)
  return effect
}
const told = (world: World) => world.platform.messages.map((m) => [m.kind, m.toOpenid])
const settle = async (world: World, orderId: string, status: 'succeeded' | 'abnormal' | 'closed') => {
  const number = world.order(orderId).refunds.at(-1)?.transfers.at(-1)?.request.outRefundNo ?? ''
  world.wechat.settleRefund(number, status)
  return later(world, MINUTE)
}
const withStaff = async (world: World, roles: Record<string, 'support' | 'finance' | 'owner'>) => {
  for (const [openid, role] of Object.entries(roles)) await world.store.staff.setRole({ openid, role })
}

describe('what is told', () => {
  test('a request is announced to those who may decide: not to support, and not to whoever asked', async () => {
    const world = aWorld()
    await withStaff(world, {
      oOwner: 'owner',
      oFinance: 'finance',
      oSupport: 'support',
      [XIAOLIN]: 'finance',
    })
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    expect(world.platform.messages).toEqual([])
    expect(await sweep(world, 100)).toMatchObject({ effects: 3 })
    const message = {
      kind: 'refundRequested',
      orderId,
      refundId,
      amountFen: 100,
      reason: '不想要了',
      at: NOON,
    }
    expect(world.platform.messages).toEqual([
      { ...message, toOpenid: 'oFinance' },
      { ...message, toOpenid: 'oOwner' },
    ])
    expect(await sweep(world, 100)).toMatchObject({ effects: 0 })
    expect(world.order(orderId).nextActionAt).toBe(NOON + 48 * 60 * MINUTE)
  })

  test('of a refund of money alone the shopper hears once, when the money is back', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    await sweep(world, 100)
    await approve(world, refundId)
    await sweep(world, 100)
    await settle(world, orderId, 'succeeded')
    await later(world, 60 * MINUTE)
    const about = { toOpenid: XIAOLIN, orderId, refundId, amountFen: 100 }
    expect(world.platform.messages).toEqual([{ ...about, kind: 'refunded', at: NOON + MINUTE }])
    expect(world.order(orderId).nextActionAt).toBeNull()
  })

  test('a rejection comes with its reason', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    await rejectRefund(world, { by: MANAGER, refundId, reason: '已经发货' })
    await sweep(world, 100)
    expect(world.platform.messages).toMatchObject([
      { kind: 'refundRejected', toOpenid: XIAOLIN, reason: '已经发货' },
    ])
  })

  test('an accepted return says that the goods are awaited, and later that the money is back', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    await sweep(world, 100)
    await approve(world, await aRequest(world, orderId, { kind: 'returnAndRefund' }))
    await sweep(world, 100)
    const [refund] = world.order(orderId).refunds
    await returnGoods(world, {
      buyerOpenid: XIAOLIN,
      refundId: refund?.id ?? '',
      carrier: '中通',
      trackingNo: 'Z1',
    })
    await receiveReturn(world, { by: MANAGER, refundId: refund?.id ?? '' })
    await settle(world, orderId, 'succeeded')
    expect(told(world)).toEqual([
      ['shipped', XIAOLIN],
      ['refundAwaitsGoods', XIAOLIN],
      ['refunded', XIAOLIN],
    ])
  })

  test('an abnormal refund, and money that came back another way, say so', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    await approve(world, refundId)
    await sweep(world, 100)
    await settle(world, orderId, 'abnormal')
    await settleRefundOffline(world, { by: MANAGER, refundId, proof: '银行回单 123' })
    await sweep(world, 100)
    expect(told(world).map(([kind]) => kind)).toEqual(['refundAbnormal', 'refundedOtherwise'])
  })

  test('a refund that is abnormal once more is not announced once more', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    await approve(world, refundId)
    await settle(world, orderId, 'abnormal')
    const card = {
      to: 'userBankCard',
      bankType: 'CMB_DEBIT',
      bankAccount: '62220000',
      realName: '林',
    } as const
    await redirectRefund(world, { by: MANAGER, refundId, card })
    await settle(world, orderId, 'abnormal')
    expect(world.order(orderId).refunds[0]?.state).toBe('problem')
    expect(told(world).filter(([kind]) => kind === 'refundAbnormal')).toEqual([['refundAbnormal', XIAOLIN]])
  })

  test('news that was overtaken is not told any more', async () => {
    const world = aWorld()
    await withStaff(world, { oOwner: 'owner' })
    const orderId = await aPaidOrder(world)
    const first = await aRequest(world, orderId, { amountFen: 100 })
    await withdrawRefund(world, { buyerOpenid: XIAOLIN, refundId: first })
    await ship(world, orderId)
    const second = await aRequest(world, orderId, { kind: 'returnAndRefund', amountFen: 100, key: 'r2' })
    await approve(world, second)
    await returnGoods(world, { buyerOpenid: XIAOLIN, refundId: second, carrier: '中通', trackingNo: 'Z1' })
    await sweep(world, 100)
    expect(told(world)).toEqual([['shipped', XIAOLIN]])
    expect(effectOf(world, orderId, `refundRequested-${first}`)).toMatchObject({
      state: 'done',
      code: 'overtaken',
    })
    expect(effectOf(world, orderId, `refundAwaitsGoods-${second}`)).toMatchObject({
      state: 'done',
      code: 'overtaken',
    })
  })

  test('money of a stranger that goes back is not told to the shopper', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId, { payerOpenid: AQING }))
    const attention = world.order(orderId).attention[0]?.id ?? ''
    await resolveAttention(world, { by: MANAGER, id: attention, note: '退回', action: 'refund' })
    await settle(world, orderId, 'succeeded')
    expect(world.order(orderId).refunds).toMatchObject([{ state: 'refunded' }])
    expect(world.platform.messages).toEqual([])
  })

  test('the shopper’s own misplaced money is told once it is back', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId))
    await later(world, 0)
    await settle(world, orderId, 'succeeded')
    expect(told(world)).toEqual([['refunded', XIAOLIN]])
  })

  test('shipping tells WeChat, with what it wants to know, and the shopper', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    expect(await sweep(world, 100)).toMatchObject({ effects: 2 })
    expect(world.platform.uploads).toEqual([
      {
        transactionId: '420000001',
        payerOpenid: XIAOLIN,
        goods: '手冲咖啡豆 等2种商品',
        carrier: '顺丰速运',
        trackingNo: 'SF1234567890',
        receiverPhone: null,
        shippedAt: NOON,
      },
    ])
    expect(world.platform.messages).toMatchObject([
      { kind: 'shipped', toOpenid: XIAOLIN, carrier: '顺丰速运', trackingNo: 'SF1234567890' },
    ])
  })

  test('WeChat is told who paid, also when that is somebody else', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId, { payerOpenid: AQING }))
    const id = world.order(orderId).attention[0]?.id ?? ''
    await resolveAttention(world, { by: MANAGER, id, note: '同一家人', action: 'accept' })
    await ship(world, orderId)
    await sweep(world, 100)
    expect(world.platform.uploads).toMatchObject([{ payerOpenid: AQING }])
  })
})

describe('delivery', () => {
  const aShippedOrder = async (world: World) => {
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    return orderId
  }

  test('a reader who allowed no message is not an error', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    world.platform.nextAnswers.push({ kind: 'delivered' }, { kind: 'notWanted', code: '43101' })
    await sweep(world, 100)
    expect(effectOf(world, orderId, 'shipped')).toMatchObject({ state: 'done', code: '43101', dueAt: null })
    expect(world.events.filter((e) => e.level === 'error')).toEqual([])
  })

  test('a final refusal is logged and not repeated; a message needs no person', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    world.platform.nextAnswers.push({ kind: 'delivered' }, { kind: 'refused', code: '47003' })
    await sweep(world, 100)
    await later(world, 60 * MINUTE)
    expect(world.platform.messages).toHaveLength(1)
    expect(effectOf(world, orderId, 'shipped')).toMatchObject({ state: 'failed', code: '47003', attempts: 1 })
    expect(world.events).toContainEqual({
      level: 'error',
      event: 'effect.refused',
      fields: { orderId, kind: 'shipped', code: '47003' },
    })
    expect(world.order(orderId).attention).toEqual([])
  })

  test('an upload that comes before WeChat knows the payment is repeated after 10 seconds, then a minute', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    const late = { kind: 'notYet', code: '10060001' } as const
    world.platform.nextAnswers.push(late, { kind: 'delivered' }, late)
    await sweep(world, 100)
    await later(world, 9_999)
    expect(world.platform.uploads).toHaveLength(1)
    await later(world, 1)
    expect(world.platform.uploads).toHaveLength(2)
    await later(world, MINUTE - 1)
    expect(world.platform.uploads).toHaveLength(2)
    await later(world, 1)
    expect(world.platform.uploads).toHaveLength(3)
    expect(effectOf(world, orderId, 'uploadShipping')).toMatchObject({ state: 'done', attempts: 3 })
  })

  test('an upload that failed for good is shown to staff, once', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    world.platform.nextAnswers.push({ kind: 'refused', code: '10060003' })
    await sweep(world, 100)
    await later(world, 60 * MINUTE)
    expect(world.platform.uploads).toHaveLength(1)
    expect(world.order(orderId).attention).toMatchObject([
      { id: `shippingUploadFailed-${orderId}`, kind: 'shippingUploadFailed', since: NOON, resolvedAt: null },
    ])
    expect(world.order(orderId).state).toBe('shipped')
  })

  test('the waits grow from a minute to an hour', () => {
    const minutes = (kind: 'shipped' | 'uploadShipping') =>
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => effectRetryMs(kind, n) / MINUTE)
    expect(minutes('shipped')).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
    expect(minutes('uploadShipping')).toEqual([1 / 6, 1, 2, 4, 8, 16, 32, 60, 60])
  })

  test('after ten attempts it is given up, and staff see the upload that never arrived', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    world.platform.usually = { kind: 'notYet', code: '-1' }
    for (let minute = 0; minute < 12 * 60; minute++) await later(world, MINUTE)
    expect(world.platform.uploads).toHaveLength(10)
    expect(world.platform.messages).toHaveLength(10)
    expect(world.order(orderId).effects).toMatchObject([
      { id: 'uploadShipping', state: 'failed', code: '-1', attempts: 10, dueAt: null },
      { id: 'shipped', state: 'failed', code: '-1', attempts: 10, dueAt: null },
    ])
    expect(world.order(orderId).attention).toMatchObject([{ kind: 'shippingUploadFailed' }])
  })

  test('while the platform is away, one time-out is enough and the rest waits', async () => {
    const world = aWorld()
    const orders = []
    for (let n = 0; n < 25; n++) {
      const orderId = await aPaidOrderOf(world, `k${n}`)
      await ship(world, orderId)
      orders.push(orderId)
    }
    world.platform.usually = { kind: 'unavailable', reason: 'ETIMEDOUT' }
    await sweep(world, 1000)
    // One batch was under way side by side; nobody after it had to wait for a time-out of their own.
    expect(world.platform.uploads).toHaveLength(10)
    for (const orderId of orders) expect(world.order(orderId).nextActionAt).toBeGreaterThan(world.now)
    world.platform.usually = { kind: 'delivered' }
    await later(world, 10_000)
    await later(world, MINUTE)
    await later(world, MINUTE)
    for (const orderId of orders)
      expect(world.order(orderId).effects?.map((e) => e.state)).toEqual(['done', 'done'])
    expect(world.platform.messages).toHaveLength(25)
  })

  test('money is settled before anybody is told anything, and whatever the platform does', async () => {
    const world = aWorld()
    world.platform.usually = { kind: 'unavailable', reason: 'ECONNREFUSED' }
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    await approve(world, refundId)
    await sweep(world, 100)
    await settle(world, orderId, 'succeeded')
    expect(world.order(orderId).refunds[0]?.state).toBe('refunded')
  })

  test('a platform that throws is tried again, and a crash in between sends at most one more', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    world.platform.nextAnswers.push(new Error('boom'))
    await sweep(world, 100)
    expect(effectOf(world, orderId, 'uploadShipping')).toMatchObject({ state: 'waiting', attempts: 1 })
    await later(world, MINUTE)
    await later(world, MINUTE)
    expect(world.order(orderId).effects?.map((e) => e.state)).toEqual(['done', 'done'])
    expect(world.platform.uploads).toHaveLength(2)
    expect(world.platform.messages).toHaveLength(1)
  })

  test('a platform that always throws is given up like one that does not answer, and said to the log', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    world.platform.nextAnswers.push(...Array.from({ length: 30 }, () => new Error('boom')))
    for (let hour = 0; hour < 15; hour++) await later(world, 60 * MINUTE)
    expect(world.order(orderId).effects).toMatchObject([
      { id: 'uploadShipping', state: 'failed', code: 'Error', attempts: 10, dueAt: null },
      { id: 'shipped', state: 'failed', code: 'Error', attempts: 10, dueAt: null },
    ])
    expect(world.order(orderId).attention).toMatchObject([{ kind: 'shippingUploadFailed' }])
    expect(world.events).toContainEqual({
      level: 'error',
      event: 'effect.failed',
      fields: { orderId, kind: 'shipped', reason: 'boom' },
    })
  })

  test('of many workers one delivers', async () => {
    const world = aWorld()
    await aShippedOrder(world)
    await Promise.all(Array.from({ length: 8 }, () => sweep(world, 100)))
    expect(world.platform.uploads).toHaveLength(1)
    expect(world.platform.messages).toHaveLength(1)
  })

  test('a worker whose lease ran out sends nothing a second time', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    await Promise.all(
      Array.from({ length: 5 }, () =>
        deliverEffects(world, orderId, { counts: { effects: 0 }, hasTime: () => true }),
      ),
    )
    expect(world.platform.uploads).toHaveLength(1)
    expect(world.platform.messages).toHaveLength(1)
  })

  /** Puts an effect of this kind beside no others, as another version of the shop stored it. */
  const storeEffect = (world: World, refundId: string, kind: string) => {
    const [order] = [...world.store.rows.orders.values()].filter((o) => o.refunds[0]?.id === refundId)
    if (order === undefined) throw new Error('no order')
    const effect = {
      id: `${kind}-${refundId}`,
      kind: kind as EffectKind,
      refundId,
      toOpenid: XIAOLIN,
      at: NOON,
    }
    const waiting = { ...effect, state: 'waiting' as const, dueAt: NOON, attempts: 3, code: null }
    world.store.rows.orders.set(order.id, { ...order, effects: [waiting], nextActionAt: NOON })
    return { orderId: order.id, effectId: effect.id }
  }

  test('an accepted return that a former version had still to tell is told as goods that are awaited', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    const refundId = await aRequest(world, orderId, { kind: 'returnAndRefund' })
    await approve(world, refundId)
    const { effectId } = storeEffect(world, refundId, 'refundAccepted')
    await sweep(world, 100)
    expect(told(world)).toEqual([['refundAwaitsGoods', XIAOLIN]])
    expect(effectOf(world, orderId, effectId)).toMatchObject({ state: 'done', code: null, dueAt: null })
  })

  test.each(['refundAccepted', 'aKindOfTomorrow'])(
    'news of another version that nobody here tells (%s) counts as overtaken, and holds up nothing',
    async (kind) => {
      const world = aWorld()
      const refundId = await aRequest(world, await aPaidOrder(world), { amountFen: 100 })
      await approve(world, refundId)
      const { orderId, effectId } = storeEffect(world, refundId, kind)
      await sweep(world, 100)
      expect(effectOf(world, orderId, effectId)).toMatchObject({
        state: 'done',
        code: 'overtaken',
        attempts: 3,
      })
      expect(world.events.filter((e) => e.level === 'error')).toEqual([])
      await settle(world, orderId, 'succeeded')
      expect(told(world)).toEqual([['refunded', XIAOLIN]])
      expect(world.order(orderId).nextActionAt).toBeNull()
    },
  )

  test('an order from before there were messages goes on as it was', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const { effects: _, ...old } = world.order(orderId)
    world.store.rows.orders.set(orderId, old)
    await ship(world, orderId)
    await sweep(world, 100)
    expect(world.platform.uploads).toHaveLength(1)
  })
})

const aPaidOrderOf = async (world: World, key: string): Promise<string> => {
  world.store.rows.products.set('pen', {
    productId: 'pen',
    title: '笔',
    description: '',
    priceFen: 100,
    stock: 1000,
    imageUrl: '',
  })
  const orderId = await anOrder(world, { key, items: [{ productId: 'pen', quantity: 1 }] })
  await startPayment(world, { buyerOpenid: XIAOLIN, orderId, clientIp: '203.0.113.7' })
  await recordNotifiedPayment(world, world.wechat.pay(orderId))
  return orderId
}
