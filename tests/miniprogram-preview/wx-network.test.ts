/**
 * @jest-environment jsdom
 * @module wx.request, wx.login and wx.requestPayment, as the program sees them; the preview's server is played by the test.
 */
import path from 'node:path'
import { findByText, loadTestPhone, settle, type TestPhone, tap } from 'miniprogram-preview/testing'

interface Call {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: unknown
}

interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

let phone: TestPhone
let calls: Call[] = []
let answer: (call: Call) => Answer | 'never' | 'unreachable'

beforeAll(async () => {
  phone = await loadTestPhone({
    appRoot: path.join(__dirname, 'fixture'),
    requestDomains: ['https://api.example.test'],
    shopper: { openid: 'oA', name: '小张' },
  })
  Reflect.set(globalThis, 'Headers', HeaderBag)
  Reflect.set(globalThis, 'TextDecoder', Decoder)
  Reflect.set(globalThis, 'fetch', playFetch)
})
beforeEach(() => {
  calls = []
  answer = () => ({})
})
afterEach(() => phone.reset())

/** jsdom has no Headers and no TextDecoder. */
class HeaderBag {
  readonly values: Record<string, string>
  constructor(initial: Record<string, string>) {
    this.values = { ...initial }
  }
  get(name: string): string | null {
    return this.values[name] ?? null
  }
  set(name: string, value: string): void {
    this.values[name] = value
  }
  [Symbol.iterator]() {
    return Object.entries(this.values)[Symbol.iterator]()
  }
}

class Decoder {
  decode(bytes: ArrayBuffer): string {
    return Buffer.from(bytes).toString('utf8')
  }
}

async function playFetch(url: URL | string, init: RequestInit & { headers: unknown }): Promise<unknown> {
  const headers =
    init.headers instanceof HeaderBag ? init.headers.values : (init.headers as Record<string, string>)
  const call = { url: String(url), method: String(init.method), headers, body: init.body ?? undefined }
  calls.push(call)
  const given = answer(call)
  if (given === 'unreachable') throw new TypeError('fetch failed')
  if (given === 'never') {
    return new Promise((_resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(new Error('aborted')))
    })
  }
  const body = Buffer.from(given.body ?? '')
  return {
    status: given.status ?? 200,
    ok: (given.status ?? 200) < 400,
    headers: new HeaderBag(given.headers ?? {}),
    arrayBuffer: async () => body.buffer.slice(body.byteOffset, body.byteOffset + body.length),
    json: async () => JSON.parse(body.toString()),
  }
}

interface Wx {
  request(options: object): { abort(): void }
  login(): Promise<{ code: string }>
  requestPayment(options: object): Promise<{ errMsg: string }>
}
const wx = () => Reflect.get(globalThis, 'wx') as Wx

const request = (options: object) =>
  new Promise<Record<string, unknown>>((resolve) => {
    wx().request({ ...options, success: resolve, fail: resolve })
  })

describe('wx.request', () => {
  test('posts JSON with the program’s own headers in an envelope', async () => {
    answer = () => ({ status: 201, headers: { 'x-mp-x-request-id': 'r%201' }, body: '{"orderId":"o1"}' })
    const result = await request({
      url: 'https://api.example.test/v1/orders?try=1',
      method: 'POST',
      data: { quantity: 2 },
      header: { Authorization: 'Bearer t', 'X-Note': '备注' },
    })
    expect(result).toEqual({
      errMsg: 'request:ok',
      statusCode: 201,
      data: { orderId: 'o1' },
      header: { 'x-request-id': 'r 1' },
      cookies: [],
    })
    expect(calls).toEqual([
      {
        url: 'http://localhost/-/request/0/v1/orders?try=1',
        method: 'POST',
        headers: {
          'x-preview-token': '',
          'x-mp-authorization': 'Bearer%20t',
          'x-mp-x-note': '%E5%A4%87%E6%B3%A8',
          'x-mp-content-type': 'application%2Fjson',
        },
        body: '{"quantity":2}',
      },
    ])
  })

  test('puts the data of a GET into the query', async () => {
    await request({
      url: 'https://api.example.test/v1/products',
      data: { cursor: 'a b', filter: { on: true } },
    })
    expect(calls[0]?.url).toBe(
      'http://localhost/-/request/0/v1/products?cursor=a+b&filter=%7B%22on%22%3Atrue%7D',
    )
    expect(calls[0]?.body).toBeUndefined()
  })

  test('sends a form when the content type says so', async () => {
    await request({
      url: 'https://api.example.test/form',
      method: 'POST',
      data: { a: '1', b: '二' },
      header: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(calls[0]?.body).toBe('a=1&b=%E4%BA%8C')
  })

  test('refuses an origin that is not declared, without asking anyone', async () => {
    expect(await request({ url: 'https://elsewhere.example.test/x' })).toEqual({
      errMsg: 'request:fail url not in domain list',
      errno: 600002,
    })
    expect(await request({ url: '/v1/orders' })).toEqual({ errMsg: 'request:fail invalid url "/v1/orders"' })
    expect(calls).toEqual([])
  })

  test('hands over text that is not JSON, and bytes when asked for them', async () => {
    answer = () => ({ body: 'plain' })
    expect((await request({ url: 'https://api.example.test/' })).data).toBe('plain')
    const bytes = (await request({ url: 'https://api.example.test/', responseType: 'arraybuffer' })).data
    expect(Buffer.from(bytes as ArrayBuffer).toString()).toBe('plain')
  })

  test('fails as the client does: aborted, timed out, unreachable', async () => {
    answer = () => 'never'
    expect(await request({ url: 'https://api.example.test/', timeout: 5 })).toEqual({
      errMsg: 'request:fail timeout',
      errno: 5,
    })
    const aborted = new Promise((resolve) => {
      wx().request({ url: 'https://api.example.test/', fail: resolve }).abort()
    })
    expect(await aborted).toEqual({ errMsg: 'request:fail abort' })
    answer = () => 'unreachable'
    expect((await request({ url: 'https://api.example.test/' })).errMsg).toMatch(
      /^request:fail errcode:-102 /,
    )
  })
})

test('wx.login asks for the shopper who holds the phone', async () => {
  answer = () => ({ body: '{"code":"c-1"}' })
  expect(await wx().login()).toEqual({ errMsg: 'login:ok', code: 'c-1' })
  expect(calls).toMatchObject([{ url: '/-/login', method: 'POST', body: '{"openid":"oA"}' }])
})

describe('wx.requestPayment', () => {
  const PARAMS = { timeStamp: '1', nonceStr: 'n', package: 'prepay_id=wx1', signType: 'RSA', paySign: 's' }
  const opened = '{"ok":true,"payee":"原路咖啡","description":"咖啡豆","amountFen":6805}'

  test('shows payee and amount, pays, and succeeds once the payer has seen it', async () => {
    answer = ({ url }) => ({ body: url.endsWith('open') ? opened : '{"errMsg":"requestPayment:ok"}' })
    const paid = wx().requestPayment(PARAMS)
    await settle()
    expect(phone.overlay.textContent).toContain('原路咖啡¥68.05描述咖啡豆')
    tap(findByText(phone.overlay, '立即支付'))
    await settle()
    expect(phone.overlay.textContent).toContain('支付成功')
    tap(findByText(phone.overlay, '完成'))
    expect(await paid).toEqual({ errMsg: 'requestPayment:ok' })
    expect(calls.map(({ url, body }) => [url, JSON.parse(String(body)).action])).toEqual([
      ['/-/cashier/open', undefined],
      ['/-/cashier/finish', 'pay'],
    ])
  })

  test('closing the cashier is a cancel', async () => {
    answer = ({ url }) => ({
      body: url.endsWith('open') ? opened : '{"errMsg":"requestPayment:fail cancel"}',
    })
    const paid = wx().requestPayment(PARAMS)
    await settle()
    tap(phone.overlay.querySelector('[aria-label=关闭收银台]'))
    await expect(paid).rejects.toEqual({ errMsg: 'requestPayment:fail cancel' })
  })

  test('a refused signature is shown with its reason', async () => {
    answer = () => ({ body: '{"ok":false,"errMsg":"requestPayment:fail 支付验证签名失败"}' })
    const paid = wx().requestPayment(PARAMS)
    await settle()
    expect(phone.overlay.querySelector('[role=alert]')?.textContent).toBe('支付验证签名失败')
    tap(findByText(phone.overlay, '关闭'))
    await expect(paid).rejects.toEqual({ errMsg: 'requestPayment:fail 支付验证签名失败' })
  })

  test('parameters that are missing or no strings are refused before anyone is asked', async () => {
    await expect(wx().requestPayment({ ...PARAMS, timeStamp: 1 })).rejects.toEqual({
      errMsg: 'requestPayment:fail parameter error: parameter.timeStamp should be String instead of Number;',
    })
    await expect(wx().requestPayment({ ...PARAMS, paySign: undefined })).rejects.toEqual({
      errMsg: 'requestPayment:fail parameter error: parameter.paySign should be String instead of Undefined;',
    })
    expect(calls).toEqual([])
  })
})
