/** @module Creates the browser elements behind WXML elements, and passes on the events that browsers raise themselves. */
import { glassEasel } from 'glass-easel-miniprogram-adapter'
import { browserLengths } from './css-lengths.ts'
import { openGesture } from './user-gesture.ts'

/** Events of the browser that a program may listen to as they are; everything else is raised by the built-in components. */
const NATIVE_EVENTS = new Set([
  'touchstart',
  'touchmove',
  'touchend',
  'touchcancel',
  'transitionend',
  'animationstart',
  'animationend',
  'animationiteration',
])

/** glass-easel's window backend, with the differences a mini-program expects. */
export class PhoneBackend extends glassEasel.CurrentWindowBackendContext {
  constructor() {
    super()
    this.document = elementFactory
    this.onEvent((target, type, detail, options) => {
      if (type === 'tap') openGesture()
      if (options.originalEvent !== undefined) options.extraFields = touchesOf(options.originalEvent)
      const event = new glassEasel.Event(type, detail, options)
      glassEasel.Event.dispatchEvent(target, event)
      return event.getEventBubbleStatus()
    })
  }

  override setListenerStats(element: unknown, type: string, capture: boolean, level: unknown): void {
    if (NATIVE_EVENTS.has(type)) super.setListenerStats(element, type, capture, level)
  }
}

const elementFactory: glassEasel.BackendDocument = {
  createElement(tag) {
    const element = document.createElement(tag)
    const setAttribute = element.setAttribute.bind(element)
    element.setAttribute = (name, value) =>
      setAttribute(name, name === 'style' ? browserLengths(String(value)) : value)
    // A button inside a form must not submit the form in the browser's way.
    if (element instanceof HTMLButtonElement) element.type = 'button'
    return element
  },
  createTextNode: (text) => document.createTextNode(text),
  createDocumentFragment: () => document.createDocumentFragment(),
}

interface TouchPoint {
  readonly identifier: number
  readonly clientX: number
  readonly clientY: number
  readonly pageX: number
  readonly pageY: number
}

/** `touches` and `changedTouches` as WeChat gives them; a mouse counts as one finger. */
function touchesOf(event: unknown): { touches: TouchPoint[]; changedTouches: TouchPoint[] } {
  if (event instanceof MouseEvent) {
    const point = pointOf(event, 0)
    return { touches: [point], changedTouches: [point] }
  }
  if (typeof TouchEvent !== 'undefined' && event instanceof TouchEvent) {
    const points = (list: TouchList) => [...list].map((touch) => pointOf(touch, touch.identifier))
    return { touches: points(event.touches), changedTouches: points(event.changedTouches) }
  }
  return { touches: [], changedTouches: [] }
}

function pointOf(source: MouseEvent | Touch, identifier: number): TouchPoint {
  const { clientX, clientY, pageX, pageY } = source
  return { identifier, clientX, clientY, pageX, pageY }
}
