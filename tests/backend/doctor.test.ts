/** @module The doctor: a healthy shop has nothing to hear, and each ailment is named with what to do. */
import { readFile } from 'node:fs/promises'
import { diagnose, type Finding } from '@yuanlu/backend'
import { type TestDatabase, testDatabase } from '../support/postgres'
import { type Stack, shopEnvironment, startStack } from '../support/stack'

let database: TestDatabase
let stack: Stack
let env: Record<string, string>
let extraCaPem: string
beforeAll(async () => {
  database = await testDatabase()
  stack = await startStack({ database: database.url })
  const { info } = stack.sandbox
  extraCaPem = await readFile(info.caFile, 'utf8')
  const { CATALOGUE_FILE: _, ...rest } = shopEnvironment(info, {
    port: stack.backend.port,
    databaseUrl: database.url,
    catalogueFile: '',
  })
  env = { ...rest, RETURN_ADDRESS: '杭州市 1 号' }
})
afterAll(async () => {
  await stack.close()
  await database.drop()
})

const examine = (change: Record<string, string> = {}, clock = Date.now): Promise<readonly Finding[]> =>
  diagnose({ env: { ...env, ...change }, extraCaPem, clock })
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ verdict }) => verdict === 'failed').map(({ about, found }) => `${about}: ${found}`)
const DAY_MS = 86_400_000

test('a healthy shop: every finding is good, and says what was looked at', async () => {
  const findings = await examine()
  expect(bad(findings)).toEqual([])
  expect(findings.map(({ about }) => about)).toEqual([
    'environment',
    'owners',
    'jobs',
    'WeChat Pay public key (微信支付公钥)',
    'subscribe messages (订阅消息)',
    'return address',
    'merchant certificate (商户API证书)',
    'database',
    'clock and connection to WeChat Pay',
    'signed call, APIv3',
    'signed call, APIv2',
    'login (AppID, AppSecret)',
    'public address (NOTIFY_BASE_URL)',
  ])
})

test('it leaves no trace: no order, no entry, no trade at WeChat Pay', async () => {
  await examine()
  expect(await stack.ledger()).toEqual([])
  expect(stack.sandbox.control.ledger({ after: 0 }).entries).toEqual([])
})

test.each([
  ['a wrong APIv2 key', { WXPAY_V2_KEY: 'x'.repeat(32) }, /^signed call, APIv2: ERR_WXPAY_REFUSED$/],
  ['another AppSecret', { WX_APPSECRET: 'not-the-secret-at-all' }, /^login .*: errcode 40125/],
  [
    'a database that is not there',
    { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' },
    /^database: .*nothing listens/,
  ],
  [
    'an address where nobody answers',
    { NOTIFY_BASE_URL: 'http://127.0.0.1:1' },
    /^public address .*healthz does not answer/,
  ],
  ['another merchant number', { WXPAY_MCHID: '1900009999' }, /^merchant certificate .* not to 1900009999/],
])('%s is found, and advice goes with it', async (_, change, expected) => {
  const findings = await examine(change)
  expect(bad(findings)).toContainEqual(expect.stringMatching(expected))
  for (const { verdict, advice } of findings) expect(verdict === 'ok' || (advice ?? '') !== '').toBe(true)
})

test('what is missing from the environment is all there is to say', async () => {
  const findings = await examine({ WXPAY_V3_KEY: '', SESSION_SECRET: 'short' })
  expect(findings.map(({ about, verdict }) => [about, verdict])).toEqual([
    ['SESSION_SECRET', 'failed'],
    ['WXPAY_V3_KEY', 'failed'],
  ])
})

test('a public key of somebody else: the call is taken, and its answer is not believed', async () => {
  const [one] = bad(await examine({ WXPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0119000000012026112300000000' }))
  expect(one).toMatch(/^signed call, APIv3: ERR_WXPAY_/)
})

test.each([
  [20, 'warning', /ends on/],
  [0, 'failed', /ended on/],
] as const)('a certificate with %d days left', async (days, verdict, found) => {
  const { X509Certificate } = await import('node:crypto')
  const ends = Date.parse(new X509Certificate(await readFile(env.WXPAY_CERT_FILE ?? '')).validTo)
  const findings = await examine({}, () => ends - days * DAY_MS)
  expect(findings.find(({ about }) => about.startsWith('merchant certificate'))).toMatchObject({
    verdict,
    found: expect.stringMatching(found),
  })
})

test.each([
  [31_000, 'warning'],
  [300_000, 'failed'],
  [-302_000, 'failed'],
] as const)('a clock %d ms away', async (skewMs, verdict) => {
  const findings = await examine({}, () => Date.now() + skewMs)
  expect(findings.find(({ about }) => about.startsWith('clock'))?.verdict).toBe(verdict)
})

test('a gateway that asks for a login in front of the notifications is found', async () => {
  const { createServer } = await import('node:http')
  const gateway = createServer((request, response) => {
    if (request.url === '/healthz') response.end('ok')
    else response.writeHead(302, { location: '/login' }).end()
  })
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening))
  const { port } = gateway.address() as { port: number }
  expect(bad(await examine({ NOTIFY_BASE_URL: `http://127.0.0.1:${port}` }))).toEqual([
    'public address (NOTIFY_BASE_URL): a notification without a signature is answered 302, not 401',
  ])
  await new Promise((closed) => gateway.close(closed))
})

test('no finding holds a secret', async () => {
  const text = JSON.stringify(await examine({ DATABASE_URL: 'postgres://a:s3cret-password@127.0.0.1:1/c' }))
  for (const secret of [
    's3cret-password',
    env.WXPAY_V2_KEY,
    env.WXPAY_V3_KEY,
    env.WX_APPSECRET,
    env.SESSION_SECRET,
  ])
    expect(text).not.toContain(secret)
})
