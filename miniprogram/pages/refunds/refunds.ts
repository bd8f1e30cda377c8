/** @module 退款/售后: the shopper's refunds, newest first, page by page. */
import type { Refund } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { refundsCopy } from '../../copy/refunds'
import { api } from '../../services/api'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { say } from '../../services/dialogue'
import { openOrders } from '../../services/orders-tab'
import { failureText, type PageState } from '../../view/failure'
import type { Pictures } from '../../view/order-lines'
import { appendRefunds, type RefundCardView, refundCardView, replaceRefund } from '../../view/refunds'

Page({
  data: {
    copy: refundsCopy,
    toOrders: actionsCopy.toOrders,
    state: 'loading' as PageState,
    problem: '',
    cards: [] as RefundCardView[],
    /** The foot of the list. */
    more: 'end' as 'end' | 'more' | 'loading' | 'failed',
  },

  refunds: [] as readonly Refund[],
  pictures: new Map() as Pictures,
  nextCursor: null as string | null,
  /** Counts the loads: only the last one begun may change the page. */
  loads: 0,
  /** The refund whose page is open above this one. */
  openedId: '',

  onShow() {
    if (this.openedId !== '') this.refreshOpened()
    else this.load()
  },

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
  },

  onAct() {
    if (this.data.state === 'empty') {
      openOrders('all')
      return
    }
    this.setData({ state: 'loading' })
    this.load()
  },

  async load() {
    this.loads += 1
    const thisLoad = this.loads
    try {
      const [page, pictures] = await Promise.all([api.listRefunds(), loadPictures()])
      if (thisLoad !== this.loads) return
      this.refunds = page.items
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
      // Refunds already on the screen stay there.
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
      const page = await api.listRefunds({ query: { cursor } })
      if (thisLoad !== this.loads) return
      this.refunds = appendRefunds(this.refunds, page.items)
      this.nextCursor = page.nextCursor
      this.setData({ more: page.nextCursor === null ? 'end' : 'more' })
      this.show()
    } catch {
      if (thisLoad === this.loads) this.setData({ more: 'failed' })
    }
  },

  /** Back from a refund's page: that one is fresh, and the list stays where it was scrolled to. */
  async refreshOpened() {
    const refundId = this.openedId
    this.openedId = ''
    const thisLoad = this.loads
    try {
      const refund = await api.getRefund({ params: { refundId } })
      if (thisLoad !== this.loads) return
      this.refunds = replaceRefund(this.refunds, refund)
      this.show()
    } catch (error) {
      say(failureText(error))
    }
  },

  show() {
    const now = nowMs()
    this.setData({ cards: this.refunds.map((refund) => refundCardView(refund, this.pictures, now)) })
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ refundId: string }>) {
    this.openedId = event.detail.refundId
    wx.navigateTo({ url: `/pages/refund/refund?refundId=${event.detail.refundId}` })
  },
})
