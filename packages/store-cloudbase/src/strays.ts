/** @module Money for trades that no order knows: one document each, with its journal entry and its attention. */
import type { Instant, Resolution, Stray, StrayStore } from '@yuanlu/shop'
import type { Database } from './documents.ts'
import { StoreUnavailableError } from './failure.ts'
import { assertBalanced } from './journal.ts'
import { digestOfRows, type Indexed, indexQuietly, rowsOfStray } from './rows.ts'

export interface StrayDocument extends Indexed {
  readonly version: number
  readonly body: string
  /** 1 once its entry is in the shop's journal. */
  readonly journaled: number
  readonly unjournaledAt: number | null
  /** What the person wrote who resolved it. */
  readonly note: string | null
  /** Who that was; absent in what was resolved before this was kept. */
  readonly resolvedBy?: string | null
}

export const cloudbaseStrays = (database: Database): StrayStore => ({
  async insert(stray) {
    assertBalanced(stray.journal)
    const rows = rowsOfStray(stray)
    const inserted = await database.collection<StrayDocument>('strays').insert({
      _id: stray.transactionId,
      version: 1,
      body: JSON.stringify(stray),
      journaled: 0,
      unjournaledAt: stray.journal.at,
      rowsDigest: digestOfRows(rows),
      unindexed: true,
      note: null,
      resolvedBy: null,
    })
    if (inserted)
      await indexQuietly(database, { collection: 'strays', id: stray.transactionId, version: 1, rows })
    return inserted
  },
})

/** Who resolved it, and what they wrote. */
export const findResolution = async (
  database: Database,
  transactionId: string,
): Promise<Resolution | null> => {
  const strays = database.collection<StrayDocument>('strays')
  const seen = await strays.findPart(transactionId, ['note', 'resolvedBy'])
  const by = seen?.resolvedBy ?? null
  return by === null ? null : { by, action: null, note: seen?.note ?? '' }
}

const ROUNDS = 8

export const resolveStray = async (
  database: Database,
  {
    transactionId,
    at,
    by,
    note,
  }: { readonly transactionId: string; readonly at: Instant; readonly by: string; readonly note: string },
): Promise<void> => {
  const strays = database.collection<StrayDocument>('strays')
  for (let round = 0; round < ROUNDS; round++) {
    const seen = await strays.find(transactionId)
    if (seen === null) return
    const stray: Stray = JSON.parse(seen.body)
    if (stray.attention.resolvedAt !== null) return
    const resolved: Stray = { ...stray, attention: { ...stray.attention, resolvedAt: at } }
    const rows = rowsOfStray(resolved)
    const version = seen.version + 1
    const change = {
      version,
      note,
      resolvedBy: by,
      body: JSON.stringify(resolved),
      rowsDigest: digestOfRows(rows),
      unindexed: true,
    }
    if (await strays.swap(transactionId, { expected: { version: seen.version }, change })) {
      await indexQuietly(database, { collection: 'strays', id: transactionId, version, rows })
      return
    }
  }
  throw new StoreUnavailableError('somebody else keeps changing it: try again', { code: null, cause: null })
}
