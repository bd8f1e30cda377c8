/** @module 全部订单: everybody's orders, newest first, by state or by number. */
import type { Order } from '@yuanlu/contract'
import { staffCopy } from '../../copy/staff'
import { staffOrdersCopy } from '../../copy/staff-orders'
import { api } from '../../services/api'
import { say } from '../../services/dialogue'
import type { OrdersTab } from '../../services/orders-tab'
import { createPager, noPager } from '../../services/staff-pager'
import { isOrdersTab, orderTabs } from '../../view/orders'
import { failedPlaceholder, isNotAllowed, LOADING, staffFailureText, THERE } from '../../view/staff-failure'
import { ordersQuery, type StaffOrderCardView, staffOrderCardView } from '../../view/staff-orders'
import { searchText } from '../../view/staff-refunds'

Page({
  data: {
    words: staffCopy,
    tabs: orderTabs,
    tab: 'all' as OrdersTab,
    q: '',
    place: LOADING,
    cards: [] as StaffOrderCardView[],
    /** The foot of the list. */
    more: 'end' as 'end' | 'more' | 'loading' | 'failed',
  },

  pager: noPager<Order>(),
  /** The order whose page is open above this one. */
  openedId: '',

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

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
  },

  onTab(event: WechatMiniprogram.CustomEvent<{ value: unknown }>) {
    const { value } = event.detail
    if (isOrdersTab(value) && value !== this.data.tab) this.open(value, this.data.q)
  },

  /** A number is looked for in every state. */
  onSearch(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    const q = searchText(event.detail.value)
    if (q !== this.data.q) this.open(q === '' ? this.data.tab : 'all', q)
  },

  open(tab: OrdersTab, q: string) {
    this.pager.clear()
    this.setData({ tab, q, place: LOADING, cards: [] })
    this.load()
  },

  onAct() {
    if (this.data.place.action !== '') {
      wx.switchTab({ url: '/pages/me/me' })
      return
    }
    this.setData({ place: LOADING })
    this.load()
  },

  async load() {
    this.openedId = ''
    try {
      if ((await this.pager.load()) === 'loaded') this.show()
    } catch (error) {
      if (this.data.place.state === 'there' && !isNotAllowed(error)) say(staffFailureText(error))
      else this.fail(error)
    }
  },

  fail(error: unknown) {
    const notFound = { title: staffOrdersCopy.emptyTitle, hint: staffOrdersCopy.emptyHint }
    this.setData({ cards: [], place: failedPlaceholder(error, notFound) })
  },

  show() {
    const orders = this.pager.items()
    const { emptyTitle, emptyHint, notFoundTitle, notFoundHint } = staffOrdersCopy
    const empty =
      this.data.q === ''
        ? { title: emptyTitle, hint: emptyHint }
        : { title: notFoundTitle, hint: notFoundHint }
    this.setData({
      place: orders.length === 0 ? { ...empty, state: 'empty', action: '' } : THERE,
      cards: orders.map(staffOrderCardView),
      more: this.pager.hasMore() ? 'more' : 'end',
    })
  },

  onReachBottom() {
    if (this.data.place.state === 'there' && this.data.more === 'more') this.loadMore()
  },

  onMore() {
    if (this.data.more === 'failed') this.loadMore()
  },

  async loadMore() {
    this.setData({ more: 'loading' })
    try {
      if ((await this.pager.loadMore()) === 'loaded') this.show()
    } catch {
      this.setData({ more: 'failed' })
    }
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ orderId: string }>) {
    this.openedId = event.detail.orderId
    wx.navigateTo({ url: `/pages/staff-order/staff-order?orderId=${event.detail.orderId}` })
  },

  async refreshOpened() {
    const orderId = this.openedId
    const { tab } = this.data
    this.openedId = ''
    try {
      const order = await api.getMerchantOrder({ params: { orderId } })
      this.pager.replace(orderId, tab === 'all' || order.status === tab ? order : null)
      this.show()
    } catch (error) {
      if (isNotAllowed(error)) this.fail(error)
      else say(staffFailureText(error))
    }
  },
})
