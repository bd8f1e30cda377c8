import {
  abandonRefund,
  approveRefund,
  type BankCard,
  cancelOrder,
  getOwnOrder,
  listAttention,
  type RefundAnswer,
  receiveReturn,
  recordNotifiedPayment,
  recordNotifiedRefund,
  redirectRefund,
  refundOrder,
  rejectRefund,
  resolveAttention,
  resubmitRefund,
  returnGoods,
  settleRefundOffline,
  stepTransferSending,
  storeRefundHint,
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
  ask,
  aWorld,
  CASHIER,
  MANAGER,
  NOON,
  type World,
  XIAOLIN,
} from '../support/shop-world'

const HOUR = 60 * 60_000
const refundOf = (world: World, refundId: string) => {
  const refund = [...world.store.rows.orders.values()]
    .flatMap((o) => o.refunds)
    .find((r) => r.id === refundId)
  if (refund === undefined) throw new Error(`no refund ${refundId}`)
  return refund
}
const numberOf = (world: World, refundId: string) =>
  refundOf(world, refundId).transfers.at(-1)?.request.outRefundNo ?? ''
const later = async (world: World, ms: number) => {
  world.now += ms
  return sweep(world, 1000)
}
const ledger = async (world: World) => {
  await world.store.journal.publish({ limit: 100 })
  return world.store.rows.ledger.map((e) => [e.cause, e.account, e.fen])
}
const anApprovedRefund = async (world: World, amountFen = 17590) => {
  const orderId = await aPaidOrder(world)
  const refundId = await aRequest(world, orderId, { amountFen })
  await approve(world, refundId)
  return { orderId, refundId, outRefundNo: numberOf(world, refundId) }
}

/** A refund that WeChat Pay has, and of which nobody here wrote the answer down. */
const aRefundThatIs = async (state: 'submitting' | 'unknown') => {
  const world = aWorld()
  const orderId = await aPaidOrder(world)
  const refundId = await aRequest(world, orderId)
  if (state === 'unknown') world.wechat.nextAnswer.refund = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
  // The answer arrives, and the process is killed before it can write it down.
  else
    world.wechat.during = {
      call: 'refund',
      run: async () => void setImmediate(() => (world.store.failNextWrite = new Error('killed'))),
    }
  await approve(world, refundId).catch(() => undefined)
  if (state === 'submitting') world.store.failNextWrite = null
  return { world, orderId, refundId }
}

describe('asking', () => {
  test('the amount is reserved by the request itself', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    expect(await ask(world, orderId, { amountFen: 10_000 })).toMatchObject({
      ok: true,
      value: { status: 'requested', amountFen: 10_000, origin: 'shopper', transfer: null },
    })
    expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      ok: true,
      value: { refundableFen: 7590, refundedFen: 0 },
    })
    expect(await ask(world, orderId, { key: 'r2', amountFen: 7591 })).toMatchObject({
      ok: false,
      refusal: { code: 'REFUND_EXCEEDS_BALANCE', details: { refundableFen: 7590 } },
    })
    expect(await ask(world, orderId, { key: 'r2', amountFen: 7590 })).toMatchObject({ ok: true })
  })

  test('of many at once only what fits is accepted', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(world, orderId, { key: `r${i}`, amountFen: 5000 })),
    )
    expect(asked.filter((a) => a.ok)).toHaveLength(3)
  })

  test.each([
    [
      'withdrawn',
      (world: World, refundId: string) => withdrawRefund(world, { buyerOpenid: XIAOLIN, refundId }),
    ],
    [
      'rejected',
      (world: World, refundId: string) => rejectRefund(world, { by: CASHIER, refundId, reason: '已用' }),
    ],
    [
      'refunded',
      async (world: World, refundId: string) => {
        await approve(world, refundId)
        world.wechat.settleRefund(numberOf(world, refundId), 'succeeded')
        await later(world, 60_000)
      },
    ],
  ])(
    'a repeated call is answered as the first was, though the refund was %s meanwhile',
    async (state, move) => {
      const world = aWorld()
      const orderId = await aPaidOrder(world)
      const first = await ask(world, orderId)
      const refundId = first.ok ? first.value.refundId : ''
      await move(world, refundId)
      expect(refundOf(world, refundId).state).toBe(state)
      expect(await ask(world, orderId)).toEqual(first)
      expect(world.order(orderId).refunds).toHaveLength(1)
    },
  )

  test('twenty taps make one request, another body under the key is refused', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const asked = await Promise.all(Array.from({ length: 20 }, () => ask(world, orderId)))
    expect(new Set(asked.map((a) => JSON.stringify(a))).size).toBe(1)
    expect(world.order(orderId).refunds).toHaveLength(1)
    expect(await ask(world, orderId, { amountFen: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'IDEMPOTENCY_MISMATCH' },
    })
  })

  test.each([
    [
      'more pieces than were bought',
      { items: [{ productId: 'cup', quantity: 2 }], amountFen: 1 },
      'INVALID_INPUT',
    ],
    [
      'more than the items cost',
      { items: [{ productId: 'cup', quantity: 1 }], amountFen: 3991 },
      'REFUND_EXCEEDS_BALANCE',
    ],
    ['returning what was never sent', { kind: 'returnAndRefund' as const }, 'INVALID_INPUT'],
  ])('%s is refused', async (_, change, code) => {
    const world = aWorld()
    expect(await ask(world, await aPaidOrder(world), change)).toMatchObject({ ok: false, refusal: { code } })
  })

  test('an unpaid order, the 51st part and day 366 are refused before anybody is told', async () => {
    const world = aWorld()
    const unpaid = await anOrder(world, { key: 'unpaid', items: [{ productId: 'beans', quantity: 1 }] })
    expect(await ask(world, unpaid)).toMatchObject({ ok: false, refusal: { code: 'ORDER_NOT_PAID' } })
    const orderId = await aPaidOrder(world)
    for (let i = 0; i < 50; i++)
      expect((await ask(world, orderId, { key: `p${i}`, amountFen: 1 })).ok).toBe(true)
    expect(await ask(world, orderId, { key: 'p50', amountFen: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'REFUND_LIMIT_REACHED' },
    })
    await withdrawRefund(world, { buyerOpenid: XIAOLIN, refundId: world.order(orderId).refunds[0]?.id ?? '' })
    world.now = NOON + 365 * 24 * HOUR + 1
    expect(await ask(world, orderId, { key: 'late', amountFen: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'REFUND_WINDOW_CLOSED' },
    })
    expect(world.wechat.calls).not.toContain('refund')
  })

  test('a withdrawn request frees its amount, and a second withdrawal changes nothing', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId)
    const first = await withdrawRefund(world, { buyerOpenid: XIAOLIN, refundId })
    expect(first).toMatchObject({ ok: true, value: { status: 'withdrawn' } })
    expect(await withdrawRefund(world, { buyerOpenid: XIAOLIN, refundId })).toEqual(first)
    expect(await withdrawRefund(world, { buyerOpenid: AQING, refundId })).toMatchObject({
      ok: false,
      refusal: { code: 'NOT_FOUND' },
    })
    expect(await ask(world, orderId, { key: 'again' })).toMatchObject({ ok: true })
  })
})

describe('deciding', () => {
  test('one decision wins, the others are told', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    const answers = await Promise.all([
      approve(world, refundId),
      rejectRefund(world, { by: CASHIER, refundId, reason: '已发货' }),
      withdrawRefund(world, { buyerOpenid: XIAOLIN, refundId }),
    ])
    expect(answers.filter((a) => a.ok)).toHaveLength(1)
    for (const answer of answers) if (!answer.ok) expect(answer.refusal.code).toBe('REFUND_ALREADY_DECIDED')
  })

  test('approving twice sends one refund; what the approver saw must be what is asked', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    expect(await approve(world, refundId, { amountFen: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'AMOUNT_CHANGED', details: { amountFen: 17590 } },
    })
    expect(await approve(world, refundId)).toMatchObject({ ok: true, value: { status: 'refunding' } })
    expect(await approve(world, refundId)).toMatchObject({ ok: true, value: { status: 'refunding' } })
    expect(await approve(world, refundId, { by: CASHIER })).toMatchObject({
      ok: false,
      refusal: { code: 'REFUND_ALREADY_DECIDED' },
    })
    expect(world.wechat.refundsSent).toHaveLength(1)
  })

  test.each([
    ['another amount', { amountFen: 1 }],
    ['another note', { note: '改主意了' }],
  ])('approving again with %s is another decision, and comes too late', async (_, change) => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    const input = { by: MANAGER, refundId, amountFen: 17590, note: '已核对' }
    expect(await approveRefund(world, input)).toMatchObject({ value: { status: 'refunding' } })
    expect(await approveRefund(world, { ...input, ...change })).toMatchObject({
      refusal: { code: 'REFUND_ALREADY_DECIDED' },
    })
    expect(await approveRefund(world, input)).toMatchObject({ value: { status: 'refunding' } })
    expect(world.wechat.refundsSent).toHaveLength(1)
  })

  test('nobody decides on a refund of their own order', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    expect(await approve(world, refundId, { by: XIAOLIN })).toMatchObject({
      ok: false,
      refusal: { code: 'OWN_REQUEST' },
    })
    expect(await rejectRefund(world, { by: XIAOLIN, refundId, reason: 'x' })).toMatchObject({
      ok: false,
      refusal: { code: 'OWN_REQUEST' },
    })
  })

  test('a rejected refund frees its amount and keeps its reason; nothing was sent', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId)
    expect(await rejectRefund(world, { by: CASHIER, refundId, reason: '商品已使用' })).toMatchObject({
      ok: true,
      value: { status: 'rejected', rejectReason: '商品已使用', decidedBy: CASHIER },
    })
    expect(world.wechat.calls).not.toContain('refund')
    expect((await ask(world, orderId, { key: 'again' })).ok).toBe(true)
  })

  test('from the threshold on two different people must approve', async () => {
    const world: World = { ...aWorld() }
    Object.assign(world.settings, { secondApprovalFen: 10_000 })
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId)
    expect(await approve(world, refundId)).toMatchObject({
      ok: true,
      value: { status: 'requested', approvals: [{ by: MANAGER }] },
    })
    expect(await approve(world, refundId)).toMatchObject({
      ok: false,
      refusal: { code: 'SECOND_APPROVER_MUST_DIFFER' },
    })
    expect(world.wechat.refundsSent).toEqual([])
    expect(await approve(world, refundId, { by: CASHIER })).toMatchObject({
      ok: true,
      value: { status: 'refunding' },
    })
  })

  test('splitting does not get around the second approval', async () => {
    const world = aWorld()
    Object.assign(world.settings, { secondApprovalFen: 10_000 })
    const orderId = await aPaidOrder(world)
    const first = await aRequest(world, orderId, { amountFen: 6000 })
    expect(await approve(world, first)).toMatchObject({ value: { status: 'refunding' } })
    const second = await aRequest(world, orderId, { key: 'r2', amountFen: 6000 })
    expect(await approve(world, second)).toMatchObject({ value: { status: 'requested' } })
  })

  test('an undecided request is approved by its deadline, but never a large one or staff’s own', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    await later(world, 48 * HOUR)
    expect(refundOf(world, refundId)).toMatchObject({ state: 'refunding', decidedBy: 'system' })

    const careful = aWorld()
    Object.assign(careful.settings, { secondApprovalFen: 10_000 })
    const large = await aRequest(careful, await aPaidOrder(careful))
    await later(careful, 48 * HOUR)
    expect(refundOf(careful, large)).toMatchObject({ state: 'requested', deadlineAt: null })

    const ours = aWorld()
    await ours.store.staff.ensureOwners([XIAOLIN])
    const own = await aRequest(ours, await aPaidOrder(ours))
    await later(ours, 48 * HOUR)
    expect(refundOf(ours, own).state).toBe('requested')
  })
})

describe('the money', () => {
  test('the number is written down before WeChat Pay is told, and refunded is said only when it is', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, { amountFen: 5000 })
    world.wechat.during = {
      call: 'refund',
      run: async () =>
        void expect(refundOf(world, refundId).transfers).toMatchObject([
          { state: 'submitting', attempts: 1 },
        ]),
    }
    await approve(world, refundId)
    expect(refundOf(world, refundId)).toMatchObject({
      state: 'refunding',
      transfers: [{ state: 'processing' }],
    })
    const news = world.wechat.settleRefund(numberOf(world, refundId), 'succeeded')
    await recordNotifiedRefund(world, { outTradeNo: orderId, news })
    await recordNotifiedRefund(world, { outTradeNo: orderId, news })
    expect(refundOf(world, refundId)).toMatchObject({ state: 'refunded' })
    expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      value: { status: 'paid', refundedFen: 5000, refundableFen: 12590 },
    })
    expect((await ledger(world)).slice(2)).toEqual([
      [`refund:${news.outRefundNo}`, 'wechat:receivable', -5000],
      [`refund:${news.outRefundNo}`, 'shop:refunds', 5000],
    ])
  })

  test('a lost notification is found by asking, on WeChat Pay’s schedule', async () => {
    const world = aWorld()
    const { refundId, outRefundNo } = await anApprovedRefund(world)
    world.wechat.settleRefund(outRefundNo, 'succeeded')
    await later(world, 59_000)
    expect(refundOf(world, refundId).state).toBe('refunding')
    await later(world, 1_000)
    expect(refundOf(world, refundId).state).toBe('refunded')
  })

  test('a refund that timed out is asked about and, when WeChat Pay does not know it, sent again under the same number', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId)
    world.wechat.nextAnswer.refund = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    await approve(world, refundId)
    // The request never arrived.
    world.wechat.refunds.clear()
    expect(refundOf(world, refundId).transfers).toMatchObject([{ state: 'unknown' }])
    await later(world, 60_000)
    expect(world.wechat.calls.slice(-2)).toEqual(['queryRefund', 'refund'])
    expect(world.wechat.refundsSent[1]).toEqual(world.wechat.refundsSent[0])
    expect(refundOf(world, refundId).transfers).toMatchObject([{ state: 'processing', attempts: 2 }])
  })

  test('a refund whose answer was lost is not sent twice: it is found by asking', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    world.wechat.nextAnswer.refund = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    await approve(world, refundId)
    world.wechat.settleRefund(numberOf(world, refundId), 'succeeded')
    await later(world, 60_000)
    expect(world.wechat.refundsSent).toHaveLength(1)
    expect(refundOf(world, refundId).state).toBe('refunded')
  })

  test('a crash between writing down and sending is finished by a job', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    world.wechat.during = { call: 'refund', run: async () => Promise.reject(new Error('killed')) }
    await expect(approve(world, refundId)).rejects.toThrow('killed')
    expect(refundOf(world, refundId).transfers).toMatchObject([{ state: 'submitting', attempts: 1 }])
    await later(world, 60_000)
    expect(world.wechat.calls.slice(-2)).toEqual(['queryRefund', 'refund'])
    expect(refundOf(world, refundId).transfers).toMatchObject([{ state: 'processing' }])
  })

  test('two refunds of one order are a minute apart; the second waits its turn', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const first = await aRequest(world, orderId, { amountFen: 1000 })
    const second = await aRequest(world, orderId, { key: 'r2', amountFen: 1000 })
    await approve(world, first)
    expect(await approve(world, second)).toMatchObject({
      value: {
        status: 'refunding',
        transfer: { status: 'submitting', nextAttemptAt: '2026-11-23T04:01:00.000Z' },
      },
    })
    expect(world.wechat.refundsSent).toHaveLength(1)
    await later(world, 60_000)
    expect(world.wechat.refundsSent).toHaveLength(2)
  })

  test('an unsigned refusal is final only once a query agrees', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    world.wechat.nextAnswer.refund = { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: false }
    expect(await approve(world, refundId)).toMatchObject({
      ok: true,
      value: { status: 'problem', transfer: { status: 'failed', reasonCode: 'NOT_ENOUGH' } },
    })
    expect(world.wechat.calls.slice(-2)).toEqual(['refund', 'queryRefund'])
    expect(world.order(refundOf(world, refundId).id.split('-')[0] ?? '').attention).toMatchObject([
      { kind: 'notEnoughBalance', resolvedAt: null },
    ])
    await later(world, 6 * HOUR)
    expect(world.wechat.refundsSent[1]).toEqual(world.wechat.refundsSent[0])
    expect(refundOf(world, refundId)).toMatchObject({
      state: 'refunding',
      transfers: [{ state: 'processing' }],
    })
  })

  test('a signed refusal is final at once', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    world.wechat.nextAnswer.refund = {
      kind: 'refused',
      apiCode: 'USER_ACCOUNT_ABNORMAL',
      message: '',
      verified: true,
    }
    expect(await approve(world, refundId)).toMatchObject({
      value: { status: 'problem', transfer: { status: 'failed', reasonCode: 'USER_ACCOUNT_ABNORMAL' } },
    })
    expect(world.wechat.calls.at(-1)).toBe('refund')
  })

  test.each([
    // whatever WeChat Pay reports of a refund that is being sent is believed
    ['a refund that is being sent', 'submitting'],
    // whatever WeChat Pay reports of an unclear refund is believed
    ['an unclear refund', 'unknown'],
  ] as const)('whatever WeChat Pay reports of %s is believed', async (_, before) => {
    for (const status of ['closed', 'abnormal'] as const) {
      const { world, refundId, orderId } = await aRefundThatIs(before)
      const news = world.wechat.settleRefund(numberOf(world, refundId), status)
      await recordNotifiedRefund(world, { outTradeNo: orderId, news })
      expect(refundOf(world, refundId)).toMatchObject({ state: 'problem', transfers: [{ state: status }] })
    }
  })

  test('silence again and again stays unknown, and after two hours a person is told', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId)
    world.wechat.nextAnswer.refund = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    await approve(world, refundId)
    for (let minute = 0; minute < 150; minute++) {
      world.wechat.nextAnswer.queryRefund = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
      await later(world, 60_000)
    }
    expect(refundOf(world, refundId)).toMatchObject({ state: 'refunding', transfers: [{ state: 'unknown' }] })
    expect(world.wechat.refundsSent).toHaveLength(1)
    expect(world.order(orderId).attention).toMatchObject([{ kind: 'refundUnknownTooLong', resolvedAt: null }])
    world.wechat.nextAnswer.queryRefund = null
    world.wechat.settleRefund(numberOf(world, refundId), 'succeeded')
    await later(world, 60 * 60_000)
    expect(world.order(orderId).attention[0]?.resolvedAt).not.toBeNull()
  })

  test('an abnormal refund that arrives after all is refunded', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await anApprovedRefund(world)
    for (const status of ['abnormal', 'succeeded'] as const)
      await recordNotifiedRefund(world, {
        outTradeNo: orderId,
        news: world.wechat.settleRefund(outRefundNo, status),
      })
    expect(refundOf(world, refundId).state).toBe('refunded')
  })

  test('a refund that failed and is reported after all is believed', async () => {
    for (const [status, state] of [
      ['processing', 'refunding'],
      ['succeeded', 'refunded'],
    ] as const) {
      const world = aWorld()
      const orderId = await aPaidOrder(world)
      const refundId = await aRequest(world, orderId)
      world.wechat.nextAnswer.refund = {
        kind: 'refused',
        apiCode: 'PARAM_ERROR',
        message: '',
        verified: true,
      }
      await approve(world, refundId)
      expect(refundOf(world, refundId)).toMatchObject({ state: 'problem', transfers: [{ state: 'failed' }] })
      const { request } = refundOf(world, refundId).transfers[0] ?? {}
      if (request === undefined) throw new Error('no transfer')
      const { outRefundNo, transactionId, refundFen } = request
      const news = { outRefundNo, transactionId, refundFen, wxRefundId: '509', status, succeededAt: null }
      await recordNotifiedRefund(world, { outTradeNo: orderId, news })
      expect(refundOf(world, refundId).state).toBe(state)
    }
  })

  test('"too fast" may have been accepted: it is asked about, not failed', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    world.wechat.nextAnswer.refund = {
      kind: 'refused',
      apiCode: 'FREQUENCY_LIMITED',
      message: '',
      verified: false,
    }
    await approve(world, refundId)
    expect(refundOf(world, refundId)).toMatchObject({ state: 'refunding', transfers: [{ state: 'unknown' }] })
    await later(world, 60_000)
    expect(world.wechat.refundsSent[1]).toEqual(world.wechat.refundsSent[0])
  })

  test('late news of another amount or transaction changes nothing', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await anApprovedRefund(world)
    const news = world.wechat.settleRefund(outRefundNo, 'succeeded')
    await recordNotifiedRefund(world, { outTradeNo: orderId, news: { ...news, refundFen: 1 } })
    await recordNotifiedRefund(world, { outTradeNo: orderId, news: { ...news, transactionId: '42' } })
    expect(refundOf(world, refundId).state).toBe('refunding')
  })

  test('goods of a refund by items go back on the shelf once, when it is done', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId, {
      items: [{ productId: 'cup', quantity: 1 }],
      amountFen: 3990,
    })
    await approve(world, refundId)
    expect(world.stockOf('cup')).toBe(1)
    const news = world.wechat.settleRefund(numberOf(world, refundId), 'succeeded')
    await recordNotifiedRefund(world, { outTradeNo: orderId, news })
    await Promise.all([sweep(world, 100), sweep(world, 100)])
    await later(world, HOUR)
    expect(world.stockOf('cup')).toBe(2)
    expect(refundOf(world, refundId).stock).toBe('returned')
  })

  test('an unsigned notice is a reason to ask, never news', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await anApprovedRefund(world)
    const hint = {
      outRefundNo,
      outTradeNo: orderId,
      transactionId: refundOf(world, refundId).source.transactionId,
    }
    await storeRefundHint(world, hint)
    await later(world, 5_001)
    expect(refundOf(world, refundId).state).toBe('refunding')
    world.wechat.settleRefund(outRefundNo, 'succeeded')
    await storeRefundHint(world, hint)
    await later(world, 5_001)
    expect(refundOf(world, refundId).state).toBe('refunded')
  })

  test('a refund started in the merchant platform is recorded, counted and journaled once', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const transactionId = world.order(orderId).payment?.transactionId ?? ''
    const news = {
      outRefundNo: 'platform-1',
      wxRefundId: '5009',
      transactionId,
      refundFen: 590,
      status: 'succeeded' as const,
      succeededAt: NOON,
    }
    world.wechat.refunds.set('platform-1', news)
    const hint = { outRefundNo: 'platform-1', outTradeNo: orderId, transactionId }
    await storeRefundHint(world, hint)
    world.now += 1
    await storeRefundHint(world, hint)
    await later(world, 5_001)
    expect(world.order(orderId).refunds).toMatchObject([
      { origin: 'system', state: 'refunded', amountFen: 590 },
    ])
    expect(await ask(world, orderId, { amountFen: 17_001 })).toMatchObject({ ok: false })
    expect((await ledger(world)).slice(2)).toHaveLength(2)
  })
})

describe('a request that no longer fits', () => {
  const sendElsewhere = async (world: World, orderId: string, refundFen: number) => {
    const transactionId = world.order(orderId).payment?.transactionId ?? ''
    const status = 'succeeded' as const
    const news = { outRefundNo: 'platform-1', wxRefundId: '5009', transactionId, refundFen, status }
    await recordNotifiedRefund(world, { outTradeNo: orderId, news: { ...news, succeededAt: NOON } })
  }

  test('because money went back in the merchant platform is not approved, by nobody and no deadline', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const small = await aRequest(world, orderId, { key: 'r1', amountFen: 2000 })
    const large = await aRequest(world, orderId, { key: 'r2', amountFen: 15000 })
    await sendElsewhere(world, orderId, 4000)
    expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      value: { paidFen: 17590, refundedFen: 4000, refundableFen: 0 },
    })
    expect(await approve(world, large)).toMatchObject({
      refusal: { code: 'REFUND_EXCEEDS_BALANCE', details: { refundableFen: 13590 } },
    })
    // Of the two, the one that still fits by itself may be approved.
    expect(await approve(world, small)).toMatchObject({ ok: true })
    expect(await approve(world, large)).toMatchObject({
      refusal: { code: 'REFUND_EXCEEDS_BALANCE', details: { refundableFen: 11590 } },
    })
    await later(world, 49 * HOUR)
    expect(refundOf(world, large)).toMatchObject({ state: 'requested', deadlineAt: null })
    expect(world.wechat.refundsSent.map(({ refundFen }) => refundFen)).toEqual([2000])
    expect(await rejectRefund(world, { by: CASHIER, refundId: large, reason: '已退' })).toMatchObject({
      ok: true,
    })
  })

  test('after 365 days is not approved, by nobody and no deadline', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aPaidOrder(world))
    world.now += 366 * 24 * HOUR
    expect(await approve(world, refundId)).toMatchObject({ refusal: { code: 'REFUND_WINDOW_CLOSED' } })
    await sweep(world, 100)
    expect(refundOf(world, refundId)).toMatchObject({ state: 'requested', deadlineAt: null })
    expect(world.wechat.refundsSent).toEqual([])
  })
})

describe('two taps at once on a way out of a problem', () => {
  const fail = async (world: World) => {
    const orderId = await aPaidOrder(world)
    const refundId = await aRequest(world, orderId)
    world.wechat.nextAnswer.refund = { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: true }
    await approve(world, refundId)
    return refundId
  }
  const codes = (answers: readonly { readonly ok: boolean }[]) => answers.map(({ ok }) => ok)

  test.each([
    ['resubmit', (world: World, refundId: string, by: string) => resubmitRefund(world, { by, refundId })],
    [
      'abandon',
      (world: World, refundId: string, by: string) =>
        abandonRefund(world, { by, refundId, reason: '改为线下处理' }),
    ],
  ])('%s: one person is answered twice, another is too late', async (_, tap) => {
    const world = aWorld()
    const refundId = await fail(world)
    const taps = await Promise.all([MANAGER, MANAGER, CASHIER].map((by) => tap(world, refundId, by)))
    expect(codes(taps)).toEqual([true, true, false])
    expect(world.wechat.refundsSent.length).toBeLessThanOrEqual(2)
  })

  test('to a card: the same card is told once and answered twice, another card is too late', async () => {
    const world = aWorld()
    const { refundId, outRefundNo } = await anApprovedRefund(world)
    world.wechat.settleRefund(outRefundNo, 'abnormal')
    await later(world, 61_000)
    const card = { to: 'userBankCard' as const, bankType: 'CMB_DEBIT', realName: '林小姐' }
    const tap = (bankAccount: string) =>
      redirectRefund(world, { by: MANAGER, refundId, card: { ...card, bankAccount } })
    const taps = await Promise.all([
      tap('6214830012345678'),
      tap('6214830012345678'),
      tap('6214830099999999'),
    ])
    expect(codes(taps)).toEqual([true, true, false])
    expect(world.wechat.calls.filter((call) => call === 'redirectRefund')).toHaveLength(1)
  })

  test('whoever approved has not resubmitted: a refund on its way is not sent again', async () => {
    const world = aWorld()
    const { refundId } = await anApprovedRefund(world)
    expect(await resubmitRefund(world, { by: MANAGER, refundId })).toMatchObject({
      refusal: { code: 'NOT_RESUBMITTABLE' },
    })
  })
})

describe('money in suspense that goes back in the merchant platform', () => {
  /** 17000 fen came for an order of 17590: they wait for a person. */
  const aWaitingPayment = async (world: World) => {
    const orderId = await aStartedPayment(world)
    const { transactionId } = world.wechat.pay(orderId, { totalFen: 17000 })
    const [paid] = world.wechat.received
    if (paid !== undefined) await recordNotifiedPayment(world, paid)
    return { orderId, transactionId, id: `amountMismatch-${transactionId}` }
  }
  /** Somebody sends money back there; nobody has told us yet. */
  const startElsewhere = (
    world: World,
    transactionId: string,
    refundFen: number,
    outRefundNo = 'platform-1',
  ) => {
    const news = {
      outRefundNo,
      wxRefundId: `id-${outRefundNo}`,
      transactionId,
      refundFen,
      status: 'succeeded' as const,
      succeededAt: NOON,
    }
    world.wechat.refunds.set(outRefundNo, news)
    return news
  }
  const told = {
    'a v2 notice': async (world: World, outTradeNo: string, news: ReturnType<typeof startElsewhere>) => {
      const { outRefundNo, transactionId } = news
      await storeRefundHint(world, { outRefundNo, outTradeNo, transactionId })
      await later(world, 5_001)
    },
    'a v3 notice': (world: World, outTradeNo: string, news: ReturnType<typeof startElsewhere>) =>
      recordNotifiedRefund(world, { outTradeNo, news }),
  }
  const suspense = async (world: World) =>
    (await ledger(world))
      .filter(([, account]) => account === 'shop:suspense')
      .map(([cause, , fen]) => [cause, fen])

  test.each(Object.keys(told) as (keyof typeof told)[])(
    'all of it: recorded, journaled, decided, and its order closes (%s)',
    async (way) => {
      const world = aWorld()
      const { orderId, transactionId, id } = await aWaitingPayment(world)
      const news = startElsewhere(world, transactionId, 17000)
      await told[way](world, orderId, news)
      await told[way](world, orderId, news)
      await later(world, 1)
      expect(world.order(orderId)).toMatchObject({
        state: 'closed',
        stock: 'released',
        refunds: [{ origin: 'system', state: 'refunded', amountFen: 17000, source: { suspense: true } }],
        attention: [{ id, resolvedAt: expect.any(Number) }],
      })
      expect(await suspense(world)).toEqual([
        [`payment:${transactionId}`, -17000],
        ['refund:platform-1', 17000],
      ])
      for (const action of ['accept', 'refund'] as const)
        expect(await resolveAttention(world, { by: MANAGER, id, note: '差额已补', action })).toMatchObject({
          refusal: { code: 'REFUND_ALREADY_DECIDED' },
        })
      expect(world.wechat.refundsSent).toEqual([])
      expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
        value: { paidFen: 0, refundedFen: 0, refundableFen: 0 },
      })
    },
  )

  test('part of it: what is left can only be sent back, and no more than that is', async () => {
    const world = aWorld()
    const { orderId, transactionId, id } = await aWaitingPayment(world)
    await told['a v3 notice'](world, orderId, startElsewhere(world, transactionId, 6000))
    await told['a v3 notice'](world, orderId, startElsewhere(world, transactionId, 1000, 'platform-2'))
    expect(world.order(orderId)).toMatchObject({
      state: 'awaitingPayment',
      attention: [{ id, resolvedAt: null }],
    })
    expect(world.order(orderId).attention[0]?.summary).toMatch(
      /; 7000 fen of it went back in the merchant platform, 10000 fen are left$/,
    )
    expect(
      await resolveAttention(world, { by: MANAGER, id, note: '差额已补', action: 'accept' }),
    ).toMatchObject({
      refusal: { code: 'REFUND_ALREADY_DECIDED' },
    })
    await resolveAttention(world, { by: MANAGER, id, note: '退回余下的', action: 'refund' })
    await later(world, 60_000)
    expect(world.wechat.refundsSent).toMatchObject([
      { outRefundNo: `s${transactionId}`, refundFen: 10000, totalFen: 17000 },
    ])
    await recordNotifiedRefund(world, {
      outTradeNo: orderId,
      news: world.wechat.settleRefund(`s${transactionId}`, 'succeeded'),
    })
    expect((await suspense(world)).map(([, fen]) => fen)).toEqual([-17000, 6000, 1000, 10000])
  })

  test('it is not accepted while WeChat Pay says that it goes back, though nobody told us', async () => {
    const world = aWorld()
    const { orderId, transactionId, id } = await aWaitingPayment(world)
    startElsewhere(world, transactionId, 17000)
    const before = world.order(orderId)
    expect(
      await resolveAttention(world, { by: MANAGER, id, note: '差额已补', action: 'accept' }),
    ).toMatchObject({
      refusal: { code: 'REFUND_IN_PROGRESS' },
    })
    world.wechat.nextAnswer.query = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
    expect(
      await resolveAttention(world, { by: MANAGER, id, note: '差额已补', action: 'accept' }),
    ).toMatchObject({
      refusal: { code: 'PAYMENT_UNCERTAIN' },
    })
    expect(world.order(orderId)).toEqual(before)
  })

  test('once accepted it is the order’s own money, and a refund of it counts', async () => {
    const world = aWorld()
    const { orderId, transactionId, id } = await aWaitingPayment(world)
    await resolveAttention(world, { by: MANAGER, id, note: '差额已补', action: 'accept' })
    await told['a v2 notice'](world, orderId, startElsewhere(world, transactionId, 4000))
    expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      value: { status: 'paid', paidFen: 17000, refundedFen: 4000, refundableFen: 13000 },
    })
    expect((await ledger(world)).at(-1)).toEqual(['refund:platform-1', 'shop:refunds', 4000])
  })

  test.each(Object.keys(told) as (keyof typeof told)[])(
    'the news of a refund that comes before that of its payment is not lost (%s)',
    async (way) => {
      const world = aWorld()
      const orderId = await aStartedPayment(world)
      const { transactionId } = world.wechat.pay(orderId)
      await told[way](world, orderId, startElsewhere(world, transactionId, 590))
      await later(world, 1)
      expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
        value: { status: 'paid', paidFen: 17590, refundedFen: 590, refundableFen: 17000 },
      })
    },
  )

  test.each(Object.keys(told) as (keyof typeof told)[])(
    'of a trade that no order knows it is journaled, and settled once all of it went back (%s)',
    async (way) => {
      const world = aWorld()
      const transactionId = '4200009'
      await recordNotifiedPayment(world, {
        outTradeNo: 'somebodyElses001',
        transactionId,
        totalFen: 500,
        currency: 'CNY',
        payerOpenid: XIAOLIN,
        paidAt: NOON,
      })
      const first = startElsewhere(world, transactionId, 200)
      await told[way](world, 'somebodyElses001', first)
      await told[way](world, 'somebodyElses001', first)
      expect(await world.store.attention.listOpen({ limit: 10 })).toHaveLength(1)
      await told[way](world, 'somebodyElses001', startElsewhere(world, transactionId, 300, 'platform-2'))
      expect(await world.store.attention.listOpen({ limit: 10 })).toEqual([])
      expect(await suspense(world)).toEqual([
        ['payment:4200009', -500],
        ['refund:platform-1', 200],
        ['refund:platform-2', 300],
      ])
      expect(await world.store.inbox.listUnapplied({ before: Infinity, limit: 10 })).toEqual([])
    },
  )

  test('of money that nobody knows nothing is journaled, and the log says so', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const before = await ledger(world)
    await told['a v2 notice'](world, orderId, startElsewhere(world, '4299999', 100))
    await told['a v3 notice'](world, 'somebodyElses002', startElsewhere(world, '4299998', 100, 'platform-2'))
    expect(world.order(orderId).refunds).toEqual([])
    expect(await ledger(world)).toEqual(before)
    expect(world.events.filter(({ event }) => event === 'refund.unknown')).toHaveLength(2)
  })
})

describe('a return', () => {
  const aShippedOrder = async (world: World) => {
    const orderId = await aPaidOrder(world)
    const order = world.order(orderId)
    world.store.rows.orders.set(orderId, { ...order, state: 'shipped', shippedAt: NOON })
    return orderId
  }

  test('the money waits for the goods', async () => {
    const world = aWorld()
    const orderId = await aShippedOrder(world)
    const refundId = await aRequest(world, orderId, { kind: 'returnAndRefund' })
    expect(await approve(world, refundId)).toMatchObject({
      value: { status: 'awaitingReturn', transfer: null },
    })
    const sent = { buyerOpenid: XIAOLIN, refundId, carrier: '顺丰', trackingNo: 'SF1' }
    expect(await returnGoods(world, sent)).toMatchObject({ value: { status: 'returning' } })
    expect(await returnGoods(world, sent)).toMatchObject({ ok: true })
    expect(world.wechat.refundsSent).toEqual([])
    expect(await receiveReturn(world, { by: CASHIER, refundId })).toMatchObject({
      value: { status: 'refunding' },
    })
    expect(world.wechat.refundsSent).toHaveLength(1)
  })

  test('a return that is not sent in time is withdrawn', async () => {
    const world = aWorld()
    const refundId = await aRequest(world, await aShippedOrder(world), { kind: 'returnAndRefund' })
    await approve(world, refundId)
    await later(world, 7 * 24 * HOUR)
    expect(refundOf(world, refundId)).toMatchObject({ state: 'withdrawn', deadlineAt: null })
  })
})

describe('ways out of a problem', () => {
  const cardOf = (to: 'userBankCard' | 'merchantBankCard'): BankCard =>
    to === 'merchantBankCard'
      ? { to }
      : { to, bankType: 'CMB_DEBIT', bankAccount: '6214830012345678', realName: '林' }
  const latestOf = (world: World, refundId: string) => {
    const transfer = refundOf(world, refundId).transfers.at(-1)
    if (transfer === undefined) throw new Error('no transfer')
    return transfer
  }
  const problem = async (world: World, status: 'closed' | 'abnormal') => {
    const made = await anApprovedRefund(world)
    const news = world.wechat.settleRefund(made.outRefundNo, status)
    await recordNotifiedRefund(world, { outTradeNo: made.orderId, news })
    return made
  }

  test('after a queried CLOSED a new number is right, and only then', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await problem(world, 'closed')
    expect(world.order(orderId).attention).toMatchObject([{ kind: 'refundClosed' }])
    world.now += 60_000
    expect(await resubmitRefund(world, { by: MANAGER, refundId })).toMatchObject({
      ok: true,
      value: { status: 'refunding', transfers: [{ status: 'closed' }, { status: 'processing' }] },
    })
    expect(numberOf(world, refundId)).not.toBe(outRefundNo)
    expect(world.order(orderId).attention[0]?.resolvedAt).not.toBeNull()
  })

  test('an abnormal refund is not sent again; it goes to a card, or is recorded off-line', async () => {
    const world = aWorld()
    const { refundId, outRefundNo, orderId } = await problem(world, 'abnormal')
    expect(await resubmitRefund(world, { by: MANAGER, refundId })).toMatchObject({
      refusal: { code: 'NOT_RESUBMITTABLE' },
    })
    expect(await abandonRefund(world, { by: MANAGER, refundId, reason: 'x' })).toMatchObject({
      refusal: { code: 'REFUND_IN_PROGRESS' },
    })
    const card = {
      to: 'userBankCard',
      bankType: 'CMB_DEBIT',
      bankAccount: '6214830012345678',
      realName: '林',
    } as const
    expect(await redirectRefund(world, { by: MANAGER, refundId, card })).toMatchObject({
      value: { status: 'refunding', transfer: { status: 'processing' } },
    })
    await recordNotifiedRefund(world, {
      outTradeNo: orderId,
      news: world.wechat.settleRefund(outRefundNo, 'succeeded'),
    })
    expect(refundOf(world, refundId).state).toBe('refunded')
  })

  test('sent to the merchant’s own card it stays a problem until it is recorded off-line', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await problem(world, 'abnormal')
    const card = { to: 'merchantBankCard' } as const
    expect(await redirectRefund(world, { by: MANAGER, refundId, card })).toMatchObject({
      value: { status: 'problem', transfer: { status: 'abnormal' } },
    })
    const news = world.wechat.settleRefund(outRefundNo, 'succeeded')
    await recordNotifiedRefund(world, { outTradeNo: orderId, news })
    expect(refundOf(world, refundId).state).toBe('problem')
    const proof = '已转账给买家'
    expect(await settleRefundOffline(world, { by: MANAGER, refundId, proof })).toMatchObject({
      value: { status: 'refunded' },
    })
    expect((await ledger(world)).slice(2).map(([cause]) => cause)).toEqual([
      `offline:${refundId}`,
      `offline:${refundId}`,
    ])
  })

  test.each(['userBankCard', 'merchantBankCard'] as const)(
    'sent to %s and the answer lost: nobody can pay it a second time, and nothing is told too early',
    async (to) => {
      const world = aWorld()
      const { orderId, refundId, outRefundNo } = await problem(world, 'abnormal')
      world.wechat.nextAnswer.redirectRefund = { kind: 'unknown', reason: 'time-out' }
      expect(await redirectRefund(world, { by: MANAGER, refundId, card: cardOf(to) })).toMatchObject({
        refusal: { code: 'PAYMENT_UNCERTAIN' },
      })
      if (to === 'userBankCard') {
        expect(refundOf(world, refundId)).toMatchObject({
          state: 'refunding',
          transfers: [{ state: 'processing' }],
        })
        expect(
          await settleRefundOffline(world, { by: MANAGER, refundId, proof: '已转账给买家' }),
        ).toMatchObject({ ok: false })
      }
      const news = world.wechat.settleRefund(outRefundNo, 'succeeded')
      await later(world, 60_000)
      if (to === 'merchantBankCard') await recordNotifiedRefund(world, { outTradeNo: orderId, news })
      expect(refundOf(world, refundId).state).toBe(to === 'userBankCard' ? 'refunded' : 'problem')
    },
  )

  test.each([
    ['userBankCard', { kind: 'refused', apiCode: 'INVALID_REQUEST', message: '', verified: false }],
    ['merchantBankCard', { kind: 'refused', apiCode: 'INVALID_REQUEST', message: '', verified: false }],
    ['userBankCard', { kind: 'notSent', reason: 'ERR_WXPAY_CONNECT' }],
    ['merchantBankCard', { kind: 'notSent', reason: 'ERR_WXPAY_CONNECT' }],
  ] as const)(
    'sent to %s and %j: the problem is what it was, and every way out is open',
    async (to, answer) => {
      const world = aWorld()
      const { orderId, refundId } = await problem(world, 'abnormal')
      world.wechat.nextAnswer.redirectRefund = answer
      expect(await redirectRefund(world, { by: MANAGER, refundId, card: cardOf(to) })).toMatchObject({
        refusal: { code: answer.kind === 'refused' ? 'WECHAT_REFUSED' : 'UNAVAILABLE' },
      })
      expect(refundOf(world, refundId)).toMatchObject({
        state: 'problem',
        transfers: [{ state: 'abnormal', toMerchantCard: false, nextAttemptAt: null }],
      })
      expect(world.order(orderId).attention.filter((a) => a.resolvedAt === null)).toMatchObject([
        { kind: 'refundAbnormal' },
      ])
      const card = cardOf('userBankCard')
      expect(await redirectRefund(world, { by: MANAGER, refundId, card })).toMatchObject({
        value: { status: 'refunding' },
      })
    },
  )

  test('a success that is faster than the answer is not told as the shopper’s money', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await problem(world, 'abnormal')
    world.wechat.during = {
      call: 'redirectRefund',
      run: async () => {
        const news = world.wechat.settleRefund(outRefundNo, 'succeeded')
        await recordNotifiedRefund(world, { outTradeNo: orderId, news })
      },
    }
    await redirectRefund(world, { by: MANAGER, refundId, card: { to: 'merchantBankCard' } })
    expect(refundOf(world, refundId).state).toBe('problem')
  })

  /** Refused for want of balance; six hours later it is sent again and the answer is lost. */
  const resentAndUnclear = async (world: World) => {
    const refundId = await aRequest(world, await aPaidOrder(world))
    world.wechat.nextAnswer.refund = { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: true }
    await approve(world, refundId)
    world.wechat.nextAnswer.refund = { kind: 'unknown', reason: 'time-out' }
    await later(world, 6 * HOUR)
    return refundId
  }

  test('what was sent again and is not known yet is not recorded off-line: it may arrive by itself', async () => {
    const world = aWorld()
    const refundId = await resentAndUnclear(world)
    expect(refundOf(world, refundId)).toMatchObject({ state: 'problem', transfers: [{ state: 'unknown' }] })
    expect(await settleRefundOffline(world, { by: MANAGER, refundId, proof: '已转账' })).toMatchObject({
      refusal: { code: 'REFUND_IN_PROGRESS' },
    })
  })

  test.each(['given up', 'recorded off-line'])(
    'what is %s while a job begins to send it stays here',
    async (way) => {
      const world = aWorld()
      const orderId = await aPaidOrder(world)
      const refundId = await aRequest(world, orderId)
      world.wechat.nextAnswer.refund = { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: true }
      await approve(world, refundId)
      const { request } = latestOf(world, refundId)
      const decided =
        way === 'given up'
          ? await abandonRefund(world, { by: MANAGER, refundId, reason: '换货' })
          : await settleRefundOffline(world, { by: MANAGER, refundId, proof: '已转账' })
      expect(decided).toMatchObject({ ok: true })
      expect(stepTransferSending(world.order(orderId), request.outRefundNo, world.now)).toMatchObject({
        kind: 'stale',
      })
    },
  )

  test('to the shopper’s card once: the same again is answered as it is, anything else is too late', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await problem(world, 'abnormal')
    const card = {
      to: 'userBankCard',
      bankType: 'CMB_DEBIT',
      bankAccount: '6214830012345678',
      realName: '林',
    } as const
    const input = { by: MANAGER, refundId, card }
    const first = await redirectRefund(world, input)
    expect(await redirectRefund(world, input)).toEqual(first)
    for (const change of [
      { by: CASHIER },
      { card: { ...card, bankAccount: '6214830012345679' } },
      { card: { to: 'merchantBankCard' } as const },
    ])
      expect(await redirectRefund(world, { ...input, ...change })).toMatchObject({
        refusal: { code: 'NOT_RESUBMITTABLE' },
      })
    expect(world.wechat.calls.filter((call) => call === 'redirectRefund')).toHaveLength(1)
    expect(JSON.stringify(world.order(orderId))).not.toContain('6214830012345678')
    // Abnormal once more, the same card is a new try.
    const news = world.wechat.settleRefund(outRefundNo, 'abnormal')
    await recordNotifiedRefund(world, { outTradeNo: orderId, news })
    expect(await redirectRefund(world, input)).toMatchObject({ value: { status: 'refunding' } })
    expect(world.wechat.calls.filter((call) => call === 'redirectRefund')).toHaveLength(2)
  })

  test('to the merchant’s card once: the same again is answered as it is, anything else is too late', async () => {
    const world = aWorld()
    const { refundId } = await problem(world, 'abnormal')
    const input = { by: MANAGER, refundId, card: { to: 'merchantBankCard' } } as const
    const first = await redirectRefund(world, input)
    expect(await redirectRefund(world, input)).toEqual(first)
    const card = {
      to: 'userBankCard',
      bankType: 'CMB_DEBIT',
      bankAccount: '62148300',
      realName: '林',
    } as const
    for (const change of [{ by: CASHIER }, { card }])
      expect(await redirectRefund(world, { ...input, ...change })).toMatchObject({
        refusal: { code: 'NOT_RESUBMITTABLE' },
      })
    expect(world.wechat.calls.filter((call) => call === 'redirectRefund')).toHaveLength(1)
  })

  test('recorded off-line with proof, the cash leaves the books once', async () => {
    const world = aWorld()
    const { refundId } = await problem(world, 'abnormal')
    const input = { by: MANAGER, refundId, proof: '银行转账 2026-11-24 尾号 8888' }
    expect(await settleRefundOffline(world, input)).toMatchObject({ value: { status: 'refunded' } })
    expect(await settleRefundOffline(world, input)).toMatchObject({ ok: true })
    expect(await settleRefundOffline(world, { ...input, by: CASHIER })).toMatchObject({
      refusal: { code: 'REFUND_ALREADY_DECIDED' },
    })
    expect((await ledger(world)).slice(2)).toEqual([
      [`offline:${refundId}`, 'shop:cash', -17590],
      [`offline:${refundId}`, 'shop:refunds', 17590],
    ])
  })

  test('giving up frees the amount, but only when WeChat Pay says the money stays', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await problem(world, 'closed')
    world.wechat.settleRefund(outRefundNo, 'processing')
    expect(await abandonRefund(world, { by: MANAGER, refundId, reason: '换货' })).toMatchObject({
      refusal: { code: 'REFUND_IN_PROGRESS' },
    })
    world.wechat.settleRefund(outRefundNo, 'closed')
    expect(await abandonRefund(world, { by: MANAGER, refundId, reason: '换货' })).toMatchObject({
      value: { status: 'abandoned' },
    })
    expect((await ask(world, orderId, { key: 'again' })).ok).toBe(true)
  })

  test('giving up is one person’s decision for one reason: the same again is answered, anything else is too late', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await problem(world, 'closed')
    const input = { by: MANAGER, refundId, reason: '换货' }
    const first = await abandonRefund(world, input)
    expect(await abandonRefund(world, input)).toEqual(first)
    for (const change of [{ by: CASHIER }, { reason: '别的原因' }])
      expect(await abandonRefund(world, { ...input, ...change })).toMatchObject({
        refusal: { code: 'REFUND_ALREADY_DECIDED' },
      })
    // Also once the money went back after all.
    const news = world.wechat.settleRefund(outRefundNo, 'succeeded')
    await recordNotifiedRefund(world, { outTradeNo: orderId, news })
    expect(await abandonRefund(world, input)).toMatchObject({ value: { status: 'refunded' } })
  })

  test('a success that comes after all beats the local close, and is journaled', async () => {
    const world = aWorld()
    const { orderId, refundId, outRefundNo } = await problem(world, 'closed')
    await abandonRefund(world, { by: MANAGER, refundId, reason: '换货' })
    await recordNotifiedRefund(world, {
      outTradeNo: orderId,
      news: world.wechat.settleRefund(outRefundNo, 'succeeded'),
    })
    expect(refundOf(world, refundId).state).toBe('refunded')
    expect((await ledger(world)).at(-1)).toEqual([`refund:${outRefundNo}`, 'shop:refunds', 17590])
  })
})

describe('money that arrived where it should not', () => {
  test('paid after the close, it goes back by itself, once, under a number of its transaction', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
    const news = world.wechat.pay(orderId)
    await recordNotifiedPayment(world, news)
    await recordNotifiedPayment(world, news)
    await sweep(world, 100)
    expect(world.wechat.refundsSent).toMatchObject([
      { outRefundNo: `s${news.transactionId}`, refundFen: 17590, transactionId: news.transactionId },
    ])
    await recordNotifiedRefund(world, {
      outTradeNo: orderId,
      news: world.wechat.settleRefund(`s${news.transactionId}`, 'succeeded'),
    })
    expect((await ledger(world)).map(([, account, fen]) => [account, fen])).toEqual([
      ['wechat:receivable', 17590],
      ['shop:suspense', -17590],
      ['wechat:receivable', -17590],
      ['shop:suspense', 17590],
    ])
    expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      value: {
        status: 'closed',
        paidFen: 0,
        refundableFen: 0,
        refunds: [{ origin: 'system', status: 'refunded' }],
      },
    })
  })

  test('a second payment goes back, the first stays refundable in full', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    await recordNotifiedPayment(world, world.wechat.pay(orderId))
    await sweep(world, 100)
    expect(world.wechat.refundsSent).toHaveLength(1)
    expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      value: { refundableFen: 17590 },
    })
  })

  const misplacedMoney = async (world: World, kind: 'paidAfterClose' | 'duplicatePayment') => {
    const orderId = kind === 'paidAfterClose' ? await aStartedPayment(world) : await aPaidOrder(world)
    if (kind === 'paidAfterClose') await cancelOrder(world, { buyerOpenid: XIAOLIN, orderId })
    const news = world.wechat.pay(orderId)
    await recordNotifiedPayment(world, news)
    return { orderId, outRefundNo: `s${news.transactionId}` }
  }

  test.each(['paidAfterClose', 'duplicatePayment'] as const)(
    '%s needs nobody any more once that money is back, and not before',
    async (kind) => {
      const world = aWorld()
      const { orderId, outRefundNo } = await misplacedMoney(world, kind)
      await sweep(world, 100)
      const shown = () => getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })
      expect(await shown()).toMatchObject({ value: { attention: [kind] } })
      if (kind === 'duplicatePayment') {
        const refundId = await aRequest(world, orderId)
        await approve(world, refundId)
        await later(world, 61_000)
        const own = world.wechat.settleRefund(numberOf(world, refundId), 'succeeded')
        await recordNotifiedRefund(world, { outTradeNo: orderId, news: own })
        expect(await shown()).toMatchObject({ value: { refundedFen: 17590, attention: [kind] } })
      }
      const news = world.wechat.settleRefund(outRefundNo, 'succeeded')
      await recordNotifiedRefund(world, { outTradeNo: orderId, news })
      expect(await shown()).toMatchObject({ value: { attention: [] } })
      expect(await world.store.attention.listOpen({ limit: 10 })).toEqual([])
    },
  )

  test('of money that came too late and went back in part, a person is still told', async () => {
    const world = aWorld()
    const { orderId, outRefundNo } = await misplacedMoney(world, 'paidAfterClose')
    await sweep(world, 100)
    const [refund] = world.order(orderId).refunds
    if (refund === undefined) throw new Error('nothing is on its way')
    // What is on its way is less than what came.
    world.store.rows.orders.set(orderId, {
      ...world.order(orderId),
      misplaced: world.order(orderId).misplaced.map((m) => ({ ...m, amountFen: 17591 })),
    })
    const news = world.wechat.settleRefund(outRefundNo, 'succeeded')
    await recordNotifiedRefund(world, { outTradeNo: orderId, news })
    expect(refundOf(world, refund.id).state).toBe('refunded')
    expect(await getOwnOrder(world, { buyerOpenid: XIAOLIN, orderId })).toMatchObject({
      value: { attention: ['paidAfterClose'] },
    })
  })

  test('a wrong amount waits for a person, who accepts it or sends it back', async () => {
    const accepted = aWorld()
    const kept = await aStartedPayment(accepted)
    const less = accepted.wechat.pay(kept, { totalFen: 17000 })
    await recordNotifiedPayment(accepted, less)
    await sweep(accepted, 100)
    expect(accepted.wechat.refundsSent).toEqual([])
    const id = `amountMismatch-${less.transactionId}`
    expect(
      await resolveAttention(accepted, { by: MANAGER, id, note: '差额已补', action: null }),
    ).toMatchObject({
      ok: false,
    })
    expect(
      await resolveAttention(accepted, { by: MANAGER, id, note: '差额已补', action: 'accept' }),
    ).toMatchObject({
      ok: true,
    })
    expect(accepted.order(kept)).toMatchObject({ state: 'paid', payment: { paidFen: 17000 } })
    expect((await ledger(accepted)).at(-1)).toEqual([`accept:${less.transactionId}`, 'shop:sales', -17000])

    const returned = aWorld()
    const sent = await aStartedPayment(returned)
    const more = returned.wechat.pay(sent, { totalFen: 20000 })
    await recordNotifiedPayment(returned, more)
    await resolveAttention(returned, {
      by: MANAGER,
      id: `amountMismatch-${more.transactionId}`,
      note: '退回',
      action: 'refund',
    })
    expect(returned.wechat.refundsSent).toMatchObject([
      { outRefundNo: `s${more.transactionId}`, refundFen: 20000 },
    ])
    await later(returned, 20 * 60_000)
    expect(returned.order(sent).state).toBe('closed')
  })
})

describe('resolving what needed a person', () => {
  const aMismatch = async (world: World) => {
    const orderId = await aStartedPayment(world)
    const news = world.wechat.pay(orderId, { totalFen: 17000 })
    await recordNotifiedPayment(world, news)
    return { orderId, id: `amountMismatch-${news.transactionId}` }
  }
  const resolved = (world: World) => world.events.filter((e) => e.event === 'attention.resolved')

  test('whoever decides is told how much came and how much was asked for', async () => {
    const world = aWorld()
    const { id } = await aMismatch(world)
    const money = { paidFen: 17000, currency: 'CNY', orderFen: 17590 }
    expect(await listAttention(world, {})).toMatchObject({ items: [{ id, ...money }], next: null })
    expect(
      await resolveAttention(world, { by: MANAGER, id, note: '差额已补', action: 'accept' }),
    ).toMatchObject({ ok: true, value: { id, ...money } })
  })

  test.each(['accept', 'refund'] as const)('nobody may %s money of their own order', async (action) => {
    const world = aWorld()
    const { orderId, id } = await aMismatch(world)
    const before = world.order(orderId)
    expect(await resolveAttention(world, { by: XIAOLIN, id, note: '我的', action })).toMatchObject({
      refusal: { code: 'OWN_REQUEST' },
    })
    expect(world.order(orderId)).toEqual(before)
  })

  test('who resolved it, how and with what note is kept, and the same again changes nothing', async () => {
    const world = aWorld()
    const { orderId, id } = await aMismatch(world)
    const input = { by: MANAGER, id, note: '差额已补', action: 'accept' } as const
    const first = await resolveAttention(world, input)
    const after = world.order(orderId)
    expect(after.attention).toMatchObject([
      { id, resolvedAt: NOON, resolution: { by: MANAGER, action: 'accept', note: '差额已补' } },
    ])
    world.now += 1000
    expect(await resolveAttention(world, input)).toEqual(first)
    expect(world.order(orderId)).toEqual(after)
    expect(resolved(world)).toHaveLength(1)
  })

  test.each([
    ['another person', { by: CASHIER }],
    ['another note', { note: '别的说明' }],
    ['another action', { action: 'refund' as const }],
  ])('%s comes too late once it is resolved', async (_, change) => {
    const world = aWorld()
    const { orderId, id } = await aMismatch(world)
    const input = { by: MANAGER, id, note: '差额已补', action: 'accept' } as const
    await resolveAttention(world, input)
    const after = world.order(orderId)
    expect(await resolveAttention(world, { ...input, ...change })).toMatchObject({
      refusal: { code: 'REFUND_ALREADY_DECIDED' },
    })
    expect(world.order(orderId)).toEqual(after)
    expect(resolved(world)).toHaveLength(1)
  })

  test('what was resolved before anybody’s name was kept is decided all the same', async () => {
    const world = aWorld()
    const { orderId, id } = await aMismatch(world)
    const order = world.order(orderId)
    const attention = order.attention.map((a) => ({ ...a, resolvedAt: NOON }))
    world.store.rows.orders.set(orderId, { ...order, attention })
    expect(await resolveAttention(world, { by: MANAGER, id, note: '退回', action: 'refund' })).toMatchObject({
      refusal: { code: 'REFUND_ALREADY_DECIDED' },
    })
    expect(world.wechat.refundsSent).toEqual([])
  })

  test('money for an order that was paid or closed meanwhile can only be sent back', async () => {
    const world = aWorld()
    const paid = await aMismatch(world)
    await recordNotifiedPayment(world, world.wechat.pay(paid.orderId))
    const late = { by: MANAGER, id: paid.id, note: '差额已补' }
    expect(await resolveAttention(world, { ...late, action: 'accept' })).toMatchObject({
      refusal: { code: 'ORDER_ALREADY_PAID' },
    })
    expect((await resolveAttention(world, { ...late, action: 'refund' })).ok).toBe(true)
    expect(world.order(paid.orderId).state).toBe('paid')

    const other = aWorld()
    const closed = await aMismatch(other)
    other.store.rows.orders.set(closed.orderId, { ...other.order(closed.orderId), state: 'closed' })
    const input = { by: MANAGER, id: closed.id, note: '差额已补' }
    expect(await resolveAttention(other, { ...input, action: 'accept' })).toMatchObject({
      refusal: { code: 'ORDER_CLOSED' },
    })
    expect((await resolveAttention(other, { ...input, action: 'refund' })).ok).toBe(true)
    expect(other.wechat.refundsSent).toMatchObject([{ refundFen: 17000 }])
  })

  test('money of another currency can only be sent back', async () => {
    const world = aWorld()
    const orderId = await aStartedPayment(world)
    const news = world.wechat.pay(orderId, { currency: 'USD' })
    await recordNotifiedPayment(world, news)
    const input = { by: MANAGER, id: `amountMismatch-${news.transactionId}`, note: '外币' }
    expect(await resolveAttention(world, { ...input, action: 'accept' })).toMatchObject({
      refusal: { code: 'INVALID_INPUT', details: { field: 'action' } },
    })
    expect((await resolveAttention(world, { ...input, action: 'refund' })).ok).toBe(true)
  })

  test('money of an unknown trade takes a note, no action, and is answered as it is stored', async () => {
    const world = aWorld()
    await recordNotifiedPayment(world, {
      outTradeNo: 'somebodyElses001',
      transactionId: '4200009',
      totalFen: 500,
      currency: 'CNY',
      payerOpenid: XIAOLIN,
      paidAt: NOON,
    })
    const [stored] = await world.store.attention.listOpen({ limit: 10 })
    const input = { by: MANAGER, id: 'unknownTrade-4200009', note: '已在商户平台退回' }
    world.now += HOUR
    expect(await resolveAttention(world, { ...input, action: 'refund' })).toMatchObject({
      refusal: { code: 'INVALID_INPUT', details: { field: 'action' } },
    })
    expect(await world.store.attention.listOpen({ limit: 10 })).toEqual([stored])
    expect(await resolveAttention(world, { ...input, action: null })).toEqual({ ok: true, value: stored })
    expect(await world.store.attention.listOpen({ limit: 10 })).toEqual([])
    // Who resolved it stays on record; the same person may repeat the same words, and nobody may change them.
    expect(await resolveAttention(world, { ...input, action: null })).toEqual({ ok: true, value: stored })
    for (const change of [{ by: CASHIER }, { note: '已联系付款人' }])
      expect(await resolveAttention(world, { ...input, ...change, action: null })).toMatchObject({
        refusal: { code: 'REFUND_ALREADY_DECIDED' },
      })
    expect(await world.store.attention.find(input.id)).toMatchObject({
      resolvedAt: world.now,
      resolution: { by: MANAGER, action: null, note: '已在商户平台退回' },
    })
    expect(world.events.filter(({ event }) => event === 'attention.resolved')).toEqual([
      { level: 'info', event: 'attention.resolved', fields: { id: input.id, action: null } },
    ])
  })

  test('of two who resolve it at once one is kept, and the other is told', async () => {
    const world = aWorld()
    await recordNotifiedPayment(world, {
      outTradeNo: 'somebodyElses001',
      transactionId: '4200009',
      totalFen: 500,
      currency: 'CNY',
      payerOpenid: XIAOLIN,
      paidAt: NOON,
    })
    const answers = await Promise.all(
      [MANAGER, CASHIER].map((by) =>
        resolveAttention(world, { by, id: 'unknownTrade-4200009', note: '已退回', action: null }),
      ),
    )
    expect(answers.map(({ ok }) => ok)).toEqual([true, false])
  })
})

describe('refund without a request', () => {
  test('staff refund an order under the same rules', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const input = { by: MANAGER, orderId, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    const first = await refundOrder(world, input)
    expect(first).toMatchObject({ value: { origin: 'staff', status: 'refunding' } })
    expect(await refundOrder(world, input)).toEqual(first)
    expect(world.wechat.refundsSent).toHaveLength(1)
    const refundId = first.ok ? first.value.refundId : ''
    world.wechat.settleRefund(numberOf(world, refundId), 'succeeded')
    await later(world, 60_000)
    expect(refundOf(world, refundId).state).toBe('refunded')
    expect(await refundOrder(world, input)).toEqual(first)
    expect(await refundOrder(world, { ...input, by: XIAOLIN })).toMatchObject({
      refusal: { code: 'OWN_REQUEST' },
    })
    expect(await refundOrder(world, { ...input, idempotencyKey: 's2', amountFen: 17001 })).toMatchObject({
      refusal: { code: 'REFUND_EXCEEDS_BALANCE' },
    })
  })

  const aFirstApproval = async (world: World) => {
    Object.assign(world.settings, { secondApprovalFen: 500 })
    const input = { by: MANAGER, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    const call = { ...input, orderId: await aPaidOrder(world) }
    const asked = await refundOrder(world, call)
    if (!asked.ok) throw new Error(asked.refusal.code)
    expect(asked.value).toMatchObject({ status: 'requested', approvals: [{ by: MANAGER }] })
    return { call, asked, refundId: asked.value.refundId }
  }

  test.each(['approved', 'rejected'] as const)(
    'a repeat is answered as the first call was, and decides nothing, though somebody else %s it meanwhile',
    async (decision) => {
      const world = aWorld()
      const { call, asked, refundId } = await aFirstApproval(world)
      if (decision === 'approved') await approve(world, refundId, { by: CASHIER })
      else await rejectRefund(world, { by: CASHIER, refundId, reason: '不同意' })
      const before = refundOf(world, refundId)
      expect(await refundOrder(world, call)).toEqual(asked)
      expect(refundOf(world, refundId)).toEqual(before)
    },
  )

  /** As if every call had been cut off just before its answer was kept. */
  const forgetAnswers = (world: World, orderId: string) => {
    const order = world.order(orderId)
    const refunds = order.refunds.map(({ firstAnswer: _, ...refund }) => refund)
    world.store.rows.orders.set(orderId, { ...order, refunds })
  }

  test('cut off before its answer was kept, a repeat is answered with what was decided, and approves once', async () => {
    const world = aWorld()
    const { call, refundId } = await aFirstApproval(world)
    const { firstAnswer: _, ...refund } = refundOf(world, refundId)
    const order = world.order(call.orderId)
    await world.store.orders.replace(
      { ...order, refunds: [refund], version: order.version + 1 },
      order.version,
    )
    await rejectRefund(world, { by: CASHIER, refundId, reason: '不同意' })
    expect(await refundOrder(world, call)).toMatchObject({
      value: { status: 'rejected', decidedBy: CASHIER },
    })
    expect(refundOf(world, refundId).approvals).toHaveLength(1)
  })

  test('a repeat never approves a second time, not even where one approval has become enough', async () => {
    const world = aWorld()
    const { call, refundId } = await aFirstApproval(world)
    Object.assign(world.settings, { secondApprovalFen: null })
    expect(await refundOrder(world, call)).toMatchObject({
      value: { status: 'requested', approvals: [{ by: MANAGER }] },
    })
    expect(refundOf(world, refundId).approvals).toHaveLength(1)
    expect(world.wechat.refundsSent).toEqual([])
  })

  test('decided by somebody else between asking and approving, the decision is the answer', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const { replace } = world.store.orders
    world.store.orders.replace = async (next, version) => {
      const written = await replace(next, version)
      world.store.orders.replace = replace
      await rejectRefund(world, { by: CASHIER, refundId: next.refunds[0]?.id ?? '', reason: '不同意' })
      return written
    }
    const call = { by: MANAGER, orderId, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    expect(await refundOrder(world, call)).toMatchObject({
      value: { status: 'rejected', decidedBy: CASHIER },
    })
    expect(world.wechat.refundsSent).toEqual([])
  })

  test('two taps at once give one first approval, and both are answered with it', async () => {
    const world = aWorld()
    Object.assign(world.settings, { secondApprovalFen: 500 })
    const orderId = await aPaidOrder(world)
    const call = { by: MANAGER, orderId, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    const answers = await Promise.all([refundOrder(world, call), refundOrder(world, call)])
    for (const answer of answers)
      expect(answer).toMatchObject({ value: { status: 'requested', approvals: [{ by: MANAGER }] } })
    expect(answers[0]).toEqual(answers[1])
    expect(world.order(orderId).refunds).toMatchObject([{ approvals: [{ by: MANAGER }] }])
  })

  /** A call, and its twin that arrives while WeChat Pay has not answered the first. */
  const twins = async (world: World, answer: RefundAnswer | null) => {
    const orderId = await aPaidOrder(world)
    const call = { by: MANAGER, orderId, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    let second: ReturnType<typeof refundOrder> | null = null
    let waits = 0
    world.wechat.nextAnswer.refund = answer
    world.wechat.during = {
      call: 'refund',
      run: () =>
        new Promise((goOn) => {
          const pause = async () => {
            waits++
            goOn()
            await new Promise((resolve) => setImmediate(resolve))
          }
          second = refundOrder({ ...world, pause }, call)
          void second.finally(goOn)
        }),
    }
    const first = await refundOrder(world, call)
    return { call, first, second: await (second ?? first), hasWaited: waits > 0 }
  }

  test.each<[string, RefundAnswer | null, string, string]>([
    ['accepts', null, 'refunding', 'processing'],
    ['refuses', { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: true }, 'problem', 'failed'],
    [
      'refuses unsigned',
      { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: false },
      'problem',
      'failed',
    ],
  ])(
    'a twin waits until WeChat Pay %s the first call, and both are answered what then is true',
    async (_, answer, status, transfer) => {
      const world = aWorld()
      const { call, first, second, hasWaited } = await twins(world, answer)
      expect(hasWaited).toBe(true)
      expect(first).toMatchObject({ value: { status, transfer: { status: transfer, attempts: 1 } } })
      expect(second).toEqual(first)
      await later(world, 6 * 60 * 60_000)
      expect(await refundOrder(world, call)).toEqual(first)
    },
  )

  test('a twin that comes while an unsigned refusal is being checked waits for the check', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const call = { by: MANAGER, orderId, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    let second: ReturnType<typeof refundOrder> | null = null
    world.wechat.nextAnswer.refund = { kind: 'refused', apiCode: 'NOT_ENOUGH', message: '', verified: false }
    world.wechat.during = {
      call: 'queryRefund',
      run: () =>
        new Promise((goOn) => {
          const pause = async () => {
            goOn()
            await new Promise((resolve) => setImmediate(resolve))
          }
          second = refundOrder({ ...world, pause }, call)
          void second.finally(goOn)
        }),
    }
    const first = await refundOrder(world, call)
    expect(first).toMatchObject({ value: { status: 'problem', transfer: { status: 'failed' } } })
    expect(await second).toEqual(first)
  })

  test('after a crash in the middle of the call a repeat waits a while, and what it then says is kept by nobody', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const call = { by: MANAGER, orderId, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    world.wechat.during = { call: 'refund', run: () => Promise.reject(new Error('killed')) }
    await expect(refundOrder(world, call)).rejects.toThrow('killed')
    let waitedMs = 0
    const pause = async (ms: number) => {
      waitedMs += ms
      world.now += ms
    }
    const submitting = { value: { status: 'refunding', transfer: { status: 'submitting', attempts: 1 } } }
    expect(await refundOrder({ ...world, pause }, call)).toMatchObject(submitting)
    expect(waitedMs).toBe(8_000)
    expect(await refundOrder({ ...world, pause }, call)).toMatchObject(submitting)
    expect(waitedMs).toBe(16_000)
    world.now = NOON + 20_000
    expect(await refundOrder({ ...world, pause }, call)).toMatchObject(submitting)
    expect(waitedMs).toBe(16_000)
    await later(world, 60_000)
    expect(await refundOrder({ ...world, pause }, call)).toMatchObject({
      value: { transfer: { status: 'processing' } },
    })
    expect(new Set(world.wechat.refundsSent.map(({ outRefundNo }) => outRefundNo)).size).toBe(1)
  })

  test('of a refund that could not be sent, or waits for its turn, a twin is answered without waiting', async () => {
    const world = aWorld()
    const tapped = await twins(world, { kind: 'notSent', reason: 'ERR_WXPAY_CONNECT' })
    const { first, second } = tapped
    expect(first).toMatchObject({ value: { transfer: { status: 'submitting', attempts: 1 } } })
    expect(second).toEqual(first)
    const { orderId } = tapped.call
    const call = { ...tapped.call, idempotencyKey: 's2' }
    const waiting = await refundOrder(world, call)
    expect(waiting).toMatchObject({ value: { transfer: { status: 'submitting', attempts: 0 } } })
    forgetAnswers(world, orderId)
    const noPause = () => Promise.reject(new Error('it waits'))
    expect(await refundOrder({ ...world, pause: noPause }, call)).toEqual(waiting)
    expect(await refundOrder({ ...world, pause: noPause }, tapped.call)).toEqual(first)
  })

  test('asked for and then cut off, a repeat gives the approval that is still missing', async () => {
    const world = aWorld()
    const orderId = await aPaidOrder(world)
    const { replace } = world.store.orders
    world.store.orders.replace = async (next, version) => {
      const written = await replace(next, version)
      world.store.orders.replace = replace
      world.store.failNextWrite = new Error('killed')
      return written
    }
    const call = { by: MANAGER, orderId, idempotencyKey: 's1', amountFen: 590, reason: '补偿' }
    await expect(refundOrder(world, call)).rejects.toThrow('killed')
    expect(await refundOrder(world, call)).toMatchObject({ value: { status: 'refunding' } })
    expect(world.wechat.refundsSent).toHaveLength(1)
  })
})
