/** @module A refund by its number: the number starts with its order's. */
import type { Order } from '../order/order.ts'
import type { ShopDeps } from '../ports.ts'
import type { Refund } from '../refund/refund.ts'
import { accept, type Result, refuse } from '../refusal.ts'

export interface RefundOfOrder {
  readonly order: Order
  readonly refund: Refund
}

/** The order's number inside a refund's. */
export const orderIdOfRefund = (refundId: string): string => refundId.split('-', 1)[0] ?? ''

export const findRefund = async (
  deps: Pick<ShopDeps, 'store'>,
  refundId: string,
): Promise<Result<RefundOfOrder>> => {
  const order = await deps.store.orders.get(orderIdOfRefund(refundId))
  const refund = order?.refunds.find((r) => r.id === refundId)
  if (order === null || refund === undefined) return refuse('NOT_FOUND', 'there is no such refund')
  return accept({ order, refund })
}

/** A refund of the caller's own. Somebody else's and one that is not there get the same answer. */
export const findOwnRefund = async (
  deps: Pick<ShopDeps, 'store'>,
  input: { readonly buyerOpenid: string; readonly refundId: string },
): Promise<Result<RefundOfOrder>> => {
  const found = await findRefund(deps, input.refundId)
  if (!found.ok) return found
  if (found.value.order.buyerOpenid !== input.buyerOpenid)
    return refuse('NOT_FOUND', 'there is no such refund')
  return found
}
