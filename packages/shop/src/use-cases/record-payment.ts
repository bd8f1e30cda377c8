/** @module Record that a trade was paid: the one place where money enters the shop, told or asked alike. */
import { type Step, unchanged } from '../machine.ts'
import { suspenseEntry } from '../order/journal.ts'
import type { Order } from '../order/order.ts'
import { stepAskSoon, stepPaid } from '../order/steps.ts'
import type { PaidNews } from '../payment/payment.ts'
import type { ShopDeps, Stray } from '../ports.ts'
import { changeOrder } from './change-order.ts'
import { tradeOf } from './trade-of.ts'

/**
 * A verified notification: into the inbox first, then onto the order, and only then may the caller
 * acknowledge. A crash in between leaves the inbox row to a job.
 */
export const recordNotifiedPayment = async (deps: ShopDeps, news: PaidNews): Promise<void> => {
  const id = `payment-${news.transactionId}`
  await deps.store.inbox.put({ id, receivedAt: deps.clock(), news: { kind: 'payment', paid: news } })
  await recordPayment(deps, news)
  await deps.store.inbox.markApplied(id, deps.clock())
}

/** Puts verified news of a payment where it belongs. Repeating it changes nothing. */
export const recordPayment = async (deps: ShopDeps, news: PaidNews, known?: Order): Promise<Order | null> => {
  const now = deps.clock()
  const change = await changeOrder(
    deps.store.orders,
    news.outTradeNo,
    (order) =>
      stepPaid(order, {
        news,
        now,
        refundNotifyUrl: deps.gateway.refundNotifyUrl,
        trade: tradeOf(deps, order, ''),
      }),
    known,
  )
  if (change === null) {
    await recordStray(deps, news)
    return null
  }
  logPayment(deps, change.order, { news, step: change.step })
  return change.order
}

const logPayment = (
  deps: ShopDeps,
  order: Order,
  outcome: { readonly news: PaidNews; readonly step: Step<Order> },
): void => {
  if (outcome.step.kind !== 'moved') return
  const { transactionId, totalFen } = outcome.news
  const misplaced = order.misplaced.find((m) => m.transactionId === transactionId)
  if (misplaced === undefined) deps.log.info('payment.recorded', { orderId: order.id, amountFen: totalFen })
  else deps.log.error('payment.misplaced', { orderId: order.id, kind: misplaced.kind, amountFen: totalFen })
}

export const strayAttentionId = (transactionId: string): string => `unknownTrade-${transactionId}`

/** Money for a number we never gave out: kept in suspense and shown to a person. */
const recordStray = async (deps: ShopDeps, news: PaidNews): Promise<void> => {
  const now = deps.clock()
  const { transactionId, totalFen: amountFen, outTradeNo } = news
  const stray: Stray = {
    transactionId,
    news,
    attention: {
      id: strayAttentionId(transactionId),
      kind: 'unknownTrade',
      since: now,
      summary: `a payment of ${amountFen} fen ${news.currency} for a trade we do not know: ${outTradeNo}, transaction ${transactionId}`,
      resolvedAt: null,
    },
    journal: suspenseEntry({ transactionId, amountFen, at: now }),
  }
  if (await deps.store.strays.insert(stray))
    deps.log.error('payment.unknown-trade', { outTradeNo, amountFen })
}

/** A v2 notice whose signature is genuine but ambiguous (a value contains `&`): a hint to ask, nothing more. */
export const recordAmbiguousNotice = async (deps: ShopDeps, outTradeNo: string): Promise<void> => {
  const now = deps.clock()
  const change = await changeOrder(deps.store.orders, outTradeNo, (order) => stepAskSoon(order, now))
  deps.log.warn('payment.ambiguous-notice', {
    orderId: outTradeNo,
    known: change !== null,
    moved: change?.step.kind ?? unchanged.kind,
  })
}
