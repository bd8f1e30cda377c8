/** @module A text that goes with a decision, with its counter and quick beginnings. */
import type { FieldView } from '../../view/staff-sheets'

const NONE: FieldView = { label: '', placeholder: '', most: 200, required: false, chips: [] }

Component({
  properties: {
    field: { type: Object, value: NONE },
    text: { type: String, value: '' },
  },
  data: { size: { minHeight: '112rpx', maxHeight: '220rpx' } },
  methods: {
    /** Event `change` with the text. */
    onText(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.triggerEvent('change', { value: event.detail.value })
    },
    onChip(event: WechatMiniprogram.BaseEvent) {
      this.triggerEvent('change', { value: String(event.currentTarget.dataset.text) })
    },
  },
})
