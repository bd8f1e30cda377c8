/** @module Money: integer fen inside, yuan on the screen only. */

/** An amount in fen (分, 1/100 yuan): a safe integer, never a fraction. */
export type Fen = number

/** The largest order total in fen. WeChat Pay's APIv2 carries amounts as 32-bit integers. */
export const MAX_ORDER_FEN = 1_000_000_000

/** True for a safe integer of at least zero. */
export const isFen = (value: unknown): value is Fen =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

/**
 * An amount as a person reads it, without the currency sign: `formatYuan(1234)` is `"12.34"`.
 * String arithmetic, because 0.07 * 100 is not 7.
 *
 * @param fen integer fen; negative amounts keep their sign
 * @throws RangeError when the amount is not a safe integer
 */
export const formatYuan = (fen: Fen): string => {
  if (!Number.isSafeInteger(fen)) throw new RangeError(`not an integer amount of fen: ${fen}`)
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
