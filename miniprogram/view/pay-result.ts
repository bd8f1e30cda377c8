/** @module The payment's result: what our server says about the order, never what the phone believes. */
import type { Fen, Order } from '@yuanlu/contract'
import { payResultCopy } from '../copy/pay-result'
import type { PaymentAttempt } from '../services/payment'
import { isMoneyBack, isMoneyInQuestion, isMoneyOnClosed, orderState } from './order-state'
import { timeLeftText } from './time'

export type PayResult =
  | 'paid'
  | 'confirming'
  | 'stillConfirming'
  | 'notOpened'
  | 'unfinished'
  | 'overdue'
  | 'checking'
  | 'closing'
  | 'closed'
  | 'closedWithMoney'
  | 'closedMoneyBack'

/** What is known when the page is drawn. */
export interface PayResultFacts {
  /** The order as last answered; `null` before the first answer. */
  readonly order: Order | null
  /** The last question to our server was answered after it had asked WeChat Pay. */
  readonly certain: boolean
  /** How the cashier ended on this phone, if it was open in this run. */
  readonly attempt: PaymentAttempt | null
  /** Questions asked in a row without a final answer. */
  readonly asked: number
  readonly nowMs: number
}

/** Pauses between two questions: short while it usually arrives, longer later; then the shopper's button. */
export const POLL_PAUSES_MS = [1_000, 1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 20_000] as const

/** The cashier did not open and WeChat Pay could not be asked: there is nothing to confirm, and trying again is safe. */
const nobodyCouldSay = ({ order, certain, attempt, asked, nowMs }: PayResultFacts): boolean => {
  if (certain || attempt !== 'notStarted' || asked === 0) return false
  return order === null || orderState(order, nowMs).payableMs !== null
}

const awaitingResult = (order: Order, facts: PayResultFacts): PayResult => {
  if (order.closing) return 'closing'
  if (isMoneyInQuestion(order)) return 'checking'
  const waiting = facts.asked >= POLL_PAUSES_MS.length ? 'stillConfirming' : 'confirming'
  // WeChat told this phone that it was paid, or nobody could ask WeChat: not paid is not known yet.
  if (facts.attempt === 'reportedPaid' || !facts.certain) return waiting
  return orderState(order, facts.nowMs).payableMs === null ? 'overdue' : 'unfinished'
}

export const payResult = (facts: PayResultFacts): PayResult => {
  const { order } = facts
  if (nobodyCouldSay(facts)) return 'notOpened'
  if (order === null) return facts.asked >= POLL_PAUSES_MS.length ? 'stillConfirming' : 'confirming'
  if (order.status === 'awaitingPayment') return awaitingResult(order, facts)
  if (order.status !== 'closed') return 'paid'
  if (isMoneyOnClosed(order)) return 'closedWithMoney'
  return isMoneyBack(order) ? 'closedMoneyBack' : 'closed'
}

/** When to ask again by itself; `null` when the answer is final or the shopper is asked to decide. */
export const nextPollMs = (facts: PayResultFacts): number | null => {
  const result = payResult(facts)
  if (result !== 'confirming' && result !== 'notOpened' && result !== 'closing') return null
  return POLL_PAUSES_MS[facts.asked] ?? null
}

export interface PayResultView {
  readonly result: PayResult
  readonly title: string
  readonly hint: string
  readonly mood: 'good' | 'busy' | 'quiet'
  readonly amountFen: Fen | null
  readonly amountLabel: string
  readonly timeLeft: string
  readonly canPay: boolean
  readonly canCheck: boolean
  /** Paid, and the parcel is still to be told about. */
  readonly willShip: boolean
}

const MOODS = {
  paid: 'good',
  confirming: 'busy',
  stillConfirming: 'busy',
  checking: 'quiet',
  closing: 'busy',
  notOpened: 'quiet',
  unfinished: 'quiet',
  overdue: 'quiet',
  closed: 'quiet',
  closedWithMoney: 'quiet',
  closedMoneyBack: 'quiet',
} as const satisfies Record<PayResult, PayResultView['mood']>

const CHECKABLE: readonly PayResult[] = ['confirming', 'stillConfirming', 'closing', 'checking', 'overdue']

export const payResultView = (facts: PayResultFacts): PayResultView => {
  const result = payResult(facts)
  const { order } = facts
  const payableMs = order === null ? null : orderState(order, facts.nowMs).payableMs
  const canPay = result === 'unfinished' || result === 'notOpened'
  return {
    result,
    ...payResultCopy[result],
    mood: MOODS[result],
    amountFen: order === null ? null : result === 'paid' ? order.paidFen : order.amountFen,
    amountLabel: result === 'paid' ? payResultCopy.paidAmount : payResultCopy.amount,
    timeLeft: canPay && payableMs !== null ? timeLeftText(payableMs) : '',
    canPay,
    willShip: result === 'paid' && order?.status === 'paid',
    canCheck: CHECKABLE.includes(result),
  }
}
