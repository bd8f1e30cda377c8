/** @module Close an unpaid order (关单): ask, close at WeChat Pay, release the stock, in that order. */
import type { Order as OrderView } from '@yuanlu/contract'
import { awaitsPerson, type Order } from '../order/order.ts'
import { presentOrder } from '../order/present.ts'
import { stepClosed, stepClosing, stepStillClosing } from '../order/steps.ts'
import { CALL_OVER_MS } from '../payment/payment.ts'
import type { ShopDeps, TradeAnswer } from '../ports.ts'
import { accept, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { findOwnOrder } from './find-order.ts'
import { releaseStock } from './release-stock.ts'
import { recordAnswer } from './settle-payment.ts'

/** How long to wait before WeChat Pay is asked again to close a trade. */
const RETRY_CLOSE_MS = 30_000

/** The shopper cancels. Until WeChat Pay confirms, the order stays `awaitingPayment` with `closing` set. */
export const cancelOrder = async (
  deps: ShopDeps,
  input: { readonly buyerOpenid: string; readonly orderId: string },
): Promise<Result<OrderView>> => {
  const found = await findOwnOrder(deps, input)
  if (!found.ok) return found
  const { state } = found.value
  if (state === 'closed') return accept(presentOrder(found.value))
  if (state !== 'awaitingPayment') return refuse('ORDER_ALREADY_PAID', 'the order is paid; ask for a refund')
  await closeOrder(deps, found.value, 'cancelled')
  const fresh = await findOwnOrder(deps, input)
  return fresh.ok ? accept(presentOrder(fresh.value)) : fresh
}

/** Marks the order as closing and takes the close as far as WeChat Pay lets it. */
export const closeOrder = async (
  deps: ShopDeps,
  order: Order,
  reason: 'cancelled' | 'expired',
): Promise<Order> => {
  const since = deps.clock()
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => stepClosing(o, { reason, since }),
    order,
  )
  if (change === null || change.order.closing === null) return change?.order ?? order
  return continueClosing(deps, change.order)
}

/** Query, then close at WeChat Pay, then close here. Anything unclear leaves the order closing. */
export const continueClosing = async (deps: ShopDeps, order: Order): Promise<Order> => {
  if (order.state !== 'awaitingPayment' || order.closing === null) return order
  if (order.payment === null) return finishClosing(deps, order)
  const { trade } = order.payment

  const answer = await deps.gateway.queryTrade(trade)
  if (answer.kind === 'paid' || answer.kind === 'closed') return recordEnd(deps, order, answer)
  if (answer.kind === 'unknown') return stillClosing(deps, order, answer.reason)
  // A call that places the trade may still be under way: "no such trade" is not final before it is over.
  if (answer.kind === 'missing' && deps.clock() - order.payment.sentAt < CALL_OVER_MS)
    return stillClosing(deps, order, 'the trade may still be on its way')

  const closed = await deps.gateway.closeTrade(trade)
  switch (closed.kind) {
    case 'closed':
      return finishClosing(deps, order)
    case 'missing':
      // APIv3 does not sign this answer. Only when the question found no trade either, there is none to close.
      if (answer.kind === 'missing') return finishClosing(deps, order)
      return stillClosing(deps, order, 'the trade is there, and then it is not')
    case 'alreadyPaid': {
      // It was paid between the question and the close: treat it as a normal payment.
      const paid = await deps.gateway.queryTrade(trade)
      if (paid.kind === 'paid' || paid.kind === 'closed') return recordEnd(deps, order, paid)
      return stillClosing(deps, order, `said to be paid, then ${paid.kind}`)
    }
    case 'refused':
      return stillClosing(deps, order, closed.apiCode)
    case 'unknown':
      return stillClosing(deps, order, closed.reason)
  }
}

/** Nobody can pay the trade any more: it is closed, or it was paid. */
const recordEnd = async (
  deps: ShopDeps,
  order: Order,
  answer: Extract<TradeAnswer, { kind: 'paid' | 'closed' }>,
): Promise<Order> => {
  const recorded = await recordAnswer(deps, order, answer)
  // Paid, and the money is on record as misplaced and looked after: the order itself can only be closed.
  const over = recorded.state === 'awaitingPayment' && recorded.closing !== null && !awaitsPerson(recorded)
  return over ? finishClosing(deps, recorded) : recorded
}

const stillClosing = async (deps: ShopDeps, order: Order, reason: string): Promise<Order> => {
  deps.log.warn('order.close-unclear', { orderId: order.id, reason })
  const retryAt = deps.clock() + RETRY_CLOSE_MS
  const change = await changeOrder(deps.store.orders, order.id, (o) => stepStillClosing(o, retryAt))
  return change?.order ?? order
}

const finishClosing = async (deps: ShopDeps, order: Order): Promise<Order> => {
  const now = deps.clock()
  const change = await changeOrder(deps.store.orders, order.id, (o) => stepClosed(o, now))
  if (change === null) return order
  if (change.step.kind === 'moved')
    deps.log.info('order.closed', { orderId: order.id, reason: order.closing?.reason ?? 'cancelled' })
  return releaseStock(deps, change.order)
}
