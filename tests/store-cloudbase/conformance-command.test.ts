/** @module `npm run conformance`: what it refuses, what it says, and that it runs the suite, on the emulator. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type * as command from '../../packages/store-cloudbase/src/setup/conformance-command.ts'
import { anOrder } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'
import { type FakeTencentApi, startFakeTencentApi } from './fake-tencent-api.ts'

const { conformanceCommand } = jest.requireActual<typeof command>(
  '../../packages/store-cloudbase/src/setup/conformance-command.ts',
)

jest.setTimeout(120_000)

const ENV = 'local-env'
const SECRET = { secretId: 'local-secret-id', secretKey: 'local-secret-key' }

let shop: TestCloud
let api: FakeTencentApi
let said: string[]
let runs: command.SuiteRun[]

beforeEach(async () => {
  said = []
  runs = []
  shop = await startTestCloud()
  api = await startFakeTencentApi(SECRET, ENV)
})
afterEach(async () => {
  await api.close()
  await shop.close()
})

/** In an environment that holds the shop's collections; those for trials come with `trial`. */
const run = (args: readonly string[], environment = process.env): Promise<number> =>
  conformanceCommand({
    args: ['--env', ENV, ...args],
    environment,
    endpoint: api.endpoint,
    say: (line) => void said.push(line),
    sleep: async () => {},
    runSuite: async (suite) => {
      runs.push(suite)
      return 0
    },
  })

const placeAnOrder = async (collectionPrefix?: string): Promise<void> => {
  const store = await shop.open(collectionPrefix === undefined ? {} : { collectionPrefix })
  await store.orders.insert(anOrder())
}

test('an environment without a shop gets collections of its own, and the suite runs on them', async () => {
  expect(await run([])).toBe(0)
  expect([...api.tables.keys()]).toContain('conformance_orders')
  expect([...api.tables.keys()]).not.toContain('yuanlu_orders')
  expect(runs).toEqual([
    {
      only: null,
      target: {
        CONFORMANCE_ENV: ENV,
        CONFORMANCE_PREFIX: 'conformance_',
        CONFORMANCE_SERVICE_URL: '',
        TENCENTCLOUD_REGION: 'ap-shanghai',
      },
    },
  ])
})

test('an environment that holds a shop is refused, unless its own collections are named', async () => {
  await placeAnOrder()
  expect(await run([])).toBe(1)
  expect(said).toEqual([
    'local-env holds a shop (1 documents in yuanlu_*). Use an environment for trials, or name the collections to use with --prefix.',
  ])
  expect(runs).toEqual([])
  expect(await run(['--prefix', 'trial_'])).toBe(0)
  expect(runs).toHaveLength(1)
  expect((await shop.contents()).documents.orders).toBe(1)
})

test.each([
  ['yuanlu_', 'The prefix yuanlu_ is'],
  ['', 'The prefix "" is'],
])("the shop's own collections are refused whatever is in them (%s)", async (prefix, words) => {
  expect(await run(['--prefix', prefix])).toBe(2)
  expect(said.join()).toContain(words)
  expect(runs).toEqual([])
})

test('collections that hold something are emptied only when told so, files and all', async () => {
  for (const name of ['orders', 'files', 'products']) shop.emulator.createCollection(`trial_${name}`)
  const trial = await shop.open({ collectionPrefix: 'trial_' })
  await trial.orders.insert(anOrder())
  const file = { id: 'a', ownerOpenid: 'o', type: 'image/png', bytes: Uint8Array.of(1) } as const
  shop.emulator.createIndex({
    collection: 'trial_files',
    fields: [
      { name: 'ownerOpenid', direction: 1 },
      { name: 'loose', direction: 1 },
    ],
  })
  await trial.files.put({ file, at: 1, maxLoose: 9 })
  expect(await run(['--prefix', 'trial_'])).toBe(1)
  expect(said).toEqual([
    'trial_* of local-env holds 2 documents. If they may go, add --empty; else choose another --prefix.',
  ])
  // The collections the store does not find in this test are made by the API, which is another machine here.
  for (const name of ['refunds', 'attention', 'journal', 'strays', 'inbox', 'holds', 'staff', 'sessions'])
    shop.emulator.createCollection(`trial_${name}`)
  expect(await run(['--prefix', 'trial_', '--empty', '--dry-run'])).toBe(0)
  expect(await trial.orders.get(anOrder().id)).not.toBeNull()
  expect(await run(['--prefix', 'trial_', '--empty'])).toBe(0)
  expect(await trial.orders.get(anOrder().id)).toBeNull()
  expect((await shop.contents()).files).toBe(0)
})

test('a dry run says what would be done and does nothing', async () => {
  expect(await run(['--dry-run'])).toBe(0)
  expect(said[0]).toBe('local-env would get:')
  expect(said).toContain('  index due of conformance_orders on dueAt 1, _id 1')
  expect(said.at(-1)).toBe(
    'Then tests/store/store-suite.ts runs on conformance_*, and empties these collections after every test.',
  )
  expect([api.tables.size, runs]).toEqual([0, []])
})

test('without credentials a dry run still lists everything, and a run asks for them', async () => {
  expect(await run(['--dry-run'], {})).toBe(0)
  expect(said[0]).toContain('nobody looked at local-env')
  expect(await run([], {})).toBe(2)
  expect(said.at(-1)).toContain('TENCENTCLOUD_SECRETID')
})

test('the command runs the suite on an emulator and leaves its collections empty', async () => {
  const trial = await startTestCloud('conformance_')
  try {
    const script = fileURLToPath(new URL('../../scripts/conformance.mjs', import.meta.url))
    const args = ['--env', ENV, '--service-url', trial.emulator.url, '--only', 'an order|are found by state']
    const environment = { ...process.env, ...trial.emulator.environment }
    const child = spawn(process.execPath, [script, ...args], { env: environment })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, output]).toEqual([0, expect.stringMatching(/Tests: .*\b[1-9]\d* passed/)])
    expect(output).toContain('The collections conformance_* are empty again')
    expect(Object.values((await trial.contents()).documents).every((count) => count === 0)).toBe(true)
  } finally {
    await trial.close()
  }
})
