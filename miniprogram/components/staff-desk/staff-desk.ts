/** @module 商家工作台: the staff's ways in, each with what waits behind it. */
import { NO_DESK } from '../../view/staff-desk'

Component({
  properties: {
    /** A DeskView. */
    desk: { type: Object, value: NO_DESK },
  },
  methods: {
    onOpen(event: WechatMiniprogram.BaseEvent) {
      wx.navigateTo({ url: String(event.currentTarget.dataset.url) })
    },
  },
})
