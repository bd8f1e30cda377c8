/**
 * @module What the console shows of one thing: an order or a refund with everything about it, a request, a notification.
 */
import type { Core } from '../core.ts'
import { diagnoseV2 } from '../journal/diagnose-v2.ts'
import { diagnoseV3 } from '../journal/diagnose-v3.ts'
import type { Diagnosis } from '../journal/diagnosis.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { RETRY_AFTER_MS } from '../notify/notifier.ts'
import type { Entry, Notification } from '../state/tables.ts'
import {
  type BriefEntry,
  type BriefNotification,
  type BriefRequest,
  briefEntry,
  briefNotification,
  briefRequest,
  jsonWithoutSecrets,
} from './console-view.ts'
import { ControlError } from './control-error.ts'
import {
  type NotificationView,
  type RefundView,
  type TradeView,
  viewNotification,
  viewRefund,
  viewTrade,
} from './views.ts'

/** How much of what belongs to one thing is shown. */
const RELATED = 100

interface Related {
  /** Newest first. */
  readonly requests: readonly BriefRequest[]
  readonly notifications: readonly BriefNotification[]
  /** Oldest first, as books are read. */
  readonly entries: readonly BriefEntry[]
}

export interface TradeDetail extends Related {
  readonly trade: TradeView
  readonly refunds: readonly RefundView[]
}

export function tradeDetail(core: Core, outTradeNo: string): TradeDetail {
  const { store, clock } = core
  const trade = store.get('trade', outTradeNo)
  if (trade === undefined) throw notThere('order')
  const view = viewTrade(store, trade, clock.now())
  return {
    trade: view,
    refunds: view.transactions.flatMap(({ refunds }) =>
      refunds.flatMap((outRefundNo) => {
        const refund = store.get('refund', outRefundNo)
        return refund === undefined ? [] : [viewRefund(refund)]
      }),
    ),
    ...relatedTo(core, (record) => record.outTradeNo === outTradeNo),
  }
}

export interface RefundDetail extends Related {
  readonly refund: RefundView
}

export function refundDetail(core: Core, outRefundNo: string): RefundDetail {
  const refund = core.store.get('refund', outRefundNo)
  if (refund === undefined) throw notThere('refund')
  return { refund: viewRefund(refund), ...relatedTo(core, (record) => record.outRefundNo === outRefundNo) }
}

function relatedTo(
  { store, journal }: Core,
  isAbout: (record: JournalEntry | Notification | Entry) => boolean,
): Related {
  return {
    requests: journal.newest(journal.size()).filter(isAbout).slice(0, RELATED).map(briefRequest),
    notifications: lastOf(store.all('notification'), isAbout).reverse().map(briefNotification),
    entries: lastOf(store.all('entry'), isAbout).map(briefEntry),
  }
}

function lastOf<T>(records: Iterable<T>, isAbout: (record: T) => boolean): T[] {
  const found: T[] = []
  for (const record of records) if (isAbout(record)) found.push(record)
  return found.slice(-RELATED)
}

export interface RequestDetail extends BriefRequest {
  /** Signatures go by real time. */
  readonly realAt: string
  readonly headers: JournalEntry['headers']
  readonly body: string
  readonly isCut: boolean
  readonly answer: JournalEntry['answer']
  /** null where nothing is signed: the platform's own calls. */
  readonly signature: Diagnosis | null
}

export function requestDetail(core: Core, id: string): RequestDetail {
  const entry = core.journal.get(id)
  if (entry === undefined) throw new ControlError(404, 'NOT_FOUND', 'that request is no longer kept')
  const canTell = !entry.isCut && entry.protocol !== 'platform'
  const signature = canTell
    ? entry.protocol === 'v3'
      ? diagnoseV3(core, entry)
      : diagnoseV2(core, entry)
    : null
  const isPlatform = entry.protocol === 'platform'
  const body = entry.body.toString('utf8')
  return {
    ...briefRequest(entry),
    realAt: new Date(entry.realAt).toISOString(),
    headers: entry.headers,
    body: isPlatform ? jsonWithoutSecrets(body) : body,
    isCut: entry.isCut,
    answer:
      entry.answer && isPlatform
        ? { ...entry.answer, body: jsonWithoutSecrets(entry.answer.body) }
        : entry.answer,
    signature,
  }
}

export interface NotificationDetail extends NotificationView {
  /** How many of the scheduled re-sends are used up, and how many there are. */
  readonly retries: number
  readonly maxRetries: number
}

export function notificationDetail({ store }: Core, id: string): NotificationDetail {
  const notification = store.get('notification', id)
  if (notification === undefined) throw notThere('notification')
  const { retries } = notification
  return { ...viewNotification(notification), retries, maxRetries: RETRY_AFTER_MS.length }
}

function notThere(what: string): ControlError {
  return new ControlError(404, 'NOT_FOUND', `there is no such ${what}`)
}
