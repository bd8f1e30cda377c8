/** @module Put an order's goods back on the shelf: product by product, each once, safe to repeat. */
import type { Order } from '../order/order.ts'
import { stepReleased } from '../order/steps.ts'
import type { ShopDeps } from '../ports.ts'
import { changeOrder } from './change-order.ts'

/**
 * Only an order that already gave its goods up (`releasing`) may release: closing comes first, so that nobody
 * can still pay for goods that went back.
 */
export const releaseStock = async (deps: ShopDeps, order: Order): Promise<Order> => {
  if (order.stock !== 'releasing') return order
  for (const { productId } of order.lines) await deps.store.products.release({ productId, orderId: order.id })
  const change = await changeOrder(deps.store.orders, order.id, stepReleased, order)
  return change?.order ?? order
}
