/** @module Pictures of evidence on their way to the server, and back on a page. */
import { LIMITS } from '@yuanlu/contract'
import { evidenceCopy, evidenceProblemCopy, pictureFieldCopy, pictureProblemCopy } from '../copy/evidence'
import { isFailure } from '../services/api-failure'
import { failureText } from './failure'
import { pictureOf } from './goods'

/** One picture that a shopper chose. */
export interface EvidencePicture {
  readonly key: string
  /** The temporary file that is shown. */
  readonly path: string
  readonly bytes: number
  readonly state: 'uploading' | 'done' | 'failed'
  readonly percent: number
  /** Why it was not taken; empty unless it failed. */
  readonly problem: string
  /** False where sending it again can't help: another picture can. */
  readonly canRetry: boolean
  /** The server's name for it; empty until it is there. */
  readonly fileId: string
}

export const uploading = (key: string, path: string, bytes: number): EvidencePicture => ({
  key,
  path,
  bytes,
  state: 'uploading',
  percent: 0,
  problem: '',
  canRetry: false,
  fileId: '',
})

export const uploaded = (picture: EvidencePicture, fileId: string): EvidencePicture => ({
  ...picture,
  state: 'done',
  percent: 100,
  fileId,
})

const failed = (picture: EvidencePicture, problem: string, canRetry: boolean): EvidencePicture => ({
  ...picture,
  state: 'failed',
  problem,
  canRetry,
})

export const tooLarge = (picture: EvidencePicture): EvidencePicture =>
  failed(picture, pictureProblemCopy.tooLarge, false)

/** The server reads the first bytes of a picture: it alone knows its kind. */
export const refused = (picture: EvidencePicture, error: unknown): EvidencePicture => {
  if (isFailure(error, 'TOO_LARGE')) return tooLarge(picture)
  if (isFailure(error, 'INVALID_INPUT')) return failed(picture, pictureProblemCopy.wrongKind, false)
  if (isFailure(error, 'TOO_MANY_REQUESTS')) return failed(picture, pictureProblemCopy.tooMany, true)
  return failed(picture, failureText(error), true)
}

export const needsCompression = ({ bytes }: Pick<EvidencePicture, 'bytes'>): boolean =>
  bytes > LIMITS.uploadBytes

export interface EvidencePictureView extends EvidencePicture {
  readonly veil: string
  readonly lookLabel: string
  readonly removeLabel: string
  readonly retryLabel: string
}

export interface EvidencePickerView {
  readonly pictures: readonly EvidencePictureView[]
  readonly canAdd: boolean
  readonly countText: string
  /** The first picture's problem: one at a time is enough to read. */
  readonly problem: string
}

const veil = ({ state, percent, canRetry }: EvidencePicture): string => {
  if (state === 'uploading') return percent === 0 ? evidenceCopy.preparing : evidenceCopy.progress(percent)
  if (state === 'done') return ''
  return canRetry ? evidenceCopy.retry : evidenceCopy.failed
}

export const evidencePickerView = (pictures: readonly EvidencePicture[]): EvidencePickerView => ({
  pictures: pictures.map((picture, i) => ({
    ...picture,
    veil: veil(picture),
    lookLabel: evidenceCopy.look(i + 1),
    removeLabel: evidenceCopy.remove(i + 1),
    retryLabel: picture.canRetry ? evidenceCopy.retryOne(i + 1) : picture.problem,
  })),
  canAdd: pictures.length < LIMITS.evidence,
  countText: evidenceCopy.count(pictures.length, LIMITS.evidence),
  problem: pictures.find(({ state }) => state === 'failed')?.problem ?? '',
})

/** What a request would name, and what stands against sending it now. */
export interface Evidence {
  readonly fileIds: readonly string[]
  readonly problem: string | null
}

export const NO_EVIDENCE: Evidence = { fileIds: [], problem: null }

export const evidenceOf = (pictures: readonly EvidencePicture[]): Evidence => {
  const has = (state: EvidencePicture['state']) => pictures.some((picture) => picture.state === state)
  const problem = has('failed')
    ? evidenceProblemCopy.failed
    : has('uploading')
      ? evidenceProblemCopy.uploading
      : null
  return { fileIds: pictures.flatMap(({ fileId }) => (fileId === '' ? [] : [fileId])), problem }
}

/** Addresses are signed for at least five minutes; a page that is older asks for new ones before it opens a picture. */
const ADDRESS_LIFE_MS = 4 * 60_000 + 30_000

export const isAddressFresh = (loadedAtMs: number, nowMs: number): boolean =>
  nowMs - loadedAtMs < ADDRESS_LIFE_MS

/** One picture of a refund. */
export interface EvidenceThumb {
  readonly url: string
  readonly label: string
  readonly missing: boolean
}

export const evidenceThumbs = (urls: readonly string[], missing: readonly string[]): EvidenceThumb[] =>
  urls.map((url, i) => ({ url, label: evidenceCopy.look(i + 1), missing: missing.includes(url) }))

/** The one picture of a product while it is edited. */
export interface PictureFieldView {
  readonly has: boolean
  readonly shown: string
  readonly veil: string
  readonly problem: string
}

/** The file that was just chosen is shown until the page is left; one that failed gives way to what was there. */
export const pictureFieldView = (url: string, picture: EvidencePicture | null): PictureFieldView => {
  const chosen = picture === null || picture.state === 'failed' ? null : picture
  return {
    has: chosen !== null || url !== '',
    shown: chosen?.path ?? pictureOf(url),
    veil: chosen?.state === 'uploading' ? pictureFieldCopy.uploading : '',
    problem: picture?.problem ?? '',
  }
}
