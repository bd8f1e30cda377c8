/**
 * @module The APIv2 calls and the checks before any of them: method, XML, merchant, signature, members.
 */
import type { Core } from '../core.ts'
import type { LimitName } from '../rate-limits.ts'
import type { RefundDesk } from '../refunds/refund-desk.ts'
import type { SignType } from '../state/tables.ts'
import { resultFail, returnFail, type V2Answer } from './answer.ts'
import {
  DOWNLOADBILL_PATH,
  DOWNLOADFUNDFLOW_PATH,
  downloadBill,
  downloadFundFlow,
  tradeBillProblem,
} from './bills.ts'
import { type ClientCertificate, NO_CERTIFICATE_PAGE } from './client-certificate.ts'
import {
  CLOSEORDER,
  DOWNLOADBILL,
  DOWNLOADFUNDFLOW,
  findProblem,
  type MemberProblem,
  type Members,
  ORDERQUERY,
  REFUND,
  REFUNDQUERY,
  UNIFIEDORDER,
} from './members.ts'
import { closeOrder, orderQuery, unifiedOrder } from './orders.ts'
import { REFUND_PATH, refund, refundQuery } from './refunds.ts'
import { sameText, signV2 } from './signature.ts'
import { type Fields, readXml } from './xml.ts'

interface Call {
  readonly members: Members
  readonly needsCertificate?: true
  readonly limit?: LimitName
  /** How a wrong signature or member is worded, where it isn't as everywhere else. */
  readonly refuse?: (problem: MemberProblem['problem'] | 'sign') => V2Answer
  readonly run: (core: Core, fields: Fields, signType: SignType, desk: RefundDesk) => V2Answer
}

export interface V2Request {
  readonly method: string
  readonly path: string
  readonly body: Buffer
  readonly certificate: ClientCertificate
}

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['/pay/unifiedorder', { members: UNIFIEDORDER, limit: 'order', run: unifiedOrder }],
  ['/pay/orderquery', { members: ORDERQUERY, run: orderQuery }],
  ['/pay/closeorder', { members: CLOSEORDER, run: closeOrder }],
  [REFUND_PATH, { members: REFUND, needsCertificate: true, limit: 'refund', run: refund }],
  ['/pay/refundquery', { members: REFUNDQUERY, limit: 'refund-query', run: refundQuery }],
  [DOWNLOADBILL_PATH, { members: DOWNLOADBILL, refuse: tradeBillProblem, run: downloadBill }],
  [
    DOWNLOADFUNDFLOW_PATH,
    { members: DOWNLOADFUNDFLOW, needsCertificate: true, limit: 'fund-bill', run: downloadFundFlow },
  ],
])

export function isV2Path(path: string): boolean {
  return CALLS.has(path)
}

export function answerV2(core: Core, desk: RefundDesk, request: V2Request): V2Answer {
  const call = CALLS.get(request.path)
  if (call === undefined) return { kind: 'empty', status: 404 }
  if (call.needsCertificate && request.certificate === 'none')
    return { kind: 'page', status: 400, html: NO_CERTIFICATE_PAGE }
  if (request.method !== 'POST') return returnFail('请使用post方法')
  const reading = readXml(request.body)
  if (!reading.ok) {
    return returnFail(
      { empty: 'post数据为空', 'not-utf8': '编码格式错误', malformed: 'XML格式错误' }[reading.why],
    )
  }
  const { fields } = reading
  const { identity } = core
  const mchid = fields.get('mch_id') ?? ''
  if (mchid === '') return returnFail('缺少参数：mch_id')
  // Without a known merchant there is no key to check or sign with.
  if (mchid !== identity.mchid) return returnFail('mch_id不存在')
  const signType = readSignType(fields)
  const sign = fields.get('sign') ?? ''
  if (signType === undefined || sign === '' || !sameText(sign, signV2(fields, identity.v2Key, signType))) {
    return call.refuse?.('sign') ?? returnFail('签名错误')
  }
  if (call.needsCertificate && request.certificate === 'foreign')
    return resultFail(signType, 'CERT_ERROR', '证书校验错误，请使用本商户的API证书')
  if (call.limit === 'refund' && core.limits.isReached('refused-refund'))
    return resultFail(signType, 'INVALID_REQ_TOO_MUCH', '无效请求过多，请检查业务是否正确，1分钟后重试')
  if (call.limit !== undefined && !core.limits.take(call.limit)) return tooOften(signType)
  const answer = judge(core, desk, call, fields, signType)
  const isRefused = answer.kind !== 'success'
  if (call.limit === 'refund' && isRefused) core.limits.take('refused-refund')
  return answer
}

export function tooOften(signType: SignType): V2Answer {
  return resultFail(signType, 'FREQUENCY_LIMITED', '频率限制，请降低请求频率')
}

/** The members, and then the call itself. */
function judge(core: Core, desk: RefundDesk, call: Call, fields: Fields, signType: SignType): V2Answer {
  const problem = findProblem(call.members, fields)
  if (problem !== undefined) {
    if (call.refuse !== undefined) return call.refuse(problem.problem)
    switch (problem.problem) {
      case 'missing':
        return resultFail(signType, 'LACK_PARAMS', `缺少参数：${problem.name}`)
      case 'length':
        return returnFail(`${problem.name}参数长度有误`)
      case 'form':
        return returnFail(`${problem.name}参数格式有误`)
    }
  }
  if (fields.get('appid') !== core.identity.appid) {
    return resultFail(signType, 'APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配')
  }
  return call.run(core, fields, signType, desk)
}

export function signTypeInXml(body: Buffer): SignType {
  const reading = readXml(body)
  return (reading.ok ? readSignType(reading.fields) : undefined) ?? 'MD5'
}

function readSignType(fields: Fields): SignType | undefined {
  const name = fields.get('sign_type') ?? ''
  if (name === '' || name === 'MD5') return 'MD5'
  return name === 'HMAC-SHA256' ? name : undefined
}
