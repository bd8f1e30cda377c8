/** @module Bringing a database up to date, safely while other processes do the same or are serving. */
import type { Log } from '@yuanlu/shop'
import pg from 'pg'
import { databaseNameOf } from './database-url.ts'
import { MIGRATIONS } from './migrations.ts'
import { codeOf, failureOf, StoreUnavailableError, unavailable } from './unavailable.ts'

/** Any number that nobody else in this database uses: the first migrator holds it, the others queue. */
const MIGRATION_LOCK = 7_160_526_411
/** An index over many orders takes its time; a statement that serves a call may not. */
const MIGRATION_TIMEOUT = '10min'
const CONNECT_TIMEOUT_MS = 5_000
/** A restarting server, or one whose advisory locks do nothing and that found a conflict instead. */
const REPEAT_AFTER_MS = [100, 400, 1_000]

/**
 * Runs the steps this database has not had, in one transaction. Steps it has had from a newer program are
 * left alone, so that an older process can start beside a newer one.
 *
 * @throws StoreUnavailableError when the database cannot be reached or cannot hold this store
 */
export const migrate = async (options: {
  readonly databaseUrl: string
  readonly log: Log
}): Promise<void> => {
  const database = databaseNameOf(options.databaseUrl)
  for (let tries = 0; ; tries++) {
    try {
      const done = await migrateOnce(options.databaseUrl, database)
      for (const name of done) options.log.info('store.migrated', { database, name })
      return
    } catch (error) {
      const failure = error instanceof StoreUnavailableError ? 'bug' : failureOf(error, false)
      // Every step runs in one transaction, so whatever happened can simply be looked at again.
      const wait = REPEAT_AFTER_MS[tries]
      if (wait === undefined || (failure === 'unavailable' && codeOf(error) !== null)) {
        if (failure === 'bug' || codeOf(error) === '23505') throw error
        throw unavailable({ database, what: 'preparing the tables', error })
      }
      if (failure === 'bug' && !isTwin(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/** Another migrator made the table or type in the same moment: next time it is simply there. */
const isTwin = (error: unknown): boolean => ['42P07', '42710', '23505'].includes(codeOf(error) ?? '')

const migrateOnce = async (databaseUrl: string, database: string): Promise<string[]> => {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'yuanlu-migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  })
  // The failing statement reports it; without a listener the lost connection would end the process too.
  client.on('error', () => {})
  try {
    await client.connect()
    await assertUtf8(client, database)
    await client.query('begin')
    await client.query(`set local statement_timeout = '${MIGRATION_TIMEOUT}'`)
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query(
      'create table if not exists yuanlu_migration (name text primary key, at timestamptz not null default now())',
    )
    const had = await client.query<{ name: string }>('select name from yuanlu_migration')
    const names = new Set(had.rows.map((row) => row.name))
    const missing = MIGRATIONS.filter((migration) => !names.has(migration.name))
    for (const migration of missing) {
      await client.query(migration.sql)
      await client.query('insert into yuanlu_migration (name) values ($1)', [migration.name])
    }
    await client.query('commit')
    return missing.map((migration) => migration.name)
  } finally {
    await client.end().catch(() => {})
  }
}

/** Names and addresses are Chinese, and people write emoji: another encoding refuses or mangles them. */
const assertUtf8 = async (client: pg.Client, database: string): Promise<void> => {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding')
  const encoding = rows[0]?.server_encoding
  if (encoding !== 'UTF8')
    throw new StoreUnavailableError(
      `database ${database} is encoded as ${encoding}: create one with ENCODING 'UTF8' and name it in DATABASE_URL`,
      { code: null, cause: undefined },
    )
}
