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
  readonly settleAt: number | null
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
  readonly kind: 'payment'
  readonly protocol: Protocol
  readonly outTradeNo: string
  readonly transactionId: string
  readonly url: string
  readonly status: NotificationStatus
  readonly createdAt: number
  readonly nextAttemptAt: number | null
  /** How many of WeChat's scheduled re-sends are used up. */
  readonly retries: number
  readonly copies: number
  readonly content: Readonly<Record<string, unknown>>
  readonly attempts: readonly Attempt[]
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
}

export type TableName = keyof Tables

/** How many records of each kind are kept; what happens at the bound is said where it is enforced. */
export const BOUNDS = {
  trades: 200_000,
  codes: 10_000,
  notifications: 20_000,
  attempts: 50,
  faults: 1_000,
  nonces: 200_000,
} as const
