/** @module One refund as staff decide about it: amounts, request, money, history, and what may be done. */
import type { Fen, Me, Order, Refund, Transfer } from '@yuanlu/contract'
import { staffRefundCopy as copy, merchantCardStepsCopy as steps } from '../copy/staff-refund'
import { staffTransferStatusCopy } from '../copy/staff-refund-status'
import { staffRefundKindCopy, staffRefundOriginCopy } from '../copy/staff-refunds'
import type { FactView } from './order'
import { type OrderLineView, orderLineViews, type Pictures } from './order-lines'
import type { Tone } from './order-state'
import { priceText } from './price'
import { requesterOf, type StaffActionView, staffActions } from './staff-actions'
import { type AmountView, isCountedApart, refundAmounts } from './staff-amounts'
import { fact, timeFact } from './staff-facts'
import { reasonText, type StaffRefundState, staffRefundState, wentToMerchantCard } from './staff-refund-state'
import { shortOpenid } from './staff-role'
import { type TimelineRow, timelineRows } from './staff-timeline'
import { timeText } from './time'

/** Another refund of the same order, in one line. */
export interface RefundRowView {
  readonly refundId: string
  readonly statusText: string
  readonly tone: Tone
  readonly amountFen: Fen
  readonly when: string
  readonly reason: string
}

export interface StaffRefundView {
  readonly refundId: string
  readonly orderId: string
  readonly state: StaffRefundState
  readonly amounts: readonly AmountView[]
  /** Empty when the own amount is already part of another. */
  readonly amountsHint: string
  readonly request: readonly FactView[]
  /** What was bought, by name, that the refund is for. */
  readonly items: readonly string[]
  /** Addresses of pictures, good for some minutes. */
  readonly evidence: readonly string[]
  readonly lines: readonly OrderLineView[]
  readonly delivery: { readonly who: string; readonly address: string } | null
  readonly shipping: readonly FactView[]
  readonly orderFacts: readonly FactView[]
  /** The latest transfer first. */
  readonly transfers: readonly { readonly key: string; readonly facts: readonly FactView[] }[]
  readonly others: readonly RefundRowView[]
  readonly timeline: readonly TimelineRow[]
  readonly actions: readonly StaffActionView[]
  /** What is left to do, one after the other, when the money went to the shop's own card; empty otherwise. */
  readonly steps: readonly string[]
  /** A problem's ways out are explained one by one; a plain decision has two buttons. */
  readonly isProblem: boolean
  /** One sentence for the buttons that can't be used. */
  readonly why: string
}

export const refundRowView = (refund: Refund, nowMs: number): RefundRowView => {
  const state = staffRefundState(refund, nowMs)
  return {
    refundId: refund.refundId,
    statusText: state.title,
    tone: state.tone,
    amountFen: refund.amountFen,
    when: timeText(refund.requestedAt),
    reason: refund.reason,
  }
}

const byNewest = (a: Refund, b: Refund): number => Date.parse(b.requestedAt) - Date.parse(a.requestedAt)

export const refundRows = (refunds: readonly Refund[], nowMs: number): RefundRowView[] =>
  [...refunds].sort(byNewest).map((refund) => refundRowView(refund, nowMs))

const items = (order: Order, refund: Refund): string[] =>
  refund.items.map(({ productId, quantity }) => {
    const title = order.items.find((item) => item.productId === productId)?.title ?? productId
    return `${title} ×${quantity}`
  })

/** A staff page names people by short openids; the whole one is in the server's audit trail. */
const applicant = (refund: Refund): string | null => {
  const requester = requesterOf(refund)
  return refund.origin === 'system' || requester === null ? null : shortOpenid(requester)
}

const approvals = (refund: Refund): FactView[] =>
  refund.status === 'requested'
    ? refund.approvals.flatMap(({ by, at }) => fact(copy.approvals, `${shortOpenid(by)}  ${timeText(at)}`))
    : []

const requestFacts = (refund: Refund): FactView[] => [
  ...fact(copy.kind, staffRefundKindCopy[refund.kind]),
  ...fact(copy.origin, staffRefundOriginCopy[refund.origin]),
  ...fact(copy.applicant, applicant(refund)),
  ...timeFact(copy.requestedAt, refund.requestedAt),
  ...fact(copy.reason, refund.reason),
  ...fact(copy.description, refund.description),
  ...fact(copy.rejectReason, refund.rejectReason),
  ...approvals(refund),
]

const goodsSent = (refund: Refund): string | null =>
  [...refund.timeline].reverse().find(({ event }) => event === 'goodsSent')?.note ?? null

const shippingFacts = (order: Order, refund: Refund): FactView[] => [
  ...fact(
    copy.shipment,
    order.shipment === null
      ? order.paidAt === null
        ? null
        : copy.notShipped
      : `${order.shipment.carrier} ${order.shipment.trackingNo}`,
  ),
  ...fact(copy.returnShipment, goodsSent(refund)),
]

const transferFacts = (transfer: Transfer, nowMs: number): FactView[] => {
  const { nextAttemptAt } = transfer
  const isAhead = nextAttemptAt !== null && Date.parse(nextAttemptAt) > nowMs
  return [
    ...fact(copy.moneyStatus, staffTransferStatusCopy[transfer.status]),
    ...fact(copy.reasonCode, transfer.reasonCode === null ? null : reasonText(transfer.reasonCode)),
    ...fact(copy.attempts, transfer.attempts === 0 ? null : String(transfer.attempts)),
    ...timeFact(copy.nextAttemptAt, isAhead ? nextAttemptAt : null),
    ...fact(copy.outRefundNo, transfer.outRefundNo, true),
    ...fact(copy.wxRefundId, transfer.wxRefundId, true),
  ]
}

/** While a refund is a problem, money moves to the shop's own card alone. */
const merchantCardSteps = (refund: Refund): string[] => {
  const { status, transfer, amountFen } = refund
  const moves = transfer?.status === 'processing' || transfer?.status === 'succeeded'
  if (!wentToMerchantCard(refund) && !(status === 'problem' && moves)) return []
  const first = transfer?.status === 'succeeded' ? steps.arrived : steps.arriving
  return [first, steps.pay(priceText(amountFen)), steps.record]
}

export const staffRefundView = (
  { refund, order }: { readonly refund: Refund; readonly order: Order },
  { me, pictures, nowMs }: { readonly me: Me; readonly pictures: Pictures; readonly nowMs: number },
): StaffRefundView => {
  const actions = staffActions(refund, me)
  return {
    refundId: refund.refundId,
    orderId: order.orderId,
    state: staffRefundState(refund, nowMs),
    amounts: refundAmounts(order, refund),
    amountsHint: isCountedApart(refund) ? copy.amountsHint : '',
    request: requestFacts(refund),
    items: items(order, refund),
    evidence: refund.evidence,
    lines: orderLineViews(order, pictures),
    delivery:
      order.delivery === null
        ? null
        : { who: `${order.delivery.name}  ${order.delivery.phone}`, address: order.delivery.address },
    shipping: shippingFacts(order, refund),
    orderFacts: [
      ...fact(copy.orderId, order.orderId, true),
      ...fact(copy.transactionId, order.transactionId, true),
    ],
    transfers: [...refund.transfers]
      .reverse()
      .map((transfer) => ({ key: transfer.outRefundNo, facts: transferFacts(transfer, nowMs) })),
    others: refundRows(
      order.refunds.filter(({ refundId }) => refundId !== refund.refundId),
      nowMs,
    ),
    timeline: timelineRows(refund),
    actions,
    steps: merchantCardSteps(refund),
    isProblem: refund.status === 'problem',
    why: actions.find(({ why }) => why !== '')?.why ?? '',
  }
}
