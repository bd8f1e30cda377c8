/** @module The money coming in for one order: one `out_trade_no`, told to WeChat Pay in three beats. */
import type { Fen } from '@yuanlu/contract'
import { nextState, type TransitionTable } from '../machine.ts'
import type { Instant } from '../order/order.ts'

/** Which of WeChat Pay's protocols a trade was made with. It keeps it for life. */
export type WxpayApi = 'v2' | 'v3'

/**
 * `submitting`: written down, perhaps sent. `unknown`: sent, and the answer was unclear.
 * `ready`: WeChat Pay has the trade. `paid`: verified by our server.
 */
export type PaymentState = 'submitting' | 'unknown' | 'ready' | 'paid'
export type PaymentEvent = 'sent' | 'unclear' | 'prepaid' | 'paid'

export const PAYMENT_TRANSITIONS = {
  submitting: { sent: 'submitting', unclear: 'unknown', prepaid: 'ready', paid: 'paid' },
  unknown: { sent: 'unknown', unclear: 'unknown', prepaid: 'ready', paid: 'paid' },
  // A trade that WeChat Pay has stays there, whatever a later call's answer looks like.
  ready: { sent: 'ready', unclear: 'ready', prepaid: 'ready', paid: 'paid' },
  paid: {},
} as const satisfies TransitionTable<PaymentState, PaymentEvent>

/** Where an event takes a payment, or null where it may not. */
export const paymentAfter = (state: PaymentState, event: PaymentEvent): PaymentState | null =>
  nextState<PaymentState, PaymentEvent>(PAYMENT_TRANSITIONS, state, event)

/** The exact parameters of a trade's first call. WeChat Pay compares them when the call is repeated. */
export interface TradeRequest {
  readonly api: WxpayApi
  readonly outTradeNo: string
  readonly description: string
  readonly totalFen: Fen
  readonly payerOpenid: string
  readonly notifyUrl: string
  readonly expiresAt: Instant
  readonly payerClientIp: string
}

export interface Payment {
  readonly state: PaymentState
  readonly trade: TradeRequest
  readonly startedAt: Instant
  /** When the trade was last sent to WeChat Pay: a call may still be under way shortly after. */
  readonly sentAt: Instant
  /** When WeChat Pay is asked about it next; null while its money waits for a person. */
  readonly askAt: Instant | null
  readonly prepayId: string | null
  readonly prepaidAt: Instant | null
  readonly transactionId: string | null
  readonly paidFen: Fen
}

/** Verified news that a trade was paid, from a notification or a query alike. */
export interface PaidNews {
  readonly outTradeNo: string
  readonly transactionId: string
  readonly totalFen: Fen
  readonly currency: string
  readonly payerOpenid: string
  readonly paidAt: Instant
}

/** A prepay_id (预支付交易会话标识) lives two hours; ours is renewed well before. */
export const PREPAY_REUSE_MS = 100 * 60_000

/** A call to WeChat Pay is over, one way or the other, after this long. */
export const CALL_OVER_MS = 30_000

/**
 * When to ask about a trade nobody told us about, counted from the moment it was sent.
 *
 * @see WeChat Pay, 查询订单最佳实践 (doc 4012075249), checked 2026-11
 */
export const ASK_AFTER_MS: readonly number[] = [5_000, 30_000, 60_000, 180_000, 300_000, 600_000, 1_800_000]

/** After the schedule above: an order may stay payable for days, and a lost notification must not wait as long. */
const ASK_AGAIN_MS = 1_800_000

/** The next time after `now` to ask about a trade sent at `sentAt`, never later than its order's expiry. */
export const nextAskAt = (sentAt: Instant, now: Instant, expiresAt: Instant): Instant => {
  const wait = ASK_AFTER_MS.find((ms) => sentAt + ms > now)
  return Math.min(wait === undefined ? now + ASK_AGAIN_MS : sentAt + wait, expiresAt)
}
