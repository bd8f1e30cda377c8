/**
 * @module How long a shop is waited for: one that stores a notification and acknowledges it may do the work a moment later.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

export interface Patience {
  /**
   * Asks until it holds, for up to five seconds; remembers how long that took. A shop that let them run out before it had
   * ever done anything has a second, until it does something: the suite is not to take minutes to say that it is dead.
   */
  until(holds: () => Promise<boolean>): Promise<boolean>
  /**
   * Whether it comes true within twice the time that this shop has needed for anything it did: what has not happened by
   * then is not merely late.
   */
  ever(holds: () => Promise<boolean>): Promise<boolean>
}

/** Real time, but for tests of the rules themselves. */
export interface PatienceTime {
  /** Milliseconds since some instant. */
  now(): number
  pause(ms: number): Promise<void>
}

const REAL_TIME: PatienceTime = { now: () => performance.now(), pause: delay }

const UNTIL_MS = 5_000
const DEAD_UNTIL_MS = 1_000
const AT_LEAST_MS = 300
const ASK_EVERY_MS = 50

export function openPatience({ now, pause }: PatienceTime = REAL_TIME): Patience {
  let slowestMs = 0
  let isDead = false
  let isAlive = false

  const ask = async (holds: () => Promise<boolean>, forMs: number): Promise<number | null> => {
    const startedAt = now()
    for (;;) {
      const isLast = now() - startedAt >= forMs
      if (await holds()) return now() - startedAt
      if (isLast) return null
      await pause(ASK_EVERY_MS)
    }
  }

  return {
    async until(holds) {
      const tookMs = await ask(holds, isDead && !isAlive ? DEAD_UNTIL_MS : UNTIL_MS)
      if (tookMs === null) isDead = true
      else isAlive = true
      slowestMs = Math.max(slowestMs, tookMs ?? 0)
      return tookMs !== null
    },
    async ever(holds) {
      return (await ask(holds, Math.max(AT_LEAST_MS, 2 * slowestMs))) !== null
    },
  }
}
