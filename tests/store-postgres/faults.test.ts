/** @module Lost answers, lost connections and refusals: nothing happens twice and nothing is half done. */

import type { Log, Store } from '@yuanlu/shop'
import { createPostgresStore, type StoreUnavailableError } from '@yuanlu/store-postgres'
import { anOrder, attentionOf, changed, entryOf, NOON, strayOf } from '../store/builders.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

const TEA = { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 60, imageUrl: '' }

let database: TestDatabase
let proxy: FaultProxy
/** Its way to the database leads through the proxy. */
let store: Store
/** Another process, whose way is straight. */
let other: Store
let events: string[]
const log: Log = {
  info: () => {},
  warn: (event) => void events.push(event),
  error: (event) => void events.push(event),
}

beforeAll(async () => {
  database = await testDatabase()
  other = await createPostgresStore({ databaseUrl: database.url })
})
afterAll(async () => {
  await other.close()
  await database.drop()
})
beforeEach(async () => {
  events = []
  proxy = await startFaultProxy(database.url)
  store = await createPostgresStore({ databaseUrl: proxy.url, maxConnections: 1, answerTimeoutMs: 300, log })
})
afterEach(async () => {
  await proxy.close()
  await store.close()
  await database.empty()
})

test('a new order whose answer was lost is known to be the own', async () => {
  const order = anOrder({ journal: [entryOf('payment:1')] })
  proxy.breakNext('insert into orders', { kind: 'loseAnswer' })
  expect(await store.orders.insert(order)).toBe(true)
  expect(proxy.broken()).toBe(1)
  expect(await store.orders.insert(order)).toBe(false)
  expect(await other.journal.publish({ limit: 10 })).toBe(1)
})

test('an order that somebody else inserted is not taken for the own after a lost connection', async () => {
  await other.orders.insert(anOrder({ remark: 'first' }))
  proxy.breakNext('insert into orders', { kind: 'loseStatement' })
  expect(await store.orders.insert(anOrder({ remark: 'second' }))).toBe(false)
  expect(proxy.broken()).toBe(1)
})

test('a change whose answer was lost is known to be the own, and journaled once', async () => {
  const order = anOrder()
  await store.orders.insert(order)
  const paid = changed(order, { state: 'paid', journal: [entryOf('payment:1')] })
  proxy.breakNext('update orders', { kind: 'loseAnswer' })
  expect(await store.orders.replace(paid, order.version)).toBe(true)
  expect(proxy.broken()).toBe(1)
  expect(await other.orders.get(order.id)).toEqual(paid)
  expect(await other.journal.publish({ limit: 10 })).toBe(1)
})

test('a change that was lost on the way is sent again', async () => {
  const order = anOrder()
  await store.orders.insert(order)
  proxy.breakNext('update orders', { kind: 'loseStatement' })
  expect(await store.orders.replace(changed(order, { remark: 'sent again' }), order.version)).toBe(true)
  expect((await other.orders.get(order.id))?.remark).toBe('sent again')
})

test('a lost change that somebody overtook is not taken for the own', async () => {
  const order = anOrder()
  await store.orders.insert(order)
  proxy.breakNext('update orders', { kind: 'loseStatement' })
  const overtaken = store.orders.replace(changed(order, { remark: 'slow' }), order.version)
  expect(await other.orders.replace(changed(order, { remark: 'fast' }), order.version)).toBe(true)
  expect(await overtaken).toBe(false)
  expect((await other.orders.get(order.id))?.remark).toBe('fast')
})

test('an own change that somebody has built upon since its answer was lost says: look again', async () => {
  const order = anOrder()
  await store.orders.insert(order)
  const own = changed(order, { remark: 'own' })
  const next = changed(own, { remark: 'own, and more' })
  proxy.breakNext('update orders', {
    kind: 'loseAnswer',
    before: () => other.orders.replace(next, own.version),
  })
  expect(await store.orders.replace(own, order.version)).toBe(false)
  expect((await other.orders.get(order.id))?.remark).toBe('own, and more')
})

test.each(['loseAnswer', 'loseStatement'] as const)('goods are taken once in spite of %s', async (kind) => {
  await store.products.insertMissing([TEA])
  proxy.breakNext('update products', { kind })
  expect(await store.products.reserve({ productId: 'tea', orderId: 'one', quantity: 7 })).toEqual({
    kind: 'held',
  })
  expect(proxy.broken()).toBe(1)
  expect((await other.products.get('tea'))?.stock).toBe(53)
})

test.each(['loseAnswer', 'loseStatement'] as const)('goods go back once in spite of %s', async (kind) => {
  await store.products.insertMissing([TEA])
  await store.products.reserve({ productId: 'tea', orderId: 'one', quantity: 7 })
  proxy.breakNext('update holds', { kind })
  await store.products.release({ productId: 'tea', orderId: 'one' })
  expect(proxy.broken()).toBe(1)
  expect((await other.products.get('tea'))?.stock).toBe(60)
})

test('stock that was counted is not counted anew because its answer was lost: what was sold since stays sold', async () => {
  await store.products.insertMissing([TEA])
  proxy.breakNext('insert into products', {
    kind: 'loseAnswer',
    before: () => other.products.reserve({ productId: 'tea', orderId: 'one', quantity: 1 }),
  })
  const counted = store.products.put({ ...TEA, stock: 10 })
  await expect(counted).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(proxy.broken()).toBe(1)
  expect((await other.products.get('tea'))?.stock).toBe(9)
})

test('money for an unknown trade whose answer was lost is journaled and flagged once', async () => {
  proxy.breakNext('insert into strays', { kind: 'loseAnswer' })
  await store.strays.insert(strayOf('4200009'))
  expect(proxy.broken()).toBe(1)
  expect(await other.journal.publish({ limit: 10 })).toBe(1)
  expect(await other.attention.listOpen({ limit: 10 })).toHaveLength(1)
})

test('claims whose answer was lost are not repeated; their lease gives them back', async () => {
  await store.orders.insert(anOrder({ nextActionAt: NOON }))
  proxy.breakNext('skip locked', { kind: 'loseAnswer' })
  const claim = { now: NOON, limit: 10, leaseMs: 60_000 }
  await expect(store.orders.claimDue(claim)).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(await store.orders.claimDue(claim)).toEqual([])
  expect(await store.orders.claimDue({ ...claim, now: NOON + 60_000 })).toHaveLength(1)
})

test.each(['commit', 'update journal_entry'])(
  'numbers have no gap when the answer to "%s" was lost',
  async (at) => {
    await store.orders.insert(anOrder({ journal: [entryOf('payment:1'), entryOf('payment:2')] }))
    proxy.breakNext(at, { kind: 'loseAnswer' })
    await store.journal.publish({ limit: 1 })
    expect(proxy.broken()).toBe(1)
    while ((await store.journal.publish({ limit: 10 })) > 0) {}
    const ledger = await other.journal.read({ after: 0, limit: 10 })
    expect(ledger.map((entry) => entry.seq)).toEqual([1, 2, 3, 4])
    expect(ledger.reduce((sum, entry) => sum + entry.fen, 0)).toBe(0)
  },
)

test('a connection that fell silent is given up, not handed to the next caller', async () => {
  await store.products.insertMissing([TEA])
  proxy.breakNext('from "products"', { kind: 'silence' })
  expect(await store.products.get('tea')).toEqual(TEA)
  expect(proxy.broken()).toBe(1)
  expect(events).toEqual(['store.repeated'])
})

test.each(['40001', '40P01', '57P03'])('a statement refused once with %s is repeated', async (code) => {
  proxy.breakNext('insert into orders', { kind: 'refuse', code })
  expect(await store.orders.insert(anOrder())).toBe(true)
  expect(events).toEqual(['store.repeated'])
})

test('a statement that keeps failing is given up after four tries', async () => {
  proxy.breakNext('insert into orders', { kind: 'refuse', code: '40001' }, 100)
  await expect(store.orders.insert(anOrder())).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    code: '40001',
  })
  expect(proxy.broken()).toBe(4)
})

test.each([
  ['53100', 'its disk is full: free some space'],
  ['25006', 'it is read-only, perhaps a standby: point DATABASE_URL at the primary'],
  ['57014', 'a statement took too long: try again later'],
])('%s is not repeated, and the message says what to do', async (code, advice) => {
  proxy.breakNext('insert into orders', { kind: 'refuse', code }, 100)
  const failure = await store.orders.insert(anOrder()).catch((error: StoreUnavailableError) => error)
  expect(failure).toMatchObject({ name: 'StoreUnavailableError', code })
  expect(String(failure)).toContain(advice)
  expect(proxy.broken()).toBe(1)
})

test('a mistake of ours is not dressed up as an unreachable database', async () => {
  proxy.breakNext('insert into orders', { kind: 'refuse', code: '42703' })
  await expect(store.orders.insert(anOrder())).rejects.toMatchObject({ name: 'error', code: '42703' })
})

test('a database that goes away is named, without its password, and back when it is back', async () => {
  await proxy.close()
  const password = new URL(database.url).password
  const failure = await store.ping().catch((error: Error) => error)
  expect(failure).toMatchObject({ name: 'StoreUnavailableError', code: 'ECONNREFUSED' })
  expect(String(failure)).toContain(`127.0.0.1:${new URL(proxy.url).port}`)
  expect(String(failure)).not.toContain(password)
})

test('an attention of another order is left alone', async () => {
  await other.orders.insert(anOrder({ id: 'a', attention: [attentionOf('same', { summary: "a's" })] }))
  const resolved = attentionOf('same', { resolvedAt: NOON, summary: "b's" })
  await other.orders.insert(anOrder({ id: 'b', attention: [resolved] }))
  expect(await other.attention.listOpen({ limit: 10 })).toMatchObject([{ orderId: 'a', summary: "a's" }])
})
