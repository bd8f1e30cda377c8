/** @module Staff hand the goods over (发货): not while money of them is on its way back. */
import type { Order as OrderView } from '@yuanlu/contract'
import { stale, unchanged } from '../machine.ts'
import { isVisible, type Order, type Shipment } from '../order/order.ts'
import { presentOrder } from '../order/present.ts'
import { stepShipped } from '../order/steps.ts'
import type { ShopDeps } from '../ports.ts'
import { hasOpenRefund, isNothingLeft } from '../refund/refund-money.ts'
import { accept, type Refusal, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'

export interface ShipInput {
  readonly by: string
  readonly orderId: string
  readonly carrier: string
  readonly trackingNo: string
}

/**
 * The same person saying the same again gets the present state. Another carrier or number for an order that is on its
 * way is refused: nothing is left to ship.
 */
export const shipOrder = async (deps: ShopDeps, input: ShipInput): Promise<Result<OrderView>> => {
  const { by, carrier, trackingNo } = input
  const shipment: Shipment = { carrier, trackingNo, by }
  const now = deps.clock()
  let refusal: Refusal | null = null
  const change = await changeOrder(deps.store.orders, input.orderId, (order) => {
    if (isSame(order.shipment, shipment)) return unchanged
    refusal = refuseShipping(order)
    return refusal === null ? stepShipped(order, { shipment, now }) : stale(refusal.code)
  })
  if (change === null || !isVisible(change.order)) return refuse('NOT_FOUND', 'there is no such order')
  if (change.step.kind === 'stale' && refusal !== null) return { ok: false, refusal }
  if (change.step.kind === 'moved') deps.log.info('order.shipped', { orderId: input.orderId })
  return accept(presentOrder(change.order))
}

const isSame = (known: Shipment | null, shipment: Shipment): boolean =>
  known !== null &&
  known.carrier === shipment.carrier &&
  known.trackingNo === shipment.trackingNo &&
  known.by === shipment.by

const refuseShipping = (order: Order): Refusal | null => {
  if (order.state === 'closed') return { code: 'ORDER_CLOSED', message: 'the order is closed' }
  if (order.paidAt === null) return { code: 'ORDER_NOT_PAID', message: 'the order is not paid' }
  if (hasOpenRefund(order))
    return { code: 'REFUND_IN_PROGRESS', message: 'a refund of this order is open; decide on it first' }
  if (order.state !== 'paid')
    return { code: 'REFUND_IN_PROGRESS', message: `nothing is left to ship: the order is ${order.state}` }
  if (isNothingLeft(order))
    return { code: 'REFUND_IN_PROGRESS', message: 'nothing is left to ship: the order was refunded' }
  return null
}
