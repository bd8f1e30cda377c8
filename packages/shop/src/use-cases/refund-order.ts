/** @module Refund an order without a shopper's request: staff ask and approve in one go, the same rules hold. */
import type { ApiErrorCode, Fen, Refund as RefundView } from '@yuanlu/contract'
import { type Instant, isVisible } from '../order/order.ts'
import type { ShopDeps } from '../ports.ts'
import { presentRefund } from '../refund/present.ts'
import type { Refund } from '../refund/refund.ts'
import { stepAnswered } from '../refund/steps.ts'
import { accept, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { type Approval, giveApproval, presentFound } from './decide-refund.ts'
import { findRefund, type RefundOfOrder } from './find-refund.ts'
import { addRefund, draftRefund } from './request-refund.ts'

/** So long the call that approves may be under way: its turn among refunds, and WeChat Pay's answer. */
const FIRST_CALL_MS = 20_000
/** So long a twin waits for it: it may run in a cloud function, which has ten seconds. */
const LONGEST_WAIT_MS = 8_000
/** How often a twin looks whether it was answered. */
const LOOK_EVERY_MS = 250

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
  const approval = await approveOwn(deps, added.value, input)
  if (!approval.ok) return approval
  if (!approval.value.isNew) return answerLikeTwin(deps, { by: input.by, refundId: refund.id })
  // Written by the call that approved alone: what others saw meanwhile may be half of what happened.
  const firstAnswer = approval.value.refund
  await changeOrder(deps.store.orders, order.id, (o) => stepAnswered(o, refund.id, firstAnswer))
  return accept(firstAnswer)
}

/** Approves once, whoever repeats it: what a twin or somebody else decided meanwhile is the answer, not a refusal. */
const approveOwn = async (
  deps: ShopDeps,
  { order, refund }: RefundOfOrder,
  { by, amountFen }: { readonly by: string; readonly amountFen: Fen },
): Promise<Result<Approval>> => {
  if (refund.state !== 'requested' || refund.approvals.some((approval) => approval.by === by))
    return accept({ refund: presentRefund(order, refund), isNew: false })
  const approval = await giveApproval(deps, { by, refundId: refund.id, amountFen, note: null })
  if (approval.ok || !DECIDED_MEANWHILE.has(approval.refusal.code)) return approval
  return accept({ refund: presentRefund(order, refund), isNew: false })
}

/** What an approval is refused with when somebody, or a twin of this call, was faster. */
const DECIDED_MEANWHILE: ReadonlySet<ApiErrorCode> = new Set([
  'REFUND_ALREADY_DECIDED',
  'SECOND_APPROVER_MUST_DIFFER',
])

/**
 * What the call that approved is answered, once it is: while WeChat Pay may be about to answer that one, this one waits.
 * A call that was cut off never is: then the refund as it now stands.
 */
const answerLikeTwin = async (
  deps: ShopDeps,
  { by, refundId }: { readonly by: string; readonly refundId: string },
): Promise<Result<RefundView>> => {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const found = await findRefund(deps, refundId)
    if (!found.ok) return found
    const { refund } = found.value
    if (refund.firstAnswer !== undefined) return accept(refund.firstAnswer)
    if (waitedMs >= LONGEST_WAIT_MS || !isBeingSent(refund, by, deps.clock()))
      return accept(presentFound(found.value))
    await deps.pause(LOOK_EVERY_MS)
  }
}

/** True while the call by which this person approved may not have heard WeChat Pay's answer yet. */
const isBeingSent = (refund: Refund, by: string, now: Instant): boolean => {
  const [transfer] = refund.transfers
  if (transfer === undefined || refund.decidedBy !== by || refund.decidedAt === null) return false
  if (now - refund.decidedAt >= FIRST_CALL_MS) return false
  const { state, attempts, sentAt, nextAttemptAt, reasonCode } = transfer
  // Not sent before its turn has come, and with a refusal that came unsigned WeChat Pay is asked once more.
  return state === 'submitting'
    ? sentAt !== null || (attempts === 0 && nextAttemptAt !== null && nextAttemptAt <= now)
    : state === 'unknown' && reasonCode !== null
}
