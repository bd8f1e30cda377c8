/** @module Pull to refresh (下拉刷新): by finger, by mouse, and by wx.startPullDownRefresh. */
import { create } from '../elements.ts'

const TRIGGER_PX = 50
const OPEN_PX = 56
const MAX_PX = 96

export interface PullRefreshOptions {
  readonly element: HTMLElement
  readonly style: 'dark' | 'light'
  readonly onRefresh: () => void
}

/** Watches one page's scrolling element. */
export class PullRefresh {
  private readonly options: PullRefreshOptions
  private readonly dots: HTMLElement
  private isOpen = false
  private startY: number | undefined

  constructor(options: PullRefreshOptions) {
    this.options = options
    this.dots = create(
      'div',
      { class: `pull-dots ${options.style}`, label: '正在刷新' },
      create('i'),
      create('i'),
      create('i'),
    )
    options.element.prepend(this.dots)
    this.setHeight(0)
    this.listen()
  }

  /** Opens the gap and calls the page, as if the shopper had pulled. */
  start(): void {
    if (this.isOpen) return
    this.isOpen = true
    this.dots.classList.add('running')
    this.setHeight(OPEN_PX)
    this.options.onRefresh()
  }

  stop(): void {
    this.isOpen = false
    this.dots.classList.remove('running')
    this.setHeight(0)
  }

  private listen(): void {
    const { element } = this.options
    const begin = (y: number) => {
      this.startY = element.scrollTop <= 0 && !this.isOpen ? y : undefined
    }
    const move = (y: number) => {
      if (this.startY === undefined) return
      this.setHeight(Math.min(MAX_PX, Math.max(0, (y - this.startY) / 2)))
    }
    const end = (y: number) => {
      if (this.startY === undefined) return
      const pulled = (y - this.startY) / 2
      this.startY = undefined
      if (pulled >= TRIGGER_PX) this.start()
      else if (!this.isOpen) this.setHeight(0)
    }
    const firstTouch = (event: TouchEvent) => event.changedTouches[0]?.clientY ?? 0
    element.addEventListener('touchstart', (event) => begin(firstTouch(event)), { passive: true })
    element.addEventListener('touchmove', (event) => move(firstTouch(event)), { passive: true })
    element.addEventListener('touchend', (event) => end(firstTouch(event)))
    element.addEventListener('mousedown', (event) => begin(event.clientY))
    element.addEventListener('mousemove', (event) => {
      if (event.buttons === 1) move(event.clientY)
    })
    element.addEventListener('mouseup', (event) => end(event.clientY))
    element.addEventListener('mouseleave', (event) => end(event.clientY))
  }

  private setHeight(height: number): void {
    this.dots.style.height = `${height}px`
  }
}
