/** @module Start a payment in three beats: write the trade down, tell WeChat Pay, write down the answer. */
import type { PaymentParams } from '@yuanlu/contract'
import { LIMITS } from '@yuanlu/contract'
import { awaitsPerson, type Order } from '../order/order.ts'
import { stepPrepaid, stepSending, stepUnclear } from '../order/steps.ts'
import { PREPAY_REUSE_MS, type TradeRequest } from '../payment/payment.ts'
import type { PrepayAnswer, ShopDeps } from '../ports.ts'
import { accept, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { findOwnOrder } from './find-order.ts'
import { settlePayment } from './settle-payment.ts'
import { tradeOf } from './trade-of.ts'

export interface StartPaymentInput {
  readonly buyerOpenid: string
  readonly orderId: string
  /** Of the shopper's phone, as far as we know it. */
  readonly clientIp: string
}

export const startPayment = async (
  deps: ShopDeps,
  input: StartPaymentInput,
): Promise<Result<PaymentParams>> => {
  const found = await findOwnOrder(deps, input)
  if (!found.ok) return found
  const refusal = refusePayment(found.value, deps.clock())
  if (refusal !== null) return refusal

  const ready = usablePrepay(found.value, deps.clock())
  if (ready !== null) return accept(deps.gateway.paymentParams(ready.trade, ready.prepayId))

  const now = deps.clock()
  const sending = await changeOrder(
    deps.store.orders,
    input.orderId,
    (order) => stepSending(order, { trade: tradeOf(deps, order, input.clientIp), now }),
    found.value,
  )
  if (sending === null) return refuse('NOT_FOUND', 'there is no such order')
  const { payment } = sending.order
  if (sending.step.kind !== 'moved' || payment === null)
    return refusePayment(sending.order, now) ?? refuse('PAYMENT_UNCERTAIN', 'the payment is being settled')

  const answer = await deps.gateway.prepay(payment.trade)
  switch (answer.kind) {
    case 'ready':
      return recordPrepaid(deps, sending.order, { trade: payment.trade, prepayId: answer.prepayId })
    case 'alreadyPaid':
    case 'alreadyClosed':
    case 'refused':
      return settleRefusal(deps, sending.order, answer)
    case 'notSent':
      deps.log.warn('payment.not-sent', { orderId: input.orderId, reason: answer.reason })
      return refuse('UNAVAILABLE', 'WeChat Pay cannot be reached right now')
    case 'unknown':
      deps.log.warn('payment.unclear', { orderId: input.orderId, reason: answer.reason })
      await changeOrder(deps.store.orders, input.orderId, stepUnclear)
      return refuse('PAYMENT_UNCERTAIN', 'WeChat Pay did not answer clearly; repeat the call')
  }
}

/** WeChat Pay said no. It may know more than we do: ask, and answer from what we then know. */
const settleRefusal = async (
  deps: ShopDeps,
  order: Order,
  answer: Extract<PrepayAnswer, { kind: 'alreadyPaid' | 'alreadyClosed' | 'refused' }>,
): Promise<Result<PaymentParams>> => {
  const settled = await settlePayment(deps, order)
  const refusal = refusePayment(settled.order, deps.clock())
  if (refusal !== null) return refusal
  if (answer.kind !== 'refused' || !settled.clear)
    return refuse('PAYMENT_UNCERTAIN', 'the payment is being confirmed')
  const { apiCode, message } = answer
  deps.log.error('payment.refused', { orderId: order.id, apiCode, reason: message })
  return refuse('WECHAT_REFUSED', `WeChat Pay refused the trade: ${apiCode}`, { apiCode })
}

/** Why no payment may be started now, or null. */
const refusePayment = (order: Order, now: number): ReturnType<typeof refuse> | null => {
  switch (order.state) {
    case 'paid':
    case 'shipped':
    case 'completed':
      return refuse('ORDER_ALREADY_PAID', 'the order is paid')
    case 'closed':
      return refuse('ORDER_CLOSED', 'the order is closed')
    case 'placing':
    case 'refused':
      return refuse('NOT_FOUND', 'there is no such order')
    case 'awaitingPayment':
  }
  if (awaitsPerson(order))
    return refuse('ORDER_ALREADY_PAID', 'money arrived for this order and is being checked by a person')
  if (order.closing !== null) return refuse('ORDER_CLOSING', 'the order is being closed')
  // WeChat Pay wants time_expire at least a minute ahead.
  if (order.expiresAt - now < LIMITS.payableBeforeExpiryMs)
    return refuse('ORDER_EXPIRED', 'too little time is left to pay this order')
  return null
}

const usablePrepay = (
  order: Order,
  now: number,
): { readonly trade: TradeRequest; readonly prepayId: string } | null => {
  const payment = order.payment
  if (payment === null || payment.prepayId === null || payment.prepaidAt === null) return null
  return now - payment.prepaidAt < PREPAY_REUSE_MS
    ? { trade: payment.trade, prepayId: payment.prepayId }
    : null
}

const recordPrepaid = async (
  deps: ShopDeps,
  order: Order,
  prepaid: { readonly trade: TradeRequest; readonly prepayId: string },
): Promise<Result<PaymentParams>> => {
  const now = deps.clock()
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => stepPrepaid(o, { prepayId: prepaid.prepayId, now }),
    order,
  )
  // A cancellation or a notification may have come first: then these parameters must not reach the phone.
  const refusal = refusePayment(change?.order ?? order, now)
  if (refusal !== null) return refusal
  deps.log.info('payment.prepaid', { orderId: order.id, api: prepaid.trade.api })
  return accept(deps.gateway.paymentParams(prepaid.trade, prepaid.prepayId))
}
