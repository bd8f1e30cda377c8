/** @module How long something has been waiting for staff, in words. */
import { waitingCopy } from '../copy/staff'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Longer than this is shown as late: the next thing to do. */
export const LATE_MS = 24 * HOUR_MS

export const waitingText = (waitedMs: number): string => {
  const minutes = Math.floor(waitedMs / MINUTE_MS)
  const hours = Math.floor(waitedMs / HOUR_MS)
  if (minutes < 1) return waitingCopy.now
  if (hours < 1) return waitingCopy.minutes(minutes)
  return hours < 24 ? waitingCopy.hours(hours) : waitingCopy.days(Math.floor(hours / 24), hours % 24)
}
