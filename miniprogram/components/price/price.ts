/** @module An amount of money, set as a price tag. */
import { actionsCopy } from '../../copy/actions'
import { priceParts } from '../../view/price'

Component({
  properties: {
    /** Integer fen. */
    fen: { type: Number, value: 0 },
    /** `small`, `normal`, `large` or `huge`. */
    size: { type: String, value: 'normal' },
    /** `price` in the price colour, `text` in the colour around it. */
    tone: { type: String, value: 'price' },
  },
  data: {
    sign: actionsCopy.fee,
    parts: priceParts(0),
  },
  observers: {
    fen(fen: number) {
      this.setData({ parts: priceParts(fen) })
    },
  },
})
