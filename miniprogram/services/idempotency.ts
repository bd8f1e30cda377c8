/** @module Keys under which a repeated submission is recognised as the same one. */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Unique, not secret: time and 20 letters of chance. It only has to differ from this shopper's other keys. */
export const mintIdempotencyKey = (): string => {
  const chance = Array.from({ length: 20 }, () =>
    ALPHABET.charAt(Math.floor(Math.random() * ALPHABET.length)),
  )
  return `${Date.now().toString(36)}-${chance.join('')}`
}
