/** @module 需要处理: what needs a person, oldest first, each with its way out. */
import type { AttentionItem, Me } from '@yuanlu/contract'
import { staffCopy } from '../../copy/staff'
import { staffAttentionCopy } from '../../copy/staff-attention'
import { api } from '../../services/api'
import { nowMs } from '../../services/clock'
import { say, tell } from '../../services/dialogue'
import { createPager, noPager } from '../../services/staff-pager'
import {
  type AttentionCardView,
  attentionCardView,
  noteField,
  type ResolveAction,
  resolveBody,
  resolveSheet,
} from '../../view/staff-attention'
import {
  decisionFailureText,
  failedPlaceholder,
  isNotAllowed,
  LOADING,
  staffFailureText,
  THERE,
} from '../../view/staff-failure'
import type { SheetView } from '../../view/staff-sheet'

const EMPTY = { title: staffAttentionCopy.emptyTitle, hint: staffAttentionCopy.emptyHint }

Page({
  data: {
    copy: staffAttentionCopy,
    words: staffCopy,
    field: noteField,
    place: LOADING,
    cards: [] as AttentionCardView[],
    /** The foot of the list. */
    more: 'end' as 'end' | 'more' | 'loading' | 'failed',
    sheet: null as SheetView | null,
    note: '',
    hint: '',
    busy: false,
  },

  me: { openid: '', roles: [] } as Me,
  pager: noPager<AttentionItem>(),
  /** What the open sheet is about. */
  asked: null as { readonly item: AttentionItem; readonly action: ResolveAction } | null,

  onLoad() {
    this.pager = createPager<AttentionItem>({
      ask: (cursor) => api.listAttention(cursor === null ? {} : { query: { cursor } }),
      idOf: ({ id }) => id,
    })
  },

  onShow() {
    if (this.data.sheet === null) this.load()
  },

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
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
    try {
      const [me, loaded] = await Promise.all([api.getMe(), this.pager.load()])
      if (loaded === 'overtaken') return
      this.me = me
      this.show()
    } catch (error) {
      if (this.data.place.state === 'there' && !isNotAllowed(error)) say(staffFailureText(error))
      else this.setData({ cards: [], sheet: null, place: failedPlaceholder(error, EMPTY) })
    }
  },

  show() {
    const now = nowMs()
    const items = this.pager.items()
    this.setData({
      place: items.length === 0 ? { ...EMPTY, state: 'empty', action: '' } : THERE,
      cards: items.map((item) => attentionCardView(item, this.me, now)),
      more: this.pager.hasMore() ? 'more' : 'end',
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

  onRefund(event: WechatMiniprogram.BaseEvent) {
    wx.navigateTo({ url: `/pages/staff-refund/staff-refund?refundId=${event.currentTarget.dataset.id}` })
  },

  onOrder(event: WechatMiniprogram.BaseEvent) {
    wx.navigateTo({ url: `/pages/staff-order/staff-order?orderId=${event.currentTarget.dataset.id}` })
  },

  /** The first tap opens a sheet that restates what will happen; it decides nothing. */
  onResolve(event: WechatMiniprogram.BaseEvent) {
    const { id, action } = event.currentTarget.dataset
    const item = this.pager.items().find((each) => each.id === id)
    const card = this.data.cards.find((each) => each.id === id)
    const resolve = card?.resolves.find((each) => each.action === action)
    if (item === undefined || card === undefined || resolve === undefined || this.data.busy) return
    if (card.why !== '') {
      say(card.why)
      return
    }
    this.asked = { item, action: resolve.action }
    this.setData({ sheet: resolveSheet(item, resolve.action), note: '', hint: '' })
  },

  onCloseSheet() {
    if (!this.data.busy) this.setData({ sheet: null })
  },

  onNote(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ note: event.detail.value, hint: '' })
  },

  async onConfirm() {
    if (this.asked === null || this.data.sheet === null || this.data.busy) return
    if (this.data.note.trim() === '') {
      this.setData({ hint: staffAttentionCopy.needNote })
      return
    }
    const { item, action } = this.asked
    this.setData({ busy: true })
    try {
      await api.resolveAttention({ params: { id: item.id }, body: resolveBody(action, this.data.note) })
      this.setData({ sheet: null })
      say(staffAttentionCopy.resolved)
      await this.load()
    } catch (error) {
      this.setData({ sheet: null })
      await this.load()
      if (!isNotAllowed(error)) await tell(decisionFailureText(error))
    } finally {
      this.setData({ busy: false })
    }
  },
})
