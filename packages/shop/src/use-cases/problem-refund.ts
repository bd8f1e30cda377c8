/** @module The ways out of a refund that is a problem: again, elsewhere, off-line, or given up. */
import type { ApiErrorCode, Refund as RefundView } from '@yuanlu/contract'
import { unchanged } from '../machine.ts'
import { offlineEntry } from '../order/journal.ts'
import { digestOf } from '../order/order-id.ts'
import type { BankCard, ShopDeps } from '../ports.ts'
import { latestTransfer, type Refund, type Transfer } from '../refund/refund.ts'
import {
  standsStill,
  stepAbandoned,
  stepRedirecting,
  stepRedirectRefused,
  stepResubmitted,
  stepSentToMerchantCard,
  stepSettledOffline,
  wentToMerchantCard,
} from '../refund/steps.ts'
import { type Result, refuse } from '../refusal.ts'
import { type Change, changeOrder } from './change-order.ts'
import { answerDecision, tryTransfer } from './decide-refund.ts'
import { findRefund, type RefundOfOrder } from './find-refund.ts'

interface ByStaff {
  readonly by: string
  readonly refundId: string
}

const findProblem = async (
  deps: ShopDeps,
  input: ByStaff,
): Promise<Result<RefundOfOrder & { readonly transfer: Transfer }>> => {
  const found = await findRefund(deps, input.refundId)
  if (!found.ok) return found
  const { order, refund } = found.value
  if (order.buyerOpenid === input.by)
    return refuse('OWN_REQUEST', 'nobody decides on a refund of their own order')
  const transfer = latestTransfer(refund)
  if (transfer === null) return refuse('NOT_RESUBMITTABLE', 'no money was sent yet')
  return { ok: true, value: { order, refund, transfer } }
}

/** The same number again after a refusal, a new number after a queried CLOSED. */
export const resubmitRefund = async (deps: ShopDeps, input: ByStaff): Promise<Result<RefundView>> => {
  const found = await findProblem(deps, input)
  if (!found.ok) return found
  const { order, refund, transfer } = found.value
  // A double tap finds the refund on its way already.
  if (wasResubmittedBy(input.by, refund)) return tryTransfer(deps, order, refund.id)
  if (refund.state !== 'problem' || (transfer.state !== 'failed' && transfer.state !== 'closed'))
    return refuse('NOT_RESUBMITTABLE', `a refund that is ${transfer.state} is not sent again`)
  const actor = { by: input.by, at: deps.clock() }
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => stepResubmitted(o, refund.id, { actor, settings: { notifyUrl: deps.gateway.refundNotifyUrl } }),
    order,
  )
  if (change?.step.kind !== 'moved')
    return answerTwin(change, refund.id, {
      isTwin: (now) => wasResubmittedBy(input.by, now),
      code: 'NOT_RESUBMITTABLE',
    })
  deps.log.info('refund.resubmitted', { refundId: refund.id, from: transfer.state })
  return tryTransfer(deps, change.order, refund.id)
}

/** On its way because this person said so, and not to a card: nothing happened to it since. */
const wasResubmittedBy = (by: string, refund: Refund): boolean => {
  const last = refund.timeline.at(-1)
  const isOnItsWay = refund.state === 'refunding' && latestTransfer(refund)?.cardMark === undefined
  return isOnItsWay && last?.event === 'resumed' && last.actor === by
}

/** Somebody was faster: a twin of this very call is answered with the present state, anybody else is too late. */
const answerTwin = (
  change: Change | null,
  refundId: string,
  { isTwin, code }: { readonly isTwin: (refund: Refund) => boolean; readonly code: ApiErrorCode },
): Result<RefundView> => {
  const refund = change?.order.refunds.find((r) => r.id === refundId)
  return refund !== undefined && isTwin(refund)
    ? answerDecision(change, refundId, () => true)
    : refuse(code, 'the refund moved on meanwhile')
}

/** An abnormal refund (异常退款) goes to a bank card. To the merchant's own card it stays a problem until recorded. */
export const redirectRefund = async (
  deps: ShopDeps,
  input: ByStaff & { readonly card: BankCard },
): Promise<Result<RefundView>> => {
  const found = await findProblem(deps, input)
  if (!found.ok) return found
  const { order, refund, transfer } = found.value
  const cardMark = markOf(refund.id, input.card)
  // The money went there already: WeChat Pay is not told twice.
  if (wasRedirectedBy(input.by, refund, cardMark))
    return answerDecision({ order, step: unchanged }, refund.id, () => true)
  if (transfer.toMerchantCard && (cardMark !== null || wentToMerchantCard(refund)))
    return refuse('NOT_RESUBMITTABLE', 'the money goes to the merchant’s card already')
  if (transfer.state !== 'abnormal' || transfer.wxRefundId === null)
    return refuse('NOT_RESUBMITTABLE', `a refund that is ${transfer.state} is not sent to a card`)
  if (transfer.request.api === 'v2')
    return refuse('NOT_RESUBMITTABLE', 'an APIv2 refund is sent to a card in the merchant platform')
  const actor = { by: input.by, at: deps.clock() }
  // Written down first: when the answer is lost, nobody may take the transfer for one that was never sent anywhere.
  const written = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => stepRedirecting(o, refund.id, { actor, cardMark }),
    order,
  )
  if (written === null || written.step.kind === 'stale')
    return answerTwin(written, refund.id, {
      isTwin: (now) => wasRedirectedBy(input.by, now, cardMark),
      code: 'NOT_RESUBMITTABLE',
    })
  const answer = await deps.gateway.redirectRefund(transfer.request, transfer.wxRefundId, input.card)
  if (answer.kind === 'refused' || answer.kind === 'notSent')
    await changeOrder(deps.store.orders, order.id, (o) => stepRedirectRefused(o, refund.id, deps.clock()))
  if (answer.kind === 'refused')
    return refuse('WECHAT_REFUSED', `WeChat Pay refused: ${answer.apiCode}`, { apiCode: answer.apiCode })
  if (answer.kind === 'notSent') return refuse('UNAVAILABLE', 'WeChat Pay cannot be reached right now')
  if (answer.kind === 'unknown')
    return refuse('PAYMENT_UNCERTAIN', 'WeChat Pay did not answer clearly; look again in a minute')
  deps.log.info('refund.redirected', { refundId: refund.id, to: input.card.to })
  const change = await changeOrder(deps.store.orders, order.id, (o) =>
    stepSentToMerchantCard(o, refund.id, actor),
  )
  return answerDecision(change, refund.id, () => true)
}

/** Tells a shopper's cards apart, and is too short to say which one it was; null: the merchant's own. */
const markOf = (refundId: string, card: BankCard): string | null =>
  card.to === 'merchantBankCard'
    ? null
    : digestOf([refundId, card.bankType, card.bankAccount, card.realName]).slice(0, 4)

const wasRedirectedBy = (by: string, refund: Refund, cardMark: string | null): boolean => {
  const transfer = latestTransfer(refund)
  if (transfer === null) return false
  // Abnormal again, it may go to the same card again.
  const there =
    cardMark === null
      ? transfer.toMerchantCard
      : transfer.cardMark === cardMark && transfer.state !== 'abnormal'
  const event = cardMark === null ? 'sentToMerchantCard' : 'resumed'
  return there && refund.timeline.findLast((entry) => entry.event === event)?.actor === by
}

/** Recorded, with proof, that the money went back another way. */
export const settleRefundOffline = async (
  deps: ShopDeps,
  input: ByStaff & { readonly proof: string },
): Promise<Result<RefundView>> => {
  const found = await findProblem(deps, input)
  if (!found.ok) return found
  const { order, refund, transfer } = found.value
  if (refund.state === 'problem' && !standsStill(transfer))
    return refuse('REFUND_IN_PROGRESS', 'the money may still arrive by itself')
  const actor = { by: input.by, at: deps.clock() }
  const entry = offlineEntry({ refundId: refund.id, amountFen: refund.amountFen, at: actor.at })
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => stepSettledOffline(o, refund.id, { actor, proof: input.proof, entry }),
    order,
  )
  if (change?.step.kind === 'moved') deps.log.info('refund.settled-offline', { refundId: refund.id })
  return answerDecision(change, refund.id, (r) => {
    const last = r.timeline.at(-1)
    return last?.actor === input.by && last.note === input.proof
  })
}

/** Released, so that it can be refunded again. WeChat Pay is asked once more before that. */
export const abandonRefund = async (
  deps: ShopDeps,
  input: ByStaff & { readonly reason: string },
): Promise<Result<RefundView>> => {
  const found = await findProblem(deps, input)
  if (!found.ok) return found
  const { order, refund, transfer } = found.value
  const wasAbandonedSo = ({ timeline }: Refund): boolean => {
    const abandoned = timeline.find((entry) => entry.event === 'abandoned')
    return abandoned?.actor === input.by && abandoned.note === input.reason
  }
  if (refund.timeline.some((entry) => entry.event === 'abandoned'))
    return answerDecision({ order, step: unchanged }, refund.id, wasAbandonedSo)
  if (transfer.state !== 'closed' && transfer.state !== 'failed')
    return refuse('REFUND_IN_PROGRESS', 'the money may still move')
  const answer = await deps.gateway.queryRefund(transfer.request)
  const dead = answer.kind === 'missing' || (answer.kind === 'reported' && answer.news.status === 'closed')
  if (!dead) return refuse('REFUND_IN_PROGRESS', 'WeChat Pay does not say that the money stays here')
  const actor = { by: input.by, at: deps.clock() }
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => stepAbandoned(o, refund.id, { actor, reason: input.reason }),
    order,
  )
  if (change?.step.kind !== 'moved')
    return answerTwin(change, refund.id, { isTwin: wasAbandonedSo, code: 'REFUND_IN_PROGRESS' })
  deps.log.info('refund.abandoned', { refundId: refund.id })
  return answerDecision(change, refund.id, () => true)
}
