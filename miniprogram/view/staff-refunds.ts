/** @module The approval list: its tabs and one card per refund. */
import type { Fen, Me, Refund } from '@yuanlu/contract'
import {
  staffRefundsCopy as copy,
  staffRefundKindCopy,
  staffRefundOriginCopy,
  staffRefundTabCopy,
} from '../copy/staff-refunds'
import type { Tone } from './order-state'
import { canApprove } from './staff-actions'
import { staffRefundState } from './staff-refund-state'
import { timeText } from './time'

export type StaffRefundsTab = keyof typeof staffRefundTabCopy

const TABS = ['requested', 'awaitingReturn', 'returning', 'refunding', 'problem', 'refunded', 'all'] as const
export const staffRefundTabs: readonly { readonly value: StaffRefundsTab; readonly label: string }[] =
  TABS.map((value) => ({ value, label: staffRefundTabCopy[value] }))

export const isStaffRefundsTab = (value: unknown): value is StaffRefundsTab =>
  TABS.some((tab) => tab === value)

/** What a typed number asks for; the contract takes 64 characters. */
export const searchText = (typed: string): string => typed.trim().slice(0, 64)

/** The query of a tab and a search; a number is looked for in every state. */
export const refundsQuery = (tab: StaffRefundsTab, q: string) => ({
  ...(tab !== 'all' && { status: tab }),
  ...(q !== '' && { q }),
})

export const belongsTo = (refund: Refund, tab: StaffRefundsTab): boolean =>
  tab === 'all' || refund.status === tab

export interface StaffRefundCardView {
  readonly refundId: string
  readonly orderText: string
  readonly statusText: string
  readonly tone: Tone
  readonly waiting: string
  readonly late: boolean
  readonly amountFen: Fen
  readonly kind: string
  readonly reason: string
  readonly when: string
  /** Can be taken into a batch. */
  readonly choosable: boolean
  readonly chosen: boolean
}

export const staffRefundCardView = (
  refund: Refund,
  { me, nowMs, chosen }: { readonly me: Me; readonly nowMs: number; readonly chosen: readonly string[] },
): StaffRefundCardView => {
  const state = staffRefundState(refund, nowMs)
  return {
    refundId: refund.refundId,
    orderText: refund.orderId === null ? refund.refundId : `${copy.orderId} ${refund.orderId}`,
    statusText: state.title,
    tone: state.tone,
    waiting: state.waiting,
    late: state.late,
    amountFen: refund.amountFen,
    kind:
      refund.origin === 'shopper' ? staffRefundKindCopy[refund.kind] : staffRefundOriginCopy[refund.origin],
    reason: refund.reason,
    when: timeText(refund.requestedAt),
    choosable: canApprove(refund, me),
    chosen: chosen.includes(refund.refundId),
  }
}
