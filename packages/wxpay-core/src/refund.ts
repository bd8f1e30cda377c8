/** @module What is refunded, and what WeChat Pay says about one refund, in one shape for both protocols. */
import { knownOf } from './known.ts'

/**
 * One refund (one transfer back). One `outRefundNo` for its life: store it before the call, and when the answer is
 * unclear repeat the call with the same number and the same members. A new number is right only after a query has said
 * `CLOSED`; under any other circumstances it can pay the money out twice.
 *
 * WeChat's limits, which are the caller's to keep: within 365 days of the payment, at most 50 refunds per trade, at
 * least a minute between two of one trade, never more than was paid.
 */
export type RefundOrder = RefundTerms & RefundedTrade

/** The trade that was paid, by one of its numbers or both. It must not change when the call is repeated. */
export type RefundedTrade =
  | {
      /** 微信支付订单号 */
      readonly transactionId: string
      /** 商户订单号. Not sent (WeChat takes one of the two); when given, the answer must be about it. */
      readonly outTradeNo?: string
    }
  | {
      /** 商户订单号 */
      readonly outTradeNo: string
      /** 微信支付订单号: not known. */
      readonly transactionId?: undefined
    }

/** What goes back of a trade, and under which number. */
export interface RefundTerms {
  /** 商户退款单号: 1 to 64 of `0-9 A-Z a-z _ - | * @`, unique per merchant. */
  readonly outRefundNo: string
  /** What goes back, in fen: 1 to `totalFen`. */
  readonly refundFen: number
  /** Price of the whole order in fen, as it was ordered. */
  readonly totalFen: number
  /**
   * 退款原因, shown to the payer: at most 80 bytes of UTF-8, see `cutUtf8`. Leave it out and the payer sees none; WeChat
   * does not show it either for a part of an order of 1 yuan or less. It must not change when the call is repeated.
   */
  readonly reason?: string
  /**
   * 退款资金来源, for merchants of the old fund flow: `AVAILABLE` takes from the balance what unsettled money does not
   * cover. Left out, WeChat takes unsettled money. It must not change when the call is repeated.
   */
  readonly fundsAccount?: 'AVAILABLE' | 'UNSETTLED'
  /** Public https address without query. Without one WeChat would notify whoever is set in the merchant platform. */
  readonly notifyUrl: string
}

/** Refund states of WeChat Pay, in v3's words. v2's `REFUNDCLOSE` is `CLOSED`, its `CHANGE` is `ABNORMAL`. */
export const knownRefundStatuses = ['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL'] as const

/**
 * - `PROCESSING`: accepted, the money is on its way. Ask again.
 * - `SUCCESS`: the money arrived.
 * - `CLOSED`: WeChat gave it up; nothing moved. Only now a new number is right.
 * - `ABNORMAL`: the payer's account could not take it; a person decides (`applyAbnormalRefund`). Not final.
 * - `UNKNOWN`: a word that is new to us. Treat it like `PROCESSING`, never as success.
 */
export type RefundStatus = (typeof knownRefundStatuses)[number] | 'UNKNOWN'

/** One refund as WeChat Pay reports it. Members that WeChat leaves out or empty are left out here. */
export interface RefundReport {
  /** 商户退款单号 */
  readonly outRefundNo: string
  /** 微信支付退款单号 */
  readonly refundId: string
  /** 商户订单号 */
  readonly outTradeNo?: string
  /** 微信支付订单号 */
  readonly transactionId: string
  /** How it stands, in v3's words. */
  readonly status: RefundStatus
  /** The state as it was written. The answer to a v2 `refund()` has none; there it is its `result_code`. */
  readonly rawStatus: string
  /** What was asked to go back, in fen (申请退款金额). Compare this with your refund. */
  readonly refundFen: number
  /** Price of the whole order in fen. */
  readonly totalFen?: number
  /** 用户退款金额: what goes back to the payer in fen, without coupons (v3 `payer_refund`, v2 `cash_refund_fee`). */
  readonly payerRefundFen?: number
  /** 应结退款金额 in fen: what is taken from the merchant (v3 `settlement_refund`, v2 `settlement_refund_fee`). */
  readonly settlementRefundFen?: number
  /** Coupons that go back with it (优惠退款信息). Left out when there are none, or when they cannot be read. */
  readonly coupons?: readonly RefundedCoupon[]
  /** 子商户号: in notifications of service-provider mode. */
  readonly subMchid?: string
  /** Epoch milliseconds. Left out when WeChat's text cannot be read: a refund is not lost over its time. */
  readonly successAt?: number
  /** 退款入账账户, for people: `招商银行信用卡0403`, `支付用户零钱`. */
  readonly receivedAccount?: string
  /** 退款渠道: `ORIGINAL`, `BALANCE`, `OTHER_BALANCE`, `OTHER_BANKCARD`, or something new. */
  readonly channel?: string
}

/** One coupon of a refund; amounts are fen. */
export interface RefundedCoupon {
  /** 券ID */
  readonly couponId: string
  /** 优惠退款金额: what of it is given back. */
  readonly refundFen: number
  /** 优惠券面额; v3 only. */
  readonly amountFen?: number
  /** `GLOBAL` or `SINGLE`; v3 only. */
  readonly scope?: string
  /** v3 `COUPON` or `DISCOUNT`, v2 `CASH` or `NO_CASH`. */
  readonly type?: string
}

/** What a notification says about a refund. */
export interface RefundNews extends RefundReport {
  /** v2 only, 退款发起来源: by this API, or by a person in the merchant platform (商户平台). */
  readonly source?: 'API' | 'VENDOR_PLATFORM'
}

/** Where the money of an `ABNORMAL` refund goes instead (异常退款处理). */
export type AbnormalRefund =
  | {
      /** 微信支付退款单号, which the path names */
      readonly refundId: string
      /** 商户退款单号 */
      readonly outRefundNo: string
      /** Back to the merchant's settlement account; the merchant then pays the shopper by other means. */
      readonly to: 'merchantBankCard'
    }
  | {
      /** 微信支付退款单号, which the path names */
      readonly refundId: string
      /** 商户退款单号 */
      readonly outRefundNo: string
      /** To a bank card of the payer. Number and name leave this process encrypted only. */
      readonly to: 'userBankCard'
      /** 开户银行, such as `ICBC_DEBIT`: at most 16 of `0-9 A-Z _`. */
      readonly bankType: string
      /** 收款银行卡号: digits alone. */
      readonly bankAccount: string
      /** 收款用户姓名 as the bank knows it. */
      readonly realName: string
    }

/** Translates v3's word; anything new becomes `UNKNOWN`. */
export function refundStatusOf(raw: string): RefundStatus {
  return knownOf(knownRefundStatuses, raw)
}
