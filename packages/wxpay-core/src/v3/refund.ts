/** @module A v3 refund object, of an answer or a notification, checked and translated. */
import { fromRfc3339 } from '../china-time.ts'
import {
  fenOf,
  type JsonObject,
  JsonShapeError,
  objectOf,
  optionalFenOf,
  optionalTextOf,
  readablesOf,
  textOf,
} from '../json.ts'
import { presentOf } from '../present.ts'
import { type RefundedCoupon, type RefundNews, type RefundReport, refundStatusOf } from '../refund.ts'
import { refundOf } from '../refund-draft.ts'
import type { PartnerRefundNotice, Refund, RefundNotice, RefundPromotion } from './messages.ts'

/**
 * Translates an answer, whose state is called `status`.
 *
 * @throws JsonShapeError when a member is missing or has another type than documented
 */
export function refundOfAnswer(json: JsonObject): RefundReport {
  return translated(json, textOf(json, 'status' satisfies keyof Refund), 'channel' satisfies keyof Refund)
}

/**
 * Translates a notification's content, whose state is called `refund_status`.
 *
 * @throws JsonShapeError
 */
export function refundOfNotice(json: JsonObject): RefundNews {
  return translated(json, textOf(json, 'refund_status' satisfies keyof RefundNotice), undefined)
}

/** Members that both have under the same name. */
type Wire = keyof Refund & keyof RefundNotice

function translated(json: JsonObject, rawStatus: string, channel: 'channel' | undefined): RefundReport {
  const amount = objectOf(json, 'amount' satisfies Wire)
  const refundFen = fenOf(amount, 'refund')
  // All amounts here are fen, so no other currency can be told in them.
  if ((optionalTextOf(amount, 'currency') ?? 'CNY') !== 'CNY') {
    throw new JsonShapeError('amount.currency is not CNY')
  }
  return refundOf({
    outRefundNo: textOf(json, 'out_refund_no' satisfies Wire),
    refundId: textOf(json, 'refund_id' satisfies Wire),
    outTradeNo: optionalTextOf(json, 'out_trade_no' satisfies Wire),
    transactionId: textOf(json, 'transaction_id' satisfies Wire),
    status: refundStatusOf(rawStatus),
    rawStatus,
    refundFen,
    totalFen: optionalFenOf(amount, 'total'),
    payerRefundFen: optionalFenOf(amount, 'payer_refund'),
    settlementRefundFen: optionalFenOf(amount, 'settlement_refund'),
    coupons: readablesOf(json['promotion_detail' satisfies keyof Refund], couponOf),
    subMchid: optionalTextOf(json, 'sub_mchid' satisfies keyof PartnerRefundNotice),
    successAt: fromRfc3339(String(optionalTextOf(json, 'success_time' satisfies Wire))),
    receivedAccount: optionalTextOf(json, 'user_received_account' satisfies Wire),
    channel: channel && optionalTextOf(json, channel),
  })
}

function couponOf(entry: JsonObject): RefundedCoupon {
  return presentOf({
    couponId: textOf(entry, 'promotion_id' satisfies Part),
    refundFen: fenOf(entry, 'refund_amount' satisfies Part),
    amountFen: optionalFenOf(entry, 'amount' satisfies Part),
    scope: optionalTextOf(entry, 'scope' satisfies Part),
    type: optionalTextOf(entry, 'type' satisfies Part),
  })
}

type Part = keyof RefundPromotion
