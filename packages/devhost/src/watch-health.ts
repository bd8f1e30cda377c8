/** @module Notices when a part that runs in a process of its own, PostgreSQL, is no longer there. */

const LOOK_EVERY_MS = 3_000
const MISSES_BEFORE_ALARM = 3

/**
 * Asks `isHealthy` every few seconds; calls `onLost` once after three answers in a row that were not yes.
 *
 * @returns what ends the watch
 */
export function watchHealth(isHealthy: () => Promise<boolean>, onLost: () => void): () => void {
  let misses = 0
  let timer: NodeJS.Timeout | undefined
  let over = false
  const look = async () => {
    misses = (await isHealthy().catch(() => false)) ? 0 : misses + 1
    if (over) return
    if (misses >= MISSES_BEFORE_ALARM) onLost()
    else next()
  }
  const next = () => {
    timer = setTimeout(() => void look(), LOOK_EVERY_MS)
    timer.unref()
  }
  next()
  return () => {
    over = true
    clearTimeout(timer)
  }
}
