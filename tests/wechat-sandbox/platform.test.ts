import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant, send } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant

beforeEach(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
afterEach(() => sandbox.close())
afterAll(cleanUp)

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const advance = (ms: number) => sandbox.control.moveClock({ advanceMs: ms })

async function call(path: string, body: unknown, method = 'POST') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const url = `${sandbox.info.apiBaseUrl}${path}`
  const answer = await send(url, {
    method,
    ca: sandbox.caPem,
    headers: { 'Content-Type': 'application/json' },
    ...(method === 'GET' ? {} : { body: text }),
  })
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; encoding=utf-8'])
  return JSON.parse(answer.body)
}

const credentials = (more: object = {}) => ({
  grant_type: 'client_credential',
  appid: sandbox.info.appid,
  secret: sandbox.info.appSecret,
  ...more,
})
const stableToken = (more: object = {}) => call('/cgi-bin/stable_token', credentials(more))
const token = async (): Promise<string> => (await stableToken()).access_token
const isManaged = (accessToken: string) =>
  call(`/wxa/sec/order/is_trade_managed?access_token=${accessToken}`, { appid: sandbox.info.appid })
const isGood = async (accessToken: string) => (await isManaged(accessToken)).errcode === 0

describe('stable_token', () => {
  test('everybody gets the same token for two hours, less five minutes', async () => {
    const first = await stableToken()
    expect(first).toEqual({ access_token: expect.stringMatching(/^88_[A-Za-z0-9]{133}$/), expires_in: 7200 })
    await advance(HOUR)
    expect(await stableToken({ force_refresh: false })).toEqual({ ...first, expires_in: 3600 })
    await advance(HOUR - 5 * MINUTE - 1)
    expect((await stableToken()).access_token).toBe(first.access_token)
    await advance(1)
    const second = await stableToken()
    expect(second.access_token).not.toBe(first.access_token)
    expect(second.expires_in).toBe(7200)
  })

  test('old and new are both good for five minutes; then the old one has expired', async () => {
    const old = await token()
    await advance(2 * HOUR - 5 * MINUTE)
    const fresh = await token()
    expect([await isGood(old), await isGood(fresh)]).toEqual([true, true])
    await advance(5 * MINUTE - 1)
    expect(await isGood(old)).toBe(true)
    await advance(1)
    expect((await isManaged(old)).errcode).toBe(42001)
    expect(await isGood(fresh)).toBe(true)
  })

  test('a forced refresh ends the old one at once; within 30 s nothing is refreshed again', async () => {
    const old = await token()
    const forced = (await stableToken({ force_refresh: true })).access_token
    expect(forced).not.toBe(old)
    expect((await isManaged(old)).errcode).toBe(40001)
    expect(await token()).toBe(forced)
    await advance(30 * SECOND - 1)
    expect((await stableToken({ force_refresh: true })).access_token).toBe(forced)
    await advance(1)
    expect((await stableToken({ force_refresh: true })).access_token).not.toBe(forced)
  })

  test('twenty forced refreshes a day of Beijing, no more', async () => {
    for (let i = 0; i < 20; i++) {
      expect((await stableToken({ force_refresh: true })).expires_in).toBe(7200)
      await advance(30 * SECOND)
    }
    const kept = await token()
    expect((await stableToken({ force_refresh: true })).errcode).toBe(45009)
    expect(await token()).toBe(kept)
    // Midnight in Beijing is 16:00 UTC; the tests begin at 02:00.
    await advance(14 * HOUR - 10 * MINUTE - 1)
    expect((await stableToken({ force_refresh: true })).errcode).toBe(45009)
    await advance(1)
    expect((await stableToken({ force_refresh: true })).expires_in).toBe(7200)
  })

  test.each<[number, object]>([
    [41002, { appid: undefined }],
    [41004, { secret: '' }],
    [40002, { grant_type: 'authorization_code' }],
    [40013, { appid: 'wx0000000000000000' }],
    [40125, { secret: 'wrong' }],
    [47001, { force_refresh: 'true' }],
    [47001, { token: 'x' }],
  ])('errcode %i for %j', async (errcode, override) => {
    expect((await stableToken(override)).errcode).toBe(errcode)
  })

  test('only POST, only JSON', async () => {
    expect((await call('/cgi-bin/stable_token', '', 'GET')).errcode).toBe(43002)
    expect((await call('/cgi-bin/stable_token', '')).errcode).toBe(44002)
    expect((await call('/cgi-bin/stable_token', 'appid=1')).errcode).toBe(47001)
    expect((await call('/cgi-bin/stable_token', '[]')).errcode).toBe(47001)
  })

  test('a token survives a restart', async () => {
    const given = await token()
    const dataDir = sandbox.infoFile.replace(/sandbox\.json$/, '')
    await sandbox.close()
    sandbox = await aSandbox({ dataDir })
    expect(await token()).toBe(given)
  })

  test.each([
    '/cgi-bin/message/subscribe/send',
    '/wxa/sec/order/upload_shipping_info',
    '/wxa/sec/order/get_order',
    '/wxa/sec/order/is_trade_managed',
    '/wxa/sec/order/upload_combined_shipping_info',
    '/wxa/sec/order/opspecialorder',
  ])('%s wants a token: 41001 without, 40001 with an invented one', async (path) => {
    expect((await call(path, {})).errcode).toBe(41001)
    expect((await call(`${path}?access_token=invented`, {})).errcode).toBe(40001)
  })
})

describe('subscribe messages', () => {
  const message = (override: object = {}) => ({
    touser: 'openid-alice',
    template_id: 'TEMPLATE-1',
    page: 'pages/order/order?orderId=1',
    data: { thing1: { value: '一杯咖啡' }, amount2: { value: '19.99元' } },
    miniprogram_state: 'formal',
    lang: 'zh_CN',
    ...override,
  })
  const sendIt = async (body: unknown) =>
    call(`/cgi-bin/message/subscribe/send?access_token=${await token()}`, body)
  const allow = (grants = 1, openid = 'openid-alice', templateId = 'TEMPLATE-1') =>
    sandbox.control.subscribe({ openid, templateId, grants })

  test('each tap allows one message; without one it is 43101', async () => {
    expect(await sendIt(message())).toEqual({ errcode: 43101, errmsg: expect.any(String) })
    expect(allow()).toEqual({ grants: 1 })
    expect(allow()).toEqual({ grants: 2 })
    expect(await sendIt(message())).toEqual({ errcode: 0, errmsg: 'ok', msgid: 1 })
    expect(await sendIt(message({ page: undefined }))).toMatchObject({ errcode: 0, msgid: 2 })
    expect((await sendIt(message())).errcode).toBe(43101)
    expect(sandbox.control.messages({}).messages).toEqual([
      {
        msgid: 1,
        openid: 'openid-alice',
        templateId: 'TEMPLATE-1',
        page: 'pages/order/order?orderId=1',
        miniprogramState: 'formal',
        lang: 'zh_CN',
        data: { thing1: '一杯咖啡', amount2: '19.99元' },
        sentAt: '2026-11-22T02:00:00.000Z',
      },
      expect.objectContaining({ msgid: 2, page: null }),
    ])
    expect(sandbox.control.messages({ openid: 'openid-bob' }).messages).toEqual([])
  })

  test('an allowance is of one person for one template', async () => {
    allow(1, 'openid-bob')
    allow(1, 'openid-alice', 'TEMPLATE-2')
    expect((await sendIt(message())).errcode).toBe(43101)
    expect((await sendIt(message({ touser: 'openid-bob' }))).errcode).toBe(0)
    expect((await sendIt(message({ template_id: 'TEMPLATE-2' }))).errcode).toBe(0)
  })

  test('a refused message uses no allowance', async () => {
    allow()
    expect((await sendIt(message({ data: { thing1: { value: '长'.repeat(21) } } }))).errcode).toBe(47003)
    expect((await sendIt(message())).errcode).toBe(0)
  })

  test('a template marked as invalid is 40037 until it is marked valid', async () => {
    allow()
    sandbox.control.markTemplate({ templateId: 'TEMPLATE-1', isValid: false })
    expect((await sendIt(message())).errcode).toBe(40037)
    sandbox.control.markTemplate({ templateId: 'TEMPLATE-1', isValid: true })
    expect((await sendIt(message())).errcode).toBe(0)
  })

  test.each<[number, object]>([
    [40003, { touser: undefined }],
    [40003, { touser: '' }],
    [40003, { touser: 'o'.repeat(129) }],
    [40037, { template_id: 't'.repeat(129) }],
    [40037, { template_id: undefined }],
    [41030, { page: 5 }],
    [41030, { page: 'https://example.com/' }],
    [41030, { page: '/pages/order' }],
    [47001, { miniprogram_state: 'live' }],
    [47001, { lang: 'fr_FR' }],
    [47001, { access: 1 }],
    [47003, { data: undefined }],
    [47003, { data: {} }],
    [47003, { data: { thing1: '一杯咖啡' } }],
    [47003, { data: { thing1: { value: 5 } } }],
    [47003, { data: { thing1: { value: '一', color: '#fff' } } }],
    [47003, { data: { title: { value: '一' } } }],
    [47003, { data: { thing: { value: '一' } } }],
  ])('errcode %i for %j', async (errcode, override) => {
    allow()
    expect((await sendIt(message(override))).errcode).toBe(errcode)
  })

  test.each([
    ['thing1', '长'.repeat(20), '长'.repeat(21)],
    ['number1', '9'.repeat(32), '9'.repeat(33)],
    ['number1', '1.5', '1,5'],
    ['letter1', 'a'.repeat(32), 'a'.repeat(33)],
    ['letter1', 'abc', 'ab1'],
    ['symbol1', '!?+-*', '!?+-*/'],
    ['symbol1', '+', 'a'],
    ['character_string1', 'SF'.padEnd(32, '0'), 'SF'.padEnd(33, '0')],
    ['character_string1', 'R-1', '退款1'],
    ['time1', '2026年11月22日 10:00', '22. November'],
    ['time1', '10:00', '10 Uhr'],
    ['date1', '2026-11-22 10:00:00', 'today'],
    ['amount1', '¥1234567890', '¥12345678901'],
    ['amount1', '19.99元', '19.99 元整'],
    ['phone_number1', '+86-0766-66888866', '+86-0766-666888866'],
    ['car_number1', '粤A8Z888挂', '粤A8Z888挂车'],
    ['name1', '欧'.repeat(10), '欧'.repeat(11)],
    ['name1', 'a'.repeat(20), 'a'.repeat(21)],
    ['phrase1', '退款成功了', '退款成功了吗'],
    ['phrase1', '已退款', '退款A'],
  ])('%s takes %s, not %s, and nothing empty', async (name, good, bad) => {
    allow(3)
    const of = async (value: string) => (await sendIt(message({ data: { [name]: { value } } }))).errcode
    expect([await of(good), await of(bad), await of('')]).toEqual([0, 47003, 47003])
  })

  test('allowances and messages survive a restart', async () => {
    allow(2)
    await sendIt(message())
    const dataDir = sandbox.infoFile.replace(/sandbox\.json$/, '')
    await sandbox.close()
    sandbox = await aSandbox({ dataDir })
    expect(sandbox.control.messages({}).messages).toHaveLength(1)
    expect(await sendIt(message())).toMatchObject({ errcode: 0, msgid: 2 })
    expect((await sendIt(message())).errcode).toBe(43101)
  })
})

describe('/cgi-bin/token', () => {
  const ask = async (override: Record<string, string> = {}) => {
    const query = new URLSearchParams({ ...credentials(), ...override })
    return call(`/cgi-bin/token?${query}`, '', 'GET')
  }

  test('each call gives a new one; the one before is good for five more minutes, stable ones are not touched', async () => {
    const stable = await token()
    const first = await ask()
    expect(first).toEqual({ access_token: expect.stringMatching(/^88_/), expires_in: 7200 })
    const second = await ask()
    expect(second.access_token).not.toBe(first.access_token)
    await advance(5 * MINUTE - 1)
    expect(await isGood(first.access_token)).toBe(true)
    await advance(1)
    expect(await isGood(first.access_token)).toBe(false)
    expect(await isGood(second.access_token)).toBe(true)
    expect([await token(), await isGood(stable)]).toEqual([stable, true])
    await stableToken({ force_refresh: true })
    expect([await isGood(stable), await isGood(second.access_token)]).toEqual([false, true])
    await advance(2 * HOUR)
    expect(await isGood(second.access_token)).toBe(false)
  })

  test('of those asked for without end the newest hundred and one are good', async () => {
    const tokens: string[] = []
    for (let call = 0; call < 103; call++) tokens.push((await ask()).access_token)
    expect(await Promise.all([0, 1, 2, 3, 102].map((n) => isGood(tokens[n] ?? '')))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
  })

  test.each<[number, Record<string, string>]>([
    [41002, { appid: '' }],
    [41004, { secret: '' }],
    [40002, { grant_type: 'password' }],
    [40013, { appid: 'wx0000000000000000' }],
    [40125, { secret: 'wrong' }],
  ])('errcode %i for %j', async (errcode, override) => {
    expect((await ask(override)).errcode).toBe(errcode)
  })
})

describe('shipping information', () => {
  const TRADE = 'SHIP-0001'
  const parcel = (override: object = {}) => ({
    tracking_no: 'YT0001',
    express_company: 'YTO',
    item_desc: '一杯咖啡 x1',
    ...override,
  })
  const upload = (override: object = {}) => ({
    order_key: { order_number_type: 1, mchid: sandbox.info.mchid, out_trade_no: TRADE },
    logistics_type: 1,
    delivery_mode: 1,
    shipping_list: [parcel()],
    upload_time: '2026-11-22T10:00:10.120+08:00',
    payer: { openid: 'openid-alice' },
    ...override,
  })
  const ship = async (override: object = {}): Promise<number> => {
    const path = `/wxa/sec/order/upload_shipping_info?access_token=${await token()}`
    return (await call(path, upload(override))).errcode
  }
  const getOrder = async (by: object = {}) =>
    call(`/wxa/sec/order/get_order?access_token=${await token()}`, by)
  const byTrade = () => ({ merchant_id: sandbox.info.mchid, merchant_trade_no: TRADE })
  const paid = async () => {
    await merchant.buy({ out_trade_no: TRADE })
    await advance(10 * SECOND)
  }
  const transactionId = () => sandbox.control.trade(TRADE).transactions[0]?.transactionId

  test('a paid order is shipped ten seconds after it was paid at the earliest', async () => {
    expect(await ship()).toBe(10060001)
    await merchant.prepay({ out_trade_no: TRADE })
    expect(await ship()).toBe(10060001)
    await merchant.buy({ out_trade_no: TRADE })
    await advance(10 * SECOND - 1)
    expect(await ship()).toBe(10060001)
    expect((await getOrder(byTrade())).errcode).toBe(10060001)
    await advance(1)
    expect(await ship()).toBe(0)
    expect(sandbox.control.shipments(TRADE).shipments).toEqual([
      {
        transactionId: transactionId(),
        outTradeNo: TRADE,
        logisticsType: 1,
        deliveryMode: 1,
        isFinished: true,
        finishCount: 1,
        finishedAt: '2026-11-22T02:00:10.000Z',
        parcels: [
          {
            trackingNo: 'YT0001',
            expressCompany: 'YTO',
            itemDesc: '一杯咖啡 x1',
            consignorContact: null,
            receiverContact: null,
            uploadedAt: '2026-11-22T02:00:10.000Z',
          },
        ],
      },
    ])
  })

  test('how long that takes can be set', async () => {
    await sandbox.close()
    sandbox = await aSandbox({ orderIngestMs: 0 })
    merchant = new Merchant(sandbox)
    await merchant.buy({ out_trade_no: TRADE })
    expect(await ship()).toBe(0)
  })

  test('get_order tells it before and after, by either number', async () => {
    await paid()
    const before = await getOrder(byTrade())
    expect(before).toEqual({
      errcode: 0,
      errmsg: 'ok',
      order: {
        transaction_id: transactionId(),
        merchant_id: sandbox.info.mchid,
        sub_merchant_id: '',
        merchant_trade_no: TRADE,
        description: '一杯咖啡',
        paid_amount: 1999,
        openid: 'openid-alice',
        trade_create_time: 1795312800,
        pay_time: 1795312800,
        order_state: 1,
        in_complaint: false,
        shipping: { finish_shipping: false, finish_shipping_count: 0, shipping_list: [] },
      },
    })
    const contact = { receiver_contact: '189****1234' }
    await ship({ shipping_list: [parcel({ express_company: 'SF', tracking_no: 'SF1', contact })] })
    const after = await getOrder({ transaction_id: transactionId() })
    expect(after.order).toMatchObject({
      order_state: 2,
      shipping: {
        delivery_mode: 1,
        logistics_type: 1,
        finish_shipping: true,
        finish_shipping_count: 1,
        goods_desc: '一杯咖啡 x1',
        shipping_list: [
          {
            tracking_no: 'SF1',
            express_company: 'SF',
            goods_desc: '一杯咖啡 x1',
            upload_time: 1795312810,
            contact: { consignor_contact: '', receiver_contact: '189****1234' },
          },
        ],
      },
    })
    expect((await getOrder({ transaction_id: 'none' })).errcode).toBe(10060001)
    expect((await getOrder({ merchant_id: '1', merchant_trade_no: TRADE })).errcode).toBe(10060001)
    for (const by of [{}, { transaction_id: 5 }, { merchant_id: '1' }, { openid: 'x' }])
      expect((await getOrder(by)).errcode).toBe(47001)
  })

  test('the same again is 10060023; something else once more, then never', async () => {
    await paid()
    expect(await ship()).toBe(0)
    expect(await ship()).toBe(10060023)
    const order_key = { order_number_type: 2, transaction_id: transactionId() }
    expect(await ship({ order_key, upload_time: '2026-11-22T11:00:00+08:00' })).toBe(10060023)
    const other = { shipping_list: [parcel({ tracking_no: 'YT0002' })] }
    expect(await ship(other)).toBe(0)
    expect(await ship(other)).toBe(10060023)
    expect(await ship({ shipping_list: [parcel({ tracking_no: 'YT0003' })] })).toBe(10060003)
    expect(await ship()).toBe(10060003)
    expect(sandbox.control.shipments(TRADE).shipments).toMatchObject([
      { finishCount: 2, parcels: [{ trackingNo: 'YT0002' }] },
    ])
  })

  test('received after ten days, other deliveries after two: nothing can be shipped again', async () => {
    await paid()
    expect(await ship()).toBe(0)
    await advance(10 * DAY - 1)
    expect((await getOrder(byTrade())).order.order_state).toBe(2)
    await advance(1)
    expect((await getOrder(byTrade())).order.order_state).toBe(3)
    expect(await ship({ shipping_list: [parcel({ tracking_no: 'YT0002' })] })).toBe(10060002)
    await merchant.buy({ out_trade_no: 'SHIP-0002' })
    await advance(10 * SECOND)
    const order_key = { order_number_type: 1, mchid: sandbox.info.mchid, out_trade_no: 'SHIP-0002' }
    const pickUp = { order_key, logistics_type: 4, shipping_list: [{ item_desc: '一杯咖啡' }] }
    expect(await ship(pickUp)).toBe(0)
    await advance(2 * DAY)
    expect(await ship({ ...pickUp, shipping_list: [{ item_desc: '两杯咖啡' }] })).toBe(10060002)
  })

  test('a split delivery comes in parts until all is delivered', async () => {
    await paid()
    const part = (tracking_no: string, is_all_delivered: boolean) =>
      ship({ delivery_mode: 2, is_all_delivered, shipping_list: [parcel({ tracking_no })] })
    expect(await part('YT0001', false)).toBe(0)
    expect(await part('YT0001', false)).toBe(10060023)
    expect((await getOrder(byTrade())).order).toMatchObject({
      order_state: 1,
      shipping: { finish_shipping: false, finish_shipping_count: 0 },
    })
    expect(await part('YT0002', true)).toBe(0)
    expect(sandbox.control.shipments(TRADE).shipments).toMatchObject([
      { isFinished: true, finishCount: 1, parcels: [{ trackingNo: 'YT0001' }, { trackingNo: 'YT0002' }] },
    ])
    expect(await part('YT0003', true)).toBe(0)
    expect(await part('YT0004', true)).toBe(10060003)
  })

  test('of one order fifteen parcels are told, together or in parts; the same one again replaces itself', async () => {
    await paid()
    const parts = (numbers: readonly string[], more: object = {}) =>
      ship({
        delivery_mode: 2,
        is_all_delivered: false,
        shipping_list: numbers.map((tracking_no) => parcel({ tracking_no, ...more })),
      })
    const fifteen = Array.from({ length: 15 }, (_, n) => `YT${n}`)
    expect(await parts([...fifteen, 'YT15'])).toBe(10060024)
    expect(await parts(fifteen.slice(0, 14))).toBe(0)
    expect(await parts(['YT14', 'YT15'])).toBe(10060024)
    expect(await parts(['YT14'])).toBe(0)
    expect(await parts(['YT15'])).toBe(10060024)
    expect(await parts(['YT14'], { item_desc: '换了一件' })).toBe(0)
    expect(sandbox.control.shipments(TRADE).shipments[0]?.parcels).toHaveLength(15)
  })

  test('an order that is refunded whole is not shippable, a part refund is no matter', async () => {
    await paid()
    const amount = { refund: 1, total: 1999, currency: 'CNY' }
    await merchant.refund(TRADE, { out_refund_no: 'R1', amount })
    await advance(MINUTE)
    expect(await ship()).toBe(0)
    await merchant.refund(TRADE, { out_refund_no: 'R2', amount: { ...amount, refund: 1998 } })
    expect(await ship({ shipping_list: [parcel({ tracking_no: 'YT0002' })] })).toBe(10060004)
    expect((await getOrder(byTrade())).order.order_state).toBe(5)
  })

  test.each<[number, object]>([
    [10060005, { logistics_type: 5 }],
    [10060005, { logistics_type: '1' }],
    [10060006, { logistics_type: 2, delivery_mode: 2, is_all_delivered: true }],
    [10060007, { delivery_mode: 2 }],
    [10060008, { shipping_list: [parcel({ item_desc: '' })] }],
    [10060008, { shipping_list: [parcel({ item_desc: undefined })] }],
    [10060009, { shipping_list: [parcel({ item_desc: '咖'.repeat(121) })] }],
    [10060031, { payer: { openid: 'openid-bob' } }],
    [268485226, { shipping_list: [parcel({ tracking_no: '' })] }],
    [268485227, { shipping_list: [parcel({ express_company: undefined })] }],
    [268485224, { delivery_mode: 3 }],
    [47001, { is_all_delivered: 'true' }],
    [268485228, { shipping_list: [] }],
    [268485228, { shipping_list: [parcel(), parcel({ tracking_no: 'YT2' })] }],
    [47001, { delivery_mode: 2, is_all_delivered: true, shipping_list: [] }],
    [47001, { shipping_list: parcel() }],
    [10060025, { shipping_list: [parcel({ express_company: 'Y'.repeat(129) })] }],
    [10060026, { shipping_list: [parcel({ tracking_no: 'Y'.repeat(129) })] }],
    [47001, { shipping_list: [parcel({ weight: 1 })] }],
    [47001, { shipping_list: [parcel({ express_company: 'SF' })] }],
    [47001, { shipping_list: [parcel({ contact: { receiver_contact: '18912341234' } })] }],
    [47001, { shipping_list: [parcel({ contact: { phone: '189****1234' } })] }],
    [268485216, { upload_time: '2026-11-22 10:00:10' }],
    [268485216, { upload_time: undefined }],
    [47001, { payer: {} }],
    [47001, { payer: undefined }],
    [47001, { order_key: undefined }],
    [268485194, { order_key: { order_number_type: 3 } }],
    [268485195, { order_key: { order_number_type: 2 } }],
    [268485195, { order_key: { order_number_type: 2, transaction_id: '' } }],
    [268485196, { order_key: { order_number_type: 1, out_trade_no: TRADE } }],
    [268485197, { order_key: { order_number_type: 1, mchid: '1900000001' } }],
    [47001, { order_key: { order_number_type: 2, transaction_id: '42', out_trade_no: TRADE } }],
    [10060001, { order_key: { order_number_type: 2, transaction_id: '42' } }],
    [10060001, { order_key: { order_number_type: 1, mchid: '1900000001', out_trade_no: TRADE } }],
    [47001, { carrier: 'YTO' }],
  ])('errcode %i for %j, and nothing is written', async (errcode, override) => {
    await paid()
    expect(await ship(override)).toBe(errcode)
    expect(sandbox.control.shipments(TRADE).shipments).toEqual([])
  })

  test('what is exactly as long as allowed is taken', async () => {
    await paid()
    const longest = parcel({ tracking_no: 'Y'.repeat(128), item_desc: '咖'.repeat(120) })
    expect(await ship({ shipping_list: [longest] })).toBe(0)
  })

  test('is_trade_managed: yes for this mini-program', async () => {
    const managed = async (body: object) =>
      call(`/wxa/sec/order/is_trade_managed?access_token=${await token()}`, body)
    expect(await managed({ appid: sandbox.info.appid })).toEqual({
      errcode: 0,
      errmsg: 'ok',
      is_trade_managed: true,
    })
    expect((await managed({})).errcode).toBe(40097)
    expect((await managed({ appid: 'wx0000000000000000' })).errcode).toBe(40013)
  })

  const ask = async (name: string, body: object) =>
    call(`/wxa/sec/order/${name}?access_token=${await token()}`, body)

  test('get_order_list: newest first, by state, payer and time of payment, page by page', async () => {
    await paid()
    await ship()
    await merchant.buy({ out_trade_no: 'SHIP-0002' })
    const numbers = async (query: object) => {
      const {
        errcode,
        order_list: list,
        has_more: more,
        last_index: last,
      } = await ask('get_order_list', query)
      expect(errcode).toBe(0)
      return { numbers: list.map((one: { merchant_trade_no: string }) => one.merchant_trade_no), more, last }
    }
    // The second is ten seconds too young for shipping management to know it.
    expect((await numbers({})).numbers).toEqual([TRADE])
    await advance(10 * SECOND)
    expect((await numbers({})).numbers).toEqual(['SHIP-0002', TRADE])
    expect((await numbers({ order_state: 2 })).numbers).toEqual([TRADE])
    expect((await numbers({ openid: 'openid-bob' })).numbers).toEqual([])
    const paidAt = Date.parse('2026-11-22T02:00:00Z') / 1_000
    expect((await numbers({ pay_time_range: { begin_time: paidAt, end_time: paidAt } })).numbers).toEqual([
      TRADE,
    ])
    const first = await numbers({ page_size: 1 })
    expect([first.numbers, first.more]).toEqual([['SHIP-0002'], true])
    const second = await numbers({ page_size: 1, last_index: first.last })
    expect([second.numbers, second.more]).toEqual([[TRADE], false])
    expect((await ask('get_order_list', { last_index: '42' })).errcode).toBe(10060011)
    // What the last page ended with may be of another state by now.
    const shipped = await numbers({ order_state: 1, page_size: 1 })
    expect([shipped.numbers, shipped.more]).toEqual([['SHIP-0002'], false])
    const order_key = { order_number_type: 1, mchid: sandbox.info.mchid, out_trade_no: 'SHIP-0002' }
    expect(await ship({ order_key })).toBe(0)
    expect((await numbers({ order_state: 1, last_index: shipped.last })).numbers).toEqual([])
    expect((await numbers({ order_state: 2, last_index: shipped.last })).numbers).toEqual([TRADE])
    for (const wrong of [{ page_size: 0 }, { order_state: 'x' }, { pay_time_range: 1 }, { pages: 1 }])
      expect((await ask('get_order_list', wrong)).errcode).toBe(47001)
  })

  test('notify_confirm_receive: once, while an express parcel is on its way, also when it was shipped again', async () => {
    await merchant.buy({ out_trade_no: TRADE })
    const remind = async (by: object = byTrade(), received_time = 1_795_312_810) =>
      (await ask('notify_confirm_receive', { ...by, received_time })).errcode
    expect(await remind()).toBe(10060001)
    await advance(10 * SECOND)
    expect(await remind()).toBe(10060028)
    await ship()
    expect(await remind(byTrade(), 1_795_312_809)).toBe(10060029)
    expect(await remind({ transaction_id: transactionId() })).toBe(0)
    expect(await remind()).toBe(10060030)
    expect(await ship({ shipping_list: [parcel({ tracking_no: 'YT0002' })] })).toBe(0)
    expect(await remind()).toBe(10060030)
    expect(await remind({ transaction_id: '42' })).toBe(10060001)
    expect(await remind({})).toBe(47001)
    expect((await ask('notify_confirm_receive', byTrade())).errcode).toBe(47001)
    await advance(10 * DAY)
    expect(await remind()).toBe(10060028)
  })

  test('notify_confirm_receive is for express alone', async () => {
    await paid()
    await ship({ logistics_type: 4, shipping_list: [{ item_desc: '一杯咖啡' }] })
    const { errcode } = await ask('notify_confirm_receive', { ...byTrade(), received_time: 1_795_312_810 })
    expect(errcode).toBe(10060032)
  })

  describe('several orders at once', () => {
    const OTHER = 'SHIP-0002'
    const keyOf = (out_trade_no: string) => ({
      order_number_type: 1,
      mchid: sandbox.info.mchid,
      out_trade_no,
    })
    const part = (out_trade_no: string, override: object = {}) => ({
      order_key: keyOf(out_trade_no),
      logistics_type: 1,
      delivery_mode: 1,
      shipping_list: [parcel({ tracking_no: `YT-${out_trade_no}` })],
      ...override,
    })
    const whole = (override: object = {}) => ({
      order_key: keyOf('WHOLE-0001'),
      sub_orders: [part(TRADE), part(OTHER, { logistics_type: 4 })],
      upload_time: '2026-11-22T10:00:10.120+08:00',
      payer: { openid: 'openid-alice' },
      ...override,
    })
    const shipAll = async (override: object = {}): Promise<number> =>
      (await ask('upload_combined_shipping_info', whole(override))).errcode
    const shipped = () =>
      [TRADE, OTHER].map((number) => sandbox.control.shipments(number).shipments.map((one) => one.parcels))
    beforeEach(async () => {
      await merchant.buy({ out_trade_no: OTHER })
      await paid()
    })

    test('are shipped together, each by its own terms', async () => {
      expect(await shipAll()).toBe(0)
      expect(sandbox.control.shipments(TRADE).shipments).toMatchObject([
        { logisticsType: 1, isFinished: true, parcels: [{ trackingNo: 'YT-SHIP-0001' }] },
      ])
      expect(sandbox.control.shipments(OTHER).shipments).toMatchObject([
        { logisticsType: 4, isFinished: true, parcels: [{ trackingNo: 'YT-SHIP-0002' }] },
      ])
      expect((await getOrder(byTrade())).order.order_state).toBe(2)
    })

    test('the same again, together or alone, is 10060023; a changed one is shipped again, once', async () => {
      expect(await shipAll()).toBe(0)
      expect(await shipAll()).toBe(10060023)
      expect(await ship({ shipping_list: [parcel({ tracking_no: 'YT-SHIP-0001' })] })).toBe(10060023)
      const again = (tracking_no: string) => ({
        sub_orders: [part(TRADE), part(OTHER, { shipping_list: [parcel({ tracking_no })] })],
      })
      expect(await shipAll(again('YT2'))).toBe(0)
      expect(await shipAll(again('YT3'))).toBe(10060003)
      expect(sandbox.control.shipments(TRADE).shipments).toMatchObject([{ finishCount: 1 }])
      expect(sandbox.control.shipments(OTHER).shipments).toMatchObject([
        { finishCount: 2, parcels: [{ trackingNo: 'YT2' }] },
      ])
    })

    test.each<[number, () => object]>([
      [10060001, () => ({ sub_orders: [part(TRADE), part('SHIP-0003')] })],
      [10060005, () => ({ sub_orders: [part(TRADE), part(OTHER, { logistics_type: 5 })] })],
      [10060014, () => ({ sub_orders: [] })],
      [10060014, () => ({ sub_orders: [part(TRADE), part(TRADE)] })],
      [
        10060014,
        () => ({ sub_orders: [part(TRADE, { order_key: { order_number_type: 2, transaction_id: '42' } })] }),
      ],
      [10060031, () => ({ payer: { openid: 'openid-bob' } })],
      [268485194, () => ({ order_key: {} })],
      [268485195, () => ({ order_key: { order_number_type: 2 } })],
      [268485216, () => ({ upload_time: 'today' })],
      [
        268485226,
        () => ({ sub_orders: [part(TRADE), part(OTHER, { shipping_list: [{ item_desc: 'x' }] })] }),
      ],
      [47001, () => ({ sub_orders: undefined })],
      [47001, () => ({ sub_orders: ['SHIP-0001'] })],
      [47001, () => ({ sub_orders: [part(TRADE, { payer: { openid: 'openid-alice' } })] })],
      [47001, () => ({ payer: undefined })],
      [47001, () => ({ logistics_type: 1 })],
    ])('errcode %i, and nothing is written of any (%#)', async (errcode, override) => {
      expect(await shipAll(override())).toBe(errcode)
      expect(shipped()).toEqual([[], []])
    })

    test('a fault for the first of them strikes', async () => {
      sandbox.control.addFault({ fault: '500', match: { outTradeNo: TRADE } })
      expect(await shipAll()).toBe(-1)
      expect(shipped()).toEqual([[], []])
    })
  })

  describe('orders shipped late, or never', () => {
    const PAID_AT = 1_795_312_800
    const DAYS = 86_400
    const declare = async (body: object) => (await ask('opspecialorder', body)).errcode
    const special = () => sandbox.control.shipments(TRADE).specialOrders

    test('goods sold in advance, by either number, due 15 to 330 days after the payment', async () => {
      await paid()
      const due = (days: number, seconds = 0) =>
        declare({ order_id: TRADE, type: 1, delay_to: PAID_AT + days * DAYS + seconds })
      expect(await due(15, -1)).toBe(268546001)
      expect(await due(330, 1)).toBe(268546001)
      expect(special()).toEqual([])
      expect(await due(330)).toBe(0)
      expect(await declare({ order_id: transactionId(), type: 1, delay_to: PAID_AT + 15 * DAYS })).toBe(0)
      expect(special()).toEqual([
        {
          transactionId: transactionId(),
          outTradeNo: TRADE,
          isTest: false,
          dueAt: '2026-12-07T02:00:00.000Z',
          declaredAt: '2026-11-22T02:00:10.000Z',
        },
      ])
      expect((await getOrder(byTrade())).order.order_state).toBe(1)
      expect(await ship()).toBe(0)
    })

    test('a test order, with or without a time, also after a restart', async () => {
      await paid()
      expect(await declare({ order_id: TRADE, type: 2 })).toBe(0)
      expect(await declare({ order_id: TRADE, type: 2, delay_to: 1 })).toBe(0)
      expect(special()).toMatchObject([{ isTest: true, dueAt: null }])
      const before = special()
      const dataDir = sandbox.infoFile.replace(/sandbox\.json$/, '')
      // The second start reads what the first one has compacted.
      for (let start = 0; start < 2; start++) {
        await sandbox.close()
        sandbox = await aSandbox({ dataDir })
      }
      expect(special()).toEqual(before)
    })

    test('only an order that is known and still to be shipped', async () => {
      await merchant.buy({ out_trade_no: TRADE })
      const test = () => declare({ order_id: TRADE, type: 2 })
      expect(await test()).toBe(268546002)
      await advance(10 * SECOND)
      expect(await declare({ order_id: 'SHIP-0009', type: 2 })).toBe(268546002)
      await ship()
      expect(await test()).toBe(268546002)
      expect(special()).toEqual([])
    })

    test.each<[number, object]>([
      [268546000, { type: 3 }],
      [268546000, { type: '1' }],
      [268546000, { type: undefined }],
      [268546001, { delay_to: undefined }],
      [268546001, { delay_to: '1796608810' }],
      [268546001, { delay_to: 1796608810.5 }],
      [47001, { order_id: 1 }],
      [47001, { note: 'x' }],
    ])('errcode %i for %j', async (errcode, override) => {
      await paid()
      expect(await declare({ order_id: TRADE, type: 1, delay_to: PAID_AT + 20 * DAYS, ...override })).toBe(
        errcode,
      )
      expect(special()).toEqual([])
    })

    test('a fault for the order strikes, whichever number names it', async () => {
      await paid()
      for (const order_id of [TRADE, transactionId()]) {
        sandbox.control.addFault({ fault: '500', match: { outTradeNo: TRADE } })
        expect(await declare({ order_id, type: 2 })).toBe(-1)
      }
    })
  })

  test('set_msg_jump_path and is_trade_management_confirmation_completed', async () => {
    expect((await ask('set_msg_jump_path', { path: 'pages/order' })).errcode).toBe(0)
    expect((await ask('set_msg_jump_path', {})).errcode).toBe(47001)
    const completed = (body: object) => ask('is_trade_management_confirmation_completed', body)
    expect(await completed({ appid: sandbox.info.appid })).toMatchObject({ errcode: 0, completed: true })
    expect((await completed({})).errcode).toBe(40097)
    expect((await completed({ appid: 'wx0000000000000000' })).errcode).toBe(40013)
  })

  test('request faults strike by the order: lost after it was written, it is told as unchanged', async () => {
    await paid()
    sandbox.control.addFault({ fault: '500', applied: true, match: { outTradeNo: TRADE } })
    expect(await ship()).toBe(-1)
    expect(await ship()).toBe(10060023)
    sandbox.control.addFault({ fault: '429', match: { path: '/wxa/sec/order/*' } })
    expect((await getOrder({ transaction_id: transactionId() })).errcode).toBe(45011)
  })

  test('shipments survive a restart', async () => {
    await paid()
    await ship()
    const before = sandbox.control.shipments(TRADE)
    const dataDir = sandbox.infoFile.replace(/sandbox\.json$/, '')
    await sandbox.close()
    sandbox = await aSandbox({ dataDir })
    expect(sandbox.control.shipments(TRADE)).toEqual(before)
    expect(await ship()).toBe(10060023)
  })
})
