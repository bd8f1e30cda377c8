/**
 * @module What surprises in wx-server-sdk 4.0.2, shown as it is, and that the store is not surprised.
 *
 * The first half of each test holds for the SDK. Should a later version behave better, that half fails, and the
 * store may become simpler.
 */
import { spawn } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Store } from '@yuanlu/shop'
import { type Db, errorOf, openCloud } from '../cloudbase-emulator/sdk.ts'
import { anOrder, aRefund, changed, entryOf, NOON } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'
import { type CloudProxy, startCloudProxy } from './cloud-proxy.ts'

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

let cloud: TestCloud
let db: Db
let proxy: CloudProxy
let store: Store

beforeAll(async () => {
  cloud = await startTestCloud()
  cloud.emulator.createCollection('notes')
  db = openCloud(cloud.emulator).database()
  proxy = await startCloudProxy(cloud.emulator.url)
  store = await cloud.open({ sleep: async () => {}, cloud: { serviceUrl: proxy.url } })
})
afterAll(async () => {
  await proxy.close()
  await cloud.close()
})
beforeEach(() => proxy.arm())
afterEach(() => cloud.empty())

const notes = () => db.collection('notes')
const actions = () => cloud.emulator.requests().map((request) => request.action)

test('transactions of the SDK give up under contention; the store starts none', async () => {
  await notes().add({ data: { _id: 'n', count: 0 } })
  const outcomes = await Promise.allSettled(
    times(20, () =>
      db.runTransaction(async (transaction) => {
        const { data } = await transaction.collection('notes').doc('n').get()
        await transaction
          .collection('notes')
          .doc('n')
          .update({ data: { count: Number(data.count) + 1 } })
      }),
    ),
  )
  expect(outcomes.filter((outcome) => outcome.status === 'rejected').length).toBeGreaterThan(0)

  cloud.empty()
  const order = anOrder({ nextActionAt: NOON })
  await store.orders.insert(order)
  const paid = changed(order, { state: 'paid', journal: [entryOf('payment:1')], refunds: [aRefund('r')] })
  await Promise.all(times(20, () => store.orders.replace(paid, order.version)))
  await store.orders.claimDue({ now: NOON, limit: 1, leaseMs: 1 })
  await store.products.put({
    productId: 'tea',
    title: '',
    description: '',
    priceFen: 1,
    stock: 9,
    imageUrl: '',
  })
  await store.products.reserve({ productId: 'tea', orderId: 'o', quantity: 1 })
  await store.products.release({ productId: 'tea', orderId: 'o' })
  await store.journal.publish({ limit: 9 })
  expect(actions().length).toBeGreaterThan(20)
  expect(actions().filter((action) => action.includes('ransaction'))).toEqual([])
  expect(cloud.emulator.requests().filter((request) => request.inTransaction)).toEqual([])
})

test('a taken id is an error like many others, known by its text alone; the store answers false', async () => {
  await notes().add({ data: { _id: 'n' } })
  const taken = await errorOf(notes().add({ data: { _id: 'n' } }))
  expect([taken.errCode, taken.code]).toEqual([-502001, undefined])
  expect(taken.errMsg).toContain('E11000')
  cloud.emulator.faults.add({ fault: 'error', code: 'DATABASE_REQUEST_FAILED', message: 'something else' })
  const other = await errorOf(notes().add({ data: { _id: 'm' } }))
  expect(other.errCode).toBe(-502001)

  expect(await store.orders.insert(anOrder())).toBe(true)
  expect(await store.orders.insert(anOrder())).toBe(false)
  cloud.emulator.faults.add({ fault: 'error', code: 'DATABASE_REQUEST_FAILED', message: 'something else' })
  expect(await store.orders.insert(anOrder({ id: 'another' }))).toBe(true)
})

test('a document that is not there is an error; the store answers null', async () => {
  await expect(notes().doc('nobody').get()).rejects.toMatchObject({ errCode: -1 })
  expect(await store.orders.get('nobody')).toBeNull()
})

test('a nested object is merged into the stored one; the store keeps an order as text and replaces it', async () => {
  await notes().add({ data: { _id: 'n', delivery: { name: '李雷', phone: '138' } } })
  await notes()
    .doc('n')
    .update({ data: { delivery: { name: '韩梅梅' } } })
  expect((await notes().doc('n').get()).data.delivery).toEqual({ name: '韩梅梅', phone: '138' })

  const order = anOrder()
  await store.orders.insert(order)
  const next = changed(order, { delivery: null, remark: '' })
  await store.orders.replace(next, order.version)
  expect(JSON.stringify(await store.orders.get(order.id))).toBe(JSON.stringify(next))
})

test('an object that looks like extended JSON comes back as something else; the store keeps it as it was', async () => {
  await notes().add({ data: { _id: 'n', said: { $numberLong: '5' } } })
  expect((await notes().doc('n').get()).data.said).toBe(5)

  const remark = JSON.parse('{"$numberLong":"5"}')
  const order = anOrder({ remark })
  await store.orders.insert(order)
  expect((await store.orders.get(order.id))?.remark).toEqual({ $numberLong: '5' })
})

test('a member that is undefined drops out of a condition, which then meets more; the store refuses to ask so', async () => {
  await notes().add({ data: { _id: 'n', version: 7 } })
  const { stats } = await notes()
    .where({ _id: 'n', version: undefined })
    .update({ data: { version: 8 } })
  expect(stats.updated).toBe(1)

  const order = anOrder()
  await store.orders.insert(order)
  const versionless: Record<string, number> = {}
  const asked = store.sessions.find(versionless.nothing as unknown as string)
  await expect(asked).rejects.toMatchObject({
    name: 'TypeError',
    message: 'a condition without a value: _id',
  })
})

test('a limit of none means a hundred, and removing knows no limit; the store asks for neither', async () => {
  await Promise.all(times(120, (i) => notes().add({ data: { _id: `n${i}` } })))
  expect((await notes().limit(0).get()).data).toHaveLength(100)
  const every = db.command.in(times(120, (i) => `n${i}`))
  const warning = jest.spyOn(console, 'warn').mockImplementation(() => {})
  expect((await notes().where({ _id: every }).limit(1).remove()).stats.removed).toBe(120)
  warning.mockRestore()

  for (const i of times(15, (n) => n))
    await cloud.insert('sessions', { _id: `old-${i}`, openid: 'o', expiresAt: 1 })
  await store.sessions.insert({ id: 'new', openid: 'o', expiresAt: Date.now() + 1_000 })
  expect((await cloud.contents()).documents.sessions).toBe(6)
})

test('a cut connection and an unknown code look the same, and say nothing of what happened', async () => {
  cloud.emulator.faults.add({ fault: 'drop-after' })
  const cut = await errorOf(notes().add({ data: { _id: 'n' } }))
  cloud.emulator.faults.add({ fault: 'error', code: 'SOMETHING_NEW', message: 'no idea' })
  const unknown = await errorOf(notes().add({ data: { _id: 'm' } }))
  expect([cut.errCode, unknown.errCode]).toEqual([-501001, -501001])

  for (const fault of [
    { fault: 'drop-after' },
    { fault: 'error', code: 'SOMETHING_NEW', message: 'x' },
  ] as const) {
    cloud.emulator.faults.add(fault)
    expect(await store.orders.insert(anOrder({ id: fault.fault }))).toBe(true)
  }
})

test('only the first init counts; a store listens to its own options', async () => {
  const sdk = openCloud(cloud.emulator)
  sdk.init({ env: 'another-env' })
  await notes().add({ data: { _id: 'n' } })

  proxy.arm()
  await store.ping()
  expect(proxy.count()).toBe(1)
})

test('a write that was sent twice looks like a defeat; the store knows its own', async () => {
  proxy.arm({ nth: 1, kind: 'twice' })
  const order = anOrder()
  expect(await store.orders.insert(order)).toBe(true)
  proxy.arm({ nth: 1, kind: 'twice' })
  expect(await store.orders.replace(changed(order, { remark: 'sent twice' }), order.version)).toBe(true)
  expect(actions().filter((action) => action === 'database.insertDocument')).toHaveLength(2)
})

test('without credentials the SDK ends the process; the store says what is missing', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const script = `
    const cloud = require('wx-server-sdk')
    cloud.init({ env: 'e', serviceUrl: 'http://127.0.0.1:${port}/admin' })
    cloud.database().collection('notes').get().catch(() => {})
    setTimeout(() => process.exit(0), 20_000)`
  const environment = { ...process.env, TENCENTCLOUD_SECRETID: '', TENCENTCLOUD_SECRETKEY: '' }
  const child = spawn(process.execPath, ['-e', script], { cwd: __dirname, env: environment, stdio: 'ignore' })
  const code = await new Promise((resolve) => child.on('exit', resolve))
  silent.closeAllConnections()
  silent.close()
  expect(code).toBe(1)

  const id = process.env.TENCENTCLOUD_SECRETID
  delete process.env.TENCENTCLOUD_SECRETID
  try {
    await expect(store.ping()).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: expect.stringContaining('TENCENTCLOUD_SECRETID'),
    })
  } finally {
    process.env.TENCENTCLOUD_SECRETID = id
  }
})

test('a missing collection is named, with the command that makes it', async () => {
  await expect(db.collection('nowhere').add({ data: {} })).rejects.toMatchObject({
    errMsg: expect.stringContaining('not exist'),
  })
  const elsewhere = await cloud.open({ collectionPrefix: 'other_' })
  await expect(elsewhere.ping()).rejects.toMatchObject({
    name: 'CloudbaseSetupError',
    collection: 'other_staff',
    message: expect.stringMatching(/other_staff.*npm run cloudbase:indexes -- --env/s),
  })
})

test('a query that no index serves is named, with the command that makes it', async () => {
  const bare = await startTestCloud('bare_')
  try {
    bare.emulator.createCollection('more_orders')
    const unindexed = await bare.open({ collectionPrefix: 'more_' })
    await expect(unindexed.orders.list({ limit: 1 })).rejects.toMatchObject({
      name: 'CloudbaseSetupError',
      collection: 'more_orders',
      message: expect.stringContaining('position'),
    })
  } finally {
    await bare.close()
  }
})

test('an order that the database would not take is refused with its size, and changes nothing', async () => {
  const small = await cloud.open({ maxDocumentBytes: 10_000 })
  const order = anOrder()
  await small.orders.insert(order)
  const large = changed(order, { remark: '分'.repeat(4_000) })
  const refused = small.orders.replace(large, order.version)
  await expect(refused).rejects.toMatchObject({ name: 'DocumentTooLargeError', maxBytes: 10_000 })
  await expect(refused).rejects.toThrow(
    /orders 7k2m9c4w8n1b5v3x6z0qajdhtr would be a document of \d{5} bytes/,
  )
  expect(await small.orders.get(order.id)).toEqual(order)
})

test('an order that the database itself does not take is told so, not tried again', async () => {
  const message = '[LimitExceeded.DocumentTooLarge] the document is 600000 bytes, the limit is 524288'
  cloud.emulator.faults.add({ fault: 'error', code: 'DATABASE_REQUEST_FAILED', message })
  proxy.arm()
  await expect(store.orders.insert(anOrder())).rejects.toMatchObject({
    name: 'DocumentTooLargeError',
    bytes: null,
    message: expect.stringContaining('maxDocumentBytes'),
  })
  expect(proxy.count()).toBe(1)
})

test.each(['EXCEED_REQUEST_LIMIT', 'EXCEED_CONCURRENT_REQUEST_LIMIT'])('%s is waited out', async (code) => {
  cloud.emulator.faults.add({ fault: 'error', code, message: 'too many', times: 3 })
  expect(await store.orders.insert(anOrder())).toBe(true)
})

test('a quota that stays used up is told, with what to do', async () => {
  const fault = { fault: 'error', code: 'EXCEED_REQUEST_LIMIT', message: 'too many', times: 100 } as const
  cloud.emulator.faults.add(fault)
  await expect(store.orders.insert(anOrder())).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    code: '-501003',
    message: expect.stringContaining('choose a larger plan'),
  })
})

test('a mistake of ours is not dressed up as an unreachable database', async () => {
  cloud.emulator.faults.add({ fault: 'error', code: 'INVALID_PARAM', message: 'what is that' })
  await expect(store.ping()).rejects.toMatchObject({ errCode: -501007 })
})

test('a process has no more calls under way at once than it may', async () => {
  const waiting: ServerResponse[] = []
  const counting = createServer((request, response) => {
    request.resume().on('end', () => waiting.push(response))
  })
  await new Promise<void>((resolve) => counting.listen(0, '127.0.0.1', resolve))
  const { port } = counting.address() as AddressInfo
  const serviceUrl = `http://127.0.0.1:${port}/admin`
  const few = await cloud.open({ maxConcurrent: 3, cloud: { serviceUrl, answerTimeoutMs: 30_000 } })
  let answered = 0
  const calls = times(40, (i) => few.orders.get(`o${i}`).then(() => answered++))
  let most = 0
  while (answered < calls.length) {
    // Every place taken, or nobody left to take one: then one of them is answered.
    if (waiting.length === Math.min(3, calls.length - answered))
      waiting.shift()?.end(JSON.stringify({ data: { list: [] } }))
    await new Promise((resolve) => setImmediate(resolve))
    most = Math.max(most, waiting.length)
  }
  counting.close()
  expect(most).toBe(3)
})
