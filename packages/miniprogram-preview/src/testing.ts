/** @module Tests of pages and components: the preview's own engine inside a jsdom window. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { CompileOptions } from './compile/compile-miniprogram.ts'
import type { PhoneConfig } from './runtime/phone-config.ts'
import type { PhoneHandle } from './runtime/phone-handle.ts'

export interface TestPhoneOptions {
  /** The folder that holds app.json. Compiled when `compiledDir` is not given. */
  readonly appRoot?: string
  /** A folder that `compileMiniprogram` filled before, to share one compilation between test files. */
  readonly compiledDir?: string
  readonly resolve?: CompileOptions['resolve']
  readonly shopper?: PhoneConfig['shopper']
  /** What `wx.requestSubscribeMessage` may ask for. */
  readonly templates?: PhoneConfig['templates']
  /** Origins `wx.request` may call. Nothing answers there: tests replace `wx.request` or `fetch`. */
  readonly requestDomains?: readonly string[]
}

/** A page that a test opened. */
export interface TestPage {
  readonly element: HTMLElement
  /** The page's `this`: its methods and whatever it keeps. */
  readonly instance: Readonly<Record<string, unknown>>
  /** The page's data, as of now. */
  readonly data: () => Readonly<Record<string, unknown>>
}

/** A component that a test mounted on its own. */
export interface TestComponent extends TestPage {
  readonly setData: (values: Record<string, unknown>) => void
  /** Details of every event of this name, in order; listening starts with the first call. */
  readonly eventsOf: (name: string) => readonly unknown[]
  readonly release: () => void
}

export interface TestPhone {
  /** Runs App's onLaunch and onShow and opens the first page. */
  readonly launch: () => TestPage
  /** Opens a page above the others; `reLaunch` closes them first. */
  readonly openPage: (url: string, how?: 'navigateTo' | 'reLaunch') => TestPage
  /** The route of the visible page, like `pages/shop/shop`. */
  readonly currentRoute: () => string | undefined
  readonly currentPage: () => TestPage
  readonly mount: (id: string, properties?: Readonly<Record<string, unknown>>) => TestComponent
  /** What App() was given; `globalData` is in it. */
  readonly app: () => Readonly<Record<string, unknown>>
  /** Replaces functions of `wx`; `reset` puts the real ones back. */
  readonly replaceWx: (functions: Readonly<Record<string, unknown>>) => void
  /** Where toasts, modals, sheets and the cashier appear. */
  readonly overlay: ShadowRoot
  /** Closes everything, empties the storage and undoes `replaceWx`. */
  readonly reset: () => void
}

/**
 * Loads a program into this jsdom window. Needs jest's jsdom environment (or any jsdom that runs scripts).
 *
 * @example
 * const phone = await loadTestPhone({ appRoot: 'miniprogram' })
 * phone.replaceWx({ request: ({ success }) => success({ statusCode: 200, data: [] }) })
 * const page = phone.openPage('/pages/shop/shop')
 * tap(findByText(page.element, '去支付'))
 */
export async function loadTestPhone(options: TestPhoneOptions): Promise<TestPhone> {
  if (options.compiledDir !== undefined) return startTestPhone(options.compiledDir, options)
  const folder = await compileForTests(programOf(options))
  try {
    return startTestPhone(folder, options)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function startTestPhone(folder: string, options: TestPhoneOptions): TestPhone {
  addMissingBrowserParts()
  // Listeners of an earlier phone hang on the old body.
  document.body = document.createElement('body')
  const page = fs.readFileSync(path.join(folder, 'phone.html'), 'utf8')
  document.body.innerHTML =
    /<body>([\s\S]*)<\/body>/.exec(page)?.[1]?.replace(/<script src[^>]*><\/script>/g, '') ?? ''
  const config: Partial<PhoneConfig> = {
    autostart: false,
    requestDomains: options.requestDomains ?? [],
    ...(options.shopper === undefined ? {} : { shopper: options.shopper }),
    ...(options.templates === undefined ? {} : { templates: options.templates }),
  }
  const holder = document.getElementById('phone-config')
  if (holder !== null) holder.textContent = JSON.stringify(config)
  const script = document.createElement('script')
  script.textContent = fs.readFileSync(path.join(folder, 'mp.js'), 'utf8')
  document.head.append(script)
  const handle = globalThis.miniprogramPhone
  if (handle === undefined) {
    throw new Error('the program did not start: run the test in a jsdom environment that executes scripts')
  }
  return createTestPhone(handle)
}

/**
 * Compiles a program from inside a jsdom environment, once for several `loadTestPhone`.
 * @returns a new temporary folder to give as `compiledDir`; remove it when the tests are done
 * @throws PreviewCompileError
 */
export async function compileForTests(program: Pick<CompileOptions, 'appRoot' | 'resolve'>): Promise<string> {
  // jsdom brings a Uint8Array of its own, which Node's Buffer does not descend from; esbuild refuses to run then.
  Reflect.set(globalThis, 'Uint8Array', Object.getPrototypeOf(Buffer))
  const { compileMiniprogram } = await import('./compile/compile-miniprogram.ts')
  const outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'miniprogram-test-'))
  await compileMiniprogram({ ...program, outDir })
  return outDir
}

/** Taps an element, as a finger would. */
export function tap(element: Element | null | undefined): void {
  const target = required(element, 'tap')
  const where = { bubbles: true, composed: true, cancelable: true }
  for (const type of ['mousedown', 'mouseup', 'click']) target.dispatchEvent(new MouseEvent(type, where))
}

/** Types into an input or textarea. */
export function input(element: Element | null | undefined, value: string): void {
  const target = required(element, 'type into')
  const field = target.matches('input,textarea') ? target : target.querySelector('input,textarea')
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) {
    throw new Error(`<${target.tagName.toLowerCase()}> is not a text field and holds none`)
  }
  field.focus()
  field.value = value
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

/** The innermost element whose whole text, spaces trimmed, is this. @throws when there is none */
export function findByText(root: ParentNode, text: string): Element {
  const matches = [...root.querySelectorAll('*')].filter((element) => element.textContent?.trim() === text)
  const innermost = matches.find(
    (element) => !matches.some((other) => other !== element && element.contains(other)),
  )
  if (innermost !== undefined) return innermost
  throw new Error(`no element with the text "${text}" in: ${root.textContent?.replace(/\s+/g, ' ').trim()}`)
}

/** Lets promises, timers that are due and the next frame run. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve))
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
}

/** Waits until the check no longer throws or gives false. @throws what the check threw last, after `timeoutMs` */
export async function waitFor<T>(check: () => T, { timeoutMs = 2000 } = {}): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      const value = check()
      if (value !== false) return value
      if (performance.now() > deadline) throw new Error('the condition did not become true in time')
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function createTestPhone(handle: PhoneHandle): TestPhone {
  const originals = new Map<string, unknown>()
  const currentPage = () => {
    const page = handle.current()
    if (page === undefined) throw new Error('no page is open')
    return testPage(page)
  }
  return {
    launch() {
      handle.launch()
      return currentPage()
    },
    openPage: (url, how) => testPage(handle.open(url, how)),
    currentRoute: () => handle.current()?.route,
    currentPage,
    mount(id, properties = {}) {
      const mounted = handle.mount(id, properties)
      const events = new Map<string, unknown[]>()
      return {
        ...testPage(mounted),
        setData: (values) => mounted.instance.setData(values),
        eventsOf(name) {
          const known = events.get(name)
          if (known !== undefined) return known
          const details: unknown[] = []
          events.set(name, details)
          mounted.on(name, (detail) => details.push(detail))
          return details
        },
        release: mounted.release,
      }
    },
    app: handle.app,
    replaceWx(functions) {
      for (const [name, replacement] of Object.entries(functions)) {
        if (!originals.has(name)) originals.set(name, handle.wx[name])
        handle.wx[name] = replacement
      }
    },
    overlay: handle.overlay,
    reset() {
      handle.reset()
      localStorage.clear()
      for (const [name, original] of originals) handle.wx[name] = original
      originals.clear()
    },
  }
}

function testPage({
  element,
  instance,
}: {
  element: HTMLElement
  instance: Record<string, unknown> & { data: object }
}): TestPage {
  return { element, instance, data: () => ({ ...instance.data }) }
}

function programOf({ appRoot, resolve }: TestPhoneOptions): Pick<CompileOptions, 'appRoot' | 'resolve'> {
  if (appRoot === undefined) throw new Error('loadTestPhone needs appRoot or compiledDir')
  return resolve === undefined ? { appRoot } : { appRoot, resolve }
}

/** jsdom computes no layout and lacks what depends on it. */
function addMissingBrowserParts(): void {
  class NeverObserving {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  }
  const parts: Record<string, unknown> = {
    IntersectionObserver: NeverObserving,
    ResizeObserver: NeverObserving,
    matchMedia: () => ({ matches: false, addEventListener() {}, removeEventListener() {} }),
    CSS: { escape: (text: string) => text.replace(/[^\w-]/g, (character) => `\\${character}`) },
  }
  for (const [name, part] of Object.entries(parts)) {
    if (Reflect.get(globalThis, name) === undefined) Reflect.set(globalThis, name, part)
  }
  Element.prototype.scrollTo ??= () => {}
  Element.prototype.scrollIntoView ??= () => {}
  URL.createObjectURL ??= () => 'blob:preview-test'
}

function required(element: Element | null | undefined, action: string): Element {
  if (element === null || element === undefined) throw new Error(`there is no element to ${action}`)
  return element
}
