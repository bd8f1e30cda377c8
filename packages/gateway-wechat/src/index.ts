/** @module WeChat behind the shop's ports: payments, their notifications, and the mini-program platform. */
export * from './notices.ts'
export * from './payment-gateway.ts'
export * from './platform.ts'
