/**
 * @module How the control API shows records: instants as ISO 8601, names as in the contract.
 */
import type { Store } from '../state/store.ts'
import type { Attempt, Notification, NotificationStatus, Protocol, SignType, Trade } from '../state/tables.ts'
import { stateOf, type TradeState } from '../trades.ts'

export interface TradeView {
  readonly outTradeNo: string
  readonly protocol: Protocol
  readonly signType: SignType | 'RSA'
  readonly state: TradeState
  readonly description: string
  readonly amountFen: number
  readonly currency: string
  readonly attach: string | null
  readonly openid: string
  readonly notifyUrl: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly closedAt: string | null
  readonly transactions: readonly {
    readonly transactionId: string
    readonly openid: string
    readonly paidFen: number
    readonly currency: string
    readonly bankType: string
    readonly paidAt: string
  }[]
}

export interface NotificationView {
  readonly id: string
  readonly kind: 'payment'
  readonly protocol: Protocol
  readonly outTradeNo: string
  readonly transactionId: string
  readonly url: string
  readonly status: NotificationStatus
  readonly createdAt: string
  readonly nextAttemptAt: string | null
  readonly content: Readonly<Record<string, unknown>>
  readonly attempts: readonly (Omit<Attempt, 'at'> & { readonly at: string })[]
}

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

export function viewTrade(store: Store, trade: Trade, now: number): TradeView {
  return {
    outTradeNo: trade.outTradeNo,
    protocol: trade.protocol,
    signType: trade.signType ?? 'RSA',
    state: stateOf(trade, now),
    description: trade.description,
    amountFen: trade.amountFen,
    currency: trade.currency,
    attach: trade.attach,
    openid: trade.openid,
    notifyUrl: trade.notifyUrl,
    createdAt: iso(trade.createdAt),
    expiresAt: isoOrNull(trade.expiresAt),
    closedAt: isoOrNull(trade.closedAt),
    transactions: trade.transactionIds.flatMap((id) => {
      const transaction = store.get('transaction', id)
      if (transaction === undefined) return []
      const { transactionId, openid, paidFen, currency, bankType, paidAt } = transaction
      return [{ transactionId, openid, paidFen, currency, bankType, paidAt: iso(paidAt) }]
    }),
  }
}

export function viewNotification(notification: Notification): NotificationView {
  const { id, kind, protocol, outTradeNo, transactionId, url, status, content } = notification
  return {
    id,
    kind,
    protocol,
    outTradeNo,
    transactionId,
    url,
    status,
    createdAt: iso(notification.createdAt),
    nextAttemptAt: isoOrNull(notification.nextAttemptAt),
    content,
    attempts: notification.attempts.map((attempt) => ({ ...attempt, at: iso(attempt.at) })),
  }
}
