/** @module What an APIv2 answer means: its layers in order, signature before business. */
import { malformed, malformedAs, mismatch, refusal, unsigned } from '../answer-errors.ts'
import type { WireAnswer } from '../transport.ts'
import type { AnswerHead } from './messages.ts'
import { isSignedBy, type V2Signer, type V2Value } from './sign.ts'
import { readFlatXml } from './xml.ts'

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
  // v2 answers 200 even to refusals; another status is not the service itself.
  if (answer.status !== 200) {
    // The gateway's own page, unsigned like any other: the outcome stays unknown, but the reader gets a way out.
    const isAboutCertificate =
      answer.status === 400 && /SSL certificate/i.test(answer.body.toString('latin1'))
    const hint = ': it did not take the client certificate; check certPem and keyPem'
    throw refusal(facts, false, isAboutCertificate ? hint : '')
  }

  const members = malformedAs(facts, () => readFlatXml(answer.body))
  const get = (name: keyof AnswerHead): string => members.get(name) ?? ''
  const refused = (text: string | undefined, verified: boolean) =>
    refusal(
      { ...facts, apiCode: get('err_code').slice(0, 64), apiMessage: text?.slice(0, 256), verified },
      true,
    )

  function assertSuccess(name: 'return_code' | 'result_code'): void {
    if (get(name) !== 'SUCCESS') throw malformed(facts, `${name} is neither SUCCESS nor FAIL`)
  }

  // The old sandbox says retmsg. Texts are for people; `refusal` looks at the few words that say "busy".
  if (get('return_code') === 'FAIL') throw refused(get('return_msg') || members.get('retmsg'), false)
  assertSuccess('return_code')
  if (!isSignedBy(members, signer)) {
    throw unsigned(get('sign') ? `its signature is not our ${signer.signType}` : 'it is not signed', facts)
  }
  assertOurs(members, who)
  if (get('result_code') === 'FAIL') throw refused(get('err_code_des'), true)
  assertSuccess('result_code')
  return members
}

function assertOurs(members: V2Answer, who: Who): void {
  // Refusals about the very ids (APPID_NOT_EXIST) may leave them out; what is there must be ours.
  const mayMiss = members.get('result_code') === 'FAIL'
  for (const name of ['appid', 'mch_id', 'sub_mch_id'] as const) {
    const told = members.get(name) || undefined
    if (told !== (who[name] || undefined) && !(mayMiss && told === undefined)) throw mismatch('trade')
  }
}
