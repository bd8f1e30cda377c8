/**
 * @module Numbering and reading the money journal: a chain of batches, each under the number it begins with.
 *
 * Inserting a batch under the next number is the one step that counts. Whoever has it has numbered, and all others
 * find the number taken and look again. So there are no gaps, batch n+1 cannot be there before batch n, and a
 * publisher may die anywhere: entries that are in a batch are recognised by their cause and marked by the next one.
 */
import {
  type JournalEntry,
  type JournalStore,
  type LedgerEntry,
  type Order,
  type Stray,
  type StrayRefund,
  toIso,
} from '@yuanlu/shop'
import type { Database, Stored } from './documents.ts'
import type { OrderDocument } from './orders.ts'
import type { StrayDocument } from './strays.ts'

interface BatchDocument extends Stored {
  readonly first: number
  readonly last: number
  readonly causes: readonly string[]
  /** Its `LedgerEntry`s. */
  readonly body: string
}

/** An order or a stray with entries that are not in the journal yet. */
interface Source {
  readonly collection: 'orders' | 'strays'
  readonly id: string
  readonly orderId: string | null
  readonly version: number
  readonly journaled: number
  readonly since: number
  readonly entries: readonly JournalEntry[]
}

/** What is taken of a source in this batch. */
interface Share {
  readonly source: Source
  readonly count: number
}

/** Numbers sort as text: sixteen digits hold every safe integer. */
const batchId = (first: number): string => String(first).padStart(16, '0')

const MAX_ENTRIES = 50
const MAX_SOURCES = 20
/** Against others that are faster; each of these rounds, somebody's batch went in. */
const MAX_ROUNDS = 8
const BATCHES_AT_ONCE = 20

export const cloudbaseJournal = (database: Database): JournalStore => {
  const journal = database.collection<BatchDocument>('journal')

  /** One batch. Null when there is nothing to number, 0 when somebody else was faster or all was numbered before. */
  const publishBatch = async (limit: number): Promise<number | null> => {
    // The order of these three readings matters: once the batch goes in under `first`, no other has gone in since
    // the first reading, so the causes that the third one found are all there are.
    const [end] = await journal.readPart(
      { where: { last: database.command.gte(0) }, order: [['last', 'desc']], limit: 1 },
      ['last'],
    )
    const first = (end?.last ?? 0) + 1
    const shares = sharesOf(await readSources(database), limit)
    if (shares.length === 0) return null
    const known = await ownersOf(journal, database, causesOf(shares))
    const fresh: { readonly entry: JournalEntry; readonly orderId: string | null }[] = []
    const taken: { readonly cause: string; readonly orderId: string | null }[] = []
    for (const { source, count } of shares)
      for (const entry of source.entries.slice(source.journaled, source.journaled + count)) {
        const owner = known.get(entry.cause)
        if (owner === undefined) {
          known.set(entry.cause, source.orderId)
          fresh.push({ entry, orderId: source.orderId })
        } else if (owner !== source.orderId) taken.push({ cause: entry.cause, orderId: source.orderId })
      }
    if (fresh.length > 0) {
      const lines = linesOf(fresh, first)
      const inserted = await journal.insert({
        _id: batchId(first),
        first,
        last: first + lines.length - 1,
        causes: fresh.map(({ entry }) => entry.cause),
        body: JSON.stringify(lines),
      })
      if (!inserted) return 0
    }
    // The same movement of money under two orders: the journal keeps the first and a person has to know.
    for (const { cause, orderId } of taken)
      database.log.error('journal.causeTaken', { orderId, causes: [cause] })
    await Promise.all(shares.map((share) => markJournaled(database, share)))
    return fresh.length
  }

  return {
    async publish({ limit }) {
      let published = 0
      for (let round = 0; round < MAX_ROUNDS && published < limit; round++) {
        const count = await publishBatch(Math.min(limit - published, MAX_ENTRIES))
        if (count === null) break
        published += count
      }
      return published
    },

    async read({ after, limit }) {
      const lines: LedgerEntry[] = []
      let from = after
      while (lines.length < limit) {
        const batches = await journal.readPart(
          { where: { last: database.command.gt(from) }, order: [['last', 'asc']], limit: BATCHES_AT_ONCE },
          ['last', 'body'],
        )
        for (const { body } of batches) {
          const batch: LedgerEntry[] = JSON.parse(body)
          lines.push(...batch.filter(({ seq }) => seq > after))
        }
        const last = batches.at(-1)
        if (last === undefined || batches.length < BATCHES_AT_ONCE) break
        from = last.last
      }
      return lines.slice(0, limit)
    },
  }
}

/** What the body holds. `refunds` is absent where nothing went back, or was written before refunds were kept. */
export interface KeptStray extends Stray {
  readonly refunds?: readonly StrayRefund[]
}

/** Its movements of money, in the order in which they were kept. */
export const entriesOfStray = ({ journal, refunds = [] }: KeptStray): JournalEntry[] => [
  journal,
  ...refunds.map((refund) => refund.journal),
]

/** A group that does not sum to zero is a bug of the caller; nothing of it reaches the journal. */
export const assertBalanced = (entry: JournalEntry): void => {
  const sum = entry.lines.reduce((total, line) => total + line.fen, 0)
  if (sum !== 0 || !entry.lines.every((line) => Number.isSafeInteger(line.fen)))
    throw new RangeError(`journal entry ${entry.cause} does not sum to zero in whole fen`)
}

const readSources = async (database: Database): Promise<Source[]> => {
  const query = {
    where: { unjournaledAt: database.command.gte(0) },
    order: [
      ['unjournaledAt', 'asc'],
      ['_id', 'asc'],
    ],
    limit: MAX_SOURCES,
  } as const
  const fields = ['_id', 'version', 'journaled', 'unjournaledAt', 'body'] as const
  const [orders, strays] = await Promise.all([
    database.collection<OrderDocument>('orders').readPart(query, fields),
    database.collection<StrayDocument>('strays').readPart(query, fields),
  ])
  const ofOrders = orders.map((document): Source => {
    const order: Order = JSON.parse(document.body)
    return { ...sourceOf(document), collection: 'orders', orderId: document._id, entries: order.journal }
  })
  const ofStrays = strays.map((document): Source => {
    const stray: KeptStray = JSON.parse(document.body)
    return { ...sourceOf(document), collection: 'strays', orderId: null, entries: entriesOfStray(stray) }
  })
  return [...ofOrders, ...ofStrays].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))
}

const sourceOf = (
  document: Pick<OrderDocument | StrayDocument, '_id' | 'version' | 'journaled' | 'unjournaledAt'>,
) => ({
  id: document._id,
  version: document.version,
  journaled: document.journaled,
  since: document.unjournaledAt ?? 0,
})

/** Whole entries, oldest source first. A source whose entries are all in the journal is taken for its mark's sake. */
const sharesOf = (sources: readonly Source[], limit: number): Share[] => {
  const shares: Share[] = []
  let left = limit
  for (const source of sources) {
    const count = Math.min(source.entries.length - source.journaled, left)
    if (count === 0 && source.entries.length > source.journaled) break
    shares.push({ source, count })
    left -= count
  }
  return shares
}

const causesOf = (shares: readonly Share[]): string[] => [
  ...new Set(
    shares.flatMap(({ source, count }) =>
      source.entries.slice(source.journaled, source.journaled + count).map((entry) => entry.cause),
    ),
  ),
]

/** Which order each of these causes is journaled for, where it is. */
const ownersOf = async (
  journal: ReturnType<typeof batches>,
  database: Database,
  causes: readonly string[],
): Promise<Map<string, string | null>> => {
  if (causes.length === 0) return new Map()
  const found = await journal.readPart(
    { where: { causes: database.command.in(causes) }, limit: MAX_ENTRIES },
    ['body'],
  )
  return new Map(
    found.flatMap(({ body }) => {
      const lines: LedgerEntry[] = JSON.parse(body)
      return lines.map(({ cause, orderId }) => [cause, orderId] as const)
    }),
  )
}

const batches = (database: Database) => database.collection<BatchDocument>('journal')

const linesOf = (
  entries: readonly { readonly entry: JournalEntry; readonly orderId: string | null }[],
  first: number,
): LedgerEntry[] => {
  const lines = entries.flatMap(({ entry, orderId }) =>
    entry.lines.map(({ account, fen }) => ({
      at: toIso(entry.at),
      orderId,
      refundId: entry.refundId,
      account,
      fen,
      cause: entry.cause,
      wxId: entry.wxId,
    })),
  )
  return lines.map((line, i) => ({ seq: first + i, ...line }))
}

/** The count only grows. The mark goes only while the source is as it was read; else its writer has set it anew. */
const markJournaled = async (database: Database, { source, count }: Share): Promise<void> => {
  const sources = database.collection<OrderDocument | StrayDocument>(source.collection)
  const { id: _id, version, entries } = source
  const journaled = source.journaled + count
  const marked = await sources.change(
    { _id, version, journaled: database.command.lte(journaled) },
    { journaled, unjournaledAt: entries[journaled]?.at ?? null },
  )
  if (marked === 0) await sources.change({ _id, journaled: database.command.lt(journaled) }, { journaled })
}
