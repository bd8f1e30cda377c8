/**
 * @module APIv3 apply-abnormal-refund (发起异常退款): the money of an ABNORMAL refund goes to a bank card instead.
 */
import { constants, type KeyObject, privateDecrypt } from 'node:crypto'
import type { Core } from '../core.ts'
import { decodeUtf8, isRecord, parseJson } from '../json.ts'
import { isPayableBank } from '../refunds/receiver.ts'
import type { RefundDesk } from '../refunds/refund-desk.ts'
import type { RefundReceiver } from '../state/tables.ts'
import { errorAnswer, parameterError, type V3Answer } from './answer.ts'
import { ABNORMAL_FIELDS } from './refund-fields.ts'
import { refundBody } from './refunds.ts'
import { checkBody } from './schema.ts'

export interface AbnormalCall {
  readonly refundId: string
  readonly body: Buffer
  /** Wechatpay-Serial: the key that the sensitive fields are encrypted for. */
  readonly serial: string | undefined
}

export function applyAbnormalRefund(core: Core, desk: RefundDesk, call: AbnormalCall): V3Answer {
  const key = keyNamed(core, call.serial)
  if (key === undefined) {
    return parameterError({
      location: 'header',
      field: 'Wechatpay-Serial',
      value: call.serial?.slice(0, 64),
      issue: call.serial === undefined ? 'required' : 'unknown serial',
      message: 'Http头Wechatpay-Serial必须为加密敏感字段所用的微信支付公钥ID或平台证书序列号',
    })
  }
  const json = parseJson(call.body)
  const refusal = checkBody(ABNORMAL_FIELDS, json)
  if (refusal !== undefined) return refusal
  if (!isRecord(json)) return errorAnswer(400, 'PARAM_ERROR', '参数错误')
  const receiver = readReceiver(key, json)
  if ('kind' in receiver) return receiver
  const outRefundNo = core.store.get('refundNumber', call.refundId)?.outRefundNo
  const refund = outRefundNo === undefined ? undefined : core.store.get('refund', outRefundNo)
  if (refund === undefined) return errorAnswer(404, 'RESOURCE_NOT_EXISTS', '退款单不存在')
  if (json.out_refund_no !== refund.outRefundNo) {
    return errorAnswer(400, 'INVALID_REQUEST', '微信支付退款单号与商户退款单号不是同一笔退款')
  }
  const sent = desk.sendToCard(refund, receiver)
  return sent === undefined
    ? errorAnswer(400, 'INVALID_REQUEST', '退款单状态不是退款异常，不能发起异常退款')
    : { kind: 'json', status: 200, body: refundBody(sent) }
}

function keyNamed(
  { identity, platform, hasPlatformCertificate }: Core,
  serial: string | undefined,
): KeyObject | undefined {
  if (serial === identity.publicKeyId) return identity.publicModeKey
  return hasPlatformCertificate
    ? platform.listed().find(({ serialNo }) => serialNo === serial)?.key
    : undefined
}

function readReceiver(key: KeyObject, json: Readonly<Record<string, unknown>>): RefundReceiver | V3Answer {
  if (json.type !== 'USER_BANK_CARD') return { to: 'MERCHANT_BANK_CARD' }
  const { bank_type: bankType, bank_account: account, real_name: name } = json
  if (typeof bankType !== 'string') return missing('bank_type', '开户银行')
  if (typeof account !== 'string') return missing('bank_account', '收款银行卡号')
  if (typeof name !== 'string') return missing('real_name', '收款用户姓名')
  if (!isPayableBank(bankType)) return invalid('bank_type', '开户银行', 'enum')
  const cardNumber = decrypt(key, account)
  if (cardNumber === undefined || !/^\d{8,30}$/.test(cardNumber))
    return invalid('bank_account', '收款银行卡号', 'decrypt')
  const realName = decrypt(key, name)
  if (realName === undefined || realName.trim() === '') return invalid('real_name', '收款用户姓名', 'decrypt')
  // The sandbox keeps no more of a card than an answer shows.
  return { to: 'USER_BANK_CARD', bankType, tail: cardNumber.slice(-4) }
}

/** RSAES-OAEP with SHA-1 and MGF1-SHA-1, as every SDK encrypts; undefined when it doesn't open. */
function decrypt(key: KeyObject, ciphertext: string): string | undefined {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    const plain = privateDecrypt({ key, padding, oaepHash: 'sha1' }, Buffer.from(ciphertext, 'base64'))
    return decodeUtf8(plain)
  } catch {
    return undefined
  }
}

function missing(name: string, label: string): V3Answer {
  return parameterError({
    location: 'body',
    field: `/${name}`,
    value: undefined,
    issue: 'required',
    message: `输入源“/body/${name}”映射到字段“${label}”必填性规则校验失败，退款至用户银行卡时为必填项`,
  })
}

function invalid(name: string, label: string, issue: 'enum' | 'decrypt'): V3Answer {
  return parameterError({
    location: 'body',
    field: `/${name}`,
    value: undefined,
    issue,
    message: `输入源“/body/${name}”映射到字段“${label}”${issue === 'enum' ? '不是可选的值' : '解密失败或内容不正确'}`,
  })
}
