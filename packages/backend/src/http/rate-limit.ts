/** @module Token buckets per caller, with bounded memory. */

export interface RateRule {
  /** Calls at once. */
  readonly burst: number
  /** Calls a second in the long run. */
  readonly perSecond: number
}

export interface RateLimiter {
  /** Seconds to wait, or 0 when the call may go on. */
  take(key: string, now: number): number
}

/** One process remembers this many callers; the longest silent ones are forgotten first. */
const MAX_CALLERS = 20_000

export const createRateLimiter = (rule: RateRule): RateLimiter => {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    take: (key, now) => {
      const before = buckets.get(key)
      const tokens = before === undefined ? rule.burst : refilled(before, now, rule)
      buckets.delete(key)
      if (buckets.size >= MAX_CALLERS) {
        const oldest = buckets.keys().next()
        if (!oldest.done) buckets.delete(oldest.value)
      }
      const allowed = tokens >= 1
      buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now })
      return allowed ? 0 : Math.max(1, Math.ceil((1 - tokens) / rule.perSecond))
    },
  }
}

const refilled = (bucket: { tokens: number; at: number }, now: number, rule: RateRule): number =>
  Math.min(rule.burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * rule.perSecond)
