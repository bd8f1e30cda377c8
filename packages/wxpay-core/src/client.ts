/** @module The one interface over both protocols: order, query, close, refund, and the parameters for the phone. */
import type { RefundOrder, RefundReport } from './refund.ts'
import type { Trade } from './trade.ts'

/** What is ordered. One `outTradeNo` for the life of an order; repeat a call with exactly the same members. */
export interface PrepayOrder {
  /** 商户订单号: 6 to 32 of `0-9 A-Z a-z _ - | *`, unique per merchant. */
  readonly outTradeNo: string
  /** Shown to the payer; at most 127 bytes of UTF-8. See `cutUtf8`. */
  readonly description: string
  /** Price in fen, a positive integer. */
  readonly totalFen: number
  /** 货币类型: there is no other for mini-programs. */
  readonly currency?: 'CNY'
  /** 用户标识 of the payer in the app, or in the sub-merchant's app where there is one: at most 128 characters. */
  readonly payerOpenid: string
  /** Public https address without query. Plain http is taken for loopback hosts only. */
  readonly notifyUrl: string
  /** When the order stops being payable: a Date or epoch milliseconds. WeChat honours the first call's value. */
  readonly timeExpire?: Date | number
  /** v2 only: when the order was made. Must not change when the call is repeated, so store it or leave it out. */
  readonly timeStart?: Date | number
  /**
   * Comes back in queries and notifications. Only `[A-Za-z0-9_-]{0,64}`: v2 signs unescaped text, so a shopper's
   * words in here could be re-read as other members.
   */
  readonly attach?: string
  /** 订单优惠标记, for promotions: at most 32 of `0-9 A-Z a-z _ -`. */
  readonly goodsTag?: string
  /**
   * 单品列表, for coupons on single goods (单品优惠): 1 to 6000 kinds; under v2 at most 6000 bytes as JSON, and WeChat looks at them
   * with `promotionDetails` alone. Must not change when the call is repeated.
   */
  readonly goods?: readonly OrderedGoods[]
  /** 分账: the money is held until it is shared out. `true` or `false`; v2's `'Y'` is refused like any other word. */
  readonly profitSharing?: boolean
  /** 指定支付方式 `no_credit`: no credit cards. */
  readonly noCredit?: boolean
  /** 电子发票入口开放标识: the payer's receipt shows a way to an invoice. */
  readonly invoiceEntry?: boolean
  /** The payer's own address (IPv4 or IPv6), not the server's. */
  readonly payerClientIp: string
}

/** One kind of goods in an order (单品), as the merchant who gives coupons on it knows it. */
export interface OrderedGoods {
  /** 商户侧商品编码: 1 to 32 of `0-9 A-Z a-z _ -`. */
  readonly goodsId: string
  /** 商品名称: at most 256 bytes of UTF-8. */
  readonly name?: string
  /** 商品数量: 1 or more. */
  readonly quantity: number
  /** 商品单价 in fen: 0 or more. */
  readonly unitPriceFen: number
}

/**
 * A merchant served by a provider (服务商模式, 特约商户). With `appid`, the mini-program is the sub-merchant's: `payerOpenid`
 * is then the payer in that app, and the payment parameters are signed for it.
 */
export interface SubMerchant {
  /** 子商户号 */
  readonly mchid: string
  /** 子商户应用ID */
  readonly appid?: string
}

/** Ready for `wx.requestPayment`; `timeStamp` is seconds as text, as the client demands. */
export interface PaymentParams {
  /** Seconds since the epoch. */
  readonly timeStamp: string
  /** 随机字符串: 32 letters and digits. */
  readonly nonceStr: string
  /** `prepay_id=…` */
  readonly package: string
  /** `RSA` under v3; under v2 the one the client signs with. */
  readonly signType: 'RSA' | 'MD5' | 'HMAC-SHA256'
  /** The signature over the others and the app id, which the mini-program adds itself. */
  readonly paySign: string
}

/**
 * What came of closing a trade (关单). After `alreadyPaid`, query: the trade is to be treated as paid.
 * v3 refusals are unsigned: after one that names a state, the trade is queried, and what is returned is what WeChat signed.
 * Under v3 `notFound` alone is a hint, never proof.
 */
export type CloseResult = 'closed' | 'alreadyPaid' | 'notFound'

/** What an order is answered with. */
export interface Prepaid {
  /** 预支付交易会话标识, for `paymentParams`: at most 64 characters, lives 2 hours. */
  readonly prepayId: string
}

/** WeChat Pay for one app and one merchant. Immutable, safe to share between requests. */
export interface WxpayClient {
  /** Which protocol it speaks. */
  readonly api: 'v2' | 'v3'
  /** What `ConnectionConfig` said, for who waits between calls: `withRetries` does. */
  readonly timeLeftMs?: (() => number) | undefined
  /**
   * Registers the order with WeChat Pay (JSAPI下单, 统一下单). The id lives 2 hours; the same call again gives a new one.
   *
   * @throws WxpayError `ERR_WXPAY_INPUT` naming the member, or any code of the table in errors.ts
   */
  prepay(order: PrepayOrder): Promise<Prepaid>
  /** The trade, or null when WeChat says that it does not exist (signed under v2, unsigned under v3). */
  queryByOutTradeNo(outTradeNo: string): Promise<Trade | null>
  /** Like `queryByOutTradeNo`, by WeChat's number; knows paid trades only. */
  queryByTransactionId(transactionId: string): Promise<Trade | null>
  /** Closes an unpaid trade; its number cannot be used again. */
  close(outTradeNo: string): Promise<CloseResult>
  /**
   * Asks WeChat Pay to give money back (申请退款). An answer means that the request was accepted, not that the money has
   * arrived: under v2 the status is always `PROCESSING`. Final is what `queryRefund` or a v3 notification says.
   *
   * An `unknown` outcome, 429 included, may have been accepted: `queryRefund` first, then the same call again. After
   * `NOT_ENOUGH` (v2 `NOTENOUGH`) add money to the merchant's balance and make the same call again.
   *
   * @throws WxpayError `ERR_WXPAY_INPUT` naming the member; under v2 `ERR_WXPAY_CONFIG` without `certPem`; or any code
   *   of the table in errors.ts
   * @see 申请退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071036; v2:
   *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4; 最佳实践 (what to do after which answer):
   *   https://pay.weixin.qq.com/doc/v3/merchant/4014959631, checked 2026-11
   */
  refund(order: RefundOrder): Promise<RefundReport>
  /**
   * The refund, or null when WeChat does not know this number: it was never accepted, and the same call with the same
   * number is safe. v2 signs that answer (`REFUNDNOTEXIST`); v3's 404 is unsigned, so it permits no new number.
   * Compare `refundFen` with your own: the number alone is what is asked for.
   *
   * WeChat's advice is to ask every minute, and after five minutes every 5, 10, 20, 30 minutes.
   *
   * @param transactionId when given, a refund of another trade is refused (`ERR_WXPAY_ANSWER_MISMATCH`)
   * @see 查询单笔退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071041; v2:
   *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_5, checked 2026-11
   */
  queryRefund(outRefundNo: string, transactionId?: string): Promise<RefundReport | null>
  /** Signs what the mini-program hands to `wx.requestPayment`. Local; calls nobody. */
  paymentParams(prepayId: string): PaymentParams
  /** Closes the connections. What is not sent by then throws `ERR_WXPAY_DESTROYED`; calls under way end as `unknown`. */
  destroy(): void
}

/** Where to send requests and how long to wait; the same for both protocols. */
export interface ConnectionConfig {
  /** Default `https://api.mch.weixin.qq.com`. http is taken for loopback hosts only. */
  readonly baseUrl?: string
  /** Default `https://api2.mch.weixin.qq.com` when `baseUrl` is the default, else none. */
  readonly backupUrl?: string
  /**
   * PEM of certificate authorities to trust beside Node's own list. With it, those of NODE_EXTRA_CA_CERTS are not
   * read again: Node 20 cannot add to its list, only replace it.
   */
  readonly ca?: string
  /** Longest wait for a connection, per host. Default 3000 ms. */
  readonly connectTimeoutMs?: number
  /**
   * Longest wait for the whole call, fail-over included; the backup is not asked with less than half a second of it left.
   * Default 10000 ms.
   */
  readonly timeoutMs?: number
  /**
   * Milliseconds that are left for a call that begins now, where somebody else ends this process: a cloud function has a
   * time limit. No call takes longer, bills and certificates included; when less than one is left, nothing is sent
   * (`ERR_WXPAY_CONNECT`). No wait takes more than half of it: neither for a refund's turn nor in `withRetries`. Default: as
   * long as it takes.
   */
  readonly timeLeftMs?: () => number
  /**
   * Longest wait of a refund whose turn has not come, because five are under way or have just failed, before
   * `ERR_WXPAY_HELD_BACK`. Default 10000 ms.
   */
  readonly refundPaceMs?: number
  /** Milliseconds since the epoch; for timestamps and the 300 s window. Default `Date.now`. */
  readonly clock?: () => number
}
