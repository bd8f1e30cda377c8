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
import { fenOf, numbersOf, wholeFen } from './trade.ts'
import { FlatXmlError } from './xml.ts'

type Message = ReadonlyMap<string, string>

/**
 * Translates the answer to 申请退款. It has no state: accepted is all that it says.
 *
 * @throws FlatXmlError when a member is missing or an amount is no whole number
 */
export function acceptedRefund(message: Message): RefundReport {
  const get = (name: keyof RefundResponse): string | undefined => message.get(name)
  assertCny(get('fee_type'))
  return refundOf({
    outRefundNo: required('out_refund_no', get('out_refund_no')),
    refundId: required('refund_id', get('refund_id')),
    outTradeNo: get('out_trade_no'),
    transactionId: required('transaction_id', get('transaction_id')),
    status: 'PROCESSING',
    rawStatus: required('result_code', get('result_code')),
    refundFen: requiredFen('refund_fee', get('refund_fee')),
    totalFen: fenOf('total_fee', get('total_fee')),
    payerRefundFen: fenOf('cash_refund_fee', get('cash_refund_fee')),
    settlementRefundFen: fenOf('settlement_refund_fee', get('settlement_refund_fee')),
    coupons: couponsOf(message, ''),
    subMchid: get('sub_mch_id'),
    successAt: undefined,
    receivedAccount: undefined,
    channel: get('refund_channel'),
  })
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
  if (suffix === undefined) return null
  const top = (name: keyof RefundQueryResponse): string | undefined => message.get(name)
  const get = (name: keyof RefundQueryEntry): string | undefined => message.get(`${name}${suffix}`)
  const rawStatus = required('refund_status', get('refund_status'))
  assertCny(top('fee_type'))
  return refundOf({
    outRefundNo,
    refundId: required('refund_id', get('refund_id')),
    outTradeNo: top('out_trade_no'),
    transactionId: required('transaction_id', top('transaction_id')),
    status: statusOf(rawStatus),
    rawStatus,
    refundFen: requiredFen('refund_fee', get('refund_fee')),
    totalFen: fenOf('total_fee', top('total_fee')),
    payerRefundFen: undefined,
    settlementRefundFen: fenOf('settlement_refund_fee', get('settlement_refund_fee')),
    coupons: couponsOf(message, suffix),
    subMchid: top('sub_mch_id'),
    successAt: fromGmt8Text(get('refund_success_time') ?? ''),
    receivedAccount: get('refund_recv_accout'),
    channel: get('refund_channel'),
  })
}

/**
 * Translates what the `req_info` of 退款结果通知 opens to.
 *
 * @throws FlatXmlError when a member is missing or an amount is no whole number
 */
export function notifiedRefund(message: Message): RefundNews {
  const get = (name: keyof RefundNotificationContent): string | undefined => message.get(name)
  const rawStatus = required('refund_status', get('refund_status'))
  const source = get('refund_request_source')
  return {
    ...refundOf({
      outRefundNo: required('out_refund_no', get('out_refund_no')),
      refundId: required('refund_id', get('refund_id')),
      outTradeNo: get('out_trade_no'),
      transactionId: required('transaction_id', get('transaction_id')),
      status: statusOf(rawStatus),
      rawStatus,
      refundFen: requiredFen('refund_fee', get('refund_fee')),
      totalFen: fenOf('total_fee', get('total_fee')),
      payerRefundFen: fenOf('cash_refund_fee', get('cash_refund_fee')),
      settlementRefundFen: fenOf('settlement_refund_fee', get('settlement_refund_fee')),
      coupons: undefined,
      subMchid: undefined,
      successAt: fromGmt8Text(get('success_time') ?? ''),
      receivedAccount: get('refund_recv_accout'),
      channel: undefined,
    }),
    ...(source === 'API' || source === 'VENDOR_PLATFORM' ? { source } : {}),
  }
}

/** `coupon_refund_id_$n` of an answer, `coupon_refund_id_$n_$m` of a query. What cannot be read is left out. */
function couponsOf(message: Message, suffix: string): readonly RefundedCoupon[] | undefined {
  const coupons = numbersOf(message, `coupon_refund_id${suffix}_`).flatMap((n): RefundedCoupon[] => {
    const refundFen = wholeFen(message.get(`coupon_refund_fee${suffix}_${n}`) ?? '')
    if (refundFen === undefined) return []
    const couponId = message.get(`coupon_refund_id${suffix}_${n}`) ?? ''
    return [{ couponId, refundFen, ...presentOf({ type: message.get(`coupon_type${suffix}_${n}`) }) }]
  })
  return coupons.length === 0 ? undefined : coupons
}

/** v2's own words for two of the four states; each protocol's words are its own. */
function statusOf(raw: string): RefundStatus {
  if (raw === 'REFUNDCLOSE') return 'CLOSED'
  if (raw === 'CHANGE') return 'ABNORMAL'
  const status = refundStatusOf(raw)
  return status === 'SUCCESS' || status === 'PROCESSING' ? status : 'UNKNOWN'
}

function required(name: string, text: string | undefined): string {
  if (!text) throw new FlatXmlError(`${name} is missing`)
  return text
}

function requiredFen(name: string, text: string | undefined): number {
  const fen = fenOf(name, text)
  if (fen === undefined) throw new FlatXmlError(`${name} is missing`)
  return fen
}

/** 标价币种: left out means CNY. All amounts here are fen, so no other currency can be told in them. */
function assertCny(feeType: string | undefined): void {
  if (feeType && feeType !== 'CNY') throw new FlatXmlError('fee_type is not CNY')
}
