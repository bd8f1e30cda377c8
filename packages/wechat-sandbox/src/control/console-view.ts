/**
 * @module What the console shows at one glance: the newest of everything in one bounded picture. No keys.
 */
import type { Core } from '../core.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { isRecord, parseJson } from '../json.ts'
import { accounts } from '../ledger.ts'
import type { Entry, Notification, Refund, TableName, Trade } from '../state/tables.ts'
import { stateOf } from '../trades.ts'
import {
  type ListName,
  NEWEST,
  newest,
  type Rows,
  type Source,
  selectRows,
  type Wanted,
} from './console-query.ts'
import type { Control } from './operations.ts'
import { viewRefund } from './views.ts'

/** How many accounts, faults, messages and shipments are shown. */
const ROWS = 50
/** Members that are secrets, or as good as: they are not shown, whoever may look at the page. */
const SECRETS = ['secret', 'access_token', 'js_code', 'session_key', 'bank_account', 'real_name']

const iso = (ms: number): string => new Date(ms).toISOString()

export function consoleState(core: Core, control: Control, wanted: Wanted = NEWEST) {
  const { store, identity, clock, journal, faults, platform } = core
  const now = clock.now()
  const count = (table: TableName): number => store.size(table)
  const { availableFen, pendingFen } = control.balance()
  const lists = {
    trades: select(wanted, 'trades', tradeSource(core)),
    refunds: select(wanted, 'refunds', refundSource(core)),
    notifications: select(wanted, 'notifications', notificationSource(core)),
    requests: select(wanted, 'requests', requestSource(core)),
    entries: select(wanted, 'entries', entrySource(core)),
  }
  return {
    merchant: {
      mchid: identity.mchid,
      appid: identity.appid,
      certificate: core.hasPlatformCertificate ? platform.active().serialNo : null,
      publicKeyId: identity.publicKeyId,
    },
    clock: control.clock(),
    certificates: platform.states(),
    counts: {
      trades: count('trade'),
      refunds: count('refund'),
      notifications: count('notification'),
      requests: journal.size(),
      entries: count('entry'),
      faults: count('fault'),
      messages: count('message'),
      shipments: count('shipment'),
    },
    /** How many there are of the list that was asked for, with the search that was asked for. */
    matching: wanted.list === null ? null : lists[wanted.list].matching,
    money: {
      availableFen,
      pendingFen,
      transitFen: store.balances.of(accounts.transit),
      feesFen: store.balances.of(accounts.fees),
      sumFen: [...store.balances.all().values()].reduce((sum, fen) => sum + fen, 0),
    },
    accounts: store.balances.all().size,
    balances: balances(core),
    trades: lists.trades.rows.map((trade) => ({
      outTradeNo: trade.outTradeNo,
      protocol: trade.protocol,
      description: trade.description,
      amountFen: trade.amountFen,
      openid: trade.openid,
      state: stateOf(store, trade, now),
      oddity: oddityOf(core, trade),
      createdAt: iso(trade.createdAt),
    })),
    refunds: lists.refunds.rows.map(viewRefund),
    notifications: lists.notifications.rows.map(briefNotification),
    requests: lists.requests.rows.map(briefRequest),
    entries: lists.entries.rows.map(briefEntry),
    faults: faults.list().slice(-ROWS),
    messages: newest(store.all('message'), count('message'), ROWS).map((message) => ({
      ...message,
      sentAt: iso(message.sentAt),
    })),
    shipments: newest(store.all('shipment'), count('shipment'), ROWS).map((shipment) => ({
      outTradeNo: shipment.outTradeNo,
      isFinished: shipment.isFinished,
      finishCount: shipment.finishCount,
      finishedAt: shipment.finishedAt === null ? null : iso(shipment.finishedAt),
      parcels: shipment.parcels.map(({ expressCompany, trackingNo, itemDesc }) => ({
        expressCompany,
        trackingNo,
        itemDesc,
      })),
    })),
  }
}

export type ConsoleState = ReturnType<typeof consoleState>

function select<T>(wanted: Wanted, list: ListName, source: Source<T>): Rows<T> {
  return selectRows(source, list, wanted)
}

function tradeSource({ store }: Core): Source<Trade> {
  return {
    records: store.all('trade'),
    size: store.size('trade'),
    words: (trade) => [trade.outTradeNo, trade.description, trade.openid, ...trade.transactionIds],
    isFailed: (trade) => oddityOf({ store }, trade) !== null,
  }
}

/** Money that came in otherwise than ordered; null: none did. */
function oddityOf({ store }: Pick<Core, 'store'>, trade: Trade): 'amount' | 'twice' | null {
  if (trade.transactionIds.length > 1) return 'twice'
  const [first] = trade.transactionIds
  const paid = first === undefined ? undefined : store.get('transaction', first)
  const isAsOrdered =
    paid === undefined || (paid.paidFen === trade.amountFen && paid.currency === trade.currency)
  return isAsOrdered ? null : 'amount'
}

function refundSource({ store }: Core): Source<Refund> {
  return {
    records: store.all('refund'),
    size: store.size('refund'),
    words: (refund) => [refund.outRefundNo, refund.outTradeNo, refund.refundId, refund.openid, refund.state],
    isFailed: ({ state, funding }) => state === 'ABNORMAL' || state === 'CLOSED' || funding === null,
  }
}

function notificationSource({ store }: Core): Source<Notification> {
  return {
    records: store.all('notification'),
    size: store.size('notification'),
    words: (notice) => [notice.outTradeNo, notice.outRefundNo, notice.id, notice.url, notice.status],
    isFailed: ({ status, attempts }) =>
      status !== 'delivered' && (status !== 'pending' || attempts.some(({ ok }) => !ok)),
  }
}

function requestSource({ journal }: Core): Source<JournalEntry> {
  return {
    records: journal.newest(journal.size()).reverse(),
    size: journal.size(),
    words: (entry) => [
      withoutSecrets(entry.url),
      entry.method,
      entry.outTradeNo,
      entry.outRefundNo,
      entry.fault,
      entry.answer?.status,
      codeOf(entry),
    ],
    isFailed: (entry) => entry.answer === null || codeOf(entry) !== null || entry.answer.status >= 400,
  }
}

function entrySource({ store }: Core): Source<Entry> {
  return {
    records: store.all('entry'),
    size: store.size('entry'),
    words: (entry) => [entry.cause, entry.account, entry.outTradeNo, entry.transactionId, entry.outRefundNo],
    isFailed: () => false,
  }
}

/** The merchant's and the platform's accounts first: a thousand payers must not push them out of the picture. */
function balances({ store }: Core): { account: string; fen: number }[] {
  const all = [...store.balances.all()].map(([account, fen]) => ({ account, fen }))
  const isPayers = ({ account }: { account: string }): boolean => account.startsWith('payer:')
  return [...all.filter((one) => !isPayers(one)), ...all.filter(isPayers)].slice(0, ROWS)
}

export function briefEntry(entry: Entry) {
  return { ...entry, at: iso(entry.at) }
}

export type BriefEntry = ReturnType<typeof briefEntry>

export function briefNotification(notification: Notification) {
  const last = notification.attempts.at(-1)
  return {
    id: notification.id,
    kind: notification.kind,
    protocol: notification.protocol,
    about: notification.outRefundNo ?? notification.outTradeNo,
    status: notification.status,
    url: notification.url,
    createdAt: iso(notification.createdAt),
    nextAttemptAt: notification.nextAttemptAt === null ? null : iso(notification.nextAttemptAt),
    attempts: notification.attempts.length,
    lastAnswer:
      last === undefined ? null : 'error' in last.answer ? last.answer.error : `HTTP ${last.answer.status}`,
  }
}

export type BriefNotification = ReturnType<typeof briefNotification>

export function briefRequest(entry: JournalEntry) {
  return {
    id: entry.id,
    at: iso(entry.at),
    host: entry.host,
    protocol: entry.protocol,
    method: entry.method,
    path: withoutSecrets(entry.url),
    about: entry.outRefundNo ?? entry.outTradeNo,
    status: entry.answer?.status ?? null,
    code: codeOf(entry),
    isSignatureFault: isSignatureRefusal(entry),
    fault: entry.fault,
    tookMs: entry.tookMs,
  }
}

export type BriefRequest = ReturnType<typeof briefRequest>

/** WeChat's word for what went wrong, if anything did. */
function codeOf({ answer, protocol }: JournalEntry): string | null {
  if (answer === null) return null
  if (protocol === 'v2') {
    const word = /<(?:err_code|return_msg)><!\[CDATA\[(.*?)\]\]>/
    return answer.body.includes('FAIL')
      ? (word.exec(answer.body.replace(/<return_msg><!\[CDATA\[OK\]\]>/, ''))?.[1] ?? 'FAIL')
      : null
  }
  const json = parseJson(Buffer.from(answer.body))
  if (!isRecord(json)) return null
  if (protocol === 'platform')
    return json.errcode === undefined || json.errcode === 0 ? null : String(json.errcode)
  return answer.status >= 400 && typeof json.code === 'string' ? json.code : null
}

function isSignatureRefusal(entry: JournalEntry): boolean {
  const code = codeOf(entry)
  return code === 'SIGN_ERROR' || code === '签名错误' || code === 'SIGN ERROR'
}

export function withoutSecrets(url: string): string {
  return url.replace(new RegExp(`\\b(${SECRETS.join('|')})=[^&]*`, 'g'), '$1=…')
}

export function jsonWithoutSecrets(text: string): string {
  return text.replace(new RegExp(`("(?:${SECRETS.join('|')})"\\s*:\\s*)"[^"]*"`, 'g'), '$1"…"')
}
