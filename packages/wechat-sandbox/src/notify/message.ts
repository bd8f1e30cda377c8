/**
 * @module What a payment notification looks like on the wire: an encrypted, signed envelope (v3) or signed XML (v2).
 */
import type { Core } from '../core.ts'
import { newNumber } from '../core.ts'
import type { FaultName } from '../faults.ts'
import type { Notification, Trade, Transaction } from '../state/tables.ts'
import { toRfc3339 } from '../time.ts'
import { signMembers } from '../v2/answer.ts'
import { paymentMembers } from '../v2/orders.ts'
import { writeXml } from '../v2/xml.ts'
import { signatureHeaders } from '../v3/answer.ts'
import { encryptResource } from '../v3/certificates.ts'
import { tradeBody } from '../v3/orders.ts'

export interface NotifyMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly decrypted: Readonly<Record<string, unknown>>
}

/** What the notification tells, fixed when the money moved; every sending wraps it anew. */
export function contentOf(
  core: Core,
  trade: Trade,
  transaction: Transaction,
): Readonly<Record<string, unknown>> {
  return trade.protocol === 'v3' ? tradeBody(core, trade, transaction) : paymentMembers(trade, transaction)
}

export function buildMessage(
  core: Core,
  trade: Trade,
  notification: Notification,
  fault: FaultName | undefined,
): NotifyMessage {
  const content =
    fault === 'other-order-body' ? aboutAnotherOrder(notification.content) : notification.content
  return trade.protocol === 'v3'
    ? buildV3(core, trade, notification, content, fault)
    : buildV2(core, trade, content, fault)
}

function buildV3(
  core: Core,
  trade: Trade,
  notification: Notification,
  content: Readonly<Record<string, unknown>>,
  fault: FaultName | undefined,
): NotifyMessage {
  const { nonce, associated_data, ciphertext } = encryptResource(
    core.identity.v3Key,
    JSON.stringify(content),
    'transaction',
  )
  const body = JSON.stringify({
    id: notification.id,
    create_time: toRfc3339(notification.createdAt),
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext,
      associated_data,
      nonce,
    },
  })
  return {
    headers: {
      'Content-Type': 'application/json',
      Accept: '*/*',
      'User-Agent': 'Mozilla/4.0',
      ...signatureHeaders(core, trade.signer, body, fault),
    },
    body,
    decrypted: content,
  }
}

function buildV2(
  core: Core,
  trade: Trade,
  content: Readonly<Record<string, unknown>>,
  fault: FaultName | undefined,
): NotifyMessage {
  const members: Record<string, string | number> = {
    return_code: 'SUCCESS',
    result_code: 'SUCCESS',
    appid: trade.appid,
    mch_id: core.identity.mchid,
    nonce_str: newNumber.nonce(),
  }
  for (const [name, value] of Object.entries(content)) {
    if (typeof value === 'string' || typeof value === 'number') members[name] = value
  }
  // No sign_type member: the merchant must know the algorithm of its own order.
  if (fault !== 'unsigned' && fault !== 'unsigned-notification') {
    members.sign = signMembers(core, members, trade.signType ?? 'MD5', fault)
  }
  return {
    headers: { 'Content-Type': 'text/xml', Accept: '*/*', 'User-Agent': 'Mozilla/4.0' },
    body: writeXml(members),
    decrypted: members,
  }
}

/** The same news under numbers nobody ordered: genuine in form, about someone else. */
export function aboutAnotherOrder(
  content: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const changed: Record<string, unknown> = { ...content }
  const now = Date.now()
  if ('out_trade_no' in content) changed.out_trade_no = `OTHER${newNumber.nonce().slice(0, 20)}`
  if ('transaction_id' in content) changed.transaction_id = newNumber.transactionId(now)
  if ('prepay_id' in content) changed.prepay_id = newNumber.prepayId(now)
  return changed
}
