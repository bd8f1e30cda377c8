/** @module What the present event has left for calls to WeChat: somebody ends it, or waits no longer, when its limit is over. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { CallLimits } from './connect-wechat.ts'

/** Kept of every event for the database and for the answer: what WeChat said is written down before the limit. */
const KEPT_MS = 2_000
/** A call with less than this would only be one more answer that is not known. */
const LEAST_CALL_MS = 500
/** The longest of one call, so that there is time for the question that may follow it. */
const CALL_MS = 4_000
/** The longest wait of a refund for its turn. */
const REFUND_PACE_MS = 1_000

export interface EventTime {
  /** Serves one event that has to be over within `limitMs`. */
  within<T>(limitMs: number, serve: () => Promise<T>): Promise<T>
  readonly callLimits: CallLimits
}

/** After that WeChat Pay takes a notification for lost, and sends it again. */
export const NOTIFICATION_PATIENCE_MS = 5_000

/** Every event has its own end, even when several are served side by side; what belongs to none has as long as it takes. */
export const createEventTime = (): EventTime => {
  const ends = new AsyncLocalStorage<number>()
  const timeLeftMs = (): number => {
    const end = ends.getStore()
    if (end === undefined) return Number.POSITIVE_INFINITY
    const leftMs = end - performance.now()
    return leftMs < LEAST_CALL_MS ? 0 : leftMs
  }
  return {
    within: (limitMs, serve) => ends.run(performance.now() + limitMs - KEPT_MS, serve),
    callLimits: { timeoutMs: CALL_MS, refundPaceMs: REFUND_PACE_MS, timeLeftMs },
  }
}
