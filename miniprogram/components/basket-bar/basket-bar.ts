/** @module The bag at the foot of the catalogue: how many pieces, how much, and the way to the checkout. */
import { basketCopy } from '../../copy/goods'

Component({
  properties: {
    pieces: { type: Number, value: 0 },
    totalFen: { type: Number, value: 0 },
  },
  data: { copy: basketCopy },
  methods: {
    /** Event `checkout`: the shopper wants to pay for the bag. */
    onCheckOut() {
      if (this.data.pieces > 0) this.triggerEvent('checkout')
    },
  },
})
