/** @module The platform's timers: fires what config.json says, by a clock that may jump. */
import { Cron } from 'croner'

export interface TimerTrigger {
  readonly functionName: string
  readonly triggerName: string
  /** Seven fields, seconds first, in Shanghai's time. */
  readonly cron: string
}

const LOOK_EVERY_MS = 250

/**
 * Calls `fire` whenever a trigger's time has come on `clock`. A jump over many of its times fires it once, and one whose
 * last event is still under way waits: what was due then is due now.
 *
 * @returns what ends it
 */
export function startTimers(
  triggers: readonly TimerTrigger[],
  options: {
    readonly clock: () => number
    readonly fire: (trigger: TimerTrigger, atMs: number) => Promise<void>
  },
): () => void {
  const { clock, fire } = options
  const rows = triggers.map((trigger) => ({ trigger, nextMs: nextTime(trigger.cron, clock()), busy: false }))
  const timer = setInterval(() => {
    const now = clock()
    for (const row of rows) {
      if (row.busy || now < row.nextMs) continue
      row.busy = true
      const at = row.nextMs
      row.nextMs = nextTime(row.trigger.cron, now)
      void fire(row.trigger, at).finally(() => {
        row.busy = false
      })
    }
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

/** The first time of a cron expression after `afterMs`, epoch milliseconds. */
export function nextTime(cron: string, afterMs: number): number {
  const next = new Cron(cron, { timezone: 'Asia/Shanghai', paused: true }).nextRun(new Date(afterMs))
  return next?.getTime() ?? Number.POSITIVE_INFINITY
}
