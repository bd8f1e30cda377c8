/** @module What an APIv3 answer means: verified content, or the one error it stands for. */
import { malformedAs, refusal, unsigned } from '../answer-errors.ts'
import type { WxpayErrorDetails } from '../errors.ts'
import { type JsonObject, optionalTextOf, parseJsonObject, textOf } from '../json.ts'
import type { WireAnswer } from '../transport.ts'
import type { ErrorBody } from './messages.ts'
import { type SignedMessage, signedMessage, type Verdict } from './verifier.ts'

/** A 200 or 204 whose signature was verified. */
export interface SignedAnswer {
  readonly httpStatus: number
  readonly requestId: string | undefined
  /** Empty for 204. */
  readonly json: JsonObject
}

/** The signed parts of an answer. */
export function signedMessageOf(answer: WireAnswer): SignedMessage {
  return signedMessage((name) => headerOf(answer, name), answer.body)
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
  if (status !== 200 && status !== 204) {
    const said = wordsIn(answer.body)
    // 401, 403, 404 and 405 of the outer gateway have an empty body. An empty 400, 413 or 499 is written by some proxy on the
    // way, and so is anything else without a code.
    const isRefusal = said
      ? status >= 400 && status !== 408
      : answer.body.length === 0 && [401, 403, 404, 405].includes(status)
    throw refusal({ ...facts, ...said, verified: false }, isRefusal)
  }
  if (!verdict?.genuine) throw unsigned(verdict?.reason ?? 'it was not checked', facts)
  return { ...facts, json: status === 204 ? {} : malformedAs(facts, () => parseJsonObject(answer.body)) }
}

/** What a refusal says, if it is one of WeChat Pay's. */
function wordsIn(bytes: Uint8Array): WxpayErrorDetails | undefined {
  try {
    const json = parseJsonObject(bytes)
    const apiCode = textOf(json, 'code' satisfies keyof ErrorBody)
    const apiMessage = optionalTextOf(json, 'message' satisfies keyof ErrorBody)?.slice(0, 256)
    return /^[A-Za-z0-9_.-]{1,64}$/.test(apiCode) ? { apiCode, apiMessage } : undefined
  } catch {
    return undefined
  }
}

function headerOf(answer: WireAnswer, name: string): string | undefined {
  const value = answer.headers[name]
  return typeof value === 'string' ? value : undefined
}
