/** @module The errors that answers of WeChat Pay stand for, in the same words for both protocols. */
import { WxpayError, type WxpayErrorCode, type WxpayErrorDetails } from './errors.ts'
import { JsonShapeError } from './json.ts'
import { FlatXmlError } from './v2/xml.ts'

// Each protocol has words of its own for the same, and both are seen to use the other's. v2 says some in a text alone (系统繁忙,
// 系统错误, 系统超时): this is the one that is looked at, because "unknown" is never wrong. Escaped, because bundlers leave patterns
// as they are, and a file of ASCII alone loads in half the time.
const busyWords = /^(?:SYSTEM_ERROR|SYSTEMERROR|BIZERR_NEED_RETRY|SERVICE_UNAVAILABLE)$|^\u7cfb\u7edf/
const slowDownWords =
  /^(?:FREQUENCY_LIMITED|FREQUENCY_LIMIT_EXCEED|FREQ_LIMIT|RATELIMIT_EXCEEDED|RATELIMIT_EXCEED)$/

/**
 * What an answer says that is no success. `isRefusal`: it is WeChat Pay that says no. `hint` is for when it is not even
 * WeChat Pay that answers.
 */
export function refusal(details: WxpayErrorDetails, isRefusal: boolean, hint = ''): WxpayError {
  const { httpStatus = 0, apiCode, apiMessage } = details
  const [code, meaning] = meaningOf(httpStatus, apiCode || apiMessage || '', isRefusal)
  const said = [httpStatus, apiCode, apiMessage].filter(Boolean).join(' ')
  return new WxpayError(code, `${meaning} (HTTP ${said})${hint}`, details)
}

function meaningOf(status: number, word: string, isRefusal: boolean): readonly [WxpayErrorCode, string] {
  if (status === 429 || slowDownWords.test(word)) {
    return ['ERR_WXPAY_RATE_LIMITED', 'WeChat Pay asks to slow down']
  }
  if (status >= 500 || status === 202 || busyWords.test(word)) {
    return ['ERR_WXPAY_SERVER', 'WeChat Pay could not tell the result']
  }
  if (status >= 300 && status < 400) {
    return ['ERR_WXPAY_REDIRECTED', 'a redirect, which is not followed; check baseUrl']
  }
  if (isRefusal) return ['ERR_WXPAY_REFUSED', 'WeChat Pay refused']
  return ['ERR_WXPAY_ANSWER_MALFORMED', 'not an answer of WeChat Pay']
}

/** An answer that anybody could have written. */
export function unsigned(reason: string, facts: WxpayErrorDetails): WxpayError {
  const advice = `the answer cannot be believed: ${reason}; query before repeating`
  return new WxpayError('ERR_WXPAY_ANSWER_SIGNATURE', advice, facts)
}

/** A genuine answer about somebody or something else. */
export function mismatch(other: 'trade' | 'refund', facts?: WxpayErrorDetails): WxpayError {
  const what = `the answer is about another ${other}, app or merchant`
  return new WxpayError('ERR_WXPAY_ANSWER_MISMATCH', what, facts)
}

/** Runs a reader; what it finds wrong becomes `ERR_WXPAY_ANSWER_MALFORMED`. */
export function malformedAs<T>(facts: WxpayErrorDetails, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw malformed(facts, reasonIn(error))
  }
}

/** An answer outside the documentation. */
export function malformed(facts: WxpayErrorDetails, reason: string): WxpayError {
  const what = `the answer is not what WeChat Pay documents: ${reason}`
  return new WxpayError('ERR_WXPAY_ANSWER_MALFORMED', what, facts)
}

/** What a reader found wrong. Errors of others may quote what they read, so they are not repeated. */
export function reasonIn(error: unknown): string {
  const isOurs =
    error instanceof FlatXmlError || error instanceof JsonShapeError || error instanceof WxpayError
  return isOurs ? error.message : 'unreadable'
}

/** WeChat's code where it says no, else `''`. Look at `verified` and `httpStatus` before believing it. */
export function refusedWith(error: unknown): string {
  const isRefusal = error instanceof WxpayError && error.code === 'ERR_WXPAY_REFUSED'
  return (isRefusal && error.apiCode) || ''
}

/** What a call answers, or null when it is refused with that very word. */
export async function nullIf<T>(
  isRefusal: (error: unknown) => boolean,
  call: () => Promise<T>,
): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}
