/** A refund of which nothing left us: people read that it is still to be sent, and never that its fate is unknown. */
import {
  type RefundAnswer,
  resubmitRefund,
  settleRefundOffline,
  stepTransferNotSent,
  sweep,
} from '@yuanlu/shop'
import { aPaidOrder, approve, aRequest, aWorld, MANAGER, NOON, type World } from '../support/shop-world'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOT_SENT: RefundAnswer = { kind: 'notSent', reason: 'ERR_WXPAY_CONNECT' }
const TIMED_OUT: RefundAnswer = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
const POOR: RefundAnswer = { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: true }

const orderOf = (world: World) => world.order([...world.store.rows.orders.keys()][0] ?? '')
const refundOf = (world: World) => {
  const refund = orderOf(world).refunds[0]
  if (refund === undefined) throw new Error('no refund')
  return refund
}
const transferOf = (world: World) => {
  const transfer = refundOf(world).transfers[0]
  if (transfer === undefined) throw new Error('no transfer')
  return transfer
}
const open = (world: World) =>
  orderOf(world)
    .attention.filter((a) => a.resolvedAt === null)
    .map(({ kind, summary }) => [kind, summary])

/** A refund whose transfer is answered so when it is approved. */
const anApproved = async (world: World, answer: RefundAnswer): Promise<string> => {
  const refundId = await aRequest(world, await aPaidOrder(world), { amountFen: 100 })
  world.wechat.nextAnswer.refund = answer
  await approve(world, refundId)
  return refundId
}
/** Sweeps as often as anything is due, for so long; the answers are given as long as there are any. */
const pass = async (world: World, ms: number, answer: RefundAnswer | null = null) => {
  const until = world.now + ms
  for (;;) {
    const at = orderOf(world).nextActionAt
    if (at === null || at > until) break
    world.now = Math.max(world.now, at)
    world.wechat.nextAnswer.refund = answer
    if (answer?.kind === 'unknown') world.wechat.nextAnswer.queryRefund = answer
    await sweep(world, 100)
  }
  world.now = until
}

test('a refund that was not sent is shown as being submitted, and sent without a question a minute later', async () => {
  const world = aWorld()
  const refundId = await aRequest(world, await aPaidOrder(world), { amountFen: 100 })
  world.wechat.nextAnswer.refund = NOT_SENT
  expect(await approve(world, refundId)).toMatchObject({
    ok: true,
    value: {
      status: 'refunding',
      transfer: {
        status: 'submitting',
        attempts: 1,
        nextAttemptAt: '2026-11-23T04:01:00.000Z',
        reasonCode: null,
      },
    },
  })
  world.wechat.calls.length = 0
  await pass(world, MINUTE)
  expect(world.wechat.calls).toEqual(['refund'])
  expect(world.wechat.refundsSent[1]).toEqual(world.wechat.refundsSent[0])
  expect(transferOf(world)).toMatchObject({ state: 'processing', attempts: 2 })
  expect(transferOf(world)).not.toHaveProperty('unsettledSince')
})

test('a refund that cannot be sent is tried every minute, and after five minutes less often', async () => {
  const world = aWorld()
  await anApproved(world, NOT_SENT)
  const tries: number[] = []
  const start = world.now
  for (let n = 0; n < 9; n++) {
    tries.push(((transferOf(world).nextAttemptAt ?? 0) - start) / MINUTE)
    await pass(world, (transferOf(world).nextAttemptAt ?? 0) - world.now, NOT_SENT)
  }
  expect(tries).toEqual([1, 2, 3, 4, 5, 10, 20, 40, 70])
})

test('a refund that cannot be sent needs a person only after two hours, told what is true; and no more once it is sent', async () => {
  const world = aWorld()
  await anApproved(world, NOT_SENT)
  await pass(world, 2 * HOUR - 1, NOT_SENT)
  expect(open(world)).toEqual([])
  await pass(world, 11 * MINUTE, NOT_SENT)
  expect(open(world)).toEqual([
    [
      'refundUnknownTooLong',
      `refund ${transferOf(world).request.outRefundNo} of 100 fen: it cannot be sent since 2026-11-23T04:00:00.000Z; nothing has left the shop, and it is tried again by itself`,
    ],
  ])
  expect(transferOf(world).state).toBe('submitting')
  await pass(world, 30 * MINUTE)
  expect([transferOf(world).state, open(world)]).toEqual(['processing', []])
})

test('a refund that is sent at last, and then not answered, is told as unknown', async () => {
  const world = aWorld()
  await anApproved(world, NOT_SENT)
  await pass(world, 130 * MINUTE, NOT_SENT)
  const [shown] = orderOf(world).attention
  await pass(world, 30 * MINUTE, TIMED_OUT)
  expect(orderOf(world).attention).toMatchObject([{ id: shown?.id, since: shown?.since }])
  expect(open(world)).toEqual([
    [
      'refundUnknownTooLong',
      `refund ${transferOf(world).request.outRefundNo} of 100 fen: WeChat Pay has not said since 2026-11-23T06:40:00.000Z what became of it; it is asked again by itself`,
    ],
  ])
})

test('two refunds of one order that could not be sent go out a minute apart', async () => {
  const world = aWorld()
  const sentAt: number[] = []
  const { refund } = world.wechat
  world.wechat.refund = (request) => {
    sentAt.push((world.now - NOON) / 1000)
    return refund(request)
  }
  const orderId = await aPaidOrder(world)
  const first = await aRequest(world, orderId, { key: 'r1', amountFen: 100 })
  const second = await aRequest(world, orderId, { key: 'r2', amountFen: 100 })
  world.wechat.nextAnswer.refund = NOT_SENT
  await approve(world, first)
  await pass(world, 10_000)
  await approve(world, second)
  await pass(world, 50_000, NOT_SENT)
  world.wechat.nextAnswer.refund = null
  await pass(world, 5 * MINUTE)
  expect(sentAt).toEqual([0, 60, 120, 180])
  expect(orderOf(world).refunds.map(({ transfers }) => transfers[0]?.state)).toEqual([
    'processing',
    'processing',
  ])
})

test('a refund that may have left before a crash is unknown, and nobody reads that nothing has left', async () => {
  const world = aWorld()
  const refundId = await aRequest(world, await aPaidOrder(world), { amountFen: 100 })
  world.wechat.during = { call: 'refund', run: () => Promise.reject(new Error('killed')) }
  await expect(approve(world, refundId)).rejects.toThrow('killed')
  await pass(world, MINUTE, NOT_SENT)
  expect(world.wechat.calls.slice(-2)).toEqual(['queryRefund', 'refund'])
  expect(transferOf(world)).toMatchObject({ state: 'unknown', sentAt: NOON, attempts: 2 })
  await pass(world, 2 * HOUR + 30 * MINUTE, NOT_SENT)
  expect(open(world)).toEqual([
    [
      'refundUnknownTooLong',
      `refund ${transferOf(world).request.outRefundNo} of 100 fen: WeChat Pay has not said since 2026-11-23T04:01:00.000Z what became of it; it is asked again by itself`,
    ],
  ])
  expect(new Set(world.wechat.refundsSent.map(({ outRefundNo }) => outRefundNo)).size).toBe(1)
})

describe('a retry of a refused refund that is not sent', () => {
  test('is made every minute, and after five minutes less often', async () => {
    const world = aWorld()
    await anApproved(world, POOR)
    const tries: number[] = []
    await pass(world, 6 * HOUR, NOT_SENT)
    const start = world.now
    for (let n = 0; n < 9; n++) {
      tries.push(((transferOf(world).nextAttemptAt ?? 0) - start) / MINUTE)
      await pass(world, (transferOf(world).nextAttemptAt ?? 0) - world.now, NOT_SENT)
    }
    expect(tries).toEqual([1, 2, 3, 4, 5, 10, 20, 40, 70])
    expect(transferOf(world)).toMatchObject({ state: 'failed', reasonCode: 'NOT_ENOUGH' })
  })

  test('and then is refused again, waits as long as after any refusal', async () => {
    const world = aWorld()
    await anApproved(world, POOR)
    await pass(world, 6 * HOUR, NOT_SENT)
    await pass(world, MINUTE, POOR)
    expect(transferOf(world)).toMatchObject({ state: 'failed', nextAttemptAt: world.now + 6 * HOUR })
    expect(transferOf(world)).not.toHaveProperty('unsettledSince')
  })

  test('leaves it refused, with its reason and its ways out, and is made again a minute later', async () => {
    const world = aWorld()
    const refundId = await anApproved(world, POOR)
    await pass(world, 6 * HOUR, NOT_SENT)
    expect(refundOf(world)).toMatchObject({
      state: 'problem',
      transfers: [{ state: 'failed', reasonCode: 'NOT_ENOUGH', nextAttemptAt: world.now + MINUTE }],
    })
    expect(open(world).map(([kind]) => kind)).toEqual(['notEnoughBalance'])
    await pass(world, MINUTE)
    expect(refundOf(world)).toMatchObject({ state: 'refunding', transfers: [{ state: 'processing' }] })
    expect(refundId).toBe(refundOf(world).id)
  })

  test('by a person is on its way, and sent without a question', async () => {
    const world = aWorld()
    const refundId = await anApproved(world, POOR)
    world.now += MINUTE
    world.wechat.nextAnswer.refund = NOT_SENT
    expect(await resubmitRefund(world, { by: MANAGER, refundId })).toMatchObject({
      value: { status: 'refunding', transfer: { status: 'submitting', reasonCode: null } },
    })
    world.wechat.calls.length = 0
    await pass(world, MINUTE)
    expect(world.wechat.calls).toEqual(['refund'])
  })

  test('can be settled another way meanwhile', async () => {
    const world = aWorld()
    const refundId = await anApproved(world, POOR)
    await pass(world, 6 * HOUR, NOT_SENT)
    expect(await settleRefundOffline(world, { by: MANAGER, refundId, proof: '现金' })).toMatchObject({
      value: { status: 'refunded' },
    })
    world.wechat.calls.length = 0
    await pass(world, HOUR)
    expect(world.wechat.calls).toEqual([])
  })
})

describe('a refund that is unknown', () => {
  test('after it was refused is unknown since then, not since it was made', async () => {
    const world = aWorld()
    await anApproved(world, POOR)
    await pass(world, 6 * HOUR, TIMED_OUT)
    expect([transferOf(world).state, open(world).map(([kind]) => kind)]).toEqual([
      'unknown',
      ['notEnoughBalance'],
    ])
    await pass(world, 2 * HOUR + 30 * MINUTE, TIMED_OUT)
    expect(open(world).map(([kind]) => kind)).toEqual(['notEnoughBalance', 'refundUnknownTooLong'])
  })

  test('stays unknown, and is asked about first, when it could not be sent again', async () => {
    const world = aWorld()
    await anApproved(world, TIMED_OUT)
    world.wechat.refunds.clear()
    const { sentAt } = transferOf(world)
    await pass(world, MINUTE, NOT_SENT)
    expect(world.wechat.calls.slice(-2)).toEqual(['queryRefund', 'refund'])
    expect(transferOf(world)).toMatchObject({ state: 'unknown', sentAt, attempts: 2 })
    await pass(world, MINUTE)
    expect(world.wechat.calls.slice(-2)).toEqual(['queryRefund', 'refund'])
    expect(transferOf(world).state).toBe('processing')
  })

  test('counts from its first silence, however often it is sent again', async () => {
    const world = aWorld()
    await anApproved(world, TIMED_OUT)
    for (let n = 0; n < 150 && open(world).length === 0; n++) {
      world.wechat.refunds.clear()
      world.now = orderOf(world).nextActionAt ?? world.now
      world.wechat.nextAnswer.refund = TIMED_OUT
      await sweep(world, 100)
    }
    expect(open(world)).toMatchObject([
      ['refundUnknownTooLong', expect.stringContaining('has not said since 2026-11-23T04:00:00.000Z')],
    ])
  })

  test('is settled for staff as well once WeChat Pay refuses it', async () => {
    const world = aWorld()
    await anApproved(world, TIMED_OUT)
    await pass(world, 3 * HOUR, TIMED_OUT)
    expect(open(world).map(([kind]) => kind)).toEqual(['refundUnknownTooLong'])
    world.wechat.refunds.clear()
    await pass(world, HOUR, {
      kind: 'refused',
      apiCode: 'USER_ACCOUNT_ABNORMAL',
      message: '',
      verified: true,
    })
    expect(open(world).map(([kind]) => kind)).toEqual(['accountAbnormal'])
  })

  test('is what becomes of a crash while it was sent, when WeChat Pay does not say', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world), { amountFen: 100 })
    world.wechat.during = { call: 'refund', run: async () => Promise.reject(new Error('killed')) }
    await expect(approve(world, refundId)).rejects.toThrow('killed')
    await pass(world, MINUTE, TIMED_OUT)
    expect(transferOf(world).state).toBe('unknown')
  })
})

test('an attempt that was not sent says nothing about one that somebody else has sent meanwhile', async () => {
  const world = aWorld()
  await anApproved(world, TIMED_OUT)
  const sent = transferOf(world)
  const before = { ...sent, state: 'submitting' as const, sentAt: null, attempts: 0 }
  expect(stepTransferNotSent(orderOf(world), before, { now: world.now }).kind).toBe('moved')
  const order = {
    ...orderOf(world),
    refunds: [{ ...refundOf(world), transfers: [{ ...sent, attempts: 2 }] }],
  }
  expect(stepTransferNotSent(order, before, { now: world.now }).kind).toBe('stale')
})
