import {
  confirmReceipt,
  recordNotifiedPayment,
  rejectRefund,
  stepCompleted,
  sweep,
  withdrawRefund,
} from '@yuanlu/shop'
import {
  anOrder,
  aPaidOrder,
  approve,
  aRequest,
  aWorld,
  CASHIER,
  MANAGER,
  NOON,
  ship,
  type World,
  XIAOLIN,
} from '../support/shop-world'

const DAY = 24 * 60 * 60_000
const later = async (world: World, ms: number) => {
  world.now += ms
  return sweep(world, 1000)
}
const refusalOf = async (result: Promise<{ ok: boolean }>) => {
  const answer = await result
  return 'refusal' in answer ? (answer as { refusal: { code: string } }).refusal.code : null
}
const refundInFull = async (world: World, orderId: string, change: Parameters<typeof aRequest>[2] = {}) => {
  const refundId = await aRequest(world, orderId, change)
  await approve(world, refundId)
  const number = world.order(orderId).refunds.at(-1)?.transfers.at(-1)?.request.outRefundNo ?? ''
  world.wechat.settleRefund(number, 'succeeded')
  await later(world, 60_000)
}

describe('shipping', () => {
  test('a paid order is shipped with carrier and number, and nobody is told who handed it over', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    expect(await ship(world, orderId)).toMatchObject({
      ok: true,
      value: {
        status: 'shipped',
        shippedAt: '2026-11-23T04:00:00.000Z',
        shipment: { carrier: '顺丰速运', trackingNo: 'SF1234567890' },
      },
    })
    expect(world.order(orderId).shipment).toEqual({
      carrier: '顺丰速运',
      trackingNo: 'SF1234567890',
      by: CASHIER,
    })
    const again = await ship(world, orderId)
    expect(again.ok && Object.keys(again.value.shipment ?? {})).toEqual(['carrier', 'trackingNo'])
  })

  test('the same person saying the same again changes nothing; anything else finds nothing left to ship', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    const { version } = world.order(orderId)
    world.now += 1000
    expect(await ship(world, orderId)).toMatchObject({ ok: true, value: { status: 'shipped' } })
    expect(await refusalOf(ship(world, orderId, { trackingNo: 'SF2' }))).toBe('REFUND_IN_PROGRESS')
    expect(await refusalOf(ship(world, orderId, { carrier: '中通' }))).toBe('REFUND_IN_PROGRESS')
    expect(await refusalOf(ship(world, orderId, { by: MANAGER }))).toBe('REFUND_IN_PROGRESS')
    expect(world.order(orderId).version).toBe(version)
  })

  test('of two people shipping at once one does', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const answers = await Promise.all([
      ship(world, orderId, { trackingNo: 'A1' }),
      ship(world, orderId, { trackingNo: 'B2', by: MANAGER }),
    ])
    expect(answers.map((a) => a.ok).sort()).toEqual([false, true])
    expect(world.order(orderId).effects?.filter((e) => e.kind === 'uploadShipping')).toHaveLength(1)
  })

  test('REFUND_IN_PROGRESS: nothing is shipped while a refund is open, and again once it is off the table', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    expect(await refusalOf(ship(world, orderId))).toBe('REFUND_IN_PROGRESS')
    await rejectRefund(world, { by: MANAGER, refundId, reason: '已经打包' })
    expect(await refusalOf(ship(world, orderId))).toBeNull()
  })

  test('a refund that was approved and has not arrived holds the goods too', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await approve(world, await aRequest(world, orderId, { amountFen: 100 }))
    expect(await refusalOf(ship(world, orderId))).toBe('REFUND_IN_PROGRESS')
  })

  test('what was refunded in full is not shipped: by amount', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await refundInFull(world, orderId)
    expect(world.order(orderId).refunds[0]?.state).toBe('refunded')
    expect(await refusalOf(ship(world, orderId))).toBe('REFUND_IN_PROGRESS')
  })

  test('what was refunded in full is not shipped: by items, though a few fen are left', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const items = [
      { productId: 'beans', quantity: 2 },
      { productId: 'cup', quantity: 1 },
    ]
    await refundInFull(world, orderId, { items, amountFen: 17000 })
    expect(world.order(orderId).refunds[0]?.state).toBe('refunded')
    expect(await refusalOf(ship(world, orderId))).toBe('REFUND_IN_PROGRESS')
  })

  test('what is left after a part was refunded is shipped', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await refundInFull(world, orderId, { items: [{ productId: 'cup', quantity: 1 }], amountFen: 3990 })
    expect(await refusalOf(ship(world, orderId))).toBeNull()
  })

  test('an unpaid order, a closed one and one that is not there are not shipped', async () => {
    const world = aWorld()
    const orderId = await anOrder(world)
    expect(await refusalOf(ship(world, orderId))).toBe('ORDER_NOT_PAID')
    await later(world, 16 * 60_000)
    expect(world.order(orderId).state).toBe('closed')
    expect(await refusalOf(ship(world, orderId))).toBe('ORDER_CLOSED')
    expect(await refusalOf(ship(world, 'nowhere'))).toBe('NOT_FOUND')
  })

  test('a second payment on its way back does not hold up the goods that were paid', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId))
    expect(world.order(orderId).refunds).toMatchObject([{ origin: 'system', state: 'refunding' }])
    expect(await refusalOf(ship(world, orderId))).toBeNull()
  })
})

describe('completion', () => {
  test('ten days after shipping an order is completed by a job, not a second sooner', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    await sweep(world, 100)
    expect(world.order(orderId).nextActionAt).toBe(NOON + 10 * DAY)
    expect(await later(world, 10 * DAY - 1)).toMatchObject({ complete: 0 })
    expect(world.order(orderId).state).toBe('shipped')
    expect(await later(world, 1)).toMatchObject({ complete: 1 })
    expect(world.order(orderId)).toMatchObject({
      state: 'completed',
      completedAt: NOON + 10 * DAY,
      nextActionAt: null,
    })
  })

  test('a job that came too soon decides nothing', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    expect(stepCompleted(world.order(orderId), NOON + 10 * DAY - 1)).toEqual({ kind: 'unchanged' })
    expect(stepCompleted(world.order(orderId), NOON + 10 * DAY).kind).toBe('moved')
  })

  test('a shopper who has the goods need not wait for the job', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    await confirmReceipt(world, { buyerOpenid: XIAOLIN, orderId })
    expect(world.order(orderId).state).toBe('completed')
    expect(await later(world, 11 * DAY)).toMatchObject({ complete: 0 })
    expect(await refusalOf(ship(world, orderId))).toBeNull()
  })

  test('an open refund keeps the order open until it is over', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await ship(world, orderId)
    const refundId = await aRequest(world, orderId, { amountFen: 100 })
    expect(await later(world, 12 * DAY)).toMatchObject({ complete: 0 })
    expect(world.order(orderId).state).toBe('shipped')
    await withdrawRefund(world, { buyerOpenid: XIAOLIN, refundId })
    expect(await later(world, 0)).toMatchObject({ complete: 1 })
    expect(world.order(orderId).state).toBe('completed')
  })
})
