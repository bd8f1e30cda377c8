/** @module Turns a refund with undefined members into one without them. */
import { presentOf } from './present.ts'
import type { RefundReport } from './refund.ts'

type Always = 'outRefundNo' | 'refundId' | 'transactionId' | 'status' | 'rawStatus' | 'refundFen'

/** Every member named, so that none is forgotten; those that WeChat left out are undefined. */
export type RefundDraft = Pick<RefundReport, Always> & {
  readonly [K in keyof Omit<Required<RefundReport>, Always>]: RefundReport[K] | undefined
}

/** Leaves out what is undefined or empty text. */
export const refundOf: (draft: RefundDraft) => RefundReport = presentOf

const identifying = [
  'outRefundNo',
  'transactionId',
  'outTradeNo',
  'refundId',
  'refundFen',
  'totalFen',
] as const satisfies readonly (keyof RefundReport)[]

/** Whether a report is about the refund that was asked for: number, amount and trade, as far as both name them. */
export function isAbout(
  report: RefundReport,
  asked: Pick<RefundReport, 'outRefundNo'> & {
    readonly [K in (typeof identifying)[number]]?: RefundReport[K] | undefined
  },
): boolean {
  return identifying.every((name) => {
    const [told, meant] = [report[name], asked[name]]
    return told === undefined || meant === undefined || told === meant
  })
}
