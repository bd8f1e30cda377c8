/** @module `npm start` in its other ways: what it keeps, and that nothing of it stays when it stops. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Devhost, PEOPLE, readSettings, startDevhost } from '@yuanlu/devhost'
import { builtFunctions } from '../support/deployments'

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))

jest.setTimeout(120_000)

let dataDir: string
let running: Devhost | undefined
let said: string[]
beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-deployed-'))
  said = []
})
afterEach(async () => {
  await running?.stop()
  fs.rmSync(dataDir, { recursive: true, force: true })
})

const start = async (functions: string | null, more: Record<string, string> = {}): Promise<Devhost> => {
  const env = {
    STORE: 'cloudbase',
    PORT: '0',
    PREVIEW_PORT: '0',
    SANDBOX_PORT: '0',
    SANDBOX_API_PORT: '0',
    SANDBOX_CONTROL_PORT: '0',
    YUANLU_DATA: dataDir,
    ...more,
  }
  running = await startDevhost({
    settings: readSettings(env, CHECKOUT),
    env,
    checkout: CHECKOUT,
    functions,
    say: (line) => void said.push(line),
  })
  return running
}

const ask = async (url: string, init: { token?: string; body?: object; key?: string } = {}) => {
  const { token = '', body, key } = init
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return response.json()
}

const signIn = async ({ run }: Devhost): Promise<string> => {
  const { controlUrl, controlToken } = JSON.parse(fs.readFileSync(run.sandboxFile, 'utf8'))
  const { code } = await ask(`${controlUrl}/code`, {
    token: controlToken,
    body: { openid: PEOPLE[0].openid },
  })
  return (await ask(`${run.apiUrl}/v1/sessions`, { body: { code } })).data.token
}

test('what was ordered as functions is there as a server, and after a stop: the cloud’s data is kept', async () => {
  const before = { ...process.env }
  const functions = await start(await builtFunctions('cloudbase'))
  expect(functions.run).toMatchObject({ store: 'cloudbase', runsAs: 'functions' })
  const token = await signIn(functions)
  const body = { items: [{ productId: 'ceramic-cup', quantity: 1 }] }
  const placed = await ask(`${functions.run.apiUrl}/v1/orders`, { token, body, key: 'kept-1' })
  expect(placed.data).toMatchObject({ status: 'awaitingPayment', amountFen: 8900 })
  expect(await functions.stop()).toEqual([])
  // The SDK is led to the local cloud by the environment, which is given back.
  expect({ ...process.env }).toEqual(before)
  expect(fs.existsSync(path.join(dataDir, 'postgres'))).toBe(false)

  const server = await start(null)
  expect(server.run).toMatchObject({ store: 'cloudbase', runsAs: 'server' })
  const { orderId } = placed.data
  const found = await ask(`${server.run.apiUrl}/v1/orders/${orderId}`, { token })
  expect(found.data).toMatchObject({ orderId, status: 'awaitingPayment' })
  expect((await ask(`${server.run.apiUrl}/v1/products/ceramic-cup`)).data.stock).toBe(1)
})

test('the functions’ timer follows the sandbox’s clock: an order that nobody pays is closed', async () => {
  const devhost = await start(await builtFunctions('cloudbase'))
  const { run } = devhost
  const token = await signIn(devhost)
  const body = { items: [{ productId: 'ceramic-cup', quantity: 1 }] }
  const { data } = await ask(`${run.apiUrl}/v1/orders`, { token, body, key: 'timer-1' })
  const { controlUrl, controlToken } = JSON.parse(fs.readFileSync(run.sandboxFile, 'utf8'))
  await ask(`${controlUrl}/clock`, { token: controlToken, body: { advanceMs: 16 * 60_000 } })
  const status = async () => (await ask(`${run.apiUrl}/v1/orders/${data.orderId}`, { token })).data.status
  while ((await status()) !== 'closed') await new Promise((resolve) => setTimeout(resolve, 100))
  expect((await ask(`${run.apiUrl}/v1/products/ceramic-cup`)).data.stock).toBe(2)
})

test('functions that cannot start say so where people look, and take everything down again', async () => {
  const starting = start(await builtFunctions('cloudbase'), { ORDER_TTL_MINUTES: '1' })
  await expect(starting).rejects.toThrow(/ORDER_TTL_MINUTES: must be an integer/)
  const folder = path.join(dataDir, 'nothing')
  await expect(start(folder)).rejects.toThrow('"npm run build" makes them')
  running = undefined
})
