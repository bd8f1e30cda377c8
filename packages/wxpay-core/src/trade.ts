/** @module What WeChat Pay says about one trade, in one shape for both protocols. */
import { knownOf } from './known.ts'

/** Trade states of WeChat Pay. `ACCEPT`, `REVOKED`, `USERPAYING` and `PAYERROR` come from bar-code payments. */
export const knownTradeStates = [
  'SUCCESS',
  'REFUND',
  'NOTPAY',
  'CLOSED',
  'REVOKED',
  'USERPAYING',
  'PAYERROR',
  'ACCEPT',
] as const

/** A known trade state, or `UNKNOWN` for any other value: treat it as "not decided yet", never as success. */
export type TradeState = (typeof knownTradeStates)[number] | 'UNKNOWN'

/**
 * One trade as WeChat Pay reports it (query or notification). Members that WeChat leaves out are left out here:
 * an unpaid trade has no transaction id, no payer and, in v2, no amount.
 */
export interface Trade {
  /** In service-provider mode (服务商模式) the provider's. */
  readonly appid?: string
  /** In service-provider mode the provider's. */
  readonly mchid?: string
  /** 子商户应用ID: in service-provider mode, when the trade has one. */
  readonly subAppid?: string
  /** 子商户号: in service-provider mode. */
  readonly subMchid?: string
  /** 商户订单号 */
  readonly outTradeNo: string
  /** 微信支付订单号 */
  readonly transactionId?: string
  /** 交易类型, such as `JSAPI`. */
  readonly tradeType?: string
  /** How it stands; see `wasPaid`. */
  readonly tradeState: TradeState
  /** The state as it was written. A v2 notification has none; there it is its `result_code`. */
  readonly rawTradeState: string
  /** 用户标识 of who paid. */
  readonly payerOpenid?: string
  /** In service-provider mode: the payer in the sub-merchant's app (`payerOpenid` is the one in the provider's). */
  readonly subOpenid?: string
  /** Price of the order in fen. Compare this with your order, not `payerTotalFen`. */
  readonly totalFen?: number
  /** What the payer paid in fen, after coupons (v3 `payer_total`, v2 `cash_fee`). */
  readonly payerTotalFen?: number
  /** 应结订单金额 in fen: what the merchant gets when coupons are not settled. v2 only. */
  readonly settlementTotalFen?: number
  /** Coupons and discounts that paid a part (优惠功能, 代金券). Left out when there are none, or when they cannot be read. */
  readonly coupons?: readonly Coupon[]
  /** 货币类型 of `totalFen`: `CNY`. */
  readonly currency?: string
  /** 附加数据, as the order had it. */
  readonly attach?: string
  /** 付款银行, such as `ICBC_DEBIT`, or `OTHERS`. */
  readonly bankType?: string
  /** Epoch milliseconds. Left out when WeChat's text cannot be read: a payment is not lost over its time. */
  readonly successAt?: number
}

/** One coupon or discount (`promotion_detail`, or `coupon_…_$n` of v2, which names number, type and amount); amounts are fen. */
export interface Coupon {
  /** 券ID */
  readonly couponId: string
  /** 优惠券面额: what it took off. */
  readonly amountFen: number
  /** 优惠名称 */
  readonly name?: string
  /** `GLOBAL` for the whole order, `SINGLE` for some goods. */
  readonly scope?: string
  /**
   * `CASH`: paid for, settled to the merchant. `NOCASH` (v2 `NO_CASH`): not settled. In v2's `promotion_detail` they
   * are `COUPON` and `DISCOUNT`. As WeChat writes it.
   */
  readonly type?: string
  /** 活动ID */
  readonly stockId?: string
  /** 微信出资 */
  readonly wechatpayFen?: number
  /** 商户出资 */
  readonly merchantFen?: number
  /** 其他出资 */
  readonly otherFen?: number
}

/** Translates WeChat's word; anything new becomes `UNKNOWN`. */
export function tradeStateOf(raw: string): TradeState {
  return knownOf(knownTradeStates, raw)
}

/**
 * Whether the trade was paid: `SUCCESS`, or `REFUND`, which WeChat also shows after a partial refund (转入退款).
 *
 * @see 商户订单号查询订单 (query order), https://pay.weixin.qq.com/doc/v3/merchant/4012791900, checked 2026-11
 */
export function wasPaid(trade: Pick<Trade, 'tradeState'>): boolean {
  return trade.tradeState === 'SUCCESS' || trade.tradeState === 'REFUND'
}
