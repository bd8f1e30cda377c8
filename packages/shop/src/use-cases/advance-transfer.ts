/** @module Take one transfer as far as it can go: send it, ask about it, send the same again. Never a new number. */
import type { Order } from '../order/order.ts'
import type { RefundAnswer, RefundQueryAnswer, ShopDeps } from '../ports.ts'
import type { Transfer } from '../refund/refund.ts'
import {
  findTransfer,
  type RefundNews,
  stepRefundReported,
  stepTransferAsked,
  stepTransferFailed,
  stepTransferNotSent,
  stepTransferSending,
  stepTransferUnclear,
} from '../refund/steps.ts'
import { changeOrder } from './change-order.ts'

/** Codes of a refusal after which the same call may succeed by itself: not final, whatever a query says. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  'FREQUENCY_LIMITED',
  'RATELIMIT_EXCEEDED',
  'RESOURCE_NOT_EXISTS',
])

/** Sends what was never sent, asks about what was. Safe to call from many places: the number stays the same. */
export const advanceTransfer = async (
  deps: ShopDeps,
  orderId: string,
  outRefundNo: string,
): Promise<void> => {
  const order = await deps.store.orders.get(orderId)
  const found = order === null ? null : findTransfer(order, outRefundNo)
  if (order === null || found === null) return
  const { transfer } = found
  switch (transfer.state) {
    case 'submitting':
      // Sent before, and nobody wrote down the answer: the money may have moved, so ask first.
      return transfer.sentAt === null
        ? sendTransfer(deps, order, transfer)
        : settleTransfer(deps, order, transfer)
    case 'unknown':
    case 'processing':
      return settleTransfer(deps, order, transfer)
    case 'failed':
      return sendTransfer(deps, order, transfer)
    case 'abnormal':
    case 'closed':
    case 'succeeded':
      return
  }
}

/** The three beats of a refund: written down, told, answer written down. */
const sendTransfer = async (deps: ShopDeps, order: Order, transfer: Transfer): Promise<void> => {
  const { outRefundNo } = transfer.request
  const now = deps.clock()
  // WeChat Pay wants a minute between two refunds of one order: one that comes too early waits its turn.
  if (transfer.nextAttemptAt !== null && transfer.nextAttemptAt > now) return
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => stepTransferSending(o, outRefundNo, now),
    order,
  )
  if (change?.step.kind !== 'moved') return
  deps.log.info('refund.sending', { orderId: order.id, outRefundNo, amountFen: transfer.request.refundFen })
  await recordRefundAnswer(deps, order.id, {
    before: transfer,
    answer: await deps.gateway.refund(transfer.request),
  })
}

const recordRefundAnswer = async (
  deps: ShopDeps,
  orderId: string,
  input: { readonly before: Transfer; readonly answer: RefundAnswer },
): Promise<void> => {
  const { before, answer } = input
  const { outRefundNo } = before.request
  const now = deps.clock()
  switch (answer.kind) {
    case 'reported':
      return recordRefundNews(deps, orderId, answer.news)
    case 'refused':
      deps.log.warn('refund.refused', {
        orderId,
        outRefundNo,
        apiCode: answer.apiCode,
        verified: answer.verified,
      })
      // An unsigned refusal proves nothing about money: a query has to agree before it is final.
      await changeOrder(deps.store.orders, orderId, (o) =>
        answer.verified && !PASSING_CODES.has(answer.apiCode)
          ? stepTransferFailed(o, outRefundNo, { now, apiCode: answer.apiCode })
          : stepTransferUnclear(o, outRefundNo, { now, reasonCode: answer.apiCode }),
      )
      if (!answer.verified) await advanceTransfer(deps, orderId, outRefundNo)
      return
    case 'notSent':
      deps.log.warn('refund.not-sent', { orderId, outRefundNo, reason: answer.reason })
      await changeOrder(deps.store.orders, orderId, (o) => stepTransferNotSent(o, before, { now }))
      return
    case 'unknown':
      deps.log.warn('refund.unclear', { orderId, outRefundNo, reason: answer.reason })
      await changeOrder(deps.store.orders, orderId, (o) =>
        stepTransferUnclear(o, outRefundNo, { now, reasonCode: null }),
      )
  }
}

/** Asks, and only then sends the same number with the same parameters again. */
const settleTransfer = async (deps: ShopDeps, order: Order, transfer: Transfer): Promise<void> => {
  const { outRefundNo } = transfer.request
  const answer: RefundQueryAnswer = await deps.gateway.queryRefund(transfer.request)
  const now = deps.clock()
  if (answer.kind === 'reported') {
    await recordRefundNews(deps, order.id, answer.news)
    const after = await deps.store.orders.get(order.id)
    const found = after === null ? null : findTransfer(after, outRefundNo)
    if (found?.transfer.state === 'processing' || found?.transfer.state === 'unknown')
      await changeOrder(deps.store.orders, order.id, (o) => stepTransferAsked(o, outRefundNo, now))
    return
  }
  if (answer.kind === 'unknown') {
    deps.log.warn('refund.query-unclear', { orderId: order.id, outRefundNo, reason: answer.reason })
    await changeOrder(deps.store.orders, order.id, (o) =>
      // Perhaps it was sent, and now nobody says: that is unknown, and no longer being sent.
      transfer.state === 'submitting'
        ? stepTransferUnclear(o, outRefundNo, { now, reasonCode: null })
        : stepTransferAsked(o, outRefundNo, now),
    )
    return
  }
  const refusal = transfer.reasonCode
  if (refusal !== null && isFinal(refusal)) {
    // Refused, and WeChat Pay does not know the number: now the refusal is verified.
    await changeOrder(deps.store.orders, order.id, (o) =>
      stepTransferFailed(o, outRefundNo, { now, apiCode: refusal }),
    )
    return
  }
  if (transfer.state === 'processing') {
    // It was accepted once; that it is not known now is not a reason to send it again.
    await changeOrder(deps.store.orders, order.id, (o) => stepTransferAsked(o, outRefundNo, now))
    return
  }
  if (refusal !== null) {
    // Too fast, or too early: slow down, then the same number again.
    await changeOrder(deps.store.orders, order.id, (o) =>
      stepTransferUnclear(o, outRefundNo, { now, reasonCode: null }),
    )
    return
  }
  await sendTransfer(deps, order, { ...transfer, nextAttemptAt: null })
}

const isFinal = (apiCode: string): boolean => !PASSING_CODES.has(apiCode)

/** Verified news of a refund of this order, told or asked alike. */
export const recordRefundNews = async (deps: ShopDeps, orderId: string, news: RefundNews): Promise<void> => {
  const now = deps.clock()
  const change = await changeOrder(deps.store.orders, orderId, (o) => stepRefundReported(o, news, now))
  if (change?.step.kind === 'moved')
    deps.log.info('refund.reported', { orderId, outRefundNo: news.outRefundNo, status: news.status })
  else if (change?.step.kind === 'stale')
    deps.log.warn('refund.stale-news', { orderId, outRefundNo: news.outRefundNo, why: change.step.why })
}
