/** @module Toasts and the loading indicator: a dark rounded square in the middle of the screen. */
import { create } from '../elements.ts'
import type { Overlay } from './overlay.ts'

export interface ToastOptions {
  readonly title: string
  readonly icon: 'success' | 'error' | 'loading' | 'none'
  /** A picture of the program instead of the icon. */
  readonly image?: string
  readonly mask: boolean
  /** Undefined: it stays until it is hidden. */
  readonly durationMs?: number
}

export class Toasts {
  private readonly overlay: Overlay
  private shown: HTMLElement | undefined
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(overlay: Overlay) {
    this.overlay = overlay
  }

  show(options: ToastOptions): void {
    this.hide()
    const box = create('div', { class: 'toast-box' })
    if (options.image !== undefined) {
      const image = create('img', { class: 'toast-image' })
      image.src = options.image
      image.alt = ''
      box.append(image)
    } else if (options.icon !== 'none') {
      box.append(create('i', { class: `toast-icon ${options.icon}` }))
    }
    box.append(create('span', { class: 'toast-text', text: options.title }))
    const isWide = options.icon === 'none' && options.image === undefined
    this.shown = create('div', { class: `toast${isWide ? ' wide' : ''}`, role: 'status' }, box)
    this.shown.classList.toggle('masked', options.mask)
    this.overlay.root.append(this.shown)
    if (options.durationMs !== undefined) this.timer = setTimeout(() => this.hide(), options.durationMs)
  }

  hide(): void {
    clearTimeout(this.timer)
    this.shown?.remove()
    this.shown = undefined
  }
}
