/** @module The shop: orders and payments. Start with use-cases/, then order/steps.ts, then ports.ts. */

// The words of the contract that the ports use: an adapter needs no other room of ours.
export type {
  AttentionItem,
  AttentionKind,
  CatalogueRow,
  Delivery,
  LedgerAccount,
  LedgerEntry,
  OrderStatus,
  PaymentParams,
  Product,
  Refund as RefundView,
  RefundStatus,
  Role,
  StaffMember,
} from '@yuanlu/contract'
export * from './machine.ts'
export * from './order/due.ts'
export * from './order/effects.ts'
export * from './order/order.ts'
export * from './order/order-id.ts'
export * from './order/present.ts'
export * from './order/steps.ts'
export * from './payment/payment.ts'
export * from './ports.ts'
export * from './refund/present.ts'
export * from './refund/refund.ts'
export * from './refund/refund-money.ts'
export * from './refund/steps.ts'
export * from './refusal.ts'
export * from './use-cases/advance-transfer.ts'
export * from './use-cases/change-order.ts'
export * from './use-cases/close-order.ts'
export * from './use-cases/confirm-receipt.ts'
export * from './use-cases/decide-refund.ts'
export * from './use-cases/deliver-effects.ts'
export * from './use-cases/find-order.ts'
export * from './use-cases/find-refund.ts'
export * from './use-cases/list-attention.ts'
export * from './use-cases/list-orders.ts'
export * from './use-cases/place-order.ts'
export * from './use-cases/problem-refund.ts'
export * from './use-cases/record-payment.ts'
export * from './use-cases/record-refund.ts'
export * from './use-cases/refund-order.ts'
export * from './use-cases/request-refund.ts'
export * from './use-cases/resolve-attention.ts'
export * from './use-cases/settle-payment.ts'
export * from './use-cases/ship-order.ts'
export * from './use-cases/start-payment.ts'
export * from './use-cases/sweep.ts'
