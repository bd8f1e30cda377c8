/** @module Keeps the navigation bar, the tab bar and the page's background in step with the visible page. */
import { showActionSheet } from './chrome/action-sheet.ts'
import { NavigationBar } from './chrome/navigation-bar.ts'
import type { Overlay } from './chrome/overlay.ts'
import { PullRefresh } from './chrome/pull-refresh.ts'
import { TabBar } from './chrome/tab-bar.ts'
import { requireElement } from './elements.ts'
import type { ProgramManifest } from './manifest.ts'
import { type OpenPage, type PageStack, type TabItem, tabBarConfig } from './page-stack.ts'
import { statusBarHeight } from './wx/device.ts'

export class PhoneBars {
  readonly tabBar: TabBar | undefined
  private readonly stack: PageStack
  private readonly home: string
  private readonly screen: HTMLElement
  private readonly navigationBar: NavigationBar
  private readonly refreshers = new WeakMap<OpenPage, PullRefresh>()

  constructor(parts: { manifest: ProgramManifest; stack: PageStack; screen: HTMLElement; overlay: Overlay }) {
    this.stack = parts.stack
    this.screen = parts.screen
    this.home = parts.manifest.pages[0] ?? ''
    this.navigationBar = new NavigationBar(requireElement('top-bar'), {
      goBack: () => this.stack.navigateBack(1),
      goHome: () => this.goHome(),
      openMenu: () => void this.openMenu(parts.overlay),
    })
    const tabs = tabBarConfig(parts.manifest)
    this.tabBar =
      tabs === undefined
        ? undefined
        : new TabBar(requireElement('bottom-bar'), tabs, (tab, index) => this.tapTab(tab, index))
    addEventListener('resize', () => this.refresh())
  }

  /** Draws the bars for the visible page. */
  refresh(): void {
    const page = this.stack.current
    if (page === undefined) return
    const settings = this.stack.configOf(page.route)
    this.navigationBar.update({
      title: page.bar.title ?? text(settings.navigationBarTitleText, ''),
      frontColor: page.bar.frontColor ?? text(settings.navigationBarTextStyle, 'black'),
      backgroundColor: page.bar.backgroundColor ?? text(settings.navigationBarBackgroundColor, '#ffffff'),
      loading: page.bar.loading === true,
      custom: settings.navigationStyle === 'custom',
      leading: this.leadingOf(page),
    })
    this.tabBar?.showFor(page.route)
    const root = document.documentElement.style
    root.setProperty('--status-bar', `${statusBarHeight()}px`)
    root.setProperty('--page-vh', `${(this.screen.clientHeight || innerHeight) / 100}px`)
    this.screen.style.backgroundColor = text(settings.backgroundColor, '#ffffff')
    if (settings.enablePullDownRefresh === true) this.refresherOf(page)
    tellFrame(page)
  }

  startPullRefresh(page: OpenPage): void {
    this.refresherOf(page).start()
  }

  stopPullRefresh(page: OpenPage): void {
    this.refreshers.get(page)?.stop()
  }

  private leadingOf(page: OpenPage): 'back' | 'home' | 'none' {
    if (this.stack.depth > 1) return 'back'
    const isAway = page.route !== this.home && !this.stack.isTab(page.route)
    return isAway && page.bar.homeButtonHidden !== true ? 'home' : 'none'
  }

  private goHome(): void {
    if (this.stack.isTab(this.home)) this.stack.switchTab(`/${this.home}`)
    else this.stack.reLaunch(`/${this.home}`)
  }

  private async openMenu(overlay: Overlay): Promise<void> {
    const chosen = await showActionSheet(overlay, { itemList: ['重新进入小程序', '回到首页'] })
    if (chosen === 0) location.reload()
    if (chosen === 1) this.goHome()
  }

  private tapTab(tab: TabItem, index: number): void {
    this.stack.switchTab(`/${tab.pagePath}`)
    const page = this.stack.current
    const detail = { index: String(index), pagePath: tab.pagePath, text: tab.text }
    if (page !== undefined) this.stack.call(page, 'onTabItemTap', detail)
  }

  private refresherOf(page: OpenPage): PullRefresh {
    const known = this.refreshers.get(page)
    if (known !== undefined) return known
    const refresher = new PullRefresh({
      element: page.element,
      style: this.stack.configOf(page.route).backgroundTextStyle === 'light' ? 'light' : 'dark',
      onRefresh: () => void this.stack.call(page, 'onPullDownRefresh'),
    })
    this.refreshers.set(page, refresher)
    return refresher
  }
}

/** The address bar, and the page around the phone, show where the shopper is. */
function tellFrame(page: OpenPage): void {
  const query = Object.entries(page.query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const path = `/${page.route}${query === '' ? '' : `?${query}`}`
  history.replaceState(null, '', `#${path}`)
  if (window.parent !== window) window.parent.postMessage({ type: 'preview-page', path }, location.origin)
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback
}
