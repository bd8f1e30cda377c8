/**
 * @module APIv2 answers: always HTTP 200 and text/plain, in the three layers return_code, sign, result_code.
 */
import { type Core, newNumber } from '../core.ts'
import type { FaultRecord } from '../faults.ts'
import type { SignType } from '../state/tables.ts'
import type { SentAnswer } from '../v3/answer.ts'
import { signV2 } from './signature.ts'
import { writeXml } from './xml.ts'

export type V2Members = Readonly<Record<string, string | number>>

export type V2Answer =
  /** Communication failed: a message, no signature. */
  | { readonly kind: 'return-fail'; readonly message: string }
  | {
      readonly kind: 'result-fail'
      readonly signType: SignType
      readonly code: string
      readonly message: string
    }
  | { readonly kind: 'success'; readonly signType: SignType; readonly members: V2Members }
  | { readonly kind: 'empty'; readonly status: 404 }
  /** A bill; a refusal of one isn't signed either. */
  | {
      readonly kind: 'file'
      readonly contentType: string
      readonly content: Buffer
      readonly digest: string
    }
  | { readonly kind: 'bill-fail'; readonly members: V2Members }
  /** What the web server in front says before any protocol begins. */
  | { readonly kind: 'page'; readonly status: 400; readonly html: string }

export const returnFail = (message: string): V2Answer => ({ kind: 'return-fail', message })

export function resultFail(signType: SignType, code: string, message: string): V2Answer {
  return { kind: 'result-fail', signType, code, message }
}

export function sealV2(core: Core, answer: V2Answer, fault: FaultRecord | undefined): SentAnswer {
  if (answer.kind === 'empty') return { status: answer.status, headers: {}, body: '' }
  if (answer.kind === 'page')
    return { status: answer.status, headers: { 'Content-Type': 'text/html' }, body: answer.html }
  if (answer.kind === 'file') {
    const headers = { 'Content-Type': answer.contentType, Digest: answer.digest }
    return { status: 200, headers, body: answer.content }
  }
  if (answer.kind === 'bill-fail') return textAnswer(writeXml(answer.members))
  if (answer.kind === 'return-fail') {
    return textAnswer(writeXml({ return_code: 'FAIL', return_msg: answer.message }))
  }
  const { identity } = core
  const members: Record<string, string | number> = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid: identity.appid,
    mch_id: identity.mchid,
    nonce_str: newNumber.nonce(),
    ...(answer.kind === 'success'
      ? { result_code: 'SUCCESS', ...answer.members }
      : { result_code: 'FAIL', err_code: answer.code, err_code_des: answer.message }),
  }
  if (fault?.fault !== 'unsigned') members.sign = signMembers(core, members, answer.signType, fault?.fault)
  return textAnswer(writeXml(members))
}

/** The signature of an answer or notice, or what a fault makes of it. v2 has no probes: one is a wrong signature. */
export function signMembers(
  core: Core,
  members: V2Members,
  signType: SignType,
  fault: string | undefined,
): string {
  const isWrong = fault === 'wrong-signature' || fault === 'probe' || fault === 'forged-notification'
  const key = isWrong ? newNumber.nonce() : core.identity.v2Key
  return signV2(Object.entries(members), key, signType)
}

function textAnswer(body: string): SentAnswer {
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body }
}
