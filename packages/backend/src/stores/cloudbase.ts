/** @module The backend's driver of the cloud database: not there yet. */
import { ConfigError } from '../config.ts'
import type { StoreDriver } from '../store-driver.ts'

export const storeDriver: StoreDriver = {
  kind: 'cloudbase',
  open: async () => {
    throw new ConfigError([
      { variable: 'STORE', problem: 'cloudbase is not part of this version yet; use postgres' },
    ])
  },
  isUnavailable: () => false,
}
