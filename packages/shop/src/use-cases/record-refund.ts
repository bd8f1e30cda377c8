/** @module News of refunds: what WeChat Pay tells us, and refunds that were started elsewhere (商户平台). */
import { moved, stale, unchanged } from '../machine.ts'
import type { Order } from '../order/order.ts'
import { digestOf } from '../order/order-id.ts'
import type { RefundHint, ShopDeps } from '../ports.ts'
import type { Refund, Transfer } from '../refund/refund.ts'
import { findTransfer, type RefundNews, SYSTEM, stepRefundReported, withRefund } from '../refund/steps.ts'
import { advanceTransfer, recordRefundNews } from './advance-transfer.ts'
import { changeOrder } from './change-order.ts'

/** A verified notification (APIv3): applied to its order in one write, before anybody acknowledges. */
export const recordNotifiedRefund = async (
  deps: ShopDeps,
  input: { readonly outTradeNo: string; readonly news: RefundNews },
): Promise<void> => {
  const { outTradeNo, news } = input
  const order = await deps.store.orders.get(outTradeNo)
  if (order !== null && findTransfer(order, news.outRefundNo) !== null)
    return recordRefundNews(deps, outTradeNo, news)
  if (order === null || news.status !== 'succeeded') {
    deps.log.error('refund.unknown', { outTradeNo, outRefundNo: news.outRefundNo })
    return
  }
  await recordForeignRefund(deps, order, news)
}

/** An unsigned notice (APIv2) proves nothing: it is stored, and the next job asks about it. */
export const storeRefundHint = async (deps: ShopDeps, hint: RefundHint): Promise<void> => {
  await deps.store.inbox.put({
    id: `refund-${digestOf([hint.outRefundNo, hint.transactionId]).slice(0, 24)}-${deps.clock()}`,
    receivedAt: deps.clock(),
    news: { kind: 'refundHint', hint },
  })
}

/** Asks about what an unsigned notice claimed. Nothing of the notice itself is believed. */
export const recordRefundHint = async (deps: ShopDeps, hint: RefundHint): Promise<void> => {
  const order = await deps.store.orders.get(hint.outTradeNo)
  if (order === null) {
    deps.log.warn('refund.hint-without-order', { outTradeNo: hint.outTradeNo })
    return
  }
  const found = findTransfer(order, hint.outRefundNo)
  if (found !== null) {
    if (found.transfer.state !== 'succeeded') await askAbout(deps, order, found.transfer)
    return
  }
  const transactionId = order.payment?.transactionId
  if (order.payment === null || transactionId === null || transactionId !== hint.transactionId) return
  const answer = await deps.gateway.queryRefund({
    api: order.payment.trade.api,
    outRefundNo: hint.outRefundNo,
    transactionId,
  })
  if (answer.kind === 'unknown') throw new Error(`the refund could not be asked about: ${answer.reason}`)
  if (
    answer.kind === 'reported' &&
    answer.news.status === 'succeeded' &&
    answer.news.transactionId === transactionId
  )
    await recordForeignRefund(deps, order, answer.news)
}

const askAbout = async (deps: ShopDeps, order: Order, transfer: Transfer): Promise<void> => {
  const { request } = transfer
  const answer = await deps.gateway.queryRefund(request)
  if (answer.kind === 'reported') await recordRefundNews(deps, order.id, answer.news)
  else await advanceTransfer(deps, order.id, request.outRefundNo)
}

/** Money that somebody sent back in the merchant platform: recorded, counted and journaled like ours. */
const recordForeignRefund = async (deps: ShopDeps, order: Order, news: RefundNews): Promise<void> => {
  const now = deps.clock()
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o) => {
      if (findTransfer(o, news.outRefundNo) !== null) return unchanged
      const { payment } = o
      if (payment === null || payment.transactionId !== news.transactionId) return stale('another trade')
      const known = withRefund(o, foreignRefund(o, news, now))
      const step = stepRefundReported(known, news, now)
      return step.kind === 'moved' ? moved(step.next) : step
    },
    order,
  )
  if (change?.step.kind === 'moved')
    deps.log.warn('refund.from-elsewhere', { orderId: order.id, amountFen: news.refundFen })
}

const foreignRefund = (order: Order, news: RefundNews, now: number): Refund => ({
  id: `${order.id}-m${digestOf(news.outRefundNo).slice(0, 12)}`,
  kind: 'refundOnly',
  origin: 'system',
  state: 'refunding',
  amountFen: news.refundFen,
  items: [],
  reason: '商户平台退款',
  description: '',
  evidence: [],
  requestDigest: '',
  source: { transactionId: news.transactionId, totalFen: order.payment?.paidFen ?? 0, suspense: false },
  requestedBy: SYSTEM,
  requestedAt: now,
  decidedAt: now,
  decidedBy: SYSTEM,
  rejectReason: null,
  approvals: [],
  returnShipment: null,
  deadlineAt: null,
  transfers: [
    {
      state: 'processing',
      request: {
        api: order.payment?.trade.api ?? 'v3',
        outRefundNo: news.outRefundNo,
        outTradeNo: order.id,
        transactionId: news.transactionId,
        refundFen: news.refundFen,
        totalFen: order.payment?.paidFen ?? 0,
        reason: '',
        notifyUrl: '',
      },
      wxRefundId: news.wxRefundId,
      attempts: 0,
      createdAt: now,
      sentAt: now,
      nextAttemptAt: null,
      reasonCode: null,
      toMerchantCard: false,
    },
  ],
  stock: 'none',
  timeline: [{ at: now, event: 'startedElsewhere', actor: SYSTEM, note: null }],
})
