/** @module Every decision about an order, as pure functions: an order and news in, the next order out. */
import type { Delivery, Fen } from '@yuanlu/contract'
import { moved, type Step, stale, unchanged } from '../machine.ts'
import {
  nextAskAt,
  type PaidNews,
  type Payment,
  paymentAfter,
  type TradeRequest,
} from '../payment/payment.ts'
import { withOrphanRefund } from '../refund/steps.ts'
import { completesAt, PLACING_TIMEOUT_MS } from './due.ts'
import { paymentEntry, suspenseEntry } from './journal.ts'
import {
  type Attention,
  awaitsPerson,
  type Closing,
  type Instant,
  type MisplacedPayment,
  type Order,
  type OrderLine,
  orderAfter,
  type Shipment,
} from './order.ts'

/** A new order, before its stock is reserved. */
export const placingOrder = (input: {
  readonly id: string
  readonly buyerOpenid: string
  readonly lines: readonly OrderLine[]
  readonly delivery: Delivery | null
  readonly remark: string
  readonly requestDigest: string
  readonly now: Instant
  readonly ttlMs: number
}): Order => ({
  id: input.id,
  version: 1,
  buyerOpenid: input.buyerOpenid,
  state: 'placing',
  closing: null,
  lines: input.lines,
  amountFen: input.lines.reduce<Fen>((sum, line) => sum + line.amountFen, 0),
  delivery: input.delivery,
  remark: input.remark,
  requestDigest: input.requestDigest,
  createdAt: input.now,
  expiresAt: input.now + input.ttlMs,
  paidAt: null,
  shippedAt: null,
  completedAt: null,
  closedAt: null,
  shipment: null,
  payment: null,
  stock: 'held',
  misplaced: [],
  refunds: [],
  attention: [],
  journal: [],
  effects: [],
  nextActionAt: input.now + PLACING_TIMEOUT_MS,
})

/** All goods are reserved: the order becomes visible and payable. */
export const stepStocked = (order: Order): Step<Order> => {
  const state = orderAfter(order.state, 'stocked')
  if (state === null) return order.state === 'refused' ? stale('the order was refused') : unchanged
  return moved({ ...order, state })
}

/** The order can't be placed: what it had reserved goes back. */
export const stepRefused = (order: Order): Step<Order> => {
  const state = orderAfter(order.state, 'refused')
  if (state === null) return order.state === 'refused' ? unchanged : stale('the order was placed')
  return moved({ ...order, state, stock: 'releasing' })
}

/** The goods of a refused or closed order are back on the shelf. */
export const stepReleased = (order: Order): Step<Order> =>
  order.stock === 'releasing' ? moved({ ...order, stock: 'released' }) : unchanged

/** First beat: write down that the trade is being sent, with the parameters it will have for ever. */
export const stepSending = (order: Order, input: { trade: TradeRequest; now: Instant }): Step<Order> => {
  if (order.state !== 'awaitingPayment' || order.closing !== null) return stale(`order is ${order.state}`)
  const { now } = input
  const before = order.payment
  if (before === null) {
    return moved({ ...order, payment: newPayment(order, input.trade, now) })
  }
  const state = paymentAfter(before.state, 'sent')
  if (state === null) return stale('the payment is over')
  const payment: Payment = { ...before, state, sentAt: now, askAt: nextAskAt(now, now, order.expiresAt) }
  return moved({ ...order, payment })
}

const newPayment = (order: Order, trade: TradeRequest, now: Instant): Payment => ({
  state: 'submitting',
  trade,
  startedAt: now,
  sentAt: now,
  askAt: nextAskAt(now, now, order.expiresAt),
  prepayId: null,
  prepaidAt: null,
  transactionId: null,
  paidFen: 0,
})

/** Third beat: WeChat Pay has the trade and gave a prepay_id. */
export const stepPrepaid = (order: Order, input: { prepayId: string; now: Instant }): Step<Order> => {
  if (order.payment === null) return stale('no payment was started')
  const state = paymentAfter(order.payment.state, 'prepaid')
  if (state === null || order.state !== 'awaitingPayment') return stale(`order is ${order.state}`)
  return moved({
    ...order,
    payment: { ...order.payment, state, prepayId: input.prepayId, prepaidAt: input.now },
  })
}

/** Third beat, unclear: the trade may exist at WeChat Pay. A job asks; a repeated call sends the same again. */
export const stepUnclear = (order: Order): Step<Order> => {
  if (order.payment === null || order.state !== 'awaitingPayment') return stale(`order is ${order.state}`)
  const state = paymentAfter(order.payment.state, 'unclear')
  if (state === null) return stale('the payment is over')
  if (state === order.payment.state) return unchanged
  return moved({ ...order, payment: { ...order.payment, state } })
}

/** WeChat Pay was asked and knows nothing of a payment yet: ask again later. */
export const stepAsked = (order: Order, now: Instant): Step<Order> => {
  if (order.payment === null || order.state !== 'awaitingPayment') return stale(`order is ${order.state}`)
  if (order.closing !== null) return unchanged
  const askAt = awaitsPerson(order) ? null : nextAskAt(order.payment.sentAt, now, order.expiresAt)
  return askAt === order.payment.askAt ? unchanged : moved({ ...order, payment: { ...order.payment, askAt } })
}

/** A v2 notice whose signature is ambiguous arrived: ask about the trade now instead of believing it. */
export const stepAskSoon = (order: Order, now: Instant): Step<Order> =>
  order.state === 'awaitingPayment' && order.payment !== null && (order.payment.askAt ?? Infinity) > now
    ? moved({ ...order, payment: { ...order.payment, askAt: now } })
    : unchanged

export interface PaidInput {
  readonly news: PaidNews
  readonly now: Instant
  /** Where WeChat Pay reports what is sent back because of it. */
  readonly refundNotifyUrl: string
  /**
   * The trade as we would have made it, for an order that does not remember having made one: a database that was
   * restored from an older copy. Number, amount and payer fit, so the money is this order's all the same.
   */
  readonly trade: TradeRequest
}

/**
 * A payment arrived, verified. Everything is compared with our own order before it is believed; money that
 * does not fit is journaled to suspense and shown to a person, never dropped and never silently kept.
 */
export const stepPaid = (order: Order, input: PaidInput): Step<Order> => {
  const { news, now } = input
  if (news.outTradeNo !== order.id) return stale('this news is about another order')
  if (order.payment?.transactionId === news.transactionId) return unchanged
  if (order.misplaced.some((m) => m.transactionId === news.transactionId)) return unchanged
  const kind = misplacedKind(order, news)
  if (kind !== null) return moved(withMisplaced(order, { ...input, kind }))
  const state = orderAfter(order.state, 'paid')
  if (state === null) return moved(withMisplaced(order, { ...input, kind: 'paidAfterClose' }))
  return moved({
    ...order,
    state,
    closing: null,
    paidAt: news.paidAt,
    payment: {
      ...(order.payment ?? newPayment(order, input.trade, now)),
      state: 'paid',
      transactionId: news.transactionId,
      paidFen: news.totalFen,
    },
    journal: [
      ...order.journal,
      paymentEntry({ transactionId: news.transactionId, amountFen: news.totalFen, at: now }),
    ],
  })
}

const misplacedKind = (order: Order, news: PaidNews): MisplacedPayment['kind'] | null => {
  if (order.payment !== null && order.payment.transactionId !== null) return 'duplicatePayment'
  if (order.state !== 'awaitingPayment') return 'paidAfterClose'
  if (news.currency !== 'CNY' || news.totalFen !== order.amountFen) return 'amountMismatch'
  if (news.payerOpenid !== order.buyerOpenid) return 'payerMismatch'
  return null
}

const SUMMARIES = {
  paidAfterClose: 'paid after the order was closed',
  duplicatePayment: 'a second payment of one order',
  amountMismatch: 'paid another amount or currency than the order asks for',
  payerMismatch: 'paid by somebody else than the shopper who ordered',
} as const satisfies Record<MisplacedPayment['kind'], string>

const withMisplaced = (
  order: Order,
  input: PaidInput & { readonly kind: MisplacedPayment['kind'] },
): Order => {
  const { news, kind, now, refundNotifyUrl } = input
  const { transactionId, totalFen: amountFen, currency, payerOpenid, paidAt } = news
  const attention: Attention = {
    id: `${kind}-${transactionId}`,
    kind,
    since: now,
    summary: `${SUMMARIES[kind]}: order ${order.amountFen} fen CNY, transaction ${transactionId} ${amountFen} fen ${currency}`,
    resolvedAt: null,
  }
  const next: Order = {
    ...order,
    misplaced: [...order.misplaced, { transactionId, kind, amountFen, currency, payerOpenid, paidAt }],
    attention: [...order.attention, attention],
    journal: [...order.journal, suspenseEntry({ transactionId, amountFen, at: now })],
  }
  // Money waits for a person: neither expiry nor a cancellation closes the order under it.
  if (kind === 'amountMismatch' || kind === 'payerMismatch')
    return { ...next, closing: null, payment: next.payment && { ...next.payment, askAt: null } }
  // Nobody has to decide about the others: they go back by themselves, once.
  const misplaced: MisplacedPayment = { transactionId, kind, amountFen, currency, payerOpenid, paidAt }
  // Of a half-placed order, which nobody ever saw, the goods go back too.
  const home: Order = next.state === 'placing' ? { ...next, state: 'refused', stock: 'releasing' } : next
  return withOrphanRefund(home, misplaced, {
    now,
    settings: { notifyUrl: refundNotifyUrl },
    reason: ORPHAN_REASONS[kind],
  })
}

/** What the payer reads. */
const ORPHAN_REASONS = {
  paidAfterClose: '订单已关闭，款项原路退回',
  duplicatePayment: '重复支付，款项原路退回',
} as const

/** The order is to be closed: no new payment starts, and its stock stays reserved until WeChat Pay confirms. */
export const stepClosing = (order: Order, closing: Omit<Closing, 'retryAt'>): Step<Order> => {
  if (order.state !== 'awaitingPayment') return stale(`order is ${order.state}`)
  if (order.closing !== null || awaitsPerson(order)) return unchanged
  return moved({ ...order, closing: { ...closing, retryAt: closing.since } })
}

/** WeChat Pay did not confirm the close yet: try again later, under the same number. */
export const stepStillClosing = (order: Order, retryAt: Instant): Step<Order> =>
  order.closing === null ? unchanged : moved({ ...order, closing: { ...order.closing, retryAt } })

/** Nobody can pay any more: the order is closed and its goods go back. */
export const stepClosed = (order: Order, now: Instant): Step<Order> => {
  if (awaitsPerson(order)) return stale('money is waiting for a person')
  const state = orderAfter(order.state, 'closed')
  if (state === null) return order.state === 'closed' ? unchanged : stale(`order is ${order.state}`)
  return moved({ ...order, state, closing: null, closedAt: now, stock: 'releasing' })
}

/** The goods are on their way. */
export const stepShipped = (
  order: Order,
  input: { readonly shipment: Shipment; readonly now: Instant },
): Step<Order> => {
  const state = orderAfter(order.state, 'shipped')
  if (state === null) return stale(`order is ${order.state}`)
  return moved({ ...order, state, shippedAt: input.now, shipment: input.shipment })
}

/** Long enough after shipping, nothing open: the order is over without its shopper saying so. */
export const stepCompleted = (order: Order, now: Instant): Step<Order> => {
  const at = completesAt(order)
  return at === null || now < at ? unchanged : stepReceived(order, now)
}

/** The shopper has the goods. */
export const stepReceived = (order: Order, now: Instant): Step<Order> => {
  const state = orderAfter(order.state, 'received')
  if (state === null) return order.state === 'completed' ? unchanged : stale(`order is ${order.state}`)
  return moved({ ...order, state, completedAt: now })
}
