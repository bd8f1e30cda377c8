/** @module 退款审批: what waits for a decision, longest first; several can be approved in one go, each with its result. */
import type { Me, Refund } from '@yuanlu/contract'
import { type ListFoot, listFoot } from '../../behaviors/growing-list'
import { staffList } from '../../behaviors/staff-list'
import { staffCopy } from '../../copy/staff'
import { staffBatchCopy, staffRefundsCopy } from '../../copy/staff-refunds'
import { api } from '../../services/api'
import { nowMs } from '../../services/clock'
import { say } from '../../services/dialogue'
import { createPager, noPager } from '../../services/pager'
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
import { failedPlaceholder, LOADING, listPlace } from '../../view/staff-failure'
import {
  belongsTo,
  isStaffRefundsTab,
  refundsQuery,
  type StaffRefundCardView,
  type StaffRefundsTab,
  staffRefundCardView,
  staffRefundTabs,
} from '../../view/staff-refunds'
import { whyNot } from '../../view/staff-role'
import { NO_SHEET } from '../../view/staff-sheet'

const list = staffList<Refund, StaffRefundsTab>({
  isTab: isStaffRefundsTab,
  again: async (refundId, tab) => {
    const { refund } = await api.getMerchantRefund({ params: { refundId } })
    return belongsTo(refund, tab) ? refund : null
  },
})

Page({
  ...list,

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
    more: 'end' as ListFoot,
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

  open(tab: StaffRefundsTab, q: string) {
    this.stopChoosing()
    list.open.call(this, tab, q)
  },

  async load() {
    this.openedId = ''
    const me = api.getMe().then((found) => {
      this.me = found
    })
    try {
      if ((await this.pager.load(me)) === 'loaded') this.show()
    } catch (error) {
      this.sayOrFail(error)
    }
  },

  fail(error: unknown) {
    this.stopChoosing()
    const notFound = { title: staffRefundsCopy.emptyTitle, hint: '' }
    this.setData({ cards: [], place: failedPlaceholder(error, notFound) })
  },

  show() {
    const refunds = this.pager.items()
    this.chosen = this.chosenRefunds().map(({ refundId }) => refundId)
    const look = { me: this.me, nowMs: nowMs(), chosen: this.chosen }
    this.setData({
      place: listPlace(refunds.length, this.data.q, staffRefundsCopy),
      cards: refunds.map((refund) => staffRefundCardView(refund, look)),
      more: listFoot(this.pager),
      why: whyNot(this.me.roles, 'approveRefund'),
      batch: batchView(this.chosenRefunds()),
    })
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ refundId: string }>) {
    this.openedId = event.detail.refundId
    wx.navigateTo({ url: `/pages/staff-refund/staff-refund?refundId=${event.detail.refundId}` })
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
