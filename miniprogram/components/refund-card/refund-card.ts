/** @module One refund in a list. */
import { refundsCopy } from '../../copy/refunds'
import type { RefundCardView } from '../../view/refunds'

const NONE: RefundCardView = {
  refundId: '',
  requestedAt: '',
  statusText: '',
  tone: 'quiet',
  kindText: '',
  reason: '',
  pictures: [],
  summary: '',
  amountFen: 0,
}

Component({
  properties: {
    refund: { type: Object, value: NONE },
  },
  data: { copy: refundsCopy },
  methods: {
    /** Event `open` with the refund's id. */
    onOpen() {
      this.triggerEvent('open', { refundId: this.data.refund.refundId })
    },
  },
})
