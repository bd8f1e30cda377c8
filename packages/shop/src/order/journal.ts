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
