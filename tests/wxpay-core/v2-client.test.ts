import {
  createWxpayV2,
  type PrepayOrder,
  readFlatXml,
  type WxpayClient,
  type WxpayV2Client,
  type WxpayV2Config,
  withRetries,
} from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { closeServers, type FakeWechat, startFakeWechat } from './fake-wechat.ts'
import { anOrder, appid, fixture, mchid, noon, v2Key } from './fixtures.ts'
import {
  aPaidMessage,
  type Members,
  thePaidTrade,
  v2Head,
  v2Signature,
  v2Signed,
  v2Xml,
} from './wechat-side.ts'

let wechat: FakeWechat
let wxpay: WxpayClient

function clientOf(config: Partial<WxpayV2Config> = {}): WxpayV2Client {
  return createWxpayV2({
    appid,
    mchid,
    key: v2Key,
    baseUrl: wechat.url,
    clock: () => noon,
    ...config,
  })
}

beforeEach(async () => {
  // Without TLS, which takes longer than all the rest; transport.test.ts has it.
  wechat = await startFakeWechat({ plain: true })
  wxpay = clientOf()
})

afterEach(async () => {
  wxpay.destroy()
  await closeServers()
})

function answer(xml: string, status = 200): void {
  wechat.answer((_, response) => response.writeHead(status, { 'Content-Type': 'text/plain' }).end(xml))
}

function sent(index = 0): Members {
  return Object.fromEntries(readFlatXml(Buffer.from(wechat.received[index]?.body ?? '')))
}

const prepaid = { ...v2Head, trade_type: 'JSAPI', prepay_id: 'wx201410272009395522657a690389285100' }
const queried = { ...aPaidMessage, trade_state: 'SUCCESS', trade_state_desc: '支付成功' }

describe('prepay', () => {
  test('sends one signed order and returns the prepay id', async () => {
    answer(v2Signed(prepaid))
    const order: PrepayOrder = {
      ...anOrder,
      attach: 'shop-1',
      timeStart: noon,
      timeExpire: new Date(noon + 900_000),
    }
    expect(await wxpay.prepay(order)).toEqual({ prepayId: 'wx201410272009395522657a690389285100' })

    const { nonce_str, sign, ...members } = sent()
    expect(members).toEqual({
      appid,
      mch_id: mchid,
      sign_type: 'HMAC-SHA256',
      attach: 'shop-1',
      body: '手冲咖啡豆 250 克',
      fee_type: 'CNY',
      notify_url: 'https://shop.example.com/wxpay/notify/payment',
      openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
      out_trade_no: 'order-20261123-1',
      spbill_create_ip: '203.0.113.7',
      time_start: '20261123120000',
      time_expire: '20261123121500',
      total_fee: '6800',
      trade_type: 'JSAPI',
    })
    expect(nonce_str).toMatch(/^[A-Za-z0-9]{32}$/)
    expect(sign).toBe(v2Signature({ ...members, nonce_str: nonce_str ?? '' }))
    expect(wechat.received[0]).toMatchObject({ method: 'POST', path: '/pay/unifiedorder' })
    expect(wechat.received[0]?.headers).toMatchObject({
      accept: 'text/xml, text/plain',
      'content-type': 'text/xml; charset=utf-8',
      'user-agent': expect.stringMatching(/^wxpay-core\/\d/),
    })
  })

  test('leaves out what is empty, on the wire and in the signature', async () => {
    answer(v2Signed(prepaid))
    await wxpay.prepay({ ...anOrder, attach: '' })
    const { sign, ...members } = sent()
    expect(Object.keys(members)).not.toEqual(expect.arrayContaining(['attach']))
    expect(sign).toBe(v2Signature(members))
  })

  test('signs with MD5 when the merchant is still set to it', async () => {
    answer(v2Signed(prepaid, 'MD5'))
    const old = clientOf({ signType: 'MD5' })
    expect(await old.prepay(anOrder)).toEqual({ prepayId: 'wx201410272009395522657a690389285100' })
    const { sign, ...members } = sent()
    expect(members.sign_type).toBe('MD5')
    expect(sign).toBe(v2Signature(members, 'MD5'))
    old.destroy()
  })

  test('that breaks a rule is not sent', async () => {
    const error = await refusalOf(() => wxpay.prepay({ ...anOrder, totalFen: 0.29 * 100 }))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member: 'totalFen' })
    expect(wechat.received).toEqual([])
  })

  test('five calls make one handshake', async () => {
    wechat = await startFakeWechat()
    wxpay = clientOf({ ca: fixture('authority.cert.pem') })
    answer(v2Signed(prepaid))
    for (let call = 0; call < 5; call += 1) await wxpay.prepay(anOrder)
    expect([wechat.received.length, wechat.handshakes()]).toEqual([5, 1])
  })
})

describe('what an answer is worth', () => {
  test('return_code FAIL is a refusal, unsigned', async () => {
    answer(v2Xml({ return_code: 'FAIL', return_msg: '签名错误' }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      outcome: 'rejected',
      verified: false,
      apiMessage: '签名错误',
    })
  })

  test('return_code FAIL may name a code, which nobody has signed either', async () => {
    answer(v2Xml({ return_code: 'FAIL', return_msg: '说明', err_code: 'X'.repeat(65) }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      verified: false,
      apiCode: 'X'.repeat(64),
    })
  })

  test.each<[string, Members, string]>([
    ['SYSTEMERROR as its code', { err_code: 'SYSTEMERROR', return_msg: 'system busy' }, 'ERR_WXPAY_SERVER'],
    ['BIZERR_NEED_RETRY', { err_code: 'BIZERR_NEED_RETRY', return_msg: 'x' }, 'ERR_WXPAY_SERVER'],
    ['FREQUENCY_LIMITED', { err_code: 'FREQUENCY_LIMITED', return_msg: 'x' }, 'ERR_WXPAY_RATE_LIMITED'],
    ['SYSTEMERROR as its text', { return_msg: 'SYSTEMERROR' }, 'ERR_WXPAY_SERVER'],
    ['系统繁忙', { return_msg: '系统繁忙，请稍后再试' }, 'ERR_WXPAY_SERVER'],
    ['系统超时 in the old member', { retmsg: '系统超时' }, 'ERR_WXPAY_SERVER'],
  ])('return_code FAIL with %s leaves the outcome unknown', async (_, members, code) => {
    answer(v2Xml({ return_code: 'FAIL', ...members }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({ code, outcome: 'unknown' })
  })

  test('when no time is left for patience, what is known is thrown', async () => {
    answer('', 503)
    const limited = clientOf({ timeLeftMs: () => 2_000 })
    wxpay = limited
    const waits: number[] = []
    const sleep = async (ms: number) => void waits.push(ms)
    const patient = withRetries(limited, { firstWaitMs: 2_002, random: () => 0, sleep })
    for (const one of [patient, patient.forSubMerchant({ mchid: '1900000109' })]) {
      expect(await refusalOf(() => one.prepay(anOrder))).toMatchObject({ code: 'ERR_WXPAY_SERVER' })
    }
    expect(waits).toEqual([])
  })

  test('a text that only mentions the system is a refusal like any other', async () => {
    answer(v2Xml({ return_code: 'FAIL', return_msg: '商户系统未开通' }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({ outcome: 'rejected' })
  })

  test('result_code FAIL is a refusal, signed', async () => {
    answer(v2Signed({ ...v2Head, result_code: 'FAIL', err_code: 'ORDERPAID', err_code_des: '该订单已支付' }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      outcome: 'rejected',
      verified: true,
      apiCode: 'ORDERPAID',
      apiMessage: '该订单已支付',
    })
  })

  test.each([
    ['SYSTEMERROR', 'ERR_WXPAY_SERVER'],
    ['BIZERR_NEED_RETRY', 'ERR_WXPAY_SERVER'],
    ['FREQUENCY_LIMITED', 'ERR_WXPAY_RATE_LIMITED'],
  ])('%s leaves the outcome unknown', async (err_code, code) => {
    answer(v2Signed({ ...v2Head, result_code: 'FAIL', err_code, err_code_des: '系统繁忙' }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code,
      outcome: 'unknown',
      apiCode: err_code,
    })
  })

  const { sign_type: _, ...unsigned }: Members = { ...prepaid, sign_type: '' }
  test.each([
    ['no signature', v2Xml(unsigned)],
    ['an empty signature', v2Xml({ ...unsigned, sign: '' })],
    ['a signature by another key', v2Signed(prepaid, 'HMAC-SHA256', 'ffffffffffffffffffffffffffffffff')],
    ['a genuine signature of the weaker algorithm', v2Signed(prepaid, 'MD5')],
    ['a lower-case signature', v2Xml({ ...prepaid, sign: v2Signature(prepaid).toLowerCase() })],
    ['a cut signature', v2Xml({ ...prepaid, sign: v2Signature(prepaid).slice(1) })],
    ['a changed member', v2Signed(prepaid).replace('a690389285100', 'a690389285101')],
    ['an added member', v2Signed(prepaid).replace('</xml>', '<more>x</more></xml>')],
  ])('%s leaves the outcome unknown', async (_, xml) => {
    answer(xml)
    const error = await refusalOf(() => wxpay.prepay(anOrder))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_ANSWER_SIGNATURE', outcome: 'unknown' })
  })

  test('an unsigned FAIL does not hide behind result_code', async () => {
    answer(v2Xml({ ...v2Head, result_code: 'FAIL', err_code: 'ORDERCLOSED' }))
    expect(await refusalOf(() => wxpay.close(anOrder.outTradeNo))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    })
  })

  const notDocumented = 'the answer is not what WeChat Pay documents: '
  const notBelieved = (reason: string) => `the answer cannot be believed: ${reason}; query before repeating`
  const fail = { return_code: 'FAIL', result_code: 'FAIL' }
  test.each([
    ['no return_code', v2Xml({ a: 1 }), 200, `${notDocumented}return_code is neither SUCCESS nor FAIL`],
    [
      'an unknown result_code',
      v2Signed({ ...v2Head, result_code: 'MAYBE' }),
      200,
      `${notDocumented}result_code is neither SUCCESS nor FAIL`,
    ],
    ['no sign', v2Xml(v2Head), 200, notBelieved('it is not signed')],
    ['another algorithm', v2Signed(v2Head, 'MD5'), 200, notBelieved('its signature is not our HMAC-SHA256')],
    [
      'another merchant',
      v2Signed({ ...prepaid, mch_id: '1' }),
      200,
      'the answer is about another trade, app or merchant',
    ],
    [
      'a refusal in old words',
      v2Xml({ ...fail, retmsg: '签名错误' }),
      200,
      'WeChat Pay refused (HTTP 200 签名错误)',
    ],
    ['a refusal without words', v2Xml(fail), 200, 'WeChat Pay refused (HTTP 200)'],
    ['HTTP 400', '<html>400 Bad Request</html>', 400, 'not an answer of WeChat Pay (HTTP 400)'],
    ['HTTP 403', '<html>SSL certificate</html>', 403, 'not an answer of WeChat Pay (HTTP 403)'],
    [
      'HTTP 400 about the certificate',
      '<html>400 No required SSL certificate was sent</html>',
      400,
      'not an answer of WeChat Pay (HTTP 400): it did not take the client certificate; check certPem and keyPem',
    ],
  ])('%s is said in words', async (_, xml, status, message) => {
    answer(xml, status)
    expect((await refusalOf(() => wxpay.prepay(anOrder))).message).toBe(message)
  })

  test('a signed refusal may leave out whom it is about, a success may not', async () => {
    const { appid: _, mch_id: _mchid, ...head } = v2Head
    answer(v2Signed({ ...head, result_code: 'FAIL', err_code: 'APPID_NOT_EXIST' }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      verified: true,
      apiCode: 'APPID_NOT_EXIST',
    })
    answer(v2Signed({ ...head, mch_id: '1900000002', result_code: 'FAIL', err_code: 'MCHID_NOT_EXIST' }))
    expect((await refusalOf(() => wxpay.prepay(anOrder))).code).toBe('ERR_WXPAY_ANSWER_MISMATCH')
    answer(v2Signed({ ...head, prepay_id: 'wx1' }))
    expect((await refusalOf(() => wxpay.prepay(anOrder))).code).toBe('ERR_WXPAY_ANSWER_MISMATCH')
  })

  test('of a text without end no more than 256 characters are kept', async () => {
    const words = '满'.repeat(300)
    for (const xml of [
      v2Xml({ return_code: 'FAIL', return_msg: words }),
      v2Signed({ ...v2Head, result_code: 'FAIL', err_code: 'PARAM_ERROR', err_code_des: words }),
    ]) {
      answer(xml)
      expect((await refusalOf(() => wxpay.prepay(anOrder))).apiMessage).toBe('满'.repeat(256))
    }
  })

  test('members that are new to us are signed like all others', async () => {
    answer(v2Signed({ ...prepaid, brand_new: '新', empty: '' }))
    expect(await wxpay.prepay(anOrder)).toEqual({ prepayId: prepaid.prepay_id })
  })

  test.each([
    ['another merchant', { mch_id: '1900000002' }],
    ['another app', { appid: 'wx9999999999999999' }],
    ['nobody', { mch_id: '' }],
  ])('an answer about %s is a mismatch', async (_, change) => {
    answer(v2Signed({ ...prepaid, ...change }))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
      outcome: 'unknown',
    })
  })

  test.each([
    ['HTML', '<html><body>bad gateway</body></html>', 200, 'ERR_WXPAY_ANSWER_MALFORMED'],
    ['nothing', '', 200, 'ERR_WXPAY_ANSWER_MALFORMED'],
    ['half a document', v2Signed(prepaid).slice(0, -1), 200, 'ERR_WXPAY_ANSWER_MALFORMED'],
    ['a document type', `<!DOCTYPE x>${v2Signed(prepaid)}`, 200, 'ERR_WXPAY_ANSWER_MALFORMED'],
    ['no return_code', v2Signed({ result_code: 'SUCCESS' }), 200, 'ERR_WXPAY_ANSWER_MALFORMED'],
    [
      'an unknown result_code',
      v2Signed({ ...prepaid, result_code: 'MAYBE' }),
      200,
      'ERR_WXPAY_ANSWER_MALFORMED',
    ],
    ['no prepay id', v2Signed(v2Head), 200, 'ERR_WXPAY_ANSWER_MALFORMED'],
    [
      'a client certificate demand',
      '<html>400 No required SSL certificate</html>',
      400,
      'ERR_WXPAY_ANSWER_MALFORMED',
    ],
    ['HTTP 404', '', 404, 'ERR_WXPAY_ANSWER_MALFORMED'],
    ['HTTP 302', '', 302, 'ERR_WXPAY_REDIRECTED'],
    ['HTTP 429', '', 429, 'ERR_WXPAY_RATE_LIMITED'],
    ['HTTP 500', '', 500, 'ERR_WXPAY_SERVER'],
    ['a signed success under HTTP 500', v2Signed(prepaid), 500, 'ERR_WXPAY_SERVER'],
  ])('%s leaves the outcome unknown', async (_, xml, status, code) => {
    answer(xml, status)
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({ code, outcome: 'unknown' })
  })
})

describe('query', () => {
  test('translates a paid trade', async () => {
    answer(v2Signed(queried))
    expect(await wxpay.queryByOutTradeNo('order-20261123-1')).toEqual(thePaidTrade)
    expect(sent()).toMatchObject({ out_trade_no: 'order-20261123-1', sign_type: 'HMAC-SHA256' })
    expect(wechat.received[0]?.path).toBe('/pay/orderquery')
  })

  test('asks by WeChat number', async () => {
    answer(v2Signed(queried))
    expect(await wxpay.queryByTransactionId('4200002026112300000000000001')).toEqual(thePaidTrade)
    expect(sent()).toMatchObject({ transaction_id: '4200002026112300000000000001' })
  })

  test('translates an unpaid trade, which has next to nothing', async () => {
    answer(
      v2Signed({
        ...v2Head,
        out_trade_no: 'order-20261123-1',
        trade_state: 'NOTPAY',
        trade_state_desc: '未支付',
      }),
    )
    expect(await wxpay.queryByOutTradeNo('order-20261123-1')).toEqual({
      appid,
      mchid,
      outTradeNo: 'order-20261123-1',
      tradeState: 'NOTPAY',
      rawTradeState: 'NOTPAY',
    })
  })

  test('keeps a state that is new to us as UNKNOWN', async () => {
    answer(v2Signed({ ...queried, trade_state: 'NEWSTATE' }))
    expect(await wxpay.queryByOutTradeNo('order-20261123-1')).toMatchObject({
      tradeState: 'UNKNOWN',
      rawTradeState: 'NEWSTATE',
    })
  })

  test('is null when WeChat signs that there is no such trade', async () => {
    answer(
      v2Signed({
        ...v2Head,
        result_code: 'FAIL',
        err_code: 'ORDERNOTEXIST',
        err_code_des: 'order not exist',
      }),
    )
    expect(await wxpay.queryByOutTradeNo('order-20261123-1')).toBeNull()
  })

  test('is an error when the absence is not signed', async () => {
    answer(v2Xml({ return_code: 'FAIL', return_msg: 'ORDERNOTEXIST' }))
    expect(await refusalOf(() => wxpay.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      verified: false,
    })
  })

  test('refuses a genuine answer about another trade', async () => {
    answer(v2Signed({ ...queried, out_trade_no: 'order-20261123-2' }))
    const byOurs = await refusalOf(() => wxpay.queryByOutTradeNo('order-20261123-1'))
    expect(byOurs).toMatchObject({ code: 'ERR_WXPAY_ANSWER_MISMATCH', outcome: 'unknown' })
    const byTheirs = await refusalOf(() => wxpay.queryByTransactionId('4200002026112300000000000002'))
    expect(byTheirs).toMatchObject({ code: 'ERR_WXPAY_ANSWER_MISMATCH' })
    expect(byTheirs.message).toBe('the answer is about another trade, app or merchant')
  })

  test.each(['1e2', '0x64', '100.0', '-1', '+1', '0100', ' 100', '9007199254740993'])(
    'does not guess at the amount "%s"',
    async (total_fee) => {
      answer(v2Signed({ ...queried, total_fee }))
      expect(await refusalOf(() => wxpay.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
        code: 'ERR_WXPAY_ANSWER_MALFORMED',
        outcome: 'unknown',
      })
    },
  )

  test('a payment notification is no answer to a query', async () => {
    answer(v2Signed(aPaidMessage))
    expect(await refusalOf(() => wxpay.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
    })
  })

  test('a time that cannot be read does not lose the payment', async () => {
    answer(v2Signed({ ...queried, time_end: '20260230120000' }))
    const trade = await wxpay.queryByOutTradeNo('order-20261123-1')
    expect(trade).toMatchObject({ tradeState: 'SUCCESS' })
    expect(trade).not.toHaveProperty('successAt')
  })
})

describe('close', () => {
  test('closes', async () => {
    answer(v2Signed({ ...v2Head, result_msg: 'OK' }))
    expect(await wxpay.close('order-20261123-1')).toBe('closed')
    expect(wechat.received[0]?.path).toBe('/pay/closeorder')
    expect(sent()).toMatchObject({ out_trade_no: 'order-20261123-1' })
  })

  test.each([
    ['ORDERPAID', 'alreadyPaid'],
    ['ORDERCLOSED', 'closed'],
    ['ORDERNOTEXIST', 'notFound'],
  ])('takes %s for %s', async (err_code, result) => {
    answer(v2Signed({ ...v2Head, result_code: 'FAIL', err_code }))
    expect(await wxpay.close('order-20261123-1')).toBe(result)
  })

  test('any other refusal is an error', async () => {
    answer(v2Signed({ ...v2Head, result_code: 'FAIL', err_code: 'TRADE_STATE_ERROR' }))
    expect(await refusalOf(() => wxpay.close('order-20261123-1'))).toMatchObject({
      apiCode: 'TRADE_STATE_ERROR',
    })
  })
})

test('the payment parameters carry the signature that the client checks', () => {
  const params = wxpay.paymentParams('wx201410272009395522657a690389285100')
  const { paySign, ...signed } = params
  expect(signed).toEqual({
    timeStamp: '1795406400',
    nonceStr: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    package: 'prepay_id=wx201410272009395522657a690389285100',
    signType: 'HMAC-SHA256',
  })
  expect(paySign).toBe(v2Signature({ appId: appid, ...signed }))
  expect(() => wxpay.paymentParams('wx1&total_fee=1')).toThrow('prepayId must be')
})

test.each(['MD55', 'XMD5', 'HMAC-SHA256 ', 'xHMAC-SHA256', 'md5', ''])('%p is no algorithm', (signType) => {
  expect(() => clientOf({ signType: signType as 'MD5' })).toThrow("signType must be 'HMAC-SHA256' or 'MD5'")
})

test('it says which protocol it speaks', () => {
  expect(wxpay.api).toBe('v2')
})

test('the client certificate is shown when there is one', () => {
  const pair = { certPem: fixture('merchant.cert.pem'), keyPem: fixture('merchant.key.pem') }
  expect(() => clientOf(pair)).not.toThrow()
  expect(() => clientOf({ certPem: pair.certPem })).toThrow('keyPem must be given together with certPem')
  expect(() => clientOf({ keyPem: pair.keyPem })).toThrow('certPem must be given together with keyPem')
  expect(() => clientOf({ ...pair, keyPem: fixture('wxpay.key.pem') })).toThrow('do not belong together')
})
