/** @module Cuts text to a number of UTF-8 bytes without breaking a character. */

/**
 * The longest beginning of `text` that fits into `maxBytes` bytes of UTF-8. Cuts between code points, so an emoji or
 * a Chinese character is kept whole or left out. A lone surrogate counts as the three bytes of U+FFFD that an encoder
 * would write for it.
 *
 * @param maxBytes limit in bytes; WeChat's `description` and v2 `body` allow 127
 * @example
 * ```ts
 * import { cutUtf8 } from 'wxpay-core'
 *
 * export const description = cutUtf8('手冲咖啡豆 埃塞俄比亚 耶加雪菲 250 克', 127)
 * ```
 */
export function cutUtf8(text: string, maxBytes: number): string {
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    // Written so that "not a number" is no room either.
    if (!(bytes <= maxBytes)) break
    end += character.length
  }
  return text.slice(0, end)
}
