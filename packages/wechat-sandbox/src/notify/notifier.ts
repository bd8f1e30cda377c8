/**
 * @module Tells the merchant about payments and refunds, again and again on WeChat Pay's schedule until it acknowledges.
 */
import { type Core, newNumber } from '../core.ts'
import type { FaultName, FaultRecord } from '../faults.ts'
import type { AskOutside, Schedule } from '../schedule.ts'
import type { Write } from '../state/store.ts'
import {
  type Attempt,
  BOUNDS,
  type Notification,
  type NotificationStatus,
  type Refund,
  type Trade,
  type Transaction,
} from '../state/tables.ts'
import { isAcknowledged } from './acknowledgement.ts'
import { buildMessage, type NotifyMessage } from './message.ts'
import { type News, paymentNews, refundNews } from './news.ts'
import { byHand, type Reach } from './reach.ts'

const S = 1_000
const M = 60 * S
const H = 60 * M
/** 15s/15s/30s/3m/10m/20m/30m/30m/30m/60m/3h/3h/3h/6h/6h: 24 h 4 min of virtual time in all. */
export const RETRY_AFTER_MS: readonly number[] = [
  15 * S,
  15 * S,
  30 * S,
  3 * M,
  10 * M,
  20 * M,
  30 * M,
  30 * M,
  30 * M,
  60 * M,
  3 * H,
  3 * H,
  3 * H,
  6 * H,
  6 * H,
]

/** Characters of the merchant's answer that are kept: an error page can be long, and there are many of it. */
const SHOWN_OF_ANSWER = 2_000

export type Tampering = 'wrong-signature' | 'unsigned' | 'probe' | 'stale-timestamp' | 'other-order-body'
export type ForgedKind = 'forged-notification' | 'unsigned-notification' | 'probe'

/** A notification that is made: its writes belong into the commit of the news itself, `plan` comes after it. */
export interface Prepared {
  readonly writes: Write[]
  readonly plan: () => void
}

export interface Notifier {
  prepare(trade: Trade, transaction: Transaction): Prepared
  /** undefined when the refund has nowhere to be announced. */
  prepareRefund(refund: Refund): Prepared | undefined
  /** Plans everything that was still to be sent when the sandbox last stopped. */
  planAll(): void
  /** One sending now, whatever the schedule says. */
  send(notification: Notification): Promise<Notification>
  /** One sending now, spoilt; whatever is answered, the notification's state stays as it is. */
  tamper(notification: Notification, kind: Tampering): Promise<Notification>
  /** A stranger's message that claims an order was paid. */
  forge(trade: Trade, kind: ForgedKind): Promise<Notification>
  /** A stranger's message that claims a refund ended in this state; undefined when it has no address. */
  forgeRefund(refund: Refund, kind: ForgedKind): Promise<Notification | undefined>
}

export function openNotifier(core: Core, schedule: Schedule, reach: Reach, closing: AbortSignal): Notifier {
  const { store, clock, faults } = core
  /** Those that wait for another one. */
  const reordered = new Set<string>()

  const put = (notification: Notification): Write => ({
    table: 'notification',
    id: notification.id,
    value: notification,
  })

  const make = (news: News, status: NotificationStatus, fault: FaultRecord | undefined): Notification => {
    const now = clock.now()
    const { content, ...about } = news
    return {
      id: newNumber.notificationId(),
      ...about,
      status,
      createdAt: now,
      nextAttemptAt: status === 'pending' ? now : null,
      retries: 0,
      copies: fault?.fault === 'duplicate-notification' ? fault.copies : 1,
      content: fault?.fault === 'ambiguous-v2' ? { ...content, attach: fault.attach } : content,
      attempts: [],
      ...(fault?.fault === 'reorder-notification' ? { isReordered: true } : {}),
    }
  }

  /** @param by the schedule, or by hand */
  const attempt = async (id: string, by: AskOutside): Promise<Notification | undefined> => {
    const notification = store.get('notification', id)
    if (notification === undefined) return undefined
    const fault = faults.take('attempt', subjectOf(notification))
    const made = await Promise.all(
      Array.from({ length: notification.copies }, () => sendOnce(notification, fault, by)),
    )
    // The sandbox is stopping: the sending counts as not made, and is due again at the next start.
    if (closing.aborted) return undefined
    const latest = store.get('notification', id)
    // Everything was cleared while it was on its way.
    if (latest === undefined) return undefined
    const after = afterAttempts(latest, made, by !== byHand, clock.now())
    store.commit([put(after)])
    // Sent by hand in between, its next turn is planned already; planned again it would come twice.
    if (after.nextAttemptAt !== latest.nextAttemptAt) planOne(after)
    letGo()
    core.log('notification.sent', {
      kind: after.kind,
      outTradeNo: after.outTradeNo,
      ok: made.some(({ ok }) => ok),
      status: after.status,
    })
    return after
  }

  /** Those that had to wait for another one have waited long enough. */
  const letGo = (): void => {
    for (const id of reordered) {
      reordered.delete(id)
      const held = store.get('notification', id)
      // Sent by hand meanwhile, or cleared away.
      if (held?.status !== 'held') continue
      const freed: Notification = { ...held, status: 'pending', nextAttemptAt: clock.now() }
      store.commit([put(freed)])
      planOne(freed)
    }
  }

  const sendOnce = async (
    notification: Notification,
    fault: FaultRecord | undefined,
    by: AskOutside,
  ): Promise<Attempt> => {
    if (fault?.fault === 'delay') await pause(fault.ms, closing)
    return post(notification, buildMessage(core, notification, fault?.fault), fault?.fault, by)
  }

  const post = async (
    notification: Notification,
    message: NotifyMessage,
    fault: FaultName | undefined,
    by: AskOutside,
  ): Promise<Attempt> => {
    const at = clock.now()
    const startedAt = performance.now()
    const answer = await reach(by, notification.url, message.headers, message.body)
    return {
      at,
      fault: fault ?? null,
      request: { headers: message.headers, body: message.body },
      decrypted: message.decrypted,
      answer: 'error' in answer ? answer : { ...answer, body: answer.body.slice(0, SHOWN_OF_ANSWER) },
      ok: isAcknowledged(notification.protocol, answer),
      tookMs: Math.round(performance.now() - startedAt),
    }
  }

  const planOne = (notification: Notification): void => {
    if (notification.nextAttemptAt === null) return
    const { id, nextAttemptAt: due } = notification
    schedule.plan(due, id, {
      // Sent by hand or decided otherwise in between: then this plan is no longer the notification's own.
      isAwaited: () => store.get('notification', id)?.nextAttemptAt === due,
      async run(askOutside) {
        await attempt(id, askOutside)
      },
    })
  }

  const prepareNews = (news: News): Prepared => {
    const subject = subjectOf(news)
    const fault =
      faults.take('notification', subject) ??
      (news.kind === 'payment' ? faults.take('payment-notification', subject) : undefined)
    const status =
      fault?.fault === 'lose-notification'
        ? 'lost'
        : fault?.fault === 'hold-notification' || fault?.fault === 'reorder-notification'
          ? 'held'
          : 'pending'
    const notification = make(news, status, fault)
    const plan = (): void => {
      if (notification.isReordered === true) reordered.add(notification.id)
      planOne(notification)
    }
    return { writes: [put(notification), ...oldestFinished(core)], plan }
  }

  const forgeNews = async (news: News, kind: ForgedKind): Promise<Notification> => {
    const notification = make(news, 'forged', undefined)
    const sent = {
      ...notification,
      attempts: [await post(notification, buildMessage(core, notification, kind), kind, byHand)],
    }
    // As for a tampered one: nothing is left of what it was about.
    if (store.get('trade', news.outTradeNo) !== undefined) store.commit([put(sent), ...oldestFinished(core)])
    return sent
  }

  return {
    prepare: (trade, transaction) => prepareNews(paymentNews(core, trade, transaction)),
    prepareRefund(refund) {
      const news = refundNews(core, refund)
      return news && prepareNews(news)
    },
    planAll() {
      for (const notification of store.all('notification')) {
        if (notification.isReordered === true && notification.status === 'held')
          reordered.add(notification.id)
        planOne(notification)
      }
    },
    async send(notification) {
      return (await attempt(notification.id, byHand)) ?? notification
    },
    async tamper({ id }, kind) {
      const before = store.get('notification', id)
      if (before === undefined) throw new Error('the notification is gone')
      const made = await post(before, buildMessage(core, before, kind), kind, byHand)
      const latest = store.get('notification', id)
      const after = { ...(latest ?? before), attempts: newest([...(latest ?? before).attempts, made]) }
      // Everything may have been cleared while it was on its way: it doesn't come back.
      if (latest !== undefined) store.commit([put(after)])
      return after
    },
    async forge(trade, kind) {
      const now = clock.now()
      const invented: Transaction = {
        transactionId: newNumber.transactionId(now),
        outTradeNo: trade.outTradeNo,
        openid: trade.openid,
        paidFen: trade.amountFen,
        currency: trade.currency,
        bankType: 'OTHERS',
        paidAt: now,
        settleAt: null,
      }
      return forgeNews(paymentNews(core, trade, invented), kind)
    },
    async forgeRefund(refund, kind) {
      const news = refundNews(core, refund)
      return news && forgeNews(news, kind)
    },
  }
}

function subjectOf({ url, outTradeNo, outRefundNo }: Pick<News, 'url' | 'outTradeNo' | 'outRefundNo'>) {
  return { path: new URL(url).pathname, outTradeNo, outRefundNo }
}

function afterAttempts(
  notification: Notification,
  made: readonly Attempt[],
  isScheduled: boolean,
  now: number,
): Notification {
  const attempts = newest([...notification.attempts, ...made])
  if (made.some(({ ok }) => ok))
    return { ...notification, attempts, status: 'delivered', nextAttemptAt: null }
  // A held one that was let go joins the schedule; a lost one stays lost unless it arrives.
  const isOnSchedule = isScheduled || notification.status === 'held'
  if (!isOnSchedule) return { ...notification, attempts }
  const wait = RETRY_AFTER_MS[notification.retries]
  return wait === undefined
    ? { ...notification, attempts, status: 'exhausted', nextAttemptAt: null }
    : {
        ...notification,
        attempts,
        status: 'pending',
        nextAttemptAt: (made[0]?.at ?? now) + wait,
        retries: notification.retries + 1,
      }
}

/** The newest attempts, as many as the bounds let stand; the very last one always. */
function newest(attempts: readonly Attempt[]): Attempt[] {
  const kept: Attempt[] = []
  let bytes = 0
  for (const attempt of attempts.slice(-BOUNDS.attempts).reverse()) {
    bytes += JSON.stringify(attempt).length
    if (kept.length > 0 && bytes > BOUNDS.attemptBytes) break
    kept.push(attempt)
  }
  return kept.reverse()
}

/** Above the bound the oldest notification that is over makes room; when none is, the oldest of all. */
function oldestFinished({ store }: Core): Write[] {
  if (store.size('notification') < BOUNDS.notifications) return []
  let oldest: string | undefined
  for (const { id, nextAttemptAt, status } of store.all('notification')) {
    if (nextAttemptAt === null && status !== 'held') return [{ table: 'notification', id, value: null }]
    oldest ??= id
  }
  return oldest === undefined ? [] : [{ table: 'notification', id: oldest, value: null }]
}

/** A real wait that ends early when the sandbox stops. */
export function pause(ms: number, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (closing.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      closing.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    timer.unref()
    closing.addEventListener('abort', done)
  })
}
