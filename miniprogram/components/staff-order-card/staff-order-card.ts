/** @module One order in the staff's list. */
import type { StaffOrderCardView } from '../../view/staff-orders'

const NONE: StaffOrderCardView = {
  orderId: '',
  statusText: '',
  tone: 'quiet',
  who: '',
  goods: '',
  pieces: '',
  when: '',
  amountFen: 0,
  moneyText: '',
  notices: [],
}

Component({
  properties: {
    card: { type: Object, value: NONE },
  },
  methods: {
    /** Event `open` with the order's id. */
    onOpen() {
      this.triggerEvent('open', { orderId: this.data.card.orderId })
    },
  },
})
