/** @module Evidence in an answer: file ids inside, addresses signed for the one who is answered outside. */

/**
 * Every `evidence` of an answer, however deep its refund sits in it, with each file id replaced by its address. It is
 * done to all answers alike, so that no call can forget it.
 */
export const showEvidence = <T>(answer: T, addressOf: (fileId: string) => string): T => {
  const shown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shown)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        name === 'evidence' && Array.isArray(member) ? member.map(addressOf) : shown(member),
      ]),
    )
  }
  // The same shape: file ids and addresses are both text.
  return shown(answer) as T
}
