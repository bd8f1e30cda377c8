/** @module What needs a person, newest first. */
import { type AttentionItem, type AttentionStore, type Resolution, toIso } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { Tables } from './schema.ts'

const ITEM = ['id', 'kind', 'order_id', 'refund_id', 'since', 'summary'] as const

const itemOf = (row: Pick<Tables['attention'], (typeof ITEM)[number]>): AttentionItem => ({
  id: row.id,
  kind: row.kind,
  ...(row.order_id === null ? {} : { orderId: row.order_id }),
  ...(row.refund_id === null ? {} : { refundId: row.refund_id }),
  since: toIso(row.since),
  summary: row.summary,
})

const resolutionOf = (by: string | null, note: string | null): Resolution | null =>
  by === null ? null : { by, action: null, note: note ?? '' }

export const postgresAttention = (database: Database): AttentionStore => ({
  find(id) {
    return database.run('attention.find', async (db) => {
      const row = await db
        .selectFrom('attention')
        .select([...ITEM, 'resolved_at', 'resolved_by', 'note'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined
        ? null
        : {
            orderId: row.order_id,
            resolvedAt: row.resolved_at,
            resolution: resolutionOf(row.resolved_by, row.note),
            item: itemOf(row),
          }
    })
  },

  resolveStray({ id, at, by, note }) {
    return database.run('attention.resolveStray', async (db) => {
      await db
        .updateTable('attention')
        .set({ resolved_at: at, resolved_by: by, note })
        .where('id', '=', id)
        .where('order_id', 'is', null)
        .where('resolved_at', 'is', null)
        .execute()
    })
  },

  listOpen({ after, limit }) {
    return database.run('attention.listOpen', async (db) => {
      let query = db
        .selectFrom('attention')
        .select(ITEM)
        .where('resolved_at', 'is', null)
        .orderBy('since', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (after !== undefined) query = query.where(sql<boolean>`(since, id) < (${after.since}, ${after.id})`)
      const rows = await query.execute()
      return rows.map(itemOf)
    })
  },
})
