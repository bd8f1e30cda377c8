/** @module 支付结果: asks our server until it knows, and says only what it said. */
import type { Order } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { orderCopy } from '../../copy/orders'
import { payResultCopy } from '../../copy/pay-result'
import { isFailure } from '../../services/api-failure'
import { nowMs } from '../../services/clock'
import { say } from '../../services/dialogue'
import { openOrders } from '../../services/orders-tab'
import { idFrom } from '../../services/page-query'
import { lastAttempt, payOrder, syncPayment } from '../../services/payment'
import { type PageState, payFailureText } from '../../view/failure'
import { nextPollMs, type PayResultFacts, payResultView } from '../../view/pay-result'

const nothingKnown = (orderId: string): PayResultFacts => ({
  order: null,
  certain: false,
  attempt: lastAttempt(orderId),
  asked: 0,
  nowMs: nowMs(),
})

Page({
  data: {
    copy: payResultCopy,
    notFound: orderCopy,
    toOrders: actionsCopy.toOrders,
    state: 'there' as PageState,
    view: payResultView(nothingKnown('')),
    busy: false,
  },

  orderId: '',
  facts: nothingKnown(''),
  pollTimer: 0,
  tickTimer: 0,
  asking: false,

  onLoad(query: Record<string, string | undefined>) {
    this.orderId = idFrom(query, 'orderId')
    this.learn(nothingKnown(this.orderId))
  },

  onShow() {
    this.stop()
    this.tickTimer = setInterval(() => this.tick(), 1_000)
    this.check()
  },

  onHide() {
    this.stop()
  },

  onUnload() {
    this.stop()
  },

  stop() {
    clearTimeout(this.pollTimer)
    clearInterval(this.tickTimer)
    this.tickTimer = 0
  },

  tick() {
    if (this.data.view.timeLeft !== '') this.learn({})
  },

  learn(news: Partial<PayResultFacts>) {
    this.facts = { ...this.facts, ...news, attempt: lastAttempt(this.orderId), nowMs: nowMs() }
    this.setData({ view: payResultView(this.facts) })
  },

  /** One question; the next one follows by itself while the answer is not final and the page is on the screen. */
  async check() {
    if (this.orderId === '') {
      this.setData({ state: 'empty' })
      return
    }
    if (this.asking) return
    this.asking = true
    clearTimeout(this.pollTimer)
    const asked = this.facts.asked + 1
    try {
      const order: Order = await syncPayment(this.orderId)
      this.learn({ order, certain: true, asked })
    } catch (error) {
      if (isFailure(error, 'NOT_FOUND')) this.setData({ state: 'empty' })
      // Nobody could say: that is not "unpaid".
      this.learn({ certain: false, asked })
    } finally {
      this.asking = false
    }
    this.planNext()
  },

  planNext() {
    const pauseMs = nextPollMs(this.facts)
    const onScreen = this.tickTimer !== 0
    if (pauseMs !== null && onScreen && this.data.state === 'there') {
      this.pollTimer = setTimeout(() => this.check(), pauseMs)
    }
  },

  async onCheck() {
    if (this.data.busy) return
    this.setData({ busy: true })
    this.learn({ asked: 0 })
    await this.check()
    this.setData({ busy: false })
  },

  async onPay() {
    if (this.data.busy) return
    this.setData({ busy: true })
    try {
      await payOrder(this.orderId)
      this.learn({ asked: 0 })
    } catch (error) {
      say(payFailureText(error))
    }
    await this.check()
    this.setData({ busy: false })
  },

  onViewOrder() {
    wx.redirectTo({ url: `/pages/order/order?orderId=${this.orderId}` })
  },

  onGoOn() {
    wx.switchTab({ url: '/pages/home/home' })
  },

  onToOrders() {
    openOrders('all')
  },
})
