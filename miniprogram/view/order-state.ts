/** @module What an order's state means to its owner at a moment: its name, what to expect, whether it can be paid. */
import { LIMITS, type Order } from '@yuanlu/contract'
import { attentionCopy, moneyBackCopy } from '../copy/attention'
import {
  awaitingPaymentCopy,
  closedMoneyBackCopy,
  closedWithMoneyCopy,
  orderExpectationCopy,
  orderStatusCopy,
} from '../copy/order-status'
import { fullyRefundedCopy, refundOpenCopy } from '../copy/refunds'
import { isFullyRefunded, isOpen } from './refund-money'

/** `waiting` asks the shopper for something, `busy` asks for patience. */
export type Tone = 'waiting' | 'busy' | 'good' | 'quiet'

export interface OrderState {
  readonly title: string
  readonly expectation: string
  readonly tone: Tone
  /** Sentences about what a person is looking into. */
  readonly notices: readonly string[]
  /** Milliseconds in which the payment can still be started; `null` when it can't. */
  readonly payableMs: number | null
}

type SentBack = keyof typeof moneyBackCopy

/** Why the system sent money back is its first entry's note; only WeChat Pay's own success is a way back it says so of. */
const backOf = (order: Order, kind: SentBack): boolean =>
  !order.attention.includes(kind) &&
  order.refunds.some(
    ({ origin, timeline }) =>
      origin === 'system' &&
      timeline[0]?.note === kind &&
      timeline.some(({ event, actor }) => event === 'succeeded' && actor === 'system'),
  )

/** Said only while nothing of the kind is looked into any more. */
const moneyBackNotices = (order: Order): string[] => [
  ...(backOf(order, 'paidAfterClose') ? [moneyBackCopy.paidAfterClose] : []),
  ...(backOf(order, 'duplicatePayment') ? [moneyBackCopy.duplicatePayment] : []),
]

export const attentionNotices = (order: Order): string[] => [
  ...new Set(order.attention.map((kind) => attentionCopy[kind]).filter((text) => text !== null)),
  ...moneyBackNotices(order),
]

/** Money arrived that a person has to look at before anybody pays again. */
export const isMoneyInQuestion = (order: Order): boolean =>
  order.attention.includes('amountMismatch') || order.attention.includes('payerMismatch')

/** Money reached an order after it was closed, or closed while money was in question. */
export const isMoneyOnClosed = (order: Order): boolean =>
  order.status === 'closed' && (order.attention.includes('paidAfterClose') || isMoneyInQuestion(order))

/** Our server starts no payment in the last minute before `expiresAt`, so the countdown ends there. */
const payableMs = (order: Order, nowMs: number): number =>
  Date.parse(order.expiresAt) - LIMITS.payableBeforeExpiryMs - nowMs

const awaiting = (order: Order, nowMs: number): Omit<OrderState, 'notices'> => {
  const leftMs = payableMs(order, nowMs)
  if (order.closing) return { ...awaitingPaymentCopy.closing, tone: 'busy', payableMs: null }
  if (isMoneyInQuestion(order)) return { ...awaitingPaymentCopy.checking, tone: 'busy', payableMs: null }
  if (leftMs <= 0) return { ...awaitingPaymentCopy.overdue, tone: 'quiet', payableMs: null }
  return {
    title: orderStatusCopy.awaitingPayment,
    expectation: orderExpectationCopy.awaitingPayment,
    tone: 'waiting',
    payableMs: leftMs,
  }
}

/** Nobody pays a closed order: a refund of it is of money that reached it all the same. */
export const isMoneyBack = (order: Order): boolean =>
  order.status === 'closed' && order.refunds.some(({ status }) => status === 'refunded')

const unpaidExpectation = (order: Order, status: 'awaitingPayment' | 'closed'): string => {
  if (isMoneyOnClosed(order)) return closedWithMoneyCopy
  return isMoneyBack(order) ? closedMoneyBackCopy : orderExpectationCopy[status]
}

/** What became of the money changes what to expect; the status stays what it was. */
const afterPayment = (order: Order): { readonly title: string; readonly expectation: string } => {
  const { status } = order
  if (status === 'awaitingPayment' || status === 'closed') {
    return { title: orderStatusCopy[status], expectation: unpaidExpectation(order, status) }
  }
  if (isFullyRefunded(order)) return fullyRefundedCopy[status]
  const waits = status === 'paid' && order.refunds.some(isOpen)
  return {
    title: orderStatusCopy[status],
    expectation: waits ? refundOpenCopy : orderExpectationCopy[status],
  }
}

const TONES = { paid: 'good', shipped: 'good', completed: 'good', closed: 'quiet' } as const

export const orderState = (order: Order, nowMs: number): OrderState => {
  const notices = attentionNotices(order)
  if (order.status === 'awaitingPayment') return { ...awaiting(order, nowMs), notices }
  return {
    ...afterPayment(order),
    tone: isFullyRefunded(order) ? 'quiet' : TONES[order.status],
    notices,
    payableMs: null,
  }
}
