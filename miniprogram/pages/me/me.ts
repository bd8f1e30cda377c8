/** @module 我的: the way to the orders, the staff's desk, and the account's own identifier. */
import type { Role } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { meCopy } from '../../copy/me'
import { orderTabCopy } from '../../copy/order-status'
import { api } from '../../services/api'
import { isFailure } from '../../services/api-failure'
import { copyText } from '../../services/dialogue'
import { openOrders } from '../../services/orders-tab'
import { loadStaffCounts } from '../../services/staff'
import { failureText, type PageState } from '../../view/failure'
import { isOrdersTab } from '../../view/orders'
import { deskView, NO_DESK } from '../../view/staff-desk'

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
    desk: NO_DESK,
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
      const { openid, roles } = await api.getMe()
      this.setData({ state: 'there', openid, desk: deskView(roles, null) })
      if (roles.length > 0) await this.count(roles)
    } catch (error) {
      if (this.data.state !== 'there') this.setData({ state: 'failed', problem: failureText(error) })
    }
  },

  /** The desk is there without its badges too. */
  async count(roles: readonly Role[]) {
    try {
      this.setData({ desk: deskView(roles, await loadStaffCounts()) })
    } catch (error) {
      // No longer staff: the card goes, and nobody is told off for it.
      if (isFailure(error, 'NOT_ALLOWED')) this.setData({ desk: NO_DESK })
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
