/** @module Refund an order without a shopper's request: staff ask and approve in one go, the same rules hold. */
import type { Fen, Refund as RefundView } from '@yuanlu/contract'
import { isVisible } from '../order/order.ts'
import type { ShopDeps } from '../ports.ts'
import { presentRefund } from '../refund/present.ts'
import { type Result, refuse } from '../refusal.ts'
import { approveRefund } from './decide-refund.ts'
import { addRefund, draftRefund } from './request-refund.ts'

export const refundOrder = async (
  deps: ShopDeps,
  input: {
    readonly by: string
    readonly orderId: string
    readonly idempotencyKey: string
    readonly amountFen: Fen
    readonly reason: string
  },
): Promise<Result<RefundView>> => {
  const order = await deps.store.orders.get(input.orderId)
  if (order === null || !isVisible(order)) return refuse('NOT_FOUND', 'there is no such order')
  if (order.buyerOpenid === input.by)
    return refuse('OWN_REQUEST', 'nobody decides on a refund of their own order')
  const draft = draftRefund(deps, {
    ...input,
    kind: 'refundOnly',
    items: [],
    description: '',
    evidence: [],
    origin: 'staff',
    requestedBy: input.by,
    now: deps.clock(),
  })
  const added = await addRefund(deps, order, draft)
  if (!added.ok) return added
  const { refund } = added.value
  const { by, amountFen } = input
  const approved = await approveRefund(deps, { by, refundId: refund.id, amountFen, note: null })
  // A repeated call finds its first approval given: that is its answer, not a refusal.
  if (!approved.ok && approved.refusal.code === 'SECOND_APPROVER_MUST_DIFFER')
    return { ok: true, value: presentRefund(added.value.order, refund) }
  return approved
}
