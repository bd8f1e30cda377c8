/** @module The shop: orders and payments. Start with use-cases/, then order/steps.ts, then ports.ts. */
export * from './machine.ts'
export * from './order/order.ts'
export * from './order/order-id.ts'
export * from './order/present.ts'
export * from './order/steps.ts'
export * from './payment/payment.ts'
export * from './ports.ts'
export * from './refusal.ts'
