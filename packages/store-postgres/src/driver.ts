/**
 * @module Kysely over a bounded pool of pg connections.
 *
 * Kysely's own driver puts a connection back whatever happened on it. After a query timed out on a dead
 * network path, the next caller would get the same connection and wait as long again. Here a connection on
 * which anything but an answer of the server arrived is closed.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { isServerError } from './unavailable.ts'

/** Thrown instead of a failure to get a connection at all: nothing was sent. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError'
}

export const poolDialect = (pool: Pool): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new PoolDriver(pool),
  // Our migrations are SQL: nothing asks Kysely about tables, and a cloud function need not carry the answer.
  createIntrospector: () => {
    throw new Error('this store does not look at its tables through Kysely')
  },
  createQueryCompiler: () => new PostgresQueryCompiler(),
})

class PoolConnection implements DatabaseConnection {
  readonly #client: PoolClient
  #broken: Error | undefined

  constructor(client: PoolClient) {
    this.#client = client
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const result = await this.#client.query(query.sql, [...query.parameters])
      return { rows: result.rows, numAffectedRows: BigInt(result.rowCount ?? 0) }
    } catch (error) {
      if (!isServerError(error)) this.#broken = error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }

  // biome-ignore lint/correctness/useYield: the store reads pages, it never streams.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('this driver does not stream')
  }

  release(): void {
    this.#client.release(this.#broken)
  }
}

class PoolDriver implements Driver {
  readonly #pool: Pool
  /** Kysely hands connections back by the interface; this remembers which of ours they are. */
  readonly #taken = new Map<DatabaseConnection, PoolConnection>()

  constructor(pool: Pool) {
    this.#pool = pool
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    let client: PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw new NotSentError('no connection', { cause: error })
    }
    const connection = new PoolConnection(client)
    this.#taken.set(connection, connection)
    return connection
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#taken.get(connection)?.release()
    this.#taken.delete(connection)
  }

  async destroy(): Promise<void> {
    await this.#pool.end()
  }
}
