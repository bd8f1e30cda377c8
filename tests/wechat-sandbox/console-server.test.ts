/** The console's server: who may look, which rows it sends, and that what it keeps is bounded. */
import { request, ServerResponse } from 'node:http'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, fromXml, Merchant, START, send, toXml } from './merchant.ts'
import { ADDRESS_OUTSIDE } from './this-machine.ts'

const NOWHERE = 'http://127.0.0.1:9/wxpay/notify/payment'
let sandbox: Sandbox
let merchant: Merchant

beforeAll(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
afterAll(cleanUp)

async function look(path: string, headers: Record<string, string> = {}) {
  return send(`${sandbox.info.controlUrl}${path}`, { headers })
}

describe('who may look', () => {
  test.each(['/console/state', '/console/events', '/console/main.js', '/console/requests/1'])(
    'a page of another site gets nothing of %s, and takes no watcher’s place',
    async (path) => {
      for (const site of ['cross-site', 'same-site'])
        expect((await look(path, { 'Sec-Fetch-Site': site })).status).toBe(401)
    },
  )

  test('a link from another page of this machine opens the console', async () => {
    const page = await look('/', { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'navigate' })
    expect(page.status).toBe(200)
    expect(page.headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(page.headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(page.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('the page and what it looks at hold neither the token nor a key', async () => {
    sandbox.control.placeOrder({ amountFen: 1, notifyUrl: NOWHERE, outTradeNo: 'SECRET-01' })
    const { controlToken, v2Key, v3Key, appSecret } = sandbox.info
    for (const path of ['/', '/console/state', '/console/trades/SECRET-01', '/console/main.js']) {
      const { status, body } = await look(path)
      expect(status).toBe(200)
      for (const secret of [controlToken, v2Key, v3Key, appSecret]) expect(body).not.toContain(secret)
    }
  })

  describe('without the token, signatures are not shown, because what was lost on its way could still be sent on', () => {
    let own: Sandbox
    let shop: Merchant

    beforeAll(async () => {
      own = await aSandbox()
      shop = new Merchant(own)
    })

    const see = async (path: string, headers: Record<string, string> = {}) =>
      JSON.parse((await send(`${own.info.controlUrl}${path}`, { headers })).body)
    const newest = async (list: string) => (await see('/console/state'))[list][0].id
    /** As a stranger sees it, and as the owner does. */
    const both = async (path: string) => [
      await see(path),
      await see(path, { Authorization: `Bearer ${own.info.controlToken}` }),
    ]
    const sent = async () => {
      await own.control.moveClock({ advanceMs: 0 })
      return newest('notifications')
    }

    test('of a v3 request that a fault swallowed', async () => {
      const order = shop.order({ out_trade_no: 'SWALLOWED3' })
      own.control.addFault({ fault: 'drop-before' })
      await expect(shop.v3('POST', '/v3/pay/transactions/jsapi', order)).rejects.toThrow()
      const [shown, whole] = await both(`/console/requests/${await newest('requests')}`)
      expect(whole.headers.authorization).toMatch(/,signature="[A-Za-z0-9+/=]{344}",timestamp="\d{10}",/)
      expect(shown.headers.authorization).toMatch(/,signature="…",timestamp="\d{10}",/)
      expect(shown.body).toBe(whole.body)
      const again = { headers: { Authorization: shown.headers.authorization.replace('…', '') } }
      expect((await shop.v3('POST', '/v3/pay/transactions/jsapi', order, again)).status).toBe(401)
      expect(() => own.control.trade('SWALLOWED3')).toThrow()
    })

    test('of a v2 request that a fault swallowed', async () => {
      const members = shop.signed(shop.orderV2({ out_trade_no: 'SWALLOWED2' }))
      own.control.addFault({ fault: 'drop-before' })
      await expect(shop.v2('/pay/unifiedorder', members)).rejects.toThrow()
      const [shown, whole] = await both(`/console/requests/${await newest('requests')}`)
      expect(whole.body).toContain(members.sign)
      expect(JSON.stringify(shown)).not.toContain(members.sign)
      expect(shown.body).toContain('<sign>…</sign>')
      expect(shown.body).toContain('SWALLOWED2')
      expect((await shop.postXml('/pay/unifiedorder', shown.body)).fields.return_code).toBe('FAIL')
      expect(() => own.control.trade('SWALLOWED2')).toThrow()
    })

    test('nor where the end of a v2 request is not kept', async () => {
      const members = shop.orderV2({ out_trade_no: 'CUT-000002' })
      const long = toXml({ ...members, sign: 'A'.repeat(20_000), zz: 'z' })
      await shop.postXml('/pay/unifiedorder', long)
      const [shown, whole] = await both(`/console/requests/${await newest('requests')}`)
      expect([whole.isCut, whole.body.includes('AAAA'), shown.body.includes('AAAA')]).toEqual([
        true,
        true,
        false,
      ])
    })

    test('of a v2 answer', async () => {
      const { fields } = await shop.v2('/pay/unifiedorder', shop.orderV2({ out_trade_no: 'ANSWER-002' }))
      const [shown, whole] = await both(`/console/requests/${await newest('requests')}`)
      expect(whole.answer.body).toContain(fields.sign)
      expect(shown.answer.body).not.toContain(fields.sign)
      expect(shown.answer.body).toContain(fields.prepay_id)
    })

    test('of a v3 notification that did not arrive', async () => {
      await shop.buy({ out_trade_no: 'NOBODY-003', notify_url: NOWHERE })
      const [shown, whole] = await both(`/console/notifications/${await sent()}`)
      const signature = whole.attempts[0].request.headers['Wechatpay-Signature']
      expect(signature).toMatch(/^[A-Za-z0-9+/=]{344}$/)
      expect(JSON.stringify(shown)).not.toContain(signature)
      expect(shown.content).toEqual(whole.content)
    })

    test('of v2 notifications that did not arrive', async () => {
      await shop.buyV2({ out_trade_no: 'NOBODY-002', notify_url: NOWHERE })
      const [paid, paidWhole] = await both(`/console/notifications/${await sent()}`)
      const { sign } = fromXml(paidWhole.attempts[0].request.body)
      expect(sign).toMatch(/^[0-9A-F]{64}$/)
      expect(JSON.stringify(paid)).not.toContain(sign)
      await shop.refundV2({ out_trade_no: 'NOBODY-002', out_refund_no: 'R-NOBODY-2', notify_url: NOWHERE })
      own.control.settleRefund('R-NOBODY-2', { status: 'SUCCESS' })
      const [back, backWhole] = await both(`/console/notifications/${await sent()}`)
      const { req_info: reqInfo = '' } = fromXml(backWhole.attempts[0].request.body)
      expect(shop.openReqInfo(reqInfo)).toMatchObject({ refund_status: 'SUCCESS' })
      expect(JSON.stringify(back)).not.toContain(reqInfo.slice(0, 40))
    })
  })

  const ifReachable = ADDRESS_OUTSIDE === undefined ? test.skip : test

  ifReachable(
    'another machine that --host lets in gets the page, and with the token what is on it',
    async () => {
      const open = await aSandbox({ host: '0.0.0.0' })
      open.control.placeOrder({ amountFen: 1, notifyUrl: NOWHERE, outTradeNo: 'ELSEWHERE1' })
      const { port } = new URL(open.info.controlUrl)
      const from = (path: string, headers: Record<string, string> = {}) =>
        send(`http://${ADDRESS_OUTSIDE}:${port}${path}`, { headers })
      const page = await from('/')
      expect([page.status, page.body.includes('id="first-state">null<')]).toEqual([200, true])
      expect(page.body).not.toContain('ELSEWHERE1')
      expect((await from('/console/main.js')).status).toBe(200)
      expect((await from('/console/state')).status).toBe(401)
      const state = await from('/console/state', { Authorization: `Bearer ${open.info.controlToken}` })
      expect(JSON.parse(state.body).trades[0].outTradeNo).toBe('ELSEWHERE1')
    },
  )
})

describe('which rows are sent', () => {
  const state = async (query: string) => JSON.parse((await look(`/console/state?${query}`)).body)
  const numbers = (trades: readonly { outTradeNo: string }[]) => trades.map(({ outTradeNo }) => outTradeNo)

  beforeAll(async () => {
    for (let index = 1; index <= 120; index++) {
      const outTradeNo = `ROW${String(index).padStart(4, '0')}`
      sandbox.control.placeOrder({ amountFen: 1, notifyUrl: NOWHERE, outTradeNo })
    }
    await merchant.v3('GET', '/v3/certificates')
    await merchant.v3('GET', '/v3/certificates', undefined, { authorization: null })
  })

  test('the newest fifty, or as many as are asked for, up to five hundred', async () => {
    expect((await state('')).trades).toHaveLength(50)
    const more = await state('list=trades&rows=100')
    expect([more.trades.length, more.trades[0].outTradeNo, more.matching]).toEqual([100, 'ROW0120', 121])
    for (const rows of ['7', '-1', 'x', '100000']) {
      const { trades } = await state(`list=trades&rows=${rows}`)
      expect(trades.length).toBe(rows === '100000' ? 121 : 50)
    }
  })

  test('a search finds the oldest, whatever the case, and leaves the other lists alone', async () => {
    const found = await state('list=trades&find=row0001')
    expect([numbers(found.trades), found.matching]).toEqual([['ROW0001'], 1])
    expect(found.requests).toHaveLength(2)
    expect((await state('list=trades&find=ROW')).matching).toBe(120)
    expect(numbers((await state('list=trades&find=ROW')).trades).slice(0, 2)).toEqual(['ROW0120', 'ROW0119'])
    expect((await state('list=nonsense&find=row0001')).trades).toHaveLength(50)
  })

  test('only what failed, when that is asked for', async () => {
    const { requests, matching } = await state('list=requests&failed=1')
    expect([requests.map(({ code }: { code: string }) => code), matching]).toEqual([['SIGN_ERROR'], 1])
    expect((await state('list=requests&find=sign_error')).requests).toHaveLength(1)
    expect((await state('list=trades&failed=1')).trades).toEqual([])
  })
})

describe('one thing in full', () => {
  test('an order comes with what was paid, its refunds, notifications, requests and entries', async () => {
    await merchant.buy({ out_trade_no: 'WHOLE-01' })
    await merchant.refund('WHOLE-01')
    const detail = JSON.parse((await look('/console/trades/WHOLE-01')).body)
    expect(detail.trade).toMatchObject({
      state: 'REFUND',
      transactions: [{ paidFen: 1999, currency: 'CNY' }],
    })
    expect(detail.refunds).toMatchObject([{ outRefundNo: 'R-WHOLE-01', state: 'PROCESSING' }])
    expect(detail.notifications).toMatchObject([{ kind: 'payment', about: 'WHOLE-01' }])
    expect(detail.requests.map(({ path }: { path: string }) => path)).toEqual([
      '/v3/refund/domestic/refunds',
      '/v3/pay/transactions/jsapi',
    ])
    expect(detail.entries.reduce((sum: number, { fen }: { fen: number }) => sum + fen, 0)).toBe(0)
    expect(JSON.parse((await look('/console/refunds/R-WHOLE-01')).body)).toMatchObject({
      refund: { outTradeNo: 'WHOLE-01' },
      requests: [{ about: 'R-WHOLE-01' }],
    })
  })

  test.each(['trades', 'refunds', 'requests', 'notifications'])('none of the %s is 404', async (kind) => {
    expect((await look(`/console/${kind}/none`)).status).toBe(404)
    expect((await look(`/console/${kind}/%E0%A4%A`)).status).toBe(400)
  })
})

test('the last 300 requests are kept, 16 KB of each body', async () => {
  const watched = await aSandbox()
  const url = `${watched.info.baseUrl}/v3/pay/transactions/jsapi`
  for (let round = 0; round < 32; round++) {
    await Promise.all(
      Array.from({ length: 10 }, () =>
        send(url, { method: 'POST', body: 'a'.repeat(64 * 1024), ca: watched.caPem }),
      ),
    )
  }
  const see = async (path: string) => JSON.parse((await send(`${watched.info.controlUrl}${path}`)).body)
  const { counts, requests } = await see('/console/state?list=requests&rows=500')
  expect([counts.requests, requests.length, requests[0].id, requests.at(-1).id]).toEqual([
    300,
    300,
    '320',
    '21',
  ])
  const { body, isCut } = await see('/console/requests/320')
  expect([body.length, isCut]).toEqual([16_384, true])
})

describe('a picture that can’t be drawn', () => {
  /** No instant of JavaScript. */
  const NEVER = 9e15

  test('ends the stream it was for, at its start as later, and nothing else', async () => {
    const time = { now: START }
    const log: unknown[] = []
    const watched = await aSandbox({ time, log: (event, fields) => log.push([event, fields.error]) })
    const { controlUrl } = watched.info
    const arrived: string[] = []
    await new Promise<void>((resolve, reject) => {
      const watching = request(`${controlUrl}/console/events`, (answer) => {
        answer.on('data', (chunk) => {
          arrived.push(String(chunk))
          if (!arrived.join('').includes('data: ') || time.now === NEVER) return
          time.now = NEVER
          watched.control.addFault({ fault: '500' })
        })
        answer.on('error', () => {})
        answer.on('close', resolve)
      })
      watching.on('error', reject)
      watching.end()
    })
    expect(arrived.join('').match(/^data: /gm)).toHaveLength(1)
    expect((await send(`${controlUrl}/console/state`)).status).toBe(500)
    await expect(send(`${controlUrl}/console/events`)).rejects.toThrow()
    const failed = ['control.failed', 'RangeError: Invalid time value']
    expect(log).toEqual([failed, failed, failed])
    time.now = START
    expect((await send(`${controlUrl}/console/state`)).status).toBe(200)
  })
})

test('an answer that breaks after it began is broken off, not answered once more', async () => {
  const { controlUrl, controlToken } = sandbox.info
  const clock = () => send(`${controlUrl}/clock`, { headers: { Authorization: `Bearer ${controlToken}` } })
  const broken = jest.spyOn(ServerResponse.prototype, 'end').mockImplementationOnce(() => {
    throw new Error('no more')
  })
  await expect(clock()).rejects.toThrow('socket hang up')
  broken.mockRestore()
  expect((await clock()).status).toBe(200)
})

test('two thousand changes at once are one more picture, not two thousand', async () => {
  const { hostname, port } = new URL(sandbox.info.controlUrl)
  const pictures: string[] = []
  await new Promise<void>((resolve, reject) => {
    const watching = request({ hostname, port, path: '/console/events' }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        const events = (text + chunk).split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) if (event.startsWith('data: ')) pictures.push(event.slice(6))
        if (pictures.length === 1) {
          for (let index = 0; index < 2_000; index++)
            sandbox.control.placeOrder({ amountFen: 1, notifyUrl: NOWHERE })
        }
        if (pictures.length > 1) {
          watching.destroy()
          resolve()
        }
      })
    })
    watching.on('error', (error) => (pictures.length > 1 ? undefined : reject(error)))
    watching.end()
  })
  expect(pictures.length).toBe(2)
  expect(JSON.parse(pictures[1] ?? '').counts.trades).toBeGreaterThanOrEqual(2_000)
})

describe('a request that nobody could read is among the requests all the same', () => {
  const newest = async () => {
    const { requests } = JSON.parse((await look('/console/state')).body)
    return JSON.parse((await look(`/console/requests/${requests[0].id}`)).body)
  }
  const long = Buffer.alloc(300_000, 'a')

  test('a path that api.weixin.qq.com does not have', async () => {
    const url = `${sandbox.info.apiBaseUrl}/cgi-bin/stabletoken`
    expect((await send(url, { method: 'POST', body: '{"a":1}', ca: sandbox.caPem })).status).toBe(404)
    expect(await newest()).toMatchObject({
      host: 'api',
      path: '/cgi-bin/stabletoken',
      body: '{"a":1}',
      answer: { status: 404 },
    })
  })

  test.each([
    ['baseUrl', '/v3/pay/transactions/jsapi', 'v3', 413],
    ['baseUrl', '/pay/unifiedorder', 'v2', 200],
    ['apiBaseUrl', '/cgi-bin/stable_token', 'platform', 404],
  ] as const)('a body that is too long, at %s%s', async (base, path, protocol, status) => {
    const answer = await send(`${sandbox.info[base]}${path}`, {
      method: 'POST',
      body: long,
      ca: sandbox.caPem,
    })
    expect(answer.status).toBe(status)
    expect(await newest()).toMatchObject({
      protocol,
      path,
      body: '(longer than 262144 bytes: not kept)',
      answer: { status },
    })
  })

  test('a caller who does not trust our authority is said to the log', async () => {
    const events: string[] = []
    const { info } = await aSandbox({ log: (event) => events.push(event) })
    await expect(send(info.baseUrl, {})).rejects.toThrow(/certificate/)
    // The alert is on its way when the caller has already given up.
    while (!events.includes('tls.failed')) await new Promise(setImmediate)
  })
})
