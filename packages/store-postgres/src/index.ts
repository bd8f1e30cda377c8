/** @module The shop's store on PostgreSQL: `createPostgresStore` is the way in. */
export { DatabaseUrlError } from './database-url.ts'
export { type DatabaseState, inspectDatabase } from './inspect.ts'
export { createPostgresStore, type PostgresStoreOptions } from './store.ts'
export { StoreUnavailableError } from './unavailable.ts'
