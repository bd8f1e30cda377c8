/** @module The collections and their indexes: what `npm run cloudbase:indexes` makes. */

export const COLLECTIONS = [
  'orders',
  'refunds',
  'attention',
  'journal',
  'strays',
  'inbox',
  'products',
  'holds',
  'staff',
  'sessions',
  'files',
] as const
export type CollectionName = (typeof COLLECTIONS)[number]

/** Before every collection's name, so that they stay together among others of the same environment. */
export const DEFAULT_PREFIX = 'yuanlu_'

export interface IndexField {
  readonly name: string
  readonly direction: 1 | -1
}

export interface Index {
  readonly collection: CollectionName
  readonly name: string
  readonly fields: readonly IndexField[]
  /** Uniqueness is a matter of `_id` alone, so that a refused insert always has one meaning. */
  readonly unique: boolean
}

const asc = (name: string): IndexField => ({ name, direction: 1 })
const desc = (name: string): IndexField => ({ name, direction: -1 })

const index = (collection: CollectionName, name: string, ...fields: readonly IndexField[]): Index => ({
  collection,
  name,
  fields,
  unique: false,
})

/** Every query of the store runs along one of these, or along `_id`. */
export const INDEXES: readonly Index[] = [
  index('orders', 'by_time', desc('position')),
  index('orders', 'by_state', asc('state'), desc('position')),
  index('orders', 'by_buyer', asc('buyerOpenid'), desc('position')),
  index('orders', 'by_buyer_and_state', asc('buyerOpenid'), asc('state'), desc('position')),
  index('orders', 'by_transaction', asc('transactionId')),
  index('orders', 'due', asc('dueAt'), asc('_id')),
  index('orders', 'leased', asc('leasedUntil')),
  index('orders', 'unjournaled', asc('unjournaledAt'), asc('_id')),
  index('orders', 'unindexed', asc('unindexed')),

  index('refunds', 'by_time', asc('position')),
  index('refunds', 'by_state', asc('state'), asc('position')),
  index('refunds', 'by_buyer', asc('buyerOpenid'), asc('position')),
  index('refunds', 'by_number', asc('numbers'), asc('position')),
  index('refunds', 'by_evidence', asc('evidence')),

  index('attention', 'open', asc('open'), asc('position')),

  index('journal', 'by_last', asc('last')),
  index('journal', 'by_cause', asc('causes')),

  index('strays', 'unjournaled', asc('unjournaledAt'), asc('_id')),
  index('strays', 'unindexed', asc('unindexed')),

  index('inbox', 'waiting', asc('waiting'), asc('receivedAt'), asc('_id')),

  index('products', 'by_shelf', asc('shelf')),

  index('sessions', 'by_expiry', asc('expiresAt')),

  index('files', 'loose', asc('loose'), asc('touchedAt'), asc('_id')),
  index('files', 'loose_by_owner', asc('ownerOpenid'), asc('loose')),
]
