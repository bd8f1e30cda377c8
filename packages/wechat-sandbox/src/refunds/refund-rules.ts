/**
 * @module Whether WeChat Pay accepts a refund: the rules of the number, the amount, the parts and the time, without I/O.
 */
import type { Refund, Transaction } from '../state/tables.ts'

const DAY_MS = 86_400_000
/** 每个支付订单的部分退款次数不能超过50次 */
export const MAX_PARTS = 50
/** 同一笔订单的两次退款至少间隔1分钟 */
export const BETWEEN_PARTS_MS = 60_000
/** 交易时间超过一年的订单无法提交退款 */
export const REFUNDABLE_FOR_MS = 365 * DAY_MS
/** 一个月之前的订单: their refunds are limited by themselves. */
export const LATE_AFTER_MS = 30 * DAY_MS
/** A refund whose money the merchant doesn't provide is closed after seven days. */
export const UNFUNDED_LIVES_MS = 7 * DAY_MS

export type RuleBroken =
  | 'total-differs'
  | 'too-late'
  | 'refunded-already'
  | 'over-total'
  | 'too-many-parts'
  | 'too-soon'

export interface RefundTerms {
  readonly transactionId: string
  readonly totalFen: number
  readonly refundFen: number
}

/** The same number must come with the same payment and amounts; reason and notify_url count on the first call only. */
export function isSameRefund(known: Refund, wanted: RefundTerms): boolean {
  return (
    known.transactionId === wanted.transactionId &&
    known.totalFen === wanted.totalFen &&
    known.refundFen === wanted.refundFen
  )
}

/** The first rule that a new refund of this payment breaks. Closed refunds gave their money back and count for nothing. */
export function brokenRule(
  payment: Transaction,
  earlier: readonly Refund[],
  wanted: RefundTerms,
  now: number,
): RuleBroken | undefined {
  const counted = earlier.filter(({ state }) => state !== 'CLOSED')
  const refundedFen = counted.reduce((fen, refund) => fen + refund.refundFen, 0)
  if (wanted.totalFen !== payment.paidFen) return 'total-differs'
  if (now >= payment.paidAt + REFUNDABLE_FOR_MS) return 'too-late'
  if (refundedFen >= payment.paidFen) return 'refunded-already'
  if (refundedFen + wanted.refundFen > payment.paidFen) return 'over-total'
  if (counted.length >= MAX_PARTS) return 'too-many-parts'
  const last = Math.max(...earlier.map(({ createdAt }) => createdAt))
  return now < last + BETWEEN_PARTS_MS ? 'too-soon' : undefined
}
