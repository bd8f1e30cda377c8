/** @module Navigation between pages, and what a page may do to its bars. */
import type { TabBar } from '../chrome/tab-bar.ts'
import type { OpenPage, PageBar, PageStack, TabBarConfig, TabItem } from '../page-stack.ts'
import { CallFailure, wxCall } from './call.ts'

export interface NavigationParts {
  readonly stack: PageStack
  readonly tabBar: TabBar | undefined
  readonly refreshBars: () => void
  readonly startPullRefresh: (page: OpenPage) => void
  readonly stopPullRefresh: (page: OpenPage) => void
}

type Listeners = Readonly<Record<string, (...args: unknown[]) => void>>

export function navigationFunctions(parts: NavigationParts): Record<string, unknown> {
  const { stack } = parts
  const change = (update: (bar: PageBar) => void) => {
    update(currentPage(stack).bar)
    parts.refreshBars()
  }
  return {
    navigateTo: wxCall<{ url: string; events?: Listeners }>('navigateTo', ({ url, events }) => ({
      eventChannel: stack.navigateTo(url, events),
    })),
    redirectTo: wxCall<{ url: string }>('redirectTo', ({ url }) => stack.redirectTo(url)),
    reLaunch: wxCall<{ url: string }>('reLaunch', ({ url }) => stack.reLaunch(url)),
    switchTab: wxCall<{ url: string }>('switchTab', ({ url }) => stack.switchTab(url)),
    navigateBack: wxCall<{ delta?: number }>('navigateBack', ({ delta = 1 }) => stack.navigateBack(delta)),
    setNavigationBarTitle: wxCall<{ title: string }>('setNavigationBarTitle', ({ title }) =>
      change((bar) => {
        bar.title = title
      }),
    ),
    setNavigationBarColor: wxCall<{ frontColor: string; backgroundColor: string }>(
      'setNavigationBarColor',
      ({ frontColor, backgroundColor }) =>
        change((bar) => Object.assign(bar, { frontColor, backgroundColor })),
    ),
    showNavigationBarLoading: wxCall('showNavigationBarLoading', () =>
      change((bar) => Object.assign(bar, { loading: true })),
    ),
    hideNavigationBarLoading: wxCall('hideNavigationBarLoading', () =>
      change((bar) => Object.assign(bar, { loading: false })),
    ),
    hideHomeButton: wxCall('hideHomeButton', () =>
      change((bar) => Object.assign(bar, { homeButtonHidden: true })),
    ),
    startPullDownRefresh: wxCall('startPullDownRefresh', () => parts.startPullRefresh(currentPage(stack))),
    stopPullDownRefresh: wxCall('stopPullDownRefresh', () => parts.stopPullRefresh(currentPage(stack))),
    pageScrollTo: wxCall<{ scrollTop?: number; selector?: string; duration?: number }>(
      'pageScrollTo',
      ({ scrollTop, selector, duration = 300 }) => {
        const { element } = currentPage(stack)
        const behavior = duration > 0 ? 'smooth' : 'auto'
        if (scrollTop !== undefined) element.scrollTo({ top: scrollTop, behavior })
        else if (selector !== undefined) findInPage(element, selector)?.scrollIntoView({ behavior })
      },
    ),
    setBackgroundColor: wxCall<{ backgroundColor?: string }>('setBackgroundColor', ({ backgroundColor }) => {
      currentPage(stack).element.style.backgroundColor = backgroundColor ?? ''
    }),
    setBackgroundTextStyle: wxCall('setBackgroundTextStyle', () => {}),
    ...tabBarFunctions(parts.tabBar),
  }
}

function tabBarFunctions(tabBar: TabBar | undefined): Record<string, unknown> {
  const bar = () => {
    if (tabBar === undefined) throw new CallFailure('not TabBar page')
    return tabBar
  }
  return {
    setTabBarBadge: wxCall<{ index: number; text: string }>('setTabBarBadge', ({ index, text }) =>
      bar().setBadge(index, { text: text.length > 4 ? '…' : text }),
    ),
    removeTabBarBadge: wxCall<{ index: number }>('removeTabBarBadge', ({ index }) =>
      bar().setBadge(index, undefined),
    ),
    showTabBarRedDot: wxCall<{ index: number }>('showTabBarRedDot', ({ index }) =>
      bar().setBadge(index, { isDot: true }),
    ),
    hideTabBarRedDot: wxCall<{ index: number }>('hideTabBarRedDot', ({ index }) =>
      bar().setBadge(index, undefined),
    ),
    showTabBar: wxCall('showTabBar', () => bar().setHidden(false)),
    hideTabBar: wxCall('hideTabBar', () => bar().setHidden(true)),
    setTabBarItem: wxCall<{ index: number } & Partial<TabItem>>(
      'setTabBarItem',
      ({ index, text, iconPath, selectedIconPath }) =>
        bar().setItem(index, {
          ...(text === undefined ? {} : { text }),
          ...(iconPath === undefined ? {} : { iconPath }),
          ...(selectedIconPath === undefined ? {} : { selectedIconPath }),
        }),
    ),
    setTabBarStyle: wxCall<Partial<TabBarConfig>>(
      'setTabBarStyle',
      ({ color, selectedColor, backgroundColor, borderStyle }) =>
        bar().setStyle({
          ...(color === undefined ? {} : { color }),
          ...(selectedColor === undefined ? {} : { selectedColor }),
          ...(backgroundColor === undefined ? {} : { backgroundColor }),
          ...(borderStyle === undefined ? {} : { borderStyle }),
        }),
    ),
  }
}

function currentPage(stack: PageStack): OpenPage {
  const page = stack.current
  if (page === undefined) throw new CallFailure('no page is open')
  return page
}

function findInPage(element: HTMLElement, selector: string): Element | null {
  const id = /^#([\w-]+)$/.exec(selector)?.[1]
  return element.querySelector(id === undefined ? selector : `[id$="--${id}"]`)
}
