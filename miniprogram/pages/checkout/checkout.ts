/** @module 确认订单: the lines, the address, one submission, and on to the payment. */
import { type Delivery, LIMITS, type Order } from '@yuanlu/contract'
import { actionsCopy, totalPiecesCopy } from '../../copy/actions'
import { checkoutCopy } from '../../copy/checkout'
import { errorCopy } from '../../copy/errors'
import { api } from '../../services/api'
import { isFailure } from '../../services/api-failure'
import { loadProducts } from '../../services/catalogue'
import { type CheckoutDraft, changeLines, finishCheckout, readDraft } from '../../services/checkout-draft'
import { chooseAddress, readLastDelivery, rememberDelivery } from '../../services/delivery'
import { ask, say, tell } from '../../services/dialogue'
import { openOrders } from '../../services/orders-tab'
import { payOrder } from '../../services/payment'
import { checkoutView, deliveryProblem, trimDelivery, wantedLines } from '../../view/checkout'
import { failureText, type PageState, payFailureText } from '../../view/failure'
import { changedAmount } from '../../view/order'

const NOBODY: Delivery = { name: '', phone: '', address: '' }

Page({
  data: {
    copy: checkoutCopy,
    limits: LIMITS,
    toHome: actionsCopy.toHome,
    state: 'loading' as PageState,
    problem: '',
    view: checkoutView([], []),
    piecesText: '',
    delivery: null as Delivery | null,
    form: NOBODY,
    formOpen: false,
    formHint: '',
    remark: '',
    remarkSize: { minHeight: '132rpx' },
    submitting: false,
  },

  draft: null as CheckoutDraft | null,

  onLoad() {
    this.draft = readDraft()
    this.setData({ delivery: readLastDelivery() })
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

  /** Prices and stock as they are now; the draft follows what can be bought. */
  async load() {
    if (this.draft === null) {
      this.setData({ state: 'empty' })
      return
    }
    try {
      const view = checkoutView(this.draft.lines, await loadProducts())
      const lines = wantedLines(view)
      if (lines.length > 0) this.draft = changeLines(this.draft, lines)
      this.setData({
        view,
        piecesText: totalPiecesCopy(view.pieces),
        state: lines.length === 0 ? 'empty' : 'there',
      })
    } catch (error) {
      this.setData({ state: 'failed', problem: failureText(error) })
    }
  },

  async onChooseAddress() {
    const chosen = await chooseAddress()
    if (chosen.kind === 'cancelled') return
    if (chosen.kind === 'unavailable') {
      this.openForm(this.data.delivery ?? NOBODY, checkoutCopy.addressDenied)
      return
    }
    const delivery = trimDelivery(chosen.delivery)
    const problem = deliveryProblem(delivery)
    if (problem === null) this.useDelivery(delivery)
    else this.openForm(delivery, problem)
  },

  onFillIn() {
    this.openForm(this.data.delivery ?? NOBODY, '')
  },

  openForm(form: Delivery, formHint: string) {
    this.setData({ form, formHint, formOpen: true })
  },

  onName(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.name': event.detail.value })
  },

  onPhone(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.phone': event.detail.value })
  },

  onAddress(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.address': event.detail.value })
  },

  onCloseForm() {
    this.setData({ formOpen: false })
  },

  onSaveForm() {
    const delivery = trimDelivery(this.data.form)
    const problem = deliveryProblem(delivery)
    if (problem === null) this.useDelivery(delivery)
    else this.setData({ formHint: problem })
  },

  useDelivery(delivery: Delivery) {
    rememberDelivery(delivery)
    this.setData({ delivery, formOpen: false, formHint: '' })
  },

  onRemark(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ remark: event.detail.value })
  },

  async onSubmit() {
    const { delivery, submitting } = this.data
    if (submitting || this.draft === null) return
    if (delivery === null) {
      say(checkoutCopy.needDelivery)
      return
    }
    this.setData({ submitting: true })
    try {
      const order = await this.place(this.draft, delivery)
      await this.pay(order)
    } catch (error) {
      await this.explain(error)
    } finally {
      this.setData({ submitting: false })
    }
  },

  /** The same key for the same checkout: a lost answer, sent again, finds the order it made. */
  async place(draft: CheckoutDraft, delivery: Delivery): Promise<Order> {
    const remark = this.data.remark.trim()
    const order = await api.placeOrder({
      body: { items: [...draft.lines], delivery, ...(remark !== '' && { remark }) },
      idempotencyKey: draft.idempotencyKey,
    })
    finishCheckout(draft)
    this.draft = null
    return order
  },

  /** The order exists from here on, so every way leads to a page that shows it. */
  async pay(order: Order) {
    const page = (await this.agrees(order)) ? 'pay-result' : 'order'
    if (page === 'pay-result') await payOrder(order.orderId).catch((error) => say(payFailureText(error)))
    wx.redirectTo({ url: `/pages/${page}/${page}?orderId=${order.orderId}` })
  },

  /** The server's amount may differ from the one on the screen; then the shopper decides. */
  async agrees(order: Order): Promise<boolean> {
    const yuan = changedAmount(order, this.data.view.totalFen)
    if (yuan === null) return true
    return ask({
      title: checkoutCopy.amountChangedTitle,
      content: checkoutCopy.amountChanged(yuan),
      confirmText: checkoutCopy.continuePaying,
      cancelText: checkoutCopy.later,
    })
  },

  async explain(error: unknown) {
    if (isFailure(error, 'IDEMPOTENCY_MISMATCH') && this.draft !== null) {
      // An earlier submission whose answer was lost did make an order: show it instead of making another.
      finishCheckout(this.draft)
      await tell(errorCopy.IDEMPOTENCY_MISMATCH, checkoutCopy.alreadyPlacedTitle)
      openOrders('all')
      return
    }
    await tell(failureText(error))
    if (isFailure(error, 'OUT_OF_STOCK') || isFailure(error, 'NOT_FOUND')) await this.load()
  },
})
