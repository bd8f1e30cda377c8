import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { version } from 'wxpay-core'

interface BuildModule {
  buildWxpayCore(input: { outDir: string }): Promise<unknown>
  bundle(entry: string, format: 'esm' | 'cjs', minify: boolean): Promise<Uint8Array>
}
const { buildWxpayCore, bundle } = jest.requireActual<BuildModule>('../../scripts/build/wxpay-core.mjs')

const scratch = mkdtempSync(join(tmpdir(), 'wxpay-core-published-'))
const user = join(scratch, 'user')
const home = join(user, 'node_modules', 'wxpay-core')

beforeAll(async () => {
  mkdirSync(home, { recursive: true })
  await buildWxpayCore({ outDir: home })
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const node = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: user, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

test('publint and attw find nothing, and what is packed is what is meant', () => {
  const found = JSON.parse(node(join(__dirname, '..', 'support', 'check-package.mjs'), home, scratch))
  expect(found.messages).toEqual([])
  expect(found.problems).toEqual([])
  const beside = found.files.filter((name: string) => !name.startsWith('dist/'))
  expect(beside.sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'bin/wxpay.mjs',
    'doctor/package.json',
    'package.json',
  ])
  expect(found.files.filter((name: string) => /\.ts$/.test(name) && !/\.d\.ts$/.test(name))).toEqual([])
})

test('import and require give the same names', () => {
  const print = 'console.log(JSON.stringify(Object.keys(all).sort()))'
  const imported = node('--input-type=module', '-e', `import * as all from 'wxpay-core'; ${print}`)
  const required = node('-e', `const all = require('wxpay-core'); ${print}`)
  expect(JSON.parse(required)).toEqual(JSON.parse(imported))
  expect(JSON.parse(imported)).toEqual(
    expect.arrayContaining(['createWxpayV2', 'createWxpayV3', 'withRetries']),
  )
})

test('the doctor is an entry of its own, by import and by require', () => {
  const print = 'console.log(JSON.stringify(Object.keys(all).sort()))'
  const names = ['checkCalls', 'checkMerchantFiles']
  expect(
    JSON.parse(node('--input-type=module', '-e', `import * as all from 'wxpay-core/doctor'; ${print}`)),
  ).toEqual(names)
  expect(JSON.parse(node('-e', `const all = require('wxpay-core/doctor'); ${print}`))).toEqual(names)
  // Who does not ask for it does not get it.
  for (const entry of ['dist/esm/index.js', 'dist/cjs/index.js']) {
    expect(readFileSync(join(home, entry), 'utf8')).not.toContain('checkMerchantFiles')
  }
})

test('who imports it and who requires it know the same errors, though each has a copy of its own', () => {
  const program = `
    import { createRequire } from 'node:module'
    import * as imported from 'wxpay-core'
    const required = createRequire(import.meta.url)('wxpay-core')
    const answers = []
    for (const [one, other] of [[imported, required], [required, imported]]) {
      const error = new one.WxpayError('ERR_WXPAY_TIMEOUT', 'late')
      answers.push(one.WxpayError === other.WxpayError, error instanceof other.WxpayError, other.adviceOn(error, 'refund'))
    }
    console.log(JSON.stringify(answers))`
  expect(JSON.parse(node('--input-type=module', '-e', program))).toEqual([
    ...[false, true, 'askFirst'],
    ...[false, true, 'askFirst'],
  ])
})

test('it brings no package along, runs no script, and is known to have no side effects', () => {
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  expect(manifest.dependencies ?? {}).toEqual({})
  expect(manifest.scripts).toBeUndefined()
  expect(manifest.sideEffects).toBe(false)
  expect(Object.keys(manifest.exports)).toEqual(['.', './doctor', './package.json'])
})

test('a shop under v3 bundles less than 52 kB of it, one that uses everything less than 60, and 1 MB is installed', async () => {
  expect((await bundle('src/index.ts', 'esm', true)).length).toBeLessThan(60_000)
  // From the published file, of which a bundler keeps what is used.
  writeFileSync(
    join(user, 'shop.mjs'),
    "export { acknowledge, createNotificationReader, createWxpayV3, WxpayError, wasPaid } from 'wxpay-core'",
  )
  const { outputFiles } = await build({
    entryPoints: [join(user, 'shop.mjs')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    charset: 'utf8',
  })
  expect(outputFiles[0]?.contents.length).toBeLessThan(52_000)
  const sizes = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000)
})

test('loading it loads nothing for the network: that is for the first call', () => {
  const print =
    "console.log(process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).join('\\n'))"
  const modules = (code: string) => new Set(node('-e', `${code}; ${print}`).trim().split('\n'))
  const bare = modules('0')
  const added = [...modules("require('wxpay-core')")].filter((name) => !bare.has(name))
  const heavy = ['http', 'https', 'tls', 'net', 'zlib', '_http_client', '_tls_wrap'].map(
    (name) => `NativeModule ${name}`,
  )
  expect(added.filter((name) => heavy.includes(name))).toEqual([])
  const made = [...modules("require('http'); require('https'); require('zlib')")].filter((name) =>
    heavy.includes(name),
  )
  expect(made).toHaveLength(7)
})

test.each([
  [
    'NodeNext',
    'module',
    "import { createWxpayV2, type v3 } from 'wxpay-core'\nexport type { Finding } from 'wxpay-core/doctor'",
  ],
  ['NodeNext', 'commonjs', "import wxpay = require('wxpay-core')"],
])('its types are found by TypeScript 5 under %s in a %s package', (module, type, line) => {
  writeFileSync(join(user, 'package.json'), JSON.stringify({ type }))
  const use = line.startsWith('import {')
    ? "const made: ReturnType<typeof createWxpayV2> = createWxpayV2({ appid: 'wx1', mchid: '1', key: '' })\nexport const trade: v3.Transaction | typeof made.api = made.api"
    : "export const made: wxpay.WxpayClient = wxpay.createWxpayV2({ appid: 'wx1', mchid: '1', key: '' })"
  writeFileSync(join(user, 'use.ts'), `${line}\n${use}\n`)
  const options = {
    module,
    moduleResolution: module,
    strict: true,
    noEmit: true,
    target: 'ES2022',
    types: ['node'],
  }
  const typeRoots = [join(__dirname, '..', '..', 'node_modules', '@types')]
  writeFileSync(
    join(user, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, typeRoots, skipLibCheck: false }, files: ['use.ts'] }),
  )
  const tsc = require.resolve('typescript5/lib/tsc.js')
  try {
    node(tsc, '-p', user)
  } catch (error) {
    throw new Error(
      typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : String(error),
    )
  }
})

test('the command runs from the package', () => {
  expect(node(join(home, 'bin', 'wxpay.mjs'), '--version')).toBe(`${version}\n`)
})
