/** @module Verified news: the inbox, and money for trades that no order knows. */
import type { InboxStore, Log, StrayStore } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { writeWithFollowers } from './followers.ts'

export const postgresInbox = (database: Database): InboxStore => ({
  put({ id, receivedAt, news }) {
    return database.run('inbox.put', async (db) => {
      await db
        .insertInto('inbox')
        .values({ id, received_at: receivedAt, applied_at: null, news: JSON.stringify(news) })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    })
  },

  markApplied(id, at) {
    return database.run('inbox.markApplied', async (db) => {
      await db
        .updateTable('inbox')
        .set({ applied_at: at })
        .where('id', '=', id)
        .where('applied_at', 'is', null)
        .execute()
    })
  },

  listUnapplied({ before, limit }) {
    return database.run('inbox.listUnapplied', (db) =>
      db
        .selectFrom('inbox')
        .select(['id', 'received_at as receivedAt', 'news'])
        .where('applied_at', 'is', null)
        .where('received_at', '<', before)
        .orderBy('received_at')
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
  },
})

export const postgresStrays = (database: Database, log: Log): StrayStore => ({
  insert({ transactionId, news, attention, journal }) {
    // After a lost answer a repeat may say "there already" of its own row. To the caller both mean: it is kept.
    return database.run('strays.insert', (db) =>
      writeWithFollowers(db, {
        write: sql`
          insert into strays (transaction_id, news) values (${transactionId}, ${JSON.stringify(news)})
          on conflict (transaction_id) do nothing
          returning transaction_id`,
        followers: { orderId: null, journal: [journal], attention: [attention], order: null },
        log,
      }),
    )
  },

  find(transactionId) {
    return database.run('strays.find', async (db) => {
      const row = await db
        .selectFrom('strays')
        .select('news')
        .where('transaction_id', '=', transactionId)
        .executeTakeFirst()
      if (row === undefined) return null
      const refunds = await db
        .selectFrom('stray_refunds')
        .select('refund_fen')
        .where('transaction_id', '=', transactionId)
        .execute()
      return {
        paidFen: row.news.totalFen,
        refundedFen: refunds.reduce((sum, refund) => sum + refund.refund_fen, 0),
      }
    })
  },

  addRefund({ transactionId, outRefundNo, refundFen, journal }) {
    // After a lost answer a repeat says "there already" of its own row: it is kept.
    return database.run('strays.addRefund', (db) =>
      writeWithFollowers(db, {
        write: sql`
          insert into stray_refunds (out_refund_no, transaction_id, refund_fen)
          select ${outRefundNo}::text, transaction_id, ${refundFen}::bigint
          from strays where transaction_id = ${transactionId}
          on conflict (out_refund_no) do nothing
          returning out_refund_no`,
        followers: { orderId: null, journal: [journal], attention: [], order: null },
        log,
      }),
    )
  },
})
