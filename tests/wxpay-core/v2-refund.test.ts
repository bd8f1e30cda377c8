import { createWxpayV2, readFlatXml, type WxpayClient, type WxpayV2Config } from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { closedOrigin, closeServers, type FakeWechat, startFakeWechat } from './fake-wechat.ts'
import { anOrder, appid, aRefundOrder, fixture, mchid, merchantSerialNo, noon, v2Key } from './fixtures.ts'
import {
  anAcceptedRefund,
  aQueriedRefund,
  type Members,
  theRefund,
  v2Head,
  v2Signature,
  v2Signed,
  v2Xml,
} from './wechat-side.ts'

let wechat: FakeWechat
let wxpay: WxpayClient
const clients: WxpayClient[] = []
const identity = { certPem: fixture('merchant.cert.pem'), keyPem: fixture('merchant.key.pem') }

function clientOf(config: Partial<WxpayV2Config> = {}): WxpayClient {
  const client = createWxpayV2({
    appid,
    mchid,
    key: v2Key,
    baseUrl: wechat.url,
    ...(wechat.url.startsWith('https:') ? { ca: fixture('authority.cert.pem') } : {}),
    clock: () => noon,
    ...identity,
    ...config,
  })
  clients.push(client)
  return client
}

beforeEach(async () => {
  wechat = await startFakeWechat({ plain: true })
  wxpay = clientOf()
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await closeServers()
})

function answer(xml: string, status = 200): void {
  wechat.answer((_, response) => response.writeHead(status, { 'Content-Type': 'text/plain' }).end(xml))
}

function sent(index = 0): Members {
  return Object.fromEntries(readFlatXml(Buffer.from(wechat.received[index]?.body ?? '')))
}

const failed = (err_code: string, err_code_des = '说明') =>
  v2Signed({ ...v2Head, result_code: 'FAIL', err_code, err_code_des })

describe('refund', () => {
  test('sends one signed request; accepted is not refunded', async () => {
    answer(v2Signed(anAcceptedRefund))
    expect(await wxpay.refund(aRefundOrder)).toEqual({
      outRefundNo: 'refund-20261123-1',
      refundId: '50000000382019052709732678859',
      outTradeNo: 'order-20261123-1',
      transactionId: '4200002026112300000000000001',
      status: 'PROCESSING',
      rawStatus: 'SUCCESS',
      refundFen: 2_000,
      totalFen: 6_800,
      payerRefundFen: 2_000,
    })
    const { nonce_str, sign, ...members } = sent()
    expect(members).toEqual({
      appid,
      mch_id: mchid,
      sign_type: 'HMAC-SHA256',
      transaction_id: '4200002026112300000000000001',
      out_refund_no: 'refund-20261123-1',
      total_fee: '6800',
      refund_fee: '2000',
      refund_desc: '杯子碎了',
      notify_url: 'https://shop.example.com/wxpay/notify/refund',
    })
    expect(nonce_str).toMatch(/^[A-Za-z0-9]{32}$/)
    expect(sign).toBe(v2Signature({ ...members, nonce_str: nonce_str ?? '' }))
    expect(wechat.received[0]).toMatchObject({ method: 'POST', path: '/secapi/pay/refund' })
  })

  test('without a reason has no member for it; repeated, it says the same but for the nonce', async () => {
    answer(v2Signed(anAcceptedRefund))
    const { reason: _, ...order } = aRefundOrder
    await wxpay.refund(order)
    await wxpay.refund(order)
    const [first, second] = [sent(0), sent(1)]
    expect(Object.keys(first)).not.toContain('refund_desc')
    expect({ ...second, nonce_str: '', sign: '' }).toEqual({ ...first, nonce_str: '', sign: '' })
    expect(second.nonce_str).not.toBe(first.nonce_str)
  })

  test('that may not go out yet waits no longer than refundPaceMs', async () => {
    wechat.answer(() => {})
    wxpay = clientOf({ refundPaceMs: 1 })
    const unanswered = Array.from({ length: 5 }, () => refusalOf(() => wxpay.refund(aRefundOrder)))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_HELD_BACK',
      outcome: 'not-sent',
    })
    wxpay.destroy()
    await Promise.all(unanswered)
    const error = await refusalOf(async () => clientOf({ refundPaceMs: 0 }))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member: 'refundPaceMs' })
  })

  test('that breaks a rule is not sent', async () => {
    const error = await refusalOf(() => wxpay.refund({ ...aRefundOrder, refundFen: 6_801 }))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member: 'refundFen' })
    expect(wechat.received).toEqual([])
  })

  test('the empty refund_channel of real answers is part of no signature', async () => {
    const xml = v2Signed(anAcceptedRefund)
    expect(xml).toContain('<refund_channel><![CDATA[]]></refund_channel>')
    for (const same of [
      xml,
      xml.replace('<![CDATA[]]>', ''),
      xml.replace(/<refund_channel>.*<\/refund_channel>/, '<refund_channel/>'),
    ]) {
      answer(same)
      expect(await wxpay.refund(aRefundOrder)).toMatchObject({ status: 'PROCESSING' })
    }
  })

  test.each<[string, Members]>([
    ['another refund', { out_refund_no: 'refund-20261123-2' }],
    ['one fen less', { refund_fee: 1_999 }],
    ['one fen more', { refund_fee: 2_001 }],
    ['another trade', { transaction_id: '4200002026112300000000000002' }],
    ['another order', { out_trade_no: 'order-20261123-2' }],
    ['another price', { total_fee: 6_801 }],
    ['another merchant', { mch_id: '1900000002' }],
    ['another app', { appid: 'wx9999999999999999' }],
  ])('a genuine answer about %s is a mismatch', async (_, change) => {
    answer(v2Signed({ ...anAcceptedRefund, ...change }))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
      outcome: 'unknown',
    })
  })

  test.each<[string, Members]>([
    ['no refund id', { refund_id: '' }],
    ['no number of ours', { out_refund_no: '' }],
    ['no trade', { transaction_id: '' }],
    ['no amount', { refund_fee: '' }],
    ['a fraction of a fen', { refund_fee: '2000.0' }],
    ['an amount in hexadecimal', { refund_fee: '0x7d0' }],
    ['another currency', { fee_type: 'USD' }],
  ])('a genuine answer with %s leaves the outcome unknown', async (_, change) => {
    answer(v2Signed({ ...anAcceptedRefund, ...change }))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
      outcome: 'unknown',
    })
  })

  const { sign_type: _, ...unsigned }: Members = { ...anAcceptedRefund, sign_type: '' }
  test.each([
    ['no signature', v2Xml(unsigned)],
    ['a signature by another key', v2Signed(anAcceptedRefund, 'HMAC-SHA256', 'f'.repeat(32))],
    ['the weaker algorithm', v2Signed(anAcceptedRefund, 'MD5')],
    ['a changed amount', v2Signed(anAcceptedRefund).replace('2000', '2001')],
  ])('%s leaves the outcome unknown: the money may be on its way', async (_, xml) => {
    answer(xml)
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
      outcome: 'unknown',
    })
  })
})

describe('what became of a refund that WeChat did not accept', () => {
  test.each([
    ['SYSTEMERROR', 'ERR_WXPAY_SERVER'],
    ['BIZERR_NEED_RETRY', 'ERR_WXPAY_SERVER'],
    // Documented as "not accepted, slow down". Asking first costs one query, believing it wrongly a second refund.
    ['FREQUENCY_LIMITED', 'ERR_WXPAY_RATE_LIMITED'],
  ])('%s: unknown, to be asked about', async (err_code, code) => {
    answer(failed(err_code))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code,
      outcome: 'unknown',
      apiCode: err_code,
    })
  })

  test.each([
    'NOTENOUGH',
    'USER_ACCOUNT_ABNORMAL',
    'REFUND_FEE_MISMATCH',
    'TRADE_OVERDUE',
    'INVALID_REQ_TOO_MUCH',
    'ORDERNOTEXIST',
    'INVALID_REQUEST',
    'PARAM_ERROR',
  ])('%s: rejected, under a signature', async (err_code) => {
    answer(failed(err_code))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      outcome: 'rejected',
      verified: true,
      apiCode: err_code,
    })
  })

  test('ERROR says nothing, so its description is kept', async () => {
    answer(failed('ERROR', '订单已全额退款'))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      outcome: 'rejected',
      apiCode: 'ERROR',
      apiMessage: '订单已全额退款',
      message: expect.stringContaining('订单已全额退款'),
    })
  })

  test('an unsigned refusal is no verified one', async () => {
    answer(v2Xml({ return_code: 'FAIL', return_msg: '证书验证失败' }))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      outcome: 'rejected',
      verified: false,
      apiMessage: '证书验证失败',
    })
  })

  test('a signed refusal for another merchant is none for us', async () => {
    answer(v2Signed({ ...v2Head, mch_id: '1900000002', result_code: 'FAIL', err_code: 'NOTENOUGH' }))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({ outcome: 'unknown' })
  })

  test('the gateway that wants another certificate is named, and nothing is concluded', async () => {
    answer('<html><center>No required SSL certificate was sent</center></html>', 400)
    const error = await refusalOf(() => wxpay.refund(aRefundOrder))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_ANSWER_MALFORMED', outcome: 'unknown' })
    expect(error.message).toContain('check certPem and keyPem')
  })
})

describe('mutual TLS', () => {
  test('shows the certificate in exactly one handshake for all refunds', async () => {
    wechat = await startFakeWechat({ mutual: true })
    wxpay = clientOf()
    answer(v2Signed(anAcceptedRefund))
    for (let call = 0; call < 5; call += 1) await wxpay.refund(aRefundOrder)
    expect(wechat.received).toHaveLength(5)
    expect(wechat.shown()).toEqual([merchantSerialNo])
  })

  test('is for refunds alone: a query by the same client shows nothing and is let in where nobody asks', async () => {
    wechat = await startFakeWechat({ mutual: true })
    const open = await startFakeWechat()
    const toMutual = clientOf()
    const toOpen = clientOf({ baseUrl: open.url })
    answer(v2Signed(anAcceptedRefund))
    await toMutual.refund(aRefundOrder)
    expect(await refusalOf(() => toMutual.queryRefund('refund-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_CONNECTION_LOST',
    })
    expect(wechat.received.map(({ path }) => path)).toEqual(['/secapi/pay/refund'])
    expect(wechat.shown()).toEqual([merchantSerialNo])

    open.answer((_, response) => response.end(v2Signed(aQueriedRefund)))
    await toOpen.queryRefund('refund-20261123-1')
    await toOpen.queryRefund('refund-20261123-1')
    expect([open.received.length, open.handshakes()]).toEqual([2, 1])
  })

  test('two merchants have connections of their own', async () => {
    wechat = await startFakeWechat({ mutual: true })
    answer(v2Signed(anAcceptedRefund))
    await Promise.all([clientOf().refund(aRefundOrder), clientOf().refund(aRefundOrder)])
    expect(wechat.shown()).toEqual([merchantSerialNo, merchantSerialNo])
  })

  test('without a certificate a refund is refused here, and everything else goes on', async () => {
    const without = createWxpayV2({ appid, mchid, key: v2Key, baseUrl: wechat.url })
    clients.push(without)
    const error = await refusalOf(() => without.refund(aRefundOrder))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', outcome: 'not-sent', member: 'certPem' })
    expect(error.message).toBe(
      'certPem must be given together with keyPem: APIv2 refunds need the client certificate',
    )
    expect(wechat.received).toEqual([])
    answer(v2Signed(aQueriedRefund))
    expect(await without.queryRefund('refund-20261123-1')).toEqual(theRefund)
  })

  test.each(['stranger', 'wrong-name'] as const)(
    'sends not one byte to a peer with a %s certificate',
    async (certificate) => {
      wechat = await startFakeWechat({ certificate, mutual: true })
      wxpay = clientOf()
      expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
        code: 'ERR_WXPAY_CONNECT',
        outcome: 'not-sent',
      })
      expect(wechat.received).toEqual([])
      expect(wechat.shown()).toEqual([])
    },
  )

  test('goes to the backup with the same certificate and the same words', async () => {
    const backup = await startFakeWechat({ mutual: true })
    backup.answer((_, response) => response.end(v2Signed(anAcceptedRefund)))
    wxpay = clientOf({
      baseUrl: await closedOrigin(),
      backupUrl: backup.url,
      ca: fixture('authority.cert.pem'),
    })
    expect(await wxpay.refund(aRefundOrder)).toMatchObject({ status: 'PROCESSING' })
    expect(backup.shown()).toEqual([merchantSerialNo])
  })

  test('is not sent to the backup when the first host may have carried it out', async () => {
    const backup = await startFakeWechat({ plain: true })
    backup.answer((_, response) => response.end(v2Xml({ return_code: 'FAIL', return_msg: '签名错误' })))
    answer('', 502)
    wxpay = clientOf({ backupUrl: backup.url })
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_SERVER',
      outcome: 'unknown',
    })
    expect([wechat.received.length, backup.received.length]).toEqual([1, 0])
  })

  test('under a time limit is not waited for longer than half of what is left', async () => {
    answer(failed('NOTENOUGH'))
    wxpay = clientOf({ timeLeftMs: () => 300 })
    const ends = await Promise.all(
      Array.from({ length: 6 }, () => refusalOf(() => wxpay.refund(aRefundOrder))),
    )
    expect(ends.map(({ code }) => code)).toEqual([
      ...Array(5).fill('ERR_WXPAY_REFUSED'),
      'ERR_WXPAY_HELD_BACK',
    ])
  })

  test('ends with the client', async () => {
    wxpay.destroy()
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({ code: 'ERR_WXPAY_DESTROYED' })
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({ code: 'ERR_WXPAY_DESTROYED' })
    expect(wechat.received).toEqual([])
  })
})

describe('queryRefund', () => {
  test('asks by our number and translates the one refund', async () => {
    answer(v2Signed(aQueriedRefund))
    expect(await wxpay.queryRefund('refund-20261123-1')).toEqual(theRefund)
    expect(await wxpay.queryRefund('refund-20261123-1', '4200002026112300000000000001')).toEqual(theRefund)
    const { nonce_str: _, sign: _sign, ...members } = sent()
    expect(members).toEqual({
      appid,
      mch_id: mchid,
      sign_type: 'HMAC-SHA256',
      out_refund_no: 'refund-20261123-1',
    })
    expect(wechat.received[0]?.path).toBe('/pay/refundquery')
  })

  test.each([
    ['PROCESSING', 'PROCESSING'],
    ['SUCCESS', 'SUCCESS'],
    ['REFUNDCLOSE', 'CLOSED'],
    ['CHANGE', 'ABNORMAL'],
    ['CLOSED', 'UNKNOWN'],
    ['ABNORMAL', 'UNKNOWN'],
    ['success', 'UNKNOWN'],
    ['FAIL', 'UNKNOWN'],
  ])('translates %s as %s', async (refund_status_0, status) => {
    answer(v2Signed({ ...aQueriedRefund, refund_status_0 }))
    expect(await wxpay.queryRefund('refund-20261123-1')).toMatchObject({ status, rawStatus: refund_status_0 })
  })

  test('finds it wherever it is listed, and mixes nothing up', async () => {
    const { out_refund_no_0: _, ...rest }: Members = aQueriedRefund
    const two = {
      ...rest,
      refund_count: 2,
      out_refund_no_0: 'refund-20261123-0',
      refund_status_0: 'REFUNDCLOSE',
      out_refund_no_10: 'refund-20261123-1',
      refund_id_10: '50000000382019052709732678860',
      refund_fee_10: 4_800,
      refund_status_10: 'PROCESSING',
      refund_channel_10: '',
      refund_recv_accout_10: '支付用户零钱',
    }
    answer(v2Signed(two))
    expect(await wxpay.queryRefund('refund-20261123-1')).toEqual({
      outRefundNo: 'refund-20261123-1',
      refundId: '50000000382019052709732678860',
      outTradeNo: 'order-20261123-1',
      transactionId: '4200002026112300000000000001',
      status: 'PROCESSING',
      rawStatus: 'PROCESSING',
      refundFen: 4_800,
      totalFen: 6_800,
      receivedAccount: '支付用户零钱',
    })
  })

  test('by a number that cannot be one is not sent', async () => {
    for (const [member, ask] of [
      ['outRefundNo', () => wxpay.queryRefund('')],
      ['transactionId', () => wxpay.queryRefund('refund-20261123-1', '4200&a=1')],
    ] as const) {
      expect(await refusalOf(ask)).toMatchObject({ code: 'ERR_WXPAY_INPUT', member })
    }
    expect(wechat.received).toEqual([])
  })

  test('is null when WeChat signs that there is no such refund', async () => {
    answer(failed('REFUNDNOTEXIST'))
    expect(await wxpay.queryRefund('refund-20261123-1')).toBeNull()
  })

  test.each([
    [
      'an unsigned absence',
      v2Xml({ return_code: 'FAIL', return_msg: 'REFUNDNOTEXIST' }),
      'ERR_WXPAY_REFUSED',
    ],
    [
      'an absence by another key',
      v2Signed({ ...v2Head, result_code: 'FAIL', err_code: 'REFUNDNOTEXIST' }, 'HMAC-SHA256', 'f'.repeat(32)),
      'ERR_WXPAY_ANSWER_SIGNATURE',
    ],
    ['ORDERNOTEXIST', failed('ORDERNOTEXIST'), 'ERR_WXPAY_REFUSED'],
    ['SYSTEMERROR', failed('SYSTEMERROR'), 'ERR_WXPAY_SERVER'],
  ])('%s is an error, not null', async (_, xml, code) => {
    answer(xml)
    expect(await refusalOf(() => wxpay.queryRefund('refund-20261123-1'))).toMatchObject({ code })
  })

  test.each<[string, Members]>([
    ['another refund', { out_refund_no_0: 'refund-20261123-2' }],
    ['no refund at all', { out_refund_no_0: '', refund_count: 0 }],
    ['another trade', { transaction_id: '4200002026112300000000000002' }],
  ])('refuses a genuine answer about %s', async (_, change) => {
    answer(v2Signed({ ...aQueriedRefund, ...change }))
    expect(
      await refusalOf(() => wxpay.queryRefund('refund-20261123-1', '4200002026112300000000000001')),
    ).toMatchObject({ code: 'ERR_WXPAY_ANSWER_MISMATCH', outcome: 'unknown' })
  })

  test.each<[string, Members]>([
    ['no state', { refund_status_0: '' }],
    ['no refund id', { refund_id_0: '' }],
    ['no amount', { refund_fee_0: '' }],
    ['an amount that is no number', { refund_fee_0: '1e3' }],
    ['no trade', { transaction_id: '' }],
    ['another currency', { fee_type: 'HKD' }],
    ['the same refund twice', { out_refund_no_1: 'refund-20261123-1' }],
  ])('does not guess at an answer with %s', async (_, change) => {
    answer(v2Signed({ ...aQueriedRefund, ...change }))
    expect(await refusalOf(() => wxpay.queryRefund('refund-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
      outcome: 'unknown',
    })
  })

  test('a time that cannot be read does not lose the refund', async () => {
    for (const refund_success_time_0 of [
      '',
      '2026-02-30 12:00:00',
      '20261123120000',
      '0000-00-00 00:00:00',
    ]) {
      answer(v2Signed({ ...aQueriedRefund, refund_success_time_0 }))
      const report = await wxpay.queryRefund('refund-20261123-1')
      expect(report).toMatchObject({ status: 'SUCCESS' })
      expect(report).not.toHaveProperty('successAt')
    }
  })
})
