/** @module What `wxpay doctor` says, line by line: whoever reads it has to find the way out of every finding. */
import { closeServers, startFakeWechat } from './fake-wechat.ts'
import { apiV3Key, appid, merchantSerialNo, noon, publicKeyId, v2Key } from './fixtures.ts'
import { configured, fixtureFile, run } from './run-command.ts'
import { authorizationIn } from './v3-merchant.ts'
import { answerV3, refuseV3, v2Head, v2Signature, v2Signed } from './wechat-side.ts'

type Change = Readonly<Record<string, string | undefined>>

afterEach(async () => {
  jest.restoreAllMocks()
  await closeServers()
})

const offline = (change: Change = {}, now = noon) =>
  run(['doctor', '--offline'], { ...configured, ...change }, now)

/** The finding about one thing, with its advice. */
async function findingOf(what: string, change: Change): Promise<readonly string[]> {
  const lines = (await offline(change)).out.split('\n')
  const at = lines.findIndex((line) => line.slice(8).startsWith(`${what}: `))
  return lines.slice(at, lines[at + 1]?.startsWith('         → ') ? at + 2 : at + 1)
}

test('of a complete configuration it says what it has looked at, and that all is fine', async () => {
  const { code, out } = await offline()
  expect(out.split('\n')).toEqual([
    `  ok    Node.js: ${process.versions.node}`,
    '  ok    TLS: servers are verified',
    '  ok    app and merchant: wx8888888888888888, 1900000001',
    '  ok    WXPAY_V2_KEY: has the right length',
    '  ok    WXPAY_V3_KEY: has the right length',
    `  ok    merchant key and certificate: belong together, serial number ${merchantSerialNo}`,
    expect.stringMatching(/^ {2}ok {4}merchant certificate: lives until 21\d\d-\d\d-\d\d$/),
    `  ok    WeChat Pay's key: ${publicKeyId}`,
    '  ok    notification address: shop.example.com',
    '  --    calls: not tried (--offline)',
    '',
    '0 wrong, 0 to look at, 10 fine or skipped',
  ])
  expect(code).toBe(0)
})

test('without any configuration it says where each part of it comes from', async () => {
  const { code, out } = await run(['doctor', '--offline'], {})
  expect(out.split('\n').slice(2)).toEqual([
    ' WRONG  app and merchant: appid must be the id of the mini-program, such as wx8888888888888888',
    '         → WX_APPID is in 小程序后台 → 开发管理, WXPAY_MCHID in 商户平台 → 账户中心; the two must be bound to each other (AppID账号管理)',
    '  --    WXPAY_V2_KEY: not set',
    '  --    WXPAY_V3_KEY: not set',
    ' WRONG  merchant key and certificate: WXPAY_KEY_FILE is not set',
    '         → apiclient_key.pem and apiclient_cert.pem come with one download of 商户API证书',
    "  look  WeChat Pay's key: none given: platform certificates will be fetched",
    '         → merchants since autumn 2024 have none: then set WXPAY_PUBLIC_KEY_ID and WXPAY_PUBLIC_KEY_FILE',
    '  --    notification address: NOTIFY_BASE_URL is not set',
    '  --    calls: not tried (--offline)',
    '',
    '2 wrong, 1 to look at, 6 fine or skipped',
  ])
  expect(code).toBe(1)
})

const keyAdvice = (chinese: string) =>
  `         → set it anew in 商户平台 → 账户中心 → API安全 → ${chinese}, and copy it without blanks or line ends`
const publicKeyAdvice =
  '         → 商户平台 → API安全 → 微信支付公钥 has the id (PUB_KEY_ID_…) and pub_key.pem'

test.each<[string, string, Change, string, string | undefined]>([
  [
    'verification switched off',
    'TLS',
    { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    ' WRONG  TLS: verification is switched off: anybody could answer as WeChat Pay',
    '         → unset NODE_TLS_REJECT_UNAUTHORIZED; for a test server name its authority in WXPAY_CA_FILE',
  ],
  [
    'an APIv2 key with a blank',
    'WXPAY_V2_KEY',
    { WXPAY_V2_KEY: `${v2Key} ` },
    ' WRONG  WXPAY_V2_KEY: WXPAY_V2_KEY must be the APIv2 key: exactly 32 printable characters',
    keyAdvice('APIv2密钥'),
  ],
  [
    'an APIv3 key that was cut off',
    'WXPAY_V3_KEY',
    { WXPAY_V3_KEY: apiV3Key.slice(1) },
    ' WRONG  WXPAY_V3_KEY: WXPAY_V3_KEY must be the APIv3 key: exactly 32 bytes',
    keyAdvice('APIv3密钥'),
  ],
  [
    'one key for both protocols, at APIv2',
    'WXPAY_V2_KEY',
    { WXPAY_V3_KEY: v2Key },
    '  ok    WXPAY_V2_KEY: has the right length, and is the same as the other key',
    undefined,
  ],
  [
    'one key for both protocols, at APIv3',
    'WXPAY_V3_KEY',
    { WXPAY_V3_KEY: v2Key },
    '  ok    WXPAY_V3_KEY: has the right length, and is the same as the other key',
    undefined,
  ],
  [
    'a key without its certificate',
    'merchant key and certificate',
    { WXPAY_CERT_FILE: undefined },
    ' WRONG  merchant key and certificate: WXPAY_CERT_FILE is not set',
    '         → apiclient_key.pem and apiclient_cert.pem come with one download of 商户API证书',
  ],
  [
    'a public key without its id',
    "WeChat Pay's key",
    { WXPAY_PUBLIC_KEY_ID: undefined },
    expect.stringMatching(/^ WRONG {2}WeChat Pay's key: publicKey\.id must be the id/),
    publicKeyAdvice,
  ],
  [
    'the id of a public key without the key',
    "WeChat Pay's key",
    { WXPAY_PUBLIC_KEY_FILE: undefined },
    " WRONG  WeChat Pay's key: WXPAY_PUBLIC_KEY_FILE is not set",
    publicKeyAdvice,
  ],
])('%s has its finding and its way out', async (_, what, change, finding, advice) => {
  expect(await findingOf(what, change)).toEqual(advice === undefined ? [finding] : [finding, advice])
})

test('a certificate that is made out to another merchant is wrong', async () => {
  const { code, out } = await offline({ WXPAY_MCHID: '1900000002' })
  expect(out).toContain(
    ' WRONG  merchant certificate: is made out to "1900000001", not to 1900000002\n         → WeChat makes it out to the merchant number: ',
  )
  expect(code).toBe(1)
})

test('a file that cannot be read is a finding, and the others are looked at', async () => {
  const { code, err } = await offline({ WXPAY_KEY_FILE: '/nowhere/at/all.pem' })
  expect([code, err]).toEqual([1, ''])
  expect(await findingOf('merchant key and certificate', { WXPAY_KEY_FILE: '/nowhere/at/all.pem' })).toEqual([
    ' WRONG  merchant key and certificate: WXPAY_KEY_FILE names no file that can be read',
    '         → apiclient_key.pem and apiclient_cert.pem come with one download of 商户API证书',
  ])
  const publicKey = await findingOf("WeChat Pay's key", {})
  expect(publicKey[0]).toContain('ok')
})

test.each([
  ['18.20.8', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['20.20.2', true],
  ['21.7.3', false],
  ['22.2.0', false],
  ['22.3.0', true],
  ['23.0.0', true],
])('Node.js %s is looked at: new enough is %p', async (version, isFine) => {
  const own = Object.getOwnPropertyDescriptor(process, 'versions') ?? {}
  Object.defineProperty(process, 'versions', { ...own, value: { ...process.versions, node: version } })
  try {
    expect(await findingOf('Node.js', {})).toEqual(
      isFine
        ? [`  ok    Node.js: ${version}`]
        : [` WRONG  Node.js: ${version}`, '         → install 20.19, or 22.3 or later'],
    )
  } finally {
    Object.defineProperty(process, 'versions', own)
  }
})

describe('the notification address', () => {
  const advice =
    '         → WeChat Pay calls a public https address without query, login or redirect, in a domain with ICP filing'
  const isPrivate = 'is on this machine or a private network: WeChat Pay cannot reach it'

  test.each([
    ['shop', 'is no address'],
    ['https://shop.example.com/n?a=1', 'has a query or fragment, which WeChat refuses'],
    ['https://shop.example.com/n#a', 'has a query or fragment, which WeChat refuses'],
    ['https://me@shop.example.com/n', 'has a user name'],
    ['https://:secret@shop.example.com/n', 'has a user name'],
    ['http://shop.example.com/n', 'is not https'],
    ...[
      ...['localhost', 'shop', 'printer.local', '127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.1.1'],
      ...['0.0.0.0', '172.16.0.1', '172.20.0.1', '172.29.0.1', '172.31.255.1'],
      ...['[::1]', '[fc00::1]', '[FD00::1]', '[fe80::1]'],
    ].map((host) => [`https://${host}/n`, isPrivate]),
  ])('%s is wrong', async (address = '', said) => {
    expect(await findingOf('notification address', { NOTIFY_BASE_URL: address })).toEqual([
      ` WRONG  notification address: ${said}`,
      advice,
    ])
  })

  test.each([
    ...['shop.example.com:8443', 'fd.example.com', '10.example.com', 'local.example.com', 'a.localhost.cn'],
    ...[
      '110.127.10.1',
      '127a.example.com',
      '172.15.0.1',
      '172.32.0.1',
      '172.2.0.1',
      '192.16.8.1',
      '100.10.0.1',
    ],
    ...['203.0.113.7', '[2001:db8::1]', '[::1:2]', '[2001:fd00::2]'],
  ])('https://%s is fine', async (host) => {
    expect(await findingOf('notification address', { NOTIFY_BASE_URL: `https://${host}/n` })).toEqual([
      `  ok    notification address: ${host}`,
    ])
  })

  test('on this machine is fine where a server on this machine calls it', async () => {
    const change = { NOTIFY_BASE_URL: 'http://127.0.0.1:8080', WXPAY_BASE_URL: 'https://localhost:9443' }
    expect(await findingOf('notification address', change)).toEqual([
      '  ok    notification address: local, as the server that calls it',
    ])
    const public_ = { ...change, WXPAY_BASE_URL: 'https://api.mch.weixin.qq.com' }
    expect((await findingOf('notification address', public_))[0]).toContain(isPrivate)
  })
})

describe('the calls', () => {
  async function aWechat() {
    const wechat = await startFakeWechat({ plain: true })
    wechat.answer(({ path }, response) => {
      response.setHeader('Date', new Date(noon).toUTCString())
      if (path === '/pay/orderquery')
        response.end(v2Signed({ ...v2Head, result_code: 'FAIL', err_code: 'ORDERNOTEXIST' }, 'MD5'))
      else if (path.startsWith('/v3/pay/')) refuseV3(response, 404, 'ORDER_NOT_EXIST')
      else response.writeHead(401).end()
    })
    const online = async (change: Change = {}) => {
      const { out } = await run(['doctor'], {
        ...configured,
        WXPAY_BASE_URL: wechat.url,
        WXPAY_V2_SIGN_TYPE: 'MD5',
        ...change,
      })
      const lines = out.split('\n')
      return lines.slice(lines.findIndex((line) => line.includes(' connection: ')))
    }
    return { wechat, online }
  }

  test('are made with the configured keys, algorithm and clock', async () => {
    const { wechat, online } = await aWechat()
    expect(await online()).toEqual([
      `  ok    connection: ${wechat.url}`,
      '  ok    clock: 0 s ahead of the server',
      '  ok    APIv3 call: the signature was accepted',
      '  ok    APIv2 call: the signature was accepted',
      '',
      '0 wrong, 0 to look at, 13 fine or skipped',
    ])
    expect(wechat.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v3/certificates?algorithm_type=RSA',
      expect.stringMatching(
        /^GET \/v3\/pay\/transactions\/out-trade-no\/doctor-[0-9A-Za-z]{20}\?mchid=1900000001$/,
      ),
      'POST /pay/orderquery',
    ])
    const [, query, orderQuery] = wechat.received
    expect(query?.headers['wechatpay-serial']).toBe(publicKeyId)
    expect(authorizationIn(query?.headers.authorization)).toMatchObject({
      mchid: '1900000001',
      serial_no: merchantSerialNo,
      timestamp: '1795406400',
    })
    const sent = Object.fromEntries(
      [...(orderQuery?.body ?? '').matchAll(/<([a-z_]+)>(?:<!\[CDATA\[)?([^<\]]*)/g)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    )
    expect(sent).toMatchObject({ appid, mch_id: '1900000001' })
    const { sign, xml: _, ...members } = sent
    expect(sign).toBe(v2Signature(members, 'MD5'))
  })

  test('of a protocol without a key are not made', async () => {
    const { wechat, online } = await aWechat()
    expect(await online({ WXPAY_V3_KEY: undefined, WXPAY_V2_KEY: undefined })).toEqual([
      `  ok    connection: ${wechat.url}`,
      '  ok    clock: 0 s ahead of the server',
      '',
      '0 wrong, 0 to look at, 11 fine or skipped',
    ])
  })

  test('of APIv3 are not made with files that do not belong together; that is said once', async () => {
    const { online } = await aWechat()
    expect((await online({ WXPAY_KEY_FILE: fixtureFile('wxpay.key.pem') })).slice(2)).toEqual([
      '  ok    APIv2 call: the signature was accepted',
      '',
      '1 wrong, 0 to look at, 10 fine or skipped',
    ])
  })

  test('of APIv3 do without a public key where platform certificates sign', async () => {
    const { wechat, online } = await aWechat()
    const lines = await online({ WXPAY_PUBLIC_KEY_ID: undefined, WXPAY_PUBLIC_KEY_FILE: undefined })
    expect(lines[2]).toBe('  ok    APIv3 call: the signature was accepted')
    expect(wechat.received[1]?.headers['wechatpay-serial']).toBeUndefined()
    for (const half of [{ WXPAY_PUBLIC_KEY_ID: undefined }, { WXPAY_PUBLIC_KEY_FILE: undefined }]) {
      expect((await online(half))[2]).toBe('  ok    APIv3 call: the signature was accepted')
    }
  })

  test('take HMAC-SHA256 where no algorithm is configured', async () => {
    const { wechat, online } = await aWechat()
    wechat.answer(({ path }, response) => {
      response.setHeader('Date', new Date(noon).toUTCString())
      if (path.startsWith('/v3/')) answerV3(response, 200, '{}')
      else response.end(v2Signed({ ...v2Head, result_code: 'FAIL', err_code: 'ORDERNOTEXIST' }))
    })
    const lines = await online({ WXPAY_V2_SIGN_TYPE: undefined, WXPAY_V3_KEY: undefined })
    expect(lines.join('\n')).toContain('  ok    APIv2 call: the signature was accepted')
  })
})
