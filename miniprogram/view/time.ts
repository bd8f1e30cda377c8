/** @module Instants and time left, as a shopper reads them. */
import { timeCopy } from '../copy/time'

const CHINA_AHEAD_MS = 8 * 60 * 60 * 1000
const two = (value: number): string => String(value).padStart(2, '0')

/** "2026-11-22 20:05", always in China's time as on WeChat Pay's receipts, whatever the phone is set to. */
export const timeText = (instant: string): string => {
  const at = Date.parse(instant)
  if (Number.isNaN(at)) return instant
  const china = new Date(at + CHINA_AHEAD_MS)
  const date = `${china.getUTCFullYear()}-${two(china.getUTCMonth() + 1)}-${two(china.getUTCDate())}`
  return `${date} ${two(china.getUTCHours())}:${two(china.getUTCMinutes())}`
}

/** "14:59", "02:00:00" or days and hours; never below zero. */
export const timeLeftText = (leftMs: number): string => {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  const hours = Math.floor(seconds / 3600)
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  if (hours >= 24) return timeCopy.days(Math.floor(hours / 24), hours % 24)
  return hours > 0 ? `${two(hours)}:${clock}` : clock
}
