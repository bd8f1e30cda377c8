/**
 * @module Random strings for keys, numbers and nonces: from the system's generator, or derived from a seed for repeatable demos.
 */
import { createHmac, randomBytes } from 'node:crypto'

export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
export const DIGITS = '0123456789'
export const HEX = '0123456789abcdef'

/** Gives `length` characters of `alphabet`; the label only matters when the source is seeded. */
export type TextSource = (label: string, length: number, alphabet: string) => string

/** Uniform random characters (rejection sampling, so no letter is likelier than another). */
export function randomText(length: number, alphabet: string = ALPHANUMERIC): string {
  return pick(length, alphabet, () => randomBytes(length * 2))
}

/** The same label always gives the same characters. For demos only: whoever knows the seed knows the keys. */
export function seededText(seed: string): TextSource {
  return (label, length, alphabet) => {
    let block = 0
    return pick(length, alphabet, () => createHmac('sha512', seed).update(`${label}:${block++}`).digest())
  }
}

function pick(length: number, alphabet: string, bytes: () => Buffer): string {
  const fair = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of bytes()) {
      if (byte < fair && text.length < length) text += alphabet.charAt(byte % alphabet.length)
    }
  }
  return text
}
