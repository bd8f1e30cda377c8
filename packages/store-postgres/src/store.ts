/** @module The shop's whole store port on one PostgreSQL database. */
import type { Clock, Log, Store } from '@yuanlu/shop'
import { sql } from 'kysely'
import { postgresAttention } from './attention.ts'
import { openDatabase } from './database.ts'
import { postgresFiles } from './files.ts'
import { postgresJournal } from './journal.ts'
import { migrate } from './migrate.ts'
import { postgresInbox, postgresStrays } from './news.ts'
import { postgresOrders } from './orders.ts'
import { postgresSessions, postgresStaff } from './people.ts'
import { postgresProducts } from './products.ts'
import { postgresRefunds } from './refunds.ts'

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`; any PostgreSQL from 14 on. */
  readonly databaseUrl: string
  /** Connections this process may hold at once. Default 10. */
  readonly maxConnections?: number
  /**
   * After this long without an answer the way to the database counts as lost, in milliseconds. Default 7000:
   * a little longer than the server is allowed for a statement.
   */
  readonly answerTimeoutMs?: number
  /**
   * The process is stopped between calls, as a cloud function is: no timer of ours may be what keeps it running.
   * Default false.
   */
  readonly frozenBetweenCalls?: boolean
  readonly log?: Log
  /** The process's clock in milliseconds; used to clear away sessions that ended long ago. */
  readonly now?: Clock
}

const SILENT: Log = { info() {}, warn() {}, error() {} }

/**
 * Connects, brings the tables up to date (safe when several processes start at once) and answers the store.
 *
 * @throws DatabaseUrlError when the address is not one
 * @throws StoreUnavailableError when the database cannot be reached or cannot hold this store; so does every
 *   call of the store. Messages say what to do and never hold the password.
 * @example
 * const store = await createPostgresStore({ databaseUrl: 'postgres://shop:secret@127.0.0.1:5432/shop' })
 * await store.ping()
 * await store.close()
 */
export const createPostgresStore = async (options: PostgresStoreOptions): Promise<Store> => {
  const { databaseUrl, maxConnections = 10, answerTimeoutMs = 7_000, log = SILENT, now = Date.now } = options
  const { frozenBetweenCalls = false } = options
  await migrate({ databaseUrl, log })
  const database = openDatabase({ databaseUrl, maxConnections, answerTimeoutMs, frozenBetweenCalls, log })
  return {
    orders: postgresOrders(database, log),
    refunds: postgresRefunds(database),
    products: postgresProducts(database),
    staff: postgresStaff(database),
    sessions: postgresSessions(database, now),
    files: postgresFiles(database),
    inbox: postgresInbox(database),
    strays: postgresStrays(database, log),
    journal: postgresJournal(database),
    attention: postgresAttention(database),
    async ping() {
      await database.run('ping', (db) => sql`select 1`.execute(db))
    },
    close: () => database.close(),
  }
}
