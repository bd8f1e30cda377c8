/** @module What WXS functions get when a template calls them for an event or a changed property (WXS 响应事件). */
import type { glassEasel } from 'glass-easel-miniprogram-adapter'

type Component = glassEasel.Component

/** `ComponentDescriptor` of the documentation, as far as a browser can honour it. */
export interface WxsOwner {
  selectComponent(selector: string): WxsOwner | null
  selectAllComponents(selector: string): WxsOwner[]
  setStyle(style: string | Record<string, unknown>): WxsOwner
  addClass(name: string): WxsOwner
  removeClass(name: string): WxsOwner
  hasClass(name: string): boolean
  getDataset(): Record<string, unknown>
  getState(): Record<string, unknown>
  callMethod(name: string, args?: unknown): void
  triggerEvent(name: string, detail?: unknown): void
  requestAnimationFrame(callback: () => void): void
  setTimeout(callback: () => void, delayMs: number): number
  clearTimeout(timer: number): void
  getBoundingClientRect(): DOMRect
  getComputedStyle(names: string[]): Record<string, string>
}

/** Makes a compiled template pass owners to its WXS functions. */
export function withWxsOwners(template: glassEasel.TemplateGroup): glassEasel.TemplateGroup {
  return (name) => {
    const generate = template(name)
    if (generate === undefined) return undefined
    return (wrapper, ...rest) => {
      prepare(wrapper)
      return generate(wrapper, ...rest)
    }
  }
}

const prepared = new WeakSet<glassEasel.TemplateWrapper>()

function prepare(wrapper: glassEasel.TemplateWrapper): void {
  if (prepared.has(wrapper)) return
  prepared.add(wrapper)
  wrapper.setFnFilter((listener) => (value, old, host, element) => {
    // WeChat calls these after the view is drawn; while it is being built the elements they look for are not there.
    if (isWxsFunction(listener)) queueMicrotask(() => listener(value, old, ownerOf(host), ownerOf(element)))
  })
  // The compiled template sets the filter of its own runtime script, which is empty, each time it runs.
  wrapper.setFnFilter = () => {}
  const bindEvent = wrapper.v
  wrapper.v = (element, event, handler, ...rest) => {
    bindEvent(element, event, isWxsFunction(handler) ? eventHandler(element, handler) : handler, ...rest)
  }
}

type WxsFunction = (...args: unknown[]) => unknown

/** A handler is a method's name; only WXS can put a function there. */
function isWxsFunction(handler: unknown): handler is WxsFunction {
  return typeof handler === 'function'
}

function eventHandler(element: Component, handler: WxsFunction): (event: object) => unknown {
  return (event) => {
    const host = element.ownerShadowRoot?.getHostNode()
    if (host === undefined) return undefined
    Object.defineProperty(event, 'instance', { value: ownerOf(element), configurable: true })
    return handler(event, ownerOf(host))
  }
}

const owners = new WeakMap<Component, WxsOwner>()

function ownerOf(component: Component): WxsOwner {
  const known = owners.get(component)
  if (known !== undefined) return known
  const owner = createOwner(component)
  owners.set(component, owner)
  return owner
}

function createOwner(component: Component): WxsOwner {
  const state: Record<string, unknown> = {}
  // Null when the page was left before WXS got its turn: then there is nothing to change any more.
  const dom = () => component.$$
  const owner: WxsOwner = {
    selectComponent(selector) {
      const found = component.getShadowRoot()?.querySelector(selector)
      return found ? ownerOf(found) : null
    },
    selectAllComponents: (selector) =>
      (component.getShadowRoot()?.querySelectorAll(selector) ?? []).map(ownerOf),
    setStyle(style) {
      for (const [name, value] of styleEntries(style)) dom()?.style.setProperty(name, value)
      return owner
    },
    addClass(name) {
      dom()?.classList.add(name)
      return owner
    },
    removeClass(name) {
      dom()?.classList.remove(name)
      return owner
    },
    hasClass: (name) => dom()?.classList.contains(name) ?? false,
    getDataset: () => component.dataset,
    getState: () => state,
    callMethod(name, args) {
      const instance = component.getMethodCaller()
      const method = instance[name]
      if (typeof method === 'function') method.call(instance, args)
    },
    triggerEvent: (name, detail) => component.triggerEvent(name, detail, {}),
    requestAnimationFrame: (callback) => void requestAnimationFrame(callback),
    setTimeout: (callback, delayMs) => window.setTimeout(callback, delayMs),
    clearTimeout: (timer) => window.clearTimeout(timer),
    getBoundingClientRect: () => dom()?.getBoundingClientRect() ?? new DOMRect(),
    getComputedStyle(names) {
      const element = dom()
      if (element === null) return {}
      const computed = getComputedStyle(element)
      return Object.fromEntries(names.map((name) => [name, computed.getPropertyValue(name)]))
    },
  }
  return owner
}

function styleEntries(style: string | Record<string, unknown>): [string, string][] {
  if (typeof style !== 'string') return Object.entries(style).map(([name, value]) => [name, String(value)])
  return style.split(';').flatMap((declaration): [string, string][] => {
    const colon = declaration.indexOf(':')
    return colon < 0 ? [] : [[declaration.slice(0, colon).trim(), declaration.slice(colon + 1).trim()]]
  })
}
