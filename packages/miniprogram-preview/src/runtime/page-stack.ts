/** @module The stack of pages and their lifecycles, as WeChat runs them. */
import type { AssociatedBackend, CodeSpace, Instance, Root } from 'glass-easel-miniprogram-adapter'
import { EventChannel } from './event-channel.ts'
import type { ProgramManifest } from './manifest.ts'
import { type PageAddress, parsePageUrl } from './page-url.ts'

/** One open page. */
export interface OpenPage {
  readonly route: string
  readonly query: Readonly<Record<string, string>>
  /** The page's `this`. */
  readonly instance: Instance
  readonly root: Root
  /** The scrolling element around the page. */
  readonly element: HTMLElement
  /** What the program set at run time over the page's JSON. */
  readonly bar: PageBar
}

/** The changeable part of a page's navigation bar. */
export interface PageBar {
  title?: string
  frontColor?: string
  backgroundColor?: string
  loading?: boolean
  homeButtonHidden?: boolean
}

/** Thrown for a navigation WeChat would refuse; the message is what follows `:fail `. */
export class NavigationRefusal extends Error {
  override readonly name = 'NavigationRefusal'
}

/** WeChat keeps at most ten pages (页面栈最多十层). */
const STACK_LIMIT = 10
const REACH_BOTTOM_DISTANCE_PX = 50

export interface PageStackOptions {
  readonly manifest: ProgramManifest
  readonly backend: AssociatedBackend
  readonly codeSpace: CodeSpace
  readonly screen: HTMLElement
  /** Called whenever another page becomes visible, or the stack changed under it. */
  readonly onChange: (page: OpenPage) => void
}

export class PageStack {
  private readonly options: PageStackOptions
  private pages: OpenPage[] = []
  /** Tab pages stay alive while another tab is shown. */
  private readonly tabs = new Map<string, OpenPage>()
  private readonly style = document.createElement('style')

  constructor(options: PageStackOptions) {
    this.options = options
    document.head.append(this.style)
  }

  get current(): OpenPage | undefined {
    return this.pages.at(-1)
  }

  get depth(): number {
    return this.pages.length
  }

  instances(): Instance[] {
    return this.pages.map((page) => page.instance)
  }

  isTab(route: string): boolean {
    return tabRoutes(this.options.manifest).includes(route)
  }

  /** @throws NavigationRefusal */
  navigateTo(
    url: string,
    listeners: Readonly<Record<string, (...args: unknown[]) => void>> = {},
  ): EventChannel {
    const address = this.resolve(url)
    if (this.isTab(address.route)) throw new NavigationRefusal('can not navigateTo a tabbar page')
    if (this.pages.length >= STACK_LIMIT) {
      throw new NavigationRefusal(
        `webview count limit exceed: at most ${STACK_LIMIT} pages are open at a time`,
      )
    }
    const channel = new EventChannel(listeners)
    const previous = this.current
    if (previous !== undefined) this.hide(previous)
    this.open(address, channel)
    return channel
  }

  /** @throws NavigationRefusal */
  redirectTo(url: string): void {
    const address = this.resolve(url)
    if (this.isTab(address.route)) throw new NavigationRefusal('can not redirectTo a tabbar page')
    const previous = this.pages.pop()
    if (previous !== undefined) this.close(previous)
    this.open(address)
  }

  /** @throws NavigationRefusal */
  reLaunch(url: string): void {
    const address = this.resolve(url)
    this.closeAll()
    this.open(address)
  }

  /** @throws NavigationRefusal */
  switchTab(url: string): void {
    const address = this.resolve(url)
    if (!this.isTab(address.route)) throw new NavigationRefusal('can not switch to no-tabBar page')
    if (this.current?.route === address.route) return
    const bottom = this.pages[0]
    // Pages above a tab are unloaded, the tab they were opened from is only hidden.
    for (const page of this.pages.splice(0).reverse()) {
      if (!this.isTab(page.route)) this.close(page)
      else if (page === bottom && page.element.style.display !== 'none') this.hide(page)
    }
    const alive = this.tabs.get(address.route)
    if (alive === undefined) {
      // WeChat drops the query of a tab's address.
      this.open({ route: address.route, query: {} })
      return
    }
    this.pages = [alive]
    this.show(alive)
  }

  /** @throws NavigationRefusal */
  navigateBack(delta: number): void {
    const count = Math.min(Math.max(1, Math.floor(delta)), this.pages.length - 1)
    if (count < 1) throw new NavigationRefusal('cannot navigate back at first page.')
    for (const page of this.pages.splice(this.pages.length - count).reverse()) this.close(page)
    const current = this.current
    if (current !== undefined) this.show(current)
  }

  /** Calls a lifecycle of a page, if the page has it. */
  call(page: OpenPage, name: string, ...args: unknown[]): unknown {
    const method = page.instance[name]
    return typeof method === 'function' ? method.apply(page.instance, args) : undefined
  }

  closeAll(): void {
    const open = new Set([...this.pages.splice(0).reverse(), ...this.tabs.values()])
    for (const page of open) this.close(page)
  }

  /** The page's JSON over the program's `window`. */
  configOf(route: string): Readonly<Record<string, unknown>> {
    const base = this.options.manifest.app.window
    return { ...(typeof base === 'object' ? base : {}), ...this.options.manifest.units[route]?.config }
  }

  private resolve(url: string): PageAddress {
    const address = parsePageUrl(url, this.current?.route)
    if (this.options.manifest.units[address.route]?.page !== true) {
      throw new NavigationRefusal(`page "${address.route}" is not found`)
    }
    return address
  }

  private open(address: PageAddress, channel = new EventChannel()): void {
    const { backend, codeSpace, screen } = this.options
    const element = document.createElement('div')
    element.className = 'page-host'
    element.dataset.route = address.route
    const placeholder = document.createElement('span')
    element.append(placeholder)
    screen.append(element)
    this.useStyleOf(address.route)
    const query = new URLSearchParams(address.query).toString()
    const root = backend.createRoot('page', codeSpace, `/${address.route}${query === '' ? '' : `?${query}`}`)
    const instance = root.get()
    Object.assign(instance, {
      route: address.route,
      options: { ...address.query },
      getOpenerEventChannel: () => channel,
    })
    const page: OpenPage = { ...address, instance, root, element, bar: {} }
    this.pages.push(page)
    if (this.isTab(address.route)) this.tabs.set(address.route, page)
    root.attach(element, placeholder)
    this.call(page, 'onLoad', { ...address.query })
    this.show(page)
    requestAnimationFrame(() => {
      if (element.isConnected) this.call(page, 'onReady')
    })
    this.watchScroll(page)
  }

  private show(page: OpenPage): void {
    page.element.style.display = ''
    this.useStyleOf(page.route)
    this.options.onChange(page)
    this.call(page, 'onShow')
    page.root.getComponent().triggerPageLifetime('show', [])
  }

  private hide(page: OpenPage): void {
    this.call(page, 'onHide')
    page.root.getComponent().triggerPageLifetime('hide', [])
    page.element.style.display = 'none'
  }

  private close(page: OpenPage): void {
    this.call(page, 'onUnload')
    if (this.tabs.get(page.route) === page) this.tabs.delete(page.route)
    page.root.release()
    page.element.remove()
  }

  /** Called by the phone when the program goes to the background and comes back. */
  notifyVisibility(visible: boolean): void {
    const page = this.current
    if (page === undefined) return
    this.call(page, visible ? 'onShow' : 'onHide')
    page.root.getComponent().triggerPageLifetime(visible ? 'show' : 'hide', [])
  }

  private useStyleOf(route: string): void {
    this.style.textContent = this.options.manifest.pageStyles[route] ?? ''
  }

  private watchScroll(page: OpenPage): void {
    const { element } = page
    const distance = Number(this.configOf(page.route).onReachBottomDistance ?? REACH_BOTTOM_DISTANCE_PX)
    let isAtBottom = false
    element.addEventListener('scroll', () => {
      this.call(page, 'onPageScroll', { scrollTop: element.scrollTop })
      const reached = element.scrollTop + element.clientHeight >= element.scrollHeight - distance
      if (reached && !isAtBottom) this.call(page, 'onReachBottom')
      isAtBottom = reached
    })
  }
}

export interface TabItem {
  readonly pagePath: string
  readonly text: string
  readonly iconPath?: string
  readonly selectedIconPath?: string
}

export interface TabBarConfig {
  readonly color?: string
  readonly selectedColor?: string
  readonly backgroundColor?: string
  readonly borderStyle?: string
  readonly custom?: boolean
  readonly list: readonly TabItem[]
}

export function tabBarConfig(manifest: ProgramManifest): TabBarConfig | undefined {
  return isTabBar(manifest.app.tabBar) ? manifest.app.tabBar : undefined
}

function tabRoutes(manifest: ProgramManifest): string[] {
  return tabBarConfig(manifest)?.list.map((tab) => tab.pagePath) ?? []
}

function isTabBar(value: unknown): value is TabBarConfig {
  return typeof value === 'object' && value !== null && 'list' in value && Array.isArray(value.list)
}
