/** @module One bounded pool, and every statement of the store run through it with bounded repeats. */
import type { Log } from '@yuanlu/shop'
import { Kysely } from 'kysely'
import pg from 'pg'
import { databaseNameOf } from './database-url.ts'
import { NotSentError, poolDialect } from './driver.ts'
import type { Tables } from './schema.ts'
import { codeOf, failureOf, unavailable } from './unavailable.ts'

/** Waits before the second, third and fourth try: a restarted server is back within half a second. */
const REPEAT_AFTER_MS = [20, 100, 400]

const CONNECT_TIMEOUT_MS = 3_000
/**
 * Every statement is written for this isolation, whatever the database's default is: it waits for a row and then
 * looks again. And the server's own bounds, for WeChat Pay waits five seconds for an acknowledgement.
 */
const SESSION_SETTINGS = `
  set default_transaction_isolation = 'read committed';
  set statement_timeout = '5s';
  set lock_timeout = '3s';
  set idle_in_transaction_session_timeout = '5s'`

export interface Attempt {
  /** An earlier try may have been committed although no answer came: look before believing a "not there". */
  readonly afterUnclear: boolean
}

export interface Database {
  /**
   * Runs one statement or one short transaction. It must be repeatable; where a repeat after an unclear
   * end would harm, `unclear: 'throw'` says so.
   *
   * @throws StoreUnavailableError when the database does not serve it
   */
  run<T>(
    what: string,
    work: (db: Kysely<Tables>, attempt: Attempt) => Promise<T>,
    options?: { readonly unclear: 'throw' },
  ): Promise<T>
  close(): Promise<void>
}

/**
 * A `bigint` column as a number. Money and instants fit; anything that does not is refused, not rounded.
 */
const safeInteger = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`a stored number is too large to be exact: ${text}`)
  return value
}

const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? safeInteger : pg.types.getTypeParser(oid, format),
}

export const openDatabase = (options: {
  readonly databaseUrl: string
  readonly maxConnections: number
  readonly answerTimeoutMs: number
  readonly frozenBetweenCalls: boolean
  readonly log: Log
}): Database => {
  const database = databaseNameOf(options.databaseUrl)
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.maxConnections,
    types: columnTypes,
    application_name: 'yuanlu',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: options.answerTimeoutMs,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: options.frozenBetweenCalls,
    keepAlive: true,
    // As statements, because poolers such as PgBouncer refuse them as start-up parameters.
    onConnect: (client) => client.query(SESSION_SETTINGS),
  })
  // Without listeners, a connection that is lost would end the process: here an idle one, and below one in use,
  // whose statement reports it.
  pool.on('error', (error) => options.log.warn('store.connectionLost', { database, code: codeOf(error) }))
  pool.on('connect', (client) => client.on('error', () => {}))
  const kysely = new Kysely<Tables>({ dialect: poolDialect(pool) })
  let closing: Promise<void> | undefined

  return {
    async run(what, work, runOptions) {
      let afterUnclear = false
      for (let tries = 0; ; tries++) {
        try {
          return await work(kysely, { afterUnclear })
        } catch (thrown) {
          const sent = !(thrown instanceof NotSentError)
          const error = sent ? thrown : thrown.cause
          const failure = failureOf(error, sent)
          if (failure === 'bug') throw error
          const wait = REPEAT_AFTER_MS[tries]
          const repeatable = failure === 'again' || (failure === 'unclear' && runOptions?.unclear !== 'throw')
          if (!repeatable || wait === undefined) {
            if (codeOf(error) === '23505') throw error
            options.log.error('store.unavailable', { what, database, code: codeOf(error), tries: tries + 1 })
            throw unavailable({ database, what, error })
          }
          if (failure === 'unclear') afterUnclear = true
          options.log.warn('store.repeated', { what, database, code: codeOf(error), failure })
          await new Promise((resolve) => setTimeout(resolve, wait))
        }
      }
    },
    close() {
      closing ??= kysely.destroy()
      return closing
    },
  }
}
