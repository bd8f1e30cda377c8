/** @module The order aggregate: what was bought, the money coming in for it, and what is still to do about it. */
import type { AttentionKind, Delivery, Fen, LedgerAccount, OrderStatus } from '@yuanlu/contract'
import { nextState, type TransitionTable } from '../machine.ts'
import type { Payment } from '../payment/payment.ts'
import type { Refund } from '../refund/refund.ts'
import type { Effect } from './effects.ts'

/** A point in time: milliseconds since 1970, as the process's clock gives them. */
export type Instant = number

/** `placing` and `refused` are invisible: an order exists for its shopper once its stock is reserved. */
export type OrderState = 'placing' | 'refused' | OrderStatus
export type OrderEvent = 'stocked' | 'refused' | 'paid' | 'shipped' | 'received' | 'closed'

export const ORDER_TRANSITIONS = {
  placing: { stocked: 'awaitingPayment', refused: 'refused' },
  refused: {},
  awaitingPayment: { paid: 'paid', closed: 'closed' },
  paid: { shipped: 'shipped', received: 'completed' },
  shipped: { received: 'completed' },
  completed: {},
  // Money that arrives for a closed order does not open it again: it goes to suspense.
  closed: {},
} as const satisfies TransitionTable<OrderState, OrderEvent>

/** Where an event takes an order, or null where it may not. */
export const orderAfter = (state: OrderState, event: OrderEvent): OrderState | null =>
  nextState<OrderState, OrderEvent>(ORDER_TRANSITIONS, state, event)

export interface OrderLine {
  readonly productId: string
  readonly title: string
  readonly unitPriceFen: Fen
  readonly quantity: number
  readonly amountFen: Fen
}

/** Why an unpaid order is being closed, and since when. */
export interface Closing {
  readonly reason: 'cancelled' | 'expired'
  readonly since: Instant
  /** When WeChat Pay is asked again to close the trade. */
  readonly retryAt: Instant
}

/** Money that arrived where it should not. It is journaled to suspense and waits for its way out. */
export interface MisplacedPayment {
  readonly transactionId: string
  readonly kind: Extract<
    AttentionKind,
    'paidAfterClose' | 'duplicatePayment' | 'amountMismatch' | 'payerMismatch'
  >
  readonly amountFen: Fen
  readonly currency: string
  readonly payerOpenid: string
  readonly paidAt: Instant
}

/** What a person decided about something that needed one. */
export interface Resolution {
  readonly by: string
  readonly action: 'accept' | 'refund' | null
  readonly note: string
}

/** Something that needs a person. `resolvedAt` closes it; it is never deleted. */
export interface Attention {
  readonly id: string
  readonly kind: AttentionKind
  /** Absent where it is about the order itself. */
  readonly refundId?: string
  readonly since: Instant
  readonly summary: string
  readonly resolvedAt: Instant | null
  /** Absent where it settled by itself, and in what was resolved before this was kept. */
  readonly resolution?: Resolution
}

/** One balanced group of the money journal: the `fen` of its lines sum to zero. */
export interface JournalEntry {
  readonly cause: string
  readonly at: Instant
  readonly refundId: string | null
  /** WeChat Pay's own number of this movement of money. */
  readonly wxId: string | null
  readonly lines: readonly { readonly account: LedgerAccount; readonly fen: number }[]
}

/** Goods on their way. */
export interface Shipment {
  readonly carrier: string
  readonly trackingNo: string
  /** Who handed them over. */
  readonly by: string
}

/** A shipped order is completed after this long, if its shopper says nothing. */
export const COMPLETED_AFTER_MS = 10 * 24 * 60 * 60_000

export interface Order {
  /** Also the `out_trade_no` (商户订单号): one trade number for the life of an order. */
  readonly id: string
  /** Raised by one on every write: the compare-and-swap of the store. */
  readonly version: number
  readonly buyerOpenid: string
  readonly state: OrderState
  readonly closing: Closing | null
  readonly lines: readonly OrderLine[]
  readonly amountFen: Fen
  readonly delivery: Delivery | null
  readonly remark: string
  /** Digest of what was asked for: the same idempotency key with another body is refused. */
  readonly requestDigest: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly paidAt: Instant | null
  readonly shippedAt: Instant | null
  readonly completedAt: Instant | null
  readonly closedAt: Instant | null
  readonly shipment: Shipment | null
  readonly payment: Payment | null
  /** `releasing`: the order gave its goods up and a job puts them back, product by product, once. */
  readonly stock: 'held' | 'releasing' | 'released'
  readonly misplaced: readonly MisplacedPayment[]
  readonly refunds: readonly Refund[]
  readonly attention: readonly Attention[]
  readonly journal: readonly JournalEntry[]
  /** What is still to be told, and what was: see order/effects.ts. Absent in orders written before there were any. */
  readonly effects?: readonly Effect[]
  /** When a job has to look at this order again; null when nothing is due. Always what order/due.ts says. */
  readonly nextActionAt: Instant | null
}

/** An order as its shopper may see it: `placing` and `refused` ones do not exist for anybody. */
export const isVisible = (order: Order): order is Order & { readonly state: OrderStatus } =>
  order.state !== 'placing' && order.state !== 'refused'

/** True of what asks a person to accept this money or send it back, until somebody did. */
export const waitsForPerson = (attention: Attention, { kind, transactionId }: MisplacedPayment): boolean =>
  attention.resolvedAt === null &&
  (kind === 'amountMismatch' || kind === 'payerMismatch') &&
  attention.id === `${kind}-${transactionId}`

/** True while money of a wrong amount or payer waits for a person to accept it or send it back. */
export const awaitsPerson = (order: Order): boolean =>
  order.attention.some(
    (a) => a.resolvedAt === null && (a.kind === 'amountMismatch' || a.kind === 'payerMismatch'),
  )
