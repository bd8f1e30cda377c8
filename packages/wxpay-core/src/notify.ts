/** @module Reads notifications of payments and refunds, of both protocols: verify, decrypt, parse, translate; and acknowledges them. */
import type { KeyObject } from 'node:crypto'
import { assertApiV2Key, assertIdentity, badConfig, badInput, isWhole } from './checks.ts'
import { WxpayError, type WxpayErrorCode } from './errors.ts'
import { type JsonObject, optionalTextOf, parseAsciiMembers, parseJsonObject, textOf } from './json.ts'
import {
  foreignNotification,
  malformedNotification,
  otherNotification,
  readingNotification,
  sealedNotification,
} from './notification-errors.ts'
import type { RefundNews } from './refund.ts'
import type { Trade } from './trade.ts'
import { isBlank } from './utf8.ts'
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
import { required, tradeOfMessage } from './v2/trade.ts'
import { readFlatXml, writeFlatXml } from './v2/xml.ts'
import { decryptResource, readApiV3Key, resourceOf } from './v3/aes-gcm.ts'
import type { NotificationEnvelope } from './v3/messages.ts'
import { refundOfNotice } from './v3/refund.ts'
import { tradeOfTransaction } from './v3/transaction.ts'
import {
  type Doubt,
  type SignedMessage,
  signedMessage,
  type V3Verifier,
  type Verdict,
} from './v3/verifier.ts'

/** A genuine payment notification about this app and merchant. It is news, not an order: compare it with your own. */
export interface PaymentNotification {
  /** Which protocol it came in. */
  readonly api: 'v2' | 'v3'
  /** The same for every repetition: v3 the notification's id, v2 made of transaction id and result. */
  readonly id: string
  /** Whether it says that the payer has paid. A v2 notice with `result_code` FAIL is genuine, but not paid. */
  readonly paid: boolean
  /** v2: a value contains `&`, so the signed text can be cut in more than one way. Query before believing. */
  readonly ambiguous: boolean
  /** What it says about the trade. */
  readonly trade: Trade
}

/** A refund notification. Like any notification it is news, not an order: compare it with your own refund. */
export interface RefundNotification {
  /** Which protocol it came in. */
  readonly api: 'v2' | 'v3'
  /** The same for every repetition: v3 the notification's id, v2 made of refund id and status. */
  readonly id: string
  /**
   * v3: true, WeChat's signature covers it. v2: false, always. A v2 refund notification is not signed and its encryption
   * (ECB) lets a stranger recombine what he has seen, so it is a hint to `queryRefund` and proof of nothing.
   */
  readonly verified: boolean
  /** What it says about the refund. */
  readonly refund: RefundNews
}

/** Request headers as any framework has them: a record in any case, or something with `get`, such as `Headers`. */
export type NotificationHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | {
      /** The value of a header, its name in any case. */
      get(name: string): string | null | undefined
    }

/** What came in, untouched. */
export interface NotificationInput {
  /** All of the request, or the four `Wechatpay-*` among them; v2 has none. */
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
  /** For notifications of APIv2. */
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
  /** For notifications of APIv3. */
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
  const v2 = config.v2 && readV2Keys(config.v2)
  const v3 = config.v3 && { ...config.v3, apiV3Key: readApiV3Key(config.v3.apiV3Key) }
  if (v2 === undefined && v3 === undefined) throw badConfig('v3', 'given, or v2, or both')
  const { isSubMerchant } = config

  function isOurs(subMchid: string | undefined): boolean {
    if (isSubMerchant === undefined) return subMchid === undefined
    return subMchid !== undefined && isSubMerchant(subMchid)
  }

  /** By the protocol of the body: v2 is read as it is, v3 once it is verified and decrypted. */
  async function open<T>(
    input: NotificationInput,
    readV2: (keys: V2Keys) => T,
    readV3: (opened: Opened) => T,
  ): Promise<T> {
    const api = notificationApi(input.body)
    if (api === 'v2' && v2 !== undefined) return readV2(v2)
    if (api === 'v3' && v3 !== undefined) {
      return readV3(openV3(input.body, v3.apiV3Key, await v3.verifier.verify(signedPartsOf(input))))
    }
    const what = `an API${api} notification, and the reader has no ${api} keys`
    throw new WxpayError('ERR_WXPAY_NOTIFY_NOT_CONFIGURED', what)
  }

  return {
    async openPayment(input) {
      const notification = await open(input, (keys) => paymentOfV2(input.body, keys), paymentOfV3)
      const { trade, paid } = notification
      if (paid && (trade.transactionId === undefined || trade.totalFen === undefined)) {
        throw malformedNotification('a paid trade without transaction id or amount')
      }
      if (trade.appid !== config.appid || trade.mchid !== config.mchid || !isOurs(trade.subMchid)) {
        throw foreignNotification()
      }
      return notification
    },

    async openRefund(input) {
      const notification = await open(
        input,
        (keys) => refundOfV2(input.body, keys, config),
        (opened) => refundOfV3(opened, config.mchid),
      )
      if (!isOurs(notification.refund.subMchid)) throw foreignNotification()
      return notification
    },
  }
}

/** Which protocol a body belongs to, by its first character; for choosing the acknowledgement of a refused one. */
export function notificationApi(body: Uint8Array): 'v2' | 'v3' {
  for (const byte of body) {
    if (!isBlank(byte)) return byte === 0x3c ? 'v2' : 'v3'
  }
  return 'v3'
}

/** An HTTP answer to a notification. */
export interface Acknowledgement {
  /** The HTTP status. */
  readonly status: number
  /** The header fields. */
  readonly headers: Readonly<Record<string, string>>
  /** The body, empty under v3 success. */
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
  /** v3: the news is stored. */
  v3Success(): Acknowledgement {
    return { status: 204, headers: {}, body: '' }
  },

  /**
   * v3: it is not; WeChat will repeat it.
   *
   * @param status 400 to 599
   * @param message for WeChat's logs; keep secrets out
   * @throws WxpayError `ERR_WXPAY_INPUT` for a status that would acknowledge it
   */
  v3Failure(status: number, message = '失败'): Acknowledgement {
    if (!isWhole(status, 400, 599)) {
      // A success status by mistake would lose the notification for good.
      throw badInput('status', '400 to 599')
    }
    const headers = { 'Content-Type': 'application/json' }
    return { status, headers, body: JSON.stringify({ code: 'FAIL', message }) }
  },

  /** v2: the news is stored. */
  v2Success(): Acknowledgement {
    return xmlAcknowledgement({ return_code: 'SUCCESS', return_msg: 'OK' })
  },

  /**
   * v2: it is not; WeChat will repeat it.
   *
   * @param message for WeChat's logs; keep secrets out
   */
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

function paymentOfV2(body: Uint8Array, keys: V2Keys): PaymentNotification {
  const message = readingNotification(() => readFlatXml(body))
  const get = (name: string): string => message.get(name) ?? ''
  const signer = keys.md5 !== undefined && fitsSignType(get('sign'), 'MD5') ? keys.md5 : keys.signer
  // Before anything of the content is looked at: a document without sign is refused like one with a wrong one.
  if (!isSignedBy(message, signer)) {
    throw new WxpayError('ERR_WXPAY_NOTIFY_SIGNATURE', `not signed with our key and ${signer.signType}`)
  }
  const result = get('result_code')
  if (get('return_code') !== 'SUCCESS' || (result !== 'SUCCESS' && result !== 'FAIL')) {
    throw malformedNotification('return_code or result_code is neither SUCCESS nor FAIL')
  }
  // v2 signs no word for what a message is. An answer about the same trade or its refund is as genuine, and no news of a payment.
  for (const name of ['trade_state', 'refund_id', 'refund_count']) {
    if (message.has(name)) throw malformedNotification(`${name} does not belong into it`)
  }
  const trade = readingNotification(() => {
    if (result === 'SUCCESS') for (const name of ['trade_type', 'time_end']) required(get, name)
    return tradeOfMessage(message, 'result_code')
  })
  return {
    api: 'v2',
    id: `${trade.transactionId ?? trade.outTradeNo}:${result}`,
    paid: result === 'SUCCESS',
    ambiguous: isAmbiguous(message),
    trade,
  }
}

function refundOfV2(
  body: Uint8Array,
  keys: V2Keys,
  who: { readonly appid: string; readonly mchid: string },
): RefundNotification {
  const refund = readingNotification(() => openRefundNotification(body, who, keys.reqInfoKey))
  return { api: 'v2', id: `${refund.refundId}:${refund.rawStatus}`, verified: false, refund }
}

// ---- v3 ----

/** What follows `ERR_WXPAY_NOTIFY_` in the code. */
const doubtCodes = {
  missingHeader: 'HEADER',
  badTimestamp: 'TIMESTAMP',
  clock: 'TIMESTAMP',
  probe: 'PROBE',
  unknownSerial: 'SERIAL',
  expiredCertificate: 'SERIAL',
  badSignature: 'SIGNATURE',
} as const satisfies Record<Doubt, string>

/** Verified and decrypted, in this order. */
interface Opened {
  readonly id: string
  readonly eventType: string
  /** Parses the content; what is wrong with it becomes `ERR_WXPAY_NOTIFY_MALFORMED`. */
  read<T>(translate: (json: JsonObject) => T): T
}

/** What the verifier is asked about: the raw bytes, before anything in them is read. */
function signedPartsOf({ headers, body }: NotificationInput): SignedMessage {
  if (body.byteLength > maxJsonBytes) throw malformedNotification('larger than any notification')
  return signedMessage(headerReader(headers), body)
}

/** Opens a body that is genuine, and no other. */
function openV3(body: Uint8Array, apiV3Key: KeyObject, verdict: Verdict): Opened {
  if (!verdict.genuine) {
    const code: WxpayErrorCode = `ERR_WXPAY_NOTIFY_${doubtCodes[verdict.doubt]}`
    throw new WxpayError(code, `not believed: ${verdict.reason}`)
  }

  const { id, event_type: eventType, resource } = readingNotification(() => readEnvelope(body))
  const plain = decryptResource(resource, apiV3Key)
  if (plain === null) throw sealedNotification('v3')
  const read: Opened['read'] = (translate) => readingNotification(() => translate(parseJsonObject(plain)))
  return { id, eventType, read }
}

function paymentOfV3({ id, eventType, read }: Opened): PaymentNotification {
  const expected = 'TRANSACTION.SUCCESS'
  if (eventType !== expected) throw otherNotification(expected)
  const trade = read(tradeOfTransaction)
  return { api: 'v3', id, paid: trade.tradeState === 'SUCCESS', ambiguous: false, trade }
}

const refundEvents: readonly string[] = ['REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED']

function refundOfV3({ id, eventType, read }: Opened, mchid: string): RefundNotification {
  if (!refundEvents.includes(eventType)) throw otherNotification(refundEvents.join(', '))
  // It names the merchant and no app.
  if (read((json) => optionalTextOf(json, 'mchid') ?? textOf(json, 'sp_mchid')) !== mchid) {
    throw foreignNotification()
  }
  const refund = read(refundOfNotice)
  if (eventType !== `REFUND.${refund.rawStatus}`) {
    throw malformedNotification('event_type and refund_status do not agree')
  }
  return { api: 'v3', id, verified: true, refund }
}

function readEnvelope(body: Uint8Array): NotificationEnvelope {
  const json = parseAsciiMembers(body)
  return {
    id: textOf(json, 'id'),
    event_type: textOf(json, 'event_type'),
    resource_type: textOf(json, 'resource_type'),
    resource: resourceOf(json, 'resource'),
  }
}

/** Reads headers in any case; one that is there twice counts as missing, for nobody can say which is meant. */
function headerReader(headers: NotificationHeaders): (name: string) => string | undefined {
  if (hasGet(headers)) return (name) => headers.get(name) ?? undefined
  const found = new Map<string, string | undefined>()
  for (const name of Object.keys(headers)) {
    // A request has twenty others: the length alone tells most of them apart.
    if (name.length < 15 || name.length > 19) continue
    const key = name.toLowerCase()
    const values = headers[name] ?? []
    for (const value of typeof values === 'string' ? [values] : values) {
      found.set(key, found.has(key) ? undefined : value)
    }
  }
  return (name) => found.get(name)
}

function hasGet(headers: NotificationHeaders): headers is { get(name: string): string | null | undefined } {
  return 'get' in headers && typeof headers.get === 'function'
}
