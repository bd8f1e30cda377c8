/** @module Refund an order without a shopper's request: staff ask and approve in one go, the same rules hold. */
import type { ApiErrorCode, Fen, Refund as RefundView } from '@yuanlu/contract'
import { isVisible } from '../order/order.ts'
import type { ShopDeps } from '../ports.ts'
import { presentRefund } from '../refund/present.ts'
import { stepAnswered } from '../refund/steps.ts'
import { accept, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { approveRefund, presentFound } from './decide-refund.ts'
import { findRefund, type RefundOfOrder } from './find-refund.ts'
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
  const answer = await approveOwn(deps, added.value, input)
  if (!answer.ok) return answer
  const change = await changeOrder(deps.store.orders, order.id, (o) =>
    stepAnswered(o, refund.id, answer.value),
  )
  return accept(change?.order.refunds.find((r) => r.id === refund.id)?.firstAnswer ?? answer.value)
}

/** Approves once, whoever repeats it: what a twin or somebody else decided meanwhile is the answer, not a refusal. */
const approveOwn = async (
  deps: ShopDeps,
  { order, refund }: RefundOfOrder,
  { by, amountFen }: { readonly by: string; readonly amountFen: Fen },
): Promise<Result<RefundView>> => {
  if (refund.state !== 'requested' || refund.approvals.some((approval) => approval.by === by))
    return accept(presentRefund(order, refund))
  const approved = await approveRefund(deps, { by, refundId: refund.id, amountFen, note: null })
  if (approved.ok || !DECIDED_MEANWHILE.has(approved.refusal.code)) return approved
  const fresh = await findRefund(deps, refund.id)
  return fresh.ok ? accept(presentFound(fresh.value)) : fresh
}

/** What an approval is refused with when somebody, or a twin of this call, was faster. */
const DECIDED_MEANWHILE: ReadonlySet<ApiErrorCode> = new Set([
  'REFUND_ALREADY_DECIDED',
  'SECOND_APPROVER_MUST_DIFFER',
])
