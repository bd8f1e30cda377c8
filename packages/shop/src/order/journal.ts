/** @module What a movement of money writes into the journal. Every group sums to zero. */
import type { Fen } from '@yuanlu/contract'
import type { Instant, JournalEntry } from './order.ts'

/** Money that arrived as an order's payment. */
export const paymentEntry = (input: {
  readonly transactionId: string
  readonly amountFen: Fen
  readonly at: Instant
}): JournalEntry => arrival(input, 'shop:sales')

/** Money that arrived where it should not: ours to explain, not to keep. */
export const suspenseEntry = (input: {
  readonly transactionId: string
  readonly amountFen: Fen
  readonly at: Instant
}): JournalEntry => arrival(input, 'shop:suspense')

/** Money that went back, once its success was verified. It leaves the account that it was booked to. */
export const refundEntry = (input: {
  readonly outRefundNo: string
  /** Null where no order knows the trade. */
  readonly refundId: string | null
  readonly wxRefundId: string | null
  readonly amountFen: Fen
  readonly suspense: boolean
  readonly at: Instant
}): JournalEntry => ({
  cause: `refund:${input.outRefundNo}`,
  at: input.at,
  refundId: input.refundId,
  wxId: input.wxRefundId,
  lines: [
    { account: 'wechat:receivable', fen: -input.amountFen },
    { account: input.suspense ? 'shop:suspense' : 'shop:refunds', fen: input.amountFen },
  ],
})

/** Money that a person returned another way, recorded with proof. */
export const offlineEntry = (input: {
  readonly refundId: string
  readonly amountFen: Fen
  readonly at: Instant
}): JournalEntry => ({
  cause: `offline:${input.refundId}`,
  at: input.at,
  refundId: input.refundId,
  wxId: null,
  lines: [
    { account: 'shop:cash', fen: -input.amountFen },
    { account: 'shop:refunds', fen: input.amountFen },
  ],
})

/** Suspended money that a person accepts as the order's payment. */
export const acceptEntry = (input: {
  readonly transactionId: string
  readonly amountFen: Fen
  readonly at: Instant
}): JournalEntry => ({
  cause: `accept:${input.transactionId}`,
  at: input.at,
  refundId: null,
  wxId: input.transactionId,
  lines: [
    { account: 'shop:suspense', fen: input.amountFen },
    { account: 'shop:sales', fen: -input.amountFen },
  ],
})

const arrival = (
  input: { readonly transactionId: string; readonly amountFen: Fen; readonly at: Instant },
  account: 'shop:sales' | 'shop:suspense',
): JournalEntry => ({
  cause: `payment:${input.transactionId}`,
  at: input.at,
  refundId: null,
  wxId: input.transactionId,
  lines: [
    { account: 'wechat:receivable', fen: input.amountFen },
    { account, fen: -input.amountFen },
  ],
})
