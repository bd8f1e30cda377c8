/** @module Pictures of this phone: chosen from camera or album, made smaller, looked at over the whole screen. */

export interface ChosenPicture {
  /** A temporary file: good until the mini-program ends. */
  readonly path: string
  readonly bytes: number
}

export type ChosenPictures =
  | { readonly kind: 'chosen'; readonly pictures: readonly ChosenPicture[] }
  /** Closed without a choice: nothing changes. */
  | { readonly kind: 'cancelled' }
  /** Camera and album are not allowed. */
  | { readonly kind: 'unavailable' }

/** At most `count` pictures, which WeChat makes smaller where it can. */
export const choosePictures = (count: number): Promise<ChosenPictures> =>
  new Promise((resolve) => {
    wx.chooseMedia({
      count,
      mediaType: ['image'],
      sourceType: ['album', 'camera'],
      sizeType: ['compressed'],
      success: ({ tempFiles }) =>
        resolve({
          kind: 'chosen',
          // Some clients give more than they were asked for.
          pictures: tempFiles
            .slice(0, count)
            .map(({ tempFilePath, size }) => ({ path: tempFilePath, bytes: size })),
        }),
      fail: ({ errMsg }) => resolve({ kind: errMsg.endsWith('cancel') ? 'cancelled' : 'unavailable' }),
    })
  })

const QUALITY = 70

/** A smaller file of the same picture; `null` where WeChat can't make one. Its size is known to the server alone. */
export const compressPicture = (path: string): Promise<string | null> =>
  new Promise((resolve) => {
    wx.compressImage({
      src: path,
      quality: QUALITY,
      success: ({ tempFilePath }) => resolve(tempFilePath),
      fail: () => resolve(null),
    })
  })

/** Over the whole screen, swiped through, beginning with one of them. */
export const showPictures = (urls: readonly string[], current: string): void => {
  wx.previewImage({ urls: [...urls], current })
}
