/** @module What `npm run pack` makes stands alone: in a folder with nothing but the packages that its manifest names. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

interface BuildModule {
  readonly PUBLISHED: readonly string[]
  buildNpmPackage(input: { name: string; outDir: string }): unknown
}
const { buildNpmPackage, PUBLISHED } = jest.requireActual<BuildModule>('../../scripts/build/npm-package.mjs')

const root = join(__dirname, '..', '..')
const user = mkdtempSync(join(tmpdir(), 'npm-packages-'))
const homeOf = (name: string) => join(user, 'node_modules', name)
const manifestOf = (name: string) => JSON.parse(readFileSync(join(homeOf(name), 'package.json'), 'utf8'))
const children: ChildProcess[] = []

beforeAll(() => {
  writeFileSync(join(user, 'package.json'), '{ "type": "module" }')
  for (const name of PUBLISHED) {
    buildNpmPackage({ name, outDir: homeOf(name) })
    for (const dependency of Object.keys(manifestOf(name).dependencies)) {
      const link = homeOf(dependency)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(root, 'packages', name, 'node_modules', dependency), link)
    }
  }
})

afterAll(async () => {
  await Promise.all(
    children.map(async (child) => {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
      child.kill('SIGTERM')
      await ended
    }),
  )
  rmSync(user, { recursive: true, force: true })
})

const node = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: user, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Starts a package's command on free ports; resolves to what it wrote down when it was ready. */
async function startCommand(name: string, info: string): Promise<Record<string, string>> {
  const data = join(user, `${name}-data`)
  const bin = join(homeOf(name), 'bin', `${name}.mjs`)
  const child = spawn(process.execPath, [bin, '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  expect(line).toBe(`ready ${join(data, info)}`)
  return JSON.parse(readFileSync(join(data, info), 'utf8'))
}

test.each(PUBLISHED)('%s leads nobody to sources, and brings what its command and its page need', (name) => {
  const found = JSON.parse(node(join(root, 'tests', 'support', 'check-package.mjs'), homeOf(name), user))
  expect(found.messages).toEqual([])
  // Programs of their own need no second form for require(), and the file for --require no types.
  const kinds = found.problems
    .filter((problem: { entrypoint?: string }) => problem.entrypoint !== './redirect')
    .map(({ kind }: { kind: string }) => kind)
  expect(kinds).toEqual(['CJSResolvesToESM'])

  const sources = found.files.filter((file: string) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  expect(sources).toEqual([])
  expect(found.files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', `bin/${name}.mjs`]))
  expect(JSON.stringify(manifestOf(name))).not.toMatch(/"source"|workspace:|devDependencies/)
  const pages =
    name === 'wechat-sandbox'
      ? ['console/index.html', 'console/main.js', 'examples/go/shop.go', 'docs/console.png']
      : []
  expect(found.files).toEqual(expect.arrayContaining(pages))
  // Whoever reads it on npm has nothing of this repository beside it.
  expect(readFileSync(join(homeOf(name), 'README.md'), 'utf8')).not.toMatch(/\]\(\.\.\//)
  expect(found.files.filter((file: string) => /tsconfig|tsbuildinfo|\.map$/.test(file))).toEqual([])
})

test('npx wechat-sandbox starts from the package alone: its page is there, and a redirected program reaches it', async () => {
  const info = await startCommand('wechat-sandbox', 'sandbox.json')
  const page = await fetch(info.consoleUrl ?? '')
  expect(page.status).toBe(200)
  const script = /<script[^>]* src="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  expect((await fetch(new URL(script, info.consoleUrl))).status).toBe(200)

  const ask = `
    const { request } = require('node:https')
    const headers = { accept: 'application/json', 'user-agent': 'shop' }
    request('https://api.mch.weixin.qq.com/v3/certificates', { headers }, (answer) => {
      console.log(JSON.stringify({ status: answer.statusCode, signed: 'wechatpay-signature' in answer.headers }))
      answer.resume()
    }).end()`
  const redirect = join(homeOf('wechat-sandbox'), 'bin', 'redirect.cjs')
  const answer = execFileSync(process.execPath, ['--require', redirect, '--input-type=commonjs', '-e', ask], {
    encoding: 'utf8',
    env: { ...process.env, WECHAT_SANDBOX: join(user, 'wechat-sandbox-data', 'sandbox.json') },
  })
  expect(JSON.parse(answer)).toEqual({ status: 401, signed: false })
})

test('npx cloudbase-emulator starts from the package alone', async () => {
  const info = await startCommand('cloudbase-emulator', 'emulator.json')
  expect((await fetch(info.url ?? '')).status).toBeGreaterThan(0)
})

test('their types compile in a strict project of TypeScript 5, without looking away from libraries', () => {
  writeFileSync(
    join(user, 'use.ts'),
    `import { startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
export const both = async (dataDir: string): Promise<Sandbox> => {
  const emulator = await startCloudbaseEmulator({ dataDir })
  await emulator.close()
  return startSandbox({ dataDir, port: 0 })
}
`,
  )
  const options = {
    module: 'NodeNext',
    target: 'ES2022',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
    skipLibCheck: false,
  }
  writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }))
  try {
    node(require.resolve('typescript5/lib/tsc.js'), '-p', user)
  } catch (error) {
    throw new Error(
      typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : String(error),
    )
  }
})
