/** @module A small shop with a fixed clock: builders that tests read like sentences. */
import type { Order, Product, ShopDeps } from '@yuanlu/shop'
import {
  approveRefund,
  placeOrder,
  recordNotifiedPayment,
  requestRefund,
  shipOrder,
  startPayment,
} from '@yuanlu/shop'
import { createFakePlatform, type FakePlatform } from './fake-platform'
import { createFakeWechat, type FakeWechat } from './fake-wechat'
import { createMemoryStore, type MemoryStore } from './memory-store'

export const XIAOLIN = 'oShopperXiaolin000000000000a'
export const AQING = 'oShopperAqing00000000000000b'
/** 2026-11-23 12:00 in Shanghai. */
export const NOON = Date.parse('2026-11-23T04:00:00Z')

const SHELF: readonly Product[] = [
  { productId: 'beans', title: '手冲咖啡豆', description: '', priceFen: 6800, stock: 10, imageUrl: '' },
  { productId: 'cup', title: '陶瓷杯', description: '', priceFen: 3990, stock: 2, imageUrl: '' },
]

export interface World extends ShopDeps {
  readonly store: MemoryStore
  readonly wechat: FakeWechat
  readonly platform: FakePlatform
  now: number
  readonly events: { level: string; event: string; fields: Readonly<Record<string, unknown>> }[]
  order(id: string): Order
  stockOf(productId: string): number
}

export const aWorld = (): World => {
  const events: World['events'] = []
  const store = createMemoryStore(SHELF)
  const log =
    (level: string) =>
    (event: string, fields = {}) =>
      void events.push({ level, event, fields })
  const clock = () => world.now
  const wechat = createFakeWechat(clock)
  const world: World = {
    now: NOON,
    clock,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    store,
    wechat,
    gateway: wechat,
    platform: createFakePlatform(),
    events,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    settings: {
      orderTtlMs: 15 * 60_000,
      autoApproveMs: 48 * 60 * 60_000,
      secondApprovalFen: null,
      returnMs: 7 * 24 * 60 * 60_000,
    },
    order: (id) => {
      const order = store.rows.orders.get(id)
      if (order === undefined) throw new Error(`no order ${id}`)
      return order
    },
    stockOf: (productId) => store.rows.products.get(productId)?.stock ?? Number.NaN,
  }
  return world
}

/** Places an order of two bags of beans and one cup (175.90 yuan) unless told otherwise. */
export const anOrder = async (
  world: World,
  change: {
    readonly buyerOpenid?: string
    readonly key?: string
    readonly items?: { productId: string; quantity: number }[]
  } = {},
): Promise<string> => {
  const placed = await placeOrder(world, {
    buyerOpenid: change.buyerOpenid ?? XIAOLIN,
    idempotencyKey: change.key ?? 'k1',
    items: change.items ?? [
      { productId: 'beans', quantity: 2 },
      { productId: 'cup', quantity: 1 },
    ],
    delivery: null,
    remark: '',
  })
  if (!placed.ok) throw new Error(placed.refusal.code)
  return placed.value.orderId
}

export const aStartedPayment = async (world: World, key = 'k1'): Promise<string> => {
  const orderId = await anOrder(world, { key })
  const started = await startPayment(world, { buyerOpenid: XIAOLIN, orderId, clientIp: '203.0.113.7' })
  if (!started.ok) throw new Error(started.refusal.code)
  return orderId
}

export const MANAGER = 'oStaffManager0000000000000m1'
export const CASHIER = 'oStaffCashier0000000000000c1'

/** A paid order of two bags of beans and one cup: 17590 fen. */
export const aPaidOrder = async (world: World, key = 'k1'): Promise<string> => {
  const orderId = await aStartedPayment(world, key)
  await recordNotifiedPayment(world, world.wechat.pay(orderId))
  return orderId
}

export interface Ask {
  readonly amountFen?: number
  readonly items?: { productId: string; quantity: number }[]
  readonly kind?: 'refundOnly' | 'returnAndRefund'
  readonly key?: string
}

export const ask = (world: World, orderId: string, change: Ask = {}) =>
  requestRefund(world, {
    buyerOpenid: XIAOLIN,
    orderId,
    idempotencyKey: change.key ?? 'r1',
    kind: change.kind ?? 'refundOnly',
    amountFen: change.amountFen ?? 17590,
    items: change.items ?? [],
    reason: '不想要了',
    description: '',
    evidence: [],
  })

export const aRequest = async (world: World, orderId: string, change: Ask = {}): Promise<string> => {
  const asked = await ask(world, orderId, change)
  if (!asked.ok) throw new Error(asked.refusal.code)
  return asked.value.refundId
}

export const approve = (world: World, refundId: string, change: { by?: string; amountFen?: number } = {}) => {
  const refund = [...world.store.rows.orders.values()]
    .flatMap((o) => o.refunds)
    .find((r) => r.id === refundId)
  return approveRefund(world, {
    by: change.by ?? MANAGER,
    refundId,
    amountFen: change.amountFen ?? refund?.amountFen ?? 0,
    note: null,
  })
}

/** Staff hand the goods over, with SF number 1234567890 unless told otherwise. */
export const ship = (
  world: World,
  orderId: string,
  change: { by?: string; carrier?: string; trackingNo?: string } = {},
) => shipOrder(world, { by: CASHIER, orderId, carrier: '顺丰速运', trackingNo: 'SF1234567890', ...change })
