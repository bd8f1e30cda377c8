/** @module Which tab of the orders page another page asked for: wx.switchTab carries no parameters. */
import type { OrderStatus } from '@yuanlu/contract'

export type OrdersTab = OrderStatus | 'all'

let asked: OrdersTab | null = null

export const openOrders = (tab: OrdersTab): void => {
  asked = tab
  wx.switchTab({ url: '/pages/orders/orders' })
}

/** The tab asked for since the page was last shown, once. */
export const takeAskedTab = (): OrdersTab | null => {
  const tab = asked
  asked = null
  return tab
}
