/**
 * @module The rows by which refunds and attention are found: made from an order (or a stray), never the truth.
 *
 * An order and its rows are several documents. The order is written first and says `unindexed`; then the rows are
 * written, each only over an older version's; then the mark goes. Whoever lists looks for marks first and finishes
 * what a crash left, so a list never misses an order that was written.
 */
import { createHash } from 'node:crypto'
import { type Attention, type AttentionItem, type Order, type Refund, type Stray, toIso } from '@yuanlu/shop'
import type { Change, Database, Stored } from './documents.ts'
import type { OrderDocument } from './orders.ts'
import { positionOf } from './position.ts'
import type { StrayDocument } from './strays.ts'

/** What a document whose rows are elsewhere knows about them. */
export interface Indexed extends Stored {
  /** Of the rows that belong to this version. */
  readonly rowsDigest: string
  readonly unindexed: boolean
}

interface RowDocument extends Stored {
  /** The order's id, or a stray's transaction: a row is written for the one that had it first. */
  readonly owner: string
  /** Of the owner when this row was made. */
  readonly version: number
  readonly position: string
}

export interface RefundRowDocument extends RowDocument {
  readonly buyerOpenid: string
  readonly state: string
  /** Every number it may be searched by, its order's among them. */
  readonly numbers: readonly string[]
  readonly evidence: readonly string[]
}

export interface AttentionRowDocument extends RowDocument {
  readonly ofOrder: boolean
  readonly open: boolean
  readonly resolvedAt: number | null
  /** The item as it is listed. */
  readonly body: string
}

type Row =
  | { readonly collection: 'refunds'; readonly fields: Omit<RefundRowDocument, 'version'> }
  | { readonly collection: 'attention'; readonly fields: Omit<AttentionRowDocument, 'version'> }

export interface Index {
  readonly collection: 'orders' | 'strays'
  readonly id: string
  readonly version: number
  readonly rows: readonly Row[]
}

export const rowsOfOrder = (order: Order): Row[] => [
  ...order.refunds.map((refund) => refundRow(order, refund)),
  ...order.attention.map((attention) => attentionRow(attention, { orderId: order.id, owner: order.id })),
]

export const rowsOfStray = (stray: Stray): Row[] => [
  attentionRow(stray.attention, { orderId: null, owner: stray.transactionId }),
]

export const digestOfRows = (rows: readonly Row[]): string =>
  rows.length === 0 ? '' : createHash('sha256').update(JSON.stringify(rows)).digest('base64')

/**
 * Right after the owner was written. Whatever goes wrong here, that write stands and is answered as done; whoever lists
 * next finishes the rows, or is told what is wrong.
 */
export const indexQuietly = async (database: Database, index: Index): Promise<void> => {
  try {
    await writeRows(database, index)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    database.log.error('store.unindexed', { collection: index.collection, id: index.id, why })
  }
}

/** Enough for anything but a flood of crashes; what is left is found by the next call. */
const ROUNDS = 10
const AT_ONCE = 20

/** Finishes the rows of whatever was written and not indexed. Nearly always there is nothing. */
export const indexWhatIsLeft = async (
  database: Database,
  collections: readonly ('orders' | 'strays')[],
): Promise<void> => {
  await Promise.all(collections.map((collection) => indexCollection(database, collection)))
}

const indexCollection = async (database: Database, collection: 'orders' | 'strays'): Promise<void> => {
  for (let round = 0; round < ROUNDS; round++) {
    const left = await readUnindexed(database, collection)
    await Promise.all(left.map((index) => writeRows(database, index)))
    if (left.length < AT_ONCE) return
  }
}

const readUnindexed = async (database: Database, collection: 'orders' | 'strays'): Promise<Index[]> => {
  const query = { where: { unindexed: true }, limit: AT_ONCE } as const
  if (collection === 'orders') {
    const documents = await database
      .collection<OrderDocument>('orders')
      .readPart(query, ['_id', 'version', 'body'])
    return documents.map(({ _id: id, version, body }) => ({
      collection,
      id,
      version,
      rows: rowsOfOrder(JSON.parse(body)),
    }))
  }
  const documents = await database
    .collection<StrayDocument>('strays')
    .readPart(query, ['_id', 'version', 'body'])
  return documents.map(({ _id: id, version, body }) => ({
    collection,
    id,
    version,
    rows: rowsOfStray(JSON.parse(body)),
  }))
}

const writeRows = async (database: Database, { collection, id, version, rows }: Index): Promise<void> => {
  await Promise.all(rows.map((row) => writeRow(database, row, version)))
  // Not when the owner has moved on: then its rows are of another version, and the mark is that one's.
  await database.collection<Indexed>(collection).change({ _id: id, version }, { unindexed: false })
}

/** Twins write the same row, and one of them may be late: only what is older is written over. */
const writeRow = async (database: Database, row: Row, version: number): Promise<void> => {
  const rows = database.collection<RowDocument>(row.collection)
  const { _id, ...fields } = row.fields
  for (let round = 0; round < ROUNDS; round++) {
    const seen = await rows.findPart(_id, ['owner', 'version'])
    if (seen === null) {
      if (await rows.insert({ ...row.fields, version })) return
      continue
    }
    if (seen.owner !== fields.owner) {
      database.log.error('store.rowTaken', { collection: row.collection, id: _id, owner: seen.owner })
      return
    }
    if (seen.version >= version) return
    await rows.change({ _id, owner: fields.owner, version: database.command.lt(version) }, {
      ...fields,
      version,
    } satisfies Change)
  }
}

const refundRow = (order: Order, refund: Refund): Row => ({
  collection: 'refunds',
  fields: {
    _id: refund.id,
    owner: order.id,
    position: positionOf(refund.requestedAt, refund.id),
    buyerOpenid: order.buyerOpenid,
    state: refund.state,
    evidence: refund.evidence,
    numbers: [
      ...new Set([
        refund.id,
        order.id,
        refund.source.transactionId,
        ...refund.transfers.flatMap((transfer) => [
          transfer.request.outRefundNo,
          transfer.wxRefundId ?? order.id,
        ]),
      ]),
    ],
  },
})

const attentionRow = (
  { id, kind, refundId, since, summary, resolvedAt }: Attention,
  { orderId, owner }: { readonly orderId: string | null; readonly owner: string },
): Row => ({
  collection: 'attention',
  fields: {
    _id: id,
    owner,
    ofOrder: orderId !== null,
    position: positionOf(since, id),
    open: resolvedAt === null,
    resolvedAt,
    body: JSON.stringify({
      id,
      kind,
      ...(orderId === null ? {} : { orderId }),
      ...(refundId === undefined ? {} : { refundId }),
      since: toIso(since),
      summary,
    } satisfies AttentionItem),
  },
})
