/** @module scroll-view, swiper and swiper-item. */
import type { Define, Part, PropertySpecs } from './part.ts'

const SCROLL_VIEW = {
  scrollX: Boolean,
  scrollY: Boolean,
  scrollTop: Number,
  scrollLeft: Number,
  scrollIntoView: String,
  scrollWithAnimation: Boolean,
  upperThreshold: { type: Number, value: 50 },
  lowerThreshold: { type: Number, value: 50 },
  enableFlex: Boolean,
  enhanced: Boolean,
  showScrollbar: { type: Boolean, value: true },
  type: String,
  refresherEnabled: Boolean,
  refresherTriggered: Boolean,
} as const satisfies PropertySpecs

const SWIPER = {
  current: Number,
  autoplay: Boolean,
  interval: { type: Number, value: 5000 },
  duration: { type: Number, value: 500 },
  circular: Boolean,
  vertical: Boolean,
  indicatorDots: Boolean,
  indicatorColor: { type: String, value: 'rgba(0,0,0,.3)' },
  indicatorActiveColor: { type: String, value: '#000000' },
  displayMultipleItems: { type: Number, value: 1 },
} as const satisfies PropertySpecs

export function defineScrolling(define: Define): void {
  define('scroll-view', SCROLL_VIEW, (part) => {
    const { element } = part
    const behavior = () => (part.get('scrollWithAnimation') ? 'smooth' : 'auto')
    part.watch(['scrollX', 'scrollY'], () => {
      element.style.overflowX = part.get('scrollX') ? 'auto' : 'hidden'
      element.style.overflowY = part.get('scrollY') ? 'auto' : 'hidden'
    })
    part.watch(['enableFlex'], () => {
      element.style.display = part.get('enableFlex') ? 'flex' : ''
    })
    part.watch(['scrollTop'], () => element.scrollTo({ top: part.get('scrollTop'), behavior: behavior() }))
    part.watch(['scrollLeft'], () => element.scrollTo({ left: part.get('scrollLeft'), behavior: behavior() }))
    part.watch(['scrollIntoView'], () => {
      const id = part.get('scrollIntoView')
      if (id) element.querySelector(`[id$="--${CSS.escape(id)}"]`)?.scrollIntoView({ behavior: behavior() })
    })
    reportScrolling(part)
  })
  define('swiper-item', { itemId: String })
  define('swiper', SWIPER, setUpSwiper)
}

function reportScrolling(part: Part<typeof SCROLL_VIEW>): void {
  const { element } = part
  let lastTop = 0
  let lastLeft = 0
  element.addEventListener('scroll', () => {
    const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = element
    const deltaY = lastTop - scrollTop
    const deltaX = lastLeft - scrollLeft
    lastTop = scrollTop
    lastLeft = scrollLeft
    part.emit('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth, deltaX, deltaY })
    const lower = part.get('lowerThreshold')
    const upper = part.get('upperThreshold')
    if (part.get('scrollY') && deltaY < 0 && scrollTop + clientHeight >= scrollHeight - lower) {
      part.emit('scrolltolower', { direction: 'bottom' })
    }
    if (part.get('scrollX') && deltaX < 0 && scrollLeft + clientWidth >= scrollWidth - lower) {
      part.emit('scrolltolower', { direction: 'right' })
    }
    if (part.get('scrollY') && deltaY > 0 && scrollTop <= upper)
      part.emit('scrolltoupper', { direction: 'top' })
    if (part.get('scrollX') && deltaX > 0 && scrollLeft <= upper)
      part.emit('scrolltoupper', { direction: 'left' })
  })
}

function setUpSwiper(part: Part<typeof SWIPER>): void {
  const { element } = part
  const dots = document.createElement('span')
  dots.className = 'swiper-dots'
  let shown = 0
  let source = ''
  const items = () => [...element.querySelectorAll(':scope > swiper-item')]
  const size = () => (part.get('vertical') ? element.clientHeight : element.clientWidth) || 1
  const go = (index: number, reason: string) => {
    source = reason
    const offset = index * size()
    element.scrollTo(
      part.get('vertical') ? { top: offset, behavior: 'smooth' } : { left: offset, behavior: 'smooth' },
    )
  }
  const drawDots = () => {
    dots.remove()
    if (!part.get('indicatorDots')) return
    dots.replaceChildren(
      ...items().map((_item, index) => {
        const dot = document.createElement('i')
        dot.style.background = part.get(index === shown ? 'indicatorActiveColor' : 'indicatorColor')
        return dot
      }),
    )
    element.append(dots)
  }
  part.watch(['vertical'], () => {
    element.dataset.vertical = String(part.get('vertical'))
  })
  part.watch(['current'], () => {
    if (part.get('current') !== shown) go(part.get('current'), '')
  })
  part.watch(['indicatorDots', 'indicatorColor', 'indicatorActiveColor'], () => setTimeout(drawDots))
  element.addEventListener('scroll', () => {
    const offset = part.get('vertical') ? element.scrollTop : element.scrollLeft
    dots.style.transform = part.get('vertical') ? `translateY(${offset}px)` : `translateX(${offset}px)`
    const index = Math.round(offset / size())
    if (index === shown) return
    shown = index
    part.set({ current: index })
    part.emit('change', { current: index, currentItemId: '', source: source || 'touch' })
    drawDots()
  })
  element.addEventListener('scrollend', () => {
    part.emit('animationfinish', { current: shown, currentItemId: '', source: source || 'touch' })
    source = ''
  })
  let timer: ReturnType<typeof setInterval> | undefined
  part.watch(['autoplay', 'interval'], () => {
    clearInterval(timer)
    if (!part.get('autoplay')) return
    timer = setInterval(() => go((shown + 1) % Math.max(items().length, 1), 'autoplay'), part.get('interval'))
  })
  part.onDetached(() => clearInterval(timer))
}
