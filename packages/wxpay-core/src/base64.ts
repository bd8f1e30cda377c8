/** @module Strict base64. Node's reader skips what it does not know; a signed or encrypted text holds no such thing. */

/** The bytes, or null for anything but whole groups of the standard alphabet with its padding. */
export function fromBase64(text: string): Buffer | null {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  // Node takes the alphabet for addresses as well, and drops every other character: then there are bytes too few.
  if (text.includes('-') || text.includes('_')) return null
  const bytes = Buffer.from(text, 'base64')
  // A length that is no multiple of four gives no whole number here.
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : null
}
