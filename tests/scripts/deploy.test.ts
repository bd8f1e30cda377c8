/** @module `npm run deploy -- --dry-run`: exactly what would be sent, and nothing secret among what is printed. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const KEY = '-----BEGIN PRIVATE KEY-----\nthe-private-key\n-----END PRIVATE KEY-----\n'
const ENVIRONMENT = {
  NOTIFY_BASE_URL: 'https://shop.example.com',
  SESSION_SECRET: 'the-session-secret-of-at-least-32-characters',
  WX_APPID: 'wx0123456789abcdef',
  WX_APPSECRET: 'the-app-secret',
  WXPAY_MCHID: '1900000001',
  WXPAY_V2_KEY: 'the-v2-key-of-the-merchant-00000',
  WXPAY_V3_KEY: 'the-v3-key-of-the-merchant-00000',
  WXPAY_CERT_FILE: 'cert.pem',
  WXPAY_KEY_FILE: 'key.pem',
  DATABASE_URL: 'postgres://shop:the-database-password@db.example.com/shop',
  PORT: '8080',
}

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-deploy-'))
  for (const name of ['api', 'wxpay-notify', 'jobs'])
    write(`built/${name}/index.js`, `exports.main = '${name}'`)
  write('cert.pem', '-----BEGIN CERTIFICATE-----\nthe-certificate\n-----END CERTIFICATE-----\n')
  write('key.pem', KEY)
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string): void => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
  fs.writeFileSync(path.join(folder, name), text)
}

const deploy = (env: Record<string, string>, ...more: string[]) => {
  write(
    'env',
    Object.entries(env)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  )
  const args = [
    '--env',
    'shop-1',
    '--env-file',
    path.join(folder, 'env'),
    '--built',
    path.join(folder, 'built'),
  ]
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['scripts/deploy.mjs', ...args, '--store', 'postgres', '--dry-run', ...more],
    { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' } },
  )
  return { stdout, stderr, status }
}

test('a dry run prints every file, variable, trigger and command, and no secret', () => {
  const { stdout, stderr, status } = deploy(ENVIRONMENT)
  expect([stderr, status]).toEqual(['', 0])
  for (const secret of ['the-session', 'the-app', 'the-v2', 'the-v3', 'the-database', 'the-private'])
    expect(stdout).not.toContain(secret)
  const lines = stdout.split('\n').map((line) => line.trim().replace(/ {2,}/g, '  '))
  expect(lines).toEqual(
    expect.arrayContaining([
      'Nodejs20.19, index.main, 10 s, 256 MB',
      'Nodejs20.19, index.main, 60 s, 256 MB',
      'timer every-minute: 0 * * * * * * (Asia/Shanghai)',
      'answers /wxpay/…',
      'index.js  0.0 KB  sha256 7dcc883502a4adf0',
      'keys/apiclient_key.pem  0.1 KB  (a key: its content is never shown)',
      'JOBS=off',
      'STORE=postgres',
      'NOTIFY_BASE_URL=https://shop.example.com',
      'WXPAY_KEY_FILE=keys/apiclient_key.pem',
      'SESSION_SECRET=(hidden, 44 characters)',
      'DATABASE_URL=(hidden, 57 characters)',
      'Not sent, because a function has no use for it: PORT',
      'npx -y -p @cloudbase/cli@2.12.10 tcb --config-file dist/deploy/cloudbaserc.json fn deploy api --force --yes -e shop-1',
      'npx -y -p @cloudbase/cli@2.12.10 tcb service create -p /wxpay -f wxpay-notify -e shop-1',
      'Nothing was sent.',
    ]),
  )
})

test('keys do not stay behind in the folder that is sent', () => {
  deploy(ENVIRONMENT)
  expect(fs.existsSync(path.join(ROOT, 'dist', 'deploy'))).toBe(false)
})

test.each([
  [
    'a value that the server would refuse',
    { WXPAY_V3_KEY: 'short' },
    /WXPAY_V3_KEY: is wrong; expected the APIv3 key/,
  ],
  [
    'a key file that is not there',
    { WXPAY_KEY_FILE: 'gone.pem' },
    /WXPAY_KEY_FILE names .*gone\.pem, which cannot be read \(ENOENT\)/,
  ],
  [
    'more than an environment holds',
    { RETURN_ADDRESS: 'x'.repeat(4_000) },
    /hold \d+ bytes; a function takes 4096/,
  ],
])('%s is named before anything is sent', (_, change, expected) => {
  const { stdout, stderr, status } = deploy({ ...ENVIRONMENT, ...change })
  expect(stderr).toMatch(expected)
  expect(status).toBe(1)
  expect(stdout).not.toContain('would run')
})

test('a name that nothing reads is a slip, and its value is shown to nobody', () => {
  const { stdout, stderr, status } = deploy({ ...ENVIRONMENT, DATABASE_URL_OLD: 'postgres://a:s3cret@b/c' })
  expect([status, stderr]).toEqual([1, expect.stringContaining('Nothing of ours reads DATABASE_URL_OLD')])
  expect(stdout + stderr).not.toContain('s3cret')
})

test('the keys of a cloud account stay here', () => {
  const { stdout, status } = deploy({ ...ENVIRONMENT, TENCENTCLOUD_SECRETKEY: 'the-cloud-key' })
  expect(status).toBe(0)
  expect(stdout).not.toContain('the-cloud-key')
  expect(stdout).toContain('has no use for it: PORT, TENCENTCLOUD_SECRETKEY')
})

test('every variable of the configuration is known, and so is every one of the example', () => {
  const named = (file: string, pattern: RegExp) =>
    [...fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(pattern)].map((match) => match[1] ?? '')
  const configuration = named('docs/configuration.md', /`([A-Z][A-Z0-9_]{3,})`/g)
  const example = named('docs/deploy/env.example', /^([A-Z0-9_]+)=/gm)
  const source = fs.readFileSync(path.join(ROOT, 'scripts/deploy/environment.mjs'), 'utf8')
  const unknown = [...new Set([...configuration, ...example])].filter(
    (name) => !source.includes(`  ${name}: '`) && name !== 'NODE_TLS_REJECT_UNAUTHORIZED',
  )
  expect(unknown).toEqual([])
})

test('a function that was not built is named with the command that builds it', () => {
  fs.rmSync(path.join(folder, 'built', 'jobs'), { recursive: true })
  expect(deploy(ENVIRONMENT).stderr).toMatch(/built.jobs holds no index\.js: run npm run build first/)
})

test('a PEM that stands in the variable itself becomes a file beside the code', () => {
  const { WXPAY_KEY_FILE: _, ...rest } = ENVIRONMENT
  const { stdout, status } = deploy({ ...rest, WXPAY_KEY: KEY.replaceAll('\n', '\\n') })
  expect(status).toBe(0)
  expect(stdout).toContain('WXPAY_KEY_FILE=keys/apiclient_key.pem')
  expect(stdout).not.toContain('the-private-key')
})

test('an option that it does not know is refused with the list of those it knows', () => {
  const { stderr, status } = deploy(ENVIRONMENT, '--enviroment', 'x')
  expect(status).toBe(1)
  expect(stderr).toContain('--env-file <file>')
})
