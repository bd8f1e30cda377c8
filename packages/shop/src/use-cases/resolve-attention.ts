/** @module Say what was done about something that needed a person; accept or send back money that did not fit. */
import type { AttentionItem } from '@yuanlu/contract'
import { moved, type Step, stale, unchanged } from '../machine.ts'
import { acceptEntry } from '../order/journal.ts'
import {
  type Attention,
  type MisplacedPayment,
  type Order,
  orderAfter,
  type Resolution,
} from '../order/order.ts'
import { presentMisplaced, toIso } from '../order/present.ts'
import { stepClosed } from '../order/steps.ts'
import type { FoundAttention, ShopDeps } from '../ports.ts'
import { suspendedFen } from '../refund/refund-money.ts'
import { withOrphanRefund } from '../refund/steps.ts'
import { accept, type Refusal, type Result, refuse } from '../refusal.ts'
import { advanceTransfer } from './advance-transfer.ts'
import { changeOrder } from './change-order.ts'

export interface ResolveInput {
  readonly by: string
  readonly id: string
  readonly note: string
  readonly action: 'accept' | 'refund' | null
}

export const resolveAttention = async (
  deps: ShopDeps,
  input: ResolveInput,
): Promise<Result<AttentionItem>> => {
  const found = await deps.store.attention.find(input.id)
  if (found === null) return refuse('NOT_FOUND', 'there is no such thing')
  if (found.orderId === null) return resolveStray(deps, input, found)
  const order = await deps.store.orders.get(found.orderId)
  if (order === null) return refuse('NOT_FOUND', 'there is no such thing')
  let refusal = refuseResolution(order, input) ?? (await refuseGoneMoney(deps, order, input))
  if (refusal !== null) return { ok: false, refusal }
  const now = deps.clock()
  const decide = (o: Order): Step<Order> => {
    refusal = refuseResolution(o, input)
    if (refusal !== null) return stale(refusal.code)
    return stepResolved(o, input, { now, notifyUrl: deps.gateway.refundNotifyUrl })
  }
  const change = await changeOrder(deps.store.orders, order.id, decide, order)
  if (refusal !== null) return { ok: false, refusal }
  const attention = change?.order.attention.find((a) => a.id === input.id)
  if (change === null || attention === undefined) return refuse('NOT_FOUND', 'there is no such thing')
  if (change.step.kind !== 'moved') return accept(present(change.order, attention))
  deps.log.info('attention.resolved', { id: input.id, action: input.action })
  for (const refund of change.order.refunds)
    for (const transfer of refund.transfers)
      if (transfer.attempts === 0 && transfer.state === 'submitting')
        await advanceTransfer(deps, change.order.id, transfer.request.outRefundNo)
  return accept(present(change.order, attention))
}

/** Money for a trade that no order knows. Of two who are as fast, the store's answer afterwards says who was first. */
const resolveStray = async (
  deps: ShopDeps,
  input: ResolveInput,
  found: FoundAttention,
): Promise<Result<AttentionItem>> => {
  const { by, id, note, action } = input
  if (action !== null) return { ok: false, refusal: NO_ACTION }
  const isOpen = found.resolvedAt === null
  if (isOpen) await deps.store.attention.resolveStray({ id, at: deps.clock(), by, note })
  const { resolution } = (isOpen ? await deps.store.attention.find(id) : found) ?? found
  if (!isSameResolution(resolution, input)) return { ok: false, refusal: RESOLVED_ALREADY }
  if (isOpen) deps.log.info('attention.resolved', { id, action })
  return accept(found.item)
}

/** The same person repeating the same decision gets the present state. */
const isSameResolution = (resolution: Resolution | null, { by, action, note }: ResolveInput): boolean =>
  resolution?.by === by && resolution.action === action && resolution.note === note

const RESOLVED_ALREADY: Refusal = { code: 'REFUND_ALREADY_DECIDED', message: 'this was resolved already' }

const present = (order: Order, attention: Attention): AttentionItem => ({
  id: attention.id,
  kind: attention.kind,
  orderId: order.id,
  ...(attention.refundId === undefined ? {} : { refundId: attention.refundId }),
  since: toIso(attention.since),
  summary: attention.summary,
  ...presentMisplaced(order, attention.id),
})

const NO_ACTION: Refusal = {
  code: 'INVALID_INPUT',
  message: 'action: only money that waits for a decision has one',
  details: { field: 'action' },
}

/** The money that waits for a decision, or null where a note is enough. */
const waitingMoney = (order: Order, { id, kind }: Attention): MisplacedPayment | null =>
  kind === 'amountMismatch' || kind === 'payerMismatch'
    ? (order.misplaced.find((m) => `${m.kind}-${m.transactionId}` === id) ?? null)
    : null

const refuseResolution = (order: Order, input: ResolveInput): Refusal | null => {
  const { by, action } = input
  const attention = order.attention.find((a) => a.id === input.id)
  if (attention === undefined) return { code: 'NOT_FOUND', message: 'there is no such thing' }
  if (action !== null && order.buyerOpenid === by)
    return { code: 'OWN_REQUEST', message: 'nobody decides on money of their own order' }
  if (attention.resolvedAt !== null)
    return isSameResolution(attention.resolution ?? null, input) ? null : RESOLVED_ALREADY
  const misplaced = waitingMoney(order, attention)
  if (misplaced === null) return action === null ? null : NO_ACTION
  if (action === null)
    return { ...NO_ACTION, message: 'action: is required for money that waits, accept or refund' }
  if (action === 'refund') return null
  if (misplaced.currency !== 'CNY' || order.payment === null)
    return { ...NO_ACTION, message: 'action: this money can never be the payment; send it back' }
  if (order.state === 'closed')
    return { code: 'ORDER_CLOSED', message: 'the order closed meanwhile; send the money back' }
  if (orderAfter(order.state, 'paid') === null)
    return { code: 'ORDER_ALREADY_PAID', message: 'the order was paid meanwhile; send the money back' }
  if (suspendedFen(order, misplaced) < misplaced.amountFen) return PARTLY_BACK
  return null
}

const PARTLY_BACK: Refusal = {
  code: 'REFUND_ALREADY_DECIDED',
  message: 'part of this money went back in the merchant platform already; send back the rest',
}

/**
 * Goods are given for money that is accepted, and it may have been sent back in the merchant platform without our having
 * heard of it yet: WeChat Pay is asked whether it is still there.
 */
const refuseGoneMoney = async (
  deps: ShopDeps,
  order: Order,
  { id, action }: ResolveInput,
): Promise<Refusal | null> => {
  const attention = order.attention.find((a) => a.id === id && a.resolvedAt === null)
  const misplaced = attention === undefined ? null : waitingMoney(order, attention)
  if (action !== 'accept' || misplaced === null || order.payment === null) return null
  const answer = await deps.gateway.queryTrade(order.payment.trade)
  if (answer.kind !== 'paid') {
    deps.log.warn('attention.query-unclear', { id, answer: answer.kind })
    return {
      code: 'PAYMENT_UNCERTAIN',
      message: 'WeChat Pay does not say clearly that the money is here; ask again',
    }
  }
  if (answer.refunded)
    return { code: 'REFUND_IN_PROGRESS', message: 'WeChat Pay says that money of this payment goes back' }
  return null
}

/** What `refuseResolution` lets through. */
const stepResolved = (
  order: Order,
  input: ResolveInput,
  at: { readonly now: number; readonly notifyUrl: string },
): Step<Order> => {
  const attention = order.attention.find((a) => a.id === input.id)
  if (attention === undefined) return stale('there is no such thing')
  if (attention.resolvedAt !== null) return unchanged
  const { by, action, note } = input
  const resolved: Order = {
    ...order,
    attention: order.attention.map((a) =>
      a.id === input.id ? { ...a, resolvedAt: at.now, resolution: { by, action, note } } : a,
    ),
  }
  const misplaced = waitingMoney(order, attention)
  if (misplaced === null) return moved(resolved)
  if (action === 'refund') {
    // Its number was paid once and cannot be paid again: the order closes with the money that leaves.
    const closed = stepClosed(resolved, at.now)
    const left = closed.kind === 'moved' ? closed.next : resolved
    return moved(
      withOrphanRefund(left, misplaced, {
        now: at.now,
        settings: { notifyUrl: at.notifyUrl },
        reason: '支付金额与订单不符，原路退回',
      }),
    )
  }
  const state = orderAfter(order.state, 'paid')
  if (state === null || order.payment === null) return stale('the order takes no payment')
  return moved({
    ...resolved,
    state,
    closing: null,
    paidAt: misplaced.paidAt,
    payment: {
      ...order.payment,
      state: 'paid',
      transactionId: misplaced.transactionId,
      paidFen: misplaced.amountFen,
    },
    journal: [
      ...order.journal,
      acceptEntry({ transactionId: misplaced.transactionId, amountFen: misplaced.amountFen, at: at.now }),
    ],
  })
}
