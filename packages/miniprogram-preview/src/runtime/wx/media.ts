/** @module Choosing and looking at pictures. */

import { assetUrl } from '../asset-url.ts'
import { showImages } from '../chrome/image-viewer.ts'
import type { Overlay } from '../chrome/overlay.ts'
import { CallFailure, wxCall } from './call.ts'

export function mediaFunctions(overlay: Overlay): Record<string, unknown> {
  return {
    chooseImage: wxCall<{ count?: number; sourceType?: readonly string[] }>(
      'chooseImage',
      async ({ count = 9, sourceType }) => {
        const files = await pickFiles({ accept: 'image/*', count, sourceType })
        const tempFiles = files.map((file) => ({ path: URL.createObjectURL(file), size: file.size }))
        return { tempFilePaths: tempFiles.map(({ path }) => path), tempFiles }
      },
    ),
    chooseMedia: wxCall<{ count?: number; mediaType?: readonly string[]; sourceType?: readonly string[] }>(
      'chooseMedia',
      async ({ count = 9, mediaType = ['image', 'video'], sourceType }) => {
        const accept = mediaType
          .flatMap((type) => (type === 'mix' ? ['image/*', 'video/*'] : [`${type}/*`]))
          .join(',')
        const files = await pickFiles({ accept, count, sourceType })
        const kinds = new Set(files.map(kindOf))
        const [only = 'image'] = kinds
        return {
          type: kinds.size > 1 ? 'mix' : only,
          tempFiles: files.map((file) => ({
            tempFilePath: URL.createObjectURL(file),
            size: file.size,
            fileType: kindOf(file),
          })),
        }
      },
    ),
    previewImage: wxCall<{ urls: readonly string[]; current?: string }>(
      'previewImage',
      ({ urls, current }) => {
        showImages(
          overlay,
          urls.map((url) => assetUrl(url)),
          Math.max(0, urls.indexOf(current ?? '')),
        )
      },
    ),
    getImageInfo: wxCall<{ src: string }>('getImageInfo', async ({ src }) => {
      const image = new Image()
      image.src = assetUrl(src)
      await image.decode().catch(() => {
        throw new CallFailure(`download image fail: ${src}`)
      })
      return { width: image.naturalWidth, height: image.naturalHeight, path: image.src, orientation: 'up' }
    }),
    compressImage: wxCall<{ src: string; quality?: number; compressedWidth?: number }>(
      'compressImage',
      async ({ src, quality = 80, compressedWidth }) => ({
        tempFilePath: URL.createObjectURL(await compress(src, { quality, width: compressedWidth })),
      }),
    ),
  }
}

const kindOf = (file: File): 'image' | 'video' => (file.type.startsWith('video/') ? 'video' : 'image')

/** As a JPEG: WeChat's compression makes no other kind smaller either. */
async function compress(
  src: string,
  { quality, width }: { quality: number; width: number | undefined },
): Promise<Blob> {
  const image = new Image()
  image.src = assetUrl(src)
  await image.decode().catch(() => {
    throw new CallFailure(`file doesn't exist or is no picture: ${src}`)
  })
  const scale = width === undefined ? 1 : Math.min(1, width / image.naturalWidth)
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale))
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale))
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/jpeg', Math.min(100, Math.max(0, quality)) / 100)
  })
  if (blob === null) throw new CallFailure(`cannot compress ${src}`)
  return blob
}

/** The browser's own file chooser stands for camera and album; on a phone it offers both. */
function pickFiles({
  accept,
  count,
  sourceType = ['album', 'camera'],
}: {
  accept: string
  count: number
  sourceType: readonly string[] | undefined
}): Promise<File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  input.multiple = count > 1
  if (!sourceType.includes('album')) input.setAttribute('capture', 'environment')
  return new Promise((resolve, reject) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])].slice(0, count)))
    input.addEventListener('cancel', () => reject(new CallFailure('cancel')))
    input.click()
  })
}
