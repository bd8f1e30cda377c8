/** @module What an APIv2 answer means: its layers in order, signature before business. */
import { WxpayError } from '../errors.ts'
import type { WireAnswer } from '../transport.ts'
import type { AnswerHead } from './messages.ts'
import { isSignedBy, type V2Signer, type V2Value } from './sign.ts'
import { FlatXmlError, readFlatXml } from './xml.ts'

/** Members of a verified answer with `result_code` SUCCESS. */
export type V2Answer = ReadonlyMap<string, string>

/** The ids of the request: the answer must bear the same. */
type Who = Readonly<Partial<Record<'appid' | 'mch_id' | 'sub_mch_id', V2Value>>>

/**
 * Reads an answer: HTTP status, XML, `return_code` (unsigned when FAIL), signature, merchant, `result_code`.
 *
 * @throws WxpayError with the outcome that fits the layer
 */
export function believeV2(answer: WireAnswer, signer: V2Signer, who: Who): V2Answer {
  const facts = { httpStatus: answer.status }
  const said = `HTTP ${answer.status}`
  if (answer.status === 429)
    throw new WxpayError('ERR_WXPAY_RATE_LIMITED', `WeChat Pay asks to slow down (${said})`, facts)
  if (answer.status >= 500)
    throw new WxpayError('ERR_WXPAY_SERVER', `WeChat Pay could not tell the result (${said})`, facts)
  if (answer.status >= 300 && answer.status < 400) {
    throw new WxpayError(
      'ERR_WXPAY_REDIRECTED',
      `a redirect, which is not followed (${said}); check baseUrl`,
      facts,
    )
  }
  // v2 answers 200 even to refusals; another status is not the service itself.
  if (answer.status !== 200) {
    // The gateway's own page, unsigned like any other: the outcome stays unknown, but the reader gets a way out.
    const isAboutCertificate =
      answer.status === 400 && /SSL certificate/i.test(answer.body.toString('latin1'))
    const hint = isAboutCertificate
      ? ': it did not take the client certificate; check certPem and keyPem'
      : ''
    throw new WxpayError('ERR_WXPAY_ANSWER_MALFORMED', `not an answer of WeChat Pay (${said})${hint}`, facts)
  }

  const members = malformedV2As(() => readFlatXml(answer.body))
  const get = (name: keyof AnswerHead): string | undefined => members.get(name)

  if (get('return_code') === 'FAIL') {
    // The old sandbox says retmsg. Texts are for people; only the one documented word is looked at.
    const apiMessage = (get('return_msg') ?? members.get('retmsg') ?? '').slice(0, 256)
    const code = /^SYSTEM_?ERROR$/.test(apiMessage) ? 'ERR_WXPAY_SERVER' : 'ERR_WXPAY_REFUSED'
    throw new WxpayError(code, `WeChat Pay refused the request: ${apiMessage}`, {
      ...facts,
      apiMessage,
      verified: false,
    })
  }
  if (get('return_code') !== 'SUCCESS') throw malformedV2('return_code is neither SUCCESS nor FAIL')
  if (!isSignedBy(members, signer)) {
    const reason = get('sign') ? `its signature is not our ${signer.signType}` : 'it is not signed'
    throw new WxpayError(
      'ERR_WXPAY_ANSWER_SIGNATURE',
      `the answer cannot be believed: ${reason}; query before repeating`,
      facts,
    )
  }
  assertOurs(members, who)
  if (get('result_code') === 'FAIL') throw refusalOf(get('err_code') ?? '', get('err_code_des') ?? '')
  if (get('result_code') !== 'SUCCESS') throw malformedV2('result_code is neither SUCCESS nor FAIL')
  return members
}

/** Runs a reader; what it finds wrong becomes `ERR_WXPAY_ANSWER_MALFORMED`. */
export function malformedV2As<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw malformedV2(
      error instanceof FlatXmlError || error instanceof WxpayError ? error.message : 'unreadable',
    )
  }
}

/** An answer outside the documentation. */
export function malformedV2(reason: string): WxpayError {
  return new WxpayError(
    'ERR_WXPAY_ANSWER_MALFORMED',
    `the answer is not what WeChat Pay documents: ${reason}`,
  )
}

/** A genuine answer about somebody or something else. */
export function mismatchV2(other: 'trade' | 'refund' = 'trade'): WxpayError {
  return new WxpayError('ERR_WXPAY_ANSWER_MISMATCH', `the answer is about another ${other}, app or merchant`)
}

function assertOurs(members: V2Answer, who: Who): void {
  // Refusals about the very ids (APPID_NOT_EXIST) may leave them out; what is there must be ours.
  const mayMiss = members.get('result_code') === 'FAIL'
  for (const name of ['appid', 'mch_id', 'sub_mch_id'] as const) {
    const told = members.get(name) || undefined
    if (told !== (who[name] || undefined) && !(mayMiss && told === undefined)) throw mismatchV2()
  }
}

function refusalOf(apiCode: string, apiMessage: string): WxpayError {
  const details = { httpStatus: 200, apiCode, apiMessage: apiMessage.slice(0, 256), verified: true }
  const said = `${apiCode}${details.apiMessage === '' ? '' : `: ${details.apiMessage}`}`
  if (['SYSTEMERROR', 'SYSTEM_ERROR', 'BIZERR_NEED_RETRY'].includes(apiCode)) {
    return new WxpayError('ERR_WXPAY_SERVER', `WeChat Pay could not tell the result (${said})`, details)
  }
  if (['FREQUENCY_LIMITED', 'FREQ_LIMIT', 'RATELIMIT_EXCEEDED'].includes(apiCode)) {
    return new WxpayError('ERR_WXPAY_RATE_LIMITED', `WeChat Pay asks to slow down (${said})`, details)
  }
  return new WxpayError('ERR_WXPAY_REFUSED', `WeChat Pay refused (${said})`, details)
}
