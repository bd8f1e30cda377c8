/** @module What may still be refunded of an order: the sum is guarded here and nowhere else. */
import { type Fen, LIMITS } from '@yuanlu/contract'
import type { MisplacedPayment, Order } from '../order/order.ts'
import { isOpen, type Refund, reservesMoney } from './refund.ts'

/** Refunds of the order's own payment; money in suspense that goes back does not count. */
const ofPayment = (order: Order): Refund[] => order.refunds.filter((refund) => !refund.source.suspense)

/** True while a refund of what was bought is undecided, unfinished or stuck. */
export const hasOpenRefund = (order: Order): boolean => ofPayment(order).some(isOpen)

/** True when all the money, or every piece, was given back: there is nothing to ship. */
export const isNothingLeft = (order: Order): boolean =>
  refundableFen(order) <= 0 || order.lines.every((line) => unclaimedQuantity(order, line.productId) <= 0)

export const refundedFen = (order: Order): Fen =>
  ofPayment(order).reduce((sum, refund) => sum + (refund.state === 'refunded' ? refund.amountFen : 0), 0)

/**
 * Paid, less every refund that is not withdrawn, rejected or abandoned; never below zero, though more may be asked for than
 * is left once money went back in the merchant platform.
 */
export const refundableFen = (order: Order): Fen => Math.max(0, leftAfter(order, reservesMoney))

/** What there is for an undecided refund: paid, less every other that was decided on and holds money back. */
export const approvableFen = (order: Order, refundId: string): Fen =>
  Math.max(
    0,
    leftAfter(order, (r) => reservesMoney(r) && r.state !== 'requested' && r.id !== refundId),
  )

const leftAfter = (order: Order, counts: (refund: Refund) => boolean): number =>
  ofPayment(order).reduce(
    (left, refund) => (counts(refund) ? left - refund.amountFen : left),
    order.payment?.paidFen ?? 0,
  )

/** What is still here of money in suspense: less every refund of it that is not given up. */
export const suspendedFen = (order: Order, misplaced: MisplacedPayment): Fen =>
  suspenseAfter(order, misplaced, reservesMoney)

/** What of it is not back yet: less every refund of it that is done. */
export const misplacedLeftFen = (order: Order, misplaced: MisplacedPayment): Fen =>
  suspenseAfter(order, misplaced, (refund) => refund.state === 'refunded')

const suspenseAfter = (
  order: Order,
  { transactionId, amountFen }: MisplacedPayment,
  counts: (refund: Refund) => boolean,
): Fen =>
  order.refunds.reduce((left, refund) => {
    const isOfIt = refund.source.suspense && refund.source.transactionId === transactionId
    return isOfIt && counts(refund) ? left - refund.amountFen : left
  }, amountFen)

/** How many more parts WeChat Pay takes. */
export const refundsLeft = (order: Order): number =>
  LIMITS.refundsPerOrder - ofPayment(order).filter(reservesMoney).length

/** How many pieces of a product no refund has claimed yet. */
export const unclaimedQuantity = (order: Order, productId: string): number => {
  const bought = order.lines.find((line) => line.productId === productId)?.quantity ?? 0
  const claimed = order.refunds.filter(reservesMoney).flatMap((refund) => refund.items)
  return claimed.reduce((left, item) => left - (item.productId === productId ? item.quantity : 0), bought)
}

/** The most that goes back for these items: what they cost, and no more than is left. */
export const refundCapFen = (
  order: Order,
  items: readonly { readonly productId: string; readonly quantity: number }[],
): Fen => {
  if (items.length === 0) return refundableFen(order)
  const cost = items.reduce((sum, item) => {
    const line = order.lines.find((l) => l.productId === item.productId)
    return sum + (line?.unitPriceFen ?? 0) * item.quantity
  }, 0)
  return Math.min(cost, refundableFen(order))
}
