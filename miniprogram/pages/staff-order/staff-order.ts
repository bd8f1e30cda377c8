/** @module 订单详情 for staff: the money, the goods, the refunds, shipping, and a refund without a request. */
import type { Me, Order } from '@yuanlu/contract'
import { staffPage } from '../../behaviors/staff-page'
import { staffOrderCopy } from '../../copy/staff-orders'
import { staffRefundCopy } from '../../copy/staff-refund'
import { staffShipCopy } from '../../copy/staff-ship'
import { api } from '../../services/api'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { ask, say, tell } from '../../services/dialogue'
import { idFrom } from '../../services/page-query'
import { forgetKey, keyFor } from '../../services/staff-refund-draft'
import {
  decisionFailureText,
  failedPlaceholder,
  isNotAllowed,
  LOADING,
  THERE,
} from '../../view/staff-failure'
import {
  emptyForm,
  readForm,
  reasonField,
  refundQuestion,
  type StaffOrderView,
  staffOrderView,
  staffRefundSheet,
} from '../../view/staff-order'
import type { SheetView } from '../../view/staff-sheet'
import { decisionOutcome } from '../../view/staff-sheets'
import { type Parcel, shipFailureText, shipSheet } from '../../view/staff-ship'

const NOT_FOUND = { title: staffOrderCopy.notFoundTitle, hint: staffOrderCopy.notFoundHint }

Page({
  ...staffPage,

  data: {
    copy: staffOrderCopy,
    factCopy: staffRefundCopy,
    shipCopy: staffShipCopy,
    field: reasonField,
    place: LOADING,
    view: null as StaffOrderView | null,
    sheet: null as SheetView | null,
    shipSheet: null as SheetView | null,
    form: { amount: '', reason: '' },
    hint: '',
    busy: false,
  },

  orderId: '',
  order: null as Order | null,
  /** The order as the open sheet restates it. */
  restated: null as Order | null,
  me: { openid: '', roles: [] } as Me,

  onLoad(query: Record<string, string | undefined>) {
    this.orderId = idFrom(query, 'orderId')
  },

  onShow() {
    this.load()
  },

  async load() {
    if (this.orderId === '') {
      this.setData({ place: { ...NOT_FOUND, state: 'empty', action: '' } })
      return
    }
    try {
      const [me, order, pictures] = await Promise.all([
        api.getMe(),
        api.getMerchantOrder({ params: { orderId: this.orderId } }),
        loadPictures(),
      ])
      this.me = me
      this.order = order
      this.setData({ place: THERE, view: staffOrderView(order, { me, pictures, nowMs: nowMs() }) })
    } catch (error) {
      this.sayOrFail(error)
    }
  },

  fail(error: unknown) {
    this.setData({ view: null, sheet: null, shipSheet: null, place: failedPlaceholder(error, NOT_FOUND) })
  },

  onRefund() {
    const { view, busy } = this.data
    if (view === null || this.order === null || busy) return
    if (view.refundButton.why !== '') {
      say(view.refundButton.why)
      return
    }
    this.restated = this.order
    this.setData({ sheet: staffRefundSheet(this.order), form: emptyForm(this.order), hint: '' })
  },

  onCloseSheet() {
    if (!this.data.busy) this.setData({ sheet: null, shipSheet: null })
  },

  onAmount(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.amount': event.detail.value, hint: '' })
  },

  onReason(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'form.reason': event.detail.value, hint: '' })
  },

  async onConfirm() {
    const { sheet, busy, form } = this.data
    const order = this.restated
    if (sheet === null || order === null || busy) return
    const read = readForm(order, form)
    if (read.kind === 'problem') {
      this.setData({ hint: read.problem })
      return
    }
    this.setData({ busy: true })
    try {
      if (await ask(refundQuestion(order, read.amountFen)))
        await this.refund({ orderId: order.orderId, amountFen: read.amountFen, reason: read.reason })
    } finally {
      this.setData({ busy: false })
    }
  },

  /** The same key for the same wish: a lost answer, sent again, finds the refund it made. */
  async refund(wish: { orderId: string; amountFen: number; reason: string }) {
    const { orderId, amountFen, reason } = wish
    try {
      const refund = await api.refundOrder({
        params: { orderId },
        body: { amountFen, reason },
        idempotencyKey: keyFor(wish),
      })
      forgetKey()
      this.setData({ sheet: null })
      await this.load()
      say(decisionOutcome(refund))
    } catch (error) {
      this.setData({ sheet: null })
      await this.load()
      if (!isNotAllowed(error)) await tell(decisionFailureText(error))
    }
  },

  onShip() {
    const { view, busy } = this.data
    if (view === null || this.order === null || busy || !view.shipButton.shown) return
    if (view.shipButton.why !== '') say(view.shipButton.why)
    else this.setData({ shipSheet: shipSheet(this.order) })
  },

  /** The same parcel said again after a lost answer finds the order shipped. */
  async onShipped(event: WechatMiniprogram.CustomEvent<Parcel>) {
    if (this.data.busy) return
    this.setData({ busy: true })
    try {
      const { carrier, trackingNo } = event.detail
      await api.shipOrder({ params: { orderId: this.orderId }, body: { carrier, trackingNo } })
      this.setData({ shipSheet: null })
      await this.load()
      say(staffShipCopy.shipped)
    } catch (error) {
      this.setData({ shipSheet: null })
      await this.load()
      if (!isNotAllowed(error)) await tell(shipFailureText(error))
    } finally {
      this.setData({ busy: false })
    }
  },
})
