/** @module The goods of an order, one line each. */
import type { OrderLineView } from '../../view/order-lines'

Component({
  properties: {
    lines: { type: Array, value: [] as OrderLineView[] },
  },
})
