/** @module The shop's store on WeChat cloud's document database: `createCloudbaseStore` is the way in. */
export {
  COLLECTIONS,
  type CollectionName,
  DEFAULT_PREFIX,
  INDEXES,
  type Index,
  type IndexField,
} from './collections.ts'
export { CloudbaseSetupError, DocumentTooLargeError, StoreUnavailableError } from './failure.ts'
export type { CloudOptions } from './sdk.ts'
export { type CloudbaseStoreOptions, createCloudbaseStore } from './store.ts'
