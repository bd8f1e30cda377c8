/**
 * @module Why a signature failed: the string that should have been signed, and the one that was, when it can be found.
 */

export interface Diagnosis {
  readonly ok: boolean
  /** What had to be signed, keys left out. */
  readonly expected: string
  /** The string that really was signed, when one of the usual mistakes gives this very signature. */
  readonly signed: string | null
  /** What to change, as a sentence. */
  readonly finding: string
}

/** A usual mistake: what somebody who makes it signs. */
export interface Mistake {
  readonly finding: string
  readonly signed: string
}
