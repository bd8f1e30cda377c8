/** @module One picture of a product: shown, chosen anew and uploaded at once, or taken away. */
import { pictureFieldCopy } from '../../copy/evidence'
import { api } from '../../services/api'
import { say } from '../../services/dialogue'
import { choosePictures, compressPicture, showPictures } from '../../services/pictures'
import {
  type EvidencePicture,
  needsCompression,
  pictureFieldView,
  refused,
  tooLarge,
  uploaded,
  uploading,
} from '../../view/evidence'

/** Of this run of the mini-program: an upload that a newer one has overtaken changes nothing. */
let made = 0

Component({
  properties: {
    /** The address as saved, or as last uploaded here; empty for none. */
    url: { type: String, value: '' },
  },
  data: {
    copy: pictureFieldCopy,
    picture: null as EvidencePicture | null,
    view: pictureFieldView('', null),
  },
  observers: {
    'url, picture'(url: string, picture: EvidencePicture | null) {
      this.setData({ view: pictureFieldView(url, picture) })
    },
  },
  methods: {
    async onChoose() {
      const chosen = await choosePictures(1)
      if (chosen.kind === 'unavailable') say(pictureFieldCopy.notAllowed)
      const [file] = chosen.kind === 'chosen' ? chosen.pictures : []
      if (file === undefined) return
      made += 1
      await this.send(uploading(String(made), file.path, file.bytes))
    },

    onRemove() {
      this.tell({ imageUrl: '', uploading: false })
      this.setData({ picture: null })
    },

    onLook() {
      const { shown } = this.data.view
      if (this.data.view.has) showPictures([shown], shown)
    },

    /** Event `change` with the address to save, and whether one is still on its way. */
    tell(change: { readonly imageUrl: string; readonly uploading: boolean }) {
      this.triggerEvent('change', change)
    },

    async send(picture: EvidencePicture) {
      const before = this.data.url
      this.setData({ picture })
      this.tell({ imageUrl: before, uploading: true })
      const put = (next: EvidencePicture, imageUrl: string) => {
        if (this.data.picture?.key !== picture.key) return
        this.setData({ picture: next })
        this.tell({ imageUrl, uploading: false })
      }
      const filePath = needsCompression(picture) ? await compressPicture(picture.path) : picture.path
      if (filePath === null) {
        put(tooLarge(picture), before)
        return
      }
      try {
        const { fileId, url } = await api.uploadFile({ filePath })
        put(uploaded(picture, fileId), url)
      } catch (error) {
        put(refused(picture, error), before)
      }
    },
  },
})
