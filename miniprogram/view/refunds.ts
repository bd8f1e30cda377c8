/** @module The refund list: one card per refund, and the refunds of one order. */
import type { Fen, Refund } from '@yuanlu/contract'
import { totalPiecesCopy } from '../copy/actions'
import { refundKindCopy } from '../copy/refund-apply'
import { refundsCopy } from '../copy/refunds'
import { pictureOf } from './goods'
import { type Pictures, piecesOf } from './order-lines'
import type { Tone } from './order-state'
import { refundState } from './refund-state'
import { timeText } from './time'

/** More pictures than this are summed up in the number of pieces. */
const SHOWN_PICTURES = 4

export interface RefundCardView {
  readonly refundId: string
  readonly requestedAt: string
  readonly statusText: string
  readonly tone: Tone
  readonly kindText: string
  readonly reason: string
  readonly pictures: readonly { readonly productId: string; readonly picture: string }[]
  readonly summary: string
  readonly amountFen: Fen
}

export const refundCardView = (refund: Refund, pictures: Pictures, nowMs: number): RefundCardView => {
  const { title, tone } = refundState(refund, nowMs)
  return {
    refundId: refund.refundId,
    requestedAt: timeText(refund.requestedAt),
    statusText: title,
    tone,
    kindText: refundKindCopy[refund.kind].name,
    reason: refund.reason,
    pictures: refund.items
      .slice(0, SHOWN_PICTURES)
      .map(({ productId }) => ({ productId, picture: pictureOf(pictures.get(productId)) })),
    summary: refund.items.length === 0 ? refundsCopy.byAmount : totalPiecesCopy(piecesOf(refund.items)),
    amountFen: refund.amountFen,
  }
}

/** Newest first, as everywhere. Instants of one format sort as text. */
export const newestFirst = (refunds: readonly Refund[]): Refund[] =>
  [...refunds].sort((a, b) => (a.requestedAt < b.requestedAt ? 1 : a.requestedAt > b.requestedAt ? -1 : 0))
