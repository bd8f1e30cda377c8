/** @module Refunds found by buyer, state and number; each is read from its order. */
import type { Order, RefundIndex, RefundPosition, RefundRow, RefundStatus } from '@yuanlu/shop'
import type { Condition, Database } from './documents.ts'
import { type OrderDocument, orderOf } from './orders.ts'
import { positionOf } from './position.ts'
import { indexWhatIsLeft, type RefundRowDocument } from './rows.ts'

/** Rows read in one answer, and then the orders they belong to. */
const MAX_PAGE = 100

interface Page {
  readonly status?: RefundStatus
  readonly oldestFirst: boolean
  readonly after?: RefundPosition
  readonly limit: number
}

export const cloudbaseRefunds = (database: Database): RefundIndex => ({
  listByBuyer: ({ buyerOpenid, ...page }) => list(database, { buyerOpenid }, { ...page, oldestFirst: false }),
  list({ q, ...page }) {
    // Few refunds share a number: those of another state are passed over below.
    if (q !== undefined) return list(database, { numbers: q }, page)
    return list(database, page.status === undefined ? {} : { state: page.status }, page)
  },
})

const list = async (database: Database, filter: Condition, page: Page): Promise<RefundRow[]> => {
  const { status, oldestFirst, after, limit } = page
  await indexWhatIsLeft(database, ['orders'])
  const rows = database.collection<RefundRowDocument>('refunds')
  const beyond = (position: string) =>
    oldestFirst ? database.command.gt(position) : database.command.lt(position)
  const found: RefundRow[] = []
  let position =
    after === undefined ? database.command.gt('') : beyond(positionOf(after.requestedAt, after.id))
  while (found.length < limit) {
    const wanted = Math.min(limit - found.length, MAX_PAGE)
    const documents = await rows.readPart(
      {
        where: { ...filter, position },
        order: [['position', oldestFirst ? 'asc' : 'desc']],
        limit: wanted,
      },
      ['_id', 'owner', 'position'],
    )
    const orders = await ordersOf(database, [...new Set(documents.map(({ owner }) => owner))])
    for (const { _id: refundId, owner } of documents) {
      const order = orders.get(owner)
      const refund = order?.refunds.find(({ id }) => id === refundId)
      // Its order may have moved on since the row was read: it is listed as what it is now, or not at all.
      if (order === undefined || refund === undefined) continue
      if (status === undefined || refund.state === status) found.push({ order, refundId })
    }
    const last = documents.at(-1)
    if (last === undefined || documents.length < wanted) break
    position = beyond(last.position)
  }
  return found
}

const ordersOf = async (database: Database, ids: readonly string[]): Promise<Map<string, Order>> => {
  if (ids.length === 0) return new Map()
  const documents = await database
    .collection<OrderDocument>('orders')
    .readPart({ where: { _id: database.command.in(ids) }, limit: ids.length }, ['_id', 'body'])
  return new Map(documents.map((document) => [document._id, orderOf(document)]))
}
