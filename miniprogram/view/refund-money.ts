/** @module What of an order can still be refunded: the server's rules, so that nothing is offered that it would refuse. */
import { type Fen, LIMITS, type Order, type Refund } from '@yuanlu/contract'
import { cannotRefundCopy } from '../copy/refund-apply'

export interface RefundItem {
  readonly productId: string
  readonly quantity: number
}

/** Refunds that hold their amount and their goods: all but those given up. */
const reserves = ({ status }: Refund): boolean =>
  status !== 'withdrawn' && status !== 'rejected' && status !== 'abandoned'

/** Undecided, unfinished or stuck. */
export const isOpen = (refund: Refund): boolean => reserves(refund) && refund.status !== 'refunded'

/** How many pieces of a product no refund has claimed yet. */
export const unclaimedPieces = (order: Order, productId: string): number => {
  const bought = order.items.find((item) => item.productId === productId)?.quantity ?? 0
  const claimed = order.refunds
    .filter(reserves)
    .flatMap(({ items }) => items)
    .reduce((sum, item) => sum + (item.productId === productId ? item.quantity : 0), 0)
  return Math.max(0, bought - claimed)
}

export const unclaimedItems = (order: Order): RefundItem[] =>
  order.items
    .map(({ productId }) => ({ productId, quantity: unclaimedPieces(order, productId) }))
    .filter(({ quantity }) => quantity > 0)

export const priceOf = (order: Order, items: readonly RefundItem[]): Fen =>
  items.reduce((sum, { productId, quantity }) => {
    const line = order.items.find((item) => item.productId === productId)
    return sum + (line?.unitPriceFen ?? 0) * quantity
  }, 0)

/** The most that goes back for these items: what they cost, and no more than is left. */
export const capFen = (order: Order, items: readonly RefundItem[]): Fen =>
  items.length === 0 ? order.refundableFen : Math.min(priceOf(order, items), order.refundableFen)

/** Money of this order can be asked for. Whether WeChat Pay still takes it, `whyNot` says. */
export const isRefundable = (order: Order): boolean =>
  (order.status === 'paid' || order.status === 'shipped' || order.status === 'completed') &&
  order.refundableFen > 0

/** Money sent back because it was paid twice or too late is no part of the order's own; the server knows for sure. */
const isOwn = ({ origin }: Refund): boolean => origin !== 'system'

/** Why the shopper can't ask now, as a sentence; `null` when asking is possible. */
export const whyNot = (order: Order, nowMs: number): string | null => {
  if (order.paidAt === null || order.status === 'awaitingPayment' || order.status === 'closed') {
    return cannotRefundCopy.notPaid
  }
  if (order.refundableFen <= 0) return cannotRefundCopy.nothingLeft
  if (nowMs - Date.parse(order.paidAt) > LIMITS.refundWindowMs) return cannotRefundCopy.windowClosed
  const parts = order.refunds.filter((refund) => reserves(refund) && isOwn(refund)).length
  return parts >= LIMITS.refundsPerOrder ? cannotRefundCopy.limitReached : null
}

export const isFullyRefunded = (order: Order): boolean =>
  order.paidFen > 0 && order.refundedFen === order.paidFen
