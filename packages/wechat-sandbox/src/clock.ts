/**
 * @module Two times: the real one, for signatures, and a virtual one that can be moved forward or stopped, for everything else.
 */
import type { Store } from './state/store.ts'

/** Where it ends: beyond the year 9999 no instant is written as WeChat Pay writes them. */
export const LATEST_MS = Date.parse('9999-12-31T00:00:00Z')

export interface Clock {
  /** Real time; every signature and its timestamp uses it. */
  real(): number
  /** Virtual time; schedules, expiry and states follow it. */
  now(): number
  offsetMs(): number
  isPaused(): boolean
  /** Moves the virtual time forward to `ms`; never back. */
  moveTo(ms: number): void
  /** Stops the virtual time where it is, or lets it run on from there. */
  pause(isPaused: boolean): void
}

/** The offset between the two is kept in the store, so a restart doesn't jump back; a stopped clock stays stopped. */
export function openClock(store: Store, real: () => number): Clock {
  let offsetMs = store.get('setting', 'clockOffsetMs')?.value ?? 0
  let pausedAt = store.get('setting', 'clockPausedAt')?.value

  const stopAt = (ms: number): void => {
    store.commit([{ table: 'setting', id: 'clockPausedAt', value: { value: ms } }])
    pausedAt = ms
  }
  const now = (): number => pausedAt ?? real() + offsetMs

  return {
    real,
    now,
    offsetMs: () => now() - real(),
    isPaused: () => pausedAt !== undefined,
    moveTo(ms) {
      if (ms <= now()) return
      if (pausedAt !== undefined) return stopAt(ms)
      const forward = ms - real()
      store.commit([{ table: 'setting', id: 'clockOffsetMs', value: { value: forward } }])
      offsetMs = forward
    },
    pause(isPaused) {
      if (isPaused === (pausedAt !== undefined)) return
      if (isPaused) return stopAt(now())
      const forward = now() - real()
      store.commit([
        { table: 'setting', id: 'clockOffsetMs', value: { value: forward } },
        { table: 'setting', id: 'clockPausedAt', value: null },
      ])
      offsetMs = forward
      pausedAt = undefined
    },
  }
}
