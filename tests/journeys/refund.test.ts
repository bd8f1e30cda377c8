/** @module The refund, from the shopper's tap to the money back, through the real stack and under both protocols. */
import type { CallData } from '@yuanlu/contract'
import { JOURNEYS } from '../support/deployments'
import { MANAGER, type Phone, placeOrder, type Stack, startStack } from '../support/stack'

const XIAOLIN = 'oXiaolin00000000000000000001'
const AQING = 'oAqing0000000000000000000001'
type Refund = CallData<'getRefund'>

describe.each(JOURNEYS)('%s', (_, api, deployment) => {
  let stack: Stack
  let xiaolin: Phone
  let manager: Phone

  beforeAll(async () => {
    stack = await startStack({ api, deployment })
    xiaolin = await stack.phone(XIAOLIN)
    manager = await stack.phone(MANAGER)
  })
  afterAll(() => stack.close())
  afterEach(() => stack.expectBooksToAgree())

  const delivered = () => stack.sandbox.control.moveClock({ advanceMs: 0 })
  const aPaidOrder = async (): Promise<string> => {
    const { orderId } = await placeOrder(xiaolin)
    expect(await xiaolin.pay(orderId)).toBe('requestPayment:ok')
    await delivered()
    return orderId
  }
  let keys = 0
  const ask = (orderId: string, amountFen = 17590, more: object = {}) =>
    xiaolin.ask('requestRefund', {
      params: { orderId },
      key: `refund-${++keys}`,
      body: { amountFen, reason: '不想要了', ...more },
    })
  const approve = (refund: Refund) =>
    manager.ask('approveRefund', {
      params: { refundId: refund.refundId },
      body: { amountFen: refund.amountFen },
    })
  const see = (refundId: string) => xiaolin.ask('getRefund', { params: { refundId } })
  const numberOf = (refund: Refund) => refund.transfer?.outRefundNo ?? ''
  const anApprovedRefund = async (amountFen = 17590) => {
    const orderId = await aPaidOrder()
    const refund = await approve(await ask(orderId, amountFen))
    return { orderId, refund, outRefundNo: numberOf(refund) }
  }

  test('asked, approved, on its way, back: truthful at every step', async () => {
    const orderId = await aPaidOrder()
    const asked = await ask(orderId, 5000)
    expect(asked).toMatchObject({ status: 'requested', transfer: null, origin: 'shopper' })
    const { items } = await manager.ask('listMerchantRefunds', { query: { status: 'requested' } })
    expect(items.map((refund) => refund.refundId)).toContain(asked.refundId)
    const approved = await approve(asked)
    expect(approved).toMatchObject({ status: 'refunding', transfer: { status: 'processing', attempts: 1 } })
    expect(stack.sandbox.control.refund(numberOf(approved))).toMatchObject({ refundFen: 5000 })
    expect((await see(asked.refundId)).status).toBe('refunding')
    await stack.advance(1_000)
    await delivered()
    await stack.tick()
    const back = await see(asked.refundId)
    expect(back).toMatchObject({ status: 'refunded', transfer: { status: 'succeeded' } })
    expect(back.timeline.map((entry) => entry.event)).toEqual(['requested', 'approved', 'succeeded'])
    expect(await xiaolin.ask('getOrder', { params: { orderId } })).toMatchObject({
      status: 'paid',
      paidFen: 17590,
      refundedFen: 5000,
      refundableFen: 12590,
    })
  })

  test('in three parts to the last fen, a minute apart, and not a fen more', async () => {
    const orderId = await aPaidOrder()
    const parts = [await ask(orderId, 5863), await ask(orderId, 5863), await ask(orderId, 5864)]
    for (const part of parts) await approve(part)
    const waiting = await see(parts[1]?.refundId ?? '')
    expect(waiting).toMatchObject({ status: 'refunding', transfer: { status: 'submitting', attempts: 0 } })
    for (let i = 0; i < 3; i++) await stack.advance(61_000)
    for (const part of parts) expect((await see(part.refundId)).status).toBe('refunded')
    const more = await xiaolin.call('requestRefund', {
      params: { orderId },
      key: `refund-${++keys}`,
      body: { amountFen: 1, reason: 'x' },
    })
    expect(more).toMatchObject({ status: 409, envelope: { error: { code: 'REFUND_EXCEEDS_BALANCE' } } })
  })

  test('a lost answer is unknown, found by asking, and never sent under another number', async () => {
    const path = api === 'v3' ? '/v3/refund/domestic/refunds' : '/secapi/pay/refund'
    const orderId = await aPaidOrder()
    const asked = await ask(orderId)
    stack.fault('apply-then-drop', { path })
    const approved = await approve(asked)
    expect(approved).toMatchObject({ status: 'refunding', transfer: { status: 'unknown' } })
    await stack.advance(61_000)
    await delivered()
    await stack.tick()
    expect(await see(asked.refundId)).toMatchObject({ status: 'refunded', transfers: [{ attempts: 1 }] })
  })

  test('a call that never arrived is sent again under the same number', async () => {
    const path = api === 'v3' ? '/v3/refund/domestic/refunds' : '/secapi/pay/refund'
    const orderId = await aPaidOrder()
    const asked = await ask(orderId)
    stack.fault('drop-before', { path })
    const approved = await approve(asked)
    expect(approved.transfer?.status).toBe('unknown')
    await stack.advance(61_000)
    const sent = await see(asked.refundId)
    expect(sent).toMatchObject({
      status: 'refunding',
      transfer: { attempts: 2, outRefundNo: numberOf(approved) },
    })
    await stack.advance(61_000)
    await stack.tick()
    expect((await see(asked.refundId)).status).toBe('refunded')
  })

  test('a lost notification is found by a job', async () => {
    const { refund, outRefundNo } = await anApprovedRefund()
    stack.fault('lose-notification', { outRefundNo })
    await stack.advance(61_000)
    expect((await see(refund.refundId)).status).toBe('refunded')
  })

  test('forged and unsigned notices decide nothing', async () => {
    const { refund, outRefundNo } = await (async () => {
      stack.fault('hold-refund')
      return anApprovedRefund()
    })()
    for (const fault of ['forged-notification', 'unsigned-notification', 'probe'] as const) {
      await stack.sandbox.control.forgeNotification({ outRefundNo, fault, status: 'SUCCESS' })
      await stack.tick()
      expect((await see(refund.refundId)).status).toBe('refunding')
    }
    stack.sandbox.control.settleRefund(outRefundNo, { status: 'SUCCESS' })
    await delivered()
    await stack.tick()
    expect((await see(refund.refundId)).status).toBe('refunded')
  })

  test('not enough balance is a problem, and the same number succeeds once there is money', async () => {
    const orderId = await aPaidOrder()
    const asked = await ask(orderId)
    stack.fault('not-enough', { outTradeNo: orderId })
    const approved = await approve(asked)
    expect(approved).toMatchObject({ status: 'problem', transfer: { status: 'failed' } })
    const { items } = await manager.ask('listAttention')
    expect(items).toContainEqual(
      expect.objectContaining({ kind: 'notEnoughBalance', refundId: asked.refundId }),
    )
    await stack.advance(6 * 60 * 60_000)
    const again = await see(asked.refundId)
    expect(again).toMatchObject({
      status: 'refunding',
      transfer: { outRefundNo: numberOf(approved), attempts: 2 },
    })
    await stack.advance(61_000)
    await stack.tick()
    expect((await see(asked.refundId)).status).toBe('refunded')
    const after = await manager.ask('listAttention')
    expect(after.items.some((item) => item.refundId === asked.refundId)).toBe(false)
  })

  test('an account that cannot receive is recorded off-line, with proof', async () => {
    const orderId = await aPaidOrder()
    const asked = await ask(orderId, 1000)
    stack.fault('user-account-abnormal', { outTradeNo: orderId })
    expect(await approve(asked)).toMatchObject({ status: 'problem', transfer: { status: 'failed' } })
    const { refundId } = asked
    const settled = await manager.ask('settleRefundOffline', {
      params: { refundId },
      body: { proof: '2026-11-24 银行转账，回单 8888' },
    })
    expect(settled.status).toBe('refunded')
  })

  test('a closed refund gets a new number, and only then', async () => {
    stack.fault('hold-refund')
    const { refund, outRefundNo } = await anApprovedRefund()
    stack.sandbox.control.settleRefund(outRefundNo, { status: 'CLOSED' })
    await stack.advance(61_000)
    await stack.tick()
    expect((await see(refund.refundId)).status).toBe('problem')
    await manager.ask('resubmitRefund', { params: { refundId: refund.refundId } })
    await stack.advance(61_000)
    await stack.advance(61_000)
    const done = await see(refund.refundId)
    expect(done).toMatchObject({
      status: 'refunded',
      transfers: [{ status: 'closed' }, { status: 'succeeded' }],
    })
    expect(numberOf(done)).not.toBe(outRefundNo)
  })

  test('an abnormal refund is no way to pay twice', async () => {
    stack.fault('hold-refund')
    const { refund, outRefundNo } = await anApprovedRefund(1000)
    stack.sandbox.control.settleRefund(outRefundNo, { status: 'ABNORMAL' })
    await stack.advance(61_000)
    await stack.tick()
    expect(await see(refund.refundId)).toMatchObject({ status: 'problem', transfer: { status: 'abnormal' } })
    const params = { refundId: refund.refundId }
    expect(await manager.call('resubmitRefund', { params })).toMatchObject({
      status: 409,
      envelope: { error: { code: 'NOT_RESUBMITTABLE' } },
    })
    expect(await manager.call('abandonRefund', { params, body: { reason: 'x' } })).toMatchObject({
      status: 409,
      envelope: { error: { code: 'REFUND_IN_PROGRESS' } },
    })
    const card = {
      to: 'userBankCard' as const,
      bankType: 'CMB_DEBIT',
      bankAccount: '6214830012345678',
      realName: '林小姐',
    }
    const redirected = await manager.call('redirectRefund', { params, body: card })
    if (api === 'v2') {
      expect(redirected).toMatchObject({ status: 409, envelope: { error: { code: 'NOT_RESUBMITTABLE' } } })
      return
    }
    expect(redirected).toMatchObject({ status: 200, envelope: { data: { status: 'refunding' } } })
    await stack.advance(61_000)
    await stack.tick()
    expect((await see(refund.refundId)).status).toBe('refunded')
  })

  test('a refund started in the merchant platform is found, counted and journaled', async () => {
    const orderId = await aPaidOrder()
    await stack.advance(61_000)
    stack.sandbox.control.startRefund({ outTradeNo: orderId, amountFen: 590, reason: '客服补偿' })
    await stack.advance(1_000)
    await delivered()
    await stack.tick()
    const order = await xiaolin.ask('getOrder', { params: { orderId } })
    expect(order).toMatchObject({ refundedFen: 590, refundableFen: 17000, refunds: [{ origin: 'system' }] })
  })

  test('money for a closed order and a second payment go back by themselves, once', async () => {
    const late = await placeOrder(xiaolin)
    const lateParams = await xiaolin.ask('startPayment', { params: { orderId: late.orderId } })
    await xiaolin.ask('cancelOrder', { params: { orderId: late.orderId } })
    stack.fault('pay-after-close', { outTradeNo: late.orderId })
    stack.sandbox.control.cashier({ ...lateParams, openid: XIAOLIN, action: 'pay' })
    const twice = await placeOrder(xiaolin)
    const params = await xiaolin.ask('startPayment', { params: { orderId: twice.orderId } })
    stack.sandbox.control.cashier({ ...params, openid: XIAOLIN, action: 'pay' })
    await delivered()
    stack.fault('second-payment', { outTradeNo: twice.orderId })
    stack.sandbox.control.cashier({ ...params, openid: XIAOLIN, action: 'pay' })
    await delivered()
    for (let i = 0; i < 4; i++) await stack.advance(61_000)
    expect(await xiaolin.ask('getOrder', { params: { orderId: late.orderId } })).toMatchObject({
      status: 'closed',
      paidFen: 0,
      refunds: [{ origin: 'system', status: 'refunded', amountFen: 17590 }],
    })
    expect(await xiaolin.ask('getOrder', { params: { orderId: twice.orderId } })).toMatchObject({
      status: 'paid',
      paidFen: 17590,
      refundableFen: 17590,
      refunds: [{ origin: 'system', status: 'refunded', amountFen: 17590 }],
    })
    for (const { orderId } of [late, twice]) {
      const suspense = (await stack.ledger()).filter(
        (e) => e.orderId === orderId && e.account === 'shop:suspense',
      )
      expect(suspense.reduce((sum, entry) => sum + entry.fen, 0)).toBe(0)
    }
  })

  test('a wrong amount waits for a person, who accepts it', async () => {
    const { orderId } = await placeOrder(xiaolin)
    stack.fault('wrong-amount', { outTradeNo: orderId }, { amountFen: 17000 })
    await xiaolin.pay(orderId)
    await delivered()
    const { items } = await manager.ask('listAttention')
    const item = items.find((i) => i.orderId === orderId)
    await manager.ask('resolveAttention', {
      params: { id: item?.id ?? '' },
      body: { note: '差额已当面补齐', action: 'accept' },
    })
    expect(await xiaolin.ask('getOrder', { params: { orderId } })).toMatchObject({
      status: 'paid',
      paidFen: 17000,
      attention: [],
    })
  })

  test('a wrong amount that is sent back in the merchant platform is settled there, and accepted no more', async () => {
    const { orderId } = await placeOrder(xiaolin)
    stack.fault('wrong-amount', { outTradeNo: orderId }, { amountFen: 17000 })
    await xiaolin.pay(orderId)
    await delivered()
    const { items } = await manager.ask('listAttention')
    const id = items.find((item) => item.orderId === orderId)?.id ?? ''
    await stack.advance(61_000)
    stack.sandbox.control.startRefund({ outTradeNo: orderId, amountFen: 17000, reason: '金额不符' })
    const body = { note: '差额已当面补齐', action: 'accept' as const }
    // WeChat Pay knows of it before its notice is here.
    expect((await manager.call('resolveAttention', { params: { id }, body })).status).toBe(409)
    await stack.advance(1_000)
    await delivered()
    await stack.tick()
    expect(await xiaolin.ask('getOrder', { params: { orderId } })).toMatchObject({
      status: 'closed',
      paidFen: 0,
      attention: [],
      refunds: [{ origin: 'system', status: 'refunded', amountFen: 17000 }],
    })
    expect((await manager.call('resolveAttention', { params: { id }, body })).status).toBe(409)
    const suspense = (await stack.ledger()).filter(
      (e) => e.orderId === orderId && e.account === 'shop:suspense',
    )
    expect(suspense.map(({ fen }) => fen)).toEqual([-17000, 17000])
  })

  test('approve, reject and withdraw at once: one decision wins, the others are told', async () => {
    for (let round = 0; round < 5; round++) {
      const orderId = await aPaidOrder()
      const { refundId } = await ask(orderId, 1000)
      const params = { refundId }
      const answers = await Promise.all([
        manager.call('approveRefund', { params, body: { amountFen: 1000 } }),
        stack.owner.call('rejectRefund', { params, body: { reason: '已发货' } }),
        xiaolin.call('withdrawRefund', { params }),
      ])
      expect(answers.filter((a) => a.status === 200)).toHaveLength(1)
      for (const answer of answers)
        if (!answer.envelope.ok) expect(answer.envelope.error.code).toBe('REFUND_ALREADY_DECIDED')
      await stack.advance(61_000)
      await stack.tick()
    }
  })

  test('two approvers and many taps send one refund', async () => {
    const orderId = await aPaidOrder()
    const { refundId } = await ask(orderId, 1000)
    const tap = (phone: Phone) =>
      phone.call('approveRefund', { params: { refundId }, body: { amountFen: 1000 } })
    await Promise.all([tap(manager), tap(stack.owner), tap(manager), tap(stack.owner), tap(manager)])
    await stack.advance(61_000)
    await stack.tick()
    const refunds = stack.sandbox.control
      .ledger({ after: 0 })
      .entries.filter((e) => e.outTradeNo === orderId && e.outRefundNo)
    expect(new Set(refunds.map((entry) => entry.outRefundNo)).size).toBe(1)
    expect((await see(refundId)).status).toBe('refunded')
  })

  test('a stranger sees nothing, a shopper decides nothing', async () => {
    const orderId = await aPaidOrder()
    const { refundId } = await ask(orderId, 1000)
    const aqing = await stack.phone(AQING)
    const params = { refundId }
    expect((await aqing.call('getRefund', { params })).status).toBe(404)
    expect((await aqing.call('withdrawRefund', { params })).status).toBe(404)
    expect(
      (
        await aqing.call('requestRefund', {
          params: { orderId },
          key: 'x',
          body: { amountFen: 1, reason: 'x' },
        })
      ).status,
    ).toBe(404)
    expect((await xiaolin.call('approveRefund', { params, body: { amountFen: 1000 } })).status).toBe(403)
    expect((await xiaolin.call('listMerchantRefunds')).status).toBe(403)
    await xiaolin.ask('withdrawRefund', { params })
  })
})
