/**
 * @module How far an order is in the eyes of shipping management (发货信息管理): to ship, shipped, received, refunded.
 */
import type { Core } from '../core.ts'
import type { Transaction } from '../state/tables.ts'
import { refundsOf } from '../trades.ts'

const DAY_MS = 86_400_000
/** Nobody confirmed: an express parcel counts as received after ten days, anything else after two. */
const RECEIVED_AFTER_MS = { express: 10 * DAY_MS, other: 2 * DAY_MS }

/** 1 to ship (待发货), 2 shipped (已发货), 3 received (确认收货), 5 all refunded (已退款). */
export type OrderState = 1 | 2 | 3 | 5

export function orderStateOf(core: Core, payment: Transaction): OrderState {
  if (moneyRefundedFen(core, payment) >= payment.paidFen) return 5
  const shipment = core.store.get('shipment', payment.transactionId)
  if (shipment === undefined || !shipment.isFinished || shipment.finishedAt === null) return 1
  const wait = shipment.logisticsType === 1 ? RECEIVED_AFTER_MS.express : RECEIVED_AFTER_MS.other
  return core.clock.now() < shipment.finishedAt + wait ? 2 : 3
}

/** What went back to the payer, or is about to. */
export function moneyRefundedFen({ store }: Core, payment: Transaction): number {
  return refundsOf(store, payment.transactionId)
    .filter(({ state }) => state === 'SUCCESS' || state === 'PROCESSING')
    .reduce((fen, { refundFen }) => fen + refundFen, 0)
}
