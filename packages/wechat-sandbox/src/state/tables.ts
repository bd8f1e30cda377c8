/**
 * @module What the sandbox remembers: one table per kind of record, every record plain JSON.
 */
import type { FaultRecord } from '../faults.ts'

export type Protocol = 'v3' | 'v2'
export type SignType = 'MD5' | 'HMAC-SHA256'
/** Which of the platform's two identities signs towards the merchant. */
export type Signer = 'public-key' | 'certificate'

/** An order as WeChat Pay knows it. Instants are epoch milliseconds of the virtual clock. */
export interface Trade {
  readonly outTradeNo: string
  readonly protocol: Protocol
  /** v2 only: the algorithm of the order, used for its paySign and its notification. */
  readonly signType: SignType | null
  /** The first call's parameters in canonical form; a repeated call must state the same. */
  readonly terms: string
  readonly appid: string
  readonly openid: string
  readonly description: string
  readonly amountFen: number
  readonly currency: string
  readonly attach: string | null
  readonly deviceInfo: string | null
  readonly notifyUrl: string
  readonly signer: Signer
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly closedAt: number | null
  readonly transactionIds: readonly string[]
  /** The newest prepay_ids that were given out for it. */
  readonly prepayIds?: readonly string[]
}

export interface Prepay {
  readonly prepayId: string
  readonly outTradeNo: string
  readonly createdAt: number
}

/** Money that moved from a payer to the merchant. */
export interface Transaction {
  readonly transactionId: string
  readonly outTradeNo: string
  readonly openid: string
  readonly paidFen: number
  readonly currency: string
  readonly bankType: string
  readonly paidAt: number
  /** When the unsettled part becomes available; null once it has. */
  readonly settleAt: number | null
  /** What became of the money since; missing while nothing has happened to it but settlement. */
  readonly money?: TransactionMoney
}

/** Where the fen of one payment are in the merchant's accounts, and what fee was taken on them. */
export interface TransactionMoney {
  readonly unsettledFen: number
  readonly settledFen: number
  readonly feeFen: number
  /** How much of the settled part went back to the payer, and the fee that came back with it. */
  readonly refundedSettledFen: number
  readonly feeReturnedFen: number
}

export type RefundState = 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL'
export type FundsAccount = 'AVAILABLE' | 'UNSETTLED'

/** Which of the merchant's money pays a refund: fen by fen, so that a closed refund can give it back. */
export interface Funding {
  readonly unsettled: readonly { readonly transactionId: string; readonly fen: number }[]
  readonly availableFen: number
  /** The part that counts against the payment's own settled money, and the fee returned for it. */
  readonly settledFen: number
  readonly feeFen: number
  /** The fee that will not be taken any more, because the unsettled part never settles. */
  readonly unchargedFen?: number
}

export type RefundReceiver =
  | { readonly to: 'origin' }
  | { readonly to: 'USER_BANK_CARD'; readonly bankType: string; readonly tail: string }
  | { readonly to: 'MERCHANT_BANK_CARD' }

/** Money on its way back to the payer; state and instants follow the virtual clock. */
export interface Refund {
  readonly outRefundNo: string
  readonly refundId: string
  readonly outTradeNo: string
  readonly transactionId: string
  readonly openid: string
  /** The protocol it was asked for with, and so that of its notification. */
  readonly protocol: Protocol
  readonly source: 'API' | 'VENDOR_PLATFORM'
  readonly signer: Signer
  readonly totalFen: number
  readonly refundFen: number
  readonly currency: string
  readonly reason: string | null
  readonly notifyUrl: string | null
  /** `amount.from` of the request, given back in answers. */
  readonly from: readonly { readonly account: string; readonly amount: number }[]
  /** null: accepted, but the merchant's money isn't there. */
  readonly funding: Funding | null
  readonly receiver: RefundReceiver
  readonly state: RefundState
  /** What it turns into when it is due; null waits for the control API. */
  readonly outcome: Exclude<RefundState, 'PROCESSING'>
  readonly dueAt: number | null
  /** It waits for the control API, whatever becomes of its money. */
  readonly isHeld?: true
  readonly createdAt: number
  readonly finishedAt: number | null
  /** When it first became ABNORMAL, if ever. */
  readonly abnormalAt?: number
}

/** All refunds of one payment, oldest first. */
export interface RefundList {
  readonly outRefundNos: readonly string[]
}

export interface RefundNumber {
  readonly outRefundNo: string
}

/** An interface credential of api.weixin.qq.com. */
export interface AccessToken {
  readonly token: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly isForced: boolean
  /** From /cgi-bin/token, which knows nothing of the stable ones. */
  readonly isPlain?: true
  /** A forced refresh made it worthless before its time. */
  readonly isRevoked: boolean
}

/** How many messages a person still allows of one template. */
export interface Subscription {
  readonly openid: string
  readonly templateId: string
  readonly grants: number
}

export interface Template {
  readonly templateId: string
  readonly isValid: boolean
}

/** A subscribe message that was sent. */
export interface Message {
  readonly msgid: number
  readonly openid: string
  readonly templateId: string
  readonly page: string | null
  readonly miniprogramState: string
  readonly lang: string
  readonly data: Readonly<Record<string, string>>
  readonly sentAt: number
}

export interface Parcel {
  readonly trackingNo: string
  readonly expressCompany: string
  readonly itemDesc: string
  readonly consignorContact: string | null
  readonly receiverContact: string | null
  readonly uploadedAt: number
}

/** What was told about the delivery of one payment's goods. */
export interface Shipment {
  readonly transactionId: string
  readonly outTradeNo: string
  readonly logisticsType: number
  readonly deliveryMode: number
  readonly isFinished: boolean
  /** 0 not finished, 1 shipped, 2 shipped again: the one chance is used. */
  readonly finishCount: number
  readonly finishedAt: number | null
  readonly parcels: readonly Parcel[]
  /** The payer was reminded to confirm receipt. */
  readonly isReminded?: true
  /** The last upload in canonical form; the same again changes nothing. */
  readonly terms: string
}

/** An order that was declared as one that is shipped late, or never. */
export interface SpecialOrder {
  readonly transactionId: string
  readonly outTradeNo: string
  /** A test order needs no shipping at all; any other is one that was sold in advance. */
  readonly isTest: boolean
  /** When goods that were sold in advance are expected to be shipped. */
  readonly dueAt: number | null
  readonly declaredAt: number
}

/** One line of the books; the lines of one cause sum to zero. */
export interface Entry {
  readonly seq: number
  readonly at: number
  readonly cause: string
  readonly account: string
  readonly fen: number
  readonly outTradeNo?: string
  readonly transactionId?: string
  readonly outRefundNo?: string
}

export interface LoginCode {
  readonly code: string
  readonly openid: string
  readonly sessionKey: string
  readonly createdAt: number
  readonly usedAt: number | null
}

export type NotificationStatus = 'pending' | 'delivered' | 'exhausted' | 'lost' | 'held' | 'forged'

export interface Attempt {
  readonly at: number
  readonly fault: string | null
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: string }
  /** What the merchant should find inside: the decrypted resource (v3) or the members (v2). */
  readonly decrypted: Readonly<Record<string, unknown>>
  readonly answer: { readonly status: number; readonly body: string } | { readonly error: string }
  readonly ok: boolean
  readonly tookMs: number
}

export interface Notification {
  readonly id: string
  readonly kind: 'payment' | 'refund'
  readonly protocol: Protocol
  readonly outTradeNo: string
  readonly transactionId: string
  readonly outRefundNo?: string
  readonly url: string
  readonly status: NotificationStatus
  readonly createdAt: number
  readonly nextAttemptAt: number | null
  /** How many of WeChat's scheduled re-sends are used up. */
  readonly retries: number
  readonly copies: number
  readonly content: Readonly<Record<string, unknown>>
  readonly attempts: readonly Attempt[]
  /** Held only until another notification went out: the order they arrive in is turned round. */
  readonly isReordered?: true
}

/** A platform certificate other than the identity's first, or that one once a rotation began. */
export interface PlatformCertificate {
  readonly serialNo: string
  readonly certPem: string
  readonly keyPem: string
  readonly state: 'announced' | 'active' | 'old'
}

export interface Setting {
  readonly value: number
}

export interface Tables {
  readonly trade: Trade
  readonly prepay: Prepay
  readonly transaction: Transaction
  readonly entry: Entry
  readonly code: LoginCode
  readonly notification: Notification
  readonly fault: FaultRecord
  readonly setting: Setting
  readonly refund: Refund
  /** By transaction. */
  readonly refundsOf: RefundList
  /** By WeChat's own number. */
  readonly refundNumber: RefundNumber
  readonly accessToken: AccessToken
  readonly subscription: Subscription
  readonly template: Template
  readonly message: Message
  readonly shipment: Shipment
  readonly specialOrder: SpecialOrder
  readonly platformCertificate: PlatformCertificate
}

export type TableName = keyof Tables

/** How many records of each kind are kept; what happens at the bound is said where it is enforced. */
export const BOUNDS = {
  trades: 200_000,
  /** Of one trade, good at the same time. */
  prepays: 100,
  refunds: 200_000,
  messages: 10_000,
  subscriptions: 100_000,
  templates: 1_000,
  codes: 10_000,
  notifications: 10_000,
  /** Of one notification, and what they may weigh together. */
  attempts: 50,
  attemptBytes: 64 * 1024,
  faults: 1_000,
  nonces: 200_000,
} as const
