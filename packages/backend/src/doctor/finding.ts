/** @module What the doctor says about one thing: how it stands, and what to do. */

/** `failed`: payments or refunds do not work like this. `warning`: they do, for now or not completely. */
export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped'

export interface Finding {
  /** What was looked at, a few words. */
  readonly about: string
  readonly verdict: Verdict
  /** What was found. Never a secret. */
  readonly found: string
  /** What to do about it; on every finding that is not `ok`. */
  readonly advice?: string
}

export const ok = (about: string, found: string): Finding => ({ about, verdict: 'ok', found })

export const warning = (about: string, found: string, advice: string): Finding => ({
  about,
  verdict: 'warning',
  found,
  advice,
})

export const failed = (about: string, found: string, advice: string): Finding => ({
  about,
  verdict: 'failed',
  found,
  advice,
})
