/** @module Looking at a database: what it lacks is told, and nothing is made. */
import { createPostgresStore, inspectDatabase } from '@yuanlu/store-postgres'
import pg from 'pg'
import { emptyDatabase } from '../support/postgres.ts'

test('a new database lacks every step, and still does after it was looked at', async () => {
  const { url, drop } = await emptyDatabase()
  const { encoding, missingSteps } = await inspectDatabase(url)
  expect(encoding).toBe('UTF8')
  expect(missingSteps.length).toBeGreaterThan(0)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query("select 1 from pg_tables where schemaname = 'public'")
  await client.end()
  expect(rows).toEqual([])
  await drop()
})

test('a database that a store has opened lacks nothing', async () => {
  const { url, drop } = await emptyDatabase()
  await (await createPostgresStore({ databaseUrl: url })).close()
  expect((await inspectDatabase(url)).missingSteps).toEqual([])
  await drop()
})

test('a database that cannot be reached is told in words, without its password', async () => {
  const failure = await inspectDatabase('postgres://shop:s3cret@127.0.0.1:1/shop').catch((error) => error)
  expect(failure.message).toBe(
    'looking at it failed at database 127.0.0.1:1/shop: nothing listens there: start PostgreSQL or correct DATABASE_URL',
  )
})
