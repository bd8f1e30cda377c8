/**
 * @module How often WeChat Pay lets itself be called (频率限制), in windows of real time; counted only when asked for.
 */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

interface Limit {
  readonly max: number
  readonly ms: number
  /** For how long nothing more is taken once the window was full; otherwise only while it is. */
  readonly blockedMs?: number
}

/** So many calls in a window that moves along. */
const LIMITS = {
  /** 下单: about 500 a second unless more was agreed. */
  order: { max: 500, ms: SECOND },
  /** 申请退款: 150 a second that are accepted, 6 that are not; beyond these nothing is for a minute (INVALID_REQ_TOO_MUCH). */
  refund: { max: 150, ms: SECOND },
  'refused-refund': { max: 6, ms: SECOND, blockedMs: MINUTE },
  /** 一个月之前的订单申请退款频率限制为 5000/min */
  'late-refund': { max: 5_000, ms: MINUTE },
  'refund-query': { max: 300, ms: SECOND },
  'fund-bill': { max: 3, ms: SECOND },
  /** Of one person. */
  login: { max: 100, ms: MINUTE },
  token: { max: 10_000, ms: MINUTE },
  'token-of-a-day': { max: 500_000, ms: DAY },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof LIMITS

export interface RateLimits {
  /** Counts this call, unless there were too many already. */
  take(name: LimitName, about?: string): boolean
  /** Whether one more would be too many. */
  isReached(name: LimitName, about?: string): boolean
}

/** People whose calls are remembered; the oldest are forgotten first. What all call together never is. */
const MAX_PEOPLE = 10_000

interface Window {
  readonly times: number[]
  blockedUntil: number
}

export function openRateLimits(realNow: () => number): RateLimits {
  const windows = new Map<LimitName, Window>()
  const people = new Map<string, Window>()

  const windowOf = (name: LimitName, about: string): Window => {
    const isOfOne = about !== ''
    const known = isOfOne ? people.get(`${name} ${about}`) : windows.get(name)
    const window = known ?? { times: [], blockedUntil: 0 }
    const since = realNow() - LIMITS[name].ms
    const stale = window.times.findIndex((at) => at > since)
    window.times.splice(0, stale < 0 ? window.times.length : stale)
    if (known !== undefined) return known
    if (isOfOne) people.set(`${name} ${about}`, window)
    else windows.set(name, window)
    for (const oldest of people.keys()) {
      if (people.size <= MAX_PEOPLE) break
      people.delete(oldest)
    }
    return window
  }

  const isFull = (name: LimitName, { times, blockedUntil }: Window): boolean =>
    times.length >= LIMITS[name].max || realNow() < blockedUntil

  return {
    take(name, about = '') {
      const window = windowOf(name, about)
      if (isFull(name, window)) return false
      window.times.push(realNow())
      const { max, blockedMs }: Limit = LIMITS[name]
      if (blockedMs !== undefined && window.times.length >= max) window.blockedUntil = realNow() + blockedMs
      return true
    },
    isReached: (name, about = '') => isFull(name, windowOf(name, about)),
  }
}

/** For those who want to hear of no limit: a test suite is faster than any shop, and its clock may stand still. */
export const NO_LIMITS: RateLimits = { take: () => true, isReached: () => false }
