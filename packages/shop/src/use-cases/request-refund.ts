/** @module Ask for a refund: the amount is reserved in the same write that makes the request. */
import { type Fen, LIMITS, type Refund as RefundView } from '@yuanlu/contract'
import { moved, type Step, stale, unchanged } from '../machine.ts'
import type { Order } from '../order/order.ts'
import { digestOf } from '../order/order-id.ts'
import type { ShopDeps } from '../ports.ts'
import { presentRefundAsRequested } from '../refund/present.ts'
import type { Refund } from '../refund/refund.ts'
import { refundableFen, refundCapFen, refundsLeft, unclaimedQuantity } from '../refund/refund-money.ts'
import { withRefund } from '../refund/steps.ts'
import { accept, type Refusal, type Result, refuse } from '../refusal.ts'
import { changeOrder } from './change-order.ts'
import { findOwnOrder } from './find-order.ts'

export interface RefundInput {
  readonly orderId: string
  readonly idempotencyKey: string
  readonly kind: Refund['kind']
  readonly amountFen: Fen
  readonly items: Refund['items']
  readonly reason: string
  readonly description: string
  readonly evidence: readonly string[]
}

/** The refund's number: its order's, and a digest of who asked under which key. */
export const refundIdOf = (input: {
  readonly orderId: string
  readonly requestedBy: string
  readonly idempotencyKey: string
}): string =>
  `${input.orderId}-r${digestOf(['refund', input.orderId, input.requestedBy, input.idempotencyKey]).slice(0, 12)}`

export const requestRefund = async (
  deps: ShopDeps,
  input: RefundInput & { readonly buyerOpenid: string },
): Promise<Result<RefundView>> => {
  const found = await findOwnOrder(deps, input)
  if (!found.ok) return found
  const now = deps.clock()
  const evidence = [...new Set(input.evidence)]
  // Touched before the refund names them, so that no sweep clears them away in between.
  if (!(await deps.store.files.touch({ ids: evidence, ownerOpenid: input.buyerOpenid, at: now })))
    return refuse('INVALID_INPUT', 'evidence: names a file that is not one of yours; upload it again', {
      field: 'evidence',
    })
  const draft = draftRefund(deps, {
    ...input,
    evidence,
    origin: 'shopper',
    requestedBy: input.buyerOpenid,
    now,
  })
  const added = await addRefund(deps, found.value, draft)
  if (!added.ok) return added
  deps.log.info('refund.requested', {
    orderId: input.orderId,
    refundId: draft.id,
    amountFen: draft.amountFen,
  })
  return accept(presentRefundAsRequested(added.value.order, added.value.refund))
}

/** Writes a new refund into its order, or says why not. The same number again finds itself. */
export const addRefund = async (
  deps: ShopDeps,
  order: Order,
  draft: Refund,
): Promise<Result<{ readonly order: Order; readonly refund: Refund }>> => {
  let refusal: Refusal | null = null
  const change = await changeOrder(
    deps.store.orders,
    order.id,
    (o): Step<Order> => {
      const twin = o.refunds.find((r) => r.id === draft.id)
      if (twin !== undefined) return unchanged
      refusal = refuseRefund(o, draft)
      if (refusal !== null) return stale(refusal.code)
      const { transactionId = null, trade } = o.payment ?? {}
      if (transactionId === null || trade === undefined) return stale('the order is not paid')
      const source = { transactionId, totalFen: o.payment?.paidFen ?? 0, suspense: false }
      return moved(withRefund(o, { ...draft, source }))
    },
    order,
  )
  if (refusal !== null) return { ok: false, refusal }
  const refund = change?.order.refunds.find((r) => r.id === draft.id)
  if (change === null || refund === undefined) return refuse('ORDER_NOT_PAID', 'the order is not paid')
  if (refund.requestDigest !== draft.requestDigest)
    return refuse('IDEMPOTENCY_MISMATCH', 'this Idempotency-Key was used for another refund; use a new one')
  return accept({ order: change.order, refund })
}

/** WeChat Pay's rules are ours, checked before any call. */
const refuseRefund = (order: Order, draft: Refund): Refusal | null => {
  if (order.payment?.state !== 'paid' || order.paidAt === null)
    return { code: 'ORDER_NOT_PAID', message: 'the order is not paid' }
  if (draft.requestedAt - order.paidAt > LIMITS.refundWindowMs)
    return { code: 'REFUND_WINDOW_CLOSED', message: 'a payment can be refunded for 365 days' }
  if (refundsLeft(order) <= 0)
    return { code: 'REFUND_LIMIT_REACHED', message: `an order takes ${LIMITS.refundsPerOrder} refunds` }
  for (const { productId, quantity } of draft.items)
    if (quantity > unclaimedQuantity(order, productId))
      return {
        code: 'INVALID_INPUT',
        message: 'items: more of a product than was bought and not claimed yet',
        details: { field: 'items', productId, left: Math.max(0, unclaimedQuantity(order, productId)) },
      }
  if (draft.kind === 'returnAndRefund' && order.shippedAt === null && order.completedAt === null)
    return {
      code: 'INVALID_INPUT',
      message: 'kind: goods that were never sent cannot be sent back',
      details: { field: 'kind' },
    }
  if (draft.amountFen > refundCapFen(order, draft.items))
    return {
      code: 'REFUND_EXCEEDS_BALANCE',
      message: 'more than can be refunded',
      details: { refundableFen: refundableFen(order), capFen: refundCapFen(order, draft.items) },
    }
  return null
}

export const draftRefund = (
  deps: ShopDeps,
  input: RefundInput & {
    readonly origin: Refund['origin']
    readonly requestedBy: string
    readonly now: number
  },
): Refund => {
  const { kind, amountFen, items, reason, description, evidence, now } = input
  const { autoApproveMs } = deps.settings
  return {
    id: refundIdOf(input),
    kind,
    origin: input.origin,
    state: 'requested',
    amountFen,
    items: mergeItems(items),
    reason,
    description,
    evidence,
    requestDigest: digestOf([
      kind,
      amountFen,
      items.map((i) => [i.productId, i.quantity]),
      reason,
      description,
      evidence,
    ]),
    source: { transactionId: '', totalFen: 0, suspense: false },
    requestedBy: input.requestedBy,
    requestedAt: now,
    decidedAt: null,
    decidedBy: null,
    rejectReason: null,
    approvals: [],
    returnShipment: null,
    deadlineAt: input.origin === 'shopper' && autoApproveMs !== null ? now + autoApproveMs : null,
    transfers: [],
    stock: 'none',
    timeline: [{ at: now, event: 'requested', actor: input.requestedBy, note: null }],
  }
}

const mergeItems = (items: Refund['items']): Refund['items'] => {
  const quantities = new Map<string, number>()
  for (const { productId, quantity } of items)
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity)
  return [...quantities].map(([productId, quantity]) => ({ productId, quantity }))
}
