/** @module The shopper confirms that the goods arrived (确认收货). */
import type { Order as OrderView } from '@yuanlu/contract'
import { isVisible } from '../order/order.ts'
import { presentOrder } from '../order/present.ts'
import { stepReceived } from '../order/steps.ts'
import type { ShopDeps } from '../ports.ts'
import { accept, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { findOwnOrder } from './find-order.ts'

export const confirmReceipt = async (
  deps: ShopDeps,
  input: { readonly buyerOpenid: string; readonly orderId: string },
): Promise<Result<OrderView>> => {
  const found = await findOwnOrder(deps, input)
  if (!found.ok) return found
  const now = deps.clock()
  const change = await changeOrder(
    deps.store.orders,
    input.orderId,
    (order) => stepReceived(order, now),
    found.value,
  )
  if (change === null || !isVisible(change.order)) return refuse('NOT_FOUND', 'there is no such order')
  if (change.step.kind === 'stale')
    return change.order.state === 'closed'
      ? refuse('ORDER_CLOSED', 'the order is closed')
      : refuse('ORDER_NOT_PAID', 'the order is not paid')
  return accept(presentOrder(change.order))
}
