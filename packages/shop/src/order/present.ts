/** @module An order in the words of the contract: what its shopper, and staff, are shown. */
import type { AttentionItem, OrderStatus, Order as OrderView } from '@yuanlu/contract'
import { presentRefund } from '../refund/present.ts'
import { refundableFen, refundedFen } from '../refund/refund-money.ts'
import type { Instant, Order, Shipment } from './order.ts'

export const toIso = (at: Instant): string => new Date(at).toISOString()
const toIsoOrNull = (at: Instant | null): string | null => (at === null ? null : toIso(at))

const presentShipment = ({ carrier, trackingNo }: Shipment) => ({ carrier, trackingNo })

type VisibleOrder = Order & { readonly state: OrderStatus }

export const presentOrder = (order: VisibleOrder): OrderView => {
  const paidFen = order.payment?.paidFen ?? 0
  return {
    orderId: order.id,
    status: order.state,
    closing: order.closing !== null,
    items: order.lines.map((line) => ({ ...line })),
    amountFen: order.amountFen,
    paidFen,
    refundedFen: refundedFen(order),
    refundableFen: refundableFen(order),
    delivery: order.delivery,
    remark: order.remark,
    createdAt: toIso(order.createdAt),
    expiresAt: toIso(order.expiresAt),
    paidAt: toIsoOrNull(order.paidAt),
    shippedAt: toIsoOrNull(order.shippedAt),
    completedAt: toIsoOrNull(order.completedAt),
    closedAt: toIsoOrNull(order.closedAt),
    transactionId: order.payment?.transactionId ?? null,
    attention: [...new Set(order.attention.filter((a) => a.resolvedAt === null).map((a) => a.kind))],
    refunds: order.refunds.map((refund) => presentRefund(order, refund)),
    shipment: order.shipment === null ? null : presentShipment(order.shipment),
  }
}

/** Of attention to money that did not fit: what came, and what the order asks for. */
export const presentMisplaced = (
  order: Order,
  attentionId: string,
): Pick<AttentionItem, 'paidFen' | 'currency' | 'orderFen'> => {
  const misplaced = order.misplaced.find((m) => `${m.kind}-${m.transactionId}` === attentionId)
  if (misplaced === undefined) return {}
  const { amountFen, currency } = misplaced
  return { paidFen: amountFen, currency, orderFen: order.amountFen }
}

/** The order as it was when it was placed: what a repeated `placeOrder` under the same key answers. */
export const presentOrderAsPlaced = (order: Order): OrderView =>
  presentOrder({
    ...order,
    state: 'awaitingPayment',
    closing: null,
    paidAt: null,
    shippedAt: null,
    completedAt: null,
    closedAt: null,
    shipment: null,
    payment: null,
    refunds: [],
    attention: [],
  })
