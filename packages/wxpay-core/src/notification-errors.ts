/** @module What is wrong with a notification, in the same words for both protocols. */
import { reasonIn } from './answer-errors.ts'
import { WxpayError, type WxpayErrorDetails } from './errors.ts'

/** Runs a reader; what it finds wrong becomes `ERR_WXPAY_NOTIFY_MALFORMED`. */
export function readingNotification<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof WxpayError ? error : malformedNotification(reasonIn(error))
  }
}

/** Not a notification of either protocol. */
export function malformedNotification(reason: string, details?: WxpayErrorDetails): WxpayError {
  const what = `not a notification of WeChat Pay: ${reason}`
  return new WxpayError('ERR_WXPAY_NOTIFY_MALFORMED', what, details)
}

/** A genuine one about somebody else. */
export function foreignNotification(): WxpayError {
  const what = 'the notification is about another app or merchant'
  return new WxpayError('ERR_WXPAY_NOTIFY_MISMATCH', what)
}

/** One that belongs to another address, or is news to us. */
export function otherNotification(expected: string): WxpayError {
  return new WxpayError('ERR_WXPAY_NOTIFY_KIND', `a notification of another kind, not ${expected}`)
}

/** One that was encrypted with another key. */
export function sealedNotification(api: 'v2' | 'v3'): WxpayError {
  return new WxpayError('ERR_WXPAY_NOTIFY_DECRYPT', `the content does not open with this API${api} key`)
}
