/** @module What needs a person, newest first. */
import { type AttentionStore, toIso } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'

export const postgresAttention = (database: Database): AttentionStore => ({
  find(id) {
    return database.run('attention.find', async (db) => {
      const row = await db
        .selectFrom('attention')
        .select(['order_id as orderId', 'resolved_at as resolvedAt'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row ?? null
    })
  },

  resolveStray({ id, at, note }) {
    return database.run('attention.resolveStray', async (db) => {
      await db
        .updateTable('attention')
        .set({ resolved_at: at, note })
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
        .select(['id', 'kind', 'order_id', 'refund_id', 'since', 'summary'])
        .where('resolved_at', 'is', null)
        .orderBy('since', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (after !== undefined) query = query.where(sql<boolean>`(since, id) < (${after.since}, ${after.id})`)
      const rows = await query.execute()
      return rows.map(({ id, kind, order_id, refund_id, since, summary }) => ({
        id,
        kind,
        ...(order_id === null ? {} : { orderId: order_id }),
        ...(refund_id === null ? {} : { refundId: refund_id }),
        since: toIso(since),
        summary,
      }))
    })
  },
})
