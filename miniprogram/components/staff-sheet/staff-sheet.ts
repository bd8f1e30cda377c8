/** @module The sheet before a decision: restates it, and takes a second, differently placed tap. Closing it decides nothing. */
import { staffCopy } from '../../copy/staff'
import { NO_SHEET } from '../../view/staff-sheet'

/** The second half of a double tap that opened the sheet neither decides nor closes it, wherever the button was. */
const UNARMED_MS = 400

Component({
  properties: {
    /** A SheetView. */
    sheet: { type: Object, value: NO_SHEET },
    /** What is missing, one sentence. */
    hint: { type: String, value: '' },
    /** The decision is on its way: nothing can be tapped. */
    busy: { type: Boolean, value: false },
  },
  data: { copy: staffCopy, armedAtMs: 0 },
  lifetimes: {
    attached() {
      this.setData({ armedAtMs: Date.now() + UNARMED_MS })
    },
  },
  methods: {
    /** Event `confirm`: the decision. */
    onConfirm() {
      if (this.listens()) this.triggerEvent('confirm')
    },
    /** Event `close`: no decision. */
    onClose() {
      if (this.listens()) this.triggerEvent('close')
    },
    listens(): boolean {
      return !this.data.busy && Date.now() >= this.data.armedAtMs
    },
    /** A finger on the mask doesn't move the page under it. */
    onMove() {},
  },
})
