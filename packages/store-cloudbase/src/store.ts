/** @module The shop's whole store port on one WeChat cloud environment. */
import type { Clock, Log, Store } from '@yuanlu/shop'
import { cloudbaseAttention } from './attention.ts'
import { DEFAULT_PREFIX } from './collections.ts'
import { openDocuments } from './documents.ts'
import { cloudbaseFiles } from './files.ts'
import { cloudbaseInbox } from './inbox.ts'
import { cloudbaseJournal } from './journal.ts'
import { cloudbaseOrders } from './orders.ts'
import { cloudbaseSessions, cloudbaseStaff } from './people.ts'
import { cloudbaseProducts } from './products.ts'
import { cloudbaseRefunds } from './refunds.ts'
import { type CloudOptions, openCloud } from './sdk.ts'
import { cloudbaseStrays } from './strays.ts'

export interface CloudbaseStoreOptions {
  /** Empty in a cloud function: it knows where it runs. */
  readonly cloud?: CloudOptions
  /** Before every collection's name. Default `yuanlu_`. */
  readonly collectionPrefix?: string
  /** Calls of this process under way at once. Default 16: small plans serve some twenty connections. */
  readonly maxConcurrent?: number
  /** What is larger is refused before it is sent. Default: a little below the platform's 16 MB. */
  readonly maxDocumentBytes?: number
  readonly log?: Log
  /** How to wait before something is tried again, in milliseconds. */
  readonly sleep?: (ms: number) => Promise<void>
  /** The process's clock in milliseconds; used to clear away what was left long ago. */
  readonly now?: Clock
}

/**
 * https://docs.cloudbase.net/database/limit: one document at most 16 MB. What is measured here is its JSON; the room left
 * is for what the database adds.
 */
const MAX_DOCUMENT_BYTES = 15 * 1024 * 1024

const SILENT: Log = { info() {}, warn() {}, error() {} }

/**
 * Loads the SDK and answers the store. Nothing is sent yet: `ping` says whether the way is open.
 *
 * @throws StoreUnavailableError from every call, when the database cannot be reached or does not serve it
 * @throws CloudbaseSetupError when a collection or an index is missing; it names the command that makes them
 * @example
 * const store = await createCloudbaseStore({})
 * await store.ping()
 * await store.close()
 */
export const createCloudbaseStore = async (options: CloudbaseStoreOptions = {}): Promise<Store> => {
  const { log = SILENT, now = Date.now } = options
  const database = openDocuments({
    cloud: await openCloud(options.cloud ?? {}),
    prefix: options.collectionPrefix ?? DEFAULT_PREFIX,
    maxAtOnce: options.maxConcurrent ?? 16,
    maxDocumentBytes: options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
    sleep: options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
    log,
  })
  return {
    orders: cloudbaseOrders(database),
    refunds: cloudbaseRefunds(database),
    products: cloudbaseProducts(database, now),
    staff: cloudbaseStaff(database),
    sessions: cloudbaseSessions(database, now),
    files: cloudbaseFiles(database),
    inbox: cloudbaseInbox(database),
    strays: cloudbaseStrays(database),
    journal: cloudbaseJournal(database),
    attention: cloudbaseAttention(database),
    async ping() {
      await database.collection('staff').readPart({ where: { _id: 'everybody' }, limit: 1 }, ['_id'])
    },
    // Nothing is open between two calls.
    async close() {},
  }
}
