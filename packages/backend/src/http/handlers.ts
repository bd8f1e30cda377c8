/** @module What each call of the mini-program does. */
import {
  cancelOrder,
  confirmReceipt,
  getOwnOrder,
  listAttention,
  listOwnOrders,
  placeOrder,
  startPayment,
  syncPayment,
} from '@yuanlu/shop'
import type { ApiDeps } from './app.ts'
import { readCursor, writeCursor } from './cursors.ts'
import { httpRefusal } from './envelope.ts'
import { type Handlers, unwrap } from './mount.ts'
import { createOwnerHandlers } from './owner-handlers.ts'
import { showProduct } from './product-pictures.ts'
import { createRefundHandlers } from './refund-handlers.ts'

export const createHandlers = (deps: ApiDeps): Handlers => {
  const rolesOf = async (openid: string) => {
    const role = await deps.store.staff.roleOf(openid)
    return role === null ? [] : [role]
  }
  return {
    ...createRefundHandlers(deps),
    ...createOwnerHandlers(deps),
    signIn: async ({ body }) => {
      const login = await deps.platform.login(body.code)
      if (login.kind === 'badCode')
        throw httpRefusal('INVALID_INPUT', 'code: is used, expired or not from wx.login', { field: 'code' })
      if (login.kind === 'unavailable') {
        deps.log.warn('login.unavailable', { reason: login.reason })
        throw httpRefusal('UNAVAILABLE', 'WeChat login cannot be reached right now')
      }
      const { token, expiresAt } = await deps.tokens.issue(login.openid)
      return { token, expiresAt: new Date(expiresAt).toISOString(), roles: await rolesOf(login.openid) }
    },
    signOut: async ({ identity }) => {
      await deps.tokens.end(identity.sessionId)
      return {}
    },
    getMe: async ({ identity }) => ({ openid: identity.openid, roles: await rolesOf(identity.openid) }),

    listProducts: async ({ origin }) => ({
      items: (await deps.store.products.list()).map((product) => showProduct(product, origin)),
    }),
    getProduct: async ({ params, origin }) => {
      const product = await deps.store.products.get(params.productId)
      if (product === null) throw httpRefusal('NOT_FOUND', 'there is no such product')
      return showProduct(product, origin)
    },
    getMessageTemplates: async () => deps.messageTemplates,

    placeOrder: async ({ identity, body, idempotencyKey }) =>
      unwrap(
        await placeOrder(deps, {
          buyerOpenid: identity.openid,
          idempotencyKey,
          items: body.items,
          delivery: body.delivery ?? null,
          remark: body.remark ?? '',
        }),
      ),
    listOrders: async ({ identity, query }) => {
      const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor)
      const { items, next } = await listOwnOrders(deps, {
        buyerOpenid: identity.openid,
        ...(query.status === undefined ? {} : { status: query.status }),
        ...(cursor === undefined ? {} : { after: { createdAt: cursor.at, id: cursor.id } }),
      })
      return { items, nextCursor: next === null ? null : writeCursor(next.createdAt, next.id) }
    },
    getOrder: async ({ identity, params }) =>
      unwrap(await getOwnOrder(deps, { buyerOpenid: identity.openid, orderId: params.orderId })),
    startPayment: async ({ identity, params, ip }) =>
      unwrap(
        await startPayment(deps, { buyerOpenid: identity.openid, orderId: params.orderId, clientIp: ip }),
      ),
    syncPayment: async ({ identity, params }) =>
      unwrap(await syncPayment(deps, { buyerOpenid: identity.openid, orderId: params.orderId })),
    cancelOrder: async ({ identity, params }) =>
      unwrap(await cancelOrder(deps, { buyerOpenid: identity.openid, orderId: params.orderId })),
    confirmReceipt: async ({ identity, params }) =>
      unwrap(await confirmReceipt(deps, { buyerOpenid: identity.openid, orderId: params.orderId })),

    listAttention: async ({ query }) => {
      const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor)
      const { items, next } = await listAttention(
        deps,
        cursor === undefined ? {} : { after: { since: cursor.at, id: cursor.id } },
      )
      return { items, nextCursor: next === null ? null : writeCursor(next.since, next.id) }
    },
  }
}
