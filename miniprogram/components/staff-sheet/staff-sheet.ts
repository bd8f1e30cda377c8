/** @module The sheet before a decision: restates it, and takes a second, differently placed tap. Closing it decides nothing. */
import { staffCopy } from '../../copy/staff'
import { NO_SHEET } from '../../view/staff-sheet'

Component({
  properties: {
    /** A SheetView. */
    sheet: { type: Object, value: NO_SHEET },
    /** What is missing, one sentence. */
    hint: { type: String, value: '' },
    /** The decision is on its way: nothing can be tapped. */
    busy: { type: Boolean, value: false },
  },
  data: { copy: staffCopy },
  methods: {
    /** Event `confirm`: the decision. */
    onConfirm() {
      if (!this.data.busy) this.triggerEvent('confirm')
    },
    /** Event `close`: no decision. */
    onClose() {
      if (!this.data.busy) this.triggerEvent('close')
    },
    /** A finger on the mask doesn't move the page under it. */
    onMove() {},
  },
})
