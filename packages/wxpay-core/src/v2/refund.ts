/** @module APIv2 refund messages, checked and translated. */
import { fromGmt8Text } from '../china-time.ts'
import { presentOf } from '../present.ts'
import {
  type RefundedCoupon,
  type RefundNews,
  type RefundReport,
  type RefundStatus,
  refundStatusOf,
} from '../refund.ts'
import { refundOf } from '../refund-draft.ts'
import type {
  RefundNotificationContent,
  RefundQueryEntry,
  RefundQueryResponse,
  RefundResponse,
} from './messages.ts'
import { fenOf, numberedCoupons, required } from './trade.ts'
import { FlatXmlError } from './xml.ts'

type Message = ReadonlyMap<string, string>

/** Where each member of ours comes from, so that a renamed wire member does not compile. */
type Wire = keyof (RefundResponse & RefundQueryResponse & RefundQueryEntry & RefundNotificationContent)

/**
 * Translates the answer to 申请退款. It has no state: accepted is all that it says.
 *
 * @throws FlatXmlError when a member is missing or an amount is no whole number
 */
export function acceptedRefund(message: Message): RefundReport {
  return refundIn(message, '', 'result_code', () => 'PROCESSING')
}

/**
 * Finds one refund in the answer to 查询退款; null when it is not in there.
 *
 * @throws FlatXmlError when a member is missing, an amount is no whole number or the refund is listed twice
 */
export function queriedRefund(message: Message, outRefundNo: string): RefundReport | null {
  const names = [...message.keys()].filter(
    (name) => /^out_refund_no_(?:0|[1-9][0-9]*)$/.test(name) && message.get(name) === outRefundNo,
  )
  if (names.length > 1) throw new FlatXmlError('the same refund twice')
  const suffix = names[0]?.slice('out_refund_no'.length)
  return suffix === undefined ? null : refundIn(message, suffix, 'refund_status', statusOf)
}

/**
 * Translates what the `req_info` of 退款结果通知 opens to.
 *
 * @throws FlatXmlError when a member is missing or an amount is no whole number
 */
export function notifiedRefund(message: Message): RefundNews {
  const refund = refundIn(message, '', 'refund_status', statusOf)
  const source = message.get('refund_request_source' satisfies Wire)
  if (source !== 'API' && source !== 'VENDOR_PLATFORM') return refund
  // Added to what is fresh and ours: a copy takes many times as long.
  return Object.assign(refund, { source } as const)
}

/** One refund; in a query's answer its own members end in `suffix`. What a message does not have is left out. */
function refundIn(
  message: Message,
  suffix: string,
  statusName: Wire,
  status: (raw: string) => RefundStatus,
): RefundReport {
  const top = (name: Wire): string | undefined => message.get(name)
  // Stryker disable next-line ConditionalExpression,StringLiteral: a name that is put together is another string, which takes longer to look up
  const own = suffix === '' ? top : (name: Wire): string | undefined => message.get(`${name}${suffix}`)
  // 标价币种: left out means CNY. All amounts here are fen, so no other currency can be told in them.
  if ((top('fee_type') || 'CNY') !== 'CNY') throw new FlatXmlError('fee_type is not CNY')
  const rawStatus = required(own, statusName)
  const refundFen = fenOf(own, 'refund_fee')
  if (refundFen === undefined) throw new FlatXmlError('refund_fee is missing')
  return refundOf({
    outRefundNo: required(own, 'out_refund_no'),
    refundId: required(own, 'refund_id'),
    outTradeNo: top('out_trade_no'),
    transactionId: required(top, 'transaction_id'),
    status: status(rawStatus),
    rawStatus,
    refundFen,
    totalFen: fenOf(top, 'total_fee'),
    payerRefundFen: fenOf(own, 'cash_refund_fee'),
    settlementRefundFen: fenOf(own, 'settlement_refund_fee'),
    coupons: couponsOf(message, suffix),
    subMchid: top('sub_mch_id'),
    successAt: fromGmt8Text(String(own('refund_success_time') ?? own('success_time'))),
    receivedAccount: own('refund_recv_accout'),
    channel: own('refund_channel'),
  })
}

/** `coupon_refund_id_$n` of an answer, `coupon_refund_id_$n_$m` of a query. What cannot be read is left out. */
function couponsOf(message: Message, suffix: string): readonly RefundedCoupon[] | undefined {
  return numberedCoupons(message, 'coupon_refund', suffix, (couponId, refundFen, type) =>
    presentOf({ couponId, refundFen, type }),
  )
}

/** v2's own words for two of the four states; each protocol's words are its own. */
function statusOf(raw: string): RefundStatus {
  if (raw === 'REFUNDCLOSE') return 'CLOSED'
  if (raw === 'CHANGE') return 'ABNORMAL'
  const status = refundStatusOf(raw)
  return status === 'SUCCESS' || status === 'PROCESSING' ? status : 'UNKNOWN'
}
