/** @module A place in a list, as one string: sorted by time, then by id, along one index. */
import type { Instant } from '@yuanlu/shop'

/** Digits of the latest instant there is. */
const INSTANT_DIGITS = 16

/** Sorts as (instant, id) does, byte by byte. */
export const positionOf = (at: Instant, id: string): string => {
  if (!Number.isSafeInteger(at) || at < 0) throw new RangeError(`an instant before 1970 or not whole: ${at}`)
  return `${String(at).padStart(INSTANT_DIGITS, '0')}/${id}`
}
