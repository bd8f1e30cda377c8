/** @module The states, kinds and roles that both ends name. */

/** What became of an order. A fully refunded order keeps the status it had. */
export const ORDER_STATUSES = ['awaitingPayment', 'paid', 'shipped', 'completed', 'closed'] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

/** What was agreed about a refund (退款). Where the money is, is a transfer's status. */
export const REFUND_STATUSES = [
  'requested',
  'withdrawn',
  'rejected',
  'awaitingReturn',
  'returning',
  'refunding',
  'refunded',
  'problem',
  'abandoned',
] as const
export type RefundStatus = (typeof REFUND_STATUSES)[number]

/** Where the money of one `out_refund_no` is. */
export const TRANSFER_STATUSES = [
  'submitting',
  'processing',
  'unknown',
  'succeeded',
  'closed',
  'abnormal',
  'failed',
] as const
export type TransferStatus = (typeof TRANSFER_STATUSES)[number]

/** Staff roles, weakest first; a role may do what the ones before it may. */
export const ROLES = ['support', 'finance', 'owner'] as const
export type Role = (typeof ROLES)[number]

/** Why something needs a person. */
export const ATTENTION_KINDS = [
  'paidAfterClose',
  'duplicatePayment',
  'amountMismatch',
  'payerMismatch',
  'unknownTrade',
  'refundAbnormal',
  'refundClosed',
  'refundFailed',
  'refundUnknownTooLong',
  'notEnoughBalance',
  'accountAbnormal',
  'shippingUploadFailed',
  'reconciliationDifference',
] as const
export type AttentionKind = (typeof ATTENTION_KINDS)[number]

/** The accounts of the money journal. */
export const LEDGER_ACCOUNTS = [
  'wechat:receivable',
  'shop:sales',
  'shop:suspense',
  'shop:refunds',
  'shop:cash',
] as const
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number]
