/** @module What kind of picture some bytes are. Names and headers are the caller's word; the first bytes are not. */
import type { PictureType } from '@yuanlu/shop'

const startsWith = (bytes: Uint8Array, at: number, signature: readonly number[]): boolean =>
  signature.every((byte, i) => bytes[at + i] === byte)

const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0))

/**
 * Null for whatever is not a JPEG, PNG or WebP. SVG is not among them: it can carry scripts.
 *
 * @see ISO/IEC 10918-1 B.1.1.3 · PNG (3rd edition) 5.2 · WebP Container Specification, all checked 2026-11
 */
export const pictureTypeOf = (bytes: Uint8Array): PictureType | null => {
  if (startsWith(bytes, 0, [0xff, 0xd8, 0xff])) return 'image/jpeg'
  if (startsWith(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png'
  if (startsWith(bytes, 0, ascii('RIFF')) && startsWith(bytes, 8, ascii('WEBP'))) return 'image/webp'
  return null
}
