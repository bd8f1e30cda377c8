/** @module The backend's driver of PostgreSQL. */
import type { StoreUnavailableError } from '@yuanlu/store-postgres'
import type { StoreDriver } from '../store-driver.ts'

/** An instance serves one call at a time; the second connection is for jobs, which work side by side. */
const FUNCTION_CONNECTIONS = 2

/** Errors are made by what `open` has loaded, so until then there are none. */
let unavailable: typeof StoreUnavailableError | undefined

export const storeDriver: StoreDriver = {
  kind: 'postgres',
  open: async (config, { log, clock, runsAs }) => {
    if (config.kind !== 'postgres')
      throw new Error(`the driver of PostgreSQL was asked to open ${config.kind}`)
    // As late as wx-server-sdk: a function that cannot start, or has nothing to do with an event, loads no driver.
    const { createPostgresStore, StoreUnavailableError } = await import('@yuanlu/store-postgres')
    unavailable = StoreUnavailableError
    return createPostgresStore({
      databaseUrl: config.databaseUrl,
      log,
      now: clock,
      ...(runsAs === 'function' ? { maxConnections: FUNCTION_CONNECTIONS, frozenBetweenCalls: true } : {}),
    })
  },
  isUnavailable: (error) => unavailable !== undefined && error instanceof unavailable,
}
