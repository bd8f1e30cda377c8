/** @module Due jobs: idempotent sweeps over what the store says is due, safe from many places at once. */
import { completesAt } from '../order/due.ts'
import { awaitsPerson, type Order } from '../order/order.ts'
import { stepCompleted } from '../order/steps.ts'
import type { ShopDeps } from '../ports.ts'
import type { Refund } from '../refund/refund.ts'
import { stepStockReturned } from '../refund/steps.ts'
import { advanceTransfer } from './advance-transfer.ts'
import { changeOrder } from './change-order.ts'
import { clearFiles } from './clear-files.ts'
import { closeOrder, continueClosing } from './close-order.ts'
import { meetDeadline } from './decide-refund.ts'
import { deliverEffects, postponeEffects } from './deliver-effects.ts'
import { giveUpPlacing, isGivenUp } from './give-up-placing.ts'
import { recordPayment } from './record-payment.ts'
import { recordRefundHint } from './record-refund.ts'
import { releaseStock } from './release-stock.ts'
import { settlePayment } from './settle-payment.ts'

/** How many items of each kind a sweep handled. */
export interface SweepCounts {
  expire: number
  settlePayments: number
  settleRefunds: number
  autoApprove: number
  returns: number
  complete: number
  effects: number
  journal: number
}

/** A worker that died leaves its orders to others after this long: more than one order's three calls can take. */
const LEASE_MS = 60_000
/** Orders claimed at once are worked on side by side, so that no lease runs out while its order waits in a queue. */
const BATCH = 10
/**
 * Runs everything due at the clock's present time, at most `limit` items.
 *
 * @param hasTime asked before each piece of work that may take long; what is left stays due for the next sweep
 */
export const sweep = async (
  deps: ShopDeps,
  limit: number,
  hasTime: () => boolean = () => true,
): Promise<SweepCounts> => {
  const counts: SweepCounts = {
    expire: 0,
    settlePayments: 0,
    settleRefunds: 0,
    autoApprove: 0,
    returns: 0,
    complete: 0,
    effects: 0,
    journal: 0,
  }
  const talkative = new Set<string>()
  const publish = async () => {
    counts.journal += await deps.store.journal.publish({ limit: Math.max(limit, 1) })
  }
  let left = limit
  left -= await applyInbox(deps, { counts, limit: left, hasTime })
  // Here too, because orders may take all the time there is while WeChat is slow.
  await publish()
  while (left > 0 && hasTime()) {
    const due = await deps.store.orders.claimDue({
      now: deps.clock(),
      limit: Math.min(BATCH, left),
      leaseMs: LEASE_MS,
    })
    if (due.length === 0) break
    await Promise.all(due.map((order) => advanceSafely(deps, order, counts)))
    for (const { id } of due) talkative.add(id)
    left -= due.length
  }
  await publish()
  // Only when everything about money that was due is done: a slow platform holds up nothing but messages.
  await deliverAll(deps, [...talkative], { counts, hasTime })
  if (hasTime()) await clearFiles(deps)
  return counts
}

const applyInbox = async (
  deps: ShopDeps,
  input: { readonly counts: SweepCounts; readonly limit: number; readonly hasTime: () => boolean },
): Promise<number> => {
  const waiting = await deps.store.inbox.listUnapplied({
    before: deps.clock() + 1,
    limit: input.limit,
  })
  let applied = 0
  for (const { id, news } of waiting) {
    if (!input.hasTime()) break
    // News that cannot be applied must not hold up other news, nor every other job behind it.
    await safely(deps, news.kind === 'payment' ? news.paid.outTradeNo : news.hint.outTradeNo, async () => {
      if (news.kind === 'payment') {
        await recordPayment(deps, news.paid)
        input.counts.settlePayments++
      } else {
        await recordRefundHint(deps, news.hint)
        input.counts.settleRefunds++
      }
      await deps.store.inbox.markApplied(id, deps.clock())
      applied++
    })
  }
  return applied
}

/** One order that fails must not hold up the others: its lease runs out and it is tried again. */
const advanceSafely = (deps: ShopDeps, order: Order, counts: SweepCounts): Promise<void> =>
  safely(deps, order.id, () => advanceOrder(deps, order, counts))

const safely = async (deps: ShopDeps, orderId: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    deps.log.error('job.failed', {
      orderId,
      reason: error instanceof Error ? error.message : String(error),
    })
  }
}

/** Once the platform does not answer, what is left waits a minute instead of a time-out each. */
const deliverAll = async (
  deps: ShopDeps,
  orderIds: readonly string[],
  { counts, hasTime }: { readonly counts: SweepCounts; readonly hasTime: () => boolean },
): Promise<void> => {
  let isAway = false
  for (let start = 0; start < orderIds.length && hasTime(); start += BATCH) {
    const deliver = (orderId: string) =>
      safely(deps, orderId, async () => {
        if (isAway) return postponeEffects(deps, orderId)
        if ((await deliverEffects(deps, orderId, counts)) === 'away') isAway = true
      })
    await Promise.all(orderIds.slice(start, start + BATCH).map(deliver))
  }
}

/** Takes one due order as far as it can go now: first what keeps it payable or closes it, then its refunds. */
const advanceOrder = async (deps: ShopDeps, order: Order, counts: SweepCounts): Promise<void> => {
  await advancePhase(deps, order, counts)
  const fresh = await deps.store.orders.get(order.id)
  if (fresh !== null) await advanceRefunds(deps, fresh, counts)
}

const advancePhase = async (deps: ShopDeps, order: Order, counts: SweepCounts): Promise<void> => {
  const now = deps.clock()
  if (order.stock === 'releasing') {
    counts.expire++
    await releaseStock(deps, order)
  } else if (isGivenUp(order, now)) {
    counts.expire++
    await giveUpPlacing(deps, order)
  } else if (order.closing !== null && now >= order.closing.retryAt) {
    counts.expire++
    await continueClosing(deps, order)
  } else if (
    order.state === 'awaitingPayment' &&
    order.closing === null &&
    now >= order.expiresAt &&
    !awaitsPerson(order)
  ) {
    counts.expire++
    await closeOrder(deps, order, 'expired')
  } else if (order.state === 'awaitingPayment' && now >= (order.payment?.askAt ?? Infinity)) {
    counts.settlePayments++
    await settlePayment(deps, order)
  } else if ((completesAt(order) ?? Infinity) <= now) {
    counts.complete++
    await changeOrder(deps.store.orders, order.id, (o) => stepCompleted(o, now))
  }
}

/** Deadlines that are executed, and transfers that are due. */
const advanceRefunds = async (deps: ShopDeps, order: Order, counts: SweepCounts): Promise<void> => {
  const now = deps.clock()
  for (const refund of order.refunds) {
    if (refund.deadlineAt !== null && refund.deadlineAt <= now) {
      if (refund.state === 'requested') counts.autoApprove++
      else counts.returns++
      await meetDeadline(deps, order.id, refund.id)
    }
  }
  for (const refund of order.refunds) if (refund.stock === 'due') await restock(deps, order.id, refund)
  for (const { request, nextAttemptAt } of order.refunds.flatMap((refund) => refund.transfers)) {
    if (nextAttemptAt === null || nextAttemptAt > now) continue
    counts.settleRefunds++
    await advanceTransfer(deps, order.id, request.outRefundNo)
  }
}

/** Each product is put back under the refund's number, so that a repeated job puts it back once. */
const restock = async (deps: ShopDeps, orderId: string, refund: Refund): Promise<void> => {
  for (const { productId, quantity } of refund.items)
    await deps.store.products.restock({ productId, refundId: refund.id, quantity })
  await changeOrder(deps.store.orders, orderId, (o) => stepStockReturned(o, refund.id))
}
