/** @module Choosing and looking at pictures. */

import { assetUrl } from '../asset-url.ts'
import { showImages } from '../chrome/image-viewer.ts'
import type { Overlay } from '../chrome/overlay.ts'
import { CallFailure, wxCall } from './call.ts'

export function mediaFunctions(overlay: Overlay): Record<string, unknown> {
  return {
    chooseImage: wxCall<{ count?: number }>('chooseImage', async ({ count = 9 }) => {
      const files = await pickFiles({ accept: 'image/*', count })
      const tempFiles = files.map((file) => ({ path: URL.createObjectURL(file), size: file.size }))
      return { tempFilePaths: tempFiles.map(({ path }) => path), tempFiles }
    }),
    chooseMedia: wxCall<{ count?: number; mediaType?: readonly string[] }>(
      'chooseMedia',
      async ({ count = 9, mediaType = ['image', 'video'] }) => {
        const accept = mediaType
          .flatMap((type) => (type === 'mix' ? ['image/*', 'video/*'] : [`${type}/*`]))
          .join(',')
        const files = await pickFiles({ accept, count })
        return {
          type: files.every((file) => file.type.startsWith('image/')) ? 'image' : 'mix',
          tempFiles: files.map((file) => ({
            tempFilePath: URL.createObjectURL(file),
            size: file.size,
            fileType: file.type.split('/')[0],
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
    compressImage: wxCall<{ src: string }>('compressImage', ({ src }) => ({ tempFilePath: src })),
  }
}

function pickFiles({ accept, count }: { accept: string; count: number }): Promise<File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  input.multiple = count > 1
  return new Promise((resolve, reject) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])].slice(0, count)))
    input.addEventListener('cancel', () => reject(new CallFailure('cancel')))
    input.click()
  })
}
