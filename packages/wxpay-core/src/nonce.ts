/** @module Random strings of 32 letters and digits from the system's generator, without modulo bias. */
import { randomFillSync } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const length = 32

// A byte of 248 or more is thrown away: 248 is the largest multiple of 62, so every character is equally likely.
const limit = 256 - (256 % alphabet.length)

// One call to the system's generator serves about a hundred nonces; a used byte is never used again.
const pool = Buffer.alloc(4096)
let used = pool.length

/** A fresh nonce (随机串): 32 characters of `[A-Za-z0-9]`, about 190 bits. */
export function nonce(): string {
  let text = ''
  while (text.length < length) {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const byte = pool.readUInt8(used)
    used += 1
    if (byte < limit) text += alphabet.charAt(byte % alphabet.length)
  }
  return text
}
