/** @module An order of the caller's own. Somebody else's and one that is not there get the same answer. */
import type { OrderStatus } from '@yuanlu/contract'
import { isVisible, type Order } from '../order/order.ts'
import type { ShopDeps } from '../ports.ts'
import { accept, type Result, refuse } from '../refusal.ts'

export type VisibleOrder = Order & { readonly state: OrderStatus }

export const findOwnOrder = async (
  deps: Pick<ShopDeps, 'store'>,
  input: { readonly buyerOpenid: string; readonly orderId: string },
): Promise<Result<VisibleOrder>> => {
  const order = await deps.store.orders.get(input.orderId)
  if (order === null || order.buyerOpenid !== input.buyerOpenid || !isVisible(order))
    return refuse('NOT_FOUND', 'there is no such order')
  return accept(order)
}
