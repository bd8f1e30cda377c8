/** @module Pictures of evidence as a refund shows them: small, opened by a tap, calm about one that can't be loaded. */
import { evidenceCopy } from '../../copy/evidence'
import { type EvidenceThumb, evidenceThumbs } from '../../view/evidence'

Component({
  properties: {
    /** Addresses, good for some minutes. */
    urls: { type: Array, value: [] as string[] },
  },
  data: {
    copy: evidenceCopy,
    thumbs: [] as readonly EvidenceThumb[],
    /** Addresses that brought no picture. */
    missing: [] as readonly string[],
  },
  observers: {
    'urls, missing'(urls: readonly string[], missing: readonly string[]) {
      this.setData({ thumbs: evidenceThumbs(urls, missing) })
    },
  },
  methods: {
    /** Event `open` with the place of a picture. */
    onOpen(event: WechatMiniprogram.BaseEvent) {
      this.triggerEvent('open', { index: Number(event.currentTarget.dataset.index) })
    },

    /** Event `stale`: an address has expired, most likely. It is not loaded again, so a lost picture asks once. */
    onError(event: WechatMiniprogram.BaseEvent) {
      const url = String(event.currentTarget.dataset.url)
      this.setData({ missing: [...this.data.missing, url] })
      this.triggerEvent('stale')
    },

    /** The same address is tried once more, and a new one asked for. */
    onAgain(event: WechatMiniprogram.BaseEvent) {
      const url = String(event.currentTarget.dataset.url)
      this.setData({ missing: this.data.missing.filter((each) => each !== url) })
    },
  },
})
