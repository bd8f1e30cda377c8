import { JOURNEYS } from '../support/deployments'
import { type Phone, placeOrder, type Stack, startStack } from '../support/stack'

const XIAOLIN = 'oXiaolin00000000000000000001'
const AQING = 'oAqing0000000000000000000001'

describe.each(JOURNEYS)('%s', (_, api, deployment) => {
  let stack: Stack
  let xiaolin: Phone

  beforeAll(async () => {
    stack = await startStack({ api, deployment })
    xiaolin = await stack.phone(XIAOLIN)
  })
  afterAll(() => stack.close())
  afterEach(() => stack.expectBooksToAgree())

  const order = (orderId: string) => xiaolin.ask('getOrder', { params: { orderId } })
  const delivered = async (orderId: string) => {
    await stack.sandbox.control.moveClock({ advanceMs: 0 })
    return stack.sandbox.control.notifications({ outTradeNo: orderId }).notifications
  }

  test('a shopper buys: priced by us, paid at WeChat, known by notification, received', async () => {
    const placed = await placeOrder(xiaolin)
    expect(placed).toMatchObject({ status: 'awaitingPayment', amountFen: 17590, paidFen: 0 })
    expect(await xiaolin.pay(placed.orderId)).toBe('requestPayment:ok')
    const [notification] = await delivered(placed.orderId)
    expect(notification).toMatchObject({ protocol: api, status: 'delivered' })
    const paid = await order(placed.orderId)
    expect(paid).toMatchObject({ status: 'paid', paidFen: 17590, refundableFen: 17590, attention: [] })
    expect(stack.sandbox.control.trade(placed.orderId)).toMatchObject({
      protocol: api,
      state: 'SUCCESS',
      amountFen: 17590,
      transactions: [{ transactionId: paid.transactionId, paidFen: 17590 }],
    })
    const completed = await xiaolin.ask('confirmReceipt', { params: { orderId: placed.orderId } })
    expect(completed.status).toBe('completed')
  })

  test('what the phone reports changes nothing: only our own question makes the order paid', async () => {
    stack.fault('lose-notification')
    const { orderId } = await placeOrder(xiaolin)
    await xiaolin.pay(orderId)
    expect((await order(orderId)).status).toBe('awaitingPayment')
    const synced = await xiaolin.ask('syncPayment', { params: { orderId } })
    expect(synced).toMatchObject({ status: 'paid', paidFen: 17590 })
  })

  test('a payment whose page was closed and whose notification was lost is found by a job', async () => {
    const { orderId } = await placeOrder(xiaolin)
    stack.fault('lose-notification', { outTradeNo: orderId })
    await xiaolin.pay(orderId)
    await stack.advance(31_000)
    expect((await order(orderId)).status).toBe('paid')
  })

  test('a cancelled sheet leaves the order payable, under the same trade number', async () => {
    const { orderId } = await placeOrder(xiaolin)
    expect(await xiaolin.pay(orderId, 'cancel')).toBe('requestPayment:fail cancel')
    expect((await xiaolin.ask('syncPayment', { params: { orderId } })).status).toBe('awaitingPayment')
    expect(await xiaolin.pay(orderId)).toBe('requestPayment:ok')
    await delivered(orderId)
    expect((await order(orderId)).status).toBe('paid')
  })

  test('a shopper cancels: closed at WeChat, goods back on the shelf once', async () => {
    const before = await stack.stockOf('beans')
    const { orderId } = await placeOrder(xiaolin)
    await xiaolin.pay(orderId, 'cancel')
    expect(await stack.stockOf('beans')).toBe(before - 2)
    expect(await xiaolin.ask('cancelOrder', { params: { orderId } })).toMatchObject({
      status: 'closed',
      closing: false,
    })
    expect(stack.sandbox.control.trade(orderId).state).toBe('CLOSED')
    await xiaolin.ask('cancelOrder', { params: { orderId } })
    await stack.tick()
    expect(await stack.stockOf('beans')).toBe(before)
    const refused = await xiaolin.call('startPayment', { params: { orderId } })
    expect(refused).toMatchObject({ status: 409, envelope: { error: { code: 'ORDER_CLOSED' } } })
  })

  test('paid in the moment of cancelling, it is paid', async () => {
    const { orderId } = await placeOrder(xiaolin)
    stack.fault('lose-notification', { outTradeNo: orderId })
    await xiaolin.pay(orderId)
    expect((await xiaolin.ask('cancelOrder', { params: { orderId } })).status).toBe('paid')
    const again = await xiaolin.call('cancelOrder', { params: { orderId } })
    expect(again).toMatchObject({ status: 409, envelope: { error: { code: 'ORDER_ALREADY_PAID' } } })
  })

  test('an order nobody pays expires: asked, closed at WeChat, released', async () => {
    const before = await stack.stockOf('cup')
    const { orderId } = await placeOrder(xiaolin)
    await xiaolin.pay(orderId, 'cancel')
    await stack.advance(15 * 60_000)
    expect(await order(orderId)).toMatchObject({ status: 'closed' })
    expect(stack.sandbox.control.trade(orderId).state).toBe('CLOSED')
    expect(await stack.stockOf('cup')).toBe(before)
  })

  test('duplicate notifications have one effect', async () => {
    const { orderId } = await placeOrder(xiaolin)
    stack.fault('duplicate-notification', { outTradeNo: orderId }, { copies: 20 })
    await xiaolin.pay(orderId)
    await delivered(orderId)
    expect((await order(orderId)).status).toBe('paid')
    expect((await stack.ledger()).filter((entry) => entry.orderId === orderId)).toHaveLength(2)
  })

  test('a wrong amount is acknowledged, not believed, and waits in suspense for a person', async () => {
    const { orderId } = await placeOrder(xiaolin)
    stack.fault('wrong-amount', { outTradeNo: orderId }, { amountFen: 1 })
    await xiaolin.pay(orderId)
    expect(await delivered(orderId)).toMatchObject([{ status: 'delivered' }])
    expect(await order(orderId)).toMatchObject({
      status: 'awaitingPayment',
      paidFen: 0,
      attention: ['amountMismatch'],
    })
    await stack.advance(20 * 60_000)
    expect((await order(orderId)).status).toBe('awaitingPayment')
    const accounts = (await stack.ledger()).filter((entry) => entry.orderId === orderId)
    expect(accounts.map((entry) => [entry.account, entry.fen])).toEqual([
      ['wechat:receivable', 1],
      ['shop:suspense', -1],
    ])
    const { items } = await stack.owner.ask('listAttention')
    expect(items).toContainEqual(expect.objectContaining({ kind: 'amountMismatch', orderId }))
  })

  test.each(['forged-notification', 'unsigned-notification', 'probe'] as const)(
    'a %s is refused and changes nothing',
    async (fault) => {
      const { orderId } = await placeOrder(xiaolin)
      await xiaolin.pay(orderId, 'cancel')
      const { notification } = await stack.sandbox.control.forgeNotification({ outTradeNo: orderId, fault })
      expect(notification.attempts).toMatchObject([
        {
          ok: false,
          answer: api === 'v3' ? { status: 401 } : { status: 200, body: expect.stringContaining('FAIL') },
        },
      ])
      expect((await order(orderId)).status).toBe('awaitingPayment')
      await xiaolin.pay(orderId)
      await delivered(orderId)
      expect((await order(orderId)).status).toBe('paid')
    },
  )

  test('a payment that arrives after the close stays apart: closed order, money in suspense', async () => {
    const { orderId } = await placeOrder(xiaolin)
    const params = await xiaolin.ask('startPayment', { params: { orderId } })
    await xiaolin.ask('cancelOrder', { params: { orderId } })
    stack.fault('pay-after-close', { outTradeNo: orderId })
    const late = stack.sandbox.control.cashier({ ...params, openid: XIAOLIN, action: 'pay' })
    expect(late.errMsg).toBe('requestPayment:ok')
    expect(await delivered(orderId)).toMatchObject([{ status: 'delivered' }])
    expect(await order(orderId)).toMatchObject({
      status: 'closed',
      paidFen: 0,
      attention: ['paidAfterClose'],
    })
  })

  test('a second payment of one order does not change the first', async () => {
    const { orderId } = await placeOrder(xiaolin)
    const params = await xiaolin.ask('startPayment', { params: { orderId } })
    const pay = () => stack.sandbox.control.cashier({ ...params, openid: XIAOLIN, action: 'pay' })
    expect(pay().errMsg).toBe('requestPayment:ok')
    await delivered(orderId)
    const first = await order(orderId)
    stack.fault('second-payment', { outTradeNo: orderId })
    expect(pay().errMsg).toBe('requestPayment:ok')
    await delivered(orderId)
    expect(await order(orderId)).toMatchObject({
      status: 'paid',
      transactionId: first.transactionId,
      paidFen: 17590,
      attention: ['duplicatePayment'],
    })
  })

  test('an answer that is lost is uncertain, and the next tap finishes under the same number', async () => {
    const path = api === 'v3' ? '/v3/pay/transactions/jsapi' : '/pay/unifiedorder'
    const { orderId } = await placeOrder(xiaolin)
    // Twice, because a kept connection that dies without a byte is tried once more.
    stack.fault('apply-then-drop', { path }, { times: 2 })
    const lost = await xiaolin.call('startPayment', { params: { orderId } })
    expect(lost).toMatchObject({
      status: 503,
      envelope: { error: { code: 'PAYMENT_UNCERTAIN', retry: 'same' } },
    })
    expect(await xiaolin.pay(orderId)).toBe('requestPayment:ok')
    await delivered(orderId)
    expect((await order(orderId)).status).toBe('paid')
  })

  test.each(['wrong-signature', 'unsigned', 'probe', 'other-order-body', '500'] as const)(
    'an answer to the query that is %s is not believed',
    async (fault) => {
      const { orderId } = await placeOrder(xiaolin)
      // So that there is another order's answer to mix up with.
      const other = await placeOrder(xiaolin)
      await xiaolin.pay(other.orderId)
      await delivered(other.orderId)
      stack.fault('lose-notification', { outTradeNo: orderId })
      await xiaolin.pay(orderId)
      stack.fault(fault, {
        path: api === 'v3' ? `/v3/pay/transactions/out-trade-no/${orderId}` : '/pay/orderquery',
        outTradeNo: orderId,
      })
      const unclear = await xiaolin.call('syncPayment', { params: { orderId } })
      expect(unclear).toMatchObject({
        status: 503,
        envelope: { error: { code: 'PAYMENT_UNCERTAIN', retry: 'same' } },
      })
      expect((await order(orderId)).status).toBe('awaitingPayment')
      expect((await xiaolin.ask('syncPayment', { params: { orderId } })).status).toBe('paid')
    },
  )

  test('a close whose answer is lost stays closing, keeps its stock, and is finished by a job', async () => {
    const before = await stack.stockOf('cup')
    const { orderId } = await placeOrder(xiaolin)
    await xiaolin.pay(orderId, 'cancel')
    const path = api === 'v3' ? `/v3/pay/transactions/out-trade-no/${orderId}/close` : '/pay/closeorder'
    stack.fault('apply-then-drop', { path }, { times: 2 })
    const closing = await xiaolin.ask('cancelOrder', { params: { orderId } })
    expect(closing).toMatchObject({ status: 'awaitingPayment', closing: true })
    expect(await stack.stockOf('cup')).toBe(before - 1)
    const refused = await xiaolin.call('startPayment', { params: { orderId } })
    expect(refused).toMatchObject({ status: 409, envelope: { error: { code: 'ORDER_CLOSING' } } })
    await stack.advance(31_000)
    expect((await order(orderId)).status).toBe('closed')
    expect(await stack.stockOf('cup')).toBe(before)
  })

  test('a trade keeps the protocol it was made with', async () => {
    const { orderId } = await placeOrder(xiaolin)
    await xiaolin.pay(orderId, 'cancel')
    stack.api = api === 'v3' ? 'v2' : 'v3'
    try {
      expect(await xiaolin.pay(orderId)).toBe('requestPayment:ok')
      await delivered(orderId)
      expect((await order(orderId)).status).toBe('paid')
      expect(stack.sandbox.control.trade(orderId).protocol).toBe(api)
    } finally {
      stack.api = api
    }
  })

  test('somebody else can neither see the order nor pay it', async () => {
    const { orderId } = await placeOrder(xiaolin)
    const params = await xiaolin.ask('startPayment', { params: { orderId } })
    const aqing = await stack.phone(AQING)
    expect((await aqing.call('getOrder', { params: { orderId } })).status).toBe(404)
    expect((await aqing.call('startPayment', { params: { orderId } })).status).toBe(404)
    const paid = stack.sandbox.control.cashier({ ...params, openid: AQING, action: 'pay' })
    expect(paid.errMsg).toBe('requestPayment:fail 当前支付用户与下单用户不一致')
  })

  test('twenty taps on pay make one trade and one payment', async () => {
    const placed = await Promise.all(Array.from({ length: 20 }, () => placeOrder(xiaolin, `twenty-${api}`)))
    const [first] = placed
    expect(new Set(placed.map((o) => o.orderId)).size).toBe(1)
    const orderId = first?.orderId ?? ''
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => xiaolin.call('startPayment', { params: { orderId } })),
    )
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(await xiaolin.pay(orderId)).toBe('requestPayment:ok')
    await delivered(orderId)
    expect(stack.sandbox.control.trade(orderId).transactions).toHaveLength(1)
  })
})
