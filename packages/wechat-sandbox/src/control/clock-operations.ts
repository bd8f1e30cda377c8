/**
 * @module The control API's part about time: look, move, step to the next thing that is due, stop and let run.
 */
import { LATEST_MS } from '../clock.ts'
import type { Core } from '../core.ts'
import { isWholeNumber } from '../faults.ts'
import type { JsonRecord } from '../json.ts'
import type { Schedule } from '../schedule.ts'
import { fromRfc3339 } from '../time.ts'
import { ControlError } from './control-error.ts'

export interface ClockView {
  /** Virtual now, ISO 8601 UTC. */
  readonly now: string
  /** How far the virtual clock is ahead of the real one; below zero when it was stopped long enough. */
  readonly offsetMs: number
  readonly paused: boolean
  /** When something happens by itself next; null when nothing is planned. */
  readonly nextDueAt: string | null
}

export interface ClockControl {
  clock(): ClockView
  /**
   * `{advanceMs}`, `{to}` or `{step: true}` (to the next thing that is due), with or without `{paused}`. Runs everything
   * that falls due on the way before it answers; `{advanceMs: 0}` runs what is due now.
   */
  moveClock(body: JsonRecord): Promise<ClockView>
}

const MAX_ADVANCE_MS = 10 * 366 * 86_400_000

export function makeClockControl({ clock }: Core, schedule: Schedule): ClockControl {
  const view = (): ClockView => {
    const due = schedule.nextDueAt()
    return {
      now: new Date(clock.now()).toISOString(),
      offsetMs: clock.offsetMs(),
      paused: clock.isPaused(),
      nextDueAt: due === null ? null : new Date(due).toISOString(),
    }
  }
  return {
    clock: view,
    async moveClock(body) {
      const { paused } = body
      if (paused !== undefined && typeof paused !== 'boolean')
        throw new ControlError(400, 'INVALID_INPUT', 'paused must be true or false')
      const target = readTarget(body, clock.now(), schedule.nextDueAt())
      if (('to' in target ? target.to : clock.now() + target.ms) > LATEST_MS) {
        throw new ControlError(
          400,
          'INVALID_INPUT',
          `the clock ends at ${new Date(LATEST_MS).toISOString()}; another --data directory starts at the present`,
        )
      }
      if (paused !== undefined) clock.pause(paused)
      await schedule.advance(target)
      return view()
    },
  }
}

function readTarget(body: JsonRecord, now: number, dueAt: number | null): { ms: number } | { to: number } {
  const { advanceMs, to, step, paused } = body
  const given = [advanceMs, to, step].filter((value) => value !== undefined)
  if (given.length === 0 && paused !== undefined) return { ms: 0 }
  if (given.length !== 1) {
    throw new ControlError(400, 'INVALID_INPUT', 'give one of advanceMs, to and step (or only paused)')
  }
  if (step !== undefined) {
    if (step !== true) throw new ControlError(400, 'INVALID_INPUT', 'step must be true')
    return dueAt === null ? { ms: 0 } : { to: Math.max(dueAt, now) }
  }
  if (advanceMs !== undefined) {
    if (isWholeNumber(advanceMs, 0, MAX_ADVANCE_MS)) return { ms: advanceMs }
    throw new ControlError(400, 'INVALID_INPUT', 'advanceMs must be a whole number from 0 to ten years')
  }
  const target = typeof to === 'string' ? fromRfc3339(to) : undefined
  if (target === undefined)
    throw new ControlError(400, 'INVALID_INPUT', 'to must be an ISO 8601 instant with a zone')
  if (target < now)
    throw new ControlError(400, 'INVALID_INPUT', 'to is in the past; the clock only moves forward')
  if (target > now + MAX_ADVANCE_MS)
    throw new ControlError(400, 'INVALID_INPUT', 'to is more than ten years ahead')
  return { to: target }
}
