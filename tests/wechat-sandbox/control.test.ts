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

describe('the page', () => {
  test('shows trades, notifications and books on loopback, without keys and without scripts', async () => {
    await merchant.prepay({ out_trade_no: 'PAGE-0001', description: '<script>alert(1)</script>' })
    const { status, headers, body } = await send(sandbox.info.consoleUrl)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body).toContain('PAGE-0001')
    expect(body).not.toContain('<script')
    const { v2Key, v3Key, appSecret, controlToken } = sandbox.info
    for (const secret of [v2Key, v3Key, appSecret, controlToken, 'PRIVATE KEY'])
      expect(body).not.toContain(secret)
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
