/** @module 退款处理: one refund with everything a decision needs, and the decisions, each behind a sheet of its own. */
import { LIMITS, type Me, type Refund, type RefundWithOrder } from '@yuanlu/contract'
import { staffPage } from '../../behaviors/staff-page'
import { evidenceCopy } from '../../copy/evidence'
import { staffRefundCopy, staffSheetCopy } from '../../copy/staff-refund'
import { api } from '../../services/api'
import { loadPictures } from '../../services/catalogue'
import { nowMs } from '../../services/clock'
import { ask, say, tell } from '../../services/dialogue'
import { idFrom } from '../../services/page-query'
import { showPictures } from '../../services/pictures'
import { isAddressFresh } from '../../view/evidence'
import type { Pictures } from '../../view/order-lines'
import type { StaffAction } from '../../view/staff-actions'
import {
  decisionFailureText,
  failedPlaceholder,
  isNotAllowed,
  LOADING,
  THERE,
} from '../../view/staff-failure'
import { type StaffRefundView, staffRefundView } from '../../view/staff-refund'
import {
  type BankCard,
  bankNames,
  type DecisionInput,
  type DecisionSheet,
  decisionOutcome,
  decisionProblem,
  decisionSheet,
  lastQuestion,
  NO_CARD,
  userCardBody,
} from '../../view/staff-sheets'

const NOT_FOUND = { title: staffRefundCopy.notFoundTitle, hint: staffRefundCopy.notFoundHint }

Page({
  ...staffPage,

  data: {
    copy: staffRefundCopy,
    evidenceTitle: evidenceCopy.title,
    cardCopy: staffSheetCopy.toUserCard,
    limits: LIMITS,
    banks: bankNames,
    place: LOADING,
    view: null as StaffRefundView | null,
    sheet: null as DecisionSheet | null,
    text: '',
    card: NO_CARD as BankCard,
    hint: '',
    busy: false,
  },

  refundId: '',
  found: null as RefundWithOrder | null,
  me: { openid: '', roles: [] } as Me,
  pictures: new Map() as Pictures,
  /** When the refund on the screen was read: the addresses of its pictures age. */
  takenAtMs: 0,

  onLoad(query: Record<string, string | undefined>) {
    this.refundId = idFrom(query, 'refundId')
  },

  onShow() {
    this.load()
  },

  async load() {
    if (this.refundId === '') {
      this.setData({ place: { ...NOT_FOUND, state: 'empty', action: '' } })
      return
    }
    try {
      const [me, found, pictures] = await Promise.all([
        api.getMe(),
        api.getMerchantRefund({ params: { refundId: this.refundId } }),
        loadPictures(),
      ])
      this.me = me
      this.found = found
      this.pictures = pictures
      this.takenAtMs = nowMs()
      this.setData({
        place: THERE,
        view: staffRefundView(found, { me, pictures, nowMs: nowMs() }),
      })
    } catch (error) {
      this.sayOrFail(error)
    }
  },

  fail(error: unknown) {
    this.setData({ view: null, sheet: null, place: failedPlaceholder(error, NOT_FOUND) })
  },

  async onPicture(event: WechatMiniprogram.CustomEvent<{ index: number }>) {
    if (!isAddressFresh(this.takenAtMs, nowMs())) await this.load()
    const urls = this.data.view?.evidence ?? []
    const url = urls[event.detail.index]
    if (url !== undefined) showPictures(urls, url)
  },

  /** An address has expired: the refund comes with new ones. */
  onStalePicture() {
    this.load()
  },

  /** The first tap opens a sheet that restates the decision; it decides nothing. */
  onAction(event: WechatMiniprogram.BaseEvent) {
    const kind: StaffAction = event.currentTarget.dataset.kind
    const action = this.data.view?.actions.find((each) => each.action === kind)
    if (action === undefined || this.found === null || this.data.busy) return
    if (action.why !== '') {
      say(action.why)
      return
    }
    const sheet = decisionSheet(kind, this.found.order, this.found.refund)
    this.setData({ sheet, text: '', card: NO_CARD, hint: '' })
  },

  onCloseSheet() {
    if (!this.data.busy) this.setData({ sheet: null })
  },

  onText(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ text: event.detail.value, hint: '' })
  },

  onBank(event: WechatMiniprogram.CustomEvent<{ value: string | number }>) {
    this.setData({ 'card.bank': Number(event.detail.value), hint: '' })
  },

  onAccount(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'card.account': event.detail.value, hint: '' })
  },

  onName(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'card.name': event.detail.value, hint: '' })
  },

  /** The second tap, elsewhere: the decision. */
  async onConfirm() {
    const { sheet, busy } = this.data
    if (sheet === null || busy) return
    const input: DecisionInput = { text: this.data.text, card: this.data.card }
    const problem = decisionProblem(sheet, input)
    if (problem !== null) {
      this.setData({ hint: problem })
      return
    }
    this.setData({ busy: true })
    try {
      const question = lastQuestion(sheet, input)
      if (question === null || (await ask(question))) await this.decide(sheet, input)
    } finally {
      this.setData({ busy: false })
    }
  },

  /** Whatever the answer, the page then shows the refund as it now is. */
  async decide(sheet: DecisionSheet, input: DecisionInput) {
    try {
      const refund = await this.send(sheet, input)
      this.setData({ sheet: null, card: NO_CARD })
      await this.load()
      say(decisionOutcome(refund))
    } catch (error) {
      this.setData({ sheet: null, card: NO_CARD })
      await this.load()
      if (!isNotAllowed(error)) await tell(decisionFailureText(error))
    }
  },

  send(sheet: DecisionSheet, input: DecisionInput): Promise<Refund> {
    const params = { refundId: this.refundId }
    const text = input.text.trim()
    const calls = {
      approve: () =>
        api.approveRefund({
          params,
          body: { amountFen: sheet.amountFen, ...(text !== '' && { note: text }) },
        }),
      reject: () => api.rejectRefund({ params, body: { reason: text } }),
      receive: () => api.receiveReturn({ params }),
      resubmit: () => api.resubmitRefund({ params }),
      toUserCard: () => api.redirectRefund({ params, body: userCardBody(input.card) }),
      toMerchantCard: () => api.redirectRefund({ params, body: { to: 'merchantBankCard' } }),
      offline: () => api.settleRefundOffline({ params, body: { proof: text } }),
      abandon: () => api.abandonRefund({ params, body: { reason: text } }),
    } satisfies Record<StaffAction, () => Promise<Refund>>
    return calls[sheet.action]()
  },

  onOrder() {
    const orderId = this.data.view?.orderId
    if (orderId !== undefined) wx.navigateTo({ url: `/pages/staff-order/staff-order?orderId=${orderId}` })
  },
})
