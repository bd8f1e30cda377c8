/** @module What a refund's state means to staff at a moment: its name, where its money is, whose turn it is. */
import type { Refund } from '@yuanlu/contract'
import {
  staffProblemCopy,
  staffReasonCopy,
  staffReasonWayCopy,
  staffRefundingCopy,
  staffRefundStatusCopy,
  staffSecondApprovalCopy,
  staffUnknownReasonCopy,
} from '../copy/staff-refund-status'
import type { Tone } from './order-state'
import { LATE_MS, waitingText } from './staff-time'
import { timeText } from './time'

export interface StaffRefundState {
  readonly title: string
  readonly expectation: string
  readonly tone: Tone
  /** Empty when it is nobody's turn at the shop. */
  readonly waiting: string
  readonly late: boolean
}

const TONES = {
  requested: 'waiting',
  withdrawn: 'quiet',
  rejected: 'quiet',
  awaitingReturn: 'busy',
  returning: 'waiting',
  refunding: 'busy',
  refunded: 'good',
  problem: 'waiting',
  abandoned: 'quiet',
} as const satisfies Record<Refund['status'], Tone>

export const isHalfApproved = (refund: Refund): boolean =>
  refund.status === 'requested' && refund.approvals.length > 0

const reasonCode = (refund: Refund): string | null => refund.transfer?.reasonCode ?? null

/** WeChat Pay's reason in words; a code we have no words for is shown with some around it. */
export const reasonText = (code: string): string => staffReasonCopy[code] ?? staffUnknownReasonCopy(code)

const refundingText = ({ transfer }: Refund, nowMs: number): string => {
  if (transfer === null) return staffRefundStatusCopy.refunding.expectation
  const { status, attempts, nextAttemptAt } = transfer
  const waits = nextAttemptAt !== null && Date.parse(nextAttemptAt) > nowMs
  if (status === 'submitting' && attempts === 0 && waits)
    return staffRefundingCopy.queued(timeText(nextAttemptAt))
  if (status === 'submitting' || status === 'processing' || status === 'unknown')
    return staffRefundingCopy[status]
  return staffRefundStatusCopy.refunding.expectation
}

const lastOf = (refund: Refund, event: string): number =>
  refund.timeline.map((entry) => entry.event).lastIndexOf(event)

/** Its money went to the shop's own card: the transfer stays abnormal, and a person has to pay the buyer. */
export const wentToMerchantCard = (refund: Refund): boolean =>
  refund.status === 'problem' && lastOf(refund, 'sentToMerchantCard') > lastOf(refund, 'resumed')

const problemText = (refund: Refund): string => {
  const { transfer } = refund
  if (transfer === null) return staffRefundStatusCopy.problem.expectation
  if (wentToMerchantCard(refund)) return staffProblemCopy.processing
  const code = reasonCode(refund)
  const sentence = staffProblemCopy[transfer.status]
  return code === null ? sentence : `${sentence}${reasonText(code)}${staffReasonWayCopy[code] ?? ''}`
}

const expectation = (refund: Refund, nowMs: number): string => {
  if (isHalfApproved(refund)) return staffSecondApprovalCopy.expectation
  if (refund.status === 'refunding') return refundingText(refund, nowMs)
  if (refund.status === 'problem') return problemText(refund)
  return staffRefundStatusCopy[refund.status].expectation
}

/** Since when it is the shop's turn; `null` when it isn't. */
export const waitingSince = (refund: Refund): string | null => {
  if (refund.status === 'requested') return refund.requestedAt
  if (refund.status !== 'returning' && refund.status !== 'problem') return null
  return refund.timeline[refund.timeline.length - 1]?.at ?? refund.requestedAt
}

export const staffRefundState = (refund: Refund, nowMs: number): StaffRefundState => {
  const since = waitingSince(refund)
  const waitedMs = since === null ? 0 : nowMs - Date.parse(since)
  return {
    title: isHalfApproved(refund)
      ? staffSecondApprovalCopy.title
      : staffRefundStatusCopy[refund.status].title,
    expectation: expectation(refund, nowMs),
    tone: TONES[refund.status],
    waiting: since === null ? '' : waitingText(waitedMs),
    late: since !== null && waitedMs >= LATE_MS,
  }
}
