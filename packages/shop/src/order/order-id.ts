/** @module Order numbers: derived from who asked and under which key, so that a repeated call finds its order. */
import { createHash } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Hex digest of anything that can be written as JSON, for comparing requests. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex')

/**
 * 26 characters of `[0-9a-z]` that also serve as `out_trade_no` (6 to 32 of `0-9A-Za-z_-|*`).
 * 130 bits of a digest over the caller's openid: nobody else can guess one.
 *
 * @param attempt raised when an earlier order of this key was refused, because a refusal isn't kept
 */
export const orderIdOf = (input: {
  readonly buyerOpenid: string
  readonly idempotencyKey: string
  readonly attempt: number
}): string => {
  const bytes = createHash('sha256')
    .update(JSON.stringify(['order', input.buyerOpenid, input.idempotencyKey, input.attempt]))
    .digest()
  let bits = 0n
  for (const byte of bytes.subarray(0, 17)) bits = (bits << 8n) | BigInt(byte)
  let id = ''
  for (let i = 0; i < 26; i++) {
    id += ALPHABET.charAt(Number(bits & 31n))
    bits >>= 5n
  }
  return id
}
