/** @module News of refunds: what WeChat Pay tells us, and refunds that were started elsewhere (商户平台). */
import { moved, type Step, stale, unchanged } from '../machine.ts'
import { refundEntry } from '../order/journal.ts'
import { type Instant, type MisplacedPayment, type Order, waitsForPerson } from '../order/order.ts'
import { digestOf } from '../order/order-id.ts'
import { stepClosed } from '../order/steps.ts'
import type { RefundHint, ShopDeps } from '../ports.ts'
import type { Refund, Transfer } from '../refund/refund.ts'
import { suspendedFen } from '../refund/refund-money.ts'
import { findTransfer, type RefundNews, SYSTEM, stepRefundReported, withRefund } from '../refund/steps.ts'
import { advanceTransfer, recordRefundNews } from './advance-transfer.ts'
import { changeOrder } from './change-order.ts'
import { strayAttentionId } from './record-payment.ts'
import { settlePayment } from './settle-payment.ts'

/** A verified notification (APIv3): applied to its order in one write, before anybody acknowledges. */
export const recordNotifiedRefund = async (
  deps: ShopDeps,
  input: { readonly outTradeNo: string; readonly news: RefundNews },
): Promise<void> => {
  const { outTradeNo, news } = input
  const { outRefundNo, transactionId } = news
  const order = await deps.store.orders.get(outTradeNo)
  if (order !== null && findTransfer(order, outRefundNo) !== null)
    return recordRefundNews(deps, outTradeNo, news)
  if (news.status !== 'succeeded') {
    deps.log.error('refund.unknown', { outTradeNo, outRefundNo })
    return
  }
  if (order === null) {
    if (!(await recordStrayRefund(deps, news))) deps.log.error('refund.unknown', { outTradeNo, outRefundNo })
    return
  }
  // Money went back of which we do not know yet that it came: a job asks, nobody does before the answer.
  if (!(await recordForeignRefund(deps, order, news)))
    await storeRefundHint(deps, { outRefundNo, outTradeNo, transactionId })
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
  const found = order === null ? null : findTransfer(order, hint.outRefundNo)
  if (order !== null && found !== null) {
    if (found.transfer.state !== 'succeeded') await askAbout(deps, order, found.transfer)
    return
  }
  if (order === null && (await deps.store.strays.find(hint.transactionId)) === null) {
    deps.log.warn('refund.hint-without-order', { outTradeNo: hint.outTradeNo })
    return
  }
  const news = await findForeignRefund(deps, order, hint)
  if (news === null) return
  const isRecorded =
    order === null ? await recordStrayRefund(deps, news) : await recordLateRefund(deps, order, news)
  if (!isRecorded)
    deps.log.error('refund.unknown', { outTradeNo: hint.outTradeNo, outRefundNo: hint.outRefundNo })
}

const askAbout = async (deps: ShopDeps, order: Order, transfer: Transfer): Promise<void> => {
  const { request } = transfer
  const answer = await deps.gateway.queryRefund(request)
  if (answer.kind === 'reported') await recordRefundNews(deps, order.id, answer.news)
  else await advanceTransfer(deps, order.id, request.outRefundNo)
}

/** What WeChat Pay itself says about a refund that is not ours; null where no money of that transaction went back. */
const findForeignRefund = async (
  deps: ShopDeps,
  order: Order | null,
  { outRefundNo, transactionId }: RefundHint,
): Promise<RefundNews | null> => {
  const api = order?.payment?.trade.api ?? deps.gateway.newTradesApi
  const answer = await deps.gateway.queryRefund({ api, outRefundNo, transactionId })
  if (answer.kind === 'unknown') throw new Error(`the refund could not be asked about: ${answer.reason}`)
  const isDone = answer.kind === 'reported' && answer.news.status === 'succeeded'
  return isDone && answer.news.transactionId === transactionId ? answer.news : null
}

/** Where nothing is known of the money that went back, its payment may not have been told: that is asked about first. */
const recordLateRefund = async (deps: ShopDeps, order: Order, news: RefundNews): Promise<boolean> => {
  if (await recordForeignRefund(deps, order, news)) return true
  const settled = await settlePayment(deps, order)
  if (!settled.clear) throw new Error('the trade of a refund could not be asked about')
  return recordForeignRefund(deps, settled.order, news)
}

/**
 * Money that somebody sent back in the merchant platform: recorded, counted and journaled like ours. False where
 * the order knows nothing of this money.
 */
const recordForeignRefund = async (deps: ShopDeps, order: Order, news: RefundNews): Promise<boolean> => {
  const now = deps.clock()
  const change = await changeOrder(deps.store.orders, order.id, (o) => stepForeignRefund(o, news, now), order)
  if (change?.step.kind === 'moved')
    deps.log.warn('refund.from-elsewhere', { orderId: order.id, amountFen: news.refundFen })
  return change !== null && change.step.kind !== 'stale'
}

/** Its own payment's, or money's in suspense: where that money came from, or null where it is not known. */
const sourceOf = (order: Order, transactionId: string): Refund['source'] | null => {
  const { payment } = order
  if (payment !== null && payment.transactionId === transactionId)
    return { transactionId, totalFen: payment.paidFen, suspense: false }
  const misplaced = order.misplaced.find((m) => m.transactionId === transactionId)
  return misplaced === undefined ? null : { transactionId, totalFen: misplaced.amountFen, suspense: true }
}

const stepForeignRefund = (order: Order, news: RefundNews, now: Instant): Step<Order> => {
  if (findTransfer(order, news.outRefundNo) !== null) return unchanged
  const source = sourceOf(order, news.transactionId)
  if (source === null) return stale('another trade')
  const known = withRefund(order, foreignRefund(order, { news, source, now }))
  const step = stepRefundReported(known, news, now)
  return step.kind === 'moved' ? moved(withLessWaiting(step.next, news, now)) : step
}

/**
 * Whoever sends waiting money back has decided about it: nobody is asked any more, and its order closes, for its number
 * was paid once and cannot be paid again. Of a part, the person who decides about the rest is told.
 */
const withLessWaiting = (order: Order, news: RefundNews, now: Instant): Order => {
  const misplaced = order.misplaced.find((m) => m.transactionId === news.transactionId)
  const waiting = order.attention.find((a) => misplaced !== undefined && waitsForPerson(a, misplaced))
  if (misplaced === undefined || waiting === undefined) return order
  const left = suspendedFen(order, misplaced)
  const attention =
    left > 0
      ? { ...waiting, summary: summaryOfRest(waiting.summary, misplaced, left) }
      : { ...waiting, resolvedAt: now }
  const next = { ...order, attention: order.attention.map((a) => (a === waiting ? attention : a)) }
  const closed = left > 0 ? null : stepClosed(next, now)
  return closed?.kind === 'moved' ? closed.next : next
}

const summaryOfRest = (summary: string, { amountFen }: MisplacedPayment, left: number): string => {
  const [before = ''] = summary.split('; ', 1)
  return `${before}; ${amountFen - left} fen of it went back in the merchant platform, ${left} fen are left`
}

/**
 * Of a trade that no order knows the money can go back in the merchant platform alone: once all of it did, nobody has to
 * look after it any more. False where no such money came.
 */
const recordStrayRefund = async (deps: ShopDeps, news: RefundNews): Promise<boolean> => {
  const at = deps.clock()
  const { outRefundNo, transactionId, refundFen, wxRefundId } = news
  const journal = refundEntry({
    outRefundNo,
    refundId: null,
    wxRefundId,
    amountFen: refundFen,
    suspense: true,
    at,
  })
  const isNew = await deps.store.strays.addRefund({ transactionId, outRefundNo, refundFen, journal })
  if (isNew) deps.log.warn('refund.from-elsewhere', { orderId: null, amountFen: refundFen })
  const stray = await deps.store.strays.find(transactionId)
  if (stray === null) return false
  if (stray.refundedFen >= stray.paidFen)
    await deps.store.attention.resolveStray({
      id: strayAttentionId(transactionId),
      at,
      by: SYSTEM,
      note: STARTED_ELSEWHERE,
    })
  return true
}

const STARTED_ELSEWHERE = '商户平台退款'

const foreignRefund = (
  order: Order,
  input: { readonly news: RefundNews; readonly source: Refund['source']; readonly now: Instant },
): Refund => {
  const { news, source, now } = input
  return {
    id: `${order.id}-m${digestOf(news.outRefundNo).slice(0, 12)}`,
    kind: 'refundOnly',
    origin: 'system',
    state: 'refunding',
    amountFen: news.refundFen,
    items: [],
    reason: STARTED_ELSEWHERE,
    description: '',
    evidence: [],
    requestDigest: '',
    source,
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
          totalFen: source.totalFen,
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
  }
}
