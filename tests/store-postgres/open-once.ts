/** @module A process that opens the store, uses it once and says what it did. */
import { createPostgresStore } from '@yuanlu/store-postgres'

let migrated = 0
const store = await createPostgresStore({
  databaseUrl: process.env.DATABASE_URL ?? '',
  log: {
    info: (event) => {
      if (event === 'store.migrated') migrated += 1
    },
    warn() {},
    error() {},
  },
})
const added = await store.products.insertMissing([
  { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 1, imageUrl: '' },
])
await store.close()
console.log(JSON.stringify({ migrated, added }))
