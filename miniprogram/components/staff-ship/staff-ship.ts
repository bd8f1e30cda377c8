/** @module The sheet before shipping: restates goods and receiver, and asks for carrier and number. */
import { staffShipCopy } from '../../copy/staff-ship'
import { NO_SHEET } from '../../view/staff-sheet'
import { carrierChoices, EMPTY_SHIP_FORM, readParcel } from '../../view/staff-ship'

Component({
  properties: {
    /** A SheetView. */
    sheet: { type: Object, value: NO_SHEET },
    busy: { type: Boolean, value: false },
  },
  data: { copy: staffShipCopy, choices: carrierChoices, form: EMPTY_SHIP_FORM, hint: '' },
  methods: {
    onChoice(event: WechatMiniprogram.BaseEvent) {
      this.setData({ 'form.choice': String(event.currentTarget.dataset.value), hint: '' })
    },
    onOther(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.setData({ 'form.other': event.detail.value, hint: '' })
    },
    onTrackingNo(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.setData({ 'form.trackingNo': event.detail.value, hint: '' })
    },
    /** Event `ship` with the parcel. */
    onConfirm() {
      const read = readParcel(this.data.form)
      if (read.kind === 'problem') this.setData({ hint: read.problem })
      else this.triggerEvent('ship', read.parcel)
    },
    /** Event `close`: nothing was shipped. */
    onClose() {
      this.triggerEvent('close')
    },
  },
})
