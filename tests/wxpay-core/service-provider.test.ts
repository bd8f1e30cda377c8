import { createPublicKey } from 'node:crypto'
import {
  createNotificationReader,
  createWxpayV2,
  createWxpayV3,
  payMessage,
  readFlatXml,
  verifyRsaSha256,
} from 'wxpay-core'
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
import {
  answerV3,
  aPaidMessage,
  aPaidTransaction,
  aQueriedRefund,
  aRefund,
  sealed,
  v2Head,
  v2RefundNotice,
  v2Signature,
  v2Signed,
  v3Headers,
} from './wechat-side.ts'

const sub = { mchid: '1900000777' }
const subWithApp = { mchid: '1900000777', appid: 'wx7777777777777777' }
const identity = { certPem: fixture('merchant.cert.pem'), keyPem: fixture('merchant.key.pem') }

let wechat: FakeWechat
const open: { destroy(): void }[] = []

beforeEach(async () => {
  wechat = await startFakeWechat({ plain: true })
})

afterEach(async () => {
  for (const client of open.splice(0)) client.destroy()
  await closeServers()
})

function v3Client() {
  const client = createWxpayV3({
    appid,
    mchid,
    apiV3Key,
    privateKeyPem: fixture('merchant.key.pem'),
    certificatePem: fixture('merchant.cert.pem'),
    publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') },
    baseUrl: wechat.url,
    clock: () => noon,
  })
  open.push(client)
  return client
}

function v2Client() {
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

const { appid: _appid, mchid: _mchid, payer: _payer, ...terms } = aPaidTransaction
const partnerTransaction = {
  sp_appid: appid,
  sp_mchid: mchid,
  sub_appid: 'wx7777777777777777',
  sub_mchid: '1900000777',
  payer: { sp_openid: 'oProvider', sub_openid: 'oSub' },
  ...terms,
}
const bodyOf = () => JSON.parse(wechat.received.at(-1)?.body ?? '')
const xmlOf = () => Object.fromEntries(readFlatXml(Buffer.from(wechat.received.at(-1)?.body ?? '')))

describe('v3', () => {
  test('orders for a sub-merchant whose payers use the app of the provider', async () => {
    wechat.answer((_, response) => answerV3(response, 200, '{"prepay_id":"wx1"}'))
    const client = v3Client().forSubMerchant(sub)
    await client.prepay(anOrder)
    expect(wechat.received[0]?.path).toBe('/v3/pay/partner/transactions/jsapi')
    const body = bodyOf()
    expect(body).toMatchObject({ sp_appid: appid, sp_mchid: mchid, sub_mchid: '1900000777' })
    expect(body.payer).toEqual({ sp_openid: anOrder.payerOpenid })
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['appid']))
    expect(body).not.toHaveProperty('sub_appid')
  })

  test('orders for one with an app of its own, and signs the payment for that app', async () => {
    wechat.answer((_, response) => answerV3(response, 200, '{"prepay_id":"wx1"}'))
    const client = v3Client().forSubMerchant(subWithApp)
    await client.prepay(anOrder)
    expect(bodyOf()).toMatchObject({
      sub_appid: 'wx7777777777777777',
      payer: { sub_openid: anOrder.payerOpenid },
    })
    const { paySign, signType: _, ...params } = client.paymentParams('wx1')
    const key = createPublicKey(fixture('merchant.key.pem'))
    expect(verifyRsaSha256([payMessage({ appId: 'wx7777777777777777', ...params })], paySign, key)).toBe(true)
  })

  test('queries and closes name both merchants', async () => {
    wechat.answer((request, response) => {
      if (request.method === 'POST') answerV3(response, 204, '')
      else answerV3(response, 200, JSON.stringify(partnerTransaction))
    })
    const client = v3Client().forSubMerchant(subWithApp)
    expect(await client.queryByOutTradeNo('order-20261123-1')).toMatchObject({
      appid,
      mchid,
      subAppid: 'wx7777777777777777',
      subMchid: '1900000777',
      payerOpenid: 'oProvider',
      subOpenid: 'oSub',
    })
    expect(await client.close('order-20261123-1')).toBe('closed')
    expect(wechat.received.map(({ path }) => path)).toEqual([
      '/v3/pay/partner/transactions/out-trade-no/order-20261123-1?sp_mchid=1900000001&sub_mchid=1900000777',
      '/v3/pay/partner/transactions/out-trade-no/order-20261123-1/close',
    ])
    expect(bodyOf()).toEqual({ sp_mchid: mchid, sub_mchid: '1900000777' })
  })

  test.each([
    ['of another sub-merchant', { sub_mchid: '1900000778' }],
    ['of another app of it', { sub_appid: 'wx7777777777777778' }],
    ['of another provider', { sp_mchid: '1900000002' }],
  ])('a genuine answer about a trade %s is refused', async (_, change) => {
    wechat.answer((_, response) =>
      answerV3(response, 200, JSON.stringify({ ...partnerTransaction, ...change })),
    )
    const client = v3Client().forSubMerchant(subWithApp)
    expect(await refusalOf(() => client.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
    })
  })

  test.each([
    ['that names no app of its own', subWithApp, { sub_appid: undefined }],
    ['of an app that was not named', sub, {}],
  ])('a trade of the sub-merchant %s is its trade', async (_, merchant, change) => {
    wechat.answer((_, response) =>
      answerV3(response, 200, JSON.stringify({ ...partnerTransaction, ...change })),
    )
    const client = v3Client().forSubMerchant(merchant)
    expect(await client.queryByOutTradeNo('order-20261123-1')).toMatchObject({ subMchid: '1900000777' })
  })

  test("the provider's own client refuses a sub-merchant's trade", async () => {
    wechat.answer((_, response) => answerV3(response, 200, JSON.stringify(partnerTransaction)))
    expect(await refusalOf(() => v3Client().queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
    })
  })

  test('refunds, their queries and abnormal ones name the sub-merchant', async () => {
    wechat.answer((_, response) => answerV3(response, 200, JSON.stringify(aRefund)))
    const client = v3Client().forSubMerchant(sub)
    await client.refund(aRefundOrder)
    expect(bodyOf()).toMatchObject({ sub_mchid: '1900000777' })
    await client.queryRefund('refund-20261123-1')
    expect(wechat.received.at(-1)?.path).toBe(
      '/v3/refund/domestic/refunds/refund-20261123-1?sub_mchid=1900000777',
    )
    const refundId = '50000000382019052709732678859'
    await client.applyAbnormalRefund({ refundId, outRefundNo: 'refund-20261123-1', to: 'merchantBankCard' })
    expect(bodyOf()).toEqual({
      sub_mchid: '1900000777',
      out_refund_no: 'refund-20261123-1',
      type: 'MERCHANT_BANK_CARD',
    })
  })

  test('bills are asked for by sub-merchant', async () => {
    wechat.answer((_, response) => response.writeHead(400).end('{"code":"NO_STATEMENT_EXIST"}'))
    expect(await v3Client().forSubMerchant(sub).tradeBill({ date: '2026-11-22' })).toBeNull()
    expect(wechat.received[0]?.path).toContain('sub_mchid=1900000777')
  })

  test('the connections are shared: a hundred sub-merchants make one', async () => {
    wechat.answer((_, response) => answerV3(response, 200, '{"prepay_id":"wx1"}'))
    const provider = v3Client()
    for (let n = 0; n < 100; n += 1) {
      await provider.forSubMerchant({ mchid: String(1_900_001_000 + n) }).prepay(anOrder)
    }
    expect(wechat.handshakes()).toBe(1)
  })

  test.each([{ mchid: '' }, { mchid: '19000x' }, { mchid: '1900000777', appid: 'a b' }])(
    '%p is no sub-merchant',
    (wrong) => {
      expect(() => v3Client().forSubMerchant(wrong)).toThrow('subMerchant')
      expect(() => v2Client().forSubMerchant(wrong)).toThrow('subMerchant')
    },
  )
})

describe('v2', () => {
  const subHead = { ...v2Head, sub_mch_id: '1900000777' }

  test('orders name the sub-merchant, and its app where it has one', async () => {
    wechat.answer((_, response) =>
      response.end(v2Signed({ ...subHead, trade_type: 'JSAPI', prepay_id: 'wx1' })),
    )
    await v2Client().forSubMerchant(sub).prepay(anOrder)
    expect(xmlOf()).toMatchObject({
      appid,
      mch_id: mchid,
      sub_mch_id: '1900000777',
      openid: anOrder.payerOpenid,
    })
    expect(xmlOf()).not.toHaveProperty('sub_appid')
    const own = v2Client().forSubMerchant(subWithApp)
    await own.prepay(anOrder)
    expect(xmlOf()).toMatchObject({ sub_appid: 'wx7777777777777777', sub_openid: anOrder.payerOpenid })
    expect(xmlOf()).not.toHaveProperty('openid')
    expect(xmlOf().sign).toBe(v2Signature(xmlOf()))
    const { paySign, ...params } = own.paymentParams('wx1')
    expect(paySign).toBe(v2Signature({ appId: 'wx7777777777777777', ...params }))
  })

  test('an answer must bear the sub-merchant that was asked for', async () => {
    const client = v2Client()
    const paid = { ...aPaidMessage, trade_state: 'SUCCESS' }
    wechat.answer((_, response) => response.end(v2Signed({ ...paid, sub_mch_id: '1900000777' })))
    expect(await client.forSubMerchant(sub).queryByOutTradeNo('order-20261123-1')).toMatchObject({
      subMchid: '1900000777',
    })
    const other = { mchid: '1900000778' }
    for (const asked of [client, client.forSubMerchant(other)]) {
      expect(await refusalOf(() => asked.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
        code: 'ERR_WXPAY_ANSWER_MISMATCH',
      })
    }
    wechat.answer((_, response) => response.end(v2Signed(paid)))
    expect(
      await refusalOf(() => client.forSubMerchant(sub).queryByOutTradeNo('order-20261123-1')),
    ).toMatchObject({ code: 'ERR_WXPAY_ANSWER_MISMATCH' })
  })

  test('an empty sub_mch_id is none', async () => {
    const paid = { ...aPaidMessage, trade_state: 'SUCCESS', sub_mch_id: '' }
    wechat.answer((_, response) => response.end(v2Signed(paid)))
    expect(await v2Client().queryByOutTradeNo('order-20261123-1')).not.toHaveProperty('subMchid')
  })

  test('refund queries, with their coupons', async () => {
    const answer = {
      ...aQueriedRefund,
      sub_mch_id: '1900000777',
      coupon_refund_id_0_0: '10000000001',
      coupon_refund_fee_0_0: 500,
      coupon_type_0_0: 'CASH',
      coupon_refund_id_0_1: '10000000002',
      coupon_refund_fee_0_1: 'a lot',
    }
    wechat.answer((_, response) => response.end(v2Signed(answer)))
    const report = await v2Client().forSubMerchant(sub).queryRefund('refund-20261123-1')
    expect(xmlOf()).toMatchObject({ sub_mch_id: '1900000777' })
    expect(report).toMatchObject({ coupons: [{ couponId: '10000000001', refundFen: 500, type: 'CASH' }] })
  })
})

describe('notifications', () => {
  const verifier = () => v3Client().verifier
  const readerOf = (isSubMerchant?: (subMchid: string) => boolean) =>
    createNotificationReader({
      appid,
      mchid,
      v2: { key: v2Key },
      v3: { apiV3Key, verifier: verifier() },
      ...(isSubMerchant && { isSubMerchant }),
    })
  const ours = (subMchid: string) => subMchid === '1900000777'
  const mismatch = { code: 'ERR_WXPAY_NOTIFY_MISMATCH' }

  function v3Notice(content: object, event_type = 'TRANSACTION.SUCCESS') {
    const body = JSON.stringify({
      id: 'EV-1',
      event_type,
      resource_type: 'encrypt-resource',
      resource: sealed(JSON.stringify(content)),
    })
    return { headers: v3Headers(body), body: Buffer.from(body) }
  }
  const v2Notice = (members: object) => ({
    headers: {},
    body: Buffer.from(v2Signed({ ...aPaidMessage, ...members })),
  })

  test("a payment to one of the provider's merchants is read", async () => {
    const reader = readerOf(ours)
    expect((await reader.openPayment(v3Notice(partnerTransaction))).trade).toMatchObject({
      subMchid: '1900000777',
      subOpenid: 'oSub',
    })
    const v2 = await reader.openPayment(v2Notice({ sub_mch_id: '1900000777', sub_openid: 'oSub' }))
    expect(v2.trade).toMatchObject({ subMchid: '1900000777', subOpenid: 'oSub' })
  })

  test('one about a stranger, about nobody, or to a merchant without sub-merchants is refused', async () => {
    const provider = readerOf(ours)
    const merchant = readerOf()
    const stranger = { ...partnerTransaction, sub_mchid: '1900000778' }
    expect(await refusalOf(() => provider.openPayment(v3Notice(stranger)))).toMatchObject(mismatch)
    expect(await refusalOf(() => provider.openPayment(v3Notice(aPaidTransaction)))).toMatchObject(mismatch)
    const openToAll = readerOf(() => true)
    expect(await refusalOf(() => openToAll.openPayment(v3Notice(aPaidTransaction)))).toMatchObject(mismatch)
    expect(await refusalOf(() => merchant.openPayment(v3Notice(partnerTransaction)))).toMatchObject(mismatch)
    const v2 = v2Notice({ sub_mch_id: '1900000778' })
    expect(await refusalOf(() => provider.openPayment(v2))).toMatchObject(mismatch)
    expect(await refusalOf(() => merchant.openPayment(v2))).toMatchObject(mismatch)
  })

  test('refunds likewise', async () => {
    const { amount, channel: _, status: refund_status, ...refund } = aRefund
    const notice = { sp_mchid: mchid, sub_mchid: '1900000777', ...refund, refund_status, amount }
    const v3 = v3Notice(notice, 'REFUND.SUCCESS')
    const v2 = { headers: {}, body: Buffer.from(v2RefundNotice(undefined, { sub_mch_id: '1900000777' })) }
    for (const input of [v2, v3]) {
      expect((await readerOf(ours).openRefund(input)).refund).toMatchObject({ subMchid: '1900000777' })
      expect(await refusalOf(() => readerOf().openRefund(input))).toMatchObject(mismatch)
      expect(await refusalOf(() => readerOf(() => false).openRefund(input))).toMatchObject(mismatch)
    }
  })
})
