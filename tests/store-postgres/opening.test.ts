/** @module Opening a store: addresses, encodings, and many processes preparing the tables at once. */
import { execFile } from 'node:child_process'
import { inspect, promisify } from 'node:util'
import { createPostgresStore } from '@yuanlu/store-postgres'
import pg from 'pg'
import { emptyDatabase, testDatabase } from '../support/postgres.ts'
import { bundled } from './bundled.ts'

const failureOf = async (databaseUrl: string): Promise<Error> => {
  const store = await createPostgresStore({ databaseUrl }).catch((error: Error) => error)
  if (store instanceof Error) return store
  await store.close()
  throw new Error('the store opened')
}

test.each([
  ['', 'DATABASE_URL is not an address: expected postgres://user:password@host:5432/database'],
  ['s3cret words', 'DATABASE_URL is not an address: expected postgres://user:password@host:5432/database'],
  [
    'postgres://shop:s3cret@db:port/shop',
    'DATABASE_URL is not an address: expected postgres://user:password@host:5432/database',
  ],
  [
    'mysql://shop:s3cret@db/shop',
    'DATABASE_URL begins with mysql://: expected postgres://user:password@host:5432/database',
  ],
])('%j is refused in words, without repeating a secret', async (url, message) => {
  const failure = await failureOf(url)
  expect([failure.name, failure.message]).toEqual(['DatabaseUrlError', message])
  expect(inspect(failure, { depth: 9 })).not.toContain('s3cret')
})

test('a server that is not there is named, without the password', async () => {
  const failure = await failureOf('postgres://shop:s3cret@127.0.0.1:1/shop')
  expect(failure.message).toBe(
    'preparing the tables failed at database 127.0.0.1:1/shop: nothing listens there: start PostgreSQL or correct DATABASE_URL',
  )
  expect(inspect(failure, { depth: 9 })).not.toContain('s3cret')
})

test('a wrong password and a missing database are told apart', async () => {
  const { url, drop } = await testDatabase()
  const wrong = new URL(url)
  wrong.password = 's3cret'
  expect((await failureOf(wrong.href)).message).toContain('the password is wrong')
  const missing = new URL(url)
  missing.pathname = '/nowhere'
  expect((await failureOf(missing.href)).message).toContain('the database does not exist')
  await drop()
})

test('a database that cannot hold Chinese is refused', async () => {
  const { url, drop } = await emptyDatabase({ encoding: 'SQL_ASCII' })
  expect((await failureOf(url)).message).toContain("is encoded as SQL_ASCII: create one with ENCODING 'UTF8'")
  await drop()
})

test('four processes that start on an empty database prepare it together', async () => {
  const { url, drop } = await emptyDatabase()
  const script = await bundled('open-once')
  const run = promisify(execFile)
  const runs = await Promise.all(
    Array.from({ length: 4 }, () =>
      run(process.execPath, [script], { env: { ...process.env, DATABASE_URL: url } }),
    ),
  )
  const lines = runs.map(({ stdout }) => JSON.parse(stdout))
  // All steps are one transaction: whoever comes first runs every one of them.
  expect(lines.filter((line) => line.migrated > 0)).toHaveLength(1)
  expect(lines.map((line) => line.added).sort()).toEqual([0, 0, 0, 1])
  await drop()
}, 30_000)

test('ten stores of one process opened at once prepare the database together', async () => {
  const { url, drop } = await emptyDatabase()
  const stores = await Promise.all(
    Array.from({ length: 10 }, () => createPostgresStore({ databaseUrl: url })),
  )
  await Promise.all(stores.map((store) => store.ping()))
  await Promise.all(stores.map((store) => store.close()))
  await drop()
})

test('a process of the version before starts on tables that a newer one has changed', async () => {
  const { url, drop } = await testDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    "insert into yuanlu_migration (name) values ('9999-from-the-future'); alter table orders add column more text",
  )
  await client.end()
  const store = await createPostgresStore({ databaseUrl: url })
  expect(await store.orders.get('any')).toBeNull()
  await store.close()
  await drop()
})
