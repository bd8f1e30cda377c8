/**
 * @module What the console shows: the newest of everything in one bounded picture, and one request in full. No keys.
 */
import type { Core } from '../core.ts'
import { diagnoseV2 } from '../journal/diagnose-v2.ts'
import { diagnoseV3 } from '../journal/diagnose-v3.ts'
import type { Diagnosis } from '../journal/diagnosis.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { isRecord, parseJson } from '../json.ts'
import { accounts } from '../ledger.ts'
import type { TableName } from '../state/tables.ts'
import { stateOf } from '../trades.ts'
import type { Control } from './operations.ts'
import { viewRefund } from './views.ts'

const ROWS = 50
/** Members that are secrets, or as good as: they are not shown, whoever may look at the page. */
const SECRETS = ['secret', 'access_token', 'js_code', 'session_key', 'bank_account', 'real_name']

const iso = (ms: number): string => new Date(ms).toISOString()

export function consoleState(core: Core, control: Control) {
  const { store, identity, clock, journal, faults, platform } = core
  const now = clock.now()
  const count = (table: TableName): number => store.size(table)
  const { availableFen, pendingFen } = control.balance()
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
    money: {
      availableFen,
      pendingFen,
      transitFen: store.balances.of(accounts.transit),
      feesFen: store.balances.of(accounts.fees),
      sumFen: [...store.balances.all().values()].reduce((sum, fen) => sum + fen, 0),
    },
    balances: [...store.balances.all()].slice(0, ROWS).map(([account, fen]) => ({ account, fen })),
    trades: newest(store.all('trade'), count('trade')).map((trade) => ({
      outTradeNo: trade.outTradeNo,
      protocol: trade.protocol,
      description: trade.description,
      amountFen: trade.amountFen,
      openid: trade.openid,
      state: stateOf(store, trade, now),
      createdAt: iso(trade.createdAt),
      expiresAt: trade.expiresAt === null ? null : iso(trade.expiresAt),
      transactionIds: trade.transactionIds,
    })),
    refunds: newest(store.all('refund'), count('refund')).map(viewRefund),
    notifications: newest(store.all('notification'), count('notification')).map((notification) => {
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
          last === undefined
            ? null
            : 'error' in last.answer
              ? last.answer.error
              : `HTTP ${last.answer.status}`,
      }
    }),
    requests: journal.newest(ROWS).map(briefRequest),
    entries: newest(store.all('entry'), count('entry')).map((entry) => ({ ...entry, at: iso(entry.at) })),
    faults: faults.list().slice(-ROWS),
    messages: newest(store.all('message'), count('message')).map((message) => ({
      ...message,
      sentAt: iso(message.sentAt),
    })),
    shipments: newest(store.all('shipment'), count('shipment')).map((shipment) => ({
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

function briefRequest(entry: JournalEntry) {
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

export interface RequestView extends ReturnType<typeof briefRequest> {
  readonly headers: JournalEntry['headers']
  readonly body: string
  readonly isCut: boolean
  readonly answer: JournalEntry['answer']
  /** null where nothing is signed: the platform's own calls. */
  readonly signature: Diagnosis | null
}

export function viewRequest(core: Core, entry: JournalEntry): RequestView {
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

function withoutSecrets(url: string): string {
  return url.replace(new RegExp(`\\b(${SECRETS.join('|')})=[^&]*`, 'g'), '$1=…')
}

function jsonWithoutSecrets(text: string): string {
  return text.replace(new RegExp(`("(?:${SECRETS.join('|')})"\\s*:\\s*)"[^"]*"`, 'g'), '$1"…"')
}

function newest<T>(records: Iterable<T>, size: number): T[] {
  const kept: T[] = []
  let index = 0
  for (const record of records) {
    if (index++ >= size - ROWS) kept.push(record)
  }
  return kept.reverse()
}
