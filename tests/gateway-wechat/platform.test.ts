import { createPlatform, type WechatPlatform } from '@yuanlu/gateway-wechat'
import type { Message, ShippingInfo } from '@yuanlu/shop'
import { closeServers, type FakeWechat, type Received, startFakeWechat } from '../wxpay-core/fake-wechat'
import { fixture } from '../wxpay-core/fixtures'

/** 2026-11-23 12:00 in Shanghai. */
const NOON = Date.parse('2026-11-23T04:00:00Z')
const SECRET = 'appsecretappsecret'
const TEMPLATES = { refundResult: 'T-result', refundRequested: 'T-requested', shipped: 'T-shipped' }
const MESSAGE: Message = {
  kind: 'refunded',
  toOpenid: 'oShopper',
  orderId: '7k2m9c4w8n1b5v3x6z0qajdhtr',
  refundId: '7k2m9c4w8n1b5v3x6z0qajdhtr-r1',
  amountFen: 17590,
  at: NOON,
}
const SHIPPING: ShippingInfo = {
  transactionId: '4200002026112300000000000001',
  payerOpenid: 'oShopper',
  goods: '手冲咖啡豆 等2种商品',
  carrier: '顺丰速运',
  trackingNo: 'SF1234567890',
  receiverPhone: '138 0013 8000',
  shippedAt: NOON + 120,
}

interface Wechat {
  readonly server: FakeWechat
  readonly platform: WechatPlatform
  /** Calls of one path, parsed. */
  calls(path: string): { query: URLSearchParams; body: Record<string, unknown> }[]
  /** Answers of the calls after the token's, in turn; then `{errcode: 0}`. */
  readonly answers: unknown[]
  /** Answers of stable_token, in turn; then tokens t1, t2, … */
  readonly tokenAnswers: unknown[]
  now: number
  /** What is left of a time limit. */
  leftMs: number
}

const platforms: WechatPlatform[] = []
afterEach(async () => {
  for (const platform of platforms.splice(0)) platform.destroy()
  await closeServers()
})

const aWechat = async (
  options: { plain?: boolean; templates?: typeof TEMPLATES | null } = {},
): Promise<Wechat> => {
  const server = await startFakeWechat(options.plain === true ? { plain: true } : {})
  let tokens = 0
  const platform = createPlatform({
    appid: 'wx0123456789abcdef',
    appSecret: SECRET,
    baseUrl: server.url,
    extraCaPem: fixture('authority.cert.pem'),
    timeoutMs: 2_000,
    timeLeftMs: () => world.leftMs,
    clock: () => world.now,
    templates:
      options.templates === null ? { refundResult: null, refundRequested: null, shipped: null } : TEMPLATES,
  })
  platforms.push(platform)
  const urlOf = (request: Received) => new URL(request.path, server.url)
  const world: Wechat = {
    server,
    platform,
    answers: [],
    tokenAnswers: [],
    now: NOON,
    leftMs: Number.POSITIVE_INFINITY,
    calls: (path) =>
      server.received
        .filter((r) => urlOf(r).pathname === path)
        .map((r) => ({ query: urlOf(r).searchParams, body: r.body === '' ? {} : JSON.parse(r.body) })),
  }
  server.answer((request, response) => {
    const isToken = urlOf(request).pathname === '/cgi-bin/stable_token'
    const answer = isToken
      ? (world.tokenAnswers.shift() ?? { access_token: `t${++tokens}`, expires_in: 7200 })
      : (world.answers.shift() ?? { errcode: 0, errmsg: 'ok' })
    if (answer instanceof Error) response.destroy()
    else response.end(JSON.stringify(answer))
  })
  return world
}

const SEND = '/cgi-bin/message/subscribe/send'
const UPLOAD = '/wxa/sec/order/upload_shipping_info'
const TOKEN = '/cgi-bin/stable_token'
const tokensUsed = (wechat: Wechat, path: string) =>
  wechat.calls(path).map(({ query }) => query.get('access_token'))

describe('under a time limit', () => {
  test.each([0, 0.9, Number.NaN])('nothing is sent when %d ms are left', async (leftMs) => {
    const wechat = await aWechat()
    wechat.leftMs = leftMs
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'unavailable', reason: 'NO_TIME' })
    expect(await wechat.platform.login('code')).toEqual({ kind: 'unavailable', reason: 'NO_TIME' })
    expect(wechat.server.received).toEqual([])
  })

  test('no call outlasts what is left when it begins', async () => {
    const wechat = await aWechat({ plain: true })
    wechat.server.answer(() => {})
    wechat.leftMs = 50
    const timeout = jest.spyOn(AbortSignal, 'timeout')
    expect(await wechat.platform.login('code')).toEqual({ kind: 'unavailable', reason: 'ABORT_ERR' })
    expect(timeout.mock.calls).toEqual([[50]])
    timeout.mockRestore()
  })
})

describe('the access token', () => {
  test('is fetched once for all who ask at once, without forcing a new one', async () => {
    const wechat = await aWechat()
    await Promise.all([MESSAGE, MESSAGE, MESSAGE].map((m) => wechat.platform.sendMessage(m)))
    expect(wechat.calls(TOKEN).map((c) => c.body)).toEqual([
      {
        grant_type: 'client_credential',
        appid: 'wx0123456789abcdef',
        secret: SECRET,
        force_refresh: false,
      },
    ])
    expect(tokensUsed(wechat, SEND)).toEqual(['t1', 't1', 't1'])
  })

  test('is renewed five minutes before its end', async () => {
    const wechat = await aWechat()
    await wechat.platform.sendMessage(MESSAGE)
    wechat.now = NOON + 6_900_000 - 1
    await wechat.platform.sendMessage(MESSAGE)
    wechat.now = NOON + 6_900_000
    await wechat.platform.sendMessage(MESSAGE)
    expect(tokensUsed(wechat, SEND)).toEqual(['t1', 't1', 't2'])
  })

  test.each([40001, 40014, 42001])(
    'that is refused (%i) is renewed once and the call repeated',
    async (errcode) => {
      const wechat = await aWechat()
      wechat.answers.push({ errcode })
      expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'delivered' })
      expect(tokensUsed(wechat, SEND)).toEqual(['t1', 't2'])
    },
  )

  test('that is refused twice is left for later', async () => {
    const wechat = await aWechat()
    wechat.answers.push({ errcode: 40001 }, { errcode: 40001 })
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'notYet', code: '40001' })
    expect(wechat.calls(SEND)).toHaveLength(2)
  })

  test('is forced when the platform goes on giving the refused one, at most every 30 s', async () => {
    const wechat = await aWechat()
    const same = { access_token: 'same', expires_in: 7200 }
    wechat.tokenAnswers.push(same, same, { access_token: 'fresh', expires_in: 7200 }, same)
    wechat.answers.push({ errcode: 40001 })
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'delivered' })
    expect(wechat.calls(TOKEN).map((c) => c.body.force_refresh)).toEqual([false, false, true])
    expect(tokensUsed(wechat, SEND)).toEqual(['same', 'fresh'])
  })

  test.each([
    [{ errcode: 40164, errmsg: 'invalid ip' }, 'errcode 40164'],
    [{ access_token: '' }, 'malformed answer'],
    ['what', 'malformed answer'],
  ])('%j is no token', async (answer, reason) => {
    const wechat = await aWechat()
    wechat.tokenAnswers.push(answer)
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'unavailable', reason })
    expect(wechat.calls(SEND)).toEqual([])
  })

  test('that could not be fetched is fetched by the next call', async () => {
    const wechat = await aWechat()
    wechat.tokenAnswers.push(new Error('cut'))
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'unavailable', reason: 'ECONNRESET' })
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'delivered' })
  })
})

describe('messages', () => {
  test('say what happened, in the template’s words', async () => {
    const wechat = await aWechat()
    await wechat.platform.sendMessage(MESSAGE)
    expect(wechat.calls(SEND).map((c) => c.body)).toEqual([
      {
        touser: 'oShopper',
        template_id: 'T-result',
        page: 'pages/refund/refund?refundId=7k2m9c4w8n1b5v3x6z0qajdhtr-r1',
        data: {
          character_string1: { value: '7k2m9c4w8n1b5v3x6z0qajdhtr' },
          amount2: { value: '¥175.90' },
          phrase3: { value: '已退款' },
          thing4: { value: '款项已原路退回，请查收' },
          time5: { value: '2026年11月23日 12:00' },
        },
        miniprogram_state: 'formal',
        lang: 'zh_CN',
      },
    ])
  })

  test('to staff open the page where they decide', async () => {
    const wechat = await aWechat()
    await wechat.platform.sendMessage({ ...MESSAGE, kind: 'refundRequested', reason: '不想要了' })
    expect(wechat.calls(SEND)[0]?.body).toMatchObject({
      template_id: 'T-requested',
      page: 'pages/staff-refund/staff-refund?refundId=7k2m9c4w8n1b5v3x6z0qajdhtr-r1',
      data: { thing3: { value: '不想要了' } },
    })
  })

  test('keep to the platform’s limits, whatever people wrote', async () => {
    const wechat = await aWechat()
    const reason = '商品和描述完全不一样，\n包装也破了，我要求全额退款！'
    await wechat.platform.sendMessage({ ...MESSAGE, kind: 'refundRejected', reason, amountFen: 5 })
    await wechat.platform.sendMessage({ ...MESSAGE, kind: 'refundRejected', reason: '   ' })
    await wechat.platform.sendMessage({
      kind: 'shipped',
      toOpenid: 'oShopper',
      orderId: 'o1',
      at: NOON,
      goods: '豆',
      carrier: '🚚'.repeat(30),
      trackingNo: `单号 ${'9'.repeat(60)}`,
    })
    const data = wechat.calls(SEND).map((c) => c.body.data)
    expect(data).toMatchObject([
      { thing4: { value: '商品和描述完全不一样， 包装也破了，我…' }, amount2: { value: '¥0.05' } },
      { thing4: { value: '无' } },
      { thing3: { value: `${'🚚'.repeat(19)}…` }, character_string4: { value: '9'.repeat(32) } },
    ])
  })

  test('without a template are not sent', async () => {
    const wechat = await aWechat({ templates: null })
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'notWanted', code: 'no template' })
    expect(wechat.server.received).toEqual([])
  })

  test.each([
    [{ errcode: 0 }, { kind: 'delivered' }],
    [{ errcode: 43101 }, { kind: 'notWanted', code: '43101' }],
    [{ errcode: 40003 }, { kind: 'refused', code: '40003' }],
    [{ errcode: 40037 }, { kind: 'refused', code: '40037' }],
    [{ errcode: 41030 }, { kind: 'refused', code: '41030' }],
    [{ errcode: 47003 }, { kind: 'refused', code: '47003' }],
    [{ errcode: -1 }, { kind: 'notYet', code: '-1' }],
    [{ errcode: 45009 }, { kind: 'notYet', code: '45009' }],
    [[], { kind: 'unavailable', reason: 'malformed answer' }],
    [{ errcode: '0' }, { kind: 'unavailable', reason: 'malformed answer' }],
    [{}, { kind: 'unavailable', reason: 'malformed answer' }],
    [new Error('cut'), { kind: 'unavailable', reason: 'ECONNRESET' }],
  ])('answered %j', async (answer, expected) => {
    const wechat = await aWechat()
    wechat.answers.push(answer)
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual(expected)
  })

  test('a broken HTTP answer tells no token', async () => {
    const wechat = await aWechat()
    await wechat.platform.sendMessage(MESSAGE)
    wechat.server.answer((_, response) => response.writeHead(502).end('bad gateway'))
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'unavailable', reason: 'HTTP_502' })
    wechat.server.answer((_, response) => response.end('{"errcode":'))
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'unavailable', reason: 'SyntaxError' })
    wechat.server.answer((_, response) => response.end('x'.repeat(70_000)))
    expect(await wechat.platform.sendMessage(MESSAGE)).toEqual({ kind: 'unavailable', reason: 'Error' })
  })
})

describe('shipping information', () => {
  test('names the payment, the parcel and the payer', async () => {
    const wechat = await aWechat()
    expect(await wechat.platform.uploadShipping(SHIPPING)).toEqual({ kind: 'delivered' })
    expect(wechat.calls(UPLOAD).map((c) => c.body)).toEqual([
      {
        order_key: { order_number_type: 2, transaction_id: '4200002026112300000000000001' },
        logistics_type: 1,
        delivery_mode: 1,
        shipping_list: [
          {
            tracking_no: 'SF1234567890',
            express_company: 'SF',
            item_desc: '手冲咖啡豆 等2种商品',
            contact: { receiver_contact: '138****8000' },
          },
        ],
        upload_time: '2026-11-23T12:00:00.120+08:00',
        payer: { openid: 'oShopper' },
      },
    ])
  })

  test.each([
    ['中通快递', 'ZTO'],
    ['YTO', 'YTO'],
    ['邮政ems', 'EMS'],
    ['隔壁老王', '隔壁老王'],
  ])('%s is told as %s', async (carrier, code) => {
    const wechat = await aWechat()
    await wechat.platform.uploadShipping({
      ...SHIPPING,
      carrier,
      receiverPhone: null,
      goods: '豆'.repeat(200),
    })
    expect(wechat.calls(UPLOAD)[0]?.body.shipping_list).toEqual([
      { tracking_no: 'SF1234567890', express_company: code, item_desc: '豆'.repeat(120) },
    ])
  })

  test.each([
    [10060023, { kind: 'delivered' }],
    [10060001, { kind: 'notYet', code: '10060001' }],
    [10060012, { kind: 'notYet', code: '10060012' }],
    [10060019, { kind: 'notYet', code: '10060019' }],
    [-1, { kind: 'notYet', code: '-1' }],
    [44990, { kind: 'notYet', code: '44990' }],
    [10060002, { kind: 'refused', code: '10060002' }],
    [10060003, { kind: 'refused', code: '10060003' }],
    [10060004, { kind: 'refused', code: '10060004' }],
    [268485227, { kind: 'refused', code: '268485227' }],
  ])('answered %i', async (errcode, expected) => {
    const wechat = await aWechat()
    wechat.answers.push({ errcode })
    expect(await wechat.platform.uploadShipping(SHIPPING)).toEqual(expected)
  })
})

describe('login', () => {
  test.each([
    [
      { openid: 'oShopper', session_key: 'k' },
      { kind: 'known', openid: 'oShopper' },
    ],
    [{ errcode: 40029 }, { kind: 'badCode' }],
    [{ errcode: -1 }, { kind: 'unavailable', reason: 'errcode -1' }],
    [{}, { kind: 'unavailable', reason: 'answer without openid' }],
    [null, { kind: 'unavailable', reason: 'malformed answer' }],
  ])('answered %j', async (answer, expected) => {
    const wechat = await aWechat({ plain: true })
    wechat.server.answer((_, response) => response.end(JSON.stringify(answer)))
    expect(await wechat.platform.login('code')).toEqual(expected)
    const [request] = wechat.server.received
    expect(request?.method).toBe('GET')
    expect(request?.path).toContain('js_code=code')
  })

  test('a server that nobody vouches for is not told the secret', async () => {
    const server = await startFakeWechat({ certificate: 'stranger' })
    const platform = createPlatform({
      appid: 'wx0123456789abcdef',
      appSecret: SECRET,
      baseUrl: server.url,
      templates: TEMPLATES,
      extraCaPem: fixture('authority.cert.pem'),
    })
    platforms.push(platform)
    expect((await platform.login('code')).kind).toBe('unavailable')
    expect(server.received).toEqual([])
  })
})
