/**
 * @module How often WeChat Pay lets itself be called (频率限制), in windows of real time; counted only when asked for.
 */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** So many calls in a window that moves along. */
const LIMITS = {
  /** 下单: about 500 a second unless more was agreed. */
  order: { max: 500, ms: SECOND },
  /** 申请退款: 150 a second that are accepted, 6 that are not. */
  refund: { max: 150, ms: SECOND },
  'refused-refund': { max: 6, ms: SECOND },
  /** 一个月之前的订单申请退款频率限制为 5000/min */
  'late-refund': { max: 5_000, ms: MINUTE },
  'refund-query': { max: 300, ms: SECOND },
  'fund-bill': { max: 3, ms: SECOND },
  /** Of one person. */
  login: { max: 100, ms: MINUTE },
  token: { max: 10_000, ms: MINUTE },
  'token-of-a-day': { max: 500_000, ms: DAY },
} as const

export type LimitName = keyof typeof LIMITS

export interface RateLimits {
  /** Counts this call, unless there were too many already. */
  take(name: LimitName, about?: string): boolean
  /** Whether one more would be too many. */
  isReached(name: LimitName, about?: string): boolean
}

/** People whose calls are remembered; the oldest are forgotten first. */
const MAX_WINDOWS = 10_000

export function openRateLimits(realNow: () => number): RateLimits {
  const windows = new Map<string, number[]>()

  const windowOf = (name: LimitName, about: string): number[] => {
    const key = `${name} ${about}`
    const known = windows.get(key)
    const times = known ?? []
    const since = realNow() - LIMITS[name].ms
    const stale = times.findIndex((at) => at > since)
    times.splice(0, stale < 0 ? times.length : stale)
    if (known === undefined) windows.set(key, times)
    for (const old of windows.keys()) {
      if (windows.size <= MAX_WINDOWS) break
      windows.delete(old)
    }
    return times
  }

  return {
    take(name, about = '') {
      const times = windowOf(name, about)
      if (times.length >= LIMITS[name].max) return false
      times.push(realNow())
      return true
    },
    isReached: (name, about = '') => windowOf(name, about).length >= LIMITS[name].max,
  }
}

/** For those who want to hear of no limit: a test suite is faster than any shop, and its clock may stand still. */
export const NO_LIMITS: RateLimits = { take: () => true, isReached: () => false }
