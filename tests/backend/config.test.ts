import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, readConfig } from '@yuanlu/backend'

let dir: string
let good: Record<string, string>

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'yuanlu-config-'))
  const pem = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`
  for (const [file, kind] of [
    ['cert.pem', 'CERTIFICATE'],
    ['key.pem', 'PRIVATE KEY'],
    ['pub.pem', 'PUBLIC KEY'],
  ] as const)
    writeFileSync(join(dir, file), pem(kind))
  good = {
    DATABASE_URL: 'postgres://shop:secret@127.0.0.1:5432/shop',
    NOTIFY_BASE_URL: 'https://shop.example.com',
    SESSION_SECRET: 's'.repeat(32),
    WX_APPID: 'wx0123456789abcdef',
    WX_APPSECRET: 'appsecretappsecret',
    WXPAY_MCHID: '1900000001',
    WXPAY_V2_KEY: '2'.repeat(32),
    WXPAY_V3_KEY: '3'.repeat(32),
    WXPAY_CERT_FILE: join(dir, 'cert.pem'),
    WXPAY_KEY_FILE: join(dir, 'key.pem'),
    WXPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0000000000',
    WXPAY_PUBLIC_KEY_FILE: join(dir, 'pub.pem'),
  }
})
afterAll(() => rm(dir, { recursive: true }))

const problemsOf = (change: Record<string, string | undefined>) => {
  try {
    readConfig({ ...good, ...change })
    return {}
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return Object.fromEntries(error.problems.map((p) => [p.variable, p.problem]))
  }
}

test('a complete environment is read, with the documented defaults', () => {
  expect(readConfig(good)).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    trustProxy: 0,
    residentJobs: true,
    jobsToken: null,
    orderTtlMs: 900_000,
    apiBaseUrl: 'https://api.weixin.qq.com',
    wxpay: {
      api: 'v3',
      v2SignType: 'HMAC-SHA256',
      baseUrl: 'https://api.mch.weixin.qq.com',
      backupUrl: 'https://api2.mch.weixin.qq.com',
    },
  })
})

test('the cloud database needs its environment and an API key outside of a function, and nothing inside', () => {
  const cloud = { STORE: 'cloudbase', DATABASE_URL: undefined }
  expect(problemsOf(cloud)).toEqual({
    CLOUDBASE_ENV_ID: expect.stringContaining('missing'),
    TENCENTCLOUD_SECRETID: expect.stringContaining('missing'),
    TENCENTCLOUD_SECRETKEY: expect.stringContaining('missing'),
  })
  const access = { envId: 'shop-1gabc', secretId: 'AKIDexample', secretKey: 'secretexample' }
  expect(
    readConfig({
      ...good,
      ...cloud,
      CLOUDBASE_ENV_ID: access.envId,
      TENCENTCLOUD_SECRETID: access.secretId,
      TENCENTCLOUD_SECRETKEY: access.secretKey,
    }).store,
  ).toEqual({ kind: 'cloudbase', outside: access })
  expect(readConfig({ ...good, ...cloud, TENCENTCLOUD_RUNENV: 'SCF' }).store).toEqual({
    kind: 'cloudbase',
    outside: null,
  })
})

test('a program that carries one driver uses it when STORE is unset, and refuses the other', () => {
  const inFunction = { ...good, TENCENTCLOUD_RUNENV: 'SCF' }
  const itsOwn = { kind: 'cloudbase', outside: null }
  expect(readConfig(inFunction, { store: 'cloudbase' }).store).toEqual(itsOwn)
  expect(readConfig(good, { store: 'cloudbase' }).store).toEqual(itsOwn)
  expect(() => readConfig({ ...inFunction, STORE: 'postgres' }, { store: 'cloudbase' })).toThrow(
    'STORE: is postgres, but this program carries the driver of cloudbase alone; leave it unset, or deploy what is built for postgres',
  )
})

test.each([
  'DATABASE_URL',
  'NOTIFY_BASE_URL',
  'SESSION_SECRET',
  'WX_APPID',
  'WX_APPSECRET',
  'WXPAY_MCHID',
  'WXPAY_V2_KEY',
  'WXPAY_V3_KEY',
  'WXPAY_CERT_FILE',
  'WXPAY_KEY_FILE',
])('a missing %s is named, with what is expected', (variable) => {
  expect(problemsOf({ [variable]: undefined })).toEqual({ [variable]: expect.stringContaining('missing') })
  expect(problemsOf({ [variable]: '' })).toEqual({ [variable]: expect.stringContaining('missing') })
})

test.each([
  ['PORT', 'eighty'],
  ['PORT', '70000'],
  ['STORE', 'sqlite'],
  ['JOBS', 'sometimes'],
  ['TRUST_PROXY', '-1'],
  ['JOBS_TOKEN', 'short'],
  ['SESSION_SECRET', 'short'],
  ['SESSION_SECRET_PREVIOUS', 'short'],
  ['WX_APPID', 'not-an-appid'],
  ['WX_API_BASE', 'http://api.weixin.qq.com'],
  ['WXPAY_API', 'v1'],
  ['WXPAY_MCHID', 'abc'],
  ['WXPAY_BASE_URL', 'https://api.mch.weixin.qq.com/path'],
  ['WXPAY_V2_KEY', 'too short'],
  ['WXPAY_V3_KEY', '3'.repeat(31)],
  ['WXPAY_V2_SIGN_TYPE', 'SHA1'],
  ['WXPAY_CERT_FILE', '/nowhere/cert.pem'],
  ['WXPAY_PUBLIC_KEY_ID', 'serial'],
  ['MERCHANT_OWNER_OPENIDS', 'a b,c'],
  ['CATALOGUE_FILE', '/nowhere/catalogue.json'],
  ['ORDER_TTL_MINUTES', '0'],
  ['LOG_LEVEL', 'loud'],
  ['DATABASE_URL', 'mysql://x'],
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ['NOTIFY_BASE_URL', 'https://shop.example.com/notify'],
  ['WX_TEMPLATE_REFUND_RESULT', 'short'],
  ['WX_TEMPLATE_REFUND_REQUESTED', 'with spaces in it'],
  ['WX_TEMPLATE_SHIPPED', '模板模板模板模板模板模板'],
  ['RETURN_ADDRESS', '地'.repeat(201)],
])('%s=%s is refused and named', (variable, value) => {
  expect(Object.keys(problemsOf({ [variable]: value }))).toContain(variable)
})

test('messages without a template are off; the others keep their template’s id', () => {
  expect(readConfig(good)).toMatchObject({
    templates: { refundResult: null, refundRequested: null, shipped: null },
    returnAddress: null,
  })
  const id = 'mti_oAWECeEacUIdYvUxSbJBNbkOIfzJHEcJIRSEMAE'
  expect(
    readConfig({ ...good, WX_TEMPLATE_SHIPPED: id, RETURN_ADDRESS: '杭州市西湖区龙井路 1 号' }),
  ).toMatchObject({
    templates: { refundResult: null, refundRequested: null, shipped: id },
    returnAddress: '杭州市西湖区龙井路 1 号',
  })
})

test('the private key in the place of the certificate is refused', () => {
  expect(problemsOf({ WXPAY_CERT_FILE: good.WXPAY_KEY_FILE })).toEqual({
    WXPAY_CERT_FILE: expect.stringContaining('CERTIFICATE'),
  })
})

test('plain http for notifications needs loopback on both sides', () => {
  const local = { NOTIFY_BASE_URL: 'http://127.0.0.1:8080' }
  expect(Object.keys(problemsOf(local))).toEqual(['NOTIFY_BASE_URL'])
  expect(problemsOf({ ...local, WXPAY_BASE_URL: 'https://127.0.0.1:9443' })).toEqual({})
  expect(Object.keys(problemsOf({ NOTIFY_BASE_URL: 'http://shop.example.com' }))).toEqual(['NOTIFY_BASE_URL'])
})

test('half a public key is refused; none at all means platform certificates', () => {
  expect(Object.keys(problemsOf({ WXPAY_PUBLIC_KEY_ID: undefined }))).toEqual(['WXPAY_PUBLIC_KEY_ID'])
  expect(Object.keys(problemsOf({ WXPAY_PUBLIC_KEY_FILE: undefined }))).toEqual(['WXPAY_PUBLIC_KEY_FILE'])
  const config = readConfig({ ...good, WXPAY_PUBLIC_KEY_ID: undefined, WXPAY_PUBLIC_KEY_FILE: undefined })
  expect(config.wxpay.publicKey).toBeNull()
})

test('a PEM may stand in the variable itself, with line breaks written out', () => {
  const config = readConfig({
    ...good,
    WXPAY_KEY_FILE: undefined,
    WXPAY_KEY: '-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----',
  })
  expect(config.wxpay.keyPem).toBe('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----')
})

test('every mistake is named at once, and no value is shown', () => {
  const secret = 'hunter2hunter2'
  try {
    readConfig({ ...good, SESSION_SECRET: secret, WXPAY_V2_KEY: secret, PORT: 'x' })
    throw new Error('was accepted')
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toContain('SESSION_SECRET')
    expect(String(error)).toContain('WXPAY_V2_KEY')
    expect(String(error)).toContain('PORT')
    expect(String(error)).not.toContain(secret)
  }
})
