/** @module What only the PostgreSQL store promises. */
import type { Log } from '@yuanlu/shop'
import { createPostgresStore } from '@yuanlu/store-postgres'
import pg from 'pg'
import { anOrder, entryOf, NOON } from '../store/builders.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.drop())

const query = async (text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

test('a lease given by a clock that was set back since does not hold for ever', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url })
  await store.orders.insert(anOrder({ nextActionAt: NOON }))
  const hourAhead = NOON + 3_600_000
  expect(await store.orders.claimDue({ now: hourAhead, limit: 1, leaseMs: 60_000 })).toHaveLength(1)
  expect(await store.orders.claimDue({ now: NOON, limit: 1, leaseMs: 60_000 })).toHaveLength(1)
  await store.close()
})

test('a clock that is a little behind respects the lease of one that is a little ahead', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url })
  await store.orders.insert(anOrder({ nextActionAt: NOON }))
  expect(await store.orders.claimDue({ now: NOON + 5_000, limit: 1, leaseMs: 60_000 })).toHaveLength(1)
  expect(await store.orders.claimDue({ now: NOON, limit: 1, leaseMs: 60_000 })).toEqual([])
  await store.close()
})

test('an entry that does not sum to zero is refused, and its order with it', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url })
  const lopsided = { ...entryOf('payment:1'), lines: [{ account: 'shop:sales' as const, fen: -1 }] }
  await expect(store.orders.insert(anOrder({ journal: [lopsided] }))).rejects.toThrow(
    'journal entry payment:1 does not sum to zero',
  )
  expect(await store.orders.get(anOrder().id)).toBeNull()
  await store.close()
})

test('a movement of money that two orders claim is reported', async () => {
  const errors: unknown[] = []
  const log: Log = { info() {}, warn() {}, error: (event, fields) => void errors.push([event, fields]) }
  const store = await createPostgresStore({ databaseUrl: database.url, log })
  await store.orders.insert(anOrder({ id: 'first', journal: [entryOf('payment:1')] }))
  await store.orders.insert(anOrder({ id: 'second', journal: [entryOf('payment:1')] }))
  expect(errors).toEqual([['journal.causeTaken', { orderId: 'second', causes: ['payment:1'] }]])
  await store.close()
})

test('a version that does not follow the expected one is a mistake of the caller', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url })
  await expect(store.orders.replace(anOrder({ version: 3 }), 1)).rejects.toThrow(
    'version 3 does not follow 1',
  )
  await store.close()
})

test('sessions that ended a day ago make room for new ones', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url, now: () => NOON })
  const session = (id: string, expiresAt: number) => store.sessions.insert({ id, openid: 'o', expiresAt })
  for (let i = 0; i < 12; i++) await session(`old-${i}`, NOON - 86_400_001)
  await session('yesterday', NOON - 86_399_000)
  await session('today', NOON + 1)
  const rows = await query('select id from sessions order by id')
  expect(rows.map((row) => row.id).filter((id) => !String(id).startsWith('old'))).toEqual([
    'today',
    'yesterday',
  ])
  expect(rows.length).toBeLessThan(5)
  await store.close()
})

test('a database that isolates more strictly by default sells exactly what there is', async () => {
  const name = new URL(database.url).pathname.slice(1)
  await query(`alter database ${name} set default_transaction_isolation = 'serializable'`)
  const repeats: string[] = []
  const log: Log = { info() {}, warn: (event) => void repeats.push(event), error() {} }
  const store = await createPostgresStore({ databaseUrl: database.url, log })
  await store.products.insertMissing([
    { productId: 'tea', title: '茶', description: '', priceFen: 1, stock: 60, imageUrl: '' },
  ])
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      store.products.reserve({ productId: 'tea', orderId: `order-${i}`, quantity: 1 }),
    ),
  )
  expect(answers.filter((answer) => answer.kind === 'held')).toHaveLength(60)
  // Waiting for one's turn is enough; under the stricter level every wait would end in a refusal and a repeat.
  expect(repeats).toEqual([])
  await store.close()
})

test('a process holds no more connections than it may', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url, maxConnections: 2 })
  await Promise.all(Array.from({ length: 20 }, () => store.ping()))
  const [row] = await query(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'yuanlu'",
  )
  expect(row?.n).toBe(2)
  await store.close()
})

test('every statement of a connection is bounded by the server too', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url, maxConnections: 1 })
  const locker = new pg.Client({ connectionString: database.url })
  await locker.connect()
  await locker.query('begin; lock table orders in access exclusive mode')
  await expect(store.orders.get('any')).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    code: '55P03',
  })
  await locker.query('rollback')
  await locker.end()
  expect(await store.orders.get('any')).toBeNull()
  await store.close()
}, 15_000)
