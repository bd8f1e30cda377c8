/** @module The store suite on real PostgreSQL. */
import { createPostgresStore } from '@yuanlu/store-postgres'
import { testDatabase } from '../support/postgres.ts'

test('smoke', async () => {
  const database = await testDatabase()
  const store = await createPostgresStore({ databaseUrl: database.url })
  await store.ping()
  await store.close()
  await database.drop()
})
