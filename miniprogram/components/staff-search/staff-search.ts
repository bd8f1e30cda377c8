/** @module The search by number above the staff's lists. */
import { staffCopy } from '../../copy/staff'

Component({
  data: { copy: staffCopy },
  methods: {
    /** Event `search` with what was typed, when it was submitted. */
    onSubmit(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.triggerEvent('search', { value: event.detail.value })
    },
    /** Emptied, the whole list comes back. */
    onClear() {
      this.triggerEvent('search', { value: '' })
    },
  },
})
