/** @module What needs a person, newest first; of money that did not fit, how much came and how much was asked for. */
import { type AttentionItem, type AttentionKind, LIMITS } from '@yuanlu/contract'
import { presentMisplaced } from '../order/present.ts'
import type { AttentionPosition, ShopDeps } from '../ports.ts'

/** One page, and the position after which the next one starts (null at the end). */
export const listAttention = async (
  deps: Pick<ShopDeps, 'store'>,
  input: { readonly after?: AttentionPosition },
): Promise<{ readonly items: AttentionItem[]; readonly next: AttentionPosition | null }> => {
  // One row more than a page tells whether there is another page.
  const rows = await deps.store.attention.listOpen({ ...input, limit: LIMITS.pageSize + 1 })
  const page = rows.slice(0, LIMITS.pageSize)
  const last = page.at(-1)
  return {
    items: await Promise.all(page.map((item) => withMoney(deps, item))),
    next:
      rows.length > page.length && last !== undefined ? { since: Date.parse(last.since), id: last.id } : null,
  }
}

const MISPLACED: readonly AttentionKind[] = [
  'paidAfterClose',
  'duplicatePayment',
  'amountMismatch',
  'payerMismatch',
]

/** The order is the truth about its money; the rows by which attention is found do not have it. */
const withMoney = async (deps: Pick<ShopDeps, 'store'>, item: AttentionItem): Promise<AttentionItem> => {
  if (item.orderId === undefined || !MISPLACED.includes(item.kind)) return item
  const order = await deps.store.orders.get(item.orderId)
  return order === null ? item : { ...item, ...presentMisplaced(order, item.id) }
}
