/** @module What WeChat Pay says about one trade, in one shape for both protocols. */

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
  readonly appid?: string
  readonly mchid?: string
  /** 商户订单号 */
  readonly outTradeNo: string
  /** 微信支付订单号 */
  readonly transactionId?: string
  readonly tradeType?: string
  readonly tradeState: TradeState
  /** The state as it was written. A v2 notification has none; there it is its `result_code`. */
  readonly rawTradeState: string
  readonly payerOpenid?: string
  /** Price of the order in fen. Compare this with your order, not `payerTotalFen`. */
  readonly totalFen?: number
  /** What the payer paid in fen, after coupons (v3 `payer_total`, v2 `cash_fee`). */
  readonly payerTotalFen?: number
  readonly currency?: string
  readonly attach?: string
  readonly bankType?: string
  /** Epoch milliseconds. Left out when WeChat's text cannot be read: a payment is not lost over its time. */
  readonly successAt?: number
}

/** Translates WeChat's word; anything new becomes `UNKNOWN`. */
export function tradeStateOf(raw: string): TradeState {
  return knownTradeStates.find((state) => state === raw) ?? 'UNKNOWN'
}

/**
 * Whether the trade was paid: `SUCCESS`, or `REFUND`, which WeChat also shows after a partial refund (转入退款).
 *
 * @see 商户订单号查询订单 (query order), https://pay.weixin.qq.com/doc/v3/merchant/4012791900, checked 2026-11
 */
export function wasPaid(trade: Pick<Trade, 'tradeState'>): boolean {
  return trade.tradeState === 'SUCCESS' || trade.tradeState === 'REFUND'
}
