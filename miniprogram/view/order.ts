/** @module One order as its page shows it: state, amounts, facts, and what its owner may do now. */
import { type Fen, formatYuan, type Order } from '@yuanlu/contract'
import { totalPiecesCopy } from '../copy/actions'
import { orderCopy } from '../copy/orders'
import { orderRefundsCopy } from '../copy/refunds'
import { type OrderLineView, orderLineViews, type Pictures, piecesOf } from './order-lines'
import { type OrderState, orderState } from './order-state'
import { isFullyRefunded, isRefundable } from './refund-money'
import { newestFirst, type RefundCardView, refundCardView } from './refunds'
import { timeLeftText, timeText } from './time'

export type OrderAction = 'pay' | 'cancel' | 'confirmReceipt' | 'askRefund'

export interface ActionView {
  readonly kind: OrderAction
  readonly text: string
  readonly primary: boolean
}

export interface FactView {
  readonly label: string
  readonly value: string
  readonly copyable: boolean
}

export interface OrderView {
  readonly orderId: string
  readonly state: OrderState
  /** Empty when nothing is counting down. */
  readonly timeLeft: string
  readonly lines: readonly OrderLineView[]
  readonly piecesText: string
  readonly goodsFen: Fen
  readonly amountFen: Fen
  readonly amountLabel: string
  readonly delivery: { readonly who: string; readonly address: string } | null
  /** The number alone is what a carrier's page asks for. */
  readonly shipment: { readonly text: string; readonly trackingNo: string } | null
  readonly remark: string
  readonly facts: readonly FactView[]
  readonly refunds: readonly RefundCardView[]
  /** Zero where there is nothing to tell. */
  readonly refundedFen: Fen
  readonly refundableFen: Fen
  readonly actions: readonly ActionView[]
}

const ACTIONS = {
  pay: { kind: 'pay', text: orderCopy.pay, primary: true },
  cancel: { kind: 'cancel', text: orderCopy.cancel, primary: false },
  confirmReceipt: { kind: 'confirmReceipt', text: orderCopy.confirmReceipt, primary: true },
  askRefund: { kind: 'askRefund', text: orderRefundsCopy.ask, primary: false },
} as const satisfies Record<OrderAction, ActionView>

/** Nothing more comes once all the money went back: there is no receipt to confirm. */
const receiptActions = (order: Order): ActionView[] => {
  if (isFullyRefunded(order)) return []
  if (order.status === 'shipped') return [ACTIONS.confirmReceipt]
  // Goods may be handed over without being shipped: then confirming is possible, but not what the page urges.
  return order.status === 'paid' ? [{ ...ACTIONS.confirmReceipt, primary: false }] : []
}

/** What the owner may do now. The server decides again. */
export const orderActions = (order: Order, state: OrderState): ActionView[] => {
  if (state.payableMs !== null) return [ACTIONS.cancel, ACTIONS.pay]
  return [...(isRefundable(order) ? [ACTIONS.askRefund] : []), ...receiptActions(order)]
}

const fact = (label: string, value: string | null, copyable = false): FactView[] =>
  value === null ? [] : [{ label, value, copyable }]

const timeFact = (label: string, instant: string | null): FactView[] =>
  fact(label, instant === null ? null : timeText(instant))

const facts = (order: Order): FactView[] => [
  ...fact(orderCopy.orderId, order.orderId, true),
  ...fact(orderCopy.transactionId, order.transactionId, true),
  ...timeFact(orderCopy.createdAt, order.createdAt),
  ...timeFact(orderCopy.paidAt, order.paidAt),
  ...timeFact(orderCopy.shippedAt, order.shippedAt),
  ...timeFact(orderCopy.completedAt, order.completedAt),
  ...timeFact(orderCopy.closedAt, order.closedAt),
]

/** An order that can't be paid now asks for nothing: its amount is only told. */
const amountLabel = (order: Order, state: OrderState): string => {
  if (order.paidAt !== null) return orderCopy.paid
  return state.payableMs === null ? orderCopy.amount : orderCopy.payable
}

export const orderView = (order: Order, pictures: Pictures, nowMs: number): OrderView => {
  const state = orderState(order, nowMs)
  const lines = orderLineViews(order, pictures)
  const isPaid = order.paidAt !== null
  return {
    orderId: order.orderId,
    state,
    timeLeft: state.payableMs === null ? '' : timeLeftText(state.payableMs),
    lines,
    piecesText: totalPiecesCopy(piecesOf(lines)),
    goodsFen: order.amountFen,
    amountFen: isPaid ? order.paidFen : order.amountFen,
    amountLabel: amountLabel(order, state),
    delivery:
      order.delivery === null
        ? null
        : { who: `${order.delivery.name}  ${order.delivery.phone}`, address: order.delivery.address },
    shipment:
      order.shipment === null
        ? null
        : {
            text: `${order.shipment.carrier} ${order.shipment.trackingNo}`,
            trackingNo: order.shipment.trackingNo,
          },
    remark: order.remark,
    facts: facts(order),
    refunds: newestFirst(order.refunds).map((refund) => refundCardView(refund, pictures, nowMs)),
    refundedFen: order.refundedFen,
    // Without a refund it is what was paid, and the button says it.
    refundableFen: order.refunds.length === 0 ? 0 : order.refundableFen,
    actions: orderActions(order, state),
  }
}

/** The amount of a placed order when it is not what the shopper saw; `null` when it is. */
export const changedAmount = (order: Order, seenFen: Fen): string | null =>
  order.amountFen === seenFen ? null : formatYuan(order.amountFen)

/** An unpaid order that may have changed at WeChat Pay without us: worth one question. */
export const needsAsking = (order: Order, nowMs: number): boolean =>
  order.status === 'awaitingPayment' && orderState(order, nowMs).payableMs === null

/** A cancelled order may turn out to be paid, or wait for WeChat Pay to confirm the close. */
export const cancelOutcome = (order: Order): string => {
  if (order.status === 'closed') return orderCopy.cancelled
  return order.status === 'awaitingPayment' ? orderCopy.cancelling : orderCopy.foundPaid
}
