/** @module 退款审批: what waits for a decision, longest first; several can be approved in one go, each with its result. */
import type { Me, Refund } from '@yuanlu/contract'
import { staffCopy } from '../../copy/staff'
import { staffBatchCopy, staffRefundsCopy } from '../../copy/staff-refunds'
import { api } from '../../services/api'
import { nowMs } from '../../services/clock'
import { say } from '../../services/dialogue'
import { createPager, noPager } from '../../services/staff-pager'
import {
  type BatchLine,
  batchSheet,
  batchSummary,
  batchView,
  busyLine,
  doneLine,
  failedLine,
  toggled,
  waitingLine,
} from '../../view/staff-batch'
import { failedPlaceholder, isNotAllowed, LOADING, staffFailureText, THERE } from '../../view/staff-failure'
import {
  belongsTo,
  isStaffRefundsTab,
  refundsQuery,
  type StaffRefundCardView,
  type StaffRefundsTab,
  searchText,
  staffRefundCardView,
  staffRefundTabs,
} from '../../view/staff-refunds'
import { whyNot } from '../../view/staff-role'
import { NO_SHEET } from '../../view/staff-sheet'

Page({
  data: {
    copy: staffRefundsCopy,
    words: staffCopy,
    batchCopy: staffBatchCopy,
    tabs: staffRefundTabs,
    tab: 'requested' as StaffRefundsTab,
    q: '',
    place: LOADING,
    cards: [] as StaffRefundCardView[],
    /** The foot of the list. */
    more: 'end' as 'end' | 'more' | 'loading' | 'failed',
    /** Why nobody here may approve; empty for finance and owner. */
    why: '',
    choosing: false,
    batch: batchView([]),
    sheetOpen: false,
    sheet: NO_SHEET,
    results: [] as BatchLine[],
    resultText: '',
    running: false,
  },

  me: { openid: '', roles: [] } as Me,
  pager: noPager<Refund>(),
  chosen: [] as readonly string[],
  /** What the sheet restated: the list under it may move on. */
  restated: [] as readonly Refund[],
  /** The refund whose page is open above this one. */
  openedId: '',
  left: false,

  onLoad() {
    this.pager = createPager<Refund>({
      ask: (cursor) =>
        api.listMerchantRefunds({
          query: { ...refundsQuery(this.data.tab, this.data.q), ...(cursor !== null && { cursor }) },
        }),
      idOf: ({ refundId }) => refundId,
    })
  },

  onShow() {
    if (this.openedId !== '' && this.data.place.state === 'there') this.refreshOpened()
    else if (!this.data.running) this.load()
  },

  /** Nobody is there any more to read the results: what was not sent yet is not sent. */
  onUnload() {
    this.left = true
  },

  async onPullDownRefresh() {
    if (!this.data.running) await this.load()
    wx.stopPullDownRefresh()
  },

  onTab(event: WechatMiniprogram.CustomEvent<{ value: unknown }>) {
    const { value } = event.detail
    if (isStaffRefundsTab(value) && value !== this.data.tab) this.open(value, this.data.q)
  },

  /** A number is looked for in every state. */
  onSearch(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    const q = searchText(event.detail.value)
    if (q !== this.data.q) this.open(q === '' ? this.data.tab : 'all', q)
  },

  open(tab: StaffRefundsTab, q: string) {
    this.pager.clear()
    this.stopChoosing()
    this.setData({ tab, q, place: LOADING, cards: [] })
    this.load()
  },

  onAct() {
    if (this.data.place.action !== '') {
      wx.switchTab({ url: '/pages/me/me' })
      return
    }
    this.setData({ place: LOADING })
    this.load()
  },

  async load() {
    this.openedId = ''
    try {
      const [me, loaded] = await Promise.all([api.getMe(), this.pager.load()])
      if (loaded === 'overtaken') return
      this.me = me
      this.setData({ why: whyNot(me.roles, 'approveRefund') })
      this.show()
    } catch (error) {
      // Cards already on the screen stay there, unless they are none of this person's business any more.
      if (this.data.place.state === 'there' && !isNotAllowed(error)) say(staffFailureText(error))
      else this.fail(error)
    }
  },

  fail(error: unknown) {
    this.stopChoosing()
    this.setData({
      cards: [],
      place: failedPlaceholder(error, { title: staffRefundsCopy.emptyTitle, hint: '' }),
    })
  },

  show() {
    const refunds = this.pager.items()
    this.chosen = this.chosenRefunds().map(({ refundId }) => refundId)
    const look = { me: this.me, nowMs: nowMs(), chosen: this.chosen }
    const { emptyTitle, emptyHint, notFoundTitle, notFoundHint } = staffRefundsCopy
    const empty =
      this.data.q === ''
        ? { title: emptyTitle, hint: emptyHint }
        : { title: notFoundTitle, hint: notFoundHint }
    this.setData({
      place: refunds.length === 0 ? { ...empty, state: 'empty', action: '' } : THERE,
      cards: refunds.map((refund) => staffRefundCardView(refund, look)),
      more: this.pager.hasMore() ? 'more' : 'end',
      batch: batchView(this.chosenRefunds()),
    })
  },

  onReachBottom() {
    if (this.data.place.state === 'there' && this.data.more === 'more') this.loadMore()
  },

  onMore() {
    if (this.data.more === 'failed') this.loadMore()
  },

  async loadMore() {
    this.setData({ more: 'loading' })
    try {
      if ((await this.pager.loadMore()) === 'loaded') this.show()
    } catch {
      this.setData({ more: 'failed' })
    }
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ refundId: string }>) {
    this.openedId = event.detail.refundId
    wx.navigateTo({ url: `/pages/staff-refund/staff-refund?refundId=${event.detail.refundId}` })
  },

  /** Back from a refund's page: only that one can have changed, and the list stays where it was scrolled to. */
  async refreshOpened() {
    const refundId = this.openedId
    this.openedId = ''
    try {
      const { refund } = await api.getMerchantRefund({ params: { refundId } })
      this.pager.replace(refundId, belongsTo(refund, this.data.tab) ? refund : null)
      this.show()
    } catch (error) {
      if (isNotAllowed(error)) this.fail(error)
      else say(staffFailureText(error))
    }
  },

  chosenRefunds(): readonly Refund[] {
    return this.pager.items().filter(({ refundId }) => this.chosen.includes(refundId))
  },

  onBatch() {
    if (this.data.why !== '') say(this.data.why)
    else if (this.data.choosing) this.stopChoosing()
    else this.setData({ choosing: true })
  },

  stopChoosing() {
    this.chosen = []
    this.setData({ choosing: false, sheetOpen: false, batch: batchView([]) })
    if (this.data.place.state === 'there') this.show()
  },

  onChoose(event: WechatMiniprogram.CustomEvent<{ refundId: string }>) {
    const chosen = toggled(this.chosen, event.detail.refundId)
    if (chosen === null) {
      say(staffBatchCopy.full)
      return
    }
    this.chosen = chosen
    this.show()
  },

  onApproveChosen() {
    this.restated = this.chosenRefunds()
    if (this.restated.length > 0) this.setData({ sheet: batchSheet(this.restated), sheetOpen: true })
  },

  onCloseSheet() {
    this.setData({ sheetOpen: false })
  },

  onConfirm() {
    if (this.data.sheetOpen && !this.data.running) this.run(this.restated)
  },

  /** One after the other, each with its own result: one refusal stops nothing and is not hidden by the others. */
  async run(refunds: readonly Refund[]) {
    const lines = refunds.map(waitingLine)
    const put = (i: number, line: BatchLine) => {
      lines[i] = line
      this.setData({ results: [...lines], resultText: batchSummary(lines) })
    }
    this.setData({ running: true, sheetOpen: false, choosing: false })
    for (const [i, refund] of refunds.entries()) {
      if (this.left) return
      const line = waitingLine(refund)
      put(i, busyLine(line))
      put(i, await this.approve(refund, line))
    }
    this.setData({ running: false })
  },

  async approve({ refundId, amountFen }: Refund, line: BatchLine): Promise<BatchLine> {
    try {
      return doneLine(line, await api.approveRefund({ params: { refundId }, body: { amountFen } }))
    } catch (error) {
      return failedLine(line, error)
    }
  },

  onResultsRead() {
    this.setData({ results: [], resultText: '' })
    this.stopChoosing()
    this.load()
  },
})
