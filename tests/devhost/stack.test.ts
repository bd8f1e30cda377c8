/** @module The stack of `npm start`, started as a program would, stopped, and started again on the same data. */
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Devhost, DevhostProblem, OWNER, PEOPLE, readSettings, startDevhost } from '@yuanlu/devhost'

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))
const ANY_PORTS = {
  PORT: '0',
  PREVIEW_PORT: '0',
  SANDBOX_PORT: '0',
  SANDBOX_API_PORT: '0',
  SANDBOX_CONTROL_PORT: '0',
}

let dataDir: string
let running: Devhost
const start = (checkout = CHECKOUT): Promise<Devhost> => {
  const env = { ...ANY_PORTS, YUANLU_DATA: dataDir }
  return startDevhost({ settings: readSettings(env, checkout), env, checkout })
}

beforeAll(async () => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-stack-'))
  fs.chmodSync(dataDir, 0o755)
  running = await start()
}, 120_000)

afterAll(async () => {
  await running?.stop()
  fs.rmSync(dataDir, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: each test reads the members it is about.
  readonly body: any
}

const ask = async (url: string, init: RequestInit = {}): Promise<Answer> => {
  const response = await fetch(url, init)
  return { status: response.status, body: await response.json() }
}

const post = (url: string, token: string | undefined, body: object, key?: string): Promise<Answer> =>
  ask(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  })

const signIn = async (openid: string): Promise<{ token: string; roles: string[] }> => {
  const { controlUrl, controlToken } = JSON.parse(fs.readFileSync(running.run.sandboxFile, 'utf8'))
  const { body } = await post(`${controlUrl}/code`, controlToken, { openid })
  const session = await post(`${running.run.apiUrl}/v1/sessions`, undefined, { code: body.code })
  return session.body.data
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

test('the shop is up, with six products, one nearly sold out', async () => {
  const { apiUrl } = running.run
  expect((await ask(`${apiUrl}/healthz`)).status).toBe(200)
  const { body } = await ask(`${apiUrl}/v1/products`)
  expect(
    body.data.items
      .map(({ productId, stock }: { productId: string; stock: number }) => [productId, stock])
      .sort(),
  ).toEqual([
    ['canvas-bag', 60],
    ['ceramic-cup', 2],
    ['coffee-beans', 40],
    ['green-tea', 25],
    ['honey', 30],
    ['notebook', 200],
  ])
})

test('every product has its picture in the mini-program', async () => {
  const { body } = await ask(`${running.run.apiUrl}/v1/products`)
  for (const { imageUrl } of body.data.items) {
    expect(fs.existsSync(path.join(CHECKOUT, 'miniprogram', imageUrl))).toBe(true)
  }
})

test('the API describes itself', async () => {
  const { body } = await ask(`${running.run.apiUrl}/openapi.json`)
  expect(body.openapi).toMatch(/^3\./)
  expect(Object.keys(body.paths)).toContain('/v1/orders')
})

test('the page with the phones is there', async () => {
  const page = await fetch(running.run.previewUrl)
  expect(page.status).toBe(200)
  const html = await page.text()
  for (const { name } of PEOPLE) expect(html).toContain(name)
  const console = new URL(running.run.consoleUrl)
  expect(html).toContain(`"href":"${console.origin}/","takesFragment":true`)
  // Everyone on this machine can get the page; the token is printed for whoever started it.
  expect(html).not.toContain(console.hash.slice('#token='.length))
})

test('the owner is the owner, a shopper is nobody special', async () => {
  expect((await signIn(OWNER.openid)).roles).toEqual(['owner'])
  expect((await signIn(PEOPLE[0].openid)).roles).toEqual([])
})

test('the token for the jobs is in its file', async () => {
  const token = fs.readFileSync(running.run.jobsTokenFile, 'utf8').trim()
  expect((await post(`${running.run.apiUrl}/internal/tick`, token, {})).status).toBe(200)
  expect((await post(`${running.run.apiUrl}/internal/tick`, 'another', {})).status).toBe(401)
})

test('a second start on the same data says that the first one runs', async () => {
  await expect(start()).rejects.toThrow(
    new DevhostProblem(
      `npm start is already running with the data in ${dataDir}. Stop that one with Ctrl-C, or choose another folder in YUANLU_DATA.`,
    ),
  )
  expect((await ask(`${running.run.apiUrl}/healthz`)).status).toBe(200)
})

test('stopped and started again, orders, sessions and the merchant are still there, and nothing ran in between', async () => {
  const { token } = await signIn(PEOPLE[0].openid)
  const placed = await post(
    `${running.run.apiUrl}/v1/orders`,
    token,
    { items: [{ productId: 'ceramic-cup', quantity: 1 }] },
    'kept-1',
  )
  const { orderId } = placed.body.data
  const { mchid } = JSON.parse(fs.readFileSync(running.run.sandboxFile, 'utf8'))
  const before = running.run

  expect(await running.stop()).toEqual([])
  expect(fs.existsSync(path.join(dataDir, 'run.json'))).toBe(false)
  for (const url of [before.apiUrl, before.previewUrl, before.consoleUrl, before.databaseUrl]) {
    expect(await answers(Number(new URL(url).port))).toBe(false)
  }

  // One part that does not start (here there is no mini-program) takes the others down with it.
  const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'yuanlu-nowhere-'))
  await expect(start(elsewhere)).rejects.toThrow(/app\.json/)
  fs.rmSync(elsewhere, { recursive: true })
  expect(await answers(Number(new URL(before.databaseUrl).port))).toBe(false)

  running = await start()
  expect(JSON.parse(fs.readFileSync(path.join(dataDir, 'run.json'), 'utf8'))).toEqual(running.run)
  const found = await ask(`${running.run.apiUrl}/v1/orders/${orderId}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(found.body.data).toMatchObject({ orderId, status: 'awaitingPayment', amountFen: 8900 })
  const cup = await ask(`${running.run.apiUrl}/v1/products/ceramic-cup`)
  expect(cup.body.data.stock).toBe(1)
  expect(JSON.parse(fs.readFileSync(running.run.sandboxFile, 'utf8')).mchid).toBe(mchid)
}, 120_000)

test('a start while the last one is still stopping waits for it', async () => {
  const stopping = running.stop()
  running = await start()
  expect(await stopping).toEqual([])
  expect((await ask(`${running.run.apiUrl}/healthz`)).status).toBe(200)
})
