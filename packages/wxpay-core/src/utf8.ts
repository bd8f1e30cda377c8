/** @module Text of bytes from outside, when it is text. */
import { isUtf8 } from 'node:buffer'

// Named once: every file of ours that names a module of Node makes the whole longer.
export { isUtf8 }

/** What the bytes say, or undefined when they are no UTF-8: a reader that mends it would read what nobody signed. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? bufferOf(bytes).toString('utf8') : undefined
}

/** The same bytes, not a copy, with Node's ways to read them. Most are a Buffer already. */
export function bufferOf(bytes: Uint8Array): Buffer {
  // Stryker disable next-line ConditionalExpression: another look at the same bytes says the same, later
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Whether a character code is one of the four blanks of JSON and XML. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
