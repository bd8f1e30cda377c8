/** @module The preview's server: who may act, where requests may go, and what the pay platform is asked. */
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type Preview, type PreviewOptions, PreviewOptionsError, startPreview } from 'miniprogram-preview'

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

const asked: unknown[] = []
let arrived: {
  method?: string | undefined
  url?: string | undefined
  headers: http.IncomingHttpHeaders
  body: string
}[] = []
let protocol = 'v3'
let preview: Preview
let api: http.Server
let elsewhere: http.Server
let token = ''
const appRoot = fs.mkdtempSync(path.join(os.tmpdir(), 'preview-server-'))

const listen = async (server: http.Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Sends the path exactly as given; fetch and URL would tidy it up. */
const send = (
  target: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(preview.url)
    const request = http.request(
      { hostname, port, path: target, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })

const post = (name: string, body: object, headers: Record<string, string> = {}) =>
  send(`/-/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-preview-token': token, ...headers },
    body: JSON.stringify(body),
  })

const write = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(appRoot, name)), { recursive: true })
  fs.writeFileSync(path.join(appRoot, name), text)
}

const options = (): PreviewOptions => ({
  appRoot,
  title: '<b>店</b>',
  requestDomains: {},
  shoppers: [
    { openid: 'oA', name: '小张' },
    { openid: 'oB', name: '</script>' },
  ],
  platform: {
    login: async (input) => {
      asked.push(['login', input])
      return { code: 'c-1' }
    },
    openCashier: async (input) => {
      asked.push(['openCashier', input])
      return { ok: true, payee: '店', description: '豆', amountFen: 1 }
    },
    finishPayment: async (input) => {
      asked.push(['finishPayment', input])
      return { errMsg: 'requestPayment:ok' }
    },
    messages: {
      templates: [{ templateId: 't-1', title: '退款结果通知', keywords: { thing1: '备注' } }],
      allow: async (input) => {
        asked.push(['allow', input])
      },
      delivered: async ({ openid }) => [
        { id: 7, templateId: 't-1', page: 'a', data: { thing1: `给 ${openid}` } },
      ],
    },
  },
  panel: {
    links: [
      { label: '文档', href: 'http://docs.example/' },
      { label: '控制台', href: async () => `http://console.example/#token=${protocol}` },
    ],
    switches: [
      {
        id: 'protocol',
        label: '协议',
        options: [
          { value: 'v3', label: 'APIv3' },
          { value: 'v2', label: 'APIv2' },
        ],
        get: async () => protocol,
        set: async (value) => {
          protocol = value
        },
      },
    ],
  },
})

beforeAll(async () => {
  write('app.json', '{ "pages": ["a"] }')
  write('a.js', 'Page({})')
  write('a.wxml', '<view>a</view>')
  api = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      arrived.push({ method: request.method, url: request.url, headers: request.headers, body })
      if (request.url === '/away') response.writeHead(302, { location: `${elsewhereUrl}/secret` }).end()
      else if (request.url === '/moved') response.writeHead(302, { location: '/here?x=1' }).end()
      else response.writeHead(201, { 'x-request-id': 'r 1', 'set-cookie': ['a=1', 'b=2'] }).end('made')
    })
  })
  elsewhere = http.createServer((_request, response) => response.end('secret'))
  const elsewhereUrl = await listen(elsewhere)
  const apiUrl = await listen(api)
  preview = await startPreview({
    ...options(),
    requestDomains: {
      'https://api.example.test': apiUrl,
      'https://closed.example.test': 'http://127.0.0.1:9',
    },
  })
  token = /"token":"([^"]+)"/.exec((await send('/phone?openid=oA')).text)?.[1] ?? ''
})
beforeEach(() => {
  asked.length = 0
  arrived = []
})
afterAll(async () => {
  await preview.close()
  api.close()
  elsewhere.close()
  fs.rmSync(appRoot, { recursive: true, force: true })
})

describe('pages', () => {
  test('a phone knows its shopper, and a name cannot end the script it stands in', async () => {
    const { status, text, headers } = await send('/phone?openid=oB')
    expect(status).toBe(200)
    expect(text).toContain('"shopper":{"openid":"oB","name":"\\u003c/script>"}')
    expect(headers['content-security-policy']).toContain("frame-ancestors 'self'")
    expect(headers['cache-control']).toBe('no-store')
  })

  test('a shopper nobody named has no phone', async () => {
    expect((await send('/phone?openid=oX')).status).toBe(404)
  })

  test('it carries links, those that are known only later as they are now', async () => {
    const page = await (await fetch(preview.url)).text()
    const config = JSON.parse(/id="shell-config"[^>]*>([^<]*)</.exec(page)?.[1] ?? '{}')
    expect(config.links).toEqual([
      { label: '文档', href: 'http://docs.example/' },
      { label: '控制台', href: `http://console.example/#token=${protocol}` },
    ])
  })

  test('the page around the phones carries switches with their present value', async () => {
    expect((await send('/')).text).toContain('"id":"protocol","label":"协议"')
  })

  test('files are answered with a validator, and not again while they are the same', async () => {
    const first = await send('/mp.js')
    expect(first.status).toBe(200)
    const again = await send('/mp.js', { headers: { 'if-none-match': String(first.headers.etag) } })
    expect([again.status, again.text]).toEqual([304, ''])
  })

  test.each([
    '/../package.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/assets/../../x',
    '/a%00b',
    '/'.repeat(3),
  ])('nothing outside of the compiled folder is served: %s', async (target) => {
    const { status } = await send(target)
    expect(status).toBe(404)
  })

  test('a link that leads outside is not followed', async () => {
    const outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'preview-link-'))
    const other = await startPreview({ ...options(), outDir })
    fs.symlinkSync(path.join(appRoot, 'app.json'), path.join(outDir, 'link.json'))
    expect((await fetch(`${other.url}link.json`)).status).toBe(404)
    await other.close()
    fs.rmSync(outDir, { recursive: true })
  }, 30_000)
})

describe('other web pages', () => {
  test('cannot act without the token of this start', async () => {
    expect((await post('login', { openid: 'oA' }, { 'x-preview-token': '' })).status).toBe(403)
    expect((await post('login', { openid: 'oA' }, { 'x-preview-token': 'guess' })).status).toBe(403)
    expect((await send('/-/request/0/x')).status).toBe(403)
    expect(asked).toEqual([])
    expect(arrived).toEqual([])
  })

  test('cannot act from another origin, even with the token', async () => {
    expect((await post('cashier/open', {}, { origin: 'http://evil.example' })).status).toBe(403)
    expect((await post('login', { openid: 'oA' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(asked).toEqual([])
  })

  test('cannot read the token under a foreign name for this address', async () => {
    const { status, text } = await send('/phone?openid=oA', { headers: { host: 'evil.example' } })
    expect(status).toBe(421)
    expect(text).not.toContain(token)
  })

  test('get no permission from CORS', async () => {
    const { headers } = await send('/phone?openid=oA', { headers: { origin: 'http://evil.example' } })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('the pay platform', () => {
  const params = { timeStamp: '1', nonceStr: 'n', package: 'prepay_id=wx1', signType: 'RSA', paySign: 's' }

  test('is asked to sign in the shopper who holds the phone', async () => {
    const { status, text } = await post('login', { openid: 'oB' })
    expect([status, text]).toEqual([200, '{"code":"c-1"}'])
    expect(asked).toEqual([['login', { openid: 'oB' }]])
  })

  test('sees the payment parameters and what the payer did, and nothing else', async () => {
    await post('cashier/open', { ...params, openid: 'oA', amountFen: 1 })
    await post('cashier/finish', { ...params, openid: 'oA', action: 'pay' })
    expect(asked).toEqual([
      ['openCashier', { ...params, openid: 'oA' }],
      ['finishPayment', { ...params, openid: 'oA', action: 'pay' }],
    ])
  })

  test('is told which messages somebody allowed, and asked what reached them', async () => {
    expect((await post('messages/allow', { openid: 'oA', templateIds: ['t-1'] })).status).toBe(200)
    expect(asked).toEqual([['allow', { openid: 'oA', templateIds: ['t-1'] }]])
    const { text } = await post('messages/delivered', { openid: 'oB' })
    expect(JSON.parse(text)).toEqual({
      messages: [{ id: 7, templateId: 't-1', page: 'a', data: { thing1: '给 oB' } }],
    })
  })

  test.each([
    [
      'a template nobody has',
      'messages/allow',
      { openid: 'oA', templateIds: ['t-2'] },
      'expected "templateIds" as a list of known templates',
    ],
    ['someone who holds no phone', 'login', { openid: 'oX' }, 'expected "openid" to be one of the shoppers'],
    [
      'a missing parameter',
      'cashier/open',
      { openid: 'oA', timeStamp: '1' },
      'expected "nonceStr" as a string',
    ],
    [
      'an action nobody knows',
      'cashier/finish',
      { ...params, openid: 'oA', action: 'refund' },
      'expected "action" as pay, cancel or fail',
    ],
  ])('is not asked for %s', async (_name, name, body, error) => {
    const { status, text } = await post(name, body)
    expect([status, JSON.parse(text)]).toEqual([400, { error }])
    expect(asked).toEqual([])
  })

  test('is not asked with a body that is too large', async () => {
    expect((await post('login', { openid: 'oA', filler: 'x'.repeat(40_000) })).status).toBe(413)
  })
})

test('a phone of somebody unknown is a page that says whose phones there are', async () => {
  const { status, headers, text } = await send('/phone?openid=%3Cb%3EoX')
  expect(status).toBe(404)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(text).toContain('没有这个人的手机')
  expect(text).toContain('<a href="phone?openid=oA">小张</a>')
  expect(text).toContain('&lt;/script&gt;')
  expect(text).not.toContain('<b>oX')
})

test('a switch takes one of its options and answers with what is in force', async () => {
  expect((await post('switch', { id: 'protocol', value: 'v2' })).text).toBe('{"value":"v2"}')
  expect(protocol).toBe('v2')
  expect((await post('switch', { id: 'protocol', value: 'v4' })).status).toBe(400)
})

describe('wx.request on its way', () => {
  test('carries method, body and the program’s own headers, and nothing of the browser’s', async () => {
    const answer = await send('/-/request/0/v1/orders?a=1', {
      method: 'POST',
      headers: {
        'x-preview-token': token,
        'x-mp-content-type': 'application%2Fjson',
        'x-mp-authorization': 'Bearer%20t',
        'x-mp-host': 'evil.example',
        cookie: 'session=browser',
        'accept-language': 'de',
      },
      body: '{"quantity":2}',
    })
    const seen = arrived[0]
    expect([seen?.method, seen?.url, seen?.body]).toEqual(['POST', '/v1/orders?a=1', '{"quantity":2}'])
    expect(seen?.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer t' })
    expect([
      seen?.headers.cookie,
      seen?.headers['accept-language'],
      seen?.headers['x-preview-token'],
    ]).toEqual([undefined, undefined, undefined])
    expect(seen?.headers.host).toMatch(/^127\.0\.0\.1:/)
    expect([answer.status, answer.text]).toEqual([201, 'made'])
  })

  test('gives the program cookies and headers without giving them to the browser', async () => {
    const { headers } = await send('/-/request/0/', { headers: { 'x-preview-token': token } })
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers['x-mp-set-cookie']).toBe('a%3D1%0Ab%3D2')
  })

  test('goes to declared origins only', async () => {
    const headers = { 'x-preview-token': token }
    expect((await send('/-/request/7/x', { headers })).status).toBe(404)
    const twisted = await send('/-/request/0//evil.example/x', { headers })
    expect(twisted.status).toBe(404)
    const away = await send('/-/request/0/away', { headers })
    expect([away.status, away.headers['x-preview-failure']]).toEqual([
      502,
      encodeURIComponent('redirect to a url not in domain list'),
    ])
    expect(away.text).toBe('')
  })

  test('follows a redirect that stays inside', async () => {
    const { status } = await send('/-/request/0/moved', { headers: { 'x-preview-token': token } })
    expect([status, arrived.map(({ url }) => url)]).toEqual([201, ['/moved', '/here?x=1']])
  })

  test('says when nobody answers there', async () => {
    const { status, headers } = await send('/-/request/1/', { headers: { 'x-preview-token': token } })
    expect([status, headers['x-preview-failure']]).toEqual([
      502,
      expect.stringContaining('ERR_CONNECTION_REFUSED'),
    ])
  })

  test('refuses a body above 10 MB', async () => {
    const { status, headers } = await send('/-/request/0/v1/upload', {
      method: 'POST',
      headers: { 'x-preview-token': token },
      body: 'x'.repeat(10 * 1024 * 1024 + 1),
    })
    expect([status, headers['x-preview-failure']]).toEqual([
      502,
      encodeURIComponent('request body is larger than 10 MB'),
    ])
  })

  test('pictures need no token, but can only be read', async () => {
    expect((await send('/-/file/0/a.png')).status).toBe(201)
    expect((await send('/-/file/0/a.png', { method: 'POST' })).status).toBe(405)
  })
})

describe('options that cannot work are named', () => {
  test.each([
    ['no shopper', { shoppers: [] }, 'shoppers: name at least one shopper'],
    [
      'a domain with a path',
      { requestDomains: { 'https://a.test/v1': 'http://127.0.0.1:1' } },
      'requestDomains key "https://a.test/v1"',
    ],
    [
      'a target that is no address',
      { requestDomains: { 'https://a.test': 'localhost:1' } },
      'requestDomains["https://a.test"]',
    ],
  ])('%s', async (_name, change, message) => {
    const failure = await startPreview({ ...options(), ...change }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(PreviewOptionsError)
    expect(String(failure)).toContain(message)
  })
})

test('a changed file is compiled again, and what is wrong with it reaches the phones', async () => {
  const watched = await startPreview({ ...options(), watch: true })
  const states: { version: number; problems: string[] }[] = []
  let notify: () => void = () => {}
  const events = http.get(`${watched.url}-/events`, (response) => {
    response.on('data', (chunk: Buffer) => {
      for (const match of chunk.toString().matchAll(/data: (.*)\n/g)) states.push(JSON.parse(match[1] ?? ''))
      notify()
    })
  })
  const until = async (check: () => boolean) => {
    while (!check()) {
      await new Promise<void>((resolve) => {
        notify = resolve
      })
    }
  }
  await until(() => states.length > 0)
  write('a.wxml', '<view>{{ a + }}</view>')
  await until(() => (states.at(-1)?.problems.length ?? 0) > 0)
  expect(states.at(-1)?.problems[0]).toMatch(/^a\.wxml:1:\d+ error: template:/)
  write('a.wxml', '<view>b</view>')
  await until(() => states.at(-1)?.problems.length === 0)
  events.destroy()
  await watched.close()
})
