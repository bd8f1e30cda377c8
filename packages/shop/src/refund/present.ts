/** @module A refund in the words of the contract. */
import type { Refund as RefundView, Transfer as TransferView } from '@yuanlu/contract'
import type { Instant, Order } from '../order/order.ts'
import { latestTransfer, type Refund, type Transfer } from './refund.ts'

const toIso = (at: Instant): string => new Date(at).toISOString()
const toIsoOrNull = (at: Instant | null): string | null => (at === null ? null : toIso(at))

const presentTransfer = (transfer: Transfer): TransferView => ({
  status: transfer.state,
  outRefundNo: transfer.request.outRefundNo,
  wxRefundId: transfer.wxRefundId,
  attempts: transfer.attempts,
  nextAttemptAt: toIsoOrNull(transfer.nextAttemptAt),
  reasonCode: transfer.reasonCode,
})

export const presentRefund = (order: Pick<Order, 'id'>, refund: Refund): RefundView => {
  const latest = latestTransfer(refund)
  return {
    refundId: refund.id,
    orderId: order.id,
    kind: refund.kind,
    origin: refund.origin,
    status: refund.state,
    amountFen: refund.amountFen,
    items: refund.items.map((item) => ({ ...item })),
    reason: refund.reason,
    description: refund.description,
    evidence: [...refund.evidence],
    requestedAt: toIso(refund.requestedAt),
    decidedAt: toIsoOrNull(refund.decidedAt),
    decidedBy: refund.decidedBy,
    rejectReason: refund.rejectReason,
    approvals: refund.approvals.map(({ by, at }) => ({ by, at: toIso(at) })),
    transfer: latest === null ? null : presentTransfer(latest),
    transfers: refund.transfers.map(presentTransfer),
    timeline: refund.timeline.map(({ at, event, actor, note }) => ({ at: toIso(at), event, actor, note })),
  }
}

/** A shopper's refund as it was when it was asked for: what a repeated `requestRefund` under the same key answers. */
export const presentRefundAsRequested = (order: Pick<Order, 'id'>, refund: Refund): RefundView =>
  presentRefund(order, {
    ...refund,
    state: 'requested',
    decidedAt: null,
    decidedBy: null,
    rejectReason: null,
    approvals: [],
    transfers: [],
    timeline: refund.timeline.slice(0, 1),
  })
