/** @module 申请退款: what, why and how much, one submission, and on to the refund. */
import { LIMITS, type Order } from '@yuanlu/contract'
import { actionsCopy } from '../../copy/actions'
import { refundApplyCopy } from '../../copy/refund-apply'
import { api } from '../../services/api'
import { isFailure } from '../../services/api-failure'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { ask, say, tell } from '../../services/dialogue'
import { askForMessage, loadMessageKinds, type MessageAnswer } from '../../services/messages'
import { openOrders } from '../../services/orders-tab'
import { idFrom } from '../../services/page-query'
import { requestRefund } from '../../services/refund-request'
import type { Evidence } from '../../view/evidence'
import { failureText, type PageState } from '../../view/failure'
import { type OrderLineView, orderLineViews, type Pictures } from '../../view/order-lines'
import {
  emptyForm,
  exceedsText,
  fitForm,
  type RefundApplyView,
  type RefundForm,
  type RefundKind,
  type RefundScope,
  refundApplyView,
} from '../../view/refund-apply'
import { whyNot } from '../../view/refund-money'

Page({
  data: {
    copy: refundApplyCopy,
    sign: actionsCopy.fee,
    limits: LIMITS,
    state: 'loading' as PageState,
    problem: '',
    /** The order is there and can't be refunded now: why. Empty: there is no such order. */
    refusal: '',
    orderLines: [] as OrderLineView[],
    view: null as RefundApplyView | null,
    form: null as RefundForm | null,
    reasonsOpen: false,
    descriptionSize: { minHeight: '132rpx' },
    submitting: false,
  },

  orderId: '',
  order: null as Order | null,
  pictures: new Map() as Pictures,
  /** Beside the button's own state: two taps may arrive before the page is drawn again. */
  busy: false,
  /** Asked once a visit whether the result may be told by message. */
  askedForMessage: false,

  onLoad(query: Record<string, string | undefined>) {
    this.orderId = idFrom(query, 'orderId')
    this.load()
    // Known before the button is tapped; without it the request goes its way all the same.
    loadMessageKinds()
  },

  onAct() {
    if (this.data.state === 'empty') {
      if (this.data.refusal === '') openOrders('all')
      else wx.redirectTo({ url: `/pages/order/order?orderId=${this.orderId}` })
      return
    }
    this.setData({ state: 'loading' })
    this.load()
  },

  /** The order as it is now; what was filled in stays as far as it still fits. */
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
      this.order = order
      this.pictures = pictures
      const refusal = whyNot(order, nowMs()) ?? ''
      this.setData({
        refusal,
        state: refusal === '' ? 'there' : 'empty',
        orderLines: orderLineViews(order, pictures),
      })
      this.change({})
    } catch (error) {
      if (isFailure(error, 'NOT_FOUND')) this.setData({ state: 'empty', refusal: '' })
      else this.setData({ state: 'failed', problem: failureText(error) })
    }
  },

  change(change: Partial<RefundForm>) {
    if (this.order === null) return
    const form = fitForm(this.order, { ...(this.data.form ?? emptyForm(this.order)), ...change })
    this.setData({ form, view: refundApplyView(this.order, form, this.pictures) })
  },

  onKind(event: WechatMiniprogram.BaseEvent) {
    const kind: RefundKind = event.currentTarget.dataset.value
    this.change({ kind })
  },

  onReceived(event: WechatMiniprogram.BaseEvent) {
    const received: boolean = event.currentTarget.dataset.value
    this.change({ received })
  },

  /** The reasons depend on what was chosen above them. */
  onReasons() {
    const { view } = this.data
    if (view === null) return
    if (view.reasons.length === 0) say(view.problem ?? '')
    else this.setData({ reasonsOpen: true })
  },

  onReasonsVisible(event: WechatMiniprogram.CustomEvent<{ visible: boolean }>) {
    this.setData({ reasonsOpen: event.detail.visible })
  },

  onCloseReasons() {
    this.setData({ reasonsOpen: false })
  },

  onReason(event: WechatMiniprogram.BaseEvent) {
    this.change({ reason: String(event.currentTarget.dataset.value) })
    this.onCloseReasons()
  },

  onScope(event: WechatMiniprogram.BaseEvent) {
    const scope: RefundScope = event.currentTarget.dataset.value
    this.change({ scope })
  },

  onQuantity(event: WechatMiniprogram.CustomEvent<{ value: number }>) {
    const productId = String(event.currentTarget.dataset.productId)
    this.change({ quantities: { ...this.data.form?.quantities, [productId]: event.detail.value } })
  },

  onYuan(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.change({ yuan: event.detail.value })
  },

  onDescription(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.change({ description: event.detail.value })
  },

  onEvidence(event: WechatMiniprogram.CustomEvent<Evidence>) {
    this.change({ evidence: event.detail })
  },

  async onSubmit() {
    if (this.busy) return
    this.busy = true
    // First thing in the tap: once anything was waited for, WeChat takes the question no more.
    const answered = this.offerMessage()
    this.setData({ submitting: true })
    try {
      // Whatever the answer, the request is what the tap was for.
      await answered
      await this.submit()
    } catch (error) {
      await this.explain(error)
    } finally {
      this.busy = false
      this.setData({ submitting: false })
    }
  },

  offerMessage(): Promise<MessageAnswer> | null {
    if (this.askedForMessage || this.data.view?.body == null) return null
    this.askedForMessage = true
    return askForMessage('refundResult')
  },

  async submit() {
    const { view } = this.data
    if (view === null) return
    if (view.body === null) {
      say(view.problem ?? '')
      return
    }
    const sure = await ask({
      title: refundApplyCopy.confirmTitle,
      content: view.confirmText,
      confirmText: refundApplyCopy.confirmYes,
      cancelText: refundApplyCopy.confirmNo,
    })
    if (!sure) return
    const { refundId } = await requestRefund(this.orderId, view.body)
    await wx.redirectTo({ url: `/pages/refund/refund?refundId=${refundId}` })
    say(refundApplyCopy.submitted)
  },

  /** After a refusal the order is asked again, so that the page offers what is possible now. */
  async explain(error: unknown) {
    if (isFailure(error, 'NO_ANSWER')) {
      await tell(refundApplyCopy.perhapsSent)
      return
    }
    const exceeds = isFailure(error, 'REFUND_EXCEEDS_BALANCE')
    await tell(exceeds ? exceedsText(error.details) : failureText(error))
    if (isFailure(error) && error.retry === 'no') await this.load()
  },
})
