/** @module What each call about refunds does: the shopper's, and staff's. */
import { LIMITS, type Refund as RefundView } from '@yuanlu/contract'
import {
  abandonRefund,
  approveRefund,
  findOwnRefund,
  findRefund,
  isVisible,
  presentOrder,
  presentRefund,
  type RefundRow,
  receiveReturn,
  redirectRefund,
  refundOrder,
  rejectRefund,
  requestRefund,
  resolveAttention,
  resubmitRefund,
  returnGoods,
  settleRefundOffline,
  shipOrder,
  withdrawRefund,
} from '@yuanlu/shop'
import type { ApiDeps } from './app.ts'
import { readCursor, writeCursor } from './cursors.ts'
import { httpRefusal } from './envelope.ts'
import { type Handlers, unwrap } from './mount.ts'

type RefundCalls =
  | 'requestRefund'
  | 'listRefunds'
  | 'getRefund'
  | 'withdrawRefund'
  | 'getReturnTerms'
  | 'returnGoods'
  | 'listMerchantRefunds'
  | 'getMerchantRefund'
  | 'approveRefund'
  | 'rejectRefund'
  | 'receiveReturn'
  | 'resubmitRefund'
  | 'redirectRefund'
  | 'settleRefundOffline'
  | 'abandonRefund'
  | 'listMerchantOrders'
  | 'getMerchantOrder'
  | 'refundOrder'
  | 'shipOrder'
  | 'resolveAttention'

export const createRefundHandlers = (deps: ApiDeps): Pick<Handlers, RefundCalls> => ({
  requestRefund: async ({ identity, params, body, idempotencyKey }) =>
    unwrap(
      await requestRefund(deps, {
        buyerOpenid: identity.openid,
        orderId: params.orderId,
        idempotencyKey,
        kind: body.kind,
        amountFen: body.amountFen,
        items: body.items ?? [],
        reason: body.reason,
        description: body.description ?? '',
        evidence: body.evidence ?? [],
      }),
    ),
  listRefunds: async ({ identity, query }) =>
    refundPage(
      await deps.store.refunds.listByBuyer({
        buyerOpenid: identity.openid,
        ...afterRefund(query.cursor),
        limit: LIMITS.pageSize + 1,
      }),
    ),
  getRefund: async ({ identity, params }) => {
    const { order, refund } = unwrap(
      await findOwnRefund(deps, { buyerOpenid: identity.openid, refundId: params.refundId }),
    )
    return presentRefund(order, refund)
  },
  withdrawRefund: async ({ identity, params }) =>
    unwrap(await withdrawRefund(deps, { buyerOpenid: identity.openid, refundId: params.refundId })),
  getReturnTerms: async ({ identity, params }) => {
    const { order, refund } = unwrap(await findRefund(deps, params.refundId))
    const isOwn = order.buyerOpenid === identity.openid
    if (!isVisible(order) || (!isOwn && (await deps.store.staff.roleOf(identity.openid)) === null))
      throw httpRefusal('NOT_FOUND', 'there is no such refund')
    const { state, deadlineAt } = refund
    return {
      address: deps.returnAddress,
      sendBy: state === 'awaitingReturn' && deadlineAt !== null ? new Date(deadlineAt).toISOString() : null,
    }
  },
  returnGoods: async ({ identity, params, body }) =>
    unwrap(await returnGoods(deps, { buyerOpenid: identity.openid, refundId: params.refundId, ...body })),

  listMerchantRefunds: async ({ query }) =>
    refundPage(
      await deps.store.refunds.list({
        ...(query.status === undefined ? {} : { status: query.status }),
        ...(query.q === undefined ? {} : { q: query.q }),
        // Whoever waits longest comes first.
        oldestFirst: query.status === 'requested',
        ...afterRefund(query.cursor),
        limit: LIMITS.pageSize + 1,
      }),
    ),
  getMerchantRefund: async ({ params }) => {
    const { order, refund } = unwrap(await findRefund(deps, params.refundId))
    if (!isVisible(order)) throw httpRefusal('NOT_FOUND', 'there is no such refund')
    return { refund: presentRefund(order, refund), order: presentOrder(order) }
  },
  approveRefund: async ({ identity, params, body }) =>
    unwrap(
      await approveRefund(deps, {
        by: identity.openid,
        refundId: params.refundId,
        amountFen: body.amountFen,
        note: body.note ?? null,
      }),
    ),
  rejectRefund: async ({ identity, params, body }) =>
    unwrap(await rejectRefund(deps, { by: identity.openid, refundId: params.refundId, reason: body.reason })),
  receiveReturn: async ({ identity, params }) =>
    unwrap(await receiveReturn(deps, { by: identity.openid, refundId: params.refundId })),
  resubmitRefund: async ({ identity, params }) =>
    unwrap(await resubmitRefund(deps, { by: identity.openid, refundId: params.refundId })),
  redirectRefund: async ({ identity, params, body }) =>
    unwrap(await redirectRefund(deps, { by: identity.openid, refundId: params.refundId, card: body })),
  settleRefundOffline: async ({ identity, params, body }) =>
    unwrap(
      await settleRefundOffline(deps, { by: identity.openid, refundId: params.refundId, proof: body.proof }),
    ),
  abandonRefund: async ({ identity, params, body }) =>
    unwrap(
      await abandonRefund(deps, { by: identity.openid, refundId: params.refundId, reason: body.reason }),
    ),

  listMerchantOrders: async ({ query }) => {
    const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor)
    const rows = await deps.store.orders.list({
      ...(query.status === undefined ? {} : { status: query.status }),
      ...(query.q === undefined ? {} : { q: query.q }),
      ...(cursor === undefined ? {} : { after: { createdAt: cursor.at, id: cursor.id } }),
      limit: LIMITS.pageSize + 1,
    })
    const page = rows.slice(0, LIMITS.pageSize)
    const last = page.at(-1)
    const more = rows.length > page.length && last !== undefined
    return {
      items: page.filter(isVisible).map(presentOrder),
      nextCursor: more ? writeCursor(last.createdAt, last.id) : null,
    }
  },
  getMerchantOrder: async ({ params }) => {
    const order = await deps.store.orders.get(params.orderId)
    if (order === null || !isVisible(order)) throw httpRefusal('NOT_FOUND', 'there is no such order')
    return presentOrder(order)
  },
  refundOrder: async ({ identity, params, body, idempotencyKey }) =>
    unwrap(
      await refundOrder(deps, {
        by: identity.openid,
        orderId: params.orderId,
        idempotencyKey,
        amountFen: body.amountFen,
        reason: body.reason,
      }),
    ),
  shipOrder: async ({ identity, params, body }) =>
    unwrap(await shipOrder(deps, { by: identity.openid, orderId: params.orderId, ...body })),
  resolveAttention: async ({ identity, params, body }) =>
    unwrap(
      await resolveAttention(deps, {
        by: identity.openid,
        id: params.id,
        note: body.note,
        action: body.action ?? null,
      }),
    ),
})

const afterRefund = (cursor: string | undefined) => {
  if (cursor === undefined) return {}
  const { at, id } = readCursor(cursor)
  return { after: { requestedAt: at, id } }
}

const refundPage = (
  rows: readonly RefundRow[],
): { readonly items: RefundView[]; readonly nextCursor: string | null } => {
  const items = rows.slice(0, LIMITS.pageSize).flatMap(({ order, refundId }) => {
    const refund = order.refunds.find((r) => r.id === refundId)
    return refund === undefined ? [] : [presentRefund(order, refund)]
  })
  const last = items.at(-1)
  const more = rows.length > LIMITS.pageSize && last !== undefined
  return {
    items: [...items],
    nextCursor: more ? writeCursor(Date.parse(last.requestedAt), last.refundId) : null,
  }
}
