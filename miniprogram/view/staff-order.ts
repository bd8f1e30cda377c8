/** @module One order as staff see it, and a refund of it without a shopper's request. */
import { type Fen, formatYuan, LIMITS, type Me, type Order } from '@yuanlu/contract'
import { orderCopy } from '../copy/orders'
import { staffCopy } from '../copy/staff'
import { staffOrderCopy as copy } from '../copy/staff-orders'
import { staffSheetCopy } from '../copy/staff-refund'
import type { Question } from '../services/dialogue'
import type { FactView } from './order'
import { type OrderLineView, orderLineViews, type Pictures } from './order-lines'
import type { Tone } from './order-state'
import { priceText } from './price'
import { type AmountView, orderAmounts } from './staff-amounts'
import { fact, timeFact } from './staff-facts'
import { attentionTitles, orderStatusText, orderTone } from './staff-orders'
import { type RefundRowView, refundRows } from './staff-refund'
import { whyNot } from './staff-role'
import type { SheetView } from './staff-sheet'
import { type FieldView, personText } from './staff-sheets'
import { type ShipButton, shipButton } from './staff-ship'
import { yuanToFen } from './yuan'

export interface StaffOrderView {
  readonly orderId: string
  readonly statusText: string
  readonly tone: Tone
  readonly notices: readonly string[]
  /** Empty before anything was paid. */
  readonly amounts: readonly AmountView[]
  readonly lines: readonly OrderLineView[]
  readonly amountFen: Fen
  readonly delivery: { readonly who: string; readonly address: string } | null
  readonly remark: string
  readonly shipment: string
  readonly facts: readonly FactView[]
  readonly refunds: readonly RefundRowView[]
  /** Whether there is a button, and why it can't be used. */
  readonly refundButton: { readonly shown: boolean; readonly why: string }
  readonly shipButton: ShipButton
}

const facts = (order: Order): FactView[] => [
  ...fact(orderCopy.orderId, order.orderId, true),
  ...fact(orderCopy.transactionId, order.transactionId, true),
  ...timeFact(orderCopy.createdAt, order.createdAt),
  ...timeFact(orderCopy.paidAt, order.paidAt),
  ...timeFact(orderCopy.shippedAt, order.shippedAt),
  ...timeFact(orderCopy.completedAt, order.completedAt),
  ...timeFact(orderCopy.closedAt, order.closedAt),
]

const refundButton = (order: Order, me: Me): StaffOrderView['refundButton'] => {
  const role = whyNot(me.roles, 'refundOrder')
  return {
    shown: order.paidFen > 0,
    why: role === '' && order.refundableFen === 0 ? copy.nothingToRefund : role,
  }
}

export const staffOrderView = (
  order: Order,
  { me, pictures, nowMs }: { readonly me: Me; readonly pictures: Pictures; readonly nowMs: number },
): StaffOrderView => ({
  orderId: order.orderId,
  statusText: orderStatusText(order),
  tone: orderTone(order),
  notices: attentionTitles(order),
  amounts: order.paidFen > 0 ? orderAmounts(order) : [],
  lines: orderLineViews(order, pictures),
  amountFen: order.amountFen,
  delivery:
    order.delivery === null
      ? null
      : { who: `${order.delivery.name}  ${order.delivery.phone}`, address: order.delivery.address },
  remark: order.remark,
  shipment: order.shipment === null ? '' : `${order.shipment.carrier} ${order.shipment.trackingNo}`,
  facts: facts(order),
  refunds: refundRows(order.refunds, nowMs),
  refundButton: refundButton(order, me),
  shipButton: shipButton(order),
})

export interface RefundForm {
  /** Yuan, as typed. */
  readonly amount: string
  readonly reason: string
}

export const emptyForm = (order: Order): RefundForm => ({
  amount: formatYuan(order.refundableFen),
  reason: '',
})

export const staffRefundSheet = (order: Order): SheetView => ({
  title: copy.title,
  rows: [
    { label: staffSheetCopy.order, value: order.orderId, strong: false },
    { label: staffSheetCopy.person, value: personText(order, null) || copy.nobody, strong: false },
    { label: copy.refundable, value: priceText(order.refundableFen), strong: true },
  ],
  warning: copy.warning,
  confirm: copy.confirm,
  danger: false,
})

export const reasonField: FieldView = {
  label: copy.reason,
  placeholder: copy.reasonPlaceholder,
  most: LIMITS.refundReason,
  required: true,
  chips: [],
}

export type ReadForm =
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'ready'; readonly amountFen: Fen; readonly reason: string }

/** The form as the call wants it, or the first thing to mend. */
export const readForm = (order: Order, form: RefundForm): ReadForm => {
  const amountFen = yuanToFen(form.amount)
  if (amountFen === null || amountFen === 0) return { kind: 'problem', problem: copy.needAmount }
  if (amountFen > order.refundableFen)
    return { kind: 'problem', problem: copy.tooMuch(priceText(order.refundableFen)) }
  const reason = form.reason.trim()
  if (reason === '' || [...reason].length > LIMITS.refundReason)
    return { kind: 'problem', problem: copy.needReason }
  return { kind: 'ready', amountFen, reason }
}

export const refundQuestion = (order: Order, amountFen: Fen): Question => ({
  title: copy.askTitle,
  content: copy.ask(order.orderId, personText(order, null) || copy.nobody, priceText(amountFen)),
  confirmText: copy.askConfirm,
  cancelText: staffCopy.keep,
})
