/** @module The store suite on real PostgreSQL. */
import { createPostgresStore } from '@yuanlu/store-postgres'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { describeStore } from './store-suite.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

describeStore('PostgreSQL', async () => {
  const store = await createPostgresStore({ databaseUrl: database.url })
  return {
    store,
    async dispose() {
      await store.close()
      await database.empty()
    },
  }
})
