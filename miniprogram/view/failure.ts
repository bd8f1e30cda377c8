/** @module The sentence for anything that a call may throw. */
import { errorCopy } from '../copy/errors'
import { cashierShutCopy, failureCopy, unexpectedCopy } from '../copy/failures'
import { isFailure } from '../services/api-failure'

const sentences = { ...errorCopy, ...failureCopy }

export const failureText = (error: unknown): string => {
  if (isFailure(error)) return sentences[error.code]
  console.error(error)
  return unexpectedCopy
}

/** The same before the cashier opened: nobody has paid, so nobody is told to wait for a payment. */
export const payFailureText = (error: unknown): string =>
  isFailure(error, 'PAYMENT_UNCERTAIN') ? cashierShutCopy : failureText(error)

/** What a page shows instead of its content. */
export type PageState = 'loading' | 'empty' | 'failed' | 'there'
