/** @module 我的: the way to the orders, and the account's own identifier. */
import { actionsCopy } from '../../copy/actions'
import { meCopy } from '../../copy/me'
import { orderTabCopy } from '../../copy/order-status'
import { api } from '../../services/api'
import { copyText } from '../../services/dialogue'
import { openOrders } from '../../services/orders-tab'
import { failureText, type PageState } from '../../view/failure'
import { isOrdersTab } from '../../view/orders'

Page({
  data: {
    copy: meCopy,
    actions: actionsCopy,
    links: [
      { tab: 'awaitingPayment', icon: 'wallet', text: orderTabCopy.awaitingPayment },
      { tab: 'paid', icon: 'gift', text: orderTabCopy.paid },
      { tab: 'shipped', icon: 'vehicle', text: orderTabCopy.shipped },
      { tab: 'completed', icon: 'check-circle', text: orderTabCopy.completed },
    ],
    state: 'loading' as PageState,
    problem: '',
    openid: '',
  },

  onShow() {
    this.load()
  },

  onRetry() {
    this.setData({ state: 'loading' })
    this.load()
  },

  async load() {
    try {
      const { openid } = await api.getMe()
      this.setData({ state: 'there', openid })
    } catch (error) {
      if (this.data.state !== 'there') this.setData({ state: 'failed', problem: failureText(error) })
    }
  },

  onOrders(event: WechatMiniprogram.BaseEvent) {
    const { tab } = event.currentTarget.dataset
    openOrders(isOrdersTab(tab) ? tab : 'all')
  },

  onRefunds() {
    wx.navigateTo({ url: '/pages/refunds/refunds' })
  },

  onCopy() {
    copyText(this.data.openid)
  },
})
