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
} from './order.ts'

/** A half-placed order that nobody finished is given up after this long. */
export const PLACING_TIMEOUT_MS = 60_000

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
  attention: [],
  journal: [],
  nextActionAt: input.now + PLACING_TIMEOUT_MS,
})

/** All goods are reserved: the order becomes visible and payable. */
export const stepStocked = (order: Order): Step<Order> => {
  const state = orderAfter(order.state, 'stocked')
  if (state === null) return order.state === 'refused' ? stale('the order was refused') : unchanged
  return moved({ ...order, state, nextActionAt: order.expiresAt })
}

/** The order can't be placed: what it had reserved goes back. */
export const stepRefused = (order: Order, now: Instant): Step<Order> => {
  const state = orderAfter(order.state, 'refused')
  if (state === null) return order.state === 'refused' ? unchanged : stale('the order was placed')
  return moved({ ...order, state, stock: 'releasing', nextActionAt: now })
}

/** The goods of a refused or closed order are back on the shelf. */
export const stepReleased = (order: Order): Step<Order> =>
  order.stock === 'releasing' ? moved({ ...order, stock: 'released', nextActionAt: null }) : unchanged

/** First beat: write down that the trade is being sent, with the parameters it will have for ever. */
export const stepSending = (order: Order, input: { trade: TradeRequest; now: Instant }): Step<Order> => {
  if (order.state !== 'awaitingPayment' || order.closing !== null) return stale(`order is ${order.state}`)
  const { now } = input
  const before = order.payment
  if (before === null) {
    const payment = newPayment(input.trade, now)
    return moved({ ...order, payment, nextActionAt: nextAskAt(payment, now, order.expiresAt) })
  }
  const state = paymentAfter(before.state, 'sent')
  if (state === null) return stale('the payment is over')
  const payment: Payment = { ...before, state, sentAt: now }
  return moved({ ...order, payment, nextActionAt: nextAskAt(payment, now, order.expiresAt) })
}

const newPayment = (trade: TradeRequest, now: Instant): Payment => ({
  state: 'submitting',
  trade,
  startedAt: now,
  sentAt: now,
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
  const nextActionAt = awaitsPerson(order) ? null : nextAskAt(order.payment, now, order.expiresAt)
  return nextActionAt === order.nextActionAt ? unchanged : moved({ ...order, nextActionAt })
}

/** A v2 notice whose signature is ambiguous arrived: ask about the trade now instead of believing it. */
export const stepAskSoon = (order: Order, now: Instant): Step<Order> =>
  order.state === 'awaitingPayment' && order.payment !== null && (order.nextActionAt ?? Infinity) > now
    ? moved({ ...order, nextActionAt: now })
    : unchanged

export interface PaidInput {
  readonly news: PaidNews
  readonly now: Instant
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
  if (kind !== null) return moved(withMisplaced(order, { news, kind, now }))
  const state = orderAfter(order.state, 'paid')
  if (state === null) return moved(withMisplaced(order, { news, kind: 'paidAfterClose', now }))
  return moved({
    ...order,
    state,
    closing: null,
    paidAt: news.paidAt,
    payment: {
      ...(order.payment ?? newPayment(input.trade, now)),
      state: 'paid',
      transactionId: news.transactionId,
      paidFen: news.totalFen,
    },
    journal: [
      ...order.journal,
      paymentEntry({ transactionId: news.transactionId, amountFen: news.totalFen, at: now }),
    ],
    nextActionAt: null,
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
  input: { news: PaidNews; kind: MisplacedPayment['kind']; now: Instant },
): Order => {
  const { news, kind, now } = input
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
  // It was never shown to anybody and never will be: its goods go back, the money is sent back.
  if (next.state === 'placing') return { ...next, state: 'refused', stock: 'releasing', nextActionAt: now }
  // Money waits for a person: neither expiry nor a cancellation closes the order under it.
  return awaitsPerson(next) && next.state === 'awaitingPayment'
    ? { ...next, closing: null, nextActionAt: null }
    : next
}

/** The order is to be closed: no new payment starts, and its stock stays reserved until WeChat Pay confirms. */
export const stepClosing = (order: Order, closing: Closing): Step<Order> => {
  if (order.state !== 'awaitingPayment') return stale(`order is ${order.state}`)
  if (order.closing !== null || awaitsPerson(order)) return unchanged
  return moved({ ...order, closing, nextActionAt: closing.since })
}

/** WeChat Pay did not confirm the close yet: try again later, under the same number. */
export const stepStillClosing = (order: Order, retryAt: Instant): Step<Order> =>
  order.closing === null ? unchanged : moved({ ...order, nextActionAt: retryAt })

/** A job found nothing to do: it comes back when there may be something, or never. */
export const stepNothingDue = (order: Order): Step<Order> => {
  const nextActionAt = nextDueAt(order)
  return nextActionAt === order.nextActionAt ? unchanged : moved({ ...order, nextActionAt })
}

const nextDueAt = (order: Order): Instant | null => {
  // A clock that was set back finds a half-placed order too early; it is not forgotten for that.
  if (order.state === 'placing') return order.createdAt + PLACING_TIMEOUT_MS
  return order.state === 'awaitingPayment' && !awaitsPerson(order) ? order.expiresAt : null
}

/** Nobody can pay any more: the order is closed and its goods go back. */
export const stepClosed = (order: Order, now: Instant): Step<Order> => {
  if (awaitsPerson(order)) return stale('money is waiting for a person')
  const state = orderAfter(order.state, 'closed')
  if (state === null) return order.state === 'closed' ? unchanged : stale(`order is ${order.state}`)
  return moved({ ...order, state, closing: null, closedAt: now, stock: 'releasing', nextActionAt: now })
}

/** The shopper has the goods. */
export const stepReceived = (order: Order, now: Instant): Step<Order> => {
  const state = orderAfter(order.state, 'received')
  if (state === null) return order.state === 'completed' ? unchanged : stale(`order is ${order.state}`)
  return moved({ ...order, state, completedAt: now, nextActionAt: null })
}
