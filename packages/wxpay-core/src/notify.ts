/** @module Reads notifications of payments and refunds, of both protocols: verify, decrypt, parse, translate; and acknowledges them. */
import type { KeyObject } from 'node:crypto'
import { assertApiV2Key, assertIdentity, badConfig } from './checks.ts'
import { WxpayError, type WxpayErrorCode } from './errors.ts'
import {
  type JsonObject,
  JsonShapeError,
  objectOf,
  optionalTextOf,
  parseAsciiMembers,
  parseJsonObject,
  textOf,
} from './json.ts'
import type { RefundNews } from './refund.ts'
import type { Trade } from './trade.ts'
import { readSignType } from './v2/client.ts'
import { openRefundNotification } from './v2/refund-notification.ts'
import { readReqInfoKey } from './v2/req-info.ts'
import {
  createV2Signer,
  fitsSignType,
  isAmbiguous,
  isSignedBy,
  type V2Signer,
  type V2SignType,
} from './v2/sign.ts'
import { tradeOfMessage } from './v2/trade.ts'
import { FlatXmlError, maxXmlBytes, readFlatXml, writeFlatXml } from './v2/xml.ts'
import { decryptResource, readApiV3Key } from './v3/aes-gcm.ts'
import type { NotificationEnvelope } from './v3/messages.ts'
import { refundOfNotice } from './v3/refund.ts'
import { tradeOfTransaction } from './v3/transaction.ts'
import type { Doubt, SignedMessage, V3Verifier, Verdict } from './v3/verifier.ts'

/** A genuine payment notification about this app and merchant. It is news, not an order: compare it with your own. */
export interface PaymentNotification {
  readonly api: 'v2' | 'v3'
  /** The same for every repetition: v3 the notification's id, v2 made of transaction id and result. */
  readonly id: string
  /** Whether it says that the payer has paid. A v2 notice with `result_code` FAIL is genuine, but not paid. */
  readonly paid: boolean
  /** v2: a value contains `&`, so the signed text can be cut in more than one way. Query before believing. */
  readonly ambiguous: boolean
  readonly trade: Trade
}

/** A refund notification. Like any notification it is news, not an order: compare it with your own refund. */
export interface RefundNotification {
  readonly api: 'v2' | 'v3'
  /** The same for every repetition: v3 the notification's id, v2 made of refund id and status. */
  readonly id: string
  /**
   * v3: true, WeChat's signature covers it. v2: false, always. A v2 refund notification is not signed and its encryption
   * (ECB) lets a stranger recombine what he has seen, so it is a hint to `queryRefund` and proof of nothing.
   */
  readonly verified: boolean
  readonly refund: RefundNews
}

/** Request headers as any framework has them: a record in any case, or something with `get`, such as `Headers`. */
export type NotificationHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null | undefined }

/** What came in, untouched. */
export interface NotificationInput {
  readonly headers: NotificationHeaders
  /** The raw bytes of the body. A body that was parsed and written again cannot be verified. */
  readonly body: Uint8Array
}

/** Whose notifications are read, and with which keys. Give both protocols when trades of both may be alive. */
export interface NotificationReaderConfig {
  /** In service-provider mode (服务商模式) the provider's. */
  readonly appid: string
  /** In service-provider mode the provider's. */
  readonly mchid: string
  /**
   * Service-provider mode: says whether a sub-merchant (子商户号) is one of yours. Without it, notifications about
   * sub-merchants are refused; with it, those about no sub-merchant are, and those about others.
   */
  readonly isSubMerchant?: (subMchid: string) => boolean
  readonly v2?: {
    /** APIv2密钥: 32 characters. */
    readonly key: string
    /** Default `HMAC-SHA256`. */
    readonly signType?: V2SignType
    /**
     * Takes notifications signed with MD5 although `signType` is HMAC-SHA256. WeChat has been seen to do that; it
     * also lets an attacker choose the weaker algorithm. Default false.
     */
    readonly acceptMd5Notifications?: boolean
  }
  readonly v3?: {
    /** APIv3密钥: 32 bytes. */
    readonly apiV3Key: string
    /** The client's (`client.verifier`), or one of `createV3Verifier`. */
    readonly verifier: V3Verifier
  }
}

/** Opens notifications. */
export interface NotificationReader {
  /**
   * Verifies and reads one payment notification (支付结果通知, 支付成功回调通知). XML is v2, JSON is v3.
   *
   * @throws WxpayError `ERR_WXPAY_NOTIFY_*`; nothing of the content may be believed then
   */
  openPayment(input: NotificationInput): Promise<PaymentNotification>
  /**
   * Reads one refund notification (退款结果通知, 退款结果回调通知); look at `verified`. XML is v2, JSON is v3, whatever protocol
   * the refund was made with: one that a person starts in the merchant platform arrives as v2 XML in a v3 shop too, so
   * give the reader both keys.
   *
   * @throws WxpayError `ERR_WXPAY_NOTIFY_*`; nothing of the content may be believed then
   * @see 退款结果通知, https://pay.weixin.qq.com/doc/v3/merchant/4013071196; v2:
   *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16, checked 2026-11
   */
  openRefund(input: NotificationInput): Promise<RefundNotification>
}

/** Larger bodies are refused unread. */
const maxJsonBytes = 256 * 1024

/**
 * Makes a reader. It calls nobody, except that an unknown certificate serial makes the verifier fetch the
 * certificates, at most once a minute.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG`
 * @see 支付成功回调通知, https://pay.weixin.qq.com/doc/v3/merchant/4012791902, checked 2026-11
 * @example
 * ```ts
 * import { acknowledge, createNotificationReader, notificationApi, WxpayError, type V3Verifier } from 'wxpay-core'
 *
 * export function paymentNotifications(verifier: V3Verifier, store: (paid: { id: string; outTradeNo: string }) => Promise<void>) {
 *   const reader = createNotificationReader({
 *     appid: 'wx8888888888888888',
 *     mchid: '1900000001',
 *     v3: { apiV3Key: process.env['WXPAY_V3_KEY'] ?? '', verifier },
 *   })
 *   return async (headers: Record<string, string>, body: Uint8Array) => {
 *     try {
 *       const notification = await reader.openPayment({ headers, body })
 *       await store({ id: notification.id, outTradeNo: notification.trade.outTradeNo }) // first store, then acknowledge
 *       return acknowledge.v3Success()
 *     } catch (error) {
 *       if (!(error instanceof WxpayError)) throw error
 *       return notificationApi(body) === 'v2' ? acknowledge.v2Failure(error.code) : acknowledge.v3Failure(401)
 *     }
 *   }
 * }
 * ```
 */
export function createNotificationReader(config: NotificationReaderConfig): NotificationReader {
  assertIdentity(config)
  const v2 = config.v2 === undefined ? undefined : readV2Keys(config.v2)
  const v3 =
    config.v3 === undefined
      ? undefined
      : { apiV3Key: readApiV3Key(config.v3.apiV3Key), verifier: config.v3.verifier }
  if (v2 === undefined && v3 === undefined) throw badConfig('v3', 'given, or v2, or both')
  const { isSubMerchant } = config

  function isOurs(subMchid: string | undefined): boolean {
    if (isSubMerchant === undefined) return subMchid === undefined
    return subMchid !== undefined && isSubMerchant(subMchid)
  }

  return {
    async openPayment(input) {
      const notification =
        notificationApi(input.body) === 'v2'
          ? openV2(input.body, v2)
          : paymentIn(openEnvelope(input, v3, await verdictOn(input, v3)))
      const { trade } = notification
      if (trade.appid !== config.appid || trade.mchid !== config.mchid || !isOurs(trade.subMchid)) {
        throw new WxpayError('ERR_WXPAY_NOTIFY_MISMATCH', 'the notification is about another app or merchant')
      }
      return notification
    },

    async openRefund(input) {
      const notification =
        notificationApi(input.body) === 'v2'
          ? openV2Refund(input.body, v2, config)
          : refundIn(openEnvelope(input, v3, await verdictOn(input, v3)), config.mchid)
      if (!isOurs(notification.refund.subMchid)) {
        throw new WxpayError('ERR_WXPAY_NOTIFY_MISMATCH', 'the notification is about another merchant')
      }
      return notification
    },
  }
}

/** Which protocol a body belongs to, by its first character; for choosing the acknowledgement of a refused one. */
export function notificationApi(body: Uint8Array): 'v2' | 'v3' {
  for (const byte of body) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte === 0x3c ? 'v2' : 'v3'
  }
  return 'v3'
}

/** An HTTP answer to a notification. */
export interface Acknowledgement {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Answers in exactly the form each protocol asks for, within 5 seconds, after the news is stored. Everything else
 * makes WeChat repeat the notification: 15 times over 24 hours.
 *
 * @see 支付成功回调通知, https://pay.weixin.qq.com/doc/v3/merchant/4012791902, and 支付结果通知,
 *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7, checked 2026-11
 */
export const acknowledge = {
  v3Success(): Acknowledgement {
    return { status: 204, headers: {}, body: '' }
  },

  /** @param status 400 to 599; `message` is for WeChat's logs, keep secrets out */
  v3Failure(status: number, message = '失败'): Acknowledgement {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      // A success status by mistake would lose the notification for good.
      throw new WxpayError('ERR_WXPAY_INPUT', 'status must be 400 to 599', { member: 'status' })
    }
    const headers = { 'Content-Type': 'application/json' }
    return { status, headers, body: JSON.stringify({ code: 'FAIL', message }) }
  },

  v2Success(): Acknowledgement {
    return xmlAcknowledgement({ return_code: 'SUCCESS', return_msg: 'OK' })
  },

  v2Failure(message: string): Acknowledgement {
    return xmlAcknowledgement({ return_code: 'FAIL', return_msg: message })
  },
} as const

function xmlAcknowledgement(members: Readonly<Record<string, string>>): Acknowledgement {
  return { status: 200, headers: { 'Content-Type': 'text/xml; charset=utf-8' }, body: writeFlatXml(members) }
}

// ---- v2 ----

interface V2Keys {
  readonly signer: V2Signer
  readonly md5: V2Signer | undefined
  readonly reqInfoKey: KeyObject
}

function readV2Keys(config: NonNullable<NotificationReaderConfig['v2']>): V2Keys {
  assertApiV2Key('v2.key', config.key)
  return {
    signer: createV2Signer(config.key, readSignType(config.signType)),
    md5: config.acceptMd5Notifications === true ? createV2Signer(config.key, 'MD5') : undefined,
    reqInfoKey: readReqInfoKey(config.key),
  }
}

function openV2(body: Uint8Array, keys: V2Keys | undefined): PaymentNotification {
  if (keys === undefined) throw notConfigured('v2')
  if (body.byteLength > maxXmlBytes) throw malformed('larger than any notification')
  const message = malformedAs(() => readFlatXml(body))
  const sign = message.get('sign') ?? ''
  const signer = keys.md5 !== undefined && fitsSignType(sign, 'MD5') ? keys.md5 : keys.signer
  // Before anything of the content is looked at: a document without sign is refused like one with a wrong one.
  if (!isSignedBy(message, signer)) {
    throw new WxpayError('ERR_WXPAY_NOTIFY_SIGNATURE', `not signed with our key and ${signer.signType}`)
  }
  const returnCode = message.get('return_code')
  const resultCode = message.get('result_code')
  if (returnCode !== 'SUCCESS' || (resultCode !== 'SUCCESS' && resultCode !== 'FAIL')) {
    throw malformed('return_code or result_code is neither SUCCESS nor FAIL')
  }
  if (message.has('trade_state')) throw malformed('trade_state does not belong into a notification')
  const trade = malformedAs(() => tradeOfMessage(message))
  const paid = resultCode === 'SUCCESS'
  if (paid && (trade.transactionId === undefined || trade.totalFen === undefined)) {
    throw malformed('a paid trade without transaction_id or total_fee')
  }
  return {
    api: 'v2',
    id: `${trade.transactionId ?? trade.outTradeNo}:${resultCode}`,
    paid,
    ambiguous: isAmbiguous(message),
    trade,
  }
}

function openV2Refund(
  body: Uint8Array,
  keys: V2Keys | undefined,
  who: { readonly appid: string; readonly mchid: string },
): RefundNotification {
  if (keys === undefined) throw notConfigured('v2')
  const refund = malformedAs(() => openRefundNotification(body, who, keys.reqInfoKey))
  return { api: 'v2', id: `${refund.refundId}:${refund.rawStatus}`, verified: false, refund }
}

// ---- v3 ----

interface V3Keys {
  readonly apiV3Key: KeyObject
  readonly verifier: V3Verifier
}

const doubtCodes = {
  missingHeader: 'ERR_WXPAY_NOTIFY_HEADER',
  badTimestamp: 'ERR_WXPAY_NOTIFY_TIMESTAMP',
  clock: 'ERR_WXPAY_NOTIFY_TIMESTAMP',
  probe: 'ERR_WXPAY_NOTIFY_PROBE',
  unknownSerial: 'ERR_WXPAY_NOTIFY_SERIAL',
  expiredCertificate: 'ERR_WXPAY_NOTIFY_SERIAL',
  badSignature: 'ERR_WXPAY_NOTIFY_SIGNATURE',
} as const satisfies Record<Doubt, WxpayErrorCode>

/** Verified and decrypted, in this order. */
interface Opened {
  readonly id: string
  readonly eventType: string
  /** Parses the content; what is wrong with it becomes `ERR_WXPAY_NOTIFY_MALFORMED`. */
  read<T>(translate: (json: JsonObject) => T): T
}

/** Asks about the raw bytes, before anything in them is read. */
function verdictOn(input: NotificationInput, keys: V3Keys | undefined): Promise<Verdict> {
  if (keys === undefined) throw notConfigured('v3')
  if (input.body.byteLength > maxJsonBytes) throw malformed('larger than any notification')
  const { timestamp, nonce, serial, signature } = signedPartsOf(input.headers)
  return keys.verifier.verify({ timestamp, nonce, serial, signature, body: input.body })
}

function openEnvelope(input: NotificationInput, keys: V3Keys | undefined, verdict: Verdict): Opened {
  if (keys === undefined) throw notConfigured('v3')
  if (!verdict.genuine) throw new WxpayError(doubtCodes[verdict.doubt], `not believed: ${verdict.reason}`)

  const envelope = malformedAs(() => readEnvelope(input.body))
  const plain = decryptResource(envelope.resource, keys.apiV3Key)
  if (plain === null) {
    throw new WxpayError('ERR_WXPAY_NOTIFY_DECRYPT', 'the content does not open with this APIv3 key')
  }
  return {
    id: envelope.id,
    eventType: envelope.event_type,
    read: (translate) => malformedAs(() => translate(parseJsonObject(plain))),
  }
}

function paymentIn(opened: Opened): PaymentNotification {
  if (opened.eventType !== 'TRANSACTION.SUCCESS') {
    throw new WxpayError('ERR_WXPAY_NOTIFY_KIND', 'a notification of another kind, not TRANSACTION.SUCCESS')
  }
  const trade = opened.read(tradeOfTransaction)
  const paid = trade.tradeState === 'SUCCESS'
  if (paid && (trade.transactionId === undefined || trade.totalFen === undefined)) {
    throw malformed('a paid trade without transaction_id or amount.total')
  }
  return { api: 'v3', id: opened.id, paid, ambiguous: false, trade }
}

const refundEvents: readonly string[] = ['REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED']

function refundIn(opened: Opened, mchid: string): RefundNotification {
  if (!refundEvents.includes(opened.eventType)) {
    throw new WxpayError(
      'ERR_WXPAY_NOTIFY_KIND',
      `a notification of another kind, not ${refundEvents.join(', ')}`,
    )
  }
  // It names the merchant and no app.
  if (opened.read((json) => optionalTextOf(json, 'mchid') ?? textOf(json, 'sp_mchid')) !== mchid) {
    throw new WxpayError('ERR_WXPAY_NOTIFY_MISMATCH', 'the notification is about another merchant')
  }
  const refund = opened.read(refundOfNotice)
  if (opened.eventType !== `REFUND.${refund.rawStatus}`) {
    throw malformed('event_type and refund_status do not agree')
  }
  return { api: 'v3', id: opened.id, verified: true, refund }
}

function readEnvelope(body: Uint8Array): NotificationEnvelope {
  const json = parseAsciiMembers(body)
  const resource = objectOf(json, 'resource')
  return {
    id: textOf(json, 'id'),
    event_type: textOf(json, 'event_type'),
    resource_type: textOf(json, 'resource_type'),
    resource: {
      algorithm: textOf(resource, 'algorithm'),
      ciphertext: textOf(resource, 'ciphertext'),
      nonce: textOf(resource, 'nonce'),
      associated_data: optionalTextOf(resource, 'associated_data') ?? '',
    },
  }
}

/** The four headers in any case; one that is there twice counts as missing, for nobody can say which is meant. */
function signedPartsOf(headers: NotificationHeaders): Omit<SignedMessage, 'body'> {
  const names = hasGet(headers) ? [] : Object.keys(headers)
  const get = (name: string): string | undefined =>
    hasGet(headers) ? (headers.get(name) ?? undefined) : onlyValueOf(headers, names, name)
  return {
    timestamp: get('wechatpay-timestamp'),
    nonce: get('wechatpay-nonce'),
    serial: get('wechatpay-serial'),
    signature: get('wechatpay-signature'),
  }
}

function onlyValueOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  names: readonly string[],
  wanted: string,
): string | undefined {
  let found: string | undefined
  let count = 0
  for (const name of names) {
    // A request has twenty others: the length alone tells most of them apart.
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue
    const value = headers[name] ?? []
    for (const one of typeof value === 'string' ? [value] : value) {
      found = one
      count += 1
    }
  }
  return count === 1 ? found : undefined
}

function hasGet(headers: NotificationHeaders): headers is { get(name: string): string | null | undefined } {
  return 'get' in headers && typeof headers.get === 'function'
}

function malformedAs<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof WxpayError) throw error
    throw malformed(
      error instanceof FlatXmlError || error instanceof JsonShapeError ? error.message : 'unreadable',
    )
  }
}

function malformed(reason: string): WxpayError {
  return new WxpayError('ERR_WXPAY_NOTIFY_MALFORMED', `not a notification of WeChat Pay: ${reason}`)
}

function notConfigured(api: 'v2' | 'v3'): WxpayError {
  return new WxpayError(
    'ERR_WXPAY_NOTIFY_NOT_CONFIGURED',
    `an API${api} notification, and the reader has no ${api} keys`,
  )
}
