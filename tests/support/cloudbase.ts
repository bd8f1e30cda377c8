/** @module A local cloud with the store's collections and indexes in it, and stores on it through the real SDK. */

import type { Store } from '@yuanlu/shop'
import {
  type CloudbaseStoreOptions,
  COLLECTIONS,
  createCloudbaseStore,
  DEFAULT_PREFIX,
  INDEXES,
  type Index,
} from '@yuanlu/store-cloudbase'
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { openCloud } from '../cloudbase-emulator/sdk.ts'

export interface TestCloud {
  readonly emulator: CloudbaseEmulator
  open(options?: CloudbaseStoreOptions): Promise<Store>
  /** No documents, files and faults any more: a good deal faster between two tests than another cloud. */
  empty(): void
  /** How many files are in the storage, and how many documents in each collection. */
  contents(): Promise<{ readonly files: number; readonly documents: Readonly<Record<string, number>> }>
  /** A collection's documents as they are stored, up to a hundred. */
  documents(collection: string): Promise<Readonly<Record<string, unknown>>[]>
  /** Puts a document there past the store, or changes one. */
  insert(collection: string, document: object): Promise<void>
  change(collection: string, id: string, data: object): Promise<void>
  close(): Promise<void>
}

/** Every query without an index is an error, as it would be slow on the platform. */
export const startTestCloud = async (
  prefix: string = DEFAULT_PREFIX,
  indexes: readonly Index[] = INDEXES,
): Promise<TestCloud> => {
  const emulator = await startCloudbaseEmulator({
    collections: COLLECTIONS.map((name) => `${prefix}${name}`),
    indexes: indexes.map((index) => ({ ...index, collection: `${prefix}${index.collection}` })),
    requireIndexes: true,
  })
  const before = { ...process.env }
  Object.assign(process.env, emulator.environment)
  let direct: ReturnType<ReturnType<typeof openCloud>['database']> | undefined
  const db = () => (direct ??= openCloud(emulator).database())
  return {
    emulator,
    open: (options) => createCloudbaseStore(options),
    empty: () => emulator.reset(),
    async contents() {
      const headers = { authorization: `Bearer ${emulator.controlToken}` }
      const response = await fetch(`${emulator.controlUrl}/state`, { headers })
      const state: { files: number; collections: { name: string; documents: number }[] } =
        await response.json()
      const documents = state.collections.map(({ name, documents }) => [name.replace(prefix, ''), documents])
      return { files: state.files, documents: Object.fromEntries(documents) }
    },
    documents: async (collection) => (await db().collection(`${prefix}${collection}`).get()).data,
    async insert(collection, document) {
      await db().collection(`${prefix}${collection}`).add({ data: document })
    },
    async change(collection, id, data) {
      await db().collection(`${prefix}${collection}`).doc(id).update({ data })
    },
    async close() {
      await emulator.close()
      for (const name of Object.keys(emulator.environment)) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    },
  }
}
