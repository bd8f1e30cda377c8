/** @module WeChat Pay's clock faces: everything is written in GMT+8, wherever the server stands. */

const eightHours = 8 * 60 * 60 * 1000

/** `20141009235959` in GMT+8 (v2 `time_start`, `time_expire`). */
export function toGmt8Digits(epochMs: number): string {
  return isoOf(epochMs + eightHours).replace(/\D/g, '')
}

/** `2014-10-09T23:59:59+08:00` (v3 `time_expire`). */
export function toGmt8Rfc3339(epochMs: number): string {
  return `${isoOf(epochMs + eightHours)}+08:00`
}

/** Reads `20141009235959` (v2 `time_end`) as epoch milliseconds; undefined when it is no such time. */
export function fromGmt8Digits(text: string): number | undefined {
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`
  return fromGmt8Text(`${day} ${text.slice(8, 10)}:${text.slice(10, 12)}:${text.slice(12)}`)
}

/** Reads `2014-10-09 23:59:59` (v2 refunds) as epoch milliseconds; undefined when it is no such time. */
export function fromGmt8Text(text: string): number | undefined {
  // Of this length, so that no fraction of a second is in it.
  return text.length === 19 && text[10] === ' ' ? fromRfc3339(`${text.replace(' ', 'T')}+08:00`) : undefined
}

// Everything but how many days a month has. Years below 100 are none of ours.
const rfc3339 =
  /^(?!00)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Reads an RFC 3339 instant as epoch milliseconds; undefined when it is none (the 30th of February is none). */
export function fromRfc3339(text: string): number | undefined {
  if (!rfc3339.test(text)) return undefined
  const day = Number(text.slice(8, 10))
  // Stryker disable next-line all: every month has these; to count the days of the month as well says the same, later
  if (day <= 28) return Date.parse(text)
  // Date.parse would go on counting: the 30th of February would be the 2nd of March.
  const lastDay = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
  return day > lastDay ? undefined : Date.parse(text)
}

function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19)
}
