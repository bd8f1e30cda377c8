/** @module What the store suite stores. */
import {
  type Attention,
  type InboxNews,
  type JournalEntry,
  type Order,
  type PaidNews,
  placingOrder,
  type Refund,
  type Stray,
  stepStocked,
} from '@yuanlu/shop'

/** 2026-11-23T04:00:00.000Z */
export const NOON = 1_795_406_400_000

export const aPlacingOrder = (change: Partial<Order> = {}): Order => ({
  ...placingOrder({
    id: '7k2m9c4w8n1b5v3x6z0qajdhtr',
    buyerOpenid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    lines: [{ productId: 'tea', title: '龙井 🍵', unitPriceFen: 1_290, quantity: 2, amountFen: 2_580 }],
    delivery: { name: '李雷', phone: '13800138000', address: '杭州市西湖区龙井路 1 号' },
    remark: '',
    requestDigest: 'c0ffee',
    now: NOON,
    ttlMs: 900_000,
  }),
  ...change,
})

/** A visible order. */
export const anOrder = (change: Partial<Order> = {}): Order => {
  const step = stepStocked(aPlacingOrder())
  if (step.kind !== 'moved') throw new Error('a placing order can be stocked')
  return { ...step.next, ...change }
}

/** The next version of an order. */
export const changed = (order: Order, change: Partial<Order>): Order => ({
  ...order,
  version: order.version + 1,
  ...change,
})

export const entryOf = (cause: string, fen = 2_580, at = NOON): JournalEntry => ({
  cause,
  at,
  refundId: null,
  wxId: cause.replace('payment:', ''),
  lines: [
    { account: 'wechat:receivable', fen },
    { account: 'shop:sales', fen: -fen },
  ],
})

export const attentionOf = (id: string, change: Partial<Attention> = {}): Attention => ({
  id,
  kind: 'amountMismatch',
  since: NOON,
  summary: 'paid another amount than the order asks for',
  resolvedAt: null,
  ...change,
})

const PAID: PaidNews = {
  outTradeNo: '7k2m9c4w8n1b5v3x6z0qajdhtr',
  transactionId: '4200001234202611230000000001',
  totalFen: 2_580,
  currency: 'CNY',
  payerOpenid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  paidAt: NOON,
}

export const newsOf = (id: string, receivedAt = NOON): InboxNews => ({
  id,
  receivedAt,
  news: { kind: 'payment', paid: PAID },
})

export const aRefund = (id: string, change: Partial<Refund> = {}): Refund => ({
  id,
  kind: 'refundOnly',
  origin: 'shopper',
  state: 'requested',
  amountFen: 100,
  items: [],
  reason: '不想要了',
  description: '',
  evidence: [],
  requestDigest: 'c0ffee',
  source: { transactionId: '4200001234202611230000000001', totalFen: 2_580, suspense: false },
  requestedBy: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  requestedAt: NOON,
  decidedAt: null,
  decidedBy: null,
  rejectReason: null,
  approvals: [],
  returnShipment: null,
  deadlineAt: null,
  transfers: [],
  stock: 'none',
  timeline: [],
  ...change,
})

export const strayOf = (transactionId: string): Stray => ({
  transactionId,
  news: { ...PAID, outTradeNo: 'not-ours', transactionId },
  attention: attentionOf(`unknownTrade-${transactionId}`, { kind: 'unknownTrade', summary: 'not our trade' }),
  journal: {
    ...entryOf(`payment:${transactionId}`),
    lines: [
      { account: 'wechat:receivable', fen: 700 },
      { account: 'shop:suspense', fen: -700 },
    ],
  },
})
