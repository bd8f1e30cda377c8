/** @module Labelled facts; numbers can be copied. */
import { actionsCopy } from '../../copy/actions'
import { copyText } from '../../services/dialogue'
import type { FactView } from '../../view/order'

Component({
  properties: {
    facts: { type: Array, value: [] as FactView[] },
  },
  data: { copyWord: actionsCopy.copy },
  methods: {
    onCopy(event: WechatMiniprogram.BaseEvent) {
      copyText(String(event.currentTarget.dataset.value))
    },
  },
})
