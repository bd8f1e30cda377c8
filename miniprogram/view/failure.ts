/** @module The sentence for anything that a call may throw. */
import { errorCopy } from '../copy/errors'
import { failureCopy, unexpectedCopy } from '../copy/failures'
import { isFailure } from '../services/api-failure'

const sentences = { ...errorCopy, ...failureCopy }

export const failureText = (error: unknown): string => {
  if (isFailure(error)) return sentences[error.code]
  console.error(error)
  return unexpectedCopy
}

/** What a page shows instead of its content. */
export type PageState = 'loading' | 'empty' | 'failed' | 'there'
