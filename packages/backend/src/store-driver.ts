/** @module What a store's driver is to the backend: one entry point each, so that a bundle carries exactly one. */
import type { Clock, Log, Store } from '@yuanlu/shop'
import type { StoreConfig, StoreKind } from './config.ts'

export interface StoreDriver {
  readonly kind: StoreKind
  open(config: StoreConfig, surroundings: Surroundings): Promise<Store>
  /** Tells weather from bugs: the store cannot serve this call now, and it may be repeated. */
  isUnavailable(error: unknown): boolean
}

export interface Surroundings {
  readonly log: Log
  readonly clock: Clock
  /** `function`: one call at a time, frozen between calls, one of many instances. */
  readonly runsAs: 'server' | 'function'
}

/** For a program that is not bundled: the driver that the configuration names, and no other, is loaded. */
export const loadDriver = async (kind: StoreKind): Promise<StoreDriver> => {
  const { storeDriver } =
    kind === 'postgres' ? await import('./stores/postgres.ts') : await import('./stores/cloudbase.ts')
  return storeDriver
}
