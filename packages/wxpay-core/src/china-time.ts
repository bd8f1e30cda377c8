/** @module WeChat Pay's clock faces: everything is written in GMT+8, wherever the server stands. */

const eightHours = 8 * 60 * 60 * 1000

/** `20141009235959` in GMT+8 (v2 `time_start`, `time_expire`). */
export function toGmt8Digits(epochMs: number): string {
  return new Date(epochMs + eightHours).toISOString().slice(0, 19).replace(/\D/g, '')
}

/** `2014-10-09T23:59:59+08:00` (v3 `time_expire`). */
export function toGmt8Rfc3339(epochMs: number): string {
  return `${new Date(epochMs + eightHours).toISOString().slice(0, 19)}+08:00`
}

/** Reads `20141009235959` (v2 `time_end`) as epoch milliseconds; undefined when it is no such time. */
export function fromGmt8Digits(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  return fromRfc3339(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`)
}

/** Reads `2014-10-09 23:59:59` (v2 refunds) as epoch milliseconds; undefined when it is no such time. */
export function fromGmt8Text(text: string): number | undefined {
  return fromRfc3339(`${text.replace(' ', 'T')}+08:00`)
}

/** Reads an RFC 3339 instant as epoch milliseconds; undefined when it is none (the 30th of February is none). */
export function fromRfc3339(text: string): number | undefined {
  const parts = /^(\d{4}-\d\d-(\d\d))T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text)
  if (parts === null) return undefined
  const epochMs = Date.parse(text)
  // Date.parse turns 2026-02-30 into the 2nd of March; the day of the date alone shows it.
  const dayOnly = new Date(`${parts[1]}T00:00:00Z`)
  return Number.isNaN(epochMs) || dayOnly.getUTCDate() !== Number(parts[2]) ? undefined : epochMs
}
