/** @module Approving several requests: what was chosen, what it sums up to, what became of each. */
import type { Fen, Refund } from '@yuanlu/contract'
import { staffBatchCopy as copy } from '../copy/staff-refunds'
import { priceText } from './price'
import { decisionFailureText } from './staff-failure'
import type { SheetView } from './staff-sheet'
import { decisionOutcome } from './staff-sheets'

/** As many as one page of the list holds; each is a call that may wait for WeChat Pay. */
export const MOST_AT_ONCE = 20

/** The choice after a tap on one of its cards, or `null` when no more fit. */
export const toggled = (chosen: readonly string[], refundId: string): readonly string[] | null => {
  if (chosen.includes(refundId)) return chosen.filter((each) => each !== refundId)
  return chosen.length >= MOST_AT_ONCE ? null : [...chosen, refundId]
}

export interface BatchView {
  readonly count: number
  readonly totalFen: Fen
  readonly text: string
}

export const batchView = (refunds: readonly Refund[]): BatchView => ({
  count: refunds.length,
  totalFen: refunds.reduce((sum, { amountFen }) => sum + amountFen, 0),
  text: copy.chosen(refunds.length),
})

export const batchSheet = (refunds: readonly Refund[]): SheetView => {
  const { count, totalFen } = batchView(refunds)
  return {
    title: copy.sheetTitle,
    rows: [
      { label: copy.count, value: copy.pieces(count), strong: false },
      { label: copy.total, value: priceText(totalFen), strong: true },
    ],
    warning: copy.warning,
    confirm: copy.confirm(count, priceText(totalFen)),
    danger: false,
  }
}

export interface BatchLine {
  readonly refundId: string
  readonly orderText: string
  readonly amountFen: Fen
  readonly state: 'waiting' | 'busy' | 'done' | 'failed'
  readonly text: string
}

export const waitingLine = (refund: Refund): BatchLine => ({
  refundId: refund.refundId,
  orderText: refund.orderId ?? refund.refundId,
  amountFen: refund.amountFen,
  state: 'waiting',
  text: copy.waiting,
})

export const busyLine = (line: BatchLine): BatchLine => ({ ...line, state: 'busy', text: copy.busy })

/** The decision was taken; whether the money moved already is in the words. */
export const doneLine = (line: BatchLine, refund: Refund): BatchLine => ({
  ...line,
  state: refund.status === 'problem' ? 'failed' : 'done',
  text: decisionOutcome(refund),
})

export const failedLine = (line: BatchLine, error: unknown): BatchLine => ({
  ...line,
  state: 'failed',
  text: decisionFailureText(error),
})

export const batchSummary = (lines: readonly BatchLine[]): string => {
  const settled = lines.filter(({ state }) => state === 'done' || state === 'failed').length
  if (settled < lines.length) return copy.progress(settled + 1, lines.length)
  return copy.summary(lines.filter(({ state }) => state === 'done').length, lines.length)
}
