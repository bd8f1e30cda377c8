/** @module Refunds of one order, one line each, each the way to its own page. */
import type { RefundRowView } from '../../view/staff-refund'

Component({
  properties: {
    rows: { type: Array, value: [] as RefundRowView[] },
  },
  methods: {
    onOpen(event: WechatMiniprogram.BaseEvent) {
      const refundId = String(event.currentTarget.dataset.id)
      wx.navigateTo({ url: `/pages/staff-refund/staff-refund?refundId=${refundId}` })
    },
  },
})
