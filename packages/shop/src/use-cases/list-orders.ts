/** @module A shopper's orders, and one of them. */
import type { OrderStatus, Order as OrderView } from '@yuanlu/contract'
import { LIMITS } from '@yuanlu/contract'
import { isVisible } from '../order/order.ts'
import { presentOrder } from '../order/present.ts'
import type { OrderPosition, ShopDeps } from '../ports.ts'
import { accept, type Result } from '../refusal.ts'
import { findOwnOrder } from './find-order.ts'

export const getOwnOrder = async (
  deps: Pick<ShopDeps, 'store'>,
  input: { readonly buyerOpenid: string; readonly orderId: string },
): Promise<Result<OrderView>> => {
  const found = await findOwnOrder(deps, input)
  return found.ok ? accept(presentOrder(found.value)) : found
}

/** One page, and the position after which the next one starts (null at the end). */
export const listOwnOrders = async (
  deps: Pick<ShopDeps, 'store'>,
  input: { readonly buyerOpenid: string; readonly status?: OrderStatus; readonly after?: OrderPosition },
): Promise<{ readonly items: OrderView[]; readonly next: OrderPosition | null }> => {
  // One row more than a page tells whether there is another page.
  const rows = await deps.store.orders.listByBuyer({ ...input, limit: LIMITS.pageSize + 1 })
  const page = rows.slice(0, LIMITS.pageSize)
  const last = page.at(-1)
  return {
    items: page.filter(isVisible).map(presentOrder),
    next: rows.length > page.length && last !== undefined ? { createdAt: last.createdAt, id: last.id } : null,
  }
}
