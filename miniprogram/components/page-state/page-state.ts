/** @module What a page shows while it has nothing to show: loading, empty, or failed with a way back. */
import { actionsCopy } from '../../copy/actions'

Component({
  properties: {
    /** `loading`, `empty` or `failed`. */
    state: { type: String, value: 'loading' },
    title: { type: String, value: '' },
    hint: { type: String, value: '' },
    /** The button's words: `retry` when it failed, otherwise none unless given. */
    action: { type: String, value: '' },
  },
  data: { copy: actionsCopy },
  methods: {
    /** Event `act`: the shopper took the way back. */
    onAct() {
      this.triggerEvent('act')
    },
  },
})
