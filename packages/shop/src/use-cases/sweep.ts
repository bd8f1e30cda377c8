/** @module Due jobs: idempotent sweeps over what the store says is due, safe from many places at once. */
import { completesAt, workDueAt } from '../order/due.ts'
import { awaitsPerson, type Order } from '../order/order.ts'
import { stepCompleted } from '../order/steps.ts'
import type { InboxNews, ShopDeps } from '../ports.ts'
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

/** A worker that died leaves its orders to others after this long: more than one order's four calls can take. */
const LEASE_MS = 60_000
/** Orders claimed at once are worked on side by side, so that no lease runs out while its order waits in a queue. */
const BATCH = 10

/**
 * Runs everything due at the clock's present time, at most `limit` items. What people and WeChat are told is delivered
 * beside the money, so that neither a slow WeChat Pay nor a slow platform holds up the other.
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
  let isOver = false
  const mayBegin = () => !isOver && hasTime()
  const publish = async () => {
    counts.journal += await deps.store.journal.publish({ limit: Math.max(limit, 1) })
  }
  // Half of what may be handled: news that cannot be applied yet must not hold up every other job.
  const waiting = await deps.store.inbox.listUnapplied({
    before: deps.clock() + 1,
    limit: Math.ceil(limit / 2),
  })
  const messenger = createMessenger(deps, { counts, hasTime: mayBegin })
  const claimer = createClaimer(deps, {
    counts,
    hasTime: mayBegin,
    limit: limit - waiting.length,
    tell: messenger.add,
  })
  let asking: Promise<void> = Promise.resolve()
  try {
    await applyPayments(deps, { waiting, counts, hasTime })
    // Here too, because orders may take all the time there is while WeChat is slow.
    await publish()
    asking = askAboutHints(deps, { waiting, counts, hasTime: mayBegin })
    await claimer.workOff()
    await asking
    // What the answers set off is due now as well.
    if (waiting.some(({ news }) => news.kind === 'refundHint')) await claimer.workOff()
    await publish()
    await messenger.done()
  } finally {
    // Whoever asked is answered only when no call is under way any more, also when something failed.
    isOver = true
    await Promise.all([asking, messenger.done()])
  }
  if (hasTime()) await clearFiles(deps)
  return counts
}

interface InboxWork {
  readonly waiting: readonly InboxNews[]
  readonly counts: SweepCounts
  readonly hasTime: () => boolean
}

/** News of payments need no question: they go first, so that no order is closed or asked about for want of them. */
const applyPayments = async (deps: ShopDeps, { waiting, counts, hasTime }: InboxWork): Promise<void> => {
  for (const { id, news } of waiting) {
    if (news.kind !== 'payment') continue
    if (!hasTime()) return
    await safely(deps, news.paid.outTradeNo, async () => {
      await recordPayment(deps, news.paid)
      counts.settlePayments++
      await deps.store.inbox.markApplied(id, deps.clock())
    })
  }
}

/** Hints are asked about side by side, for each waits for WeChat Pay; one that stays unclear is asked about again. */
const askAboutHints = async (deps: ShopDeps, { waiting, counts, hasTime }: InboxWork): Promise<void> => {
  const questions = waiting.flatMap(({ id, news }) => {
    if (news.kind !== 'refundHint') return []
    const ask = () =>
      safely(deps, news.hint.outTradeNo, async () => {
        await recordRefundHint(deps, news.hint)
        counts.settleRefunds++
        await deps.store.inbox.markApplied(id, deps.clock())
      })
    return [ask]
  })
  for (let start = 0; start < questions.length && hasTime(); start += BATCH)
    await Promise.all(questions.slice(start, start + BATCH).map((ask) => ask()))
}

/** One order or piece of news that fails must not hold up the others: it stays due, and is tried again. */
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

interface Claimer {
  /** Claims and advances until nothing is due that nobody has, the limit is reached, or there is no time. */
  workOff(): Promise<void>
}

/** Takes due orders as far as they can go now, and hands each on to be told about. */
const createClaimer = (
  deps: ShopDeps,
  input: Advancing & { readonly limit: number; readonly tell: (orderId: string) => void },
): Claimer => {
  const { hasTime, tell } = input
  const handedOn = new Set<string>()
  let left = input.limit
  // Every message that is written down ends its order's lease, so the order is claimed again for the messages that are
  // left. The messenger has those: they use up nothing of what is meant for money.
  const isNew = (order: Order): boolean =>
    !handedOn.has(order.id) || (workDueAt(order) ?? Infinity) <= deps.clock()
  const advance = async (order: Order): Promise<void> => {
    await safely(deps, order.id, () => advanceOrder(deps, order, input))
    handedOn.add(order.id)
    tell(order.id)
  }
  return {
    workOff: async () => {
      while (left > 0 && hasTime()) {
        const limit = Math.min(BATCH, left)
        const claimed = await deps.store.orders.claimDue({ now: deps.clock(), limit, leaseMs: LEASE_MS })
        const due = claimed.filter(isNew)
        for (const order of claimed) if (!due.includes(order)) tell(order.id)
        await Promise.all(due.map(advance))
        left -= due.length
        // A full claim of nothing new may have left something new behind it.
        if (due.length === 0 && claimed.length < limit) return
      }
    },
  }
}

interface Messenger {
  /** Delivers what is due about this order, as soon as there is room. */
  add(orderId: string): void
  /** Resolves when nothing is left to deliver, or no time to do it. */
  done(): Promise<void>
}

/**
 * Tells people and WeChat about orders whose money was looked after, so many side by side. Once the platform does not
 * answer, what is left waits a minute instead of a time-out each.
 */
const createMessenger = (
  deps: ShopDeps,
  { counts, hasTime }: { readonly counts: SweepCounts; readonly hasTime: () => boolean },
): Messenger => {
  const waiting = new Set<string>()
  const atWork = new Set<string>()
  const rounds: Promise<void>[] = []
  let underWay = 0
  let isAway = false
  // An order that is at work and waits has news that its delivery may not have seen: it is come to once more.
  const next = (): string | undefined => [...waiting].find((orderId) => !atWork.has(orderId))
  const deliver = (orderId: string): Promise<void> =>
    safely(deps, orderId, async () => {
      if (isAway) return postponeEffects(deps, orderId)
      if ((await deliverEffects(deps, orderId, { counts, hasTime })) === 'away') isAway = true
    })
  const round = async (): Promise<void> => {
    underWay++
    for (let orderId = next(); orderId !== undefined && hasTime(); orderId = next()) {
      waiting.delete(orderId)
      atWork.add(orderId)
      await deliver(orderId)
      atWork.delete(orderId)
    }
    underWay--
  }
  return {
    add: (orderId) => {
      waiting.add(orderId)
      if (underWay < BATCH) rounds.push(round())
    },
    done: async () => {
      await Promise.all(rounds)
    },
  }
}

interface Advancing {
  readonly counts: SweepCounts
  readonly hasTime: () => boolean
}

/** Takes one due order as far as it can go now: first what keeps it payable or closes it, then its refunds. */
const advanceOrder = async (deps: ShopDeps, order: Order, input: Advancing): Promise<void> => {
  await advancePhase(deps, order, input.counts)
  const fresh = await deps.store.orders.get(order.id)
  if (fresh !== null) await advanceRefunds(deps, fresh, input)
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
const advanceRefunds = async (
  deps: ShopDeps,
  order: Order,
  { counts, hasTime }: Advancing,
): Promise<void> => {
  const now = deps.clock()
  for (const refund of order.refunds) {
    if (refund.deadlineAt !== null && refund.deadlineAt <= now) {
      if (refund.state === 'requested') counts.autoApprove++
      else counts.returns++
      await meetDeadline(deps, order.id, refund.id)
    }
  }
  for (const refund of order.refunds) if (refund.stock === 'due') await restock(deps, order.id, refund)
  const due = order.refunds
    .flatMap((refund) => refund.transfers)
    .filter(({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= now)
  for (const [done, { request }] of due.entries()) {
    // An order may have many, one after the other: the first is taken in any case, so that each sweep gets on.
    if (done > 0 && !hasTime()) return
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
