/**
 * @module The APIv2 signature: sorted members, key at the end, MD5 or HMAC-SHA256 in upper-case hex.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { SignType } from '../state/tables.ts'

/** Empty values and `sign` itself are left out; everything else counts, names we don't know included. */
export function signV2(
  fields: Iterable<readonly [string, string | number]>,
  key: string,
  signType: SignType,
): string {
  const pairs = [...fields]
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
  const message = [...pairs, `key=${key}`].join('&')
  const hash = signType === 'MD5' ? createHash('md5') : createHmac('sha256', key)
  return hash.update(message, 'utf8').digest('hex').toUpperCase()
}

/** Constant-time comparison of two texts. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
