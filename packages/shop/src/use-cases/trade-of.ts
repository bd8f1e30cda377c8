/** @module What WeChat Pay is told about an order: the parameters its trade has for ever. */
import type { Order } from '../order/order.ts'
import type { TradeRequest } from '../payment/payment.ts'
import type { ShopDeps } from '../ports.ts'

/** The trade of an order, under the number and for the amount and payer that only we decide. */
export const tradeOf = (deps: Pick<ShopDeps, 'gateway'>, order: Order, clientIp: string): TradeRequest => ({
  api: deps.gateway.newTradesApi,
  outTradeNo: order.id,
  description: describeLines(order),
  totalFen: order.amountFen,
  payerOpenid: order.buyerOpenid,
  notifyUrl: deps.gateway.paymentNotifyUrl,
  expiresAt: order.expiresAt,
  payerClientIp: clientIp,
})

/** What people read in WeChat: the first product, and how many kinds there are in all. */
export const describeLines = (order: Pick<Order, 'id' | 'lines'>): string => {
  const first = order.lines[0]?.title ?? order.id
  return order.lines.length > 1 ? `${first} 等${order.lines.length}种商品` : first
}
