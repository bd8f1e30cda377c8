/** @module What an APIv3 answer means: verified content, or the one error it stands for. */
import { WxpayError, type WxpayErrorDetails } from '../errors.ts'
import { type JsonObject, JsonShapeError, optionalTextOf, parseJsonObject } from '../json.ts'
import type { WireAnswer } from '../transport.ts'
import type { ErrorBody } from './messages.ts'
import type { SignedMessage, Verdict } from './verifier.ts'

/** A 200 or 204 whose signature was verified. */
export interface SignedAnswer {
  readonly httpStatus: number
  readonly requestId: string | undefined
  /** Empty for 204. */
  readonly json: JsonObject
}

/** The signed parts of an answer. */
export function signedMessageOf(answer: WireAnswer): SignedMessage {
  return {
    timestamp: headerOf(answer, 'wechatpay-timestamp'),
    nonce: headerOf(answer, 'wechatpay-nonce'),
    serial: headerOf(answer, 'wechatpay-serial'),
    signature: headerOf(answer, 'wechatpay-signature'),
    body: answer.body,
  }
}

/**
 * Content of a verified success, or the error that the answer stands for.
 *
 * @see 如何使用平台证书验签名: refusals carry no `Wechatpay-*` headers; answers that should be signed and are not count as
 *   forged. https://pay.weixin.qq.com/doc/v3/merchant/4013053420, checked 2026-11
 */
export function believe(answer: WireAnswer, verdict: Verdict | undefined): SignedAnswer {
  const { status } = answer
  const facts = { httpStatus: status, requestId: headerOf(answer, 'request-id') }
  if (status !== 200 && status !== 204) throw refusalOf(answer, facts)
  if (verdict === undefined || !verdict.genuine) {
    const reason = verdict?.reason ?? 'it was not checked'
    throw new WxpayError(
      'ERR_WXPAY_ANSWER_SIGNATURE',
      `the answer cannot be believed: ${reason}; query before repeating`,
      facts,
    )
  }
  if (status === 204) return { ...facts, json: {} }
  return { ...facts, json: malformedAs(facts, () => parseJsonObject(answer.body)) }
}

/** Runs a reader; what it finds wrong becomes `ERR_WXPAY_ANSWER_MALFORMED`. */
export function malformedAs<T>(facts: WxpayErrorDetails, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const reason =
      error instanceof JsonShapeError || error instanceof WxpayError ? error.message : 'unreadable'
    throw new WxpayError(
      'ERR_WXPAY_ANSWER_MALFORMED',
      `the answer is not what WeChat Pay documents: ${reason}`,
      {
        httpStatus: facts.httpStatus,
        requestId: facts.requestId,
      },
    )
  }
}

const busyCodes = ['SYSTEM_ERROR', 'SYSTEMERROR', 'BIZERR_NEED_RETRY', 'SERVICE_UNAVAILABLE']
const slowDownCodes = [
  'FREQUENCY_LIMITED',
  'FREQUENCY_LIMIT_EXCEED',
  'RATELIMIT_EXCEEDED',
  'RATELIMIT_EXCEED',
]

function refusalOf(answer: WireAnswer, facts: WxpayErrorDetails): WxpayError {
  const { status } = answer
  const body = errorBodyOf(answer.body)
  const details = { ...facts, apiCode: body?.code, apiMessage: body?.message, verified: false }
  const said = body === undefined ? `HTTP ${status}` : `HTTP ${status} ${body.code}`
  if (status === 429 || slowDownCodes.includes(body?.code ?? '')) {
    return new WxpayError('ERR_WXPAY_RATE_LIMITED', `WeChat Pay asks to slow down (${said})`, details)
  }
  if (status >= 500 || status === 202 || busyCodes.includes(body?.code ?? '')) {
    return new WxpayError('ERR_WXPAY_SERVER', `WeChat Pay could not tell the result (${said})`, details)
  }
  if (status >= 300 && status < 400) {
    return new WxpayError(
      'ERR_WXPAY_REDIRECTED',
      `a redirect, which is not followed (${said}); check baseUrl`,
      facts,
    )
  }
  // 401, 403, 404 and 405 of the outer gateway have an empty body. Anything else without a code is not WeChat Pay's.
  if (status >= 400 && (body !== undefined || answer.body.length === 0) && status !== 408) {
    return new WxpayError('ERR_WXPAY_REFUSED', `WeChat Pay refused (${said})${messageOf(body)}`, details)
  }
  return new WxpayError('ERR_WXPAY_ANSWER_MALFORMED', `not an answer of WeChat Pay (${said})`, details)
}

function messageOf(body: ErrorBody | undefined): string {
  return body?.message === undefined ? '' : `: ${body.message}`
}

function errorBodyOf(bytes: Uint8Array): ErrorBody | undefined {
  try {
    const json = parseJsonObject(bytes)
    const code = optionalTextOf(json, 'code')
    if (code === undefined || !/^[A-Za-z0-9_.-]{1,64}$/.test(code)) return undefined
    const message = optionalTextOf(json, 'message')
    return message === undefined ? { code } : { code, message: message.slice(0, 256) }
  } catch {
    return undefined
  }
}

function headerOf(answer: WireAnswer, name: string): string | undefined {
  const value = answer.headers[name]
  return typeof value === 'string' ? value : undefined
}
