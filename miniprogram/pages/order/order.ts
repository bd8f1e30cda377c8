/** @module 订单详情: one order, what to expect, and what its owner may do. */
import type { Order } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { orderCopy } from '../../copy/orders'
import { orderRefundsCopy } from '../../copy/refunds'
import { api } from '../../services/api'
import { isFailure } from '../../services/api-failure'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { ask, copyText, say, tell } from '../../services/dialogue'
import { openOrders } from '../../services/orders-tab'
import { idFrom } from '../../services/page-query'
import { payOrder, syncPayment } from '../../services/payment'
import { failureText, type PageState, payFailureText } from '../../view/failure'
import { cancelOutcome, needsAsking, type OrderAction, type OrderView, orderView } from '../../view/order'
import type { Pictures } from '../../view/order-lines'

Page({
  data: {
    copy: orderCopy,
    copyWord: actionsCopy.copy,
    refundsCopy: orderRefundsCopy,
    toOrders: actionsCopy.toOrders,
    state: 'loading' as PageState,
    problem: '',
    view: null as OrderView | null,
    /** The action under way; its button turns, the others wait. */
    busy: '' as OrderAction | '',
  },

  orderId: '',
  order: null as Order | null,
  pictures: new Map() as Pictures,
  tickTimer: 0,

  onLoad(query: Record<string, string | undefined>) {
    this.orderId = idFrom(query, 'orderId')
  },

  onShow() {
    clearInterval(this.tickTimer)
    this.tickTimer = setInterval(() => this.tick(), 1_000)
    this.load()
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

  onAct() {
    if (this.data.state === 'empty') {
      openOrders('all')
      return
    }
    this.setData({ state: 'loading' })
    this.load()
  },

  async load() {
    if (this.orderId === '') {
      this.setData({ state: 'empty' })
      return
    }
    try {
      const [order, pictures] = await Promise.all([
        api.getOrder({ params: { orderId: this.orderId } }),
        loadPictures(),
      ])
      this.pictures = pictures
      this.take(order)
      // Perhaps paid on another phone, or overdue: our server asks WeChat Pay.
      if (needsAsking(order, nowMs())) this.take(await syncPayment(this.orderId))
    } catch (error) {
      if (isFailure(error, 'NOT_FOUND')) this.setData({ state: 'empty' })
      else if (this.data.state === 'there') say(failureText(error))
      else this.setData({ state: 'failed', problem: failureText(error) })
    }
  },

  take(order: Order) {
    this.order = order
    this.setData({ state: 'there' })
    this.show()
  },

  /** The page is drawn again only while something counts down. */
  tick() {
    if (this.data.view !== null && this.data.view.timeLeft !== '') this.show()
  },

  show() {
    if (this.order !== null) this.setData({ view: orderView(this.order, this.pictures, nowMs()) })
  },

  async onAction(event: WechatMiniprogram.BaseEvent) {
    const kind: OrderAction = event.currentTarget.dataset.kind
    if (this.data.busy !== '') return
    this.setData({ busy: kind })
    try {
      await this.act(kind)
    } catch (error) {
      await tell(kind === 'pay' ? payFailureText(error) : failureText(error))
      // The refusal says that the order moved on: show where it is.
      await this.load()
    } finally {
      this.setData({ busy: '' })
    }
  },

  act(kind: OrderAction): Promise<void> {
    const acts = {
      pay: () => this.pay(),
      cancel: () => this.cancel(),
      confirmReceipt: () => this.confirmReceipt(),
      askRefund: () => this.askRefund(),
    }
    return acts[kind]()
  },

  async pay() {
    await payOrder(this.orderId)
    wx.navigateTo({ url: `/pages/pay-result/pay-result?orderId=${this.orderId}` })
  },

  async cancel() {
    const sure = await ask({
      title: orderCopy.cancelTitle,
      content: orderCopy.cancelContent,
      confirmText: orderCopy.cancelConfirm,
      cancelText: orderCopy.cancelKeep,
    })
    if (!sure) return
    const order = await api.cancelOrder({ params: { orderId: this.orderId } })
    this.take(order)
    say(cancelOutcome(order))
  },

  async confirmReceipt() {
    const sure = await ask({
      title: orderCopy.receiptTitle,
      content: orderCopy.receiptContent,
      confirmText: orderCopy.receiptConfirm,
      cancelText: orderCopy.receiptKeep,
    })
    if (!sure) return
    this.take(await api.confirmReceipt({ params: { orderId: this.orderId } }))
    say(orderCopy.received)
  },

  async askRefund() {
    await wx.navigateTo({ url: `/pages/refund-apply/refund-apply?orderId=${this.orderId}` })
  },

  onRefund(event: WechatMiniprogram.BaseEvent) {
    wx.navigateTo({ url: `/pages/refund/refund?refundId=${event.currentTarget.dataset.refundId}` })
  },

  onCopy(event: WechatMiniprogram.BaseEvent) {
    copyText(String(event.currentTarget.dataset.value))
  },
})
