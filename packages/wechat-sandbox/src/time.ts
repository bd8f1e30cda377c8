/**
 * @module Instants as WeChat Pay writes them: China Standard Time (GMT+8), whatever zone this machine is in.
 */

const CHINA_OFFSET_MS = 8 * 3_600_000

/** v3: `2018-06-08T10:34:56+08:00`. */
export function toRfc3339(ms: number): string {
  return `${new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19)}+08:00`
}

/** v2: `20180608103456`. */
export function toCompactTime(ms: number): string {
  return new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19).replace(/[-T:]/g, '')
}

/** v2 refunds: `2018-06-08 10:34:56`. */
export function toSpacedTime(ms: number): string {
  return new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

/** Epoch milliseconds, or undefined when the text is no RFC 3339 instant that exists. */
export function fromRfc3339(text: string): number | undefined {
  const match = RFC3339.exec(text)
  const ms = Date.parse(text)
  if (match === null || Number.isNaN(ms)) return undefined
  // Date.parse rolls February 30th over to March: the day must survive a round trip.
  const midnight = Date.parse(`${match[1]}T00:00:00Z`)
  return new Date(midnight).toISOString().slice(0, 10) === match[1] ? ms : undefined
}

export function fromCompactTime(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second] = match
  return fromRfc3339(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`)
}
