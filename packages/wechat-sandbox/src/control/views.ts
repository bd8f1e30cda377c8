/**
 * @module How the control API shows records: instants as ISO 8601, names as in the contract.
 */

import { userReceivedAccount } from '../refunds/receiver.ts'
import type { Store } from '../state/store.ts'
import type {
  Attempt,
  Notification,
  NotificationStatus,
  Protocol,
  Refund,
  RefundState,
  SignType,
  Trade,
} from '../state/tables.ts'
import { refundsOf, stateOf, type TradeState } from '../trades.ts'

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
    /** out_refund_no of each, oldest first. */
    readonly refunds: readonly string[]
  }[]
}

export interface RefundView {
  readonly outRefundNo: string
  readonly refundId: string
  readonly outTradeNo: string
  readonly transactionId: string
  readonly openid: string
  readonly protocol: Protocol
  readonly source: 'API' | 'VENDOR_PLATFORM'
  readonly state: RefundState
  readonly totalFen: number
  readonly refundFen: number
  readonly currency: string
  readonly reason: string | null
  readonly notifyUrl: string | null
  /** false while the merchant's money for it isn't there. */
  readonly isFunded: boolean
  /** The merchant's fee that came back with it. */
  readonly feeReturnedFen: number
  readonly receivedAccount: string
  readonly createdAt: string
  /** When it decides itself; null when it is decided or waits for the control API. */
  readonly dueAt: string | null
  readonly finishedAt: string | null
}

export interface NotificationView {
  readonly id: string
  readonly kind: 'payment' | 'refund'
  readonly protocol: Protocol
  readonly outTradeNo: string
  readonly transactionId: string
  readonly outRefundNo: string | null
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
    state: stateOf(store, trade, now),
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
      const refunds = refundsOf(store, id).map(({ outRefundNo }) => outRefundNo)
      return [{ transactionId, openid, paidFen, currency, bankType, paidAt: iso(paidAt), refunds }]
    }),
  }
}

export function viewRefund(refund: Refund): RefundView {
  return {
    outRefundNo: refund.outRefundNo,
    refundId: refund.refundId,
    outTradeNo: refund.outTradeNo,
    transactionId: refund.transactionId,
    openid: refund.openid,
    protocol: refund.protocol,
    source: refund.source,
    state: refund.state,
    totalFen: refund.totalFen,
    refundFen: refund.refundFen,
    currency: refund.currency,
    reason: refund.reason,
    notifyUrl: refund.notifyUrl,
    isFunded: refund.funding !== null,
    feeReturnedFen: refund.state === 'CLOSED' ? 0 : (refund.funding?.feeFen ?? 0),
    receivedAccount: userReceivedAccount(refund),
    createdAt: iso(refund.createdAt),
    dueAt: isoOrNull(refund.dueAt),
    finishedAt: isoOrNull(refund.finishedAt),
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
    outRefundNo: notification.outRefundNo ?? null,
    url,
    status,
    createdAt: iso(notification.createdAt),
    nextAttemptAt: isoOrNull(notification.nextAttemptAt),
    content,
    attempts: notification.attempts.map((attempt) => ({ ...attempt, at: iso(attempt.at) })),
  }
}
