/** @module 退款/售后: the shopper's refunds, newest first, page by page. */
import type { Refund } from '@yuanlu/contract'
import { growingList, type ListFoot, listFoot } from '../../behaviors/growing-list'
import { actionsCopy } from '../../copy/actions'
import { refundsCopy } from '../../copy/refunds'
import { api } from '../../services/api'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { say } from '../../services/dialogue'
import { openOrders } from '../../services/orders-tab'
import { createPager, noPager } from '../../services/pager'
import { failureText, type PageState } from '../../view/failure'
import type { Pictures } from '../../view/order-lines'
import { type RefundCardView, refundCardView } from '../../view/refunds'

Page({
  ...growingList,

  data: {
    copy: refundsCopy,
    toOrders: actionsCopy.toOrders,
    state: 'loading' as PageState,
    problem: '',
    cards: [] as RefundCardView[],
    /** The foot of the list. */
    more: 'end' as ListFoot,
  },

  pager: noPager<Refund>(),
  pictures: new Map() as Pictures,
  /** The refund whose page is open above this one. */
  openedId: '',

  onLoad() {
    this.pager = createPager<Refund>({
      ask: (cursor) => api.listRefunds(cursor === null ? {} : { query: { cursor } }),
      idOf: ({ refundId }) => refundId,
    })
  },

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
    const pictures = loadPictures().then((found) => {
      this.pictures = found
    })
    try {
      if ((await this.pager.load(pictures)) === 'loaded') this.show()
    } catch (error) {
      const problem = failureText(error)
      // Refunds already on the screen stay there.
      if (this.data.state === 'there') say(problem)
      else this.setData({ state: 'failed', problem })
    }
  },

  /** Back from a refund's page: that one is fresh, and the list stays where it was scrolled to. */
  async refreshOpened() {
    const refundId = this.openedId
    this.openedId = ''
    try {
      const again = () => api.getRefund({ params: { refundId } })
      if ((await this.pager.refresh(refundId, again)) === 'loaded') this.show()
    } catch (error) {
      say(failureText(error))
    }
  },

  show() {
    const now = nowMs()
    const cards = this.pager.items().map((refund) => refundCardView(refund, this.pictures, now))
    this.setData({ state: cards.length === 0 ? 'empty' : 'there', cards, more: listFoot(this.pager) })
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ refundId: string }>) {
    this.openedId = event.detail.refundId
    wx.navigateTo({ url: `/pages/refund/refund?refundId=${event.detail.refundId}` })
  },
})
