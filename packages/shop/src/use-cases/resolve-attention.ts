/** @module Say what was done about something that needed a person; accept or send back money that did not fit. */
import type { AttentionItem } from '@yuanlu/contract'
import { moved, type Step, stale } from '../machine.ts'
import { acceptEntry } from '../order/journal.ts'
import { type Attention, type Order, orderAfter } from '../order/order.ts'
import { toIso } from '../order/present.ts'
import { stepClosed } from '../order/steps.ts'
import type { ShopDeps } from '../ports.ts'
import { withOrphanRefund } from '../refund/steps.ts'
import { accept, type Result, refuse } from '../refusal.ts'
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
  const where = await deps.store.attention.find(input.id)
  if (where === null) return refuse('NOT_FOUND', 'there is no such thing')
  const now = deps.clock()
  if (where.orderId === null) {
    await deps.store.attention.resolveStray({ id: input.id, at: now, note: input.note })
    return accept({ id: input.id, kind: 'unknownTrade', since: toIso(now), summary: input.note })
  }
  const change = await changeOrder(deps.store.orders, where.orderId, (order) =>
    stepResolved(order, input, { now, notifyUrl: deps.gateway.refundNotifyUrl }),
  )
  const attention = change?.order.attention.find((a) => a.id === input.id)
  if (change === null || attention === undefined) return refuse('NOT_FOUND', 'there is no such thing')
  if (change.step.kind === 'stale') return refuse('INVALID_INPUT', change.step.why, { field: 'action' })
  deps.log.info('attention.resolved', { id: input.id, action: input.action })
  for (const refund of change.order.refunds)
    for (const transfer of refund.transfers)
      if (transfer.attempts === 0 && transfer.state === 'submitting')
        await advanceTransfer(deps, change.order.id, transfer.request.outRefundNo)
  return accept(present(change.order, attention))
}

const present = (order: Order, attention: Attention): AttentionItem => ({
  id: attention.id,
  kind: attention.kind,
  orderId: order.id,
  ...(attention.refundId === undefined ? {} : { refundId: attention.refundId }),
  since: toIso(attention.since),
  summary: attention.summary,
})

const stepResolved = (
  order: Order,
  input: ResolveInput,
  at: { readonly now: number; readonly notifyUrl: string },
): Step<Order> => {
  const attention = order.attention.find((a) => a.id === input.id)
  if (attention === undefined) return stale('there is no such thing')
  if (attention.resolvedAt !== null) return { kind: 'unchanged' }
  const resolved: Order = {
    ...order,
    attention: order.attention.map((a) => (a.id === input.id ? { ...a, resolvedAt: at.now } : a)),
  }
  const misplaced = order.misplaced.find((m) => `${m.kind}-${m.transactionId}` === attention.id)
  const waits = attention.kind === 'amountMismatch' || attention.kind === 'payerMismatch'
  if (!waits || misplaced === undefined)
    return input.action === null
      ? moved(resolved)
      : stale('action: only money that waits for a decision has one')
  if (input.action === null) return stale('action: is required, accept or refund')
  if (input.action === 'refund') {
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
  if (state === null || order.payment === null || misplaced.currency !== 'CNY')
    return stale('action: this money cannot be accepted as the payment')
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
