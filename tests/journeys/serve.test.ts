/** @module `npm run serve` as an operator runs it: processes of their own, killed without warning, two on one database. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { anyFreePort } from '@yuanlu/devhost'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
import { type TestDatabase, testDatabase } from '../support/postgres'
import { shopEnvironment } from '../support/stack'

const ROOT = resolve(__dirname, '../..')
const XIAOLIN = 'oXiaolin00000000000000000001'

let dir: string
let database: TestDatabase
let sandbox: Sandbox
let ports: readonly [number, number]
const children = new Set<ChildProcess>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'yuanlu-serve-'))
  database = await testDatabase()
  sandbox = await startSandbox({ dataDir: join(dir, 'sandbox') })
  ports = [await anyFreePort(), await anyFreePort()]
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await sandbox.close()
  await database.drop()
  await rm(dir, { recursive: true })
})

const environment = (port: number): Record<string, string> => ({
  ...shopEnvironment(sandbox.info, {
    port,
    databaseUrl: database.url,
    catalogueFile: join(ROOT, 'packages/devhost/catalogue.json'),
  }),
  JOBS: 'resident',
  NODE_EXTRA_CA_CERTS: sandbox.info.caFile,
})

const launch = (env: Record<string, string>): ChildProcess => {
  const child = spawn(process.execPath, ['scripts/serve.mjs'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  child.on('exit', () => children.delete(child))
  return child
}

interface Served {
  readonly url: string
  /** Every line it wrote, for looking at what it says and what it must not. */
  readonly lines: string[]
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

const serve = async (port: number): Promise<Served> => {
  const child = launch(environment(port))
  const lines: string[] = []
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)))
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes')
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const url = await new Promise<string>((ready, failed) => {
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      const event = JSON.parse(line)
      if (event.event === 'backend.ready') ready(event.url)
    })
    child.on('exit', () => failed(new Error(`serve ended:\n${lines.join('\n')}`)))
  })
  return {
    url,
    lines,
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: each test reads the members it is about
  readonly data: any
}

const call = async (
  url: string,
  token: string,
  init: { body?: object; key?: string } = {},
): Promise<Reply> => {
  const response = await fetch(url, {
    method: init.body === undefined ? 'GET' : 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token}`,
      ...(init.key === undefined ? {} : { 'Idempotency-Key': init.key }),
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  })
  const json = JSON.parse(await response.text())
  return { status: response.status, data: json.data ?? json.error }
}

const signIn = async (url: string): Promise<string> =>
  (await call(`${url}/v1/sessions`, '', { body: sandbox.control.createCode({ openid: XIAOLIN }) })).data.token

const BEANS = { items: [{ productId: 'coffee-beans', quantity: 1 }] }

test('killed between the payment and its notification, the shop knows of it after the restart', async () => {
  const first = await serve(ports[0])
  const token = await signIn(first.url)
  const { orderId } = (await call(`${first.url}/v1/orders`, token, { key: 'k1', body: BEANS })).data
  const params = (await call(`${first.url}/v1/orders/${orderId}/payment`, token, { body: {} })).data
  await first.end('SIGKILL')

  expect(sandbox.control.cashier({ ...params, openid: XIAOLIN, action: 'pay' }).errMsg).toBe(
    'requestPayment:ok',
  )
  await sandbox.control.moveClock({ advanceMs: 0 })
  const second = await serve(ports[0])
  const waiting = await call(`${second.url}/v1/orders/${orderId}`, token)
  expect(waiting).toMatchObject({ status: 200, data: { status: 'awaitingPayment' } })
  // WeChat Pay delivers again, 15 s later by its clock.
  await sandbox.control.moveClock({ advanceMs: 15_000 })
  expect((await call(`${second.url}/v1/orders/${orderId}`, token)).data.status).toBe('paid')
  // Acknowledged means kept: a kill right after the answer loses nothing.
  await second.end('SIGKILL')
  const third = await serve(ports[0])
  expect((await call(`${third.url}/v1/orders/${orderId}`, token)).data.status).toBe('paid')
  expect(await third.end('SIGTERM')).toBe(0)
})

test('two processes on one database make one order of one key, and one payment', async () => {
  const [a, b] = await Promise.all(ports.map(serve))
  if (a === undefined || b === undefined) throw new Error('not started')
  const token = await signIn(a.url)
  const placed = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      call(`${i % 2 === 0 ? a.url : b.url}/v1/orders`, token, { key: 'both', body: BEANS }),
    ),
  )
  expect(placed.map((reply) => reply.status)).toEqual(Array.from({ length: 10 }, () => 200))
  expect(new Set(placed.map((reply) => reply.data.orderId)).size).toBe(1)
  const orderId = placed[0]?.data.orderId
  const params = (await call(`${b.url}/v1/orders/${orderId}/payment`, token, { body: {} })).data
  sandbox.control.cashier({ ...params, openid: XIAOLIN, action: 'pay' })
  const synced = await Promise.all(
    [a, b].map((served) => call(`${served.url}/v1/orders/${orderId}/payment/sync`, token, { body: {} })),
  )
  expect(synced.map((reply) => reply.data.status)).toEqual(['paid', 'paid'])
  const { info } = sandbox
  for (const served of [a, b]) {
    const said = served.lines.join('\n')
    for (const secret of [info.v2Key, info.v3Key, info.appSecret, XIAOLIN, token, 'session-secret'])
      expect(said).not.toContain(secret)
  }
  expect(await Promise.all([a.end('SIGTERM'), b.end('SIGTERM')])).toEqual([0, 0])
})

test.each([
  ['WXPAY_V3_KEY', undefined],
  ['DATABASE_URL', 'postgres://nobody:wrong@127.0.0.1:1/none'],
  ['WXPAY_KEY_FILE', 'the CA’s certificate'],
])('it refuses to start and names %s', async (variable, value) => {
  const env = environment(ports[1])
  if (value === undefined) delete env[variable]
  else env[variable] = variable === 'WXPAY_KEY_FILE' ? sandbox.info.caFile : value
  const child = launch(env)
  let said = ''
  child.stderr?.on('data', (chunk) => (said += chunk))
  const code = await new Promise((done) => child.on('exit', done))
  expect(code).not.toBe(0)
  expect(said).toContain(variable)
  expect(said).not.toContain('wrong@')
})
