import type { WxpayV3Client, WxpayV3Config } from 'wxpay-core'
import { signedMessage } from 'wxpay-core/src/v3/verifier.ts'
import { refusalOf } from './expect-refusal.ts'
import { closeServers, type FakeWechat, startFakeWechat } from './fake-wechat.ts'
import {
  anOrder,
  appid,
  fixture,
  mchid,
  merchantSerialNo,
  noon,
  platformSerialA,
  platformSerialB,
  publicKeyId,
} from './fixtures.ts'
import { authorizationIn, clientTo, endClients, isSignedByMerchant, time } from './v3-merchant.ts'
import { answerV3, aPaidTransaction, refuseV3, sealed, thePaidTrade, v3Headers } from './wechat-side.ts'

let wechat: FakeWechat
let wxpay: WxpayV3Client

const clientOf = (config: Partial<WxpayV3Config> = {}) => clientTo(wechat, config)

beforeEach(async () => {
  // Without TLS, which takes longer than all the rest; transport.test.ts has it.
  wechat = await startFakeWechat({ plain: true })
  wxpay = clientOf({ publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') } })
})

afterEach(async () => {
  endClients()
  await closeServers()
})

const prepaid = '{"prepay_id":"wx201410272009395522657a690389285100"}'

function authorizationOf(index: number): Readonly<Record<string, string>> {
  return authorizationIn(wechat.received[index]?.headers.authorization)
}

describe('a request', () => {
  test('carries the exact bytes that are signed, and the headers that WeChat asks for', async () => {
    wechat.answer((_, response) => answerV3(response, 200, prepaid))
    const result = await wxpay.prepay({ ...anOrder, attach: 'shop-1', timeExpire: noon + 900_000 })
    expect(result).toEqual({ prepayId: 'wx201410272009395522657a690389285100' })

    const request = wechat.received[0]
    expect(request?.method).toBe('POST')
    expect(request?.path).toBe('/v3/pay/transactions/jsapi')
    expect(JSON.parse(request?.body ?? '')).toEqual({
      appid,
      mchid,
      description: '手冲咖啡豆 250 克',
      out_trade_no: 'order-20261123-1',
      time_expire: '2026-11-23T12:15:00+08:00',
      attach: 'shop-1',
      notify_url: 'https://shop.example.com/wxpay/notify/payment',
      amount: { total: 6800, currency: 'CNY' },
      payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
      scene_info: { payer_client_ip: '203.0.113.7' },
    })
    expect(request?.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^wxpay-core\/\d/),
      'wechatpay-serial': publicKeyId,
    })
    const { signature = '', nonce_str: nonce, timestamp, ...rest } = authorizationOf(0)
    expect(rest).toEqual({ mchid, serial_no: merchantSerialNo })
    expect(timestamp).toBe('1795406400')
    const message = `POST\n/v3/pay/transactions/jsapi\n1795406400\n${nonce}\n${request?.body}\n`
    expect(isSignedByMerchant(message, signature)).toBe(true)
  })

  test('by GET signs path and query as sent and an empty body', async () => {
    const outTradeNo = 'order|2026*1'
    const body = JSON.stringify({ ...aPaidTransaction, out_trade_no: outTradeNo })
    wechat.answer((_, response) => answerV3(response, 200, body))
    await wxpay.queryByOutTradeNo(outTradeNo)
    const path = '/v3/pay/transactions/out-trade-no/order%7C2026*1?mchid=1900000001'
    expect(wechat.received[0]).toMatchObject({ method: 'GET', path, body: '' })
    const { signature = '', nonce_str: nonce } = authorizationOf(0)
    expect(isSignedByMerchant(`GET\n${path}\n1795406400\n${nonce}\n\n`, signature)).toBe(true)
    expect(wechat.received[0]?.headers['wechatpay-serial']).toBe(publicKeyId)
  })

  test('never uses a nonce twice, and one handshake for all', async () => {
    wechat = await startFakeWechat()
    wxpay = clientOf({ publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') } })
    wechat.answer((_, response) => answerV3(response, 200, prepaid))
    for (let call = 0; call < 5; call += 1) await wxpay.prepay(anOrder)
    expect(new Set([0, 1, 2, 3, 4].map((index) => authorizationOf(index).nonce_str)).size).toBe(5)
    expect(wechat.handshakes()).toBe(1)
  })

  test('that is repeated at the backup has the same body and a signature of its own', async () => {
    const backup = await startFakeWechat({ plain: true })
    wechat.answer((_, response) => response.writeHead(502).end())
    backup.answer((_, response) => answerV3(response, 200, prepaid))
    const publicKey = { id: publicKeyId, pem: fixture('wxpay.pub.pem') }
    await clientOf({ publicKey, backupUrl: backup.url }).prepay(anOrder)
    const [first, second] = [wechat.received[0], backup.received[0]]
    expect(second?.body).toBe(first?.body)
    expect(second?.headers.authorization).not.toBe(first?.headers.authorization)
    const { signature = '', nonce_str: nonce } = authorizationIn(second?.headers.authorization)
    const message = `POST\n/v3/pay/transactions/jsapi\n1795406400\n${nonce}\n${first?.body}\n`
    expect(isSignedByMerchant(message, signature)).toBe(true)
  })

  test('that breaks a rule is not sent', async () => {
    const error = await refusalOf(() => wxpay.prepay({ ...anOrder, payerOpenid: '' }))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member: 'payerOpenid' })
    expect(wechat.received).toEqual([])
  })
})

describe('an answer to a write that cannot be verified leaves the outcome unknown', () => {
  const genuine = v3Headers(prepaid)
  const { 'Wechatpay-Signature': signature = '' } = genuine
  test.each<[string, Readonly<Record<string, string>>]>([
    ['without any signature', {}],
    ['without a nonce', { ...genuine, 'Wechatpay-Nonce': '' }],
    [
      'with one bit changed',
      { ...genuine, 'Wechatpay-Signature': `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}` },
    ],
    ['with a probe', { ...genuine, 'Wechatpay-Signature': `WECHATPAY/SIGNTEST/${signature.slice(19)}` }],
    ['with a signature of odd length', { ...genuine, 'Wechatpay-Signature': signature.slice(0, -3) }],
    ['with a signature that is no base64', { ...genuine, 'Wechatpay-Signature': '签名' }],
    ['with an old timestamp', v3Headers(prepaid, { timestamp: String(noon / 1000 - 300) })],
    ['with a timestamp of the future', v3Headers(prepaid, { timestamp: String(noon / 1000 + 300) })],
    ['with a timestamp in milliseconds', v3Headers(prepaid, { timestamp: String(noon) })],
    ["with the merchant's own key", v3Headers(prepaid, { key: 'merchant.key.pem' })],
    ['over other bytes', v3Headers(`${prepaid} `)],
  ])('%s', async (_, headers) => {
    wechat.answer((_, response) => response.writeHead(200, encodedHeaders(headers)).end(prepaid))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
      outcome: 'unknown',
      httpStatus: 200,
    })
  })

  test('and a close whose 204 is unsigned is not believed either', async () => {
    wechat.answer((_, response) => response.writeHead(204).end())
    expect(await refusalOf(() => wxpay.close(anOrder.outTradeNo))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    })
  })
})

/** Header values are Latin-1 on the wire. */
function encodedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
  )
}

describe('refusals are reported as they are, though nobody signs them', () => {
  test.each([
    [400, 'PARAM_ERROR'],
    [400, 'INVALID_REQUEST'],
    [401, 'SIGN_ERROR'],
    [403, 'OUT_TRADE_NO_USED'],
    [404, 'RESOURCE_NOT_EXISTS'],
  ])('%d %s', async (status, apiCode) => {
    wechat.answer((_, response) => refuseV3(response, status, apiCode))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      outcome: 'rejected',
      verified: false,
      httpStatus: status,
      apiCode,
      apiMessage: '说明',
      requestId: '08ABCDEF-268443699',
    })
  })

  test('of a text without end no more than 256 characters are kept', async () => {
    wechat.answer((_, response) => refuseV3(response, 400, 'PARAM_ERROR', '满'.repeat(300)))
    expect((await refusalOf(() => wxpay.prepay(anOrder))).apiMessage).toBe('满'.repeat(256))
  })

  test.each([401, 403, 404, 405])('%d with an empty body', async (status) => {
    wechat.answer((_, response) => response.writeHead(status).end())
    const error = await refusalOf(() => wxpay.prepay(anOrder))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_REFUSED', outcome: 'rejected', httpStatus: status })
    expect(error.apiCode).toBeUndefined()
  })

  test.each([
    [429, 'FREQUENCY_LIMITED', 'ERR_WXPAY_RATE_LIMITED'],
    [429, 'RATELIMIT_EXCEEDED', 'ERR_WXPAY_RATE_LIMITED'],
    [500, 'SYSTEM_ERROR', 'ERR_WXPAY_SERVER'],
    [502, 'SERVICE_UNAVAILABLE', 'ERR_WXPAY_SERVER'],
    [503, 'SERVICE_UNAVAILABLE', 'ERR_WXPAY_SERVER'],
    [202, 'USERPAYING', 'ERR_WXPAY_SERVER'],
    [400, 'SYSTEM_ERROR', 'ERR_WXPAY_SERVER'],
  ])('%d %s leaves the outcome unknown', async (status, apiCode, code) => {
    wechat.answer((_, response) => refuseV3(response, status, apiCode))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({ code, outcome: 'unknown', apiCode })
  })

  test.each([
    [302, '', 'ERR_WXPAY_REDIRECTED'],
    [307, '', 'ERR_WXPAY_REDIRECTED'],
    [400, '<html>bad request</html>', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [403, '{"code":1}', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [400, '', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [402, '', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [406, '', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [408, '', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [408, '{"code":"REQUEST_TIMEOUT"}', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [413, '', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [421, '', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [499, '', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [429, '', 'ERR_WXPAY_RATE_LIMITED'],
    [201, prepaid, 'ERR_WXPAY_ANSWER_MALFORMED'],
    [201, '{"code":"PARAM_ERROR"}', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [400, '{"code":"PARAM ERROR"}', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [400, '{"code":" PARAM_ERROR"}', 'ERR_WXPAY_ANSWER_MALFORMED'],
    [400, `{"code":"${'X'.repeat(65)}"}`, 'ERR_WXPAY_ANSWER_MALFORMED'],
    [504, '<html>gateway time-out</html>', 'ERR_WXPAY_SERVER'],
  ])('%d %s is not WeChat Pay speaking: unknown', async (status, body, code) => {
    wechat.answer((_, response) => response.writeHead(status).end(body))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({ code, outcome: 'unknown' })
  })
})

describe('a genuine answer that makes no sense leaves the outcome unknown', () => {
  test.each([
    ['no JSON', 'prepay_id=wx1'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no prepay id', '{}'],
    ['a number', '{"prepay_id":1}'],
    ['an empty one', '{"prepay_id":""}'],
    ['an inherited one', '{"__proto__":{"prepay_id":"wx1"}}'],
    ['a line break in it', '{"prepay_id":"wx1\\nwx2"}'],
    ['a byte order mark', `\ufeff${prepaid}`],
  ])('%s', async (_, body) => {
    wechat.answer((_, response) => answerV3(response, 200, body))
    expect(await refusalOf(() => wxpay.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
      outcome: 'unknown',
      requestId: '08ABCDEF-0',
    })
  })

  test.each([
    ['text for an amount', { amount: { total: '6800' } }],
    ['a fraction of a fen', { amount: { total: 68.5 } }],
    ['less than nothing', { amount: { total: -1 } }],
    ['more than can be counted', { amount: { total: 2 ** 53 } }],
    ['a list for an amount', { amount: [6800] }],
    ['an object for a number', { transaction_id: { $ne: null } }],
    ['a number for a state', { trade_state: 1 }],
    ['no state', { trade_state: undefined }],
    ['no number', { out_trade_no: undefined }],
    ['a list for the payer', { payer: ['o'] }],
  ])('%s', async (_, change) => {
    wechat.answer((_, response) =>
      answerV3(response, 200, JSON.stringify({ ...aPaidTransaction, ...change })),
    )
    expect(await refusalOf(() => wxpay.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
      outcome: 'unknown',
    })
  })
})

describe('query', () => {
  test('translates a paid trade, by either number', async () => {
    wechat.answer((_, response) => answerV3(response, 200, JSON.stringify(aPaidTransaction)))
    expect(await wxpay.queryByOutTradeNo('order-20261123-1')).toEqual(thePaidTrade)
    expect(await wxpay.queryByTransactionId('4200002026112300000000000001')).toEqual(thePaidTrade)
    expect(wechat.received[1]?.path).toBe(
      '/v3/pay/transactions/id/4200002026112300000000000001?mchid=1900000001',
    )
  })

  test('translates an unpaid trade', async () => {
    const body = {
      appid,
      mchid,
      out_trade_no: 'order-20261123-1',
      trade_state: 'NOTPAY',
      amount: { total: 6800 },
    }
    wechat.answer((_, response) => answerV3(response, 200, JSON.stringify(body)))
    expect(await wxpay.queryByOutTradeNo('order-20261123-1')).toEqual({
      appid,
      mchid,
      outTradeNo: 'order-20261123-1',
      tradeState: 'NOTPAY',
      rawTradeState: 'NOTPAY',
      totalFen: 6_800,
    })
  })

  test.each(['ORDER_NOT_EXIST', 'ORDERNOTEXIST'])('is null after 404 %s', async (code) => {
    wechat.answer((_, response) => refuseV3(response, 404, code))
    expect(await wxpay.queryByOutTradeNo('order-20261123-1')).toBeNull()
  })

  test.each([
    [404, 'MCH_NOT_EXISTS'],
    [400, 'ORDER_NOT_EXIST'],
  ])('is an error after %d %s', async (status, code) => {
    wechat.answer((_, response) => refuseV3(response, status, code))
    expect(await refusalOf(() => wxpay.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      apiCode: code,
    })
  })

  test.each([
    ['another order', { out_trade_no: 'order-20261123-2' }],
    ['another merchant', { mchid: '1900000002' }],
    ['another app', { appid: 'wx9999999999999999' }],
    ['no merchant', { mchid: undefined }],
  ])('refuses a genuine answer about %s', async (_, change) => {
    wechat.answer((_, response) =>
      answerV3(response, 200, JSON.stringify({ ...aPaidTransaction, ...change })),
    )
    expect(await refusalOf(() => wxpay.queryByOutTradeNo('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
      outcome: 'unknown',
    })
  })

  test('refuses a genuine answer about another transaction', async () => {
    wechat.answer((_, response) => answerV3(response, 200, JSON.stringify(aPaidTransaction)))
    expect(await refusalOf(() => wxpay.queryByTransactionId('4200002026112300000000000002'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
    })
  })
})

describe('close', () => {
  test('closes on a signed 204', async () => {
    wechat.answer((_, response) => answerV3(response, 204, ''))
    expect(await wxpay.close('order-20261123-1')).toBe('closed')
    expect(wechat.received[0]).toMatchObject({
      path: '/v3/pay/transactions/out-trade-no/order-20261123-1/close',
      body: '{"mchid":"1900000001"}',
    })
  })

  const refusing = (code: string, signedTrade: object) => {
    wechat.answer((request, response) => {
      if (request.method === 'POST') refuseV3(response, 400, code)
      else answerV3(response, 200, JSON.stringify(signedTrade))
    })
  }
  const { transaction_id: _, success_time: _time, ...unpaid } = aPaidTransaction

  test.each([
    ['ORDER_CLOSED', 'CLOSED', 'closed'],
    ['ORDER_CLOSED', 'SUCCESS', 'alreadyPaid'],
    ['ORDERPAID', 'SUCCESS', 'alreadyPaid'],
    ['ORDERPAID', 'REFUND', 'alreadyPaid'],
    ['ORDERPAID', 'CLOSED', 'closed'],
    ['ORDER_PAID', 'SUCCESS', 'alreadyPaid'],
    ['ORDERCLOSED', 'CLOSED', 'closed'],
  ])('asks after an unsigned %s: a signed %s means %s', async (code, trade_state, result) => {
    refusing(code, { ...unpaid, trade_state })
    expect(await wxpay.close('order-20261123-1')).toBe(result)
    expect(wechat.received.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })

  test('an unsigned ORDER_CLOSED about a trade that is still open is not believed', async () => {
    refusing('ORDER_CLOSED', { ...unpaid, trade_state: 'NOTPAY' })
    expect(await refusalOf(() => wxpay.close('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
      outcome: 'unknown',
      message: 'a signed query does not confirm the refusal; the trade may still be open',
      cause: { apiCode: 'ORDER_CLOSED' },
    })
  })

  test('an unsigned ORDERPAID of a trade that then is not found is a trade that is not there', async () => {
    wechat.answer((request, response) => {
      if (request.method === 'POST') refuseV3(response, 400, 'ORDERPAID')
      else refuseV3(response, 404, 'ORDER_NOT_EXIST')
    })
    expect(await wxpay.close('order-20261123-1')).toBe('notFound')
  })

  test('an unsigned ORDER_CLOSED that nobody confirms stays unknown', async () => {
    wechat.answer((request, response) => {
      if (request.method === 'POST') refuseV3(response, 400, 'ORDER_CLOSED')
      else response.writeHead(200).end(JSON.stringify({ ...unpaid, trade_state: 'CLOSED' }))
    })
    expect(await refusalOf(() => wxpay.close('order-20261123-1'))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
      outcome: 'unknown',
    })
  })

  test('takes 404 ORDER_NOT_EXIST for notFound', async () => {
    wechat.answer((_, response) => refuseV3(response, 404, 'ORDER_NOT_EXIST'))
    expect(await wxpay.close('order-20261123-1')).toBe('notFound')
  })

  test('any other refusal is an error', async () => {
    wechat.answer((_, response) => refuseV3(response, 403, 'TRADE_ERROR'))
    expect(await refusalOf(() => wxpay.close('order-20261123-1'))).toMatchObject({ apiCode: 'TRADE_ERROR' })
    expect(wechat.received).toHaveLength(1)
  })
})

test('the payment parameters carry the signature that the client checks', () => {
  const { paySign, ...params } = wxpay.paymentParams('wx201410272009395522657a690389285100')
  expect(params).toEqual({
    timeStamp: '1795406400',
    nonceStr: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    package: 'prepay_id=wx201410272009395522657a690389285100',
    signType: 'RSA',
  })
  const message = `${appid}\n1795406400\n${params.nonceStr}\nprepay_id=wx201410272009395522657a690389285100\n`
  expect(isSignedByMerchant(message, paySign)).toBe(true)
  expect(() => wxpay.paymentParams('wx1\nwx2')).toThrow('prepayId must be')
})

describe('platform certificates', () => {
  const listOf = (...names: readonly (readonly [string, string])[]): string =>
    JSON.stringify({
      data: names.map(([serial_no, name]) => ({
        serial_no,
        effective_time: '2026-11-23T00:00:00+08:00',
        expire_time: '2031-11-23T00:00:00+08:00',
        encrypt_certificate: sealed(fixture(`${name}.cert.pem`), 'certificate'),
      })),
    })
  const a = { serial: platformSerialA, key: 'platform-a.key.pem' }
  const b = { serial: platformSerialB, key: 'platform-b.key.pem' }

  /** Answers orders signed by `signer`, and the list of certificates, counting how often it is asked for. */
  function serve(list: () => string, signer: () => { serial: string; key: string }): () => number {
    let fetched = 0
    wechat.answer((request, response) => {
      const timestamp = String(Math.floor(time.now / 1000))
      if (request.path === '/v3/certificates?algorithm_type=RSA') {
        fetched += 1
        answerV3(response, 200, list(), { ...signer(), timestamp })
      } else answerV3(response, 200, prepaid, { ...signer(), timestamp })
    })
    return () => fetched
  }

  test('are fetched by the first call and kept', async () => {
    const fetched = serve(
      () => listOf([platformSerialA, 'platform-a']),
      () => a,
    )
    const client = clientOf()
    await client.prepay(anOrder)
    await client.prepay(anOrder)
    expect(fetched()).toBe(1)
    expect(client.verifier.serials()).toEqual([platformSerialA])
    expect(wechat.received[0]?.headers['wechatpay-serial']).toBeUndefined()
    expect(wechat.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v3/pay/transactions/jsapi',
      'GET /v3/certificates?algorithm_type=RSA',
      'POST /v3/pay/transactions/jsapi',
    ])
    expect(wechat.received[1]?.body).toBe('')
    const { nonce_str, signature = '' } = authorizationIn(wechat.received[1]?.headers.authorization)
    expect(
      isSignedByMerchant(
        `GET\n/v3/certificates?algorithm_type=RSA\n${noon / 1_000}\n${nonce_str}\n\n`,
        signature,
      ),
    ).toBe(true)
    expect(wechat.handshakes()).toBe(1)
  })

  test('are not fetched for a refusal, whoever claims to have signed it', async () => {
    wechat.answer((_, response) => {
      response.writeHead(403, v3Headers('{"code":"NO_AUTH"}', a)).end('{"code":"NO_AUTH"}')
    })
    expect((await refusalOf(() => clientOf().prepay(anOrder))).apiCode).toBe('NO_AUTH')
    expect(wechat.received.map(({ path }) => path)).toEqual(['/v3/pay/transactions/jsapi'])
  })

  test('that there was no time to fetch are fetched by the next notification that has time', async () => {
    const fetched = serve(
      () => listOf([platformSerialA, 'platform-a']),
      () => a,
    )
    let leftMs = 0
    const { verifier } = clientOf({ timeLeftMs: () => leftMs })
    const headers = v3Headers('{}', a)
    const message = signedMessage((name) => new Headers(headers).get(name) ?? undefined, Buffer.from('{}'))
    expect(await verifier.verify(message)).toMatchObject({ doubt: 'unknownSerial' })
    expect(fetched()).toBe(0)
    leftMs = 3_000
    expect(await verifier.verify(message)).toMatchObject({ genuine: true })
  })

  test('are fetched again when another one signs, at most once a minute', async () => {
    let list = listOf([platformSerialA, 'platform-a'])
    let signer = a
    const fetched = serve(
      () => list,
      () => signer,
    )
    const client = clientOf()
    await client.prepay(anOrder)

    signer = b
    expect(await refusalOf(() => client.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    })
    expect(fetched()).toBe(1)
    list = listOf([platformSerialA, 'platform-a'], [platformSerialB, 'platform-b'])
    time.now += 60_000
    await client.prepay(anOrder)
    expect(fetched()).toBe(2)
    signer = a
    await client.prepay(anOrder)
    expect(fetched()).toBe(2)
    expect(client.verifier.serials()).toEqual([platformSerialA, platformSerialB])
  })

  test('and the public key verify side by side', async () => {
    let signer: { serial: string; key: string } = { serial: publicKeyId, key: 'wxpay.key.pem' }
    const fetched = serve(
      () => listOf([platformSerialA, 'platform-a']),
      () => signer,
    )
    await wxpay.prepay(anOrder)
    expect(fetched()).toBe(0)
    signer = a
    await wxpay.prepay(anOrder)
    expect(fetched()).toBe(1)
  })

  test.each([
    ['unsigned', (list: string) => ({ list, signed: false })],
    ['signed by a key that is not in it', (list: string) => ({ list, signed: true, signer: b })],
    [
      'with a certificate under another serial',
      () => ({ list: listOf([platformSerialB, 'platform-a']), signed: true }),
    ],
    [
      'encrypted with another key',
      () => ({
        list: listOf([platformSerialA, 'platform-a']).replace('katvtHDDPxkw', 'katvtHDDPxkx'),
        signed: true,
      }),
    ],
    ['that is no list', () => ({ list: '{"data":{}}', signed: true })],
  ])('%s are not believed', async (_, fault) => {
    const {
      list,
      signed,
      signer = a,
    } = { signer: undefined, ...fault(listOf([platformSerialA, 'platform-a'])) }
    wechat.answer((request, response) => {
      if (request.path !== '/v3/certificates?algorithm_type=RSA') answerV3(response, 200, prepaid, a)
      else if (signed) answerV3(response, 200, list, signer)
      else response.writeHead(200).end(list)
    })
    const client = clientOf()
    expect(await refusalOf(() => client.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
      outcome: 'unknown',
    })
    expect(client.verifier.serials()).toEqual([])
  })

  test('that the merchant has none of: the call says so, and asks once a minute only', async () => {
    let asked = 0
    wechat.answer((request, response) => {
      if (request.path === '/v3/certificates?algorithm_type=RSA') {
        asked += 1
        refuseV3(
          response,
          404,
          'RESOURCE_NOT_EXISTS',
          '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。',
        )
      } else answerV3(response, 200, prepaid, a)
    })
    const client = clientOf()
    await refusalOf(() => client.prepay(anOrder))
    await refusalOf(() => client.prepay(anOrder))
    expect(asked).toBe(1)
  })

  test('that are expired are left out, also when the list still names them', async () => {
    const expired = { serial: '5157F09EFDC096DE15EBE81A47057A72000003', key: 'platform-short.key.pem' }
    time.now = noon + 3 * 86_400_000
    serve(
      () => listOf([expired.serial, 'platform-short']),
      () => expired,
    )
    const client = clientOf()
    expect(await refusalOf(() => client.prepay(anOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    })
    expect(client.verifier.serials()).toEqual([])
  })
})
