/** @module The full-screen picture of wx.previewImage: swipe between pictures, tap to leave. */
import { create } from '../elements.ts'
import type { Overlay } from './overlay.ts'

export function showImages(overlay: Overlay, urls: readonly string[], current: number): void {
  const strip = create('div', { class: 'images' })
  for (const url of urls) {
    const image = create('img')
    image.src = url
    image.alt = ''
    strip.append(create('div', { class: 'image' }, image))
  }
  const count = create('span', { class: 'image-count', text: `${current + 1} / ${urls.length}` })
  const content = create('div', { class: 'image-viewer' }, strip, count)
  const sheet = overlay.open({ kind: 'full', label: '预览图片', content })
  content.addEventListener('click', sheet.close)
  strip.scrollLeft = current * strip.clientWidth
  strip.addEventListener('scroll', () => {
    count.textContent = `${Math.round(strip.scrollLeft / strip.clientWidth) + 1} / ${urls.length}`
  })
}
