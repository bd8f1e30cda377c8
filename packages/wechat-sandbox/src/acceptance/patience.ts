/**
 * @module How long a shop is waited for: one that stores a notification and acknowledges it may do the work a moment later.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

export interface Patience {
  /** Asks until it holds, for up to five seconds; remembers how long that took. */
  until(holds: () => Promise<boolean>): Promise<boolean>
  /**
   * Whether it comes true within twice the time that this shop has needed for anything it did: what has not happened by
   * then is not merely late.
   */
  ever(holds: () => Promise<boolean>): Promise<boolean>
}

const UNTIL_MS = 5_000
const AT_LEAST_MS = 300
const ASK_EVERY_MS = 50

export function openPatience(): Patience {
  let slowestMs = 0

  const ask = async (holds: () => Promise<boolean>, forMs: number): Promise<number | null> => {
    const startedAt = performance.now()
    for (;;) {
      const isLast = performance.now() - startedAt >= forMs
      if (await holds()) return performance.now() - startedAt
      if (isLast) return null
      await delay(ASK_EVERY_MS)
    }
  }

  return {
    async until(holds) {
      const tookMs = await ask(holds, UNTIL_MS)
      slowestMs = Math.max(slowestMs, tookMs ?? 0)
      return tookMs !== null
    },
    async ever(holds) {
      return (await ask(holds, Math.max(AT_LEAST_MS, 2 * slowestMs))) !== null
    },
  }
}
