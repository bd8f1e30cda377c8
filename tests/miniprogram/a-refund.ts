/** @module Builders of refunds as the server answers them, asked for at 2026-11-22 12:10 UTC. */
import type { Refund, Transfer, TransferStatus } from '@yuanlu/contract'

export const aTransfer = (status: TransferStatus, change: Partial<Transfer> = {}): Transfer => ({
  status,
  outRefundNo: 'O20261122A-r1-1',
  wxRefundId: null,
  attempts: 1,
  nextAttemptAt: null,
  reasonCode: null,
  ...change,
})

/** One coffee of two. */
export const aRefund = (change: Partial<Refund> = {}): Refund => ({
  refundId: 'O20261122A-r1',
  orderId: 'O20261122A',
  kind: 'refundOnly',
  origin: 'shopper',
  status: 'requested',
  amountFen: 6800,
  items: [{ productId: 'coffee-beans', quantity: 1 }],
  reason: '不想要了',
  description: '',
  evidence: [],
  requestedAt: '2026-11-22T12:10:00.000Z',
  decidedAt: null,
  decidedBy: null,
  rejectReason: null,
  approvals: [],
  transfer: null,
  transfers: [],
  timeline: [anEvent('requested', { actor: 'oShopper1', at: '2026-11-22T12:10:00.000Z' })],
  ...change,
})

/** With this transfer as the latest and only one. */
export const aMovingRefund = (status: TransferStatus, change: Partial<Refund> = {}): Refund => {
  const transfer = aTransfer(status)
  return aRefund({ status: 'refunding', transfer, transfers: [transfer], ...change })
}

export function anEvent(
  event: string,
  change: Partial<Refund['timeline'][number]> = {},
): Refund['timeline'][number] {
  return { at: '2026-11-22T12:20:00.000Z', event, actor: 'oStaff1', note: null, ...change }
}
