/**
 * @module What a notification looks like on the wire: an encrypted, signed envelope (v3), signed XML, or XML with req_info (v2).
 */
import { type Core, newNumber } from '../core.ts'
import type { FaultName } from '../faults.ts'
import type { Notification, Signer } from '../state/tables.ts'
import { toRfc3339 } from '../time.ts'
import { signMembers } from '../v2/answer.ts'
import { encryptReqInfo } from '../v2/req-info.ts'
import { writeXml } from '../v2/xml.ts'
import { signatureHeaders } from '../v3/answer.ts'
import { encryptResource } from '../v3/certificates.ts'

export interface NotifyMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly decrypted: Readonly<Record<string, unknown>>
}

type Content = Readonly<Record<string, unknown>>

const REFUND_SUMMARY: Readonly<Record<string, string>> = {
  SUCCESS: '退款成功',
  ABNORMAL: '退款异常',
  CLOSED: '退款关闭',
}

export function buildMessage(
  core: Core,
  notification: Notification,
  fault: FaultName | undefined,
): NotifyMessage {
  const content =
    fault === 'other-order-body' ? aboutAnotherOrder(notification.content) : notification.content
  if (notification.protocol === 'v3') return buildV3(core, notification, content, fault)
  return notification.kind === 'payment'
    ? buildV2Payment(core, notification, content, fault)
    : buildV2Refund(core, content, fault)
}

function buildV3(
  core: Core,
  notification: Notification,
  content: Content,
  fault: FaultName | undefined,
): NotifyMessage {
  const status = String(content.refund_status)
  const [event_type, summary, original_type] =
    notification.kind === 'payment'
      ? ['TRANSACTION.SUCCESS', '支付成功', 'transaction']
      : [`REFUND.${status}`, REFUND_SUMMARY[status], 'refund']
  const { nonce, associated_data, ciphertext } = encryptResource(
    core.identity.v3Key,
    JSON.stringify(content),
    original_type,
  )
  const body = JSON.stringify({
    id: notification.id,
    create_time: toRfc3339(notification.createdAt),
    resource_type: 'encrypt-resource',
    event_type,
    summary,
    resource: { original_type, algorithm: 'AEAD_AES_256_GCM', ciphertext, associated_data, nonce },
  })
  return {
    headers: {
      'Content-Type': 'application/json',
      Accept: '*/*',
      'User-Agent': 'Mozilla/4.0',
      ...signatureHeaders(core, signerOf(core, notification), body, fault),
    },
    body,
    decrypted: content,
  }
}

/** The identity that the order, or the refund, was asked for under. */
function signerOf({ store }: Core, { outTradeNo, outRefundNo }: Notification): Signer {
  const asked = outRefundNo === undefined ? store.get('trade', outTradeNo) : store.get('refund', outRefundNo)
  return asked?.signer ?? 'public-key'
}

const V2_HEADERS = { 'Content-Type': 'text/xml', Accept: '*/*', 'User-Agent': 'Mozilla/4.0' }

function buildV2Payment(
  core: Core,
  notification: Notification,
  content: Content,
  fault: FaultName | undefined,
): NotifyMessage {
  const trade = core.store.get('trade', notification.outTradeNo)
  const members: Record<string, string | number> = {
    return_code: 'SUCCESS',
    result_code: 'SUCCESS',
    appid: trade?.appid ?? core.identity.appid,
    mch_id: core.identity.mchid,
    nonce_str: newNumber.nonce(),
    ...onlyTexts(content),
  }
  // No sign_type member: the merchant must know the algorithm of its own order.
  if (fault !== 'unsigned' && fault !== 'unsigned-notification') {
    members.sign = signMembers(core, members, trade?.signType ?? 'MD5', fault)
  }
  return { headers: V2_HEADERS, body: writeXml(members), decrypted: members }
}

/** Never signed. Whoever hasn't got the key (a forger, a probe) can only send a req_info that doesn't open. */
function buildV2Refund(core: Core, content: Content, fault: FaultName | undefined): NotifyMessage {
  const isStranger = fault === 'forged-notification' || fault === 'wrong-signature' || fault === 'probe'
  const key = isStranger ? newNumber.nonce() : core.identity.v2Key
  const members = onlyTexts(content)
  const body = writeXml({
    return_code: 'SUCCESS',
    appid: core.identity.appid,
    mch_id: core.identity.mchid,
    nonce_str: newNumber.nonce(),
    req_info: encryptReqInfo(key, writeXml(members, 'root')),
  })
  return { headers: V2_HEADERS, body, decrypted: members }
}

/** The same news under numbers nobody ordered: genuine in form, about someone else. */
export function aboutAnotherOrder(content: Content): Content {
  const changed: Record<string, unknown> = { ...content }
  const now = Date.now()
  for (const name of Object.keys(content)) {
    if (name === 'out_trade_no') changed[name] = `OTHER${newNumber.nonce().slice(0, 20)}`
    else if (name === 'transaction_id') changed[name] = newNumber.transactionId(now)
    else if (name === 'prepay_id') changed[name] = newNumber.prepayId(now)
    else if (/^out_refund_no(_\d+)?$/.test(name)) changed[name] = `OTHER${newNumber.nonce().slice(0, 20)}`
    else if (/^refund_id(_\d+)?$/.test(name)) changed[name] = newNumber.refundId(now)
  }
  return changed
}

/** The members that fit into XML. */
export function onlyTexts(content: Content): Record<string, string | number> {
  const texts: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(content)) {
    if (typeof value === 'string' || typeof value === 'number') texts[name] = value
  }
  return texts
}
