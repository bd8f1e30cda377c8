/** @module The backend's driver of PostgreSQL. */
import { createPostgresStore, StoreUnavailableError } from '@yuanlu/store-postgres'
import type { StoreDriver } from '../store-driver.ts'

/** An instance serves one call at a time; the second connection is for jobs, which work side by side. */
const FUNCTION_CONNECTIONS = 2

export const storeDriver: StoreDriver = {
  kind: 'postgres',
  open: async (config, { log, clock, runsAs }) => {
    if (config.kind !== 'postgres')
      throw new Error(`the driver of PostgreSQL was asked to open ${config.kind}`)
    return createPostgresStore({
      databaseUrl: config.databaseUrl,
      log,
      now: clock,
      ...(runsAs === 'function' ? { maxConnections: FUNCTION_CONNECTIONS, frozenBetweenCalls: true } : {}),
    })
  },
  isUnavailable: (error) => error instanceof StoreUnavailableError,
}
