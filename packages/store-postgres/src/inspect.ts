/** @module Looking at a database without changing it. */
import pg from 'pg'
import { databaseNameOf } from './database-url.ts'
import { MIGRATIONS } from './migrations.ts'
import { codeOf, unavailable } from './unavailable.ts'

const CONNECT_TIMEOUT_MS = 5_000
const UNDEFINED_TABLE = '42P01'

export interface DatabaseState {
  /** Steps that the next start of a server makes; all of them on a new database. */
  readonly missingSteps: readonly string[]
  readonly encoding: string
}

/**
 * Connects, reads how far the tables are, and leaves.
 *
 * @throws DatabaseUrlError when the address is not one
 * @throws StoreUnavailableError when the database cannot be reached; its message says what to do
 */
export const inspectDatabase = async (databaseUrl: string): Promise<DatabaseState> => {
  const database = databaseNameOf(databaseUrl)
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'yuanlu-doctor',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const encoding = await client.query<{ server_encoding: string }>('show server_encoding')
    const done = await stepsDone(client)
    return {
      encoding: encoding.rows[0]?.server_encoding ?? 'unknown',
      missingSteps: MIGRATIONS.map(({ name }) => name).filter((name) => !done.has(name)),
    }
  } catch (error) {
    throw unavailable({ database, what: 'looking at it', error })
  } finally {
    await client.end().catch(() => {})
  }
}

const stepsDone = async (client: pg.Client): Promise<Set<string>> => {
  try {
    const { rows } = await client.query<{ name: string }>('select name from yuanlu_migration')
    return new Set(rows.map(({ name }) => name))
  } catch (error) {
    if (codeOf(error) === UNDEFINED_TABLE) return new Set()
    throw error
  }
}
