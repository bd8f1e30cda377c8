/** @module What every built-in component can do: hide, answer a press, carry aria attributes, be animated. */
import { type AnimationData, isAnimationData } from '../wx/animation.ts'
import type { CommonPart, Part, PropertySpecs } from './part.ts'

const ARIA = [
  'label',
  'hidden',
  'checked',
  'disabled',
  'selected',
  'controls',
  'describedby',
  'labelledby',
  'busy',
  'modal',
  'live',
  'expanded',
  'valuenow',
  'valuemin',
  'valuemax',
  'valuetext',
  'roledescription',
] as const

const LONG_PRESS_MS = 350

export const commonPart: CommonPart = {
  specs: {
    hidden: Boolean,
    animation: null,
    hoverClass: String,
    hoverStartTime: { type: Number, value: 50 },
    hoverStayTime: { type: Number, value: 400 },
    hoverStopPropagation: Boolean,
    ariaRole: null,
    ...Object.fromEntries(ARIA.map((name) => [ariaProperty(name), null])),
  } satisfies PropertySpecs,
  setUp(part) {
    part.watch(['hidden'], () => {
      part.element.style.display = part.get('hidden') === true ? 'none' : ''
    })
    part.watch(['animation'], () => {
      const animation = part.get('animation')
      if (isAnimationData(animation)) runAnimation(part.element, animation)
    })
    reflect(part, 'ariaRole', 'role')
    for (const name of ARIA) reflect(part, ariaProperty(name), `aria-${name}`)
    listenForPress(part)
  },
}

function ariaProperty(name: string): string {
  return `aria${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

function reflect(part: Part, property: string, attribute: string): void {
  part.watch([property], () => {
    const value = part.get(property)
    if (value === undefined || value === null || value === '') part.element.removeAttribute(attribute)
    else part.element.setAttribute(attribute, String(value))
  })
}

function listenForPress(part: Part): void {
  let longPress: ReturnType<typeof setTimeout> | undefined
  let hover: ReturnType<typeof setTimeout> | undefined
  part.element.addEventListener('pointerdown', (event) => {
    const name = String(part.get('hoverClass') ?? '')
    if (name !== '' && name !== 'none') {
      clearTimeout(hover)
      hover = setTimeout(() => part.setHoverClass(name), Number(part.get('hoverStartTime')))
    }
    const detail = { x: event.clientX, y: event.clientY }
    clearTimeout(longPress)
    // The event bubbles by itself, so only the innermost element raises it.
    if (event.target === part.element) {
      longPress = setTimeout(() => part.emitBubbling('longpress', detail), LONG_PRESS_MS)
    }
  })
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) {
    part.element.addEventListener(end, () => {
      clearTimeout(longPress)
      clearTimeout(hover)
      if (String(part.get('hoverClass') ?? '') === '') return
      hover = setTimeout(() => part.setHoverClass(''), Number(part.get('hoverStayTime')) / 4)
    })
  }
}

function runAnimation(element: HTMLElement, animation: AnimationData): void {
  let waitMs = 0
  for (const { styles, timing } of animation.steps) {
    setTimeout(() => {
      element.style.transition = `all ${timing.duration}ms ${timing.timingFunction} ${timing.delay}ms`
      for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value)
    }, waitMs)
    waitMs += timing.duration + timing.delay
  }
}
