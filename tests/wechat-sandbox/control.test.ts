import { request } from 'node:http'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, aShop, cleanUp, Merchant, START, send } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant

beforeAll(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
afterAll(cleanUp)

async function call(method: string, path: string, body?: unknown, token = sandbox.info.controlToken) {
  const answer = await send(`${sandbox.info.controlUrl}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, body: JSON.parse(answer.body) }
}

async function session(query: Record<string, string>, options: { method?: string } = {}) {
  const url = `${sandbox.info.apiBaseUrl}/sns/jscode2session?${new URLSearchParams(query)}`
  const answer = await send(url, { ca: sandbox.caPem, ...options })
  return { status: answer.status, ...JSON.parse(answer.body) }
}

async function api(path: string, body: unknown) {
  const answer = await send(`${sandbox.info.apiBaseUrl}${path}`, {
    method: 'POST',
    ca: sandbox.caPem,
    body: JSON.stringify(body),
  })
  return JSON.parse(answer.body)
}

const login = (code: string) => ({
  appid: sandbox.info.appid,
  secret: sandbox.info.appSecret,
  js_code: code,
  grant_type: 'authorization_code',
})

test('a whole purchase over HTTP: login, sheet, payment, truth, books, notification', async () => {
  const shop = await aShop()
  const { code } = (await call('POST', '/code', { openid: 'openid-alice' })).body
  expect((await session(login(code))).openid).toBe('openid-alice')
  const prepayId = await merchant.prepay({ out_trade_no: 'HTTP-0001', notify_url: shop.url })
  const parameters = { ...merchant.payParameters(prepayId), openid: 'openid-alice' }
  const sheet = await call('POST', '/cashier/open', parameters)
  expect(sheet.body).toMatchObject({ errMsg: 'requestPayment:ok', amountFen: 1999, state: 'NOTPAY' })
  expect((await call('POST', '/cashier', { ...parameters, action: 'pay' })).body).toEqual({
    errMsg: 'requestPayment:ok',
  })
  expect((await call('POST', '/clock', { advanceMs: 0 })).status).toBe(200)
  const trade = (await call('GET', '/trades/HTTP-0001')).body
  expect(trade).toMatchObject({ outTradeNo: 'HTTP-0001', protocol: 'v3', state: 'SUCCESS', amountFen: 1999 })
  const { entries } = (await call('GET', '/ledger?after=2')).body
  expect(entries.map(({ fen }: { fen: number }) => fen)).toEqual([-1999, 1999])
  expect(entries[0].transactionId).toBe(trade.transactions[0].transactionId)
  const { notifications } = (await call('GET', '/notifications?outTradeNo=HTTP-0001')).body
  expect(notifications).toMatchObject([{ status: 'delivered', attempts: [{ ok: true }] }])
  const again = await call('POST', `/notifications/${notifications[0].id}/send`)
  expect(again.body.notification.attempts).toHaveLength(2)
  await shop.close()
})

test('a whole refund over HTTP: asked for, decided, told, booked; the merchant platform too', async () => {
  const shop = await aShop()
  await merchant.buy({ out_trade_no: 'HTTP-0002', notify_url: shop.url })
  await merchant.refund('HTTP-0002', {
    out_refund_no: 'HTTP-R1',
    notify_url: shop.url,
    amount: { refund: 999, total: 1999, currency: 'CNY' },
  })
  expect((await call('GET', '/refunds/HTTP-R1')).body).toMatchObject({
    outRefundNo: 'HTTP-R1',
    outTradeNo: 'HTTP-0002',
    state: 'PROCESSING',
    refundFen: 999,
    totalFen: 1999,
    dueAt: '2026-11-22T02:00:01.000Z',
  })
  const settled = await call('POST', '/refunds/HTTP-R1/settle', { status: 'SUCCESS' })
  expect(settled).toMatchObject({ status: 200, body: { refund: { state: 'SUCCESS', dueAt: null } } })
  const late = await call('POST', '/refunds/HTTP-R1/settle', { status: 'CLOSED' })
  expect([late.status, late.body.error.code]).toEqual([409, 'WRONG_STATE'])
  await call('POST', '/clock', { advanceMs: 60_000 })
  const { notifications } = (await call('GET', '/notifications?outRefundNo=HTTP-R1')).body
  expect(notifications).toMatchObject([{ kind: 'refund', outRefundNo: 'HTTP-R1', status: 'delivered' }])
  const both = (await call('GET', '/notifications?outTradeNo=HTTP-0002')).body.notifications
  expect(both.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['payment', 'refund'])
  const started = await call('POST', '/refunds', { outTradeNo: 'HTTP-0002', amountFen: 1_000 })
  expect(started.body.refund).toMatchObject({ source: 'VENDOR_PLATFORM', refundFen: 1_000 })
  const more = await call('POST', '/refunds', { outTradeNo: 'HTTP-0002', amountFen: 1 })
  expect([more.status, more.body.error.code]).toEqual([409, 'REFUSED'])
  const forged = await call('POST', '/notifications/forge', { outRefundNo: 'HTTP-R1', fault: 'probe' })
  expect(forged.body.notification).toMatchObject({ status: 'forged', outRefundNo: 'HTTP-R1' })
  expect((await call('GET', '/balance')).body).toEqual({ availableFen: 0, pendingFen: 1_999 })
  expect((await call('POST', '/balance', { amountFen: 5 })).body).toEqual({
    availableFen: 5,
    pendingFen: 1_999,
  })
  expect((await call('POST', '/balance', { amountFen: -6 })).status).toBe(409)
  expect((await call('POST', '/balance', { amountFen: -5 })).body.availableFen).toBe(0)
  await shop.close()
})

test('allowances, templates, messages and shipments over HTTP', async () => {
  const allowed = await call('POST', '/subscriptions', {
    openid: 'openid-alice',
    templateId: 'T1',
    grants: 3,
  })
  expect(allowed.body).toEqual({ grants: 3 })
  const marked = await call('POST', '/templates', { templateId: 'T2', isValid: false })
  expect(marked.body).toEqual({ templateId: 'T2', isValid: false })
  expect((await call('GET', '/messages?openid=openid-alice')).body).toEqual({ messages: [] })
  expect((await call('GET', '/shipments/HTTP-0001')).body).toEqual({ shipments: [], specialOrders: [] })
})

describe('login codes', () => {
  const code = (openid = 'openid-bob') => sandbox.control.createCode({ openid }).code

  test('a code works once and gives a session key', async () => {
    const mine = code()
    const first = await session(login(mine))
    expect(first).toMatchObject({ status: 200, openid: 'openid-bob' })
    expect(Buffer.from(first.session_key, 'base64')).toHaveLength(16)
    expect((await session(login(mine))).errcode).toBe(40163)
  })

  test('a code is worthless after five minutes', async () => {
    const [early, late] = [code(), code()]
    await sandbox.control.moveClock({ advanceMs: 299_999 })
    expect((await session(login(early))).openid).toBe('openid-bob')
    await sandbox.control.moveClock({ advanceMs: 1 })
    expect((await session(login(late))).errcode).toBe(40029)
  })

  test.each<[number, Record<string, string>]>([
    [40029, { js_code: 'invented' }],
    [40013, { appid: 'wx0000000000000000' }],
    [40125, { secret: 'wrong' }],
    [41002, { appid: '' }],
    [41004, { secret: '' }],
    [41008, { js_code: '' }],
    [40002, { grant_type: 'client_credential' }],
  ])('errcode %i for %j', async (errcode, override) => {
    expect(await session({ ...login(code()), ...override })).toMatchObject({ status: 200, errcode })
  })

  test('only GET, and only this path', async () => {
    expect((await session(login(code()), { method: 'POST' })).errcode).toBe(43001)
    expect((await send(`${sandbox.info.apiBaseUrl}/nothing`, { ca: sandbox.caPem })).status).toBe(404)
  })
})

describe('the clock', () => {
  test('moves forward by a span or to an instant, and never back', async () => {
    const before = (await call('GET', '/clock')).body
    const { offsetMs } = before
    expect(Date.parse(before.now)).toBe(START + offsetMs)
    const later = (await call('POST', '/clock', { advanceMs: 1_500 })).body
    expect(later.offsetMs).toBe(offsetMs + 1_500)
    const to = new Date(START + 86_400_000).toISOString()
    expect((await call('POST', '/clock', { to })).body.now).toBe(to)
    expect(sandbox.now()).toBe(START + 86_400_000)
    const back = await call('POST', '/clock', { to: new Date(START).toISOString() })
    expect([back.status, back.body.error.code]).toEqual([400, 'INVALID_INPUT'])
    expect(sandbox.now()).toBe(START + 86_400_000)
  })

  test.each([
    [{}],
    [{ advanceMs: -1 }],
    [{ advanceMs: 1.5 }],
    [{ advanceMs: 1, to: 'x' }],
    [{ to: 'tomorrow' }],
    [{ to: 5 }],
    [{ advanceMs: 1e15 }],
  ])('%j is refused', async (body) => {
    expect((await call('POST', '/clock', body)).status).toBe(400)
  })

  test('moved from two sides at once it still never goes back', async () => {
    const now = sandbox.now()
    const far = sandbox.control.moveClock({ advanceMs: 7_200_000 })
    const near = sandbox.control.moveClock({ to: new Date(now + 3_600_000).toISOString() })
    await Promise.all([far, near])
    expect(sandbox.now()).toBe(now + 7_200_000)
  })

  test('signatures go by real time, whatever the virtual clock says', async () => {
    await sandbox.control.moveClock({ advanceMs: 3_600_000 })
    const answer = await merchant.query('HTTP-0001')
    expect(answer.status).toBe(200)
    expect(answer.headers['wechatpay-timestamp']).toBe(String(START / 1000))
  })
})

describe('refusals', () => {
  test.each([
    ['POST', '/code', {}, 'openid'],
    ['POST', '/code', { openid: 5 }, 'openid'],
    ['POST', '/code', { openid: 'o'.repeat(129) }, 'openid'],
    ['POST', '/cashier', { openid: 'a', action: 'steal' }, 'action'],
    ['POST', '/cashier/open', {}, 'openid'],
    ['GET', '/ledger?after=x', undefined, 'after'],
    ['GET', '/ledger?after=-1', undefined, 'after'],
    ['POST', '/faults', { fault: 'nothing' }, 'fault'],
    ['POST', '/refunds', { amountFen: 1 }, 'outTradeNo'],
    ['POST', '/refunds', { outTradeNo: 'HTTP-0001', amountFen: '1' }, 'amountFen'],
    ['POST', '/balance', { amountFen: 0 }, 'amountFen'],
    ['POST', '/subscriptions', { openid: 'a' }, 'templateId'],
    ['POST', '/subscriptions', { openid: 'a', templateId: 'T', grants: 0 }, 'grants'],
    ['POST', '/templates', { templateId: 'T' }, 'isValid'],
    ['POST', '/faults', { fault: '500', match: { outRefundNo: 5 } }, 'outRefundNo'],
    ['POST', '/notifications/forge', { outTradeNo: 'HTTP-0001', fault: '500' }, 'fault'],
    ['POST', '/code', 'not json', 'JSON'],
    ['POST', '/code', '[]', 'JSON'],
    ['POST', '/code', '['.repeat(9_000), 'JSON'],
  ])('%s %s with %j is a 400 that names %4$s', async (method, path, body, named) => {
    const answer = await call(method, path, body)
    expect([answer.status, answer.body.error.code]).toEqual([400, 'INVALID_INPUT'])
    expect(answer.body.error.message).toContain(named)
  })

  test.each([
    ['GET', '/trades/NOWHERE', 404],
    ['POST', '/notifications/none/send', 404],
    ['GET', '/refunds/NOWHERE', 404],
    ['POST', '/refunds/NOWHERE/settle', 404],
    ['GET', '/shipments/NOWHERE', 404],
    ['GET', '/refunds', 405],
    ['GET', '/subscriptions', 405],
    ['DELETE', '/faults/none', 404],
    ['GET', '/nothing', 404],
    ['DELETE', '/clock', 405],
    ['GET', '/code', 405],
    ['GET', '/trades/%E0%A4%A', 400],
  ])('%s %s is a %i as JSON', async (method, path, status) => {
    const answer = await call(method, path)
    expect(answer.status).toBe(status)
    expect(typeof answer.body.error.message).toBe('string')
  })

  test('without the token, with a wrong one, or with most of it: 401', async () => {
    const { controlToken, controlUrl } = sandbox.info
    for (const token of ['', 'wrong', controlToken.slice(0, -1), `${controlToken}x`]) {
      expect((await call('GET', '/clock', undefined, token)).status).toBe(401)
    }
    const none = await send(`${controlUrl}/nothing`)
    expect(none.status).toBe(401)
  })

  test('a body over 100 KB is a 413', async () => {
    const answer = await call('POST', '/code', JSON.stringify({ openid: 'o'.repeat(110_000) }))
    expect([answer.status, answer.body.error.code]).toEqual([413, 'TOO_LARGE'])
  })
})

describe('the console', () => {
  const look = async (path: string, token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    return send(`${sandbox.info.controlUrl}${path}`, { headers })
  }
  const secrets = () => {
    const { v2Key, v3Key, appSecret, controlToken } = sandbox.info
    return [v2Key, v3Key, appSecret, controlToken, 'PRIVATE KEY']
  }

  test('is opened by consoleUrl, whose token never leaves the browser', async () => {
    const { consoleUrl, controlUrl, controlToken } = sandbox.info
    expect(consoleUrl).toBe(`${controlUrl}/#token=${controlToken}`)
    // A client that sends the fragment all the same gets the page.
    expect((await send(consoleUrl)).status).toBe(200)
  })

  test('shows trades, refunds, notifications, messages, shipments and books on loopback, without keys', async () => {
    await merchant.prepay({ out_trade_no: 'PAGE-0001', description: '</script><script>alert(1)</script>' })
    await merchant.buy({ out_trade_no: 'PAGE-0002' })
    await merchant.refund('PAGE-0002', { out_refund_no: 'PAGE-R1' })
    await sandbox.control.moveClock({ advanceMs: 10_000 })
    sandbox.control.subscribe({ openid: 'openid-alice', templateId: 'PAGE-T1' })
    const { access_token: token } = await api('/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid: sandbox.info.appid,
      secret: sandbox.info.appSecret,
    })
    await api(`/cgi-bin/message/subscribe/send?access_token=${token}`, {
      touser: 'openid-alice',
      template_id: 'PAGE-T1',
      data: { thing1: { value: '<b>PAGE-M1' } },
    })
    await merchant.buy({ out_trade_no: 'PAGE-0003' })
    await sandbox.control.moveClock({ advanceMs: 10_000 })
    await api(`/wxa/sec/order/upload_shipping_info?access_token=${token}`, {
      order_key: { order_number_type: 1, mchid: sandbox.info.mchid, out_trade_no: 'PAGE-0003' },
      logistics_type: 1,
      delivery_mode: 1,
      shipping_list: [{ tracking_no: 'PAGE-S1', express_company: 'YTO', item_desc: '咖啡' }],
      upload_time: '2026-11-22T10:00:10.120+08:00',
      payer: { openid: 'openid-alice' },
    })
    await session(login(sandbox.control.createCode({ openid: 'openid-bob' }).code))
    const { status, headers, body } = await look('/')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(body).not.toContain('alert(1)</script>')
    const [, first = ''] = /id="first-state">(.*?)<\/script>/.exec(body) ?? []
    const state = JSON.parse(first)
    expect(state.trades.slice(0, 3).map((trade: { outTradeNo: string }) => trade.outTradeNo)).toEqual([
      'PAGE-0003',
      'PAGE-0002',
      'PAGE-0001',
    ])
    expect(state.refunds[0]).toMatchObject({ outRefundNo: 'PAGE-R1', state: 'SUCCESS' })
    expect(state.messages[0].data).toEqual({ thing1: '<b>PAGE-M1' })
    expect(state.shipments[0].parcels[0]).toMatchObject({ trackingNo: 'PAGE-S1' })
    expect(state.money.sumFen).toBe(0)
    expect(state.requests.map((request: { path: string }) => request.path).join()).toContain('access_token=…')
    const details = await Promise.all(
      state.requests.map(async ({ id }: { id: string }) => (await look(`/console/requests/${id}`)).body),
    )
    for (const secret of [...secrets(), token]) {
      expect(body).not.toContain(secret)
      expect(details.join('')).not.toContain(secret)
    }
  })

  test('a request is shown with the string that had to be signed, and why its signature failed', async () => {
    await merchant.v3('GET', '/v3/certificates', undefined, { signedBody: '{}' })
    const { requests } = JSON.parse((await look('/console/state')).body)
    expect(requests[0]).toMatchObject({ code: 'SIGN_ERROR', isSignatureFault: true, status: 401 })
    const { signature } = JSON.parse((await look(`/console/requests/${requests[0].id}`)).body)
    expect(signature.ok).toBe(false)
    expect(signature.finding).toContain('{}')
    expect(signature.signed).toMatch(/\n\{\}\n$/)
    expect(signature.expected).toMatch(/^GET\n\/v3\/certificates\n\d+\n[0-9a-f]{32}\n\n$/)
  })

  test('its picture arrives as an event at once, and again when something changes', async () => {
    const { hostname, port } = new URL(sandbox.info.controlUrl)
    const events: string[] = []
    await new Promise<void>((resolve, reject) => {
      const incoming = request({ hostname, port, path: '/console/events' }, (answer) => {
        expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
        let text = ''
        answer.on('data', (chunk) => {
          text += chunk
          const complete = text.split('\n\n')
          text = complete.pop() ?? ''
          for (const block of complete) if (block.startsWith('data: ')) events.push(block.slice(6))
          if (events.length === 1) sandbox.control.addFault({ fault: 'reset', match: { path: '/event' } })
          if (events.length >= 2) {
            incoming.destroy()
            resolve()
          }
        })
      })
      incoming.on('error', (error) => (events.length >= 2 ? undefined : reject(error)))
      incoming.end()
    })
    const last = JSON.parse(events[1] ?? '')
    expect(last.faults.at(-1).match).toEqual({ path: '/event' })
  })

  test('keys are for whoever has the token, in the form of six SDKs', async () => {
    expect((await look('/console/keys')).status).toBe(401)
    const { sdks, info } = JSON.parse((await look('/console/keys', sandbox.info.controlToken)).body)
    expect(sdks).toHaveLength(6)
    for (const { text } of sdks) expect(text).toContain(sandbox.info.mchid)
    expect(info.v3Key).toBe(sandbox.info.v3Key)
    expect(info.controlUrl).toBe(sandbox.info.controlUrl)
    expect(JSON.stringify({ sdks, info })).not.toContain(sandbox.info.controlToken)
  })

  test.each([
    ['/console/main.js', 'text/javascript; charset=utf-8'],
    ['/console/console.css', 'text/css; charset=utf-8'],
  ])('%s is one of its files, and no other file can be had', async (path, type) => {
    const file = await look(path)
    expect([file.status, file.headers['content-type']]).toEqual([200, type])
    for (const other of ['/console/..%2fpackage.json', '/console/package.json', '/console/toString'])
      expect((await look(other)).status).toBe(404)
    expect((await look('/console/requests/none')).status).toBe(404)
    expect((await look('/console/notifications/none')).status).toBe(404)
  })

  test('everything can be cleared: records go, keys, clock and books of zero stay', async () => {
    const { offsetMs } = sandbox.control.clock()
    expect((await call('POST', '/clear', {})).body).toEqual({})
    const state = JSON.parse((await look('/console/state')).body)
    expect(state.counts).toEqual({
      trades: 0,
      refunds: 0,
      notifications: 0,
      requests: 0,
      entries: 0,
      faults: 0,
      messages: 0,
      shipments: 0,
    })
    expect([state.balances, state.money.sumFen]).toEqual([[], 0])
    expect(sandbox.control.clock().offsetMs).toBe(offsetMs)
    await merchant.buy({ out_trade_no: 'PAGE-0001' })
    expect(sandbox.control.ledger({}).entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })

  test('a site that points its own name at this machine gets nothing', async () => {
    const { hostname, port } = new URL(sandbox.info.consoleUrl)
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path: '/', headers: { Host: 'evil.example.com' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(401)
  })
})
