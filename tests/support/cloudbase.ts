/** @module A local cloud with the store's collections and indexes in it, and stores on it through the real SDK. */

import type { Store } from '@yuanlu/shop'
import {
  type CloudbaseStoreOptions,
  COLLECTIONS,
  createCloudbaseStore,
  DEFAULT_PREFIX,
  INDEXES,
} from '@yuanlu/store-cloudbase'
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'

export interface TestCloud {
  readonly emulator: CloudbaseEmulator
  open(options?: CloudbaseStoreOptions): Promise<Store>
  /** No documents, files and faults any more: a good deal faster between two tests than another cloud. */
  empty(): void
  close(): Promise<void>
}

/** Every query without an index is an error, as it would be slow on the platform. */
export const startTestCloud = async (prefix: string = DEFAULT_PREFIX): Promise<TestCloud> => {
  const emulator = await startCloudbaseEmulator({
    collections: COLLECTIONS.map((name) => `${prefix}${name}`),
    indexes: INDEXES.map((index) => ({ ...index, collection: `${prefix}${index.collection}` })),
    requireIndexes: true,
  })
  const before = { ...process.env }
  Object.assign(process.env, emulator.environment)
  return {
    emulator,
    open: (options) => createCloudbaseStore(options),
    empty: () => emulator.reset(),
    async close() {
      await emulator.close()
      for (const name of Object.keys(emulator.environment)) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    },
  }
}
