/** @module Yuan as WeChat Pay's bills write them, turned into fen and back on the digits alone: no fraction is ever a float. */

/**
 * Whole fen of an amount in yuan: `12.34` is 1234, `45.0` is 4500, `-0.5` is -50. Undefined for anything that is no such
 * amount or no whole fen (`0.015`), or that a number cannot hold exactly.
 *
 * @example
 * ```ts
 * import { fenOfYuan } from 'wxpay-core'
 *
 * export const fen = fenOfYuan('0.29') // 29, where 0.29 * 100 is 28.999999999999996
 * ```
 */
export function fenOfYuan(text: string): number | undefined {
  const parts = /^(-?)([0-9]{1,13})(?:\.([0-9]{1,12}))?$/.exec(text)
  if (parts === null) return undefined
  const [, sign, whole, fraction = ''] = parts
  if (/[1-9]/.test(fraction.slice(2))) return undefined
  const fen = Number(`${whole}${fraction.slice(0, 2).padEnd(2, '0')}`)
  if (fen === 0) return 0
  return sign === '-' ? -fen : fen
}

/**
 * Yuan with two digits of a whole number of fen: 1234 is `12.34`, 5 is `0.05`.
 *
 * @throws RangeError for anything but a safe integer: an amount that is no whole fen is a mistake further up
 */
export function yuanOfFen(fen: number): string {
  if (!Number.isSafeInteger(fen)) throw new RangeError('an amount must be a whole number of fen')
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
