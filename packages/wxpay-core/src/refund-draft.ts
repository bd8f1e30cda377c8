/** @module Turns a refund with undefined members into one without them. */
import { presentOf } from './present.ts'
import type { RefundReport } from './refund.ts'

type Always = 'outRefundNo' | 'refundId' | 'transactionId' | 'status' | 'rawStatus' | 'refundFen'

/** Every member named, so that none is forgotten; those that WeChat left out are undefined. */
export type RefundDraft = Pick<RefundReport, Always> & {
  readonly [K in keyof Omit<Required<RefundReport>, Always>]: RefundReport[K] | undefined
}

/** Leaves out what is undefined or empty text. */
export function refundOf(draft: RefundDraft): RefundReport {
  return presentOf(draft)
}

/** Whether a report is about the refund that was asked for: number, amount and trade, as far as it names them. */
export function isAbout(
  report: RefundReport,
  asked: {
    readonly outRefundNo: string
    readonly transactionId?: string | undefined
    readonly outTradeNo?: string | undefined
    readonly refundId?: string | undefined
    readonly refundFen?: number | undefined
    readonly totalFen?: number | undefined
  },
): boolean {
  return (
    report.outRefundNo === asked.outRefundNo &&
    agrees(report.transactionId, asked.transactionId) &&
    agrees(report.outTradeNo, asked.outTradeNo) &&
    agrees(report.refundId, asked.refundId) &&
    agrees(report.refundFen, asked.refundFen) &&
    agrees(report.totalFen, asked.totalFen)
  )
}

function agrees<T extends string | number>(told: T | undefined, asked: T | undefined): boolean {
  return told === undefined || asked === undefined || told === asked
}
