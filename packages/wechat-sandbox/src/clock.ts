/**
 * @module Two times: the real one, for signatures, and a virtual one that can be moved forward, for everything else.
 */
import type { Store } from './state/store.ts'

export interface Clock {
  /** Real time; every signature and its timestamp uses it. */
  real(): number
  /** Virtual time; schedules, expiry and states follow it. */
  now(): number
  offsetMs(): number
  /** Moves the virtual time forward to `ms`; never back. */
  moveTo(ms: number): void
}

/** The offset between the two is kept in the store, so a restart doesn't jump back. */
export function openClock(store: Store, real: () => number): Clock {
  let offsetMs = store.get('setting', 'clockOffsetMs')?.value ?? 0
  return {
    real,
    now: () => real() + offsetMs,
    offsetMs: () => offsetMs,
    moveTo(ms) {
      const forward = ms - real()
      if (forward <= offsetMs) return
      store.commit([{ table: 'setting', id: 'clockOffsetMs', value: { value: forward } }])
      offsetMs = forward
    },
  }
}
