/** Peers that are slow, silent, many or strange: the sandbox stays up, and ends when it is told to. */
import { createSign } from 'node:crypto'
import { mkdirSync, rmSync, utimesSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { aSandbox, cleanUp, Merchant, newDirectory, START, send } from './merchant.ts'

const open: Socket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
})
afterAll(cleanUp)

const portOf = (url: string) => Number(new URL(url).port)

function tcp(url: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: '127.0.0.1', port: portOf(url) }, () => resolve(socket))
    open.push(socket)
    socket.on('error', reject)
  })
}

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve())))

/** All that comes back until the line is cut. */
function talk(url: string, ca: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const { hostname } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    const socket = connectTls({ host, port: portOf(url), ca }, () => socket.write(bytes))
    open.push(socket)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => resolve(answer))
    socket.on('close', () => resolve(answer))
  })
}

describe('the end is not held up', () => {
  test('by a connection that never begins its TLS, on any port', async () => {
    const sandbox = await aSandbox()
    const { baseUrl, apiBaseUrl, controlUrl } = sandbox.info
    const waiting = await Promise.all([baseUrl, apiBaseUrl, controlUrl].map(tcp))
    await sandbox.close()
    await Promise.all(waiting.map(ended))
  })

  test('by half a request, nor by a tunnel nobody talks through', async () => {
    const sandbox = await aSandbox()
    const half = connectTls({
      host: '127.0.0.1',
      port: portOf(sandbox.info.baseUrl),
      ca: sandbox.caPem,
    })
    open.push(half)
    half.on('error', () => {})
    await new Promise<void>((resolve) => half.once('secureConnect', () => resolve()))
    half.write('POST /pay/unifiedorder HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n<xml>')
    const tunnel = await tcp(sandbox.info.controlUrl)
    tunnel.write('CONNECT api.mch.weixin.qq.com:443 HTTP/1.1\r\nHost: api.mch.weixin.qq.com:443\r\n\r\n')
    await new Promise<void>((resolve) => tunnel.once('data', () => resolve()))
    await sandbox.close()
    await Promise.all([half, tunnel].map(ended))
  })
})

test('more connections than two thousand are hung up on, and those before them are served', async () => {
  const sandbox = await aSandbox()
  const { controlUrl } = sandbox.info
  // A hundred at a time: more than a listening queue holds would have to knock again.
  for (let n = 0; n < 20; n++) await Promise.all(Array.from({ length: 100 }, () => tcp(controlUrl)))
  const one = await tcp(controlUrl)
  await ended(one)
  const first = open[0]
  first?.write('GET /clock HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  const answer = await new Promise<string>((resolve) => first?.once('data', (data) => resolve(String(data))))
  expect(answer).toMatch(/^HTTP\/1\.1 401 /)
})

describe('odd ways to speak HTTP', () => {
  const signedQuery = (merchant: Merchant, version: string, more = '') => {
    const { mchid } = merchant.sandbox.info
    const path = `/v3/pay/transactions/out-trade-no/NOBODY-1?mchid=${mchid}`
    return `GET ${path} ${version}\r\n${more}Accept: */*\r\n\r\n`
  }

  test('HTTP/1.0 without a Host is answered, and the line closed', async () => {
    const sandbox = await aSandbox()
    const answer = await talk(
      sandbox.info.baseUrl,
      sandbox.caPem,
      signedQuery(new Merchant(sandbox), 'HTTP/1.0'),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).toContain('"code":"SIGN_ERROR"')
    expect(answer).toMatch(/Connection: close/i)
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  )
  test.each([['127.0.0.1', '127.0.0.1'], ...(hasIpv6 ? [['::1', '[::1]']] : [])])(
    'HTTP/1.0 without a Host at %s is given download addresses at %s',
    async (host, shown) => {
      const sandbox = await aSandbox({ host })
      const merchant = new Merchant(sandbox)
      await merchant.buy({})
      await sandbox.control.moveClock({ to: '2026-11-23T10:01:00+08:00' })
      const path = '/v3/bill/tradebill?bill_date=2026-11-22'
      const timestamp = String(Math.floor(START / 1_000))
      const message = `GET\n${path}\n${timestamp}\nn\n\n`
      const signature = createSign('RSA-SHA256').update(message).sign(merchant.key, 'base64')
      const { mchid, serialNo, baseUrl } = sandbox.info
      const authorization = `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="n",signature="${signature}",timestamp="${timestamp}",serial_no="${serialNo}"`
      const head = `GET ${path} HTTP/1.0\r\nAccept: */*\r\nUser-Agent: old\r\nAuthorization: ${authorization}\r\n\r\n`
      const answer = await talk(baseUrl, sandbox.caPem, head)
      expect(answer).toContain(`"download_url":"https://${shown}:${portOf(baseUrl)}/v3/billdownload/file?`)
    },
  )

  test('HTTP/1.1 without a Host is a 400', async () => {
    const sandbox = await aSandbox()
    const request = signedQuery(new Merchant(sandbox), 'HTTP/1.1')
    expect(await talk(sandbox.info.baseUrl, sandbox.caPem, request)).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('three requests at once on one line have three answers, in their order', async () => {
    const sandbox = await aSandbox()
    const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
    const answer = await talk(
      sandbox.info.baseUrl,
      sandbox.caPem,
      request('/nowhere') +
        request('/v3/refund/domestic/refunds') +
        request('/v3/certificates', 'Connection: close\r\n'),
    )
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '404',
      '405',
      '400',
    ])
  })

  test('CONNECT and an upgrade are no way past the pay host', async () => {
    const sandbox = await aSandbox()
    const connect = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'
    expect(await talk(sandbox.info.baseUrl, sandbox.caPem, connect)).toBe('')
    const upgrade =
      'GET /v3/certificates HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n'
    expect(await talk(sandbox.info.baseUrl, sandbox.caPem, upgrade)).toMatch(/^HTTP\/1\.1 400 /)
    await new Merchant(sandbox).prepay({})
  })

  test('two lengths, a length and chunks, a length below zero, chunks that are none: 400, nothing is smuggled', async () => {
    const sandbox = await aSandbox()
    for (const framing of [
      'Content-Length: 5\r\nContent-Length: 6\r\n\r\n<xml>',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n',
      'Content-Length: -1\r\n\r\n',
      'Transfer-Encoding: chunked\r\n\r\nZZ\r\n',
    ]) {
      const answer = await talk(
        sandbox.info.baseUrl,
        sandbox.caPem,
        `POST /pay/unifiedorder HTTP/1.1\r\nHost: a\r\n${framing}`,
      )
      expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['400'])
    }
  })

  test('ten thousand headers are a 431', async () => {
    const sandbox = await aSandbox()
    const headers = Array.from({ length: 10_000 }, (_, n) => `X-${n}: 1\r\n`).join('')
    const answer = await talk(
      sandbox.info.baseUrl,
      sandbox.caPem,
      `GET /v3/certificates HTTP/1.1\r\nHost: a\r\n${headers}\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('ten megabytes are refused in the words of their protocol, and the line is closed', async () => {
    const sandbox = await aSandbox()
    const long = Buffer.alloc(10 * 1024 * 1024, 'x')
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${long.length}\r\n\r\n`
    const v3 = await talk(
      sandbox.info.baseUrl,
      sandbox.caPem,
      Buffer.concat([Buffer.from(head('/v3/pay/transactions/jsapi')), long]),
    )
    expect(v3).toMatch(/^HTTP\/1\.1 413 /)
    const v2 = await talk(
      sandbox.info.baseUrl,
      sandbox.caPem,
      Buffer.concat([Buffer.from(head('/pay/unifiedorder')), long]),
    )
    expect(v2).toMatch(/^HTTP\/1\.1 200 /)
    expect(v2).toContain('<return_code><![CDATA[FAIL]]></return_code>')
  })
})

describe('XML that is a bomb, a door or a trap is not well-formed here', () => {
  const lol = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')
  test.each([
    ['a billion laughs', `<!DOCTYPE xml [<!ENTITY l0 "lol">${lol}]><xml><body>&l9;</body></xml>`],
    [
      'an external entity',
      '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><body>&f;</body></xml>',
    ],
    ['an external DTD', '<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd"><xml><body>1</body></xml>'],
    ['an unknown entity', '<xml><body>&nbsp;</body></xml>'],
    ['nesting without end', `${'<xml>'.repeat(10_000)}${'</xml>'.repeat(10_000)}`],
    [
      'an inclusion',
      '<xml xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></xml>',
    ],
    ['a stylesheet', '<?xml-stylesheet href="x"?><xml><body>1</body></xml>'],
    ['a member twice', '<xml><total_fee>1</total_fee><total_fee>100</total_fee></xml>'],
    ['a member of Object.prototype', '<xml><__proto__><mch_id>1</mch_id></__proto__></xml>'],
    ['a character that XML has not', '<xml><body>&#0;</body></xml>'],
    ['half a surrogate', '<xml><body>&#xD800;</body></xml>'],
    ['a comment', '<xml><body>a<!-- -->b</body></xml>'],
    ['an attribute', '<xml><body type="x">1</body></xml>'],
    ['a section that never ends', `<xml><body><![CDATA[${'a'.repeat(60_000)}`],
  ])('%s', async (_name, xml) => {
    const merchant = new Merchant(sandboxForXml ?? (await oneForXml()))
    const { status, fields } = await merchant.postXml('/pay/unifiedorder', xml)
    expect([status, fields.return_code, fields.return_msg]).toEqual([200, 'FAIL', 'XML格式错误'])
  })

  let sandboxForXml: Awaited<ReturnType<typeof aSandbox>> | undefined
  const oneForXml = async () => (sandboxForXml = await aSandbox())
})

test('names that every object has are members nobody documented', async () => {
  const sandbox = await aSandbox()
  const merchant = new Merchant(sandbox)
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const body = JSON.stringify(merchant.order()).replace(/^\{/, `{"${name}":{"total":1},`)
    const answer = await merchant.v3('POST', '/v3/pay/transactions/jsapi', body)
    expect([answer.status, JSON.parse(answer.body).detail.field]).toEqual([400, `/${name}`])
    expect(() => sandbox.control.addFault({ fault: name })).toThrow('fault must be one of')
    expect(() => sandbox.control.addFault(JSON.parse(`{"fault":"500","${name}":1}`))).toThrow('is no member')
    const fields = { ...merchant.orderV2({ out_trade_no: `P${name.slice(2, 9)}` }) }
    expect((await merchant.v2('/pay/unifiedorder', fields)).fields.result_code).toBe('SUCCESS')
  }
  for (const path of ['/__proto__', '/constructor', '/trades/__proto__', '/refunds/constructor']) {
    const headers = { Authorization: `Bearer ${sandbox.info.controlToken}` }
    expect((await send(`${sandbox.info.controlUrl}${path}`, { headers })).status).toBe(404)
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('total')
})

describe('the console and the control API, seen from elsewhere', () => {
  test('no path leads out of the folder of the page', async () => {
    const { controlUrl } = (await aSandbox()).info
    for (const path of [
      '/console/../package.json',
      '/console/..%2fpackage.json',
      '/console/%2e%2e/sandbox.json',
      '/console/....//main.js',
      '/console/main.js%00.html',
      '/console//etc/passwd',
      '/console/C:\\Windows\\win.ini',
      '/console/',
    ])
      expect([path, (await send(`${controlUrl}${path}`)).status]).toEqual([path, 404])
  })

  test('another site’s page may neither look nor act: no CORS, no foreign Host, no token in a URL', async () => {
    const { controlUrl, controlToken } = (await aSandbox()).info
    const Origin = 'https://evil.example'
    const preflight = await send(`${controlUrl}/clock`, {
      method: 'OPTIONS',
      headers: {
        Origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization',
      },
    })
    expect(preflight.status).toBe(401)
    const token = { Authorization: `Bearer ${controlToken}` }
    for (const answer of [
      preflight,
      await send(`${controlUrl}/clock`, { headers: { Origin, ...token } }),
      await send(`${controlUrl}/console/state`, { headers: { Origin } }),
    ])
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    for (const Host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '169.254.169.254']) {
      for (const path of ['/', '/console/state', '/console/events', '/console/main.js', '/clock'])
        expect([Host, path, (await send(`${controlUrl}${path}`, { headers: { Host } })).status]).toEqual([
          Host,
          path,
          401,
        ])
    }
    for (const path of [`/clock?token=${controlToken}`, `/console/keys?token=${controlToken}`])
      expect((await send(`${controlUrl}${path}`)).status).toBe(401)
    for (const Authorization of [
      '',
      'Bearer',
      'Bearer ',
      `bearer ${controlToken}`,
      `Basic ${controlToken}`,
      `Bearer ${controlToken}x`,
    ])
      expect((await send(`${controlUrl}/clock`, { headers: { Authorization } })).status).toBe(401)
    expect((await send(`${controlUrl}/clock`, { headers: token })).status).toBe(200)
  })
})

describe('two starts at once', () => {
  test('while one looks who has the directory, the other is refused; a look that was killed is forgotten', async () => {
    const dataDir = await newDirectory()
    const gate = join(dataDir, 'lock.gate')
    mkdirSync(gate)
    await expect(aSandbox({ dataDir })).rejects.toThrow('is in use by another start')
    const longAgo = (Date.now() - 60_000) / 1_000
    utimesSync(gate, longAgo, longAgo)
    await (await aSandbox({ dataDir })).close()
    mkdirSync(gate)
    rmSync(gate, { recursive: true })
    await (await aSandbox({ dataDir })).close()
  })
})
