/** @module An order's money side by side. */
import type { Fen, Order, Refund } from '@yuanlu/contract'
import { staffRefundCopy as copy } from '../copy/staff-refund'

export interface AmountView {
  readonly label: string
  readonly fen: Fen
  readonly strong: boolean
}

const OPEN: readonly Refund['status'][] = ['requested', 'awaitingReturn', 'returning', 'refunding', 'problem']

export const isOpen = (refund: Refund): boolean => OPEN.includes(refund.status)

/** What is reserved and not yet refunded; never below zero, whatever money sits in the wrong place. */
export const onItsWayFen = (order: Order): Fen =>
  Math.max(0, order.paidFen - order.refundedFen - order.refundableFen)

const amount = (label: string, fen: Fen, strong = false): AmountView => ({ label, fen, strong })

export const orderAmounts = (order: Order): AmountView[] => [
  amount(copy.paid, order.paidFen),
  amount(copy.refunded, order.refundedFen),
  amount(copy.onItsWay, onItsWayFen(order)),
  amount(copy.refundable, order.refundableFen, true),
]

/** An open request is part of what is reserved: taken out, so that the five amounts add up. Misplaced money never was. */
export const isCountedApart = (refund: Refund): boolean => isOpen(refund) && refund.origin !== 'system'

export const refundAmounts = (order: Order, refund: Refund): AmountView[] => {
  const own = isCountedApart(refund) ? refund.amountFen : 0
  return [
    amount(copy.paid, order.paidFen),
    amount(copy.refunded, order.refundedFen),
    amount(copy.onItsWay, Math.max(0, onItsWayFen(order) - own)),
    amount(copy.refundable, order.refundableFen),
    amount(copy.asked, refund.amountFen, true),
  ]
}
