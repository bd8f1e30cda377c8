/** @module What a staff page shows or says when a call was refused. */
import { staffCopy } from '../copy/staff'
import { staffErrorCopy, staffNoAnswerCopy } from '../copy/staff-errors'
import { isFailure } from '../services/api-failure'
import { failureText, type PageState } from './failure'

const SENTENCES: Readonly<Record<string, string>> = staffErrorCopy

export const staffFailureText = (error: unknown): string =>
  (isFailure(error) ? SENTENCES[error.code] : undefined) ?? failureText(error)

/** The same for a decision, after which silence may mean that it was taken. */
export const decisionFailureText = (error: unknown): string =>
  isFailure(error, 'NO_ANSWER') || isFailure(error, 'NOT_UNDERSTOOD')
    ? staffNoAnswerCopy
    : staffFailureText(error)

/** What stands in the place of a page's content. */
export interface Placeholder {
  readonly state: PageState
  readonly title: string
  readonly hint: string
  /** Empty: no button, or `retry` when it failed. */
  readonly action: string
}

export const LOADING: Placeholder = { state: 'loading', title: '', hint: '', action: '' }
export const THERE: Placeholder = { ...LOADING, state: 'there' }

/** In the place of a list: nothing when it holds something, else what fits a search or a list without one. */
export const listPlace = (
  count: number,
  q: string,
  copy: Readonly<Record<'emptyTitle' | 'emptyHint' | 'notFoundTitle' | 'notFoundHint', string>>,
): Placeholder => {
  if (count > 0) return THERE
  const [title, hint] = q === '' ? [copy.emptyTitle, copy.emptyHint] : [copy.notFoundTitle, copy.notFoundHint]
  return { state: 'empty', title, hint, action: '' }
}

/** A role may be taken away while a page is open: then nothing of it stays on the screen. */
export const isNotAllowed = (error: unknown): boolean => isFailure(error, 'NOT_ALLOWED')

export const failedPlaceholder = (
  error: unknown,
  notFound: { readonly title: string; readonly hint: string },
): Placeholder => {
  if (isNotAllowed(error)) {
    const { notAllowedTitle: title, notAllowedHint: hint, toMe: action } = staffCopy
    return { state: 'empty', title, hint, action }
  }
  if (isFailure(error, 'NOT_FOUND')) return { ...notFound, state: 'empty', action: staffCopy.toMe }
  return { state: 'failed', title: staffFailureText(error), hint: '', action: '' }
}
