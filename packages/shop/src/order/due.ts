/** @module When a job has to look at an order again: derived from its state in one place, never set by hand. */
import { hasOpenRefund } from '../refund/refund-money.ts'
import { effectsDueAt } from './effects.ts'
import { awaitsPerson, COMPLETED_AFTER_MS, type Instant, type Order } from './order.ts'

/** A half-placed order that nobody finished is given up after this long. */
export const PLACING_TIMEOUT_MS = 60_000

/** The earliest thing that is due about an order, or null. */
export const dueAt = (order: Order): Instant | null => earliest([workDueAt(order), ...effectsDueAt(order)])

/** The earliest thing that is to be done about an order, apart from what people and WeChat are to be told. */
export const workDueAt = (order: Order): Instant | null =>
  earliest([phaseDueAt(order), completesAt(order), ...refundsDueAt(order)])

const earliest = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce<Instant | null>(
    (first, at) => (at === null ? first : first === null ? at : Math.min(first, at)),
    null,
  )

/** Placing, paying, closing and putting goods back. */
const phaseDueAt = (order: Order): Instant | null => {
  if (order.stock === 'releasing') return order.closedAt ?? order.createdAt
  if (order.state === 'placing') return order.createdAt + PLACING_TIMEOUT_MS
  if (order.state !== 'awaitingPayment') return null
  // Money waits for a person: neither expiry nor a cancellation closes the order under it.
  if (awaitsPerson(order)) return order.payment?.askAt ?? null
  if (order.closing !== null) return order.closing.retryAt
  return Math.min(order.payment?.askAt ?? order.expiresAt, order.expiresAt)
}

/** When a shipped order is completed by itself: not while a refund of it is open. */
export const completesAt = (order: Order): Instant | null =>
  order.state !== 'shipped' || order.shippedAt === null || hasOpenRefund(order)
    ? null
    : order.shippedAt + COMPLETED_AFTER_MS

const refundsDueAt = (order: Order): (Instant | null)[] =>
  order.refunds.flatMap((refund) => [
    refund.deadlineAt,
    refund.stock === 'due' ? refund.requestedAt : null,
    ...refund.transfers.map((transfer) => transfer.nextAttemptAt),
  ])
