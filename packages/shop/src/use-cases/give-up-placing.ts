/** @module Give a half-placed order up: refused first, and only then its goods go back. */

import { PLACING_TIMEOUT_MS } from '../order/due.ts'
import type { Order } from '../order/order.ts'
import { stepRefused } from '../order/steps.ts'
import type { ShopDeps } from '../ports.ts'
import { changeOrder } from './change-order.ts'
import { releaseStock } from './release-stock.ts'

/** True when whoever placed this order is long gone. */
export const isGivenUp = (order: Order, now: number): boolean =>
  order.state === 'placing' && now >= order.createdAt + PLACING_TIMEOUT_MS

/** Refused before released: whoever still reserves for it finds the hold gone. False when it was placed after all. */
export const giveUpPlacing = async (deps: ShopDeps, order: Order): Promise<boolean> => {
  const change = await changeOrder(deps.store.orders, order.id, stepRefused, order)
  if (change?.order.state !== 'refused') return false
  await releaseStock(deps, change.order)
  return true
}
