/** @module 需要处理: what needs a person, newest first, each with its way out. */
import type { AttentionItem, Me } from '@yuanlu/contract'
import { growingList, type ListFoot, listFoot } from '../../behaviors/growing-list'
import { staffPage } from '../../behaviors/staff-page'
import { staffCopy } from '../../copy/staff'
import { staffAttentionCopy } from '../../copy/staff-attention'
import { api } from '../../services/api'
import { nowMs } from '../../services/clock'
import { say, tell } from '../../services/dialogue'
import { createPager, noPager } from '../../services/pager'
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
  THERE,
} from '../../view/staff-failure'
import type { SheetView } from '../../view/staff-sheet'

const EMPTY = { title: staffAttentionCopy.emptyTitle, hint: staffAttentionCopy.emptyHint }

Page({
  ...growingList,
  ...staffPage,

  data: {
    copy: staffAttentionCopy,
    words: staffCopy,
    field: noteField,
    place: LOADING,
    cards: [] as AttentionCardView[],
    /** The foot of the list. */
    more: 'end' as ListFoot,
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

  async load() {
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
    this.setData({ cards: [], sheet: null, place: failedPlaceholder(error, EMPTY) })
  },

  show() {
    const now = nowMs()
    const items = this.pager.items()
    this.setData({
      place: items.length === 0 ? { ...EMPTY, state: 'empty', action: '' } : THERE,
      cards: items.map((item) => attentionCardView(item, this.me, now)),
      more: listFoot(this.pager),
    })
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
