/** @module What a refund's two states, agreement and transfer, mean to the shopper: never more than is known. */
import type { Refund } from '@yuanlu/contract'
import {
  arrivalCopy,
  refundExpectationCopy,
  refundingCopy,
  refundMomentCopy,
  refundProblemCopy,
  refundStatusCopy,
} from '../copy/refund-status'
import type { Tone } from './order-state'

export interface RefundState {
  readonly title: string
  readonly expectation: string
  readonly tone: Tone
  /** How and when money that goes back the way it came arrives; empty where it does not. */
  readonly arrival: string
}

const TONES = {
  requested: 'busy',
  withdrawn: 'quiet',
  rejected: 'quiet',
  awaitingReturn: 'waiting',
  returning: 'busy',
  refunding: 'busy',
  refunded: 'good',
  problem: 'busy',
  abandoned: 'quiet',
} as const satisfies Record<Refund['status'], Tone>

const SYSTEM = 'system'

/** Done, though no transfer of WeChat Pay succeeded: staff recorded that the money went back another way. */
export const wentOtherWay = (refund: Refund): boolean =>
  refund.status === 'refunded' && !refund.transfers.some(({ status }) => status === 'succeeded')

/** A person brought a stuck refund on its way again, perhaps to another card. */
const afterProblem = (refund: Refund): boolean =>
  refund.timeline.some(({ event, actor }) => event === 'resumed' && actor !== SYSTEM)

const withdrewBySystem = (refund: Refund): boolean =>
  refund.timeline.some(({ event, actor }) => event === 'withdrawn' && actor === SYSTEM)

/** Written down, and WeChat Pay has not been told yet: it waits for another refund of the order. */
const isQueued = ({ transfer }: Refund, nowMs: number): boolean =>
  transfer?.status === 'submitting' &&
  transfer.attempts === 0 &&
  transfer.nextAttemptAt !== null &&
  Date.parse(transfer.nextAttemptAt) > nowMs

const refunding = (refund: Refund, nowMs: number): string => {
  if (isQueued(refund, nowMs)) return refundMomentCopy.queued
  if (afterProblem(refund)) return refundMomentCopy.resumed
  return refund.transfer === null ? refundExpectationCopy.refunding : refundingCopy[refund.transfer.status]
}

const refunded = (refund: Refund): string => {
  if (wentOtherWay(refund)) return refundMomentCopy.otherWay
  return afterProblem(refund) ? refundMomentCopy.afterProblem : refundExpectationCopy.refunded
}

const expectation = (refund: Refund, nowMs: number): string => {
  const { status, transfer } = refund
  if (status === 'refunding') return refunding(refund, nowMs)
  if (status === 'refunded') return refunded(refund)
  if (status === 'problem' && transfer !== null) return refundProblemCopy[transfer.status]
  if (status === 'requested' && refund.approvals.length > 0) return refundMomentCopy.secondApproval
  if (status === 'withdrawn' && withdrewBySystem(refund)) return refundMomentCopy.expired
  return refundExpectationCopy[status]
}

/** The way back is told while it is still ahead or done, not where no money moves. */
const arrival = (refund: Refund): string => {
  if (refund.status === 'refunded') {
    return wentOtherWay(refund) || afterProblem(refund) ? '' : arrivalCopy.done
  }
  const ahead: readonly Refund['status'][] = ['requested', 'awaitingReturn', 'returning', 'refunding']
  return ahead.includes(refund.status) && !afterProblem(refund) ? arrivalCopy.way : ''
}

export const refundState = (refund: Refund, nowMs: number): RefundState => ({
  title: refundStatusCopy[refund.status],
  expectation: expectation(refund, nowMs),
  tone: TONES[refund.status],
  arrival: arrival(refund),
})

/** Pauses between two looks at a refund on its way; the last one stays. */
export const REFRESH_PAUSES_MS = [2_000, 3_000, 5_000, 8_000, 13_000, 20_000, 30_000, 60_000] as const
const LONGEST_PAUSE_MS = 60_000

/** When the page looks again by itself; `null` while no money is on its way. */
export const nextRefreshMs = (refund: Refund, asked: number): number | null =>
  refund.status === 'refunding' ? (REFRESH_PAUSES_MS[asked] ?? LONGEST_PAUSE_MS) : null
