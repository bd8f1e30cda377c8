/** @module All orders as staff see them: one card each. */
import type { Fen, Order, OrderStatus } from '@yuanlu/contract'
import { totalPiecesCopy } from '../copy/actions'
import { orderTabCopy } from '../copy/order-status'
import { staffAttentionKindCopy } from '../copy/staff-attention'
import { staffOrdersCopy as copy, staffOrderCopy } from '../copy/staff-orders'
import type { OrdersTab } from '../services/orders-tab'
import { piecesOf } from './order-lines'
import type { Tone } from './order-state'
import { priceText } from './price'
import { isFullyRefunded } from './refund-money'
import { onItsWayFen } from './staff-amounts'
import { timeText } from './time'

const ORDER_TONES = {
  awaitingPayment: 'busy',
  paid: 'waiting',
  shipped: 'good',
  completed: 'good',
  closed: 'quiet',
} as const satisfies Record<OrderStatus, Tone>

/** Nothing is shipped of an order whose money all went back: it waits for nobody. */
export const orderStatusText = (order: Order): string =>
  isFullyRefunded(order) ? copy.fullyRefunded : orderTabCopy[order.status]

export const orderTone = (order: Order): Tone =>
  isFullyRefunded(order) ? 'quiet' : ORDER_TONES[order.status]

export interface StaffOrderCardView {
  readonly orderId: string
  readonly statusText: string
  readonly tone: Tone
  readonly who: string
  readonly goods: string
  readonly pieces: string
  readonly when: string
  readonly amountFen: Fen
  /** What of it went back or is on its way; empty when nothing. */
  readonly moneyText: string
  /** What needs a person, one title each. */
  readonly notices: readonly string[]
}

export const attentionTitles = (order: Order): string[] => [
  ...new Set(order.attention.map((kind) => staffAttentionKindCopy[kind].title)),
]

const moneyText = (order: Order): string =>
  [
    ...(order.refundedFen > 0 ? [copy.refunded(priceText(order.refundedFen))] : []),
    ...(onItsWayFen(order) > 0 ? [copy.onItsWay(priceText(onItsWayFen(order)))] : []),
  ].join(' · ')

export const staffOrderCardView = (order: Order): StaffOrderCardView => ({
  orderId: order.orderId,
  statusText: orderStatusText(order),
  tone: orderTone(order),
  who: order.delivery?.name ?? staffOrderCopy.nobody,
  goods: order.items.map(({ title, quantity }) => `${title} ×${quantity}`).join(copy.separator),
  pieces: totalPiecesCopy(piecesOf(order.items)),
  when: timeText(order.createdAt),
  amountFen: order.paidAt === null ? order.amountFen : order.paidFen,
  moneyText: moneyText(order),
  notices: attentionTitles(order),
})

export const ordersQuery = (tab: OrdersTab, q: string) => ({
  ...(tab !== 'all' && { status: tab }),
  ...(q !== '' && { q }),
})
