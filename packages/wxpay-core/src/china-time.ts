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
  return parts === null ? undefined : fromParts(parts, -eightHours)
}

/** Reads `2014-10-09 23:59:59` (v2 refunds) as epoch milliseconds; undefined when it is no such time. */
export function fromGmt8Text(text: string): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)
  return parts === null ? undefined : fromParts(parts, -eightHours)
}

// Everything but how many days a month has. Years below 100 are none of ours.
const rfc3339 =
  /^(?!00)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Reads an RFC 3339 instant as epoch milliseconds; undefined when it is none (the 30th of February is none). */
export function fromRfc3339(text: string): number | undefined {
  if (!rfc3339.test(text)) return undefined
  // Date.parse would go on counting: the 30th of February would be the 2nd of March.
  const days = daysOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)))
  return Number(text.slice(8, 10)) > days ? undefined : Date.parse(text)
}

/** Year, month, day, hour, minute and second of a match, moved by an offset. */
function fromParts(parts: RegExpExecArray, offsetMs: number): number | undefined {
  const year = Number(parts[1])
  const month = Number(parts[2])
  const day = Number(parts[3])
  const hour = Number(parts[4])
  const minute = Number(parts[5])
  const second = Number(parts[6])
  // Date.UTC would go on counting: the 30th of February would be the 2nd of March. Years below 100 it takes for 19xx.
  const isTime = hour <= 23 && minute <= 59 && second <= 59
  if (!isTime || year < 100 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month))
    return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second) + offsetMs
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}
