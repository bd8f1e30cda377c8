/** @module One order in a list. */
import { ordersCopy } from '../../copy/orders'
import type { OrderCardView } from '../../view/orders'

const NONE: OrderCardView = {
  orderId: '',
  placedAt: '',
  statusText: '',
  tone: 'quiet',
  timeLeft: '',
  lines: [],
  summary: '',
  amountFen: 0,
  notice: '',
}

Component({
  properties: {
    order: { type: Object, value: NONE },
  },
  data: { copy: ordersCopy },
  methods: {
    /** Event `open` with the order's id. */
    onOpen() {
      this.triggerEvent('open', { orderId: this.data.order.orderId })
    },
  },
})
