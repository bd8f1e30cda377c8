/** What `npm run build` makes of the cloud functions: one file each, with what it needs and nothing else. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

interface BuildModule {
  readonly CLOUD_FUNCTIONS: readonly string[]
  buildCloudFunctions(input: { outDir: string; store: string }): Promise<{ name: string }[]>
  bundleCloudFunction(input: { name: string; store: string }): Promise<{
    parts: Map<string, Uint8Array>
    metafile: { outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> }
  }>
}
const build = jest.requireActual<BuildModule>('../../scripts/build/cloud-functions.mjs')

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'yuanlu-functions-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Packages in a bundle, ours by folder and others by name, that leave at least a byte in it. */
const packagesOf = async (name: string, store: string) => {
  const { metafile, parts } = await build.bundleCloudFunction({ name, store })
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  const names = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => {
      const foreign = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
      return foreign ?? /packages\/([^/]+)\//.exec(file)?.[1] ?? 'the function itself'
    })
  return { names: [...new Set(names)].sort(), code: Buffer.from(parts.get('index.js') ?? '') }
}

const OURS = ['backend', 'contract', 'gateway-wechat', 'shop', 'the function itself', 'wxpay-core']
const DRIVER = [
  'kysely',
  'pg',
  'pg-cloudflare',
  'pg-connection-string',
  'pg-int8',
  'pg-pool',
  'pg-protocol',
  'pg-types',
  'pgpass',
  'postgres-array',
  'postgres-bytea',
  'postgres-date',
  'postgres-interval',
  'split2',
  'xtend',
]

test.each([
  ['api', ['hono', 'jose', 'zod'], 500],
  ['wxpay-notify', ['hono'], 370],
  ['jobs', ['hono'], 385],
])(
  '%s for PostgreSQL carries the shop, the protocol and one driver, and is small',
  async (name, others, maxKb) => {
    const { names, code } = await packagesOf(name, 'postgres')
    expect(names).toEqual([...OURS, 'store-postgres', ...DRIVER, ...others].sort())
    expect(code.byteLength).toBeLessThan(maxKb * 1024)
    // One byte a character: Node.js reads and compiles such a file in half the time.
    expect(code.every((byte) => byte < 128)).toBe(true)
  },
)

test.each(['api', 'wxpay-notify', 'jobs'])(
  '%s for the cloud database carries that driver alone',
  async (name) => {
    const { names } = await packagesOf(name, 'cloudbase')
    expect(names).toEqual(
      expect.arrayContaining([...OURS, 'store-cloudbase', 'wx-server-sdk', '@cloudbase/node-sdk']),
    )
    expect(names.filter((found) => DRIVER.includes(found) || found === 'store-postgres')).toEqual([])
    const development = [
      'cloudbase-emulator',
      'devhost',
      'wechat-sandbox',
      'mingo',
      'esbuild',
      'fast-xml-parser',
    ]
    expect(names.filter((found) => development.includes(found))).toEqual([])
    expect(names.includes('zod')).toBe(name === 'api')
  },
)

test('each is a folder to be uploaded as it is: no dependency, its time limit, the timer for jobs alone', async () => {
  await build.buildCloudFunctions({ outDir: dir, store: 'postgres' })
  expect(readdirSync(dir).sort()).toEqual(['api', 'jobs', 'wxpay-notify'])
  const json = (file: string) => JSON.parse(readFileSync(join(dir, file), 'utf8'))
  for (const name of build.CLOUD_FUNCTIONS) {
    expect(readdirSync(join(dir, name)).sort()).toEqual(['config.json', 'index.js', 'package.json'])
    const manifest = json(`${name}/package.json`)
    expect(manifest).toMatchObject({ name, main: 'index.js' })
    expect(manifest.dependencies).toBeUndefined()
    expect(manifest.type).toBeUndefined()
  }
  expect(json('api/config.json')).toEqual({ timeout: 10, triggers: [] })
  expect(json('wxpay-notify/config.json')).toEqual({ timeout: 10, triggers: [] })
  expect(json('jobs/config.json')).toEqual({
    timeout: 60,
    triggers: [{ name: 'every-minute', type: 'timer', config: '0 * * * * * *' }],
  })
})

test.each(['postgres', 'cloudbase'])(
  'loading a bundle on %s loads no network client: most events call nobody',
  async (store) => {
    await build.buildCloudFunctions({ outDir: dir, store })
    for (const name of build.CLOUD_FUNCTIONS) {
      const program = `require(${JSON.stringify(join(dir, name))})
        console.log(process.moduleLoadList.filter((name) => /^NativeModule (?:https|tls)$/.test(name)).join())`
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { env: {}, encoding: 'utf8' })
      expect([name, stdout.trim(), stderr]).toEqual([name, '', ''])
    }
  },
)

test('tcb deploys with the same time limits and timers as DevTools', () => {
  const ROOT = resolve(__dirname, '../..')
  const { functions } = JSON.parse(readFileSync(join(ROOT, 'cloudbaserc.json'), 'utf8'))
  for (const { name, timeout, triggers = [] } of functions) {
    const config = JSON.parse(readFileSync(join(ROOT, 'cloudfunctions', name, 'config.json'), 'utf8'))
    expect({ timeout, triggers }).toEqual(config)
  }
  expect(functions.map(({ name }: { name: string }) => name)).toEqual(build.CLOUD_FUNCTIONS)
  const project = JSON.parse(readFileSync(join(ROOT, 'project.config.json'), 'utf8'))
  expect([project.miniprogramRoot, project.cloudfunctionRoot]).toEqual([
    'miniprogram/',
    'dist/cloudfunctions/',
  ])
})

test.each(['postgres', 'cloudbase'])(
  'loaded as the platform loads it, on %s, it answers, names what is missing, and lets the process end',
  async (store) => {
    await build.buildCloudFunctions({ outDir: dir, store })
    for (const name of build.CLOUD_FUNCTIONS) {
      const event = { path: '/v1/products', httpMethod: 'GET', headers: {}, body: '', isBase64Encoded: false }
      const path =
        name === 'api' ? '/v1/products' : name === 'jobs' ? '/internal/tick' : '/wxpay/notify/payment'
      const program = `require(${JSON.stringify(join(dir, name))}).main(${JSON.stringify({ ...event, path })})
      .then((answer) => console.log(JSON.stringify(answer)))`
      // Nothing of this project can be found from there.
      const run = spawnSync(process.execPath, ['-e', program], { cwd: tmpdir(), env: {}, encoding: 'utf8' })
      expect([run.status, run.stderr]).toEqual([0, ''])
      const [log, answer] = run.stdout.trim().split('\n')
      expect(JSON.parse(answer ?? '').statusCode).toBe(503)
      // In its own environment a function needs no variable for the cloud database.
      const ofTheStore = store === 'postgres' ? 'DATABASE_URL: is missing.*' : '^'
      expect(JSON.parse(log ?? '').reason).toMatch(
        new RegExp(
          `${ofTheStore}NOTIFY_BASE_URL: is missing.*WX_APPID: is missing.*WXPAY_MCHID: is missing`,
          's',
        ),
      )
    }
  },
)
