import { createWxpayV2, createWxpayV3, readFlatXml } from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { closeServers, type FakeWechat, startFakeWechat } from './fake-wechat.ts'
import {
  anOrder,
  apiV3Key,
  appid,
  aRefundOrder,
  fixture,
  mchid,
  noon,
  publicKeyId,
  v2Key,
} from './fixtures.ts'
import { anAcceptedRefund, answerV3, aRefund, v2Head, v2Signed } from './wechat-side.ts'

let wechat: FakeWechat
const open: { destroy(): void }[] = []

beforeEach(async () => {
  wechat = await startFakeWechat({ plain: true })
})
afterEach(async () => {
  for (const client of open.splice(0)) client.destroy()
  await closeServers()
})

const identity = { certPem: fixture('merchant.cert.pem'), keyPem: fixture('merchant.key.pem') }
function v2() {
  const client = createWxpayV2({
    appid,
    mchid,
    key: v2Key,
    ...identity,
    baseUrl: wechat.url,
    clock: () => noon,
  })
  open.push(client)
  return client
}
function v3() {
  const client = createWxpayV3({
    appid,
    mchid,
    apiV3Key,
    privateKeyPem: identity.keyPem,
    certificatePem: identity.certPem,
    publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') },
    baseUrl: wechat.url,
    clock: () => noon,
  })
  open.push(client)
  return client
}

const asked = { ...anOrder, goodsTag: 'WXG', profitSharing: true, noCredit: true, invoiceEntry: true }
const notAsked = { ...anOrder, goodsTag: '', profitSharing: false, noCredit: false, invoiceEntry: false }

test('under v3 every option has its member, and what is not asked for has none', async () => {
  wechat.answer((_, response) => answerV3(response, 200, '{"prepay_id":"wx1"}'))
  const wxpay = v3()
  await wxpay.prepay(asked)
  await wxpay.prepay(notAsked)
  const [first, second] = wechat.received.map(({ body }) => JSON.parse(body))
  expect(first).toMatchObject({
    goods_tag: 'WXG',
    limit_pay: ['no_credit'],
    support_fapiao: true,
    settle_info: { profit_sharing: true },
  })
  for (const name of ['goods_tag', 'limit_pay', 'support_fapiao', 'settle_info']) {
    expect(second).not.toHaveProperty(name)
  }
})

test('under v2 likewise', async () => {
  wechat.answer((_, response) => response.end(v2Signed({ ...v2Head, trade_type: 'JSAPI', prepay_id: 'wx1' })))
  const wxpay = v2()
  await wxpay.prepay(asked)
  await wxpay.prepay(notAsked)
  const [first, second] = wechat.received.map(({ body }) =>
    Object.fromEntries(readFlatXml(Buffer.from(body))),
  )
  expect(first).toMatchObject({ goods_tag: 'WXG', limit_pay: 'no_credit', receipt: 'Y', profit_sharing: 'Y' })
  for (const name of ['goods_tag', 'limit_pay', 'receipt', 'profit_sharing']) {
    expect(second).not.toHaveProperty(name)
  }
})

const goods = [
  { goodsId: 'bean-250', name: '手冲咖啡豆 & 滤纸', quantity: 2, unitPriceFen: 3_400 },
  { goodsId: 'gift', quantity: 1, unitPriceFen: 0 },
]

test('the goods of an order have the names of each protocol, and under v2 are JSON', async () => {
  wechat.answer((request, response) => {
    if (request.path.startsWith('/v3/')) answerV3(response, 200, '{"prepay_id":"wx1"}')
    else response.end(v2Signed({ ...v2Head, trade_type: 'JSAPI', prepay_id: 'wx1' }))
  })
  await v3().prepay({ ...anOrder, goods })
  await v2().prepay({ ...anOrder, goods })
  expect(JSON.parse(wechat.received[0]?.body ?? '').detail).toEqual({
    goods_detail: [
      { merchant_goods_id: 'bean-250', goods_name: '手冲咖啡豆 & 滤纸', quantity: 2, unit_price: 3_400 },
      { merchant_goods_id: 'gift', quantity: 1, unit_price: 0 },
    ],
  })
  expect(readFlatXml(Buffer.from(wechat.received[1]?.body ?? '')).get('detail')).toBe(
    '{"goods_detail":[{"goods_id":"bean-250","goods_name":"手冲咖啡豆 & 滤纸","quantity":2,"price":3400},{"goods_id":"gift","quantity":1,"price":0}]}',
  )
})

test('more goods than v2 has room for are refused there before anything is sent', async () => {
  wechat.answer((_, response) => answerV3(response, 200, '{"prepay_id":"wx1"}'))
  // 19 bytes around the list, 39 for each and one between two.
  const many = (count: number, more = 0) =>
    Array.from({ length: count }, (_, index) => ({
      goodsId: 'x'.repeat(index === 0 ? 1 + more : 1),
      quantity: 1,
      unitPriceFen: 1,
    }))
  expect(await refusalOf(() => v2().prepay({ ...anOrder, goods: many(149, 23) }))).toMatchObject({
    code: 'ERR_WXPAY_INPUT',
    member: 'goods',
    message: 'goods must be at most 6000 bytes as JSON',
  })
  expect(wechat.received).toEqual([])
  await v3().prepay({ ...anOrder, goods: many(250) })
  expect(JSON.parse(wechat.received[0]?.body ?? '').detail.goods_detail).toHaveLength(250)
  wechat.answer((_, response) => response.end(v2Signed({ ...v2Head, trade_type: 'JSAPI', prepay_id: 'wx1' })))
  await v2().prepay({ ...anOrder, goods: many(149, 22) })
  const detail = readFlatXml(Buffer.from(wechat.received[1]?.body ?? '')).get('detail') ?? ''
  expect(Buffer.byteLength(detail)).toBe(6_000)
})

test("a refund names its trade by one number: by ours alone where WeChat's is not known", async () => {
  wechat.answer((request, response) => {
    if (request.path.startsWith('/v3/')) answerV3(response, 200, JSON.stringify(aRefund))
    else response.end(v2Signed(anAcceptedRefund))
  })
  const { transactionId, outTradeNo, ...terms } = aRefundOrder
  for (const order of [{ ...terms, outTradeNo }, { ...terms, transactionId }, aRefundOrder]) {
    expect(await v3().refund(order)).toMatchObject({ outTradeNo, transactionId })
    expect(await v2().refund(order)).toMatchObject({ outTradeNo, transactionId })
  }
  const sent = wechat.received.map(({ path, body }) => {
    const members = path.startsWith('/v3/')
      ? JSON.parse(body)
      : Object.fromEntries(readFlatXml(Buffer.from(body)))
    return [members.transaction_id, members.out_trade_no]
  })
  const [byOurs, byTheirs] = [
    [undefined, outTradeNo],
    [transactionId, undefined],
  ]
  expect(sent).toEqual([byOurs, byOurs, byTheirs, byTheirs, byTheirs, byTheirs])
  // The answer must be about it.
  const another = { ...terms, outTradeNo: 'order-20261123-2' }
  for (const wxpay of [v2(), v3()]) {
    expect(await refusalOf(() => wxpay.refund(another))).toMatchObject({ code: 'ERR_WXPAY_ANSWER_MISMATCH' })
  }
})

test('a refund that names no trade is refused before anything is sent', async () => {
  const { transactionId: _, outTradeNo: _ours, ...terms } = aRefundOrder
  for (const wxpay of [v2(), v3()]) {
    const order = terms as typeof aRefundOrder
    expect(await refusalOf(() => wxpay.refund(order))).toMatchObject({
      code: 'ERR_WXPAY_INPUT',
      member: 'transactionId',
    })
  }
  expect(wechat.received).toEqual([])
})

test.each([
  ['AVAILABLE', 'REFUND_SOURCE_RECHARGE_FUNDS'],
  ['UNSETTLED', 'REFUND_SOURCE_UNSETTLED_FUNDS'],
] as const)('a refund from %s funds says so in each protocol', async (fundsAccount, v2Word) => {
  wechat.answer((request, response) => {
    if (request.path.startsWith('/v3/')) answerV3(response, 200, JSON.stringify(aRefund))
    else response.end(v2Signed(anAcceptedRefund))
  })
  await v3().refund({ ...aRefundOrder, fundsAccount })
  expect(JSON.parse(wechat.received[0]?.body ?? '')).toMatchObject({ funds_account: fundsAccount })
  await v2().refund({ ...aRefundOrder, fundsAccount })
  expect(readFlatXml(Buffer.from(wechat.received[1]?.body ?? '')).get('refund_account')).toBe(v2Word)
})

test.each([
  ['goodsTag', { ...anOrder, goodsTag: '双十一' }],
  ['goodsTag', { ...anOrder, goodsTag: 'x'.repeat(33) }],
])('%s outside its rule is refused before anything is sent', async (member, order) => {
  for (const wxpay of [v2(), v3()]) {
    expect(await refusalOf(() => wxpay.prepay(order))).toMatchObject({ code: 'ERR_WXPAY_INPUT', member })
  }
  const funds = { ...aRefundOrder, fundsAccount: 'ANY' as 'AVAILABLE' }
  expect(await refusalOf(() => v3().refund(funds))).toMatchObject({ member: 'fundsAccount' })
  expect(wechat.received).toEqual([])
})

test('coupons of a v3 trade and of a v3 refund are read in fen; what cannot be read is left out', async () => {
  const promotion = {
    coupon_id: '109519',
    name: '单品惠-6',
    scope: 'SINGLE',
    type: 'CASH',
    amount: 500,
    stock_id: '931386',
    wechatpay_contribute: 100,
    merchant_contribute: 400,
    other_contribute: 0,
    currency: 'CNY',
    goods_detail: [{ goods_id: 'M1006', quantity: 1, unit_price: 100, discount_amount: 0 }],
  }
  const trade = {
    appid,
    mchid,
    out_trade_no: 'order-20261123-1',
    trade_state: 'SUCCESS',
    amount: { total: 6_800 },
    promotion_detail: [
      promotion,
      { coupon_id: '2', amount: 1.5 },
      { amount: 1 },
      'x',
      { coupon_id: 3, amount: 1 },
    ],
  }
  const refund = {
    ...aRefund,
    promotion_detail: [
      { promotion_id: '109519', scope: 'SINGLE', type: 'DISCOUNT', amount: 500, refund_amount: 100 },
      { promotion_id: '2' },
    ],
  }
  wechat.answer((request, response) => {
    answerV3(response, 200, JSON.stringify(request.path.includes('refund') ? refund : trade))
  })
  expect((await v3().queryByOutTradeNo('order-20261123-1'))?.coupons).toEqual([
    {
      couponId: '109519',
      amountFen: 500,
      name: '单品惠-6',
      scope: 'SINGLE',
      type: 'CASH',
      stockId: '931386',
      wechatpayFen: 100,
      merchantFen: 400,
      otherFen: 0,
    },
  ])
  expect((await v3().queryRefund('refund-20261123-1'))?.coupons).toEqual([
    { couponId: '109519', refundFen: 100, amountFen: 500, scope: 'SINGLE', type: 'DISCOUNT' },
  ])
})

describe('coupons of v2 in JSON', () => {
  const promotion = {
    promotion_id: '109519',
    name: '单品惠-6',
    scope: 'SINGLE',
    type: 'DISCOUNT',
    amount: 500,
    activity_id: '931386',
    wxpay_contribute: 0,
    merchant_contribute: 100,
    other_contribute: 400,
    goods_detail: [{ goods_id: 'a_goods1', goods_remark: '', quantity: 7, price: 100, discount_amount: 500 }],
  }
  const coupon = {
    couponId: '109519',
    amountFen: 500,
    name: '单品惠-6',
    scope: 'SINGLE',
    type: 'DISCOUNT',
    stockId: '931386',
    wechatpayFen: 0,
    merchantFen: 100,
    otherFen: 400,
  }
  const trade = { ...v2Head, out_trade_no: 'order-20261123-1', trade_state: 'SUCCESS', total_fee: 6_800 }
  const queried = async (promotion_detail: string, more = {}) => {
    wechat.answer((_, response) => response.end(v2Signed({ ...trade, promotion_detail, ...more })))
    return (await v2().queryByOutTradeNo('order-20261123-1'))?.coupons
  }

  test('are read in fen, with an object around the list or without', async () => {
    expect(await queried(JSON.stringify({ promotion_detail: [promotion] }))).toEqual([coupon])
    expect(await queried(JSON.stringify([promotion]))).toEqual([coupon])
  })

  test.each([
    ['a part of a fen', JSON.stringify([{ ...promotion, amount: 1.5 }])],
    ['an amount in quotes', JSON.stringify([{ ...promotion, amount: '500' }])],
    ['a negative amount', JSON.stringify([{ ...promotion, amount: -500 }])],
    ['no amount', JSON.stringify([{ promotion_id: '109519' }])],
    ['no number', JSON.stringify([{ amount: 500 }])],
    ['an amount twice', '[{"promotion_id":"109519","amount":500,"amount":1}]'],
    ['half of it', '[{"promotion_id":"1095'],
    ['something else', '"109519"'],
  ])('with %s are left out, and the trade is not lost over it', async (_, text) => {
    expect(await queried(text)).toBeUndefined()
    // Where both came, what can be read is read.
    expect(await queried(text, { coupon_id_0: '7', coupon_fee_0: 5 })).toEqual([
      { couponId: '7', amountFen: 5 },
    ])
  })

  test('are not looked at before the signature', async () => {
    const sent = v2Signed({ ...trade, promotion_detail: JSON.stringify([promotion]) }).replace('500', '501')
    wechat.answer((_, response) => response.end(sent))
    expect(await refusalOf(() => v2().queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    })
  })

  test.each([
    [true, '1.0'],
    [undefined, undefined],
  ])('are asked for in orders and queries when promotionDetails is %s', async (promotionDetails, version) => {
    wechat.answer((request, response) =>
      response.end(v2Signed(request.path.endsWith('unifiedorder') ? { ...v2Head, prepay_id: 'wx1' } : trade)),
    )
    const client = createWxpayV2({
      appid,
      mchid,
      key: v2Key,
      baseUrl: wechat.url,
      clock: () => noon,
      ...(promotionDetails === undefined ? {} : { promotionDetails }),
    })
    open.push(client)
    await client.prepay(anOrder)
    await client.queryByOutTradeNo('order-20261123-1')
    const asked = wechat.received.map(({ body }) => readFlatXml(Buffer.from(body)).get('version'))
    expect(asked).toEqual([version, version])
  })
})
