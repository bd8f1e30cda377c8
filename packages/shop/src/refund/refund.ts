/** @module A refund: what was agreed (agreement), and where the money is (transfers). Two machines, on purpose. */
import type { Fen, RefundStatus, TransferStatus } from '@yuanlu/contract'
import { nextState, type TransitionTable } from '../machine.ts'
import type { Instant } from '../order/order.ts'
import type { WxpayApi } from '../payment/payment.ts'

export type AgreementEvent =
  | 'withdrawn'
  | 'rejected'
  | 'approved'
  | 'approvedForReturn'
  | 'goodsSent'
  | 'goodsReceived'
  | 'succeeded'
  | 'stuck'
  | 'resumed'
  | 'abandoned'

/** What was agreed about a refund (退款). Nothing leaves `refunded`. */
export const AGREEMENT_TRANSITIONS = {
  requested: {
    withdrawn: 'withdrawn',
    rejected: 'rejected',
    approved: 'refunding',
    approvedForReturn: 'awaitingReturn',
  },
  withdrawn: {},
  rejected: {},
  awaitingReturn: { goodsSent: 'returning', withdrawn: 'withdrawn' },
  returning: { goodsReceived: 'refunding' },
  refunding: { succeeded: 'refunded', stuck: 'problem' },
  problem: { resumed: 'refunding', succeeded: 'refunded', abandoned: 'abandoned' },
  refunded: {},
  // Given up after WeChat Pay said it would not pay; should it pay after all, the money did go back.
  abandoned: { succeeded: 'refunded' },
} as const satisfies TransitionTable<RefundStatus, AgreementEvent>

/** Where an event takes an agreement, or null where it may not. */
export const agreementAfter = (state: RefundStatus, event: AgreementEvent): RefundStatus | null =>
  nextState<RefundStatus, AgreementEvent>(AGREEMENT_TRANSITIONS, state, event)

export type TransferEvent =
  | 'sent'
  | 'notSent'
  | 'unclear'
  | 'accepted'
  | 'succeeded'
  | 'closed'
  | 'abnormal'
  | 'refused'
  | 'resent'
  | 'redirected'

/** Where the money of one `out_refund_no` is. A late success beats everything; nothing leaves `succeeded`. */
export const TRANSFER_TRANSITIONS = {
  submitting: {
    sent: 'submitting',
    notSent: 'submitting',
    unclear: 'unknown',
    accepted: 'processing',
    succeeded: 'succeeded',
    closed: 'closed',
    abnormal: 'abnormal',
    refused: 'failed',
  },
  unknown: {
    sent: 'unknown',
    notSent: 'unknown',
    unclear: 'unknown',
    accepted: 'processing',
    succeeded: 'succeeded',
    closed: 'closed',
    abnormal: 'abnormal',
    refused: 'failed',
  },
  processing: { succeeded: 'succeeded', closed: 'closed', abnormal: 'abnormal' },
  abnormal: { redirected: 'processing', succeeded: 'succeeded' },
  failed: { resent: 'submitting', accepted: 'processing', succeeded: 'succeeded' },
  closed: { succeeded: 'succeeded' },
  succeeded: {},
} as const satisfies TransitionTable<TransferStatus, TransferEvent>

/** Where an event takes a transfer, or null where it may not. */
export const transferAfter = (state: TransferStatus, event: TransferEvent): TransferStatus | null =>
  nextState<TransferStatus, TransferEvent>(TRANSFER_TRANSITIONS, state, event)

/** The exact parameters of one refund at WeChat Pay, fixed when its number is minted. */
export interface TransferRequest {
  readonly api: WxpayApi
  /** 商户退款单号: one per transfer, the same on every retry. */
  readonly outRefundNo: string
  readonly outTradeNo: string
  readonly transactionId: string
  readonly refundFen: Fen
  /** The whole trade's amount. */
  readonly totalFen: Fen
  readonly reason: string
  readonly notifyUrl: string
}

export interface Transfer {
  readonly state: TransferStatus
  readonly request: TransferRequest
  readonly wxRefundId: string | null
  readonly attempts: number
  readonly createdAt: Instant
  /** When it was last sent; null while nothing left us that WeChat Pay has not refused since. */
  readonly sentAt: Instant | null
  /** Since when it is unknown, or could not be sent; absent otherwise. */
  readonly unsettledSince?: Instant
  /** When a job sends or asks next; null when nothing is due. */
  readonly nextAttemptAt: Instant | null
  /** WeChat Pay's last refusal. */
  readonly reasonCode: string | null
  /** An abnormal refund that went to the merchant's own card has not reached the shopper, whatever WeChat Pay reports. */
  readonly toMerchantCard: boolean
  /** A short mark of the shopper's card an abnormal refund was sent to last; absent where it was sent to none. */
  readonly cardMark?: string
}

export interface TimelineEntry {
  readonly at: Instant
  readonly event: string
  /** An openid, or `system`. */
  readonly actor: string
  readonly note: string | null
}

export interface Refund {
  /** Starts with the order's number, so that whoever has the refund's finds its order. */
  readonly id: string
  readonly kind: 'refundOnly' | 'returnAndRefund'
  readonly origin: 'shopper' | 'staff' | 'system'
  readonly state: RefundStatus
  readonly amountFen: Fen
  readonly items: readonly { readonly productId: string; readonly quantity: number }[]
  readonly reason: string
  readonly description: string
  readonly evidence: readonly string[]
  /** Digest of what was asked for: the same idempotency key with another body is refused. */
  readonly requestDigest: string
  /** Whose money goes back: the order's own payment, or money that sits in suspense. */
  readonly source: { readonly transactionId: string; readonly totalFen: Fen; readonly suspense: boolean }
  readonly requestedBy: string
  readonly requestedAt: Instant
  readonly decidedAt: Instant | null
  readonly decidedBy: string | null
  readonly rejectReason: string | null
  readonly approvals: readonly { readonly by: string; readonly at: Instant }[]
  readonly returnShipment: { readonly carrier: string; readonly trackingNo: string } | null
  /** When a job decides or withdraws it, if nobody does before; null: never. */
  readonly deadlineAt: Instant | null
  readonly transfers: readonly Transfer[]
  /** Goods that came back or never left: `due` once the refund by items is done, put back on the shelf once. */
  readonly stock: 'none' | 'due' | 'returned'
  readonly timeline: readonly TimelineEntry[]
}

/** Refunds that hold money back: all but those given up. */
export const reservesMoney = (refund: Refund): boolean =>
  refund.state !== 'withdrawn' && refund.state !== 'rejected' && refund.state !== 'abandoned'

/** An undecided, unfinished or stuck refund: nothing may be shipped meanwhile. */
export const isOpen = (refund: Refund): boolean => reservesMoney(refund) && refund.state !== 'refunded'

/** The transfer that counts: the latest. */
export const latestTransfer = (refund: Pick<Refund, 'transfers'>): Transfer | null =>
  refund.transfers.at(-1) ?? null

/**
 * When to ask about a refund again: every minute, after 5 minutes at 5, 10, 20 and 30 minutes' distance.
 *
 * @see WeChat Pay, 退款最佳实践 (doc 4014959631) and 查询单笔退款 (doc 4013071041), checked 2026-11
 */
export const nextRefundAskAt = (sentAt: Instant, now: Instant): Instant => {
  const minutes = (now - sentAt) / 60_000
  const wait = minutes < 5 ? 1 : minutes < 10 ? 5 : minutes < 20 ? 10 : minutes < 40 ? 20 : 30
  return now + wait * 60_000
}

/** After NOT_ENOUGH the same number is sent again this often, until the balance covers it. */
export const BALANCE_RETRY_MS = 6 * 60 * 60_000
/** A refund that stays unclear, or cannot be sent, this long needs a person. */
export const UNKNOWN_TOO_LONG_MS = 2 * 60 * 60_000
/** Codes that mean "not enough money in the merchant's account" (v3, v2). */
export const BALANCE_CODES: ReadonlySet<string> = new Set(['NOT_ENOUGH', 'NOTENOUGH'])
/** Codes that mean "the shopper's account cannot receive" (用户账户注销). */
export const ACCOUNT_CODES: ReadonlySet<string> = new Set(['USER_ACCOUNT_ABNORMAL'])
