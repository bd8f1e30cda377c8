/** @module Refunds found by buyer, state and number; each is read from its order. */
import type { RefundIndex, RefundPosition, RefundRow } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'

export const postgresRefunds = (database: Database): RefundIndex => ({
  listByBuyer({ buyerOpenid, after, limit }) {
    return list(database, sql`r.buyer_openid = ${buyerOpenid}`, { oldestFirst: false, after, limit })
  },

  list({ status, q, oldestFirst, after, limit }) {
    const ofState = status === undefined ? sql`true` : sql`r.state = ${status}`
    const numbered = q === undefined ? sql`true` : sql`r.numbers @> array[${q}::text]`
    return list(database, sql`${ofState} and ${numbered}`, { oldestFirst, after, limit })
  },
})

const list = (
  database: Database,
  condition: ReturnType<typeof sql>,
  page: { readonly oldestFirst: boolean; readonly after: RefundPosition | undefined; readonly limit: number },
): Promise<RefundRow[]> =>
  database.run('refunds.list', async (db) => {
    const { oldestFirst, after, limit } = page
    const beyond =
      after === undefined
        ? sql`true`
        : oldestFirst
          ? sql`(r.requested_at, r.id) > (${after.requestedAt}, ${after.id})`
          : sql`(r.requested_at, r.id) < (${after.requestedAt}, ${after.id})`
    const direction = oldestFirst ? sql`asc` : sql`desc`
    const { rows } = await sql<{ id: string; document: RefundRow['order'] }>`
      select r.id, o.document
      from refunds r join orders o on o.id = r.order_id
      where ${condition} and ${beyond}
      order by r.requested_at ${direction}, r.id ${direction}
      limit ${limit}`.execute(db)
    return rows.map(({ id, document }) => ({ order: document, refundId: id }))
  })
