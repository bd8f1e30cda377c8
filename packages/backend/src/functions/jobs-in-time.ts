/** @module Due jobs within the time that a function has: small runs, and no new one when time runs short. */

/** The longest that one small run takes when everything it asks is slow. Leases cover what is cut off even so. */
const RUN_MS = 25_000
/** Orders of a sweep that are worked on side by side (`BATCH` in sweep.ts): one round of calls a run. */
const AT_ONCE = 10

/**
 * @param input.untilMs no run begins later than this, on `now`
 * @returns what was done, added up; the rest is still due, and the next timer finds it
 */
export const runJobsInTime = async (input: {
  readonly run: (limit: number) => Promise<Readonly<Record<string, number>>>
  readonly limit: number
  readonly untilMs: number
  readonly now: () => number
}): Promise<Record<string, number>> => {
  const total: Record<string, number> = {}
  for (let left = input.limit; left > 0; ) {
    const ran = await input.run(Math.min(AT_ONCE, left))
    let done = 0
    for (const [name, count] of Object.entries(ran)) {
      total[name] = (total[name] ?? 0) + count
      done += count
    }
    if (done === 0 || input.now() >= input.untilMs) break
    left -= done
  }
  return total
}

/** When the last small run may begin, so that the function's time limit does not cut it off. */
export const lastRunAt = (startedAt: number, timeLimitMs: number): number =>
  startedAt + Math.max(0, timeLimitMs - RUN_MS)
