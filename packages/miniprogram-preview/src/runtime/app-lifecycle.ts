/** @module Starts the program, and tells it when the phone goes away and comes back. */
import type { AppInstance } from './definitions.ts'
import type { PageStack } from './page-stack.ts'
import { NavigationRefusal } from './page-stack.ts'
import { parsePageUrl } from './page-url.ts'
import type { AppEvents } from './wx/create-wx.ts'

export interface LifecycleParts {
  readonly app: () => AppInstance
  readonly appEvents: AppEvents
  readonly stack: PageStack
  readonly firstPage: string
}

/** Runs App's onLaunch and onShow, then opens the page named in the address, or the first one. */
export function launchApp(parts: LifecycleParts): void {
  const { app, stack, firstPage, appEvents } = parts
  const wanted = location.hash.startsWith('#/') ? location.hash.slice(1) : `/${firstPage}`
  const { route, query } = parsePageUrl(wanted, undefined)
  const options = { path: route, query, scene: 1001, referrerInfo: {}, shareTicket: '' }
  callApp(app(), 'onLaunch', options)
  callApp(app(), 'onShow', options)
  watchVisibility(parts, options)
  watchErrors(app, appEvents)
  try {
    stack.reLaunch(wanted)
  } catch (error) {
    if (!(error instanceof NavigationRefusal)) throw error
    console.warn(`[preview] ${error.message}; the first page is shown instead`)
    callApp(app(), 'onPageNotFound', { path: route, query, isEntryPage: true })
    stack.reLaunch(`/${firstPage}`)
  }
}

function watchVisibility({ app, appEvents, stack }: LifecycleParts, options: object): void {
  document.addEventListener('visibilitychange', () => {
    const isVisible = document.visibilityState === 'visible'
    if (isVisible) callApp(app(), 'onShow', options)
    stack.notifyVisibility(isVisible)
    if (!isVisible) callApp(app(), 'onHide', options)
    appEvents.raise(isVisible ? 'AppShow' : 'AppHide', options)
  })
}

function watchErrors(app: () => AppInstance, appEvents: AppEvents): void {
  addEventListener('error', (event) => {
    const message = event.error instanceof Error ? (event.error.stack ?? event.message) : event.message
    callApp(app(), 'onError', message)
    appEvents.raise('Error', message)
  })
  addEventListener('unhandledrejection', (event) => {
    const detail = { reason: event.reason, promise: event.promise }
    callApp(app(), 'onUnhandledRejection', detail)
    appEvents.raise('UnhandledRejection', detail)
  })
}

function callApp(app: AppInstance, name: string, detail: unknown): void {
  const method = app[name]
  if (typeof method === 'function') method.call(app, detail)
}
