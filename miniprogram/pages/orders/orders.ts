/** @module 订单: the shopper's orders, newest first, tab by tab and page by page. */
import type { Order } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { ordersCopy } from '../../copy/orders'
import { api } from '../../services/api'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { say } from '../../services/dialogue'
import { type OrdersTab, takeAskedTab } from '../../services/orders-tab'
import { failureText, type PageState } from '../../view/failure'
import type { Pictures } from '../../view/order-lines'
import {
  appendOrders,
  countdownChanges,
  isOrdersTab,
  type OrderCardView,
  orderCardView,
  orderTabs,
  replaceOrder,
} from '../../view/orders'

Page({
  data: {
    copy: ordersCopy,
    toHome: actionsCopy.toHome,
    tabs: orderTabs,
    tab: 'all' as OrdersTab,
    state: 'loading' as PageState,
    problem: '',
    cards: [] as OrderCardView[],
    /** The foot of the list. */
    more: 'end' as 'end' | 'more' | 'loading' | 'failed',
  },

  orders: [] as readonly Order[],
  pictures: new Map() as Pictures,
  nextCursor: null as string | null,
  /** Counts the loads: only the last one begun may change the page. */
  loads: 0,
  tickTimer: 0,
  /** The order whose page is open above this one. */
  openedId: '',

  onShow() {
    const asked = takeAskedTab()
    if (asked !== null) this.openTab(asked)
    else if (this.openedId !== '') this.refreshOpened()
    else this.load()
    clearInterval(this.tickTimer)
    this.tickTimer = setInterval(() => this.tick(), 1_000)
  },

  onHide() {
    clearInterval(this.tickTimer)
  },

  onUnload() {
    clearInterval(this.tickTimer)
  },

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
  },

  onTab(event: WechatMiniprogram.CustomEvent<{ value: unknown }>) {
    const { value } = event.detail
    if (isOrdersTab(value) && value !== this.data.tab) this.openTab(value)
  },

  openTab(tab: OrdersTab) {
    this.orders = []
    this.setData({ tab, state: 'loading', cards: [] })
    this.load()
  },

  onAct() {
    if (this.data.state === 'empty') {
      wx.switchTab({ url: '/pages/home/home' })
      return
    }
    this.setData({ state: 'loading' })
    this.load()
  },

  ask(cursor?: string) {
    const { tab } = this.data
    return api.listOrders({
      query: { ...(tab !== 'all' && { status: tab }), ...(cursor !== undefined && { cursor }) },
    })
  },

  async load() {
    this.loads += 1
    const thisLoad = this.loads
    try {
      const [page, pictures] = await Promise.all([this.ask(), loadPictures()])
      if (thisLoad !== this.loads) return
      this.orders = page.items
      this.pictures = pictures
      this.nextCursor = page.nextCursor
      this.setData({
        state: page.items.length === 0 ? 'empty' : 'there',
        more: page.nextCursor === null ? 'end' : 'more',
      })
      this.show()
    } catch (error) {
      if (thisLoad !== this.loads) return
      const problem = failureText(error)
      // Orders already on the screen stay there.
      if (this.data.state === 'there') say(problem)
      else this.setData({ state: 'failed', problem })
    }
  },

  onReachBottom() {
    if (this.data.state === 'there' && this.data.more === 'more') this.loadMore()
  },

  onMore() {
    if (this.data.more === 'failed') this.loadMore()
  },

  async loadMore() {
    const cursor = this.nextCursor
    if (cursor === null) return
    const thisLoad = this.loads
    this.setData({ more: 'loading' })
    try {
      const page = await this.ask(cursor)
      if (thisLoad !== this.loads) return
      this.orders = appendOrders(this.orders, page.items)
      this.nextCursor = page.nextCursor
      this.setData({ more: page.nextCursor === null ? 'end' : 'more' })
      this.show()
    } catch {
      if (thisLoad === this.loads) this.setData({ more: 'failed' })
    }
  },

  /** Back from an order's page: only that order can have changed, and the list stays where it was scrolled to. */
  async refreshOpened() {
    const orderId = this.openedId
    this.openedId = ''
    const thisLoad = this.loads
    try {
      const order = await api.getOrder({ params: { orderId } })
      if (thisLoad !== this.loads) return
      this.orders = replaceOrder(this.orders, order, this.data.tab)
      this.setData({ state: this.orders.length === 0 ? 'empty' : 'there' })
      this.show()
    } catch (error) {
      say(failureText(error))
    }
  },

  cards() {
    const now = nowMs()
    return this.orders.map((order) => orderCardView(order, this.pictures, now))
  },

  show() {
    this.setData({ cards: this.cards() })
  },

  /** Only the cards that count down are drawn again. */
  tick() {
    const changes = countdownChanges(this.data.cards, this.cards())
    if (Object.keys(changes).length > 0) this.setData(changes)
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ orderId: string }>) {
    this.openedId = event.detail.orderId
    wx.navigateTo({ url: `/pages/order/order?orderId=${event.detail.orderId}` })
  },
})
