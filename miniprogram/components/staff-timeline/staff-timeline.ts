/** @module What happened to a refund, newest first. */
import type { TimelineRow } from '../../view/staff-timeline'

Component({
  properties: {
    rows: { type: Array, value: [] as TimelineRow[] },
  },
})
