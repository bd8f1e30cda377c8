/**
 * @module wechat-sandbox: a local WeChat Pay with real cryptography, its own books and a clock you can move.
 */
export type { PaymentSheet } from './cashier.ts'
export type { ClockView } from './control/clock-operations.ts'
export { ControlError } from './control/control-error.ts'
export type { Control } from './control/operations.ts'
export type {
  MessageView,
  PlatformControl,
  ShipmentView,
  SpecialOrderView,
} from './control/platform-operations.ts'
export type { BalanceView, RefundControl } from './control/refund-operations.ts'
export type { NotificationView, RefundView, TradeView } from './control/views.ts'
export type { Log } from './core.ts'
export type { FaultMatch, FaultName, FaultRecord } from './faults.ts'
export { FAULT_NAMES } from './faults.ts'
export type { LedgerEntryView } from './ledger.ts'
export { RETRY_AFTER_MS } from './notify/notifier.ts'
export type { Sandbox, SandboxInfo, SandboxOptions } from './sandbox.ts'
export { startSandbox } from './sandbox.ts'
export { SandboxStartError } from './start-error.ts'
