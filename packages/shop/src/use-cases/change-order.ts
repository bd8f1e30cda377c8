/** @module Read, decide, compare-and-swap: the one way an order is written. */
import type { Step } from '../machine.ts'
import { dueAt } from '../order/due.ts'
import { withEffects } from '../order/effects.ts'
import type { Order } from '../order/order.ts'
import type { OrderStore } from '../ports.ts'

/** What a change came to: the order as it now stands, and what the step said. */
export interface Change {
  readonly order: Order
  readonly step: Step<Order>
}

/** Contention on one order is a handful of writers; this many lost races in a row is a bug. */
const MAX_RACES = 250

/**
 * Applies a pure step to the stored order, again on every lost race, until it is written or has nothing to do.
 *
 * @param known the order as the caller just read it: saves a read where nobody else wrote
 * @returns null when there is no such order
 */
export const changeOrder = async (
  orders: OrderStore,
  id: string,
  decide: (order: Order) => Step<Order>,
  known?: Order,
): Promise<Change | null> => {
  let order = known ?? (await orders.get(id))
  for (let race = 0; race < MAX_RACES; race++) {
    if (order === null) return null
    const step = decide(order)
    if (step.kind !== 'moved') return { order, step }
    const changed = { ...withEffects(order, step.next), version: order.version + 1 }
    const next = { ...changed, nextActionAt: dueAt(changed) }
    if (await orders.replace(next, order.version)) return { order: next, step }
    order = await orders.get(id)
  }
  throw new Error(`order ${id} was written by others ${MAX_RACES} times in a row`)
}
