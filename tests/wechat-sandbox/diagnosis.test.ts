/** Why a signature failed: each usual mistake is found, said, and shown; no key is. */
import { createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant, START, send, toXml } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant

beforeAll(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
afterAll(cleanUp)

interface Signature {
  readonly ok: boolean
  readonly expected: string
  readonly signed: string | null
  readonly finding: string
}

/** What the console says about the newest request. */
async function diagnosis(): Promise<Signature> {
  const { controlUrl } = sandbox.info
  const { requests } = JSON.parse((await send(`${controlUrl}/console/state`)).body)
  const { body } = await send(`${controlUrl}/console/requests/${requests[0].id}`)
  for (const secret of [sandbox.info.v2Key, sandbox.info.v3Key, sandbox.info.appSecret])
    expect(body).not.toContain(secret)
  return JSON.parse(body).signature
}

describe('v3', () => {
  const PATH = '/v3/pay/transactions/out-trade-no/DIAG 0001'.replace(' ', '%20')
  const URL_ = () => `${PATH}?mchid=${sandbox.info.mchid}`
  const TIME = String(START / 1000)
  let nonces = 0

  /** Signs whatever `message` makes of the right string. */
  const call = async (method: 'GET' | 'POST', message: (right: string) => string, body = '') => {
    const nonce = `diag${nonces++}`
    const url = method === 'GET' ? URL_() : '/v3/pay/transactions/jsapi'
    const text = message(`${method}\n${url}\n${TIME}\n${nonce}\n${body}\n`)
    const signature = createSign('RSA-SHA256').update(text).sign(merchant.key, 'base64')
    const { mchid, serialNo } = sandbox.info
    const authorization = `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",timestamp="${TIME}",serial_no="${serialNo}"`
    await merchant.v3(method, url, method === 'GET' ? undefined : body, { authorization })
    return { text, told: await diagnosis() }
  }
  const BODY = '{"amount": {"total": 1}}'

  test('a right one is said to be right', async () => {
    const { text, told } = await call('GET', (right) => right)
    expect(told).toMatchObject({ ok: true, expected: text })
  })

  test.each<[string, 'GET' | 'POST', (right: string) => string]>([
    ['少了换行符', 'GET', (right) => right.slice(0, -1)],
    ['没有签查询串', 'GET', (right) => right.replace(/\?mchid=\d+/, '')],
    ['完整网址', 'GET', (right) => right.replace('\n/', '\nhttps://api.mch.weixin.qq.com/')],
    ['少了一行', 'GET', (right) => right.slice(0, -1)],
    ['签了 {}', 'GET', (right) => `${right.slice(0, -1)}{}\n`],
    ['签了 undefined', 'GET', (right) => `${right.slice(0, -1)}undefined\n`],
    ['转义前', 'GET', (right) => right.replace('%20', ' ')],
    ['方法应大写', 'GET', (right) => right.replace('GET', 'get')],
    ['\\r\\n', 'GET', (right) => right.replaceAll('\n', '\r\n')],
    ['两个字符', 'GET', (right) => right.replaceAll('\n', '\\n')],
    ['没有签请求体', 'POST', (right) => right.replace(BODY, '')],
    ['重新序列化', 'POST', (right) => right.replace(BODY, '{"amount":{"total":1}}')],
    [
      '顺序反了',
      'POST',
      (right) => right.replace(/\n(\d+)\n(diag\d+)\n/, (_all, time, nonce) => `\n${nonce}\n${time}\n`),
    ],
  ])('%s', async (finding, method, message) => {
    const { text, told } = await call(method, message, method === 'POST' ? BODY : '')
    expect(told.ok).toBe(false)
    expect(told.signed).toBe(text)
    // An empty body's line is the last line: both findings are the same string.
    expect(told.finding).toContain(finding === '少了一行' ? '少了换行符' : finding)
  })

  test('the right key over something else, and another key altogether, are told apart', async () => {
    const { told } = await call('GET', () => 'something else')
    expect([told.signed, told.finding]).toEqual([null, expect.stringContaining('私钥正确')])
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    await merchant.v3('GET', URL_(), undefined, { key: privateKey })
    expect((await diagnosis()).finding).toContain('不是用本商户私钥')
  })

  test.each<[string, Parameters<Merchant['v3']>[3]]>([
    ['没有 Authorization 头', { authorization: null }],
    ['五个带引号的成员', { authorization: 'Bearer x' }],
    ['timestamp 是毫秒', { timestamp: String(START) }],
    ['相差 600 秒', { timestamp: String(START / 1000 - 600) }],
    ['mchid 是 1900000001', { mchid: '1900000001' }],
    ['serial_no 应为', { serialNo: 'A'.repeat(40) }],
  ])('%s', async (finding, override) => {
    await merchant.v3('GET', URL_(), undefined, override)
    expect((await diagnosis()).finding).toContain(finding)
  })

  test('the platform’s serial in place of the merchant’s', async () => {
    await merchant.v3('GET', URL_(), undefined, { serialNo: sandbox.info.platformSerialNo })
    expect((await diagnosis()).finding).toContain('平台证书序列号')
  })
})

describe('v2', () => {
  const members = () => merchant.orderV2({ sign_type: 'HMAC-SHA256', attach: '' })
  const line = (pairs: [string, string][]) => pairs.map(([name, value]) => `${name}=${value}`).join('&')
  const sorted = () => Object.entries(members()).sort(([a], [b]) => (a < b ? -1 : 1))
  const filled = () => sorted().filter(([, value]) => value !== '')
  const hmac = (text: string, key: string) =>
    createHmac('sha256', key).update(`${text}&key=${key}`).digest('hex')
  const md5 = (text: string, key: string) => createHash('md5').update(`${text}&key=${key}`).digest('hex')
  const call = async (sign: string) => {
    await merchant.postXml('/pay/unifiedorder', toXml({ ...members(), sign }))
    return diagnosis()
  }
  const big = (text: string) => text.toUpperCase()

  test('a right one is said to be right, with the key masked', async () => {
    const told = await call(big(hmac(line(filled()), sandbox.info.v2Key)))
    expect(told).toMatchObject({ ok: true, expected: `${line(filled())}&key=<APIv2 key>` })
  })

  test.each<[string, () => string]>([
    ['大写', () => hmac(line(filled()), sandbox.info.v2Key)],
    ['用 MD5 签名', () => big(md5(line(filled()), sandbox.info.v2Key))],
    [
      '没有签 sign_type',
      () => big(hmac(line(filled().filter(([name]) => name !== 'sign_type')), sandbox.info.v2Key)),
    ],
    ['空值', () => big(hmac(line(sorted()), sandbox.info.v2Key))],
    [
      '排序',
      () =>
        big(hmac(line(Object.entries(members()).filter(([, value]) => value !== '')), sandbox.info.v2Key)),
    ],
    [
      'URL 编码',
      () =>
        big(
          hmac(line(filled().map(([name, value]) => [name, encodeURIComponent(value)])), sandbox.info.v2Key),
        ),
    ],
    ['APIv3 密钥', () => big(hmac(line(filled()), sandbox.info.v3Key))],
    ['AppSecret', () => big(hmac(line(filled()), sandbox.info.appSecret))],
    ['另一个字符串', () => 'A'.repeat(64)],
    ['sign 有 5 个字符', () => 'WRONG'],
  ])('%s', async (finding, sign) => {
    const told = await call(sign())
    expect([told.ok, told.finding]).toEqual([false, expect.stringContaining(finding)])
  })

  test('no XML, and no sign', async () => {
    await merchant.postXml('/pay/unifiedorder', 'nonsense')
    expect((await diagnosis()).finding).toContain('XML')
    await merchant.postXml('/pay/unifiedorder', toXml(members()))
    expect((await diagnosis()).finding).toContain('没有 sign')
  })
})

describe('orders without a merchant', () => {
  test('are placed and paid like any other, under either protocol', async () => {
    const { control } = sandbox
    const notifyUrl = 'http://127.0.0.1:9/notify/payment'
    for (const protocol of ['v3', 'v2']) {
      const { outTradeNo } = control.placeOrder({ amountFen: 5, notifyUrl, protocol })
      expect(control.trade(outTradeNo)).toMatchObject({ state: 'NOTPAY', amountFen: 5, protocol })
      expect(control.payOrder(outTradeNo).state).toBe('SUCCESS')
      expect(() => control.payOrder(outTradeNo)).toThrow('only an order that waits')
      expect(control.notifications({ outTradeNo }).notifications).toMatchObject([{ url: notifyUrl }])
    }
    expect(() => control.payOrder('NOWHERE')).toThrow('there is no trade')
    const named = { amountFen: 5, notifyUrl, outTradeNo: 'NAMED-01' }
    control.placeOrder(named)
    expect(() => control.placeOrder({ ...named, amountFen: 6 })).toThrow('terms-differ')
    for (const wrong of [
      { amountFen: 0 },
      { notifyUrl: 'http://shop.example.com' },
      { protocol: 'v4' },
      { outTradeNo: 'x' },
    ])
      expect(() => control.placeOrder({ ...named, ...wrong })).toThrow()
    const rich = control.placeOrder({ amountFen: 9_999_999_999, notifyUrl })
    expect(() => control.payOrder(rich.outTradeNo)).toThrow('wallet')
  })
})
