/** @module What needs a person, oldest first. */
import { type AttentionStore, toIso } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'

export const postgresAttention = (database: Database): AttentionStore => ({
  listOpen({ after, limit }) {
    return database.run('attention.listOpen', async (db) => {
      let query = db
        .selectFrom('attention')
        .select(['id', 'kind', 'order_id', 'since', 'summary'])
        .where('resolved_at', 'is', null)
        .orderBy('since')
        .orderBy('id')
        .limit(limit)
      if (after !== undefined) query = query.where(sql<boolean>`(since, id) > (${after.since}, ${after.id})`)
      const rows = await query.execute()
      return rows.map(({ id, kind, order_id, since, summary }) => ({
        id,
        kind,
        ...(order_id === null ? {} : { orderId: order_id }),
        since: toIso(since),
        summary,
      }))
    })
  },
})
