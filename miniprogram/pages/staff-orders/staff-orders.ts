/** @module 全部订单: everybody's orders, newest first, by state or by number. */
import type { Order } from '@yuanlu/contract'
import { type ListFoot, listFoot } from '../../behaviors/growing-list'
import { staffList } from '../../behaviors/staff-list'
import { staffCopy } from '../../copy/staff'
import { staffOrdersCopy } from '../../copy/staff-orders'
import { api } from '../../services/api'
import type { OrdersTab } from '../../services/orders-tab'
import { createPager, noPager } from '../../services/pager'
import { inTab, isOrdersTab, orderTabs } from '../../view/orders'
import { failedPlaceholder, LOADING, listPlace } from '../../view/staff-failure'
import { ordersQuery, type StaffOrderCardView, staffOrderCardView } from '../../view/staff-orders'

const list = staffList<Order, OrdersTab>({
  isTab: isOrdersTab,
  again: async (orderId, tab) => {
    const order = await api.getMerchantOrder({ params: { orderId } })
    return inTab(order, tab) ? order : null
  },
})

Page({
  ...list,

  data: {
    words: staffCopy,
    tabs: orderTabs,
    tab: 'all' as OrdersTab,
    q: '',
    place: LOADING,
    cards: [] as StaffOrderCardView[],
    /** The foot of the list. */
    more: 'end' as ListFoot,
  },

  pager: noPager<Order>(),

  onLoad() {
    this.pager = createPager<Order>({
      ask: (cursor) =>
        api.listMerchantOrders({
          query: { ...ordersQuery(this.data.tab, this.data.q), ...(cursor !== null && { cursor }) },
        }),
      idOf: ({ orderId }) => orderId,
    })
  },

  onShow() {
    if (this.openedId !== '' && this.data.place.state === 'there') this.refreshOpened()
    else this.load()
  },

  async load() {
    this.openedId = ''
    try {
      if ((await this.pager.load()) === 'loaded') this.show()
    } catch (error) {
      this.sayOrFail(error)
    }
  },

  fail(error: unknown) {
    const notFound = { title: staffOrdersCopy.emptyTitle, hint: staffOrdersCopy.emptyHint }
    this.setData({ cards: [], place: failedPlaceholder(error, notFound) })
  },

  show() {
    const cards = this.pager.items().map(staffOrderCardView)
    const place = listPlace(cards.length, this.data.q, staffOrdersCopy)
    this.setData({ place, cards, more: listFoot(this.pager) })
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ orderId: string }>) {
    this.openedId = event.detail.orderId
    wx.navigateTo({ url: `/pages/staff-order/staff-order?orderId=${event.detail.orderId}` })
  },
})
