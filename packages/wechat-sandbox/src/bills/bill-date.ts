/**
 * @module Which day's bill may be fetched when: made at nine the next morning, given out from ten, kept for three months.
 */
import { fromRfc3339, toRfc3339 } from '../time.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** What a bill says about a refund is what was true when it was made. */
const MADE_AFTER_MS = DAY_MS + 9 * HOUR_MS
const GIVEN_AFTER_MS = DAY_MS + 10 * HOUR_MS
const MONTHS_KEPT = 3

/** One day in China: `from` to `until`, exclusive; `madeAt` is when its bill was drawn up. */
export interface BillDay {
  readonly date: string
  readonly from: number
  readonly until: number
  readonly madeAt: number
}

/** `2026-11-22` as that day in China; undefined when there is no such day. */
export function billDay(date: string): BillDay | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined
  const from = fromRfc3339(`${date}T00:00:00+08:00`)
  return from === undefined ? undefined : { date, from, until: from + DAY_MS, madeAt: from + MADE_AFTER_MS }
}

/** `not-over`: today or later. `creating`: over, but not ten o'clock yet. */
export type BillStage = 'ready' | 'creating' | 'not-over' | 'too-old'

export function stageOf(day: BillDay, now: number): BillStage {
  if (now < day.until) return 'not-over'
  if (now < day.from + GIVEN_AFTER_MS) return 'creating'
  return day.date < monthsBefore(now, MONTHS_KEPT) ? 'too-old' : 'ready'
}

function monthsBefore(now: number, months: number): string {
  const today = toRfc3339(now).slice(0, 10)
  const first = new Date(`${today.slice(0, 7)}-01T00:00:00Z`)
  first.setUTCMonth(first.getUTCMonth() - months)
  // The 31st of May, three months before, is the 31st of February: no day of that month is as old as that.
  return `${first.toISOString().slice(0, 7)}${today.slice(7)}`
}
