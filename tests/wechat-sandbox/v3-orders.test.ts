import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant, START, type V3Override } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant
const time = { now: START }

beforeAll(async () => {
  sandbox = await aSandbox({ time })
  merchant = new Merchant(sandbox, () => time.now)
})
afterAll(cleanUp)

const PREPAY = '/v3/pay/transactions/jsapi'
const parsed = (answer: { body: string }) => JSON.parse(answer.body)
const noSignatureHeaders = (headers: object) =>
  Object.keys(headers).filter((name) => name.startsWith('wechatpay-')).length === 0

test('a signed order gets a prepay_id in an answer signed with the public key it named', async () => {
  const answer = await merchant.v3('POST', PREPAY, merchant.order({ out_trade_no: 'SIGNED-1' }))
  expect(answer.status).toBe(200)
  expect(parsed(answer).prepay_id).toMatch(/^wx20261122\d{6}[0-9a-f]{20}$/)
  expect(answer.headers['wechatpay-serial']).toBe(sandbox.info.publicKeyId)
  expect(answer.headers['wechatpay-signature-type']).toBe('WECHATPAY2-SHA256-RSA2048')
  expect(answer.headers['wechatpay-timestamp']).toBe('1795312800')
  expect(answer.headers['request-id']).toMatch(/-0$/)
  expect(merchant.isGenuine(answer.headers, answer.body)).toBe(true)
  expect(merchant.isGenuine(answer.headers, `${answer.body} `)).toBe(false)
})

test('without naming the public key the answer is signed by the downloadable platform certificate', async () => {
  const plain = { headers: { 'Wechatpay-Serial': null } }
  const answer = await merchant.v3('GET', '/v3/certificates', undefined, plain)
  expect(answer.status).toBe(200)
  const [item] = parsed(answer).data
  expect(item.serial_no).toBe(sandbox.info.platformSerialNo)
  expect(item.encrypt_certificate.algorithm).toBe('AEAD_AES_256_GCM')
  const certificate = new X509Certificate(merchant.decrypt(item.encrypt_certificate))
  expect(certificate.serialNumber).toBe(sandbox.info.platformSerialNo)
  expect(answer.headers['wechatpay-serial']).toBe(sandbox.info.platformSerialNo)
  expect(merchant.isGenuine(answer.headers, answer.body, certificate)).toBe(true)
  expect(merchant.isGenuine(answer.headers, answer.body)).toBe(false)
})

test('a new merchant has no platform certificate: 404, and everything is signed with the public key', async () => {
  const newcomer = new Merchant(await aSandbox({ platformCertificate: false }))
  const plain = { headers: { 'Wechatpay-Serial': null } }
  const answer = await newcomer.v3('GET', '/v3/certificates', undefined, plain)
  expect(answer.status).toBe(404)
  expect(parsed(answer)).toEqual({
    code: 'RESOURCE_NOT_EXISTS',
    message: '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。',
  })
  const order = await newcomer.v3('POST', PREPAY, newcomer.order(), plain)
  expect(order.headers['wechatpay-serial']).toBe(newcomer.sandbox.info.publicKeyId)
  expect(newcomer.isGenuine(order.headers, order.body)).toBe(true)
})

describe('authorization', () => {
  const order = () => merchant.order({ out_trade_no: 'AUTH-0001' })

  test('no Authorization on a transactions call: terse words, no Request-ID, no signature', async () => {
    const answer = await merchant.v3('POST', PREPAY, order(), { authorization: null })
    expect(answer.status).toBe(401)
    expect(parsed(answer)).toEqual({ code: 'SIGN_ERROR', message: '签名信息错误，验签失败' })
    expect(answer.headers['request-id']).toBeUndefined()
    expect(noSignatureHeaders(answer.headers)).toBe(true)
  })

  test('no Authorization elsewhere names the rule and has a Request-ID that ends in the number', async () => {
    const answer = await merchant.v3('GET', '/v3/certificates', undefined, { authorization: null })
    expect(answer.status).toBe(401)
    expect(parsed(answer)).toEqual({
      code: 'SIGN_ERROR',
      message: 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》',
    })
    expect(answer.headers['request-id']).toMatch(/-268443699$/)
  })

  test.each([
    ['another scheme', 'Bearer abc'],
    ['a member missing', 'WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="a",signature="b",timestamp="1"'],
    [
      'a member twice',
      'WECHATPAY2-SHA256-RSA2048 mchid="1",mchid="1",nonce_str="a",signature="b",timestamp="1",serial_no="c"',
    ],
    [
      'a sixth member',
      'WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="a",signature="b",timestamp="1",serial_no="c",token="d"',
    ],
    [
      'a nonce of 65 characters',
      `WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="${'a'.repeat(65)}",signature="b",timestamp="1",serial_no="c"`,
    ],
    ['no quotes', 'WECHATPAY2-SHA256-RSA2048 mchid=1,nonce_str=a,signature=b,timestamp=1,serial_no=c'],
  ])('a malformed Authorization is refused: %s', async (_name, authorization) => {
    const answer = await merchant.v3('GET', '/v3/certificates', undefined, { authorization })
    expect(answer.status).toBe(401)
    expect(parsed(answer).message).toContain('Authorization值格式错误')
  })

  test('the order of the members is free', async () => {
    const nonce = 'free-order'
    const timestamp = String(START / 1000)
    const path = `/v3/pay/transactions/out-trade-no/NOWHERE-1?mchid=${sandbox.info.mchid}`
    const { createSign } = await import('node:crypto')
    const signature = createSign('RSA-SHA256')
      .update(`GET\n${path}\n${timestamp}\n${nonce}\n\n`)
      .sign(merchant.key, 'base64')
    const answer = await merchant.v3('GET', path, undefined, {
      authorization: `WECHATPAY2-SHA256-RSA2048 signature="${signature}", serial_no="${sandbox.info.serialNo}", timestamp="${timestamp}", nonce_str="${nonce}", mchid="${sandbox.info.mchid}"`,
    })
    expect(answer.status).toBe(404)
  })

  test.each([
    ['301 s old', String(START / 1000 - 301)],
    ['301 s ahead', String(START / 1000 + 301)],
    ['milliseconds', String(START)],
    ['no number', 'now'],
  ])('a timestamp that is %s is refused before the signature is looked at', async (_name, timestamp) => {
    const wrongKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const answer = await merchant.v3('POST', PREPAY, order(), { timestamp, key: wrongKey })
    expect(answer.status).toBe(401)
    expect(parsed(answer).message).toBe('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟')
  })

  test('a timestamp within five minutes is fine', async () => {
    const answer = await merchant.v3('POST', PREPAY, order(), { timestamp: String(START / 1000 - 299) })
    expect(answer.status).toBe(200)
  })

  test('a forged signature gets the documented detail, with enough of the string to compare', async () => {
    const answer = await merchant.v3('POST', PREPAY, order(), { nonce: 'n1', signedBody: 'something else' })
    expect(answer.status).toBe(401)
    const body = parsed(answer)
    expect(body).toMatchObject({
      code: 'SIGN_ERROR',
      message: '签名错误',
      detail: {
        detail: { issue: 'sign not match' },
        field: 'signature',
        location: 'authorization',
        sign_information: { method: 'POST', url: PREPAY },
      },
    })
    const { sign_message_length, truncated_sign_message } = body.detail.sign_information
    const message = `POST\n${PREPAY}\n1795312800\nn1\n${JSON.stringify(order())}\n`
    expect(sign_message_length).toBe(Buffer.byteLength(message))
    expect(truncated_sign_message).toBe(`POST\n${PREPAY}\n1795312800\nn1\n{"appid"\n`)
    expect(noSignatureHeaders(answer.headers)).toBe(true)
  })

  test('another serial or another merchant is refused', async () => {
    const serial = await merchant.v3('POST', PREPAY, order(), { serialNo: sandbox.info.platformSerialNo })
    expect([serial.status, parsed(serial).message]).toEqual([
      401,
      '商户证书序列号有误。请使用签名私钥匹配的证书序列号',
    ])
    const other = await merchant.v3('POST', PREPAY, order(), { mchid: '1900000001' })
    expect([other.status, parsed(other).code]).toEqual([401, 'SIGN_ERROR'])
  })

  test('the serial may be written in small letters, as wechatpay-node-v3 does', async () => {
    const serialNo = sandbox.info.serialNo.toLowerCase()
    expect((await merchant.v3('POST', PREPAY, order(), { serialNo })).status).toBe(200)
  })

  test('a replayed request is refused, a fresh nonce is not', async () => {
    const first = await merchant.v3('POST', PREPAY, order(), { nonce: 'used-once' })
    const again = await merchant.v3('POST', PREPAY, order(), { nonce: 'used-once' })
    const fresh = await merchant.v3('POST', PREPAY, order(), { nonce: 'used-never' })
    expect([first.status, again.status, fresh.status]).toEqual([200, 401, 200])
    expect(parsed(again).message).toContain('nonce_str')
  })

  test('a public key id that is not ours is named', async () => {
    const headers = { 'Wechatpay-Serial': 'PUB_KEY_ID_0000000000' }
    const answer = await merchant.v3('POST', PREPAY, order(), { headers })
    expect(answer.status).toBe(400)
    expect(parsed(answer).detail).toMatchObject({ location: 'header', field: 'Wechatpay-Serial' })
  })
})

describe('transport', () => {
  test('no User-Agent or Accept is refused on certificates but not on transactions', async () => {
    for (const header of ['User-Agent', 'Accept']) {
      const headers = { [header]: null }
      const certificates = await merchant.v3('GET', '/v3/certificates', undefined, { headers })
      expect(certificates.status).toBe(400)
      expect(parsed(certificates)).toEqual({
        code: 'INVALID_REQUEST',
        message: 'Http头缺少Accept或User-Agent',
      })
      const order = merchant.order({ out_trade_no: 'AGENT-001' })
      expect((await merchant.v3('POST', PREPAY, order, { headers })).status).toBe(200)
    }
  })

  test.each([
    ['GET', PREPAY, 405],
    ['DELETE', '/v3/certificates', 405],
    ['POST', '/v3/pay/transactions/out-trade-no/ORDER-0001', 405],
    ['GET', '/v3/pay/transactions/out-trade-no/ORDER-0001/close', 405],
    ['GET', '/v3/pay/transactions', 404],
    ['POST', '/v3/pay/transactions/jsapi/', 404],
    ['GET', '/', 404],
  ])('%s %s answers %i with nothing in it', async (method, path, status) => {
    const answer = await merchant.v3(method, path)
    expect(answer.status).toBe(status)
    expect(answer.body).toBe('')
    expect(noSignatureHeaders(answer.headers)).toBe(true)
  })

  test.each([
    'text/plain',
    'application/json; charset=gbk',
    'application/json; charset=utf-16',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    '',
  ])('the content type %j is refused', async (type) => {
    const headers = { 'Content-Type': type }
    const answer = await merchant.v3('POST', PREPAY, merchant.order(), { headers })
    expect([answer.status, parsed(answer).code]).toEqual([400, 'INVALID_REQUEST'])
  })

  test('JSON in UTF-8 is taken, said or not', async () => {
    const utf8 = await merchant.v3('POST', PREPAY, merchant.order({ out_trade_no: 'CHARSET-1' }), {
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
    })
    expect(utf8.status).toBe(200)
  })
})

describe('fields', () => {
  const without = (name: string) => {
    const { [name]: _gone, ...rest } = merchant.order({ out_trade_no: 'FIELDS-01' })
    return rest
  }

  test.each(['appid', 'mchid', 'description', 'out_trade_no', 'notify_url', 'amount', 'payer'])(
    '%s is required',
    async (name) => {
      const answer = await merchant.v3('POST', PREPAY, without(name))
      expect(answer.status).toBe(400)
      expect(parsed(answer)).toMatchObject({
        code: 'PARAM_ERROR',
        detail: { field: `/${name}`, issue: 'required', location: 'body' },
      })
      expect(parsed(answer).message).toContain('必填性规则校验失败，此字段为必填项')
    },
  )

  test.each<[string, Record<string, unknown>, string]>([
    ['open_id instead of openid', { payer: { open_id: 'x' } }, '/payer/openid'],
    ['an unknown member', { total_fee: 1 }, '/total_fee'],
    ['an unknown inner member', { amount: { total: 1, fee: 1 } }, '/amount/fee'],
    ['a total in text', { amount: { total: '1999' } }, '/amount/total'],
    ['a total in yuan', { amount: { total: 19.99 } }, '/amount/total'],
    ['a total of zero', { amount: { total: 0 } }, '/amount/total'],
    ['a negative total', { amount: { total: -1 } }, '/amount/total'],
    ['an enormous total', { amount: { total: 1e15 } }, '/amount/total'],
    ['dollars', { amount: { total: 1, currency: 'USD' } }, '/amount/currency'],
    ['an amount that is no object', { amount: 1999 }, '/amount'],
    ['a description of 128 characters', { description: '咖'.repeat(128) }, '/description'],
    ['an empty description', { description: '' }, '/description'],
    ['a number of 5 characters', { out_trade_no: 'ABCDE' }, '/out_trade_no'],
    ['a number of 33 characters', { out_trade_no: 'A'.repeat(33) }, '/out_trade_no'],
    ['a number with a space', { out_trade_no: 'ORDER 0001' }, '/out_trade_no'],
    ['a number with an @', { out_trade_no: 'ORDER@0001' }, '/out_trade_no'],
    ['an attach of 129 characters', { attach: '附'.repeat(129) }, '/attach'],
    ['an openid of 129 characters', { payer: { openid: 'o'.repeat(129) } }, '/payer/openid'],
    ['a goods_tag of 33 characters', { goods_tag: 't'.repeat(33) }, '/goods_tag'],
    ['an invoice_id of 33 characters', { detail: { invoice_id: 'i'.repeat(33) } }, '/detail/invoice_id'],
    [
      'goods without a quantity',
      { detail: { goods_detail: [{ merchant_goods_id: 'a', unit_price: 1 }] } },
      '/detail/goods_detail/0/quantity',
    ],
    [
      'an ip of 46 characters',
      { scene_info: { payer_client_ip: '1'.repeat(46) } },
      '/scene_info/payer_client_ip',
    ],
    ['support_fapiao in text', { support_fapiao: 'true' }, '/support_fapiao'],
    ['a limit_pay that is no list', { limit_pay: 'no_credit' }, '/limit_pay'],
    ['a time without a zone', { time_expire: '2026-11-22T12:00:00' }, '/time_expire'],
    ['a time that does not exist', { time_expire: '2026-02-30T12:00:00+08:00' }, '/time_expire'],
    ['a notify_url over http', { notify_url: 'http://shop.example.com/n' }, '/notify_url'],
    ['a notify_url with a query', { notify_url: 'https://shop.example.com/n?a=1' }, '/notify_url'],
    ['a notify_url with a fragment', { notify_url: 'https://shop.example.com/n#a' }, '/notify_url'],
    ['a notify_url with a password', { notify_url: 'https://a:b@shop.example.com/n' }, '/notify_url'],
    ['a notify_url of 256 characters', { notify_url: `https://a.example/${'n'.repeat(238)}` }, '/notify_url'],
    ['a relative notify_url', { notify_url: '/notify' }, '/notify_url'],
  ])('%s is refused and the field named', async (_name, override, field) => {
    const answer = await merchant.v3(
      'POST',
      PREPAY,
      merchant.order({ out_trade_no: 'FIELDS-01', ...override }),
    )
    expect(answer.status).toBe(400)
    expect(parsed(answer)).toMatchObject({ code: 'PARAM_ERROR', detail: { field, location: 'body' } })
    expect(noSignatureHeaders(answer.headers)).toBe(true)
  })

  test('the refused value stands in the detail, unless it is a whole object', async () => {
    const refused = async (override: Record<string, unknown>) =>
      parsed(await merchant.v3('POST', PREPAY, merchant.order(override))).detail
    expect(await refused({ out_trade_no: 'ORDER@0001' })).toEqual({
      field: '/out_trade_no',
      value: 'ORDER@0001',
      issue: 'charset',
      location: 'body',
    })
    expect(await refused({ amount: { total: -1 } })).toMatchObject({ field: '/amount/total', value: -1 })
    expect(await refused({ description: ['a'] })).toMatchObject({ field: '/description', value: '' })
  })

  test('what is exactly as long as allowed is taken', async () => {
    const answer = await merchant.v3(
      'POST',
      PREPAY,
      merchant.order({
        out_trade_no: '*|-_'.padEnd(32, 'Z'),
        description: '咖'.repeat(127),
        attach: '附'.repeat(128),
        payer: { openid: 'o'.repeat(128) },
        notify_url: `https://a.example/${'n'.repeat(237)}`,
        time_expire: '2026-11-22T10:01:00+08:00',
        scene_info: { payer_client_ip: '::1', device_id: 'd'.repeat(32) },
      }),
    )
    expect(answer.status).toBe(200)
  })

  test('unknown members carry the number of an extra parameter, a missing openid its own', async () => {
    const extra = await merchant.v3('POST', PREPAY, merchant.order({ surprise: 1 }))
    expect(extra.headers['request-id']).toMatch(/-270924358$/)
    const openid = await merchant.v3('POST', PREPAY, merchant.order({ payer: {} }))
    expect(openid.headers['request-id']).toMatch(/-268501013$/)
  })

  test('an order that expires in under a minute of virtual time is refused', async () => {
    const answer = await merchant.v3(
      'POST',
      PREPAY,
      merchant.order({ out_trade_no: 'SOON-0001', time_expire: '2026-11-22T10:00:59+08:00' }),
    )
    expect([answer.status, parsed(answer).code]).toEqual([400, 'INVALID_REQUEST'])
  })

  test('another appid or mchid is told apart', async () => {
    const appid = await merchant.v3('POST', PREPAY, merchant.order({ appid: 'wx0000000000000000' }))
    expect([appid.status, parsed(appid).code]).toEqual([400, 'APPID_MCHID_NOT_MATCH'])
    const mchid = await merchant.v3('POST', PREPAY, merchant.order({ mchid: '1900000001' }))
    expect([mchid.status, parsed(mchid).code]).toEqual([400, 'MCH_NOT_EXISTS'])
  })

  test.each([
    ['no JSON', '{"appid":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['very deep JSON', '['.repeat(50_000)],
  ])('a body that is %s is refused', async (_name, body) => {
    const answer = await merchant.v3('POST', PREPAY, body)
    expect([answer.status, parsed(answer).code]).toEqual([400, 'PARAM_ERROR'])
  })
})

describe('the life of an order', () => {
  test('the same order again: a member that is null is as good as one that isn’t there', async () => {
    const order = merchant.order({ out_trade_no: 'NULL-0001', scene_info: { payer_client_ip: '127.0.0.1' } })
    expect((await merchant.v3('POST', PREPAY, order)).status).toBe(200)
    const scene = { payer_client_ip: '127.0.0.1', device_id: null }
    const again = { ...order, attach: null, detail: null, scene_info: scene }
    expect((await merchant.v3('POST', PREPAY, again)).status).toBe(200)
    expect((await merchant.v3('POST', PREPAY, { ...again, attach: '' })).status).toBe(400)
  })

  test('the same order again gets a fresh prepay_id; a different one is refused', async () => {
    const first = await merchant.prepay({ out_trade_no: 'AGAIN-001' })
    const second = await merchant.prepay({ out_trade_no: 'AGAIN-001' })
    expect(second).not.toBe(first)
    const reordered = Object.fromEntries(
      Object.entries(merchant.order({ out_trade_no: 'AGAIN-001' })).reverse(),
    )
    expect((await merchant.v3('POST', PREPAY, reordered)).status).toBe(200)
    for (const change of [{ amount: { total: 1 } }, { attach: 'new' }, { payer: { openid: 'bob' } }]) {
      const other = await merchant.v3(
        'POST',
        PREPAY,
        merchant.order({ out_trade_no: 'AGAIN-001', ...change }),
      )
      expect([other.status, parsed(other)]).toEqual([
        400,
        { code: 'INVALID_REQUEST', message: '请求重入时，参数与首次请求时不一致' },
      ])
      expect(other.headers['request-id']).toMatch(/-268498688$/)
    }
  })

  test('unpaid, the query has no payer, transaction or time', async () => {
    await merchant.prepay({ out_trade_no: 'UNPAID-01', attach: 'a' })
    const answer = await merchant.query('UNPAID-01')
    expect(answer.status).toBe(200)
    expect(merchant.isGenuine(answer.headers, answer.body)).toBe(true)
    expect(parsed(answer)).toEqual({
      mchid: sandbox.info.mchid,
      appid: sandbox.info.appid,
      out_trade_no: 'UNPAID-01',
      attach: 'a',
      promotion_detail: [],
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
      amount: { total: 1999, currency: 'CNY' },
    })
  })

  test('paid, both queries tell the same, signed', async () => {
    expect(await merchant.buy({ out_trade_no: 'PAID-0001' })).toEqual({ errMsg: 'requestPayment:ok' })
    const answer = await merchant.query('PAID-0001')
    const trade = parsed(answer)
    expect(trade).toMatchObject({
      trade_state: 'SUCCESS',
      trade_state_desc: '支付成功',
      trade_type: 'JSAPI',
      bank_type: 'OTHERS',
      success_time: '2026-11-22T10:00:00+08:00',
      payer: { openid: 'openid-alice' },
      amount: { total: 1999, payer_total: 1999, currency: 'CNY', payer_currency: 'CNY' },
    })
    expect(trade.transaction_id).toMatch(/^420000000020261122\d{10}$/)
    const byId = await merchant.v3(
      'GET',
      `/v3/pay/transactions/id/${trade.transaction_id}?mchid=${sandbox.info.mchid}`,
    )
    expect(parsed(byId)).toEqual(trade)
    expect(merchant.isGenuine(byId.headers, byId.body)).toBe(true)
  })

  test('a paid order can neither be ordered again nor closed', async () => {
    await merchant.buy({ out_trade_no: 'PAID-0002' })
    const again = await merchant.v3('POST', PREPAY, merchant.order({ out_trade_no: 'PAID-0002' }))
    expect([again.status, parsed(again).code]).toEqual([400, 'ORDERPAID'])
    expect(again.headers['request-id']).toMatch(/-268498689$/)
    const closing = await merchant.close('PAID-0002')
    expect([closing.status, parsed(closing).code]).toEqual([400, 'ORDERPAID'])
    expect(closing.headers['request-id']).toMatch(/-268449538$/)
  })

  test('closing answers an empty, signed 204, also the second time; the number is used up', async () => {
    await merchant.prepay({ out_trade_no: 'CLOSE-001' })
    for (const _time of [1, 2]) {
      const answer = await merchant.close('CLOSE-001')
      expect([answer.status, answer.body]).toEqual([204, ''])
      expect(merchant.isGenuine(answer.headers, '')).toBe(true)
    }
    expect(parsed(await merchant.query('CLOSE-001'))).toMatchObject({
      trade_state: 'CLOSED',
      trade_state_desc: '订单已关闭',
    })
    const again = await merchant.v3('POST', PREPAY, merchant.order({ out_trade_no: 'CLOSE-001' }))
    expect([again.status, parsed(again).code]).toEqual([400, 'ORDER_CLOSED'])
  })

  test('an order nobody knows is 404 to query and close', async () => {
    for (const answer of [await merchant.query('NOWHERE-1'), await merchant.close('NOWHERE-1')]) {
      expect([answer.status, parsed(answer).code]).toEqual([404, 'ORDER_NOT_EXIST'])
      expect(answer.headers['request-id']).toMatch(/-268512771$/)
      expect(noSignatureHeaders(answer.headers)).toBe(true)
    }
    const byId = await merchant.v3('GET', `/v3/pay/transactions/id/4200000000?mchid=${sandbox.info.mchid}`)
    expect(byId.status).toBe(404)
  })

  test('a query must name the merchant, and the right one', async () => {
    await merchant.prepay({ out_trade_no: 'WHOSE-001' })
    const path = '/v3/pay/transactions/out-trade-no/WHOSE-001'
    const missing = await merchant.v3('GET', path)
    expect(parsed(missing)).toMatchObject({
      code: 'PARAM_ERROR',
      detail: { location: 'query', field: '/mchid' },
    })
    const twice = await merchant.v3('GET', `${path}?mchid=${sandbox.info.mchid}&mchid=${sandbox.info.mchid}`)
    expect(parsed(twice)).toMatchObject({ code: 'PARAM_ERROR', detail: { field: '/mchid' } })
    const long = await merchant.v3(
      'GET',
      `/v3/pay/transactions/id/${'4'.repeat(33)}?mchid=${sandbox.info.mchid}`,
    )
    expect(parsed(long)).toMatchObject({ code: 'PARAM_ERROR', detail: { location: 'url' } })
    const other = await merchant.v3('GET', `${path}?mchid=1900000001`)
    expect([other.status, parsed(other).code]).toEqual([400, 'MCH_NOT_EXISTS'])
    const closing = await merchant.v3('POST', `${path}/close`, { mchid: '1900000001' })
    expect([closing.status, parsed(closing).code]).toEqual([400, 'MCH_NOT_EXISTS'])
    const nothing = await merchant.v3('POST', `${path}/close`, {})
    expect([nothing.status, parsed(nothing).code]).toEqual([400, 'PARAM_ERROR'])
  })

  test('a number in the path may be percent-encoded, as long as that is what was signed', async () => {
    await merchant.prepay({ out_trade_no: 'PIPE|*001' })
    expect(parsed(await merchant.query('PIPE%7C%2A001')).out_trade_no).toBe('PIPE|*001')
    const bad = await merchant.query('%E0%A4%A')
    expect(bad.status).toBe(404)
    const short = await merchant.query('abc')
    expect(parsed(short)).toMatchObject({ code: 'PARAM_ERROR', detail: { location: 'url' } })
  })

  test('the v3 key really wraps the certificate: another key opens nothing', async () => {
    const answer = await merchant.v3('GET', '/v3/certificates')
    const { encrypt_certificate } = parsed(answer).data[0]
    const tampered = { ...encrypt_certificate, associated_data: 'other' }
    expect(() => merchant.decrypt(tampered)).toThrow()
    expect(createHash('sha256').update(merchant.decrypt(encrypt_certificate)).digest('hex')).toHaveLength(64)
  })
})

describe('the order of the checks', () => {
  test('each is made before the next one: what is wrong first is what is said', async () => {
    const path = '/v3/refund/domestic/refunds'
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const wrong = {
      method: 'PUT',
      path: '/v3/refund/domestic/refund',
      body: '{"amount":' as unknown,
      override: {
        timestamp: String(START / 1_000 - 301),
        mchid: '1900000001',
        serialNo: '0'.repeat(40),
        key: stranger,
        nonce: 'the-nonce-of-before',
        headers: {
          'User-Agent': null,
          Authorization: 'Bearer x',
          'Wechatpay-Serial': 'PUB_KEY_ID_0',
          'Content-Type': 'text/plain',
        } as Record<string, string | null>,
      } as V3Override & { headers: Record<string, string | null> },
    }
    const ask = async () => {
      const { status, body } = await merchant.v3(wrong.method, wrong.path, wrong.body, wrong.override)
      return body === '' ? `${status}` : `${status} ${parsed({ body }).code} ${parsed({ body }).message}`
    }
    const mend = (change: () => unknown) => {
      change()
      return ask()
    }
    const change = (override: V3Override) => {
      wrong.override = { ...wrong.override, ...override }
    }
    const header = (name: string, value: string | null) => {
      const { [name]: _old, ...headers } = wrong.override.headers
      wrong.override = {
        ...wrong.override,
        headers: value === null ? headers : { ...headers, [name]: value },
      }
    }
    await merchant.v3('GET', '/v3/certificates', undefined, { nonce: 'the-nonce-of-before' })

    expect(await ask()).toBe('404')
    expect(await mend(() => (wrong.path = path))).toBe('405')
    expect(await mend(() => (wrong.method = 'POST'))).toBe('400 INVALID_REQUEST Http头缺少Accept或User-Agent')
    expect(await mend(() => header('User-Agent', null))).toMatch(
      /^401 SIGN_ERROR Http头Authorization值格式错误/,
    )
    expect(await mend(() => header('Authorization', null))).toMatch(
      /^401 SIGN_ERROR .*timestamp.*不得超过5分钟$/,
    )
    expect(await mend(() => change({ timestamp: String(START / 1_000) }))).toMatch(/^401 SIGN_ERROR .*mchid/)
    expect(await mend(() => change({ mchid: sandbox.info.mchid }))).toMatch(
      /^401 SIGN_ERROR 商户证书序列号有误/,
    )
    expect(await mend(() => change({ serialNo: sandbox.info.serialNo }))).toBe('401 SIGN_ERROR 签名错误')
    expect(await mend(() => change({ key: merchant.key }))).toMatch(/^401 SIGN_ERROR .*nonce_str已被使用/)
    const fresh = () => change({ nonce: `fresh-${Math.random()}` })
    expect(await mend(fresh)).toMatch(/^400 PARAM_ERROR Http头Wechatpay-Serial/)
    header('Wechatpay-Serial', sandbox.info.publicKeyId)
    expect(await mend(fresh)).toMatch(/^400 INVALID_REQUEST Http头Content-Type/)
    header('Content-Type', null)
    expect(await mend(fresh)).toBe('400 PARAM_ERROR 请求包体不是合法的JSON对象')
    wrong.body = { ...merchant.refundOf('NOBODY-1'), amount: 1 }
    expect(await mend(fresh)).toMatch(/^400 PARAM_ERROR .*amount/)
    wrong.body = merchant.refundOf('NOBODY-1')
    expect(await mend(fresh)).toBe('404 RESOURCE_NOT_EXISTS 订单不存在或未支付')
  })
})
