/** @module Decisions about a refund: by the shopper, by staff, and by a deadline that nobody met. */
import { type Fen, LIMITS, type Refund as RefundView } from '@yuanlu/contract'
import { stale } from '../machine.ts'
import type { Instant, Order } from '../order/order.ts'
import type { ShopDeps } from '../ports.ts'
import { presentRefund } from '../refund/present.ts'
import { latestTransfer, type Refund, reservesMoney } from '../refund/refund.ts'
import { approvableFen } from '../refund/refund-money.ts'
import {
  type Actor,
  SYSTEM,
  stepApproved,
  stepFirstApproval,
  stepGoodsReceived,
  stepGoodsSent,
  stepRejected,
  stepWithdrawn,
} from '../refund/steps.ts'
import { accept, type Refusal, type Result, refuse } from '../refusal.ts'
import { advanceTransfer } from './advance-transfer.ts'
import { type Change, changeOrder } from './change-order.ts'
import { findOwnRefund, findRefund, type RefundOfOrder } from './find-refund.ts'

const transferSettings = (deps: ShopDeps) => ({ notifyUrl: deps.gateway.refundNotifyUrl })

// ---------------------------------------------------------------- the shopper

export const withdrawRefund = async (
  deps: ShopDeps,
  input: { readonly buyerOpenid: string; readonly refundId: string },
): Promise<Result<RefundView>> => {
  const found = await findOwnRefund(deps, input)
  if (!found.ok) return found
  const actor = { by: input.buyerOpenid, at: deps.clock() }
  const change = await changeOrder(
    deps.store.orders,
    found.value.order.id,
    (o) => stepWithdrawn(o, input.refundId, actor),
    found.value.order,
  )
  return answerDecision(change, input.refundId, (refund) => refund.state === 'withdrawn')
}

export const returnGoods = async (
  deps: ShopDeps,
  input: {
    readonly buyerOpenid: string
    readonly refundId: string
    readonly carrier: string
    readonly trackingNo: string
  },
): Promise<Result<RefundView>> => {
  const found = await findOwnRefund(deps, input)
  if (!found.ok) return found
  const { carrier, trackingNo } = input
  const actor = { by: input.buyerOpenid, at: deps.clock() }
  const change = await changeOrder(
    deps.store.orders,
    found.value.order.id,
    (o) => stepGoodsSent(o, input.refundId, { actor, carrier, trackingNo }),
    found.value.order,
  )
  return answerDecision(
    change,
    input.refundId,
    (refund) => refund.returnShipment?.carrier === carrier && refund.returnShipment.trackingNo === trackingNo,
  )
}

// ---------------------------------------------------------------- staff

export interface ApproveInput {
  readonly by: string
  readonly refundId: string
  /** What the approver saw. */
  readonly amountFen: Fen
  readonly note: string | null
}

/** Commits the decision, then tries the transfer once; whatever WeChat Pay answers, the decision stands. */
export const approveRefund = async (deps: ShopDeps, input: ApproveInput): Promise<Result<RefundView>> => {
  const approval = await giveApproval(deps, input)
  return approval.ok ? accept(approval.value.refund) : approval
}

export interface Approval {
  readonly refund: RefundView
  /** False where the same approval had been given before: of twins, one gives it. */
  readonly isNew: boolean
}

/** Approves, and says whether this very call did. */
export const giveApproval = async (deps: ShopDeps, input: ApproveInput): Promise<Result<Approval>> => {
  const found = await findRefund(deps, input.refundId)
  if (!found.ok) return found
  if (found.value.order.buyerOpenid === input.by)
    return refuse('OWN_REQUEST', 'nobody decides on a refund of their own order')
  const actor: Actor = { by: input.by, at: deps.clock() }
  let refusal: Refusal | null = null
  const change = await changeOrder(
    deps.store.orders,
    found.value.order.id,
    (order) => {
      const refund = order.refunds.find((r) => r.id === input.refundId)
      if (refund === undefined) return stale('there is no such refund')
      refusal = refuseApproval(deps, order, { refund, approve: input, now: actor.at })
      if (refusal !== null) return stale(refusal.code)
      if (needsSecond(deps, order, refund) && refund.approvals.length === 0)
        return stepFirstApproval(order, refund.id, { actor, note: input.note })
      return stepApproved(order, refund.id, {
        actor,
        note: input.note,
        settings: transferSettings(deps),
        returnBy: actor.at + deps.settings.returnMs,
      })
    },
    found.value.order,
  )
  if (refusal !== null) return { ok: false, refusal }
  const answer = answerDecision(change, input.refundId, (refund) => wasApprovedLike(refund, input))
  if (!answer.ok) return answer
  if (change?.step.kind !== 'moved') return accept({ refund: answer.value, isNew: false })
  deps.log.info('refund.approved', { refundId: input.refundId, amountFen: input.amountFen })
  const tried = await tryTransfer(deps, change.order, input.refundId)
  return tried.ok ? accept({ refund: tried.value, isNew: true }) : tried
}

/** The same person approved the same amount with the same note. */
const wasApprovedLike = (refund: Refund, { by, amountFen, note }: ApproveInput): boolean =>
  refund.decidedBy === by &&
  refund.amountFen === amountFen &&
  refund.timeline.some(
    (entry) =>
      (entry.event === 'approved' || entry.event === 'approvedForReturn') &&
      entry.actor === by &&
      entry.note === note,
  )

const refuseApproval = (
  deps: ShopDeps,
  order: Order,
  input: { readonly refund: Refund; readonly approve: ApproveInput; readonly now: Instant },
): Refusal | null => {
  const { refund, approve, now } = input
  // The same person repeating the same decision gets the present state, handled by the caller.
  if (refund.state !== 'requested') return null
  if (approve.amountFen !== refund.amountFen)
    return {
      code: 'AMOUNT_CHANGED',
      message: 'the request asks for another amount',
      details: { amountFen: refund.amountFen },
    }
  if (needsSecond(deps, order, refund) && refund.approvals.some((a) => a.by === approve.by))
    return { code: 'SECOND_APPROVER_MUST_DIFFER', message: 'somebody else has to give the second approval' }
  return refuseTransfer(order, refund, now)
}

/** WeChat Pay would refuse for certain: its window closed, or money went back elsewhere after this was asked for. */
const refuseTransfer = (order: Order, refund: Refund, now: Instant): Refusal | null => {
  if (order.paidAt !== null && now - order.paidAt > LIMITS.refundWindowMs)
    return {
      code: 'REFUND_WINDOW_CLOSED',
      message: 'a payment can be refunded for 365 days; reject the request',
    }
  const leftFen = approvableFen(order, refund.id)
  if (refund.amountFen > leftFen)
    return {
      code: 'REFUND_EXCEEDS_BALANCE',
      message: 'money went back meanwhile, and less is left than was asked for; reject the request',
      details: { refundableFen: leftFen },
    }
  return null
}

/** From a certain sum of an order's refunds on, this one included, two different people must approve. */
const needsSecond = (deps: ShopDeps, order: Order, refund: Refund): boolean => {
  const { secondApprovalFen } = deps.settings
  if (secondApprovalFen === null) return false
  const decided = order.refunds.filter(
    (r) => r.id === refund.id || (reservesMoney(r) && r.state !== 'requested' && !r.source.suspense),
  )
  return decided.reduce((sum, r) => sum + r.amountFen, 0) >= secondApprovalFen
}

export const rejectRefund = async (
  deps: ShopDeps,
  input: { readonly by: string; readonly refundId: string; readonly reason: string },
): Promise<Result<RefundView>> => {
  const found = await findRefund(deps, input.refundId)
  if (!found.ok) return found
  if (found.value.order.buyerOpenid === input.by)
    return refuse('OWN_REQUEST', 'nobody decides on a refund of their own order')
  const actor = { by: input.by, at: deps.clock() }
  const change = await changeOrder(
    deps.store.orders,
    found.value.order.id,
    (o) => stepRejected(o, input.refundId, { actor, reason: input.reason }),
    found.value.order,
  )
  return answerDecision(
    change,
    input.refundId,
    (refund) =>
      refund.state === 'rejected' && refund.decidedBy === input.by && refund.rejectReason === input.reason,
  )
}

/** Staff confirm that the goods came back: only now the money moves. */
export const receiveReturn = async (
  deps: ShopDeps,
  input: { readonly by: string; readonly refundId: string },
): Promise<Result<RefundView>> => {
  const found = await findRefund(deps, input.refundId)
  if (!found.ok) return found
  if (found.value.order.buyerOpenid === input.by)
    return refuse('OWN_REQUEST', 'nobody decides on a refund of their own order')
  const actor = { by: input.by, at: deps.clock() }
  const change = await changeOrder(
    deps.store.orders,
    found.value.order.id,
    (o) => stepGoodsReceived(o, input.refundId, { actor, settings: transferSettings(deps) }),
    found.value.order,
  )
  const answer = answerDecision(change, input.refundId, (refund) =>
    refund.timeline.some((entry) => entry.event === 'goodsReceived' && entry.actor === input.by),
  )
  if (!answer.ok || change?.step.kind !== 'moved') return answer
  return tryTransfer(deps, change.order, input.refundId)
}

/** After a committed decision: the transfer is tried once; jobs do the rest. */
export const tryTransfer = async (
  deps: ShopDeps,
  order: Order,
  refundId: string,
): Promise<Result<RefundView>> => {
  const transfer = latestTransfer(order.refunds.find((r) => r.id === refundId) ?? { transfers: [] })
  if (transfer !== null) await advanceTransfer(deps, order.id, transfer.request.outRefundNo)
  const fresh = await findRefund(deps, refundId)
  return fresh.ok ? accept(presentRefund(fresh.value.order, fresh.value.refund)) : fresh
}

/** A moved decision, or one that was made just so before, is answered with the present state; else it is too late. */
export const answerDecision = (
  change: Change | null,
  refundId: string,
  isRepeat: (refund: Refund) => boolean,
): Result<RefundView> => {
  const refund = change?.order.refunds.find((r) => r.id === refundId)
  if (change === null || refund === undefined) return refuse('NOT_FOUND', 'there is no such refund')
  if (change.step.kind !== 'moved' && !isRepeat(refund))
    return refuse('REFUND_ALREADY_DECIDED', `the refund is ${refund.state}`, { status: refund.state })
  return accept(presentRefund(change.order, refund))
}

// ---------------------------------------------------------------- deadlines

/** An undecided request is approved, a return that was never sent is withdrawn: executed, not printed. */
export const meetDeadline = async (deps: ShopDeps, orderId: string, refundId: string): Promise<void> => {
  const actor: Actor = { by: SYSTEM, at: deps.clock() }
  const order = await deps.store.orders.get(orderId)
  const refund = order?.refunds.find((r) => r.id === refundId)
  if (order === null || refund === undefined) return
  if (refund.state !== 'requested') {
    await changeOrder(deps.store.orders, orderId, (o) => stepWithdrawn(o, refundId, actor), order)
    return
  }
  const byStaff = (await deps.store.staff.roleOf(order.buyerOpenid)) !== null
  const change = await changeOrder(
    deps.store.orders,
    orderId,
    (o) => {
      const now = o.refunds.find((r) => r.id === refundId)
      if (now === undefined || now.state !== 'requested') return stale('decided meanwhile')
      // Large sums, goods on their way, staff's own orders and what can't be paid any more are for people: the deadline
      // goes, the request stays.
      const isForPeople = byStaff || o.shippedAt !== null || needsSecond(deps, o, now)
      if (isForPeople || refuseTransfer(o, now, actor.at) !== null) return stepDeadlineGone(o, now)
      return stepApproved(o, refundId, {
        actor,
        note: null,
        settings: transferSettings(deps),
        returnBy: actor.at + deps.settings.returnMs,
      })
    },
    order,
  )
  if (change?.step.kind === 'moved') await tryTransfer(deps, change.order, refundId)
}

const stepDeadlineGone = (order: Order, refund: Refund) => ({
  kind: 'moved' as const,
  next: {
    ...order,
    refunds: order.refunds.map((r) => (r.id === refund.id ? { ...r, deadlineAt: null } : r)),
  },
})

/** For lists and pages of staff. */
export const presentFound = ({ order, refund }: RefundOfOrder): RefundView => presentRefund(order, refund)
