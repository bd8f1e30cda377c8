/** @module Notes of a refund's timeline as its shopper may read them: what was written for them, not what staff wrote for each other. */

/**
 * Events whose note is for the shopper: why it was rejected or given up, the parcel they sent, the proof of money that
 * went back another way. A note to an approval is for colleagues, and the system's notes are codes of WeChat Pay.
 */
const FOR_SHOPPERS: ReadonlySet<string> = new Set(['rejected', 'goodsSent', 'succeeded', 'abandoned'])

/**
 * Every `timeline` of an answer, however deep its refund sits in it, without the notes that are for staff. Done to all
 * answers to a shopper's calls alike, so that no call can forget it.
 */
export const hideInternalNotes = <T>(answer: T): T => {
  const shown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shown)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        name === 'timeline' && Array.isArray(member) ? member.map(withoutInternalNote) : shown(member),
      ]),
    )
  }
  // The same shape: a note may be null.
  return shown(answer) as T
}

const withoutInternalNote = (entry: unknown): unknown =>
  typeof entry === 'object' && entry !== null && 'event' in entry && !FOR_SHOPPERS.has(String(entry.event))
    ? { ...entry, note: null }
    : entry
