/** @module An order's money side by side: paid, refunded, on its way, refundable, asked. */
import type { AmountView } from '../../view/staff-amounts'

Component({
  properties: {
    amounts: { type: Array, value: [] as AmountView[] },
    hint: { type: String, value: '' },
  },
})
