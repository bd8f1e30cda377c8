/** @module Words of WeChat Pay that we know. */

/** The word, or `UNKNOWN` for one that is new to us. */
export function knownOf<Word extends string>(known: readonly Word[], raw: string): Word | 'UNKNOWN' {
  return known.find((word) => word === raw) ?? 'UNKNOWN'
}
