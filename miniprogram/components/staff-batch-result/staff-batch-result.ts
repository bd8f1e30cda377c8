/** @module What became of each of several approvals, line by line as the answers come. */
import { staffBatchCopy } from '../../copy/staff-refunds'
import type { BatchLine } from '../../view/staff-batch'

Component({
  properties: {
    lines: { type: Array, value: [] as BatchLine[] },
    text: { type: String, value: '' },
    running: { type: Boolean, value: false },
  },
  data: { copy: staffBatchCopy },
  methods: {
    /** Event `done`: the results were read. */
    onDone() {
      if (!this.data.running) this.triggerEvent('done')
    },
    onMove() {},
  },
})
