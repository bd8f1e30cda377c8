/** @module 订单: the shopper's orders, newest first, tab by tab and page by page. */
import type { Order } from '@yuanlu/contract'
import { growingList, type ListFoot, listFoot } from '../../behaviors/growing-list'
import { actionsCopy } from '../../copy/actions'
import { ordersCopy } from '../../copy/orders'
import { api } from '../../services/api'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { say } from '../../services/dialogue'
import { type OrdersTab, takeAskedTab } from '../../services/orders-tab'
import { createPager, noPager } from '../../services/pager'
import { failureText, type PageState } from '../../view/failure'
import type { Pictures } from '../../view/order-lines'
import {
  countdownChanges,
  inTab,
  isOrdersTab,
  type OrderCardView,
  orderCardView,
  orderTabs,
} from '../../view/orders'

Page({
  ...growingList,

  data: {
    copy: ordersCopy,
    toHome: actionsCopy.toHome,
    tabs: orderTabs,
    tab: 'all' as OrdersTab,
    state: 'loading' as PageState,
    problem: '',
    cards: [] as OrderCardView[],
    /** The foot of the list. */
    more: 'end' as ListFoot,
  },

  pager: noPager<Order>(),
  pictures: new Map() as Pictures,
  tickTimer: 0,
  /** The order whose page is open above this one. */
  openedId: '',

  onLoad() {
    this.pager = createPager<Order>({
      ask: (cursor) => api.listOrders({ query: this.query(cursor) }),
      idOf: ({ orderId }) => orderId,
    })
  },

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
    this.pager.clear()
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

  query(cursor: string | null) {
    const { tab } = this.data
    return { ...(tab !== 'all' && { status: tab }), ...(cursor !== null && { cursor }) }
  },

  async load() {
    const pictures = loadPictures().then((found) => {
      this.pictures = found
    })
    try {
      if ((await this.pager.load(pictures)) === 'loaded') this.show()
    } catch (error) {
      const problem = failureText(error)
      // Orders already on the screen stay there.
      if (this.data.state === 'there') say(problem)
      else this.setData({ state: 'failed', problem })
    }
  },

  /** Back from an order's page: only that order can have changed, and the list stays where it was scrolled to. */
  async refreshOpened() {
    const orderId = this.openedId
    const { tab } = this.data
    this.openedId = ''
    try {
      const again = async () => {
        const order = await api.getOrder({ params: { orderId } })
        return inTab(order, tab) ? order : null
      }
      if ((await this.pager.refresh(orderId, again)) === 'loaded') this.show()
    } catch (error) {
      say(failureText(error))
    }
  },

  cards() {
    const now = nowMs()
    return this.pager.items().map((order) => orderCardView(order, this.pictures, now))
  },

  show() {
    const cards = this.cards()
    this.setData({ state: cards.length === 0 ? 'empty' : 'there', cards, more: listFoot(this.pager) })
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
