/** @module One refund in the staff's list; while several are being chosen, a tap chooses instead of opening. */
import type { StaffRefundCardView } from '../../view/staff-refunds'

const NONE: StaffRefundCardView = {
  refundId: '',
  orderText: '',
  statusText: '',
  tone: 'quiet',
  waiting: '',
  late: false,
  amountFen: 0,
  kind: '',
  reason: '',
  when: '',
  choosable: false,
  chosen: false,
}

Component({
  properties: {
    card: { type: Object, value: NONE },
    choosing: { type: Boolean, value: false },
  },
  methods: {
    /** Event `open` or `choose` with the refund's id. */
    onTap() {
      const { card, choosing } = this.data
      if (!choosing) this.triggerEvent('open', { refundId: card.refundId })
      else if (card.choosable) this.triggerEvent('choose', { refundId: card.refundId })
    },
  },
})
