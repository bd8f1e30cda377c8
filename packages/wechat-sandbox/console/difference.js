/** @module How two strings differ, word by word: what should have been signed, and what was. */

/** @typedef {{ text: string, isSame: boolean }} Piece */

/** Beyond it the middle counts as different as a whole: a table of so many cells would be slow. */
const MAX_CELLS = 4_000_000

/**
 * @param {string} left
 * @param {string} right
 * @returns {{ left: Piece[], right: Piece[] }} both strings in pieces, which the other has too or has not
 */
export function difference(left, right) {
  const a = words(left)
  const b = words(right)
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end++
  const middle = common(a.slice(start, a.length - end), b.slice(start, b.length - end))
  /** @param {string[]} all @param {Set<number>} shared places in the middle */
  const pieces = (all, shared) =>
    all.map((text, index) => ({
      text,
      isSame: index < start || index >= all.length - end || shared.has(index - start),
    }))
  return { left: joined(pieces(a, middle.left)), right: joined(pieces(b, middle.right)) }
}

/** @param {string} text @returns {string[]} */
const words = (text) => text.match(/[\p{L}\p{N}_.+-]+|[\s\S]/gu) ?? []

/**
 * The longest series of words that both have, as places in each.
 *
 * @param {string[]} a
 * @param {string[]} b
 */
function common(a, b) {
  /** @type {{ left: Set<number>, right: Set<number> }} */
  const shared = { left: new Set(), right: new Set() }
  if (a.length * b.length > MAX_CELLS) return shared
  const width = b.length + 1
  /** At i, j: how long that series is in what follows them. */
  const lengths = new Uint32Array((a.length + 1) * width)
  /** @param {number} i @param {number} j */
  const at = (i, j) => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      shared.left.add(i++)
      shared.right.add(j++)
    } else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return shared
}

/** @param {Piece[]} pieces */
function joined(pieces) {
  /** @type {Piece[]} */
  const runs = []
  for (const { text, isSame } of pieces) {
    const last = runs.at(-1)
    if (last?.isSame === isSame) last.text += text
    else runs.push({ text, isSame })
  }
  return runs
}
