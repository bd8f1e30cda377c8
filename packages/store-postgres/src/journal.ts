/** @module Numbering and reading the money journal. */
import { type JournalStore, toIso } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'

export const postgresJournal = (database: Database): JournalStore => ({
  publish({ limit }) {
    return database.run('journal.publish', async (db) => {
      const { rows } = await sql<{ waiting: boolean }>`
        select exists (select 1 from journal_entry where not published) as waiting`.execute(db)
      if (rows[0]?.waiting !== true) return 0
      return await db.transaction().execute(async (transaction) => {
        // Publishers queue at this row. A number is given and committed before the next one is thought of, so
        // whoever has seen number n has seen all below it. A row and not an advisory lock: distributed
        // databases that speak PostgreSQL treat advisory locks as no-ops.
        await sql`select last_seq from journal_head where id = 1 for update`.execute(transaction)
        // Entries are numbered whole: a reader never sees a group that does not sum to zero yet.
        const { rows } = await sql<{ entries: number }>`
          with entry as (
            update journal_entry set published = true
            where cause in (select cause from journal_entry where not published order by at, cause limit ${limit})
            returning cause, at
          ),
          numbered as (
            select l.cause, l.line, row_number() over (order by e.at, e.cause, l.line) as nr
            from entry e join journal_line l on l.cause = e.cause
          ),
          line as (
            update journal_line l set seq = before.last_seq + numbered.nr
            from numbered, journal_head before
            where l.cause = numbered.cause and l.line = numbered.line
            returning l.seq
          ),
          head as (
            update journal_head set last_seq = last_seq + (select count(*) from line)
          )
          select count(*) as entries from entry`.execute(transaction)
        return rows[0]?.entries ?? 0
      })
    })
  },

  read({ after, limit }) {
    return database.run('journal.read', async (db) => {
      const rows = await db
        .selectFrom('journal_line as line')
        .innerJoin('journal_entry as entry', 'entry.cause', 'line.cause')
        .select(['line.seq', 'entry.at', 'entry.order_id as orderId', 'entry.refund_id as refundId'])
        .select(['line.account', 'line.fen', 'line.cause', 'entry.wx_id as wxId'])
        .where('line.seq', '>', after)
        .$narrowType<{ seq: number }>()
        .orderBy('line.seq')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...row, at: toIso(row.at) }))
    })
  },
})
