/** @module Settle an uncertain payment: ask WeChat Pay and write down what it says. */
import type { Order as OrderView } from '@yuanlu/contract'
import type { Order } from '../order/order.ts'
import { presentOrder } from '../order/present.ts'
import { stepAsked, stepClosed } from '../order/steps.ts'
import type { ShopDeps, TradeAnswer } from '../ports.ts'
import { accept, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { findOwnOrder } from './find-order.ts'
import { recordPayment } from './record-payment.ts'
import { releaseStock } from './release-stock.ts'

/** An order after asking, and whether WeChat Pay's answer was clear. */
export interface Settled {
  readonly order: Order
  readonly clear: boolean
}

/**
 * Asks about the order's trade, unless it is known to be paid, and records the answer. An unclear answer changes
 * nothing but the schedule. A closed order is asked about too: money that came late all the same has to be found.
 */
export const settlePayment = async (deps: ShopDeps, order: Order): Promise<Settled> => {
  const askable = order.state === 'awaitingPayment' || order.state === 'closed'
  if (!askable || order.payment === null) return { order, clear: true }
  const answer = await deps.gateway.queryTrade(order.payment.trade)
  return { order: await recordAnswer(deps, order, answer), clear: answer.kind !== 'unknown' }
}

/** Writes down what WeChat Pay said about an order's trade. */
export const recordAnswer = async (deps: ShopDeps, order: Order, answer: TradeAnswer): Promise<Order> => {
  const now = deps.clock()
  switch (answer.kind) {
    case 'paid': {
      const recorded = (await recordPayment(deps, answer.news)) ?? order
      if (recorded.state !== 'awaitingPayment') return recorded
      break // The money is misplaced: it is on record, and the order is asked about no sooner for it.
    }
    case 'closed': {
      // Closed at WeChat Pay means that nobody can pay it any more, whoever closed it.
      const change = await changeOrder(deps.store.orders, order.id, (o) => stepClosed(o, now))
      if (change?.step.kind === 'moved') deps.log.info('order.closed', { orderId: order.id })
      return change === null ? order : releaseStock(deps, change.order)
    }
    case 'unknown':
      deps.log.warn('payment.query-unclear', { orderId: order.id, reason: answer.reason })
      break
    case 'unpaid':
    case 'missing':
  }
  const change = await changeOrder(deps.store.orders, order.id, (o) => stepAsked(o, now))
  return change?.order ?? order
}

/** The page calls this when `wx.requestPayment` returns, whatever it returned. */
export const syncPayment = async (
  deps: ShopDeps,
  input: { readonly buyerOpenid: string; readonly orderId: string },
): Promise<Result<OrderView>> => {
  const found = await findOwnOrder(deps, input)
  if (!found.ok) return found
  const { order, clear } = await settlePayment(deps, found.value)
  // "Not paid" would be a guess: whoever asks is told that we do not know yet, and may ask again.
  if (!clear && order.state === 'awaitingPayment')
    return refuse('PAYMENT_UNCERTAIN', 'WeChat Pay did not answer clearly; ask again')
  const fresh = await findOwnOrder(deps, input)
  return fresh.ok ? accept(presentOrder(fresh.value)) : fresh
}
