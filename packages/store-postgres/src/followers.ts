/** @module What is written together with an aggregate: its journal entries and what needs a person. */
import type { Attention, JournalEntry, Log, Order } from '@yuanlu/shop'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from './schema.ts'

export interface Followers {
  readonly orderId: string | null
  readonly journal: readonly JournalEntry[]
  readonly attention: readonly Attention[]
  /** The order whose refunds are to be found by their own numbers; null where there is none. */
  readonly order: Order | null
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
  const { orderId, journal, attention, order } = input.followers
  const refunds = order === null ? [] : refundRows(order)
  if (journal.length === 0 && attention.length === 0 && refunds.length === 0) {
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
      insert into attention as old (id, kind, order_id, refund_id, since, summary, resolved_at)
      select a.id, a.kind, ${orderId}, a."refundId", a.since, a.summary, a."resolvedAt"
      from json_to_recordset(${JSON.stringify(attention)}::json)
        as a(id text, kind text, "refundId" text, since bigint, summary text, "resolvedAt" bigint)
      where exists (select 1 from written)
      on conflict (id) do update set since = excluded.since, summary = excluded.summary, resolved_at = excluded.resolved_at
        where old.order_id is not distinct from excluded.order_id
          and (old.since, old.summary, old.resolved_at)
            is distinct from (excluded.since, excluded.summary, excluded.resolved_at)
    ),
    findable as (
      insert into refunds as old (id, order_id, buyer_openid, state, requested_at, numbers, evidence)
      select r.id, ${orderId}, r."buyerOpenid", r.state, r."requestedAt",
        array(select json_array_elements_text(r.numbers)), array(select json_array_elements_text(r.evidence))
      from json_to_recordset(${JSON.stringify(refunds)}::json)
        as r(id text, "buyerOpenid" text, state text, "requestedAt" bigint, numbers json, evidence json)
      where exists (select 1 from written)
      on conflict (id) do update set state = excluded.state, numbers = excluded.numbers
        where (old.state, old.numbers) is distinct from (excluded.state, excluded.numbers)
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

/** What a refund is found by: its own number, its order's, its transaction's, and those of its transfers. */
const refundRows = (order: Order) =>
  order.refunds.map((refund) => ({
    id: refund.id,
    buyerOpenid: order.buyerOpenid,
    state: refund.state,
    requestedAt: refund.requestedAt,
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
  }))

/** A group that does not sum to zero is a bug of the caller; nothing of it reaches the journal. */
const assertBalanced = (entry: JournalEntry): void => {
  const sum = entry.lines.reduce((total, line) => total + line.fen, 0)
  if (sum !== 0 || !entry.lines.every((line) => Number.isSafeInteger(line.fen)))
    throw new RangeError(`journal entry ${entry.cause} does not sum to zero in whole fen`)
}
