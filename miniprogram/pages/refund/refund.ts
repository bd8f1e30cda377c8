/** @module 退款详情: one refund, where its money is, and what its owner may do. Looks again while money is on its way. */
import type { Order, Refund, ReturnTerms } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { evidenceCopy } from '../../copy/evidence'
import { arrivalCopy } from '../../copy/refund-status'
import { refundCopy } from '../../copy/refunds'
import { api } from '../../services/api'
import { isFailure } from '../../services/api-failure'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { ask, copyText, say, tell } from '../../services/dialogue'
import { askForMessage, type MessageAnswer } from '../../services/messages'
import { idFrom } from '../../services/page-query'
import { showPictures } from '../../services/pictures'
import { withdrawRefund } from '../../services/refund-request'
import { isAddressFresh } from '../../view/evidence'
import { failureText, type PageState } from '../../view/failure'
import type { Pictures } from '../../view/order-lines'
import {
  parcelProblem,
  type RefundAction,
  type RefundView,
  type ReturnParcel,
  refundView,
  trimParcel,
} from '../../view/refund'
import { nextRefreshMs } from '../../view/refund-state'
import { type ReturnTermsView, returnTermsView } from '../../view/return-terms'

const NO_PARCEL: ReturnParcel = { carrier: '', trackingNo: '' }

Page({
  data: {
    copy: refundCopy,
    arrival: arrivalCopy,
    evidenceTitle: evidenceCopy.title,
    copyWord: actionsCopy.copy,
    state: 'loading' as PageState,
    problem: '',
    view: null as RefundView | null,
    /** Of goods that are awaited. */
    returnTerms: null as ReturnTermsView | null,
    parcel: NO_PARCEL,
    parcelHint: '',
    /** The action under way; its button turns, the others wait. */
    busy: '' as RefundAction | 'send' | '',
  },

  refundId: '',
  refund: null as Refund | null,
  order: null as Order | null,
  terms: null as ReturnTerms | null,
  pictures: new Map() as Pictures,
  /** When the refund on the screen was read: the addresses of its pictures age. */
  takenAtMs: 0,
  onScreen: false,
  askedForMessage: false,
  refreshTimer: 0,
  /** Looks in a row that found the same status. */
  asked: 0,
  /** Counts the loads: only the last one begun may change the page. */
  loads: 0,

  onLoad(query: Record<string, string | undefined>) {
    this.refundId = idFrom(query, 'refundId')
  },

  onShow() {
    this.onScreen = true
    this.asked = 0
    this.load()
  },

  onHide() {
    this.stop()
  },

  onUnload() {
    this.stop()
  },

  stop() {
    this.onScreen = false
    clearTimeout(this.refreshTimer)
  },

  async onPullDownRefresh() {
    this.asked = 0
    await this.load()
    wx.stopPullDownRefresh()
  },

  onAct() {
    if (this.data.state === 'empty') {
      wx.redirectTo({ url: '/pages/refunds/refunds' })
      return
    }
    this.setData({ state: 'loading' })
    this.load()
  },

  async load() {
    if (this.refundId === '') {
      this.setData({ state: 'empty' })
      return
    }
    this.loads += 1
    const thisLoad = this.loads
    clearTimeout(this.refreshTimer)
    try {
      const [refund, pictures] = await Promise.all([
        api.getRefund({ params: { refundId: this.refundId } }),
        loadPictures(),
      ])
      const [order, terms] = await Promise.all([this.orderOf(refund), this.termsOf(refund)])
      if (thisLoad !== this.loads) return
      this.terms = terms
      this.pictures = pictures
      this.order = order
      this.take(refund)
    } catch (error) {
      if (thisLoad !== this.loads) return
      if (isFailure(error, 'NOT_FOUND')) this.setData({ state: 'empty' })
      else if (this.data.state === 'there') say(failureText(error))
      else this.setData({ state: 'failed', problem: failureText(error) })
      this.planNext()
    }
  },

  /** For the names of its goods and what is left to refund; the refund itself is shown without it too. */
  orderOf(refund: Refund): Promise<Order | null> {
    if (refund.orderId === null) return Promise.resolve(null)
    return api.getOrder({ params: { orderId: refund.orderId } }).catch(() => this.order)
  },

  /** While goods are awaited; without an answer the page says so and shows the rest. */
  termsOf({ status, refundId }: Refund): Promise<ReturnTerms | null> {
    if (status !== 'awaitingReturn') return Promise.resolve(null)
    return api.getReturnTerms({ params: { refundId } }).catch(() => this.terms)
  },

  take(refund: Refund) {
    if (this.refund?.status !== refund.status) this.asked = 0
    this.refund = refund
    this.takenAtMs = nowMs()
    this.show()
    this.planNext()
  },

  show() {
    if (this.refund === null) return
    this.setData({
      state: 'there',
      view: refundView(this.refund, this.order, this.pictures, nowMs()),
      returnTerms: returnTermsView(this.refund, this.terms),
    })
  },

  planNext() {
    clearTimeout(this.refreshTimer)
    const pauseMs = this.refund === null ? null : nextRefreshMs(this.refund, this.asked)
    if (pauseMs !== null && this.onScreen) this.refreshTimer = setTimeout(() => this.lookAgain(), pauseMs)
  },

  /** By itself and quietly: a look that fails is tried again later, without a word. */
  async lookAgain() {
    this.asked += 1
    const thisLoad = this.loads
    try {
      const refund = await api.getRefund({ params: { refundId: this.refundId } })
      if (thisLoad === this.loads) this.take(refund)
    } catch {
      if (thisLoad === this.loads) this.planNext()
    }
  },

  async onAction(event: WechatMiniprogram.BaseEvent) {
    const kind: RefundAction = event.currentTarget.dataset.kind
    const acts = {
      withdraw: () => this.withdraw(),
      askAgain: () => this.askAgain(),
    }
    await this.once(kind, acts[kind])
  },

  /** One thing at a time; after a refusal the page shows where the refund is. */
  async once(kind: RefundAction | 'send', act: () => Promise<unknown>) {
    if (this.data.busy !== '') return
    this.setData({ busy: kind })
    try {
      await act()
    } catch (error) {
      await tell(failureText(error))
      await this.load()
    } finally {
      this.setData({ busy: '' })
    }
  },

  async withdraw() {
    const sure = await ask({
      title: refundCopy.withdrawTitle,
      content: refundCopy.withdrawContent,
      confirmText: refundCopy.withdrawConfirm,
      cancelText: refundCopy.withdrawKeep,
    })
    if (!sure) return
    this.loads += 1
    this.take(await withdrawRefund(this.refundId))
    say(refundCopy.withdrawn)
    // What was reserved is free again: the order says how much.
    await this.load()
  },

  async askAgain() {
    await wx.navigateTo({ url: `/pages/refund-apply/refund-apply?orderId=${this.data.view?.orderId}` })
  },

  async onPicture(event: WechatMiniprogram.CustomEvent<{ index: number }>) {
    if (!isAddressFresh(this.takenAtMs, nowMs())) await this.lookAgain()
    const urls = this.data.view?.evidence ?? []
    const url = urls[event.detail.index]
    if (url !== undefined) showPictures(urls, url)
  },

  /** An address has expired: the refund comes with new ones. */
  onStalePicture() {
    this.lookAgain()
  },

  onOrder() {
    wx.navigateTo({ url: `/pages/order/order?orderId=${this.data.view?.orderId}` })
  },

  onCarrier(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'parcel.carrier': event.detail.value })
  },

  onTrackingNo(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'parcel.trackingNo': event.detail.value })
  },

  async onSend() {
    const parcel = trimParcel(this.data.parcel)
    const parcelHint = parcelProblem(parcel) ?? ''
    this.setData({ parcelHint })
    if (parcelHint !== '') return
    await this.once('send', async () => {
      await this.offerMessage()
      await this.send(parcel)
    })
  },

  /**
   * What was allowed with the request was used up by the news that the goods are awaited; the money's is still to come.
   * First thing in the tap: once anything was waited for, WeChat takes the question no more.
   */
  offerMessage(): Promise<MessageAnswer> | null {
    if (this.askedForMessage) return null
    this.askedForMessage = true
    return askForMessage('refundResult')
  },

  async send(parcel: ReturnParcel) {
    const sure = await ask({
      title: refundCopy.sendTitle,
      content: refundCopy.sendContent(parcel.carrier, parcel.trackingNo),
      confirmText: refundCopy.sendConfirm,
      cancelText: refundCopy.sendKeep,
    })
    if (!sure) return
    const refund = await api.returnGoods({ params: { refundId: this.refundId }, body: parcel })
    this.loads += 1
    this.take(refund)
    say(refundCopy.sent)
  },

  onCopy(event: WechatMiniprogram.BaseEvent) {
    copyText(String(event.currentTarget.dataset.value))
  },
})
