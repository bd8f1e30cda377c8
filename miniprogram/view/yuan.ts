/** @module An amount as a person types it, in yuan. */
import type { Fen } from '@yuanlu/contract'

/** At least one digit, at most two behind the point. Eight before it are more than any order holds. */
const YUAN = /^(?=.*\d)0*(\d{0,8})(?:\.(\d{0,2}))?$/

/** Chinese keyboards write full-width digits, and a full stop where the point is meant. */
const plain = (text: string): string =>
  text
    .trim()
    .replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/[\uff0e\u3002]/g, '.')

/**
 * Integer fen, or `null` when the text is no amount. The digits are moved, never multiplied: 0.07 * 100 is not 7.
 *
 * @example
 * yuanToFen('12.3') // 1230
 */
export const yuanToFen = (text: string): Fen | null => {
  const match = YUAN.exec(plain(text))
  if (match === null) return null
  const [, yuan = '', cents = ''] = match
  return Number(`${yuan}${cents.padEnd(2, '0')}`)
}
