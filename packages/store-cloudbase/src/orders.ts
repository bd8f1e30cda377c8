/** @module Orders: one document each, written by compare-and-swap on the version. */
import {
  isVisible,
  type JournalEntry,
  type Order,
  type OrderPosition,
  type OrderStatus,
  type OrderStore,
} from '@yuanlu/shop'
import type { Change, Condition, Database } from './documents.ts'
import { assertBalanced } from './journal.ts'
import { positionOf } from './position.ts'
import { digestOfRows, type Indexed, indexQuietly, rowsOfOrder } from './rows.ts'

/**
 * The order as the shop wrote it is `body`: text, so that every value, the order of members and large integers come
 * back byte for byte, and nothing a person typed is ever part of a query. Beside it is what is asked for.
 */
export interface OrderDocument extends Indexed {
  readonly version: number
  readonly body: string
  readonly buyerOpenid: string
  readonly state: string
  /** Null while nobody may see the order: then it is in no list. */
  readonly position: string | null
  readonly transactionId: string | null
  readonly nextActionAt: number | null
  /** When the next worker may have it: `nextActionAt`, or the end of the lease that somebody has. */
  readonly dueAt: number | null
  readonly leasedUntil: number | null
  /** How many entries of its journal are in the shop's journal. Only the publisher writes it. */
  readonly journaled: number
  /** When its first entry that is not there happened; null when all are. It may be late, never early. */
  readonly unjournaledAt: number | null
}

/** Rounds of looking for orders that nobody else is claiming at this moment. */
const CLAIM_ROUNDS = 4
/** Bodies are up to half a megabyte: not too many in one answer. */
const MAX_PAGE = 200
const FOUND = ['body', 'position', 'state'] as const

export const orderOf = (document: Pick<OrderDocument, 'body'>): Order => JSON.parse(document.body)

export const cloudbaseOrders = (database: Database): OrderStore => {
  const orders = database.collection<OrderDocument>('orders')
  const { command } = database

  const page = async (where: Condition, limit: number): Promise<Order[]> => {
    const found: Order[] = []
    let beyond = where
    while (found.length < limit) {
      const wanted = Math.min(limit - found.length, MAX_PAGE)
      const documents = await orders.readPart(
        { where: beyond, order: [['position', 'desc']], limit: wanted },
        ['body', 'position'],
      )
      found.push(...documents.map(orderOf))
      const last = documents.at(-1)?.position
      if (documents.length < wanted || last == null) break
      beyond = { ...where, position: command.lt(last) }
    }
    return found
  }

  const narrowed = (status: OrderStatus | undefined, after: OrderPosition | undefined): Condition => ({
    ...(status === undefined ? {} : { state: status }),
    // Any text is greater than none; an invisible order has no position at all.
    position: after === undefined ? command.gt('') : command.lt(positionOf(after.createdAt, after.id)),
  })

  return {
    async insert(order) {
      for (const entry of order.journal) assertBalanced(entry)
      const rows = rowsOfOrder(order)
      const inserted = await orders.insert({
        _id: order.id,
        ...fieldsOf(order),
        buyerOpenid: order.buyerOpenid,
        journaled: 0,
        unjournaledAt: firstAt(order.journal, 0),
        rowsDigest: digestOfRows(rows),
        unindexed: rows.length > 0,
      })
      if (inserted && rows.length > 0)
        await indexQuietly(database, { collection: 'orders', id: order.id, version: order.version, rows })
      return inserted
    },

    async get(id) {
      const document = await orders.findPart(id, ['body'])
      return document === null ? null : orderOf(document)
    },

    async replace(next, expectedVersion) {
      if (next.version !== expectedVersion + 1)
        throw new RangeError(`order ${next.id}: version ${next.version} does not follow ${expectedVersion}`)
      for (const entry of next.journal) assertBalanced(entry)
      const rows = rowsOfOrder(next)
      const rowsDigest = digestOfRows(rows)
      // What follows an order is only ever added to: where there is nothing now, there never was.
      const followed = next.journal.length > 0 || rows.length > 0
      const seen = followed
        ? await orders.findPart(next.id, ['version', 'journaled', 'rowsDigest', 'unindexed'])
        : { version: expectedVersion, journaled: 0, rowsDigest, unindexed: false }
      if (seen?.version !== expectedVersion) return false
      const unindexed = seen.unindexed || seen.rowsDigest !== rowsDigest
      const change = {
        ...fieldsOf(next),
        unjournaledAt: firstAt(next.journal, seen.journaled),
        rowsDigest,
        unindexed,
      } satisfies Change
      if (!(await orders.swap(next.id, { expected: { version: expectedVersion }, change }))) return false
      if (unindexed)
        await indexQuietly(database, { collection: 'orders', id: next.id, version: next.version, rows })
      return true
    },

    async claimDue({ now, limit, leaseMs }) {
      const dueAt = now + leaseMs
      const claim = async (document: OrderDocument): Promise<Order | null> => {
        const { version } = document
        const claimed = await orders.swap(document._id, {
          expected: { version, dueAt: document.dueAt },
          change: { dueAt, leasedUntil: dueAt },
          mark: 'leaseId',
        })
        return claimed ? orderOf(document) : null
      }
      const claimed: Order[] = []
      for (let round = 0; round < CLAIM_ROUNDS && claimed.length < limit; round++) {
        const wanted = Math.min(limit - claimed.length, MAX_PAGE)
        const due = await orders.read({
          where: { dueAt: command.lte(now) },
          order: [
            ['dueAt', 'asc'],
            ['_id', 'asc'],
          ],
          limit: wanted,
        })
        // A lease that ends impossibly late was given by a clock that has since been set back: it is void.
        const stale =
          due.length < wanted
            ? (
                await orders.read({
                  where: { leasedUntil: command.gt(now + 2 * leaseMs) },
                  limit: wanted - due.length,
                })
              ).filter((document) => document.nextActionAt !== null && document.nextActionAt <= now)
            : []
        const answers = await Promise.all([...due, ...stale].map(claim))
        claimed.push(...answers.filter((order) => order !== null))
        if (due.length + stale.length < wanted) break
      }
      return claimed
    },

    async list({ q, status, after, limit }) {
      if (q === undefined) return await page(narrowed(status, after), limit)
      // A number is an order's own or its transaction's: two short looks, and what they find is few.
      const documents = await Promise.all([
        orders.readPart({ where: { _id: q }, limit: 1 }, FOUND),
        orders.readPart({ where: { transactionId: q }, limit: MAX_PAGE }, FOUND),
      ])
      const before = after === undefined ? null : positionOf(after.createdAt, after.id)
      const found = new Map<string, Order>()
      for (const document of documents.flat()) {
        const { position, state } = document
        if (position === null || (before !== null && position >= before)) continue
        if (status === undefined || state === status) found.set(position, orderOf(document))
      }
      return [...found]
        .sort(([a], [b]) => (a < b ? 1 : -1))
        .slice(0, limit)
        .map(([, order]) => order)
    },

    listByBuyer({ buyerOpenid, status, after, limit }) {
      return page({ buyerOpenid, ...narrowed(status, after) }, limit)
    },
  }
}

/** What every write sets anew. A write ends the lease. */
const fieldsOf = (order: Order) => ({
  version: order.version,
  body: JSON.stringify(order),
  state: order.state,
  position: isVisible(order) ? positionOf(order.createdAt, order.id) : null,
  transactionId: order.payment?.transactionId ?? null,
  nextActionAt: order.nextActionAt,
  dueAt: order.nextActionAt,
  leasedUntil: null,
})

const firstAt = (journal: readonly JournalEntry[], journaled: number): number | null =>
  journal[journaled]?.at ?? null
