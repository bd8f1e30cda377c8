/** @module Up to three pictures of evidence: chosen, uploaded at once, each with its progress, its failure and a retry. */
import { LIMITS } from '@yuanlu/contract'
import { evidenceCopy } from '../../copy/evidence'
import { api } from '../../services/api'
import { say } from '../../services/dialogue'
import { choosePictures, compressPicture, showPictures } from '../../services/pictures'
import {
  type EvidencePicture,
  evidenceOf,
  evidencePickerView,
  needsCompression,
  refused,
  tooLarge,
  uploaded,
  uploading,
} from '../../view/evidence'

/** Of this run of the mini-program: keys are never used twice. */
let made = 0
/** How to give an upload up, by the key of its picture. */
const aborts = new Map<string, () => void>()

Component({
  data: {
    copy: evidenceCopy,
    hint: evidenceCopy.hint(LIMITS.evidence),
    pictures: [] as readonly EvidencePicture[],
    view: evidencePickerView([]),
    choosing: false,
  },
  lifetimes: {
    /** Whoever left needs no upload any more; the server clears away what nobody shows. */
    detached() {
      for (const { key } of this.data.pictures) aborts.get(key)?.()
    },
  },
  methods: {
    async onAdd() {
      // A second tap while camera or album opens would choose twice.
      if (this.data.choosing) return
      this.setData({ choosing: true })
      const chosen = await choosePictures(LIMITS.evidence - this.data.pictures.length)
      this.setData({ choosing: false })
      if (chosen.kind === 'unavailable') say(evidenceCopy.notAllowed)
      if (chosen.kind !== 'chosen') return
      const fresh = chosen.pictures.map(({ path, bytes }) => {
        made += 1
        return uploading(String(made), path, bytes)
      })
      this.show([...this.data.pictures, ...fresh])
      await Promise.all(fresh.map((picture) => this.send(picture)))
    },

    onRetry(event: WechatMiniprogram.BaseEvent) {
      const picture = this.pictureOf(event)
      if (picture === undefined || !picture.canRetry) return
      const again = uploading(picture.key, picture.path, picture.bytes)
      this.put(again)
      this.send(again)
    },

    onRemove(event: WechatMiniprogram.BaseEvent) {
      const picture = this.pictureOf(event)
      if (picture === undefined) return
      aborts.get(picture.key)?.()
      this.show(this.data.pictures.filter(({ key }) => key !== picture.key))
    },

    onLook(event: WechatMiniprogram.BaseEvent) {
      const picture = this.pictureOf(event)
      if (picture !== undefined)
        showPictures(
          this.data.pictures.map(({ path }) => path),
          picture.path,
        )
    },

    pictureOf(event: WechatMiniprogram.BaseEvent): EvidencePicture | undefined {
      return this.data.pictures.find(({ key }) => key === event.currentTarget.dataset.key)
    },

    /** However it ends, the picture says so; one that was removed meanwhile says nothing. */
    async send(picture: EvidencePicture) {
      const filePath = needsCompression(picture) ? await compressPicture(picture.path) : picture.path
      if (filePath === null) {
        this.put(tooLarge(picture))
        return
      }
      // Removed while it was made smaller.
      if (!this.isHere(picture)) return
      try {
        const { fileId } = await api.uploadFile({
          filePath,
          onProgress: (percent) => this.put({ ...picture, percent }),
          onStart: (abort) => aborts.set(picture.key, abort),
        })
        this.put(uploaded(picture, fileId))
      } catch (error) {
        this.put(refused(picture, error))
      } finally {
        aborts.delete(picture.key)
      }
    },

    isHere({ key }: EvidencePicture): boolean {
      return this.data.pictures.some((picture) => picture.key === key)
    },

    /** News of one that was removed meanwhile changes nothing. */
    put(changed: EvidencePicture) {
      this.show(this.data.pictures.map((picture) => (picture.key === changed.key ? changed : picture)))
    },

    /** Event `change` with an Evidence. */
    show(pictures: readonly EvidencePicture[]) {
      this.setData({ pictures, view: evidencePickerView(pictures) })
      this.triggerEvent('change', evidenceOf(pictures))
    },
  },
})
