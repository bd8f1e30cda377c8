/** @module Place an order: our prices, our stock, and one order per idempotency key. */
import type { Delivery, Order as OrderView } from '@yuanlu/contract'
import { LIMITS, MAX_ORDER_FEN } from '@yuanlu/contract'
import type { Order, OrderLine } from '../order/order.ts'
import { digestOf, orderIdOf } from '../order/order-id.ts'
import { presentOrderAsPlaced } from '../order/present.ts'
import { placingOrder, stepStocked } from '../order/steps.ts'
import type { ShopDeps } from '../ports.ts'
import { accept, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { giveUpPlacing, isGivenUp } from './give-up-placing.ts'

export interface PlaceOrderInput {
  readonly buyerOpenid: string
  readonly idempotencyKey: string
  readonly items: readonly { readonly productId: string; readonly quantity: number }[]
  readonly delivery: Delivery | null
  readonly remark: string
}

/** Refused attempts under one key are passed over; nobody sensible makes more than this. */
const MAX_ATTEMPTS = 50

/**
 * The order's number derives from the caller and the key, so a repeated or concurrent call finds the same
 * order and helps to finish it instead of making a second one. A refused attempt is not kept: the next call
 * with the key tries afresh under the next number.
 */
export const placeOrder = async (deps: ShopDeps, input: PlaceOrderInput): Promise<Result<OrderView>> => {
  const { buyerOpenid, idempotencyKey } = input
  const requestDigest = digestOf([
    input.items.map((item) => [item.productId, item.quantity]),
    input.delivery === null ? null : [input.delivery.name, input.delivery.phone, input.delivery.address],
    input.remark,
  ])
  for (let attempt = 0; attempt < MAX_ATTEMPTS; ) {
    const id = orderIdOf({ buyerOpenid, idempotencyKey, attempt })
    const order = await deps.store.orders.get(id)
    if (order === null) {
      const draft = await draftOrder(deps, input, { id, requestDigest })
      if (!draft.ok) {
        // Short because a twin of this very call was faster? Then its order is there, and so is the answer.
        if ((await deps.store.orders.get(id)) === null) return draft
        continue
      }
      await deps.store.orders.insert(draft.value)
      continue
    }
    if (order.state === 'refused') {
      attempt++
      continue
    }
    if (order.requestDigest !== requestDigest)
      return refuse('IDEMPOTENCY_MISMATCH', 'this Idempotency-Key was used for another order; use a new one')
    if (order.state !== 'placing') return accept(presentOrderAsPlaced(order))
    if (isGivenUp(order, deps.clock())) {
      await giveUpPlacing(deps, order)
      continue
    }
    const stocked = await reserveStock(deps, order)
    if (!stocked.ok) return stocked
    const change = await changeOrder(deps.store.orders, id, stepStocked)
    if (change?.step.kind === 'moved') {
      deps.log.info('order.placed', { orderId: id, amountFen: change.order.amountFen })
    }
  }
  return refuse('IDEMPOTENCY_MISMATCH', 'too many refused attempts under this Idempotency-Key; use a new one')
}

/** Prices and titles as they are now; they are frozen in the order. */
const draftOrder = async (
  deps: ShopDeps,
  input: PlaceOrderInput,
  identity: { readonly id: string; readonly requestDigest: string },
): Promise<Result<Order>> => {
  const quantities = new Map<string, number>()
  for (const { productId, quantity } of input.items)
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity)
  const lines: OrderLine[] = []
  for (const [productId, quantity] of quantities) {
    if (quantity > LIMITS.quantity)
      return refuse('INVALID_INPUT', `at most ${LIMITS.quantity} pieces of one product`, { field: 'items' })
    const product = await deps.store.products.get(productId)
    if (product === null) return refuse('NOT_FOUND', 'there is no such product', { productId })
    // A refusal before anything is written leaves nothing to clean up. The reservation decides all the same.
    if (product.stock < quantity) return outOfStock(productId, product.stock)
    const { title, priceFen } = product
    lines.push({ productId, title, unitPriceFen: priceFen, quantity, amountFen: priceFen * quantity })
  }
  const order = placingOrder({
    ...identity,
    buyerOpenid: input.buyerOpenid,
    lines,
    delivery: input.delivery,
    remark: input.remark,
    now: deps.clock(),
    ttlMs: deps.settings.orderTtlMs,
  })
  if (order.amountFen > MAX_ORDER_FEN)
    return refuse('INVALID_INPUT', `an order is at most ${MAX_ORDER_FEN} fen`, { field: 'items' })
  return accept(order)
}

const reserveStock = async (deps: ShopDeps, order: Order): Promise<Result<null>> => {
  for (const { productId, quantity } of order.lines) {
    const answer = await deps.store.products.reserve({ productId, orderId: order.id, quantity })
    // `released`: the sweep gave this order up meanwhile; the caller reads it again and sees so.
    if (answer.kind === 'released') return accept(null)
    if (answer.kind === 'held') continue
    const refused = await giveUpPlacing(deps, order)
    return refused ? outOfStock(productId, answer.stock) : accept(null)
  }
  return accept(null)
}

const outOfStock = (productId: string, stock: number) =>
  refuse('OUT_OF_STOCK', 'not enough of this product is left', { productId, stock })
