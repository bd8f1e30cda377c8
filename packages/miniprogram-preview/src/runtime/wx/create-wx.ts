/** @module Puts the wx object together. */
import type { Overlay } from '../chrome/overlay.ts'
import type { Toasts } from '../chrome/toast.ts'
import type { PhoneConfig } from '../phone-config.ts'
import { accountFunctions } from './account.ts'
import { createAnimation } from './animation.ts'
import { wxCall } from './call.ts'
import { deviceFunctions } from './device.ts'
import { feedbackFunctions } from './feedback.ts'
import { mediaFunctions } from './media.ts'
import { type NavigationParts, navigationFunctions } from './navigation.ts'
import { createRequest, createUploadFile } from './request.ts'
import { type PhoneStorage, storageFunctions } from './storage.ts'
import { subscribeFunctions } from './subscribe.ts'

export interface WxParts {
  readonly config: PhoneConfig
  readonly overlay: Overlay
  readonly toasts: Toasts
  readonly storage: PhoneStorage
  readonly screen: HTMLElement
  readonly navigation: NavigationParts
  readonly appEvents: AppEvents
}

/** Listeners of wx.onAppShow and its relatives. */
export class AppEvents {
  private readonly listeners = new Map<string, Set<(detail: unknown) => void>>()

  add(name: string, listener: (detail: unknown) => void): void {
    const set = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, set.add(listener))
  }

  remove(name: string, listener?: (detail: unknown) => void): void {
    if (listener === undefined) this.listeners.delete(name)
    else this.listeners.get(name)?.delete(listener)
  }

  raise(name: string, detail: unknown): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) listener(detail)
  }
}

const APP_EVENTS = ['AppShow', 'AppHide', 'Error', 'UnhandledRejection', 'PageNotFound']

/** Registrations that can never fire here; programs make them and expect no answer. */
const NEVER_FIRING = [
  'ThemeChange',
  'WindowResize',
  'KeyboardHeightChange',
  'MemoryWarning',
  'UserCaptureScreen',
  'AudioInterruptionBegin',
  'AudioInterruptionEnd',
  'MenuButtonBoundingClientRectWeightChange',
  'NeedPrivacyAuthorization',
]

export function createWx(parts: WxParts): Record<string, unknown> {
  const { config, overlay, toasts, storage, screen, navigation } = parts
  const wx: Record<string, unknown> = {
    request: createRequest(config),
    uploadFile: createUploadFile(config),
    ...accountFunctions(config, overlay, storage),
    ...subscribeFunctions(config, overlay, storage),
    ...navigationFunctions(navigation),
    ...feedbackFunctions(overlay, toasts),
    ...storageFunctions(storage),
    ...mediaFunctions(overlay),
    ...deviceFunctions(config, screen),
    createAnimation,
    createSelectorQuery: () => navigation.stack.current?.instance.createSelectorQuery(),
    createIntersectionObserver: (
      component: { createIntersectionObserver(options?: object): object },
      options?: object,
    ) => component.createIntersectionObserver(options),
    nextTick: (run: () => void) => queueMicrotask(run),
    canIUse: (name: string) => String(name.split('.')[0]) in wx,
    env: { USER_DATA_PATH: 'wxfile://usr' },
    showShareMenu: wxCall('showShareMenu', () => {}),
    hideShareMenu: wxCall('hideShareMenu', () => {}),
    updateShareMenu: wxCall('updateShareMenu', () => {}),
    reportEvent() {},
    reportMonitor() {},
    setEnableDebug: wxCall('setEnableDebug', () => {}),
    loadFontFace: wxCall('loadFontFace', () => ({ status: 'loaded' })),
    exitMiniProgram: wxCall('exitMiniProgram', () => {}),
  }
  for (const name of APP_EVENTS) {
    wx[`on${name}`] = (listener: (detail: unknown) => void) => parts.appEvents.add(name, listener)
    wx[`off${name}`] = (listener?: (detail: unknown) => void) => parts.appEvents.remove(name, listener)
  }
  for (const name of NEVER_FIRING) {
    wx[`on${name}`] = () => {}
    wx[`off${name}`] = () => {}
  }
  return namingWhatIsMissing(wx)
}

/** A missing function says its name once, instead of "undefined is not a function" somewhere else. */
function namingWhatIsMissing(wx: Record<string, unknown>): Record<string, unknown> {
  const named = new Set<string>()
  return new Proxy(wx, {
    get(target, name) {
      if (typeof name !== 'string' || name in target) return Reflect.get(target, name)
      if (name !== 'then' && name !== 'toJSON' && !named.has(name)) {
        named.add(name)
        console.warn(`[preview] wx.${name} is not available in the browser preview`)
      }
      return undefined
    },
  })
}
