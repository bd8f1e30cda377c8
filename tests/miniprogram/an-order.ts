/** @module Builders of what the server answers, with the clock at 2026-11-22 12:00 UTC. */
import type { Order, Product } from '@yuanlu/contract'

export const NOON_MS = Date.parse('2026-11-22T12:00:00.000Z')
const MINUTE_MS = 60_000

export const aProduct = (change: Partial<Product> = {}): Product => ({
  productId: 'coffee-beans',
  title: '云南小粒咖啡豆 250 克',
  description: '中度烘焙。',
  priceFen: 6800,
  stock: 50,
  imageUrl: '/assets/products/coffee-beans.png',
  ...change,
})

export const anOrder = (change: Partial<Order> = {}): Order => ({
  orderId: 'O20261122A',
  status: 'awaitingPayment',
  closing: false,
  items: [
    {
      productId: 'coffee-beans',
      title: '云南小粒咖啡豆 250 克',
      unitPriceFen: 6800,
      quantity: 2,
      amountFen: 13600,
    },
  ],
  amountFen: 13600,
  paidFen: 0,
  refundedFen: 0,
  refundableFen: 0,
  delivery: { name: '林小满', phone: '13800138000', address: '广东省广州市天河区体育东路 1 号' },
  remark: '',
  createdAt: new Date(NOON_MS).toISOString(),
  expiresAt: new Date(NOON_MS + 15 * MINUTE_MS).toISOString(),
  paidAt: null,
  shippedAt: null,
  completedAt: null,
  closedAt: null,
  transactionId: null,
  attention: [],
  refunds: [],
  shipment: null,
  ...change,
})

export const aPaidOrder = (change: Partial<Order> = {}): Order =>
  anOrder({
    status: 'paid',
    paidFen: 13600,
    refundableFen: 13600,
    paidAt: '2026-11-22T12:01:00.000Z',
    transactionId: '4200000000202611221234567890',
    ...change,
  })
