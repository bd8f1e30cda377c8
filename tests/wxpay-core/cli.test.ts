import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
import { readFlatXml, version } from 'wxpay-core'
import { closedOrigin } from './fake-wechat.ts'
import { apiV3Key, appid, merchantSerialNo, noon, publicKeyId, v2Key } from './fixtures.ts'
import { configured, fixtureFile, run } from './run-command.ts'
import {
  aPaidMessage,
  aPaidTransaction,
  sealed,
  v2RefundNotice,
  v2Signature,
  v2Signed,
  v3Headers,
} from './wechat-side.ts'

const folder = mkdtempSync(join(tmpdir(), 'wxpay-core-cli-'))
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ dataDir: join(folder, 'sandbox') })
})
afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

function fileOf(name: string, content: string | Buffer): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

/** Whatever a command says, it says no secret. */
function expectNoSecret(text: string): void {
  for (const secret of [v2Key, apiV3Key, sandbox.info.v2Key, sandbox.info.v3Key])
    expect(text).not.toContain(secret)
  for (const name of ['merchant.key.pem', 'wxpay.key.pem', 'short.key.pem']) {
    for (const line of readFileSync(fixtureFile(name), 'utf8')
      .split('\n')
      .filter((line) => line.length > 40)) {
      expect(text).not.toContain(line)
    }
  }
  expect(text).not.toContain('PRIVATE KEY-----')
}

describe('doctor', () => {
  const sandboxEnv = () => ({
    WX_APPID: sandbox.info.appid,
    WXPAY_MCHID: sandbox.info.mchid,
    WXPAY_V2_KEY: sandbox.info.v2Key,
    WXPAY_V3_KEY: sandbox.info.v3Key,
    WXPAY_KEY_FILE: sandbox.info.keyFile,
    WXPAY_CERT_FILE: sandbox.info.certFile,
    WXPAY_PUBLIC_KEY_ID: sandbox.info.publicKeyId,
    WXPAY_PUBLIC_KEY_FILE: sandbox.info.publicKeyFile,
    WXPAY_BASE_URL: sandbox.info.baseUrl,
    WXPAY_CA: sandbox.caPem,
    NOTIFY_BASE_URL: 'http://127.0.0.1:8080',
  })

  test('finds nothing wrong with a merchant of the sandbox, over the wire', async () => {
    const { code, out } = await run(['doctor'], sandboxEnv(), Date.now())
    expect(out).toContain('  ok    connection')
    expect(out).toContain('  ok    APIv3 call: the signature was accepted')
    expect(out).toContain('  ok    APIv2 call: the signature was accepted')
    expect(out).toMatch(/\n0 wrong, 0 to look at/)
    expect(code).toBe(0)
    expectNoSecret(out)
  })

  test.each([
    ['another APIv2 key', { WXPAY_V2_KEY: v2Key }, ' WRONG  APIv2 call', 'WXPAY_V2_KEY is not the key of'],
    [
      "another merchant's certificate",
      {
        WXPAY_KEY_FILE: fixtureFile('merchant.key.pem'),
        WXPAY_CERT_FILE: fixtureFile('merchant.cert.pem'),
      },
      ' WRONG  APIv3 call',
      'serial number',
    ],
    ['an authority nobody knows', { WXPAY_CA: undefined }, ' WRONG  connection', 'WXPAY_CA_FILE'],
    ['no merchant key', { WXPAY_KEY_FILE: undefined }, ' WRONG  merchant key', 'apiclient_key.pem'],
  ])('names %s and the way out', async (_, change, finding, advice) => {
    const { code, out } = await run(['doctor'], { ...sandboxEnv(), ...change }, Date.now())
    expect(code).toBe(1)
    expect(out).toContain(finding)
    expect(out.slice(out.indexOf(finding))).toContain(advice)
    expectNoSecret(out)
  })

  test('a clock that is six minutes ahead is wrong, one that is a minute ahead is looked at', async () => {
    const ahead = await run(['doctor'], sandboxEnv(), Date.now() + 360_000)
    expect(ahead.code).toBe(1)
    expect(ahead.out).toMatch(/ WRONG {2}clock: (?:359|360|361) s ahead of the server\n.*NTP/)
    const little = await run(['doctor'], sandboxEnv(), Date.now() - 60_000)
    expect(little.out).toMatch(/ {2}look {2}clock: (?:59|60|61) s behind the server/)
    expect(little.code).toBe(0)
  })

  test('a server that is not there is named as such', async () => {
    const { out, code } = await run(['doctor'], { ...sandboxEnv(), WXPAY_BASE_URL: await closedOrigin() })
    expect(code).toBe(1)
    expect(out).toContain('ECONNREFUSED')
    expect(out).toContain('is the test server running?')
  })

  test.each([
    ['a private address', { NOTIFY_BASE_URL: 'https://192.168.1.7/n' }, 'private network'],
    ['a query', { NOTIFY_BASE_URL: 'https://shop.example.com/n?a=1' }, 'query'],
    ['plain http', { NOTIFY_BASE_URL: 'http://shop.example.com/n' }, 'is not https'],
    ['no address at all', { NOTIFY_BASE_URL: 'shop' }, 'is no address'],
    ['a short key', { WXPAY_V3_KEY: 'short' }, 'WXPAY_V3_KEY must be the APIv3 key: exactly 32 bytes'],
    [
      'a key and a certificate of two merchants',
      { WXPAY_KEY_FILE: fixtureFile('wxpay.key.pem') },
      'do not belong together',
    ],
    [
      'a certificate as public key',
      { WXPAY_PUBLIC_KEY_FILE: fixtureFile('merchant.cert.pem') },
      'this is a certificate',
    ],
    ['a p12', { WXPAY_KEY_FILE: fixtureFile('merchant.p12') }, 'openssl pkcs12 -legacy'],
    ['TLS without verification', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'verification is switched off'],
    ['no merchant number', { WXPAY_MCHID: undefined }, 'mchid must be the merchant id'],
    ['a certificate that has expired', {}, 'has expired', Date.parse('2200-01-01T00:00:00Z')],
  ])('without a network it sees %s', async (_, change, said, now = noon) => {
    const { code, out } = await run(['doctor', '--offline'], { ...configured, ...change }, now)
    expect(out).toContain(said)
    expect(code).toBe(1)
    expectNoSecret(out)
  })

  test.each<[string, Record<string, string>, string]>([
    [
      'a key file',
      { WXPAY_KEY_FILE: '/nowhere/key.pem' },
      ' WRONG  merchant key and certificate: WXPAY_KEY_FILE',
    ],
    [
      'a certificate file',
      { WXPAY_CERT_FILE: '/nowhere/c.pem' },
      ' WRONG  merchant key and certificate: WXPAY_CERT_FILE',
    ],
    [
      "WeChat Pay's key file",
      { WXPAY_PUBLIC_KEY_FILE: '/nowhere/pub.pem' },
      " WRONG  WeChat Pay's key: WXPAY_PUBLIC_KEY_FILE",
    ],
    ['an authority file', { WXPAY_CA_FILE: '/nowhere/ca.pem' }, ' WRONG  WXPAY_CA_FILE: WXPAY_CA_FILE'],
  ])('%s that is not there is one finding among the others', async (_, change, finding) => {
    for (const args of [['doctor', '--offline'], ['doctor']]) {
      const env = { ...configured, WXPAY_BASE_URL: await closedOrigin(), ...change }
      const { code, out, err } = await run(args, env)
      expect(out).toContain(`${finding} names no file that can be read\n         → `)
      expect(out).toContain('notification address: ')
      expect(out).toMatch(/ (?:connection|calls): /)
      expect([code, err]).toEqual([1, ''])
    }
  })

  test.each<[string, Record<string, string>, string]>([
    ['address of the server', { WXPAY_BASE_URL: 'nonsense' }, ' WRONG  WXPAY_BASE_URL: '],
    ['algorithm', { WXPAY_V2_SIGN_TYPE: 'SHA' }, ' WRONG  WXPAY_V2_SIGN_TYPE: '],
  ])('a mistyped %s is one finding among the others', async (_, change, finding) => {
    const local = { NOTIFY_BASE_URL: 'http://localhost:3000' }
    const env = { ...configured, WXPAY_BASE_URL: await closedOrigin(), ...local, ...change }
    for (const args of [['doctor', '--offline'], ['doctor']]) {
      const { code, out, err } = await run(args, env)
      expect(out).toContain(finding)
      expect(out).toContain("WeChat Pay's key: ")
      expect(out).toContain('notification address: ')
      expect(out).toMatch(/ (?:connection|calls): /)
      expect([code, err]).toEqual([1, ''])
    }
  })

  test.each([
    'https://[::ffff:127.0.0.1]/n',
    'https://[::ffff:c0a8:107]/n',
    'https://[::1]/n',
    'https://[fd12:3456::1]/n',
    'https://[fe80::1]/n',
    'https://100.64.0.1/n',
    'https://100.127.255.255/n',
    'https://10.0.0.1/n',
    'https://172.31.0.1/n',
    'https://169.254.169.254/n',
    'https://0.0.0.0/n',
    'https://shop/n',
    'https://shop.local/n',
    'https://localhost/n',
  ])('%s is no address that WeChat Pay could call', async (address) => {
    const { code, out } = await run(['doctor', '--offline'], { ...configured, NOTIFY_BASE_URL: address })
    expect(out).toContain(' WRONG  notification address: is on this machine or a private network')
    expect(code).toBe(1)
  })

  test.each([
    'https://100.128.0.1/n',
    'https://172.32.0.1/n',
    'https://[2400:da00::1]/n',
    'https://shop.cn/n',
  ])('%s is one', async (address) => {
    const { code, out } = await run(['doctor', '--offline'], { ...configured, NOTIFY_BASE_URL: address })
    expect(out).toContain(`  ok    notification address: ${new URL(address).host}`)
    expect(code).toBe(0)
  })

  test('the same key for both protocols is said', async () => {
    const { out } = await run(['doctor', '--offline'], { ...configured, WXPAY_V3_KEY: v2Key })
    expect(out).toContain('the same as the other key')
  })

  test('the configuration may stand in a file', async () => {
    const lines = Object.entries(configured).map(([name, value]) => `export ${name}="${value}"`)
    const file = fileOf('.env', `# keys\n${lines.join('\n')}\n`)
    const { code, out } = await run(['doctor', '--offline', '--env-file', file], {})
    expect(out).toContain(merchantSerialNo)
    expect(code).toBe(0)
  })
})

describe('verify', () => {
  const body = '{"id":"EV-1"}'

  test('a genuine v3 body, with headers as lines or as JSON', async () => {
    const headers = v3Headers(body)
    const lines = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\r\n')
    for (const text of [lines, JSON.stringify(headers)]) {
      const { code, out } = await run(['verify', fileOf('body', body), '--headers', fileOf('headers', text)])
      expect(out).toBe(`genuine: signed by ${publicKeyId}, 13 bytes`)
      expect(code).toBe(0)
    }
  })

  test('one byte more is not', async () => {
    const headers = fileOf('headers', JSON.stringify(v3Headers(body)))
    const { code, out } = await run(['verify', fileOf('body', `${body} `), '--headers', headers])
    expect(out).toContain('NOT genuine (badSignature)')
    expect(out).toContain('raw bytes')
    expect(code).toBe(1)
  })

  test('an old one needs its time', async () => {
    const headers = fileOf('headers', JSON.stringify(v3Headers(body, { timestamp: '1700000000' })))
    const args = ['verify', fileOf('body', body), '--headers', headers]
    expect((await run(args)).out).toContain('NOT genuine (clock)')
    expect((await run([...args, '--at', '1700000001'])).code).toBe(0)
  })

  test('a v2 notification, and one with another algorithm', async () => {
    const good = await run(['verify', fileOf('body', v2Signed(aPaidMessage))])
    expect(good).toMatchObject({ code: 0, out: 'genuine: HMAC-SHA256, 22 members' })
    const md5 = await run(['verify', fileOf('body', v2Signed(aPaidMessage, 'MD5'))])
    expect(md5.code).toBe(1)
    expect(md5.out).toContain('its sign has the length of MD5')
    expectNoSecret(md5.out)
  })

  test('a v2 refund notification cannot be verified by anybody', async () => {
    const { code, out } = await run(['verify', fileOf('body', v2RefundNotice())])
    expect(code).toBe(1)
    expect(out).toContain('not signed')
  })
})

describe('decrypt', () => {
  test('opens both kinds', async () => {
    const v3 = JSON.stringify({ resource: sealed(JSON.stringify(aPaidTransaction)) })
    const opened = await run(['decrypt', fileOf('body', v3)])
    expect(JSON.parse(opened.out)).toEqual(aPaidTransaction)
    expect(opened.err).toContain('proves nothing')
    const v2 = await run(['decrypt', fileOf('body', v2RefundNotice())])
    expect(readFlatXml(Buffer.from(v2.out), 'root').get('refund_status')).toBe('SUCCESS')
  })

  test('says when the key is not the right one', async () => {
    const v3 = fileOf('body', JSON.stringify({ resource: sealed('{}') }))
    const { code, out } = await run(['decrypt', v3], { ...configured, WXPAY_V3_KEY: v2Key })
    expect(code).toBe(1)
    expect(out).toContain('does not open')
  })
})

describe('sign', () => {
  test('prints the five lines and the Authorization', async () => {
    const { code, out, err } = await run([
      ...[
        'sign',
        'v3',
        '--method',
        'POST',
        '--path',
        '/v3/pay/transactions/jsapi',
        fileOf('body', '{"a":1}'),
      ],
      ...['--timestamp', '1554208460', '--nonce', '593BEC0C930BF1AFEB40B4A08C8FB242'],
    ])
    expect(code).toBe(0)
    expect(out).toContain(
      'POST\n/v3/pay/transactions/jsapi\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n{"a":1}\n',
    )
    expect(out).toMatch(/Authorization: WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str="593BEC0C/)
    expect(err).toContain('five minutes')
    expectNoSecret(out)
  })

  test('prints the v2 text without the key, and its sign', async () => {
    const members = { appid, body: '咖啡', total_fee: 1, attach: '' }
    const { out } = await run(['sign', 'v2', fileOf('members.json', JSON.stringify(members))])
    expect(out).toContain(`appid=${appid}&body=咖啡&total_fee=1\nsign (HMAC-SHA256): ${v2Signature(members)}`)
    expectNoSecret(out)
  })
})

test.each([
  [['docktor'], 'there is no command docktor'],
  [['doctor', '--fast'], 'there is no option --fast'],
  [['doctor', '--env-file'], 'needs a value'],
  [['verify'], 'give the body'],
  [['verify', '/nowhere/at/all'], 'cannot be read'],
  [['sign', 'v4'], 'sign v2 or sign v3'],
  [['constructor'], 'there is no command constructor'],
])('wxpay %j is called wrongly', async (args, said) => {
  const { code, err } = await run(args)
  expect(code).toBe(2)
  expect(err).toContain(said)
})

describe('what a support case is made of', () => {
  const cutOff = v2Signed(aPaidMessage).slice(0, -9)
  const { nonce: _, ...noNonce } = sealed('{}')
  test.each<[string, string, readonly string[], string]>([
    ['no JSON', 'hello', ['decrypt'], 'is no notification: not JSON'],
    ['XML that is cut off', cutOff, ['verify'], 'is no message of APIv2: '],
    ['XML that is cut off', cutOff, ['decrypt'], 'is no notification: '],
    ['no JSON', 'hello', ['sign', 'v2'], 'is no JSON of members: not JSON'],
    ['a member twice', '{"a":"1","a":"2"}', ['sign', 'v2'], 'is no JSON of members: the same member twice'],
    ['nothing', '', ['sign', 'v2'], 'is no JSON of members: not JSON'],
    ['no resource', '{}', ['decrypt'], 'is no notification: resource is missing'],
    ['no nonce', JSON.stringify({ resource: noNonce }), ['decrypt'], 'is no notification: nonce is missing'],
  ])('%s is said in one line, and not taken for a verdict', async (_, content, args, said) => {
    const file = fileOf('body', content)
    const { code, out, err } = await run([...args, file])
    expect(err).toContain(`wxpay: ${file} ${said}`)
    expect(err).not.toContain('\n')
    expect([code, out]).toEqual([2, ''])
  })

  test('headers that name one twice are said in one line', async () => {
    const headers = fileOf('headers', '{"a":"1","a":"2"}')
    const { code, err } = await run(['verify', fileOf('body', '{}'), '--headers', headers])
    expect(err).toBe(`wxpay: ${headers} is no list of headers: the same member twice`)
    expect(code).toBe(2)
  })

  test('a key that cannot be used is not taken for a verdict either', async () => {
    const args = ['verify', fileOf('body', v2Signed(aPaidMessage))]
    const { code, err } = await run(args, { ...configured, WXPAY_V2_KEY: 'short' })
    expect(err).toContain('wxpay: ERR_WXPAY_CONFIG: WXPAY_V2_KEY must be')
    expect(code).toBe(2)
  })
})

test('the command itself runs from the workspace', () => {
  const bin = join(__dirname, '..', '..', 'packages', 'wxpay-core', 'bin', 'wxpay.mjs')
  const out = execFileSync(process.execPath, [bin, '--version'], { encoding: 'utf8' })
  expect(out).toBe(`${version}\n`)
})
