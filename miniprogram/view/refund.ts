/** @module One refund as its page shows it: state, amount, way back, timeline, facts, and what its owner may do now. */
import type { Fen, Order, Refund } from '@yuanlu/contract'
import { refundKindCopy } from '../copy/refund-apply'
import { refundCopy } from '../copy/refunds'
import type { FactView } from './order'
import { type OrderLineView, orderLineViews, type Pictures } from './order-lines'
import { isRefundable } from './refund-money'
import { type RefundState, refundState, wentOtherWay } from './refund-state'
import { type TimelineLineView, timelineView } from './refund-timeline'
import { timeText } from './time'

export type RefundAction = 'withdraw' | 'askAgain'

export interface RefundActionView {
  readonly kind: RefundAction
  readonly text: string
  readonly primary: boolean
}

export interface RefundView {
  readonly refundId: string
  readonly orderId: string
  readonly state: RefundState
  readonly amountFen: Fen
  /** What the shop said about how it ended, where that concerns its shopper. */
  readonly words: { readonly title: string; readonly text: string } | null
  readonly asksForReturn: boolean
  /** Something is still to come that a message can tell. */
  readonly hasNewsAhead: boolean
  /** Addresses of pictures, good for some minutes. */
  readonly evidence: readonly string[]
  readonly timeline: readonly TimelineLineView[]
  readonly lines: readonly OrderLineView[]
  readonly facts: readonly FactView[]
  readonly actions: readonly RefundActionView[]
}

const fact = (label: string, value: string | null | undefined, copyable = false): FactView[] =>
  value === null || value === undefined || value === '' ? [] : [{ label, value, copyable }]

const facts = (refund: Refund): FactView[] => [
  ...fact(refundCopy.refundId, refund.refundId, true),
  ...fact(refundCopy.wxRefundId, refund.transfer?.wxRefundId, true),
  ...fact(refundCopy.orderId, refund.orderId, true),
  ...fact(refundCopy.kind, refundKindCopy[refund.kind].name),
  ...fact(refundCopy.scope, refund.items.length === 0 ? refundCopy.byAmount : null),
  ...fact(refundCopy.originLabel, refundCopy.origin[refund.origin]),
  ...fact(refundCopy.reason, refund.reason),
  ...fact(refundCopy.description, refund.description),
  ...fact(refundCopy.requestedAt, timeText(refund.requestedAt)),
]

/** The refunded goods, as its order names them: the pieces of this refund alone. */
const linesOf = (refund: Refund, order: Order | null, pictures: Pictures): OrderLineView[] =>
  order === null
    ? []
    : orderLineViews(order, pictures).flatMap((line) => {
        const quantity = refund.items.find(({ productId }) => productId === line.productId)?.quantity ?? 0
        return quantity === 0 ? [] : [{ ...line, quantity, amountFen: line.unitPriceFen * quantity }]
      })

const lastNote = (refund: Refund, event: string): string =>
  [...refund.timeline].reverse().find((entry) => entry.event === event)?.note ?? ''

const wordsOf = (refund: Refund): RefundView['words'] => {
  const said = (title: string, text: string | null) => (text === null || text === '' ? null : { title, text })
  if (refund.status === 'rejected') return said(refundCopy.shopWords, refund.rejectReason)
  if (refund.status === 'abandoned') return said(refundCopy.shopWords, lastNote(refund, 'abandoned'))
  return wentOtherWay(refund) ? said(refundCopy.proof, lastNote(refund, 'succeeded')) : null
}

/** Given up, and the money is free to be asked for again. */
const canAskAgain = (refund: Refund, order: Order | null): boolean =>
  (refund.status === 'rejected' || refund.status === 'withdrawn' || refund.status === 'abandoned') &&
  order !== null &&
  isRefundable(order)

const actionsOf = (refund: Refund, order: Order | null): RefundActionView[] => [
  ...(refund.status === 'requested' || refund.status === 'awaitingReturn'
    ? [{ kind: 'withdraw', text: refundCopy.withdraw, primary: false } as const]
    : []),
  ...(canAskAgain(refund, order)
    ? [{ kind: 'askAgain', text: refundCopy.askAgain, primary: true } as const]
    : []),
]

const NEWS_AHEAD: ReadonlySet<Refund['status']> = new Set([
  'requested',
  'awaitingReturn',
  'returning',
  'refunding',
  'problem',
])

/** `order` is `null` while it is not known: then its goods are not shown and nothing is asked again. */
export const refundView = (
  refund: Refund,
  order: Order | null,
  pictures: Pictures,
  nowMs: number,
): RefundView => ({
  refundId: refund.refundId,
  orderId: refund.orderId ?? '',
  state: refundState(refund, nowMs),
  amountFen: refund.amountFen,
  words: wordsOf(refund),
  asksForReturn: refund.status === 'awaitingReturn',
  hasNewsAhead: NEWS_AHEAD.has(refund.status),
  evidence: refund.evidence,
  timeline: timelineView(refund),
  lines: linesOf(refund, order, pictures),
  facts: facts(refund),
  actions: actionsOf(refund, order),
})

export interface ReturnParcel {
  readonly carrier: string
  readonly trackingNo: string
}

const PARCEL_LETTERS = 60
const fits = (text: string): boolean => text.length > 0 && [...text].length <= PARCEL_LETTERS

export const trimParcel = ({ carrier, trackingNo }: ReturnParcel): ReturnParcel => ({
  carrier: carrier.trim(),
  trackingNo: trackingNo.trim(),
})

/** The first thing to mend in a (trimmed) parcel, or `null` when it can be sent. */
export const parcelProblem = ({ carrier, trackingNo }: ReturnParcel): string | null => {
  if (!fits(carrier)) return refundCopy.sendProblem.carrier
  return fits(trackingNo) ? null : refundCopy.sendProblem.trackingNo
}
