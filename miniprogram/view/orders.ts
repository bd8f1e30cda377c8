/** @module The order list: one card per order. */
import { type Fen, ORDER_STATUSES, type Order } from '@yuanlu/contract'
import { totalPiecesCopy } from '../copy/actions'
import { allOrdersTabCopy, orderTabCopy } from '../copy/order-status'
import type { OrdersTab } from '../services/orders-tab'
import { type OrderLineView, orderLineViews, type Pictures, piecesOf } from './order-lines'
import { orderState, type Tone } from './order-state'
import { timeLeftText, timeText } from './time'

/** More lines than this are summed up in the number of pieces. */
const SHOWN_LINES = 3

export interface OrderCardView {
  readonly orderId: string
  readonly placedAt: string
  readonly statusText: string
  readonly tone: Tone
  readonly timeLeft: string
  readonly lines: readonly OrderLineView[]
  readonly summary: string
  readonly amountFen: Fen
  readonly notice: string
}

export const orderCardView = (order: Order, pictures: Pictures, nowMs: number): OrderCardView => {
  const state = orderState(order, nowMs)
  return {
    orderId: order.orderId,
    placedAt: timeText(order.createdAt),
    statusText: state.title,
    tone: state.tone,
    timeLeft: state.payableMs === null ? '' : timeLeftText(state.payableMs),
    lines: orderLineViews(order, pictures).slice(0, SHOWN_LINES),
    summary: totalPiecesCopy(piecesOf(order.items)),
    amountFen: order.paidAt === null ? order.amountFen : order.paidFen,
    notice: state.notices[0] ?? '',
  }
}

export interface TabView {
  readonly value: OrdersTab
  readonly label: string
}

export const orderTabs: readonly TabView[] = [
  { value: 'all', label: allOrdersTabCopy },
  ...ORDER_STATUSES.map((status) => ({ value: status, label: orderTabCopy[status] })),
]

export const isOrdersTab = (value: unknown): value is OrdersTab =>
  orderTabs.some((tab) => tab.value === value)

/** An order that left a tab's status leaves the tab. */
export const inTab = (order: Order, tab: OrdersTab): boolean => tab === 'all' || order.status === tab

/** What `setData` needs to redraw the cards whose countdown moved. */
export const countdownChanges = (
  shown: readonly OrderCardView[],
  next: readonly OrderCardView[],
): Record<string, OrderCardView> =>
  Object.fromEntries(
    next.flatMap((card, i) => (card.timeLeft === shown[i]?.timeLeft ? [] : [[`cards[${i}]`, card]])),
  )
