/** @module The store suite on real PostgreSQL. */
import { createPostgresStore } from '@yuanlu/store-postgres'
import pg from 'pg'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { describeStore } from './store-suite.ts'

let database: TestDatabase
let admin: pg.Client
beforeAll(async () => {
  database = await testDatabase()
  admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await database.drop()
})

const emptyTables = async (): Promise<void> => {
  await admin.query(`
    truncate orders, products, holds, staff, sessions, inbox, strays, attention, journal_entry, journal_line;
    update journal_head set last_seq = 0`)
}

describeStore('PostgreSQL', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url })
  return {
    store,
    async dispose() {
      await store.close()
      await emptyTables()
    },
  }
})
