/** @module What is written together with an aggregate: its journal entries and what needs a person. */
import type { Attention, JournalEntry, Log } from '@yuanlu/shop'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from './schema.ts'

export interface Followers {
  readonly orderId: string | null
  readonly journal: readonly JournalEntry[]
  readonly attention: readonly Attention[]
}

/**
 * Runs `write`, a statement that returns a row when it wrote, and everything that follows it, as ONE statement.
 * Entries whose cause is journaled already stay as they are: all of them are sent, the new ones stay.
 * Answers whether `write` wrote.
 */
export const writeWithFollowers = async (
  db: Kysely<Tables>,
  input: { readonly write: RawBuilder<unknown>; readonly followers: Followers; readonly log: Log },
): Promise<boolean> => {
  const { orderId, journal, attention } = input.followers
  if (journal.length === 0 && attention.length === 0) {
    const { rows } = await input.write.execute(db)
    return rows.length > 0
  }
  for (const entry of journal) assertBalanced(entry)
  const entries = journal.map(({ cause, at, refundId, wxId }) => ({ cause, at, refundId, wxId }))
  const lines = journal.flatMap(({ cause, lines }) => lines.map((line, i) => ({ cause, line: i, ...line })))
  const { rows } = await sql<{ written: boolean; taken: string[] | null }>`
    with written as (${input.write}),
    entry as (
      insert into journal_entry (cause, at, order_id, refund_id, wx_id)
      select e.cause, e.at, ${orderId}, e."refundId", e."wxId"
      from json_to_recordset(${JSON.stringify(entries)}::json)
        as e(cause text, at bigint, "refundId" text, "wxId" text)
      where exists (select 1 from written)
      on conflict (cause) do nothing
      returning cause
    ),
    line as (
      insert into journal_line (cause, line, account, fen)
      select l.cause, l.line, l.account, l.fen
      from json_to_recordset(${JSON.stringify(lines)}::json) as l(cause text, line integer, account text, fen bigint)
      join entry on entry.cause = l.cause
    ),
    flagged as (
      insert into attention as old (id, kind, order_id, since, summary, resolved_at)
      select a.id, a.kind, ${orderId}, a.since, a.summary, a."resolvedAt"
      from json_to_recordset(${JSON.stringify(attention)}::json)
        as a(id text, kind text, since bigint, summary text, "resolvedAt" bigint)
      where exists (select 1 from written)
      on conflict (id) do update set summary = excluded.summary, resolved_at = excluded.resolved_at
        where old.order_id is not distinct from excluded.order_id
          and (old.summary, old.resolved_at) is distinct from (excluded.summary, excluded.resolved_at)
    )
    select exists (select 1 from written) as written, (
      select json_agg(j.cause) from journal_entry j
      where j.cause = any(${entries.map((entry) => entry.cause)}::text[]) and j.order_id is distinct from ${orderId}
    ) as taken`.execute(db)
  const written = rows[0]?.written ?? false
  const taken = rows[0]?.taken ?? null
  // The same movement of money under two orders: the journal keeps the first and a person has to know.
  if (written && taken !== null) input.log.error('journal.causeTaken', { orderId, causes: taken })
  return written
}

/** A group that does not sum to zero is a bug of the caller; nothing of it reaches the journal. */
const assertBalanced = (entry: JournalEntry): void => {
  const sum = entry.lines.reduce((total, line) => total + line.fen, 0)
  if (sum !== 0 || !entry.lines.every((line) => Number.isSafeInteger(line.fen)))
    throw new RangeError(`journal entry ${entry.cause} does not sum to zero in whole fen`)
}
