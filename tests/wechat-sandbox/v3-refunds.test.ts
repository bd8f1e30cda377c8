import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant
let number = 0

beforeAll(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
beforeEach(() => {
  number += 1
})
afterAll(cleanUp)

const REFUNDS = '/v3/refund/domestic/refunds'
const MINUTE = 60_000
const DAY = 86_400_000
const trade = () => `TRADE-${String(number).padStart(3, '0')}`
const refundNo = (part = 0) => `${trade()}-R${part}`
const parsed = (answer: { body: string }) => JSON.parse(answer.body)
const advance = (ms: number) => sandbox.control.moveClock({ advanceMs: ms })
const buy = () => merchant.buy({ out_trade_no: trade() })
const part = (refund: number, of = 0, more: object = {}) =>
  merchant.refund(trade(), {
    out_refund_no: refundNo(of),
    amount: { refund, total: 1999, currency: 'CNY' },
    ...more,
  })
const said = (answer: { status: number; body: string }) => [answer.status, parsed(answer).code]
const state = (of = 0) => sandbox.control.refund(refundNo(of)).state

test('a refund is accepted first and succeeds a second later, signed and complete', async () => {
  await buy()
  const [transaction] = sandbox.control.trade(trade()).transactions
  const at = sandbox.now()
  const answer = await part(1999, 0, { reason: '不想要了' })
  expect(answer.status).toBe(200)
  expect(merchant.isGenuine(answer.headers, answer.body)).toBe(true)
  expect(parsed(answer)).toEqual({
    refund_id: expect.stringMatching(/^5030\d{25}$/),
    out_refund_no: refundNo(),
    transaction_id: transaction?.transactionId,
    out_trade_no: trade(),
    channel: 'ORIGINAL',
    user_received_account: '支付用户零钱',
    create_time: '2026-11-22T10:00:00+08:00',
    status: 'PROCESSING',
    funds_account: 'UNSETTLED',
    amount: {
      total: 1999,
      refund: 1999,
      from: [],
      payer_total: 1999,
      payer_refund: 1999,
      settlement_refund: 1999,
      settlement_total: 1999,
      discount_refund: 0,
      currency: 'CNY',
    },
    promotion_detail: [],
  })
  await advance(999)
  expect(parsed(await merchant.queryRefund(refundNo())).status).toBe('PROCESSING')
  await advance(1)
  expect(sandbox.now()).toBe(at + 1_000)
  const query = await merchant.queryRefund(refundNo())
  expect(merchant.isGenuine(query.headers, query.body)).toBe(true)
  expect(parsed(query)).toEqual({
    ...parsed(answer),
    status: 'SUCCESS',
    success_time: '2026-11-22T10:00:01+08:00',
  })
  expect(sandbox.control.refund(refundNo())).toMatchObject({
    state: 'SUCCESS',
    refundFen: 1999,
    reason: '不想要了',
    source: 'API',
    protocol: 'v3',
    openid: 'openid-alice',
    finishedAt: '2026-11-22T02:00:01.000Z',
    dueAt: null,
  })
})

test('any refund of it, part or whole, makes the trade say REFUND; a closed one does not', async () => {
  await buy()
  await part(1)
  const query = parsed(await merchant.query(trade()))
  expect(query).toMatchObject({
    trade_state: 'REFUND',
    trade_state_desc: '订单发生过退款，退款详情请查询退款单',
    success_time: expect.any(String),
    payer: { openid: 'openid-alice' },
    amount: { total: 1999, payer_total: 1999 },
  })
  expect(sandbox.control.trade(trade()).state).toBe('REFUND')
  sandbox.control.settleRefund(refundNo(), { status: 'CLOSED' })
  expect(parsed(await merchant.query(trade())).trade_state).toBe('SUCCESS')
  const again = await merchant.v3(
    'POST',
    '/v3/pay/transactions/jsapi',
    merchant.order({ out_trade_no: trade() }),
  )
  expect(said(again)).toEqual([400, 'ORDERPAID'])
})

test('by transaction_id it is the same trade; both numbers must name the same one', async () => {
  await buy()
  const transactionId = sandbox.control.trade(trade()).transactions[0]?.transactionId
  const both = await merchant.v3('POST', REFUNDS, {
    ...merchant.refundOf(trade(), { out_refund_no: refundNo() }),
    transaction_id: transactionId,
  })
  expect(both.status).toBe(200)
  const { out_trade_no: _unused, ...byId } = merchant.refundOf(trade(), { out_refund_no: refundNo() })
  const repeated = await merchant.v3('POST', REFUNDS, { ...byId, transaction_id: transactionId })
  expect(parsed(repeated).refund_id).toBe(parsed(both).refund_id)
  const apart = await merchant.refund('OTHER-TRADE', { transaction_id: transactionId })
  expect([apart.status, parsed(apart)]).toEqual([
    400,
    { code: 'INVALID_REQUEST', message: '微信支付订单号与商户订单号不是同一笔订单' },
  ])
  const neither = await merchant.v3('POST', REFUNDS, byId)
  expect(said(neither)).toEqual([400, 'PARAM_ERROR'])
})

describe('the same out_refund_no', () => {
  test('with the same terms gives the same refund in its present state, and no money twice', async () => {
    await buy()
    const first = parsed(await part(500))
    const again = parsed(await part(500, 0, { reason: '别的原因' }))
    expect(again).toEqual(first)
    await advance(1_000)
    expect(parsed(await part(500))).toMatchObject({ refund_id: first.refund_id, status: 'SUCCESS' })
    expect(sandbox.control.trade(trade()).transactions[0]?.refunds).toEqual([refundNo()])
    expect(sandbox.control.refund(refundNo()).reason).toBeNull()
  })

  test.each<[string, object]>([
    ['another amount', { amount: { refund: 501, total: 1999, currency: 'CNY' } }],
    ['another total', { amount: { refund: 500, total: 2000, currency: 'CNY' } }],
    ['another trade', { out_trade_no: 'TRADE-001' }],
  ])('with %s is refused, whatever happened to the first', async (_name, change) => {
    await buy()
    await part(500)
    expect(said(await part(500, 0, change))).toEqual([400, 'INVALID_REQUEST'])
    await advance(1_000)
    const late = await part(500, 0, change)
    expect(parsed(late)).toEqual({
      code: 'INVALID_REQUEST',
      message: '订单金额或退款金额与之前请求不一致，请核实后再试',
    })
    expect(sandbox.control.refund(refundNo()).refundFen).toBe(500)
  })

  test('after CLOSED stays closed: a new number is needed', async () => {
    await buy()
    await part(1999)
    sandbox.control.settleRefund(refundNo(), { status: 'CLOSED' })
    expect(parsed(await part(1999))).toMatchObject({ status: 'CLOSED' })
    await advance(MINUTE)
    expect(parsed(await part(1999, 1))).toMatchObject({ status: 'PROCESSING' })
  })
})

describe('rules of the amount, the parts and the time', () => {
  test('the parts never add up to more than was paid', async () => {
    await buy()
    expect((await part(1998)).status).toBe(200)
    await advance(MINUTE)
    const over = await part(2, 1)
    expect(parsed(over)).toEqual({ code: 'INVALID_REQUEST', message: '累计退款金额大于支付金额' })
    expect(over.status).toBe(400)
    expect((await part(1, 1)).status).toBe(200)
    await advance(MINUTE)
    expect(parsed(await part(1, 2)).message).toBe('订单已全额退款')
    expect(() => sandbox.control.refund(refundNo(2))).toThrow('no refund')
  })

  test('more than the total at once is refused', async () => {
    await buy()
    expect(said(await part(2000))).toEqual([400, 'INVALID_REQUEST'])
  })

  test('a total that is not the trade’s is refused', async () => {
    await buy()
    const answer = await part(1, 0, { amount: { refund: 1, total: 2000, currency: 'CNY' } })
    expect(said(answer)).toEqual([400, 'INVALID_REQUEST'])
  })

  test('of twenty refunds asked for at once one is accepted; the same number twenty times is one refund', async () => {
    await buy()
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        merchant.refund(trade(), {
          out_refund_no: `${refundNo()}-${n}`,
          amount: { refund: 1999, total: 1999, currency: 'CNY' },
        }),
      ),
    )
    expect(many.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)])
    await advance(MINUTE)
    number += 1
    await buy()
    const same = await Promise.all(Array.from({ length: 20 }, () => merchant.refund(trade())))
    expect(new Set(same.map(({ body }) => JSON.parse(body).refund_id)).size).toBe(1)
    expect(sandbox.control.trade(trade()).transactions[0]?.refunds).toHaveLength(1)
  })

  test('two refunds of one trade are a minute apart; trades do not wait for each other', async () => {
    await buy()
    await merchant.buy({ out_trade_no: `${trade()}X` })
    expect((await part(1)).status).toBe(200)
    expect((await merchant.refund(`${trade()}X`)).status).toBe(200)
    await advance(MINUTE - 1)
    const early = await part(1, 1)
    expect(said(early)).toEqual([429, 'FREQUENCY_LIMITED'])
    expect(early.headers['wechatpay-signature']).toBeUndefined()
    expect((await merchant.queryRefund(refundNo(1))).status).toBe(404)
    await advance(1)
    expect((await part(1, 1)).status).toBe(200)
  })

  test('fifty parts, and the fifty-first is refused; closed ones do not count', async () => {
    await buy()
    for (let i = 0; i < 50; i++) {
      expect((await part(1, i)).status).toBe(200)
      await advance(MINUTE)
    }
    expect(parsed(await part(1, 50))).toEqual({
      code: 'INVALID_REQUEST',
      message: '每个支付订单的部分退款次数不能超过50次',
    })
    number += 1
    await buy()
    for (let i = 0; i < 51; i++) {
      expect((await part(1, i)).status).toBe(200)
      if (i === 0) sandbox.control.settleRefund(refundNo(i), { status: 'CLOSED' })
      await advance(MINUTE)
    }
    expect((await part(1, 51)).status).toBe(400)
  })

  test('365 days after the payment it is too late', async () => {
    await buy()
    await advance(365 * DAY - 1)
    expect((await part(1)).status).toBe(200)
    await advance(1)
    expect(parsed(await part(1, 1))).toEqual({
      code: 'INVALID_REQUEST',
      message: '订单已经超过退款期限',
    })
    // The first number is answered as before.
    expect((await part(1)).status).toBe(200)
  })

  test.each(['unknown', 'unpaid', 'closed'])('an %s trade is a 404', async (kind) => {
    if (kind !== 'unknown') await merchant.prepay({ out_trade_no: trade() })
    if (kind === 'closed') await merchant.close(trade())
    expect(said(await part(1999))).toEqual([404, 'RESOURCE_NOT_EXISTS'])
    const { out_trade_no: _unused, ...body } = merchant.refundOf(trade())
    const byId = await merchant.v3('POST', REFUNDS, {
      ...body,
      transaction_id: '4200000000202611220000000000',
    })
    expect(said(byId)).toEqual([404, 'RESOURCE_NOT_EXISTS'])
  })

  test('a second payment of a trade is refunded by its own transaction_id', async () => {
    const prepayId = await merchant.prepay({ out_trade_no: trade() })
    const pay = () =>
      sandbox.control.cashier({ ...merchant.payParameters(prepayId), openid: 'openid-alice', action: 'pay' })
    pay()
    sandbox.control.addFault({ fault: 'second-payment' })
    pay()
    const [first, second] = sandbox.control.trade(trade()).transactions
    const { out_trade_no: _unused, ...body } = merchant.refundOf(trade(), { out_refund_no: refundNo(1) })
    const answer = await merchant.v3('POST', REFUNDS, { ...body, transaction_id: second?.transactionId })
    expect(parsed(answer).transaction_id).toBe(second?.transactionId)
    // Another payment: neither the minute nor the sum of the other counts.
    expect(parsed(await part(1999)).transaction_id).toBe(first?.transactionId)
  })

  test('what was paid by mistake is the total of its refund', async () => {
    sandbox.control.addFault({ fault: 'wrong-amount', amountFen: 1, match: { outTradeNo: trade() } })
    await buy()
    expect(said(await part(1999))).toEqual([400, 'INVALID_REQUEST'])
    const right = await part(1, 0, { amount: { refund: 1, total: 1, currency: 'CNY' } })
    expect(right.status).toBe(200)
  })
})

describe('queries', () => {
  test('an unknown number is a 404 that says the refund was never accepted', async () => {
    expect(said(await merchant.queryRefund('NEVER'))).toEqual([404, 'RESOURCE_NOT_EXISTS'])
  })

  test.each(['A'.repeat(65), '%20', '%E9%80%80'])('%s is no refund number', async (bad) => {
    expect(said(await merchant.queryRefund(bad))).toEqual([400, 'PARAM_ERROR'])
  })

  test('both refund calls want a signature, an Accept and a User-Agent', async () => {
    for (const [method, path, body] of [
      ['POST', REFUNDS, merchant.refundOf('TRADE-001')],
      ['GET', `${REFUNDS}/R1`, undefined],
    ] as const) {
      const unsigned = await merchant.v3(method, path, body, { authorization: null })
      expect(unsigned.status).toBe(401)
      expect(parsed(unsigned).message).toContain('Authorization值格式错误')
      expect(unsigned.headers['request-id']).toMatch(/-268443699$/)
      const silent = await merchant.v3(method, path, body, { headers: { 'User-Agent': null } })
      expect(said(silent)).toEqual([400, 'INVALID_REQUEST'])
    }
    expect((await merchant.v3('GET', REFUNDS)).status).toBe(405)
    expect((await merchant.v3('POST', `${REFUNDS}/R1`, {})).status).toBe(405)
  })
})

describe('fields', () => {
  const refuse = async (override: Record<string, unknown>) =>
    parsed(await merchant.v3('POST', REFUNDS, { ...merchant.refundOf('FIELDS-01'), ...override }))

  test.each(['out_refund_no', 'amount'])('%s is required', async (name) => {
    expect(await refuse({ [name]: undefined })).toMatchObject({
      code: 'PARAM_ERROR',
      detail: { field: `/${name}`, issue: 'required', location: 'body' },
    })
  })

  const amount = (override: object) => ({
    amount: { refund: 1, total: 1999, currency: 'CNY', ...override },
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['a refund of zero', amount({ refund: 0 }), '/amount/refund'],
    ['a negative refund', amount({ refund: -1 }), '/amount/refund'],
    ['a refund in text', amount({ refund: '1' }), '/amount/refund'],
    ['a refund in yuan', amount({ refund: 0.01 }), '/amount/refund'],
    ['a refund above 2^53', amount({ refund: 2 ** 53 + 2 }), '/amount/refund'],
    ['no total', amount({ total: undefined }), '/amount/total'],
    ['no currency', amount({ currency: undefined }), '/amount/currency'],
    ['dollars', amount({ currency: 'USD' }), '/amount/currency'],
    ['an unknown member of amount', amount({ refund_fee: 1 }), '/amount/refund_fee'],
    ['from another account', amount({ from: [{ account: 'MINE', amount: 1 }] }), '/amount/from/0/account'],
    ['from without amount', amount({ from: [{ account: 'AVAILABLE' }] }), '/amount/from/0/amount'],
    ['an unknown member', { refund_fee: 1 }, '/refund_fee'],
    ['a sub_mchid', { sub_mchid: '1900000001' }, '/sub_mchid'],
    ['an empty number', { out_refund_no: '' }, '/out_refund_no'],
    ['a number of 65 characters', { out_refund_no: 'R'.repeat(65) }, '/out_refund_no'],
    ['a number with a space', { out_refund_no: 'R 1' }, '/out_refund_no'],
    ['a number in Chinese', { out_refund_no: '退款1' }, '/out_refund_no'],
    ['a reason of 81 characters', { reason: '退'.repeat(81) }, '/reason'],
    ['a funds_account of v2', { funds_account: 'REFUND_SOURCE_RECHARGE_FUNDS' }, '/funds_account'],
    ['a notify_url over http', { notify_url: 'http://shop.example.com/n' }, '/notify_url'],
    ['a notify_url with a query', { notify_url: 'https://shop.example.com/n?a=1' }, '/notify_url'],
    ['a notify_url of 257', { notify_url: `https://a.example/${'n'.repeat(239)}` }, '/notify_url'],
    ['a transaction_id of 33', { transaction_id: '4'.repeat(33) }, '/transaction_id'],
    ['goods without a price', { goods_detail: [{ merchant_goods_id: 'a' }] }, '/goods_detail/0/unit_price'],
  ])('%s is refused and the field named', async (_name, override, field) => {
    expect(await refuse(override)).toMatchObject({
      code: 'PARAM_ERROR',
      detail: { field, location: 'body' },
    })
  })

  test('what is exactly as long as allowed is taken, goods and sources included', async () => {
    await buy()
    const answer = await merchant.refund(trade(), {
      out_refund_no: '*|-_@'.padEnd(64, 'Z'),
      reason: '退'.repeat(80),
      notify_url: `https://a.example/${'n'.repeat(238)}`,
      amount: { refund: 10, total: 1999, currency: 'CNY', from: [{ account: 'UNAVAILABLE', amount: 10 }] },
      goods_detail: [{ merchant_goods_id: 'a', unit_price: 1, refund_amount: 10, refund_quantity: 1 }],
    })
    expect(answer.status).toBe(200)
    expect(parsed(answer).amount.from).toEqual([{ account: 'UNAVAILABLE', amount: 10 }])
  })

  test('the parts it is paid from add up to it', async () => {
    await buy()
    const answer = await part(10, 0, amount({ refund: 10, from: [{ account: 'UNAVAILABLE', amount: 9 }] }))
    expect(said(answer)).toEqual([400, 'INVALID_REQUEST'])
  })

  test.each(['{"out_refund_no":', '[]', 'null'])('a body that is %s is refused', async (body) => {
    expect(said(await merchant.v3('POST', REFUNDS, body))).toEqual([400, 'PARAM_ERROR'])
  })
})

describe('faults', () => {
  const fault = (name: string, more: object = {}) =>
    sandbox.control.addFault({ match: { outRefundNo: refundNo() }, fault: name, ...more })

  test('user-account-abnormal: refused for good, once', async () => {
    await buy()
    fault('user-account-abnormal')
    const answer = await part(1999)
    expect(said(answer)).toEqual([403, 'USER_ACCOUNT_ABNORMAL'])
    expect((await merchant.queryRefund(refundNo())).status).toBe(404)
    expect((await part(1999)).status).toBe(200)
  })

  test('not-enough: refused, the same number works after that', async () => {
    await buy()
    fault('not-enough')
    expect(said(await part(1999))).toEqual([403, 'NOT_ENOUGH'])
    expect((await merchant.queryRefund(refundNo())).status).toBe(404)
    expect((await part(1999)).status).toBe(200)
  })

  test.each([true, false])('frequency-limited, applied: %s', async (applied) => {
    await buy()
    fault('frequency-limited', { applied })
    expect(said(await part(1999))).toEqual([429, 'FREQUENCY_LIMITED'])
    expect((await merchant.queryRefund(refundNo())).status).toBe(applied ? 200 : 404)
    expect((await part(1999)).status).toBe(200)
    expect(sandbox.control.trade(trade()).transactions[0]?.refunds).toEqual([refundNo()])
  })

  test('refund-abnormal and refund-closed decide it when it is due', async () => {
    await buy()
    fault('refund-abnormal')
    expect(parsed(await part(1999)).status).toBe('PROCESSING')
    await advance(1_000)
    expect(state()).toBe('ABNORMAL')
    number += 1
    await buy()
    fault('refund-closed')
    await part(1999)
    await advance(1_000)
    expect(state()).toBe('CLOSED')
    expect(parsed(await merchant.queryRefund(refundNo())).success_time).toBeUndefined()
  })

  test('hold-refund: a held one whose money wasn’t there stays processing when the money comes', async () => {
    const merchant = new Merchant(sandbox)
    await merchant.buy({ out_trade_no: 'HELD-SHORT' })
    for (const name of ['hold-refund', 'not-enough'])
      sandbox.control.addFault({ fault: name, applied: true, match: { outTradeNo: 'HELD-SHORT' } })
    await merchant.refund('HELD-SHORT')
    sandbox.control.moveBalance({ amountFen: 1_999 })
    const held = { state: 'PROCESSING', isFunded: true, dueAt: null }
    expect(sandbox.control.refund('R-HELD-SHORT')).toMatchObject(held)
    await sandbox.control.moveClock({ advanceMs: 8 * 86_400_000 })
    expect(sandbox.control.refund('R-HELD-SHORT')).toMatchObject(held)
    sandbox.control.settleRefund('R-HELD-SHORT', { status: 'SUCCESS' })
    expect(sandbox.control.refund('R-HELD-SHORT').state).toBe('SUCCESS')
  })

  test('hold-refund: processing until somebody decides', async () => {
    await buy()
    fault('hold-refund')
    await part(1999)
    await advance(10 * DAY)
    expect(state()).toBe('PROCESSING')
    sandbox.control.settleRefund(refundNo(), { status: 'SUCCESS' })
    expect(state()).toBe('SUCCESS')
  })

  test('request faults strike refunds by their number, whichever way they are named', async () => {
    await buy()
    fault('apply-then-drop')
    await expect(part(1999)).rejects.toThrow()
    expect(state()).toBe('PROCESSING')
    fault('drop-before')
    await expect(merchant.queryRefund(refundNo())).rejects.toThrow()
    fault('500')
    const path = `${REFUNDS}/${sandbox.control.refund(refundNo()).refundId}/apply-abnormal-refund`
    expect((await merchant.v3('POST', path, {})).status).toBe(500)
    sandbox.control.addFault({ match: { outTradeNo: trade() }, fault: '429' })
    expect(said(await merchant.queryRefund(refundNo()))).toEqual([429, 'FREQUENCY_LIMITED'])
    const transactionId = sandbox.control.trade(trade()).transactions[0]?.transactionId
    sandbox.control.addFault({ match: { outTradeNo: trade() }, fault: '500' })
    const { out_trade_no: _unused, ...byId } = merchant.refundOf(trade())
    expect((await merchant.v3('POST', REFUNDS, { ...byId, transaction_id: transactionId })).status).toBe(500)
    fault('other-order-body')
    const other = await merchant.queryRefund(refundNo())
    expect(merchant.isGenuine(other.headers, other.body)).toBe(true)
    expect(parsed(other).out_refund_no).toMatch(/^OTHER/)
    expect(parsed(other).refund_id).not.toBe(sandbox.control.refund(refundNo()).refundId)
    fault('wrong-signature')
    const wrong = await merchant.queryRefund(refundNo())
    expect([wrong.status, merchant.isGenuine(wrong.headers, wrong.body)]).toEqual([200, false])
  })
})
