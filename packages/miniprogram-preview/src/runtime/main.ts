/** @module Runs a compiled mini-program: the phone around it, the pages in it, and the wx object for it. */
import {
  type AssociatedBackend,
  type CodeSpace,
  type glassEasel,
  MiniProgramEnv,
} from 'glass-easel-miniprogram-adapter'
import { launchApp } from './app-lifecycle.ts'
import { setProxiedOrigins } from './asset-url.ts'
import { PhoneBars } from './bars.ts'
import { defineBuiltins } from './builtins/define-builtins.ts'
import type { FormActions } from './builtins/form.ts'
import { showNotice } from './chrome/modal.ts'
import { Overlay } from './chrome/overlay.ts'
import { Toasts } from './chrome/toast.ts'
import { installDefinitions } from './definitions.ts'
import { PhoneBackend } from './document-factory.ts'
import { requireElement } from './elements.ts'
import type { ProgramManifest } from './manifest.ts'
import { watchMessages } from './message-inbox.ts'
import { NavigationRefusal, PageStack } from './page-stack.ts'
import { readPhoneConfig } from './phone-config.ts'
import type { MountedComponent } from './phone-handle.ts'
import { raiseReadyLifetimes } from './ready-lifetime.ts'
import { AppEvents, createWx } from './wx/create-wx.ts'
import { PhoneStorage } from './wx/storage.ts'
import { withWxsOwners } from './wxs-owner.ts'

/** What the compiler's entry hands over. */
export interface CompiledProgram {
  readonly manifest: ProgramManifest
  readonly templates: () => Readonly<Record<string, glassEasel.TemplateGroup>>
  readonly scripts: readonly (readonly [id: string, load: () => unknown])[]
}

export function boot(program: CompiledProgram): void {
  const { manifest } = program
  const config = readPhoneConfig()
  setProxiedOrigins(config.requestDomains)
  const screen = requireElement('screen')
  const overlay = new Overlay(requireElement('overlay'))
  const toasts = new Toasts(overlay)
  const appEvents = new AppEvents()

  const env = new MiniProgramEnv()
  const codeSpace = env.createCodeSpace('', true)
  const backend = env.associateBackend(new PhoneBackend())
  const stack = new PageStack({ manifest, backend, codeSpace, screen, onChange: () => bars.refresh() })
  const bars = new PhoneBars({ manifest, stack, screen, overlay })

  raiseReadyLifetimes(codeSpace)
  const { app } = installDefinitions(codeSpace, manifest, () => stack.instances())
  const navigation = {
    stack,
    tabBar: bars.tabBar,
    refreshBars: () => bars.refresh(),
    startPullRefresh: bars.startPullRefresh.bind(bars),
    stopPullRefresh: bars.stopPullRefresh.bind(bars),
  }
  const storage = new PhoneStorage(config.appKey, config.shopper.openid)
  const wx = createWx({ config, overlay, toasts, storage, screen, appEvents, navigation })
  Object.assign(globalThis, { wx })
  defineBuiltins(codeSpace.getComponentSpace(), { overlay, actions: formActions(stack, overlay) })
  registerUnits(codeSpace, program)
  runScripts(program)

  const launch = () => launchApp({ app, appEvents, stack, firstPage: manifest.pages[0] ?? '' })
  globalThis.miniprogramPhone = {
    launch,
    open(url, how = 'navigateTo') {
      stack[how](url)
      if (stack.current === undefined) throw new Error(`${url} did not open`)
      return stack.current
    },
    current: () => stack.current,
    mount: (id, properties) => mountComponent({ backend, codeSpace, id, properties }),
    app,
    wx,
    overlay: overlay.root,
    reset() {
      stack.closeAll()
      overlay.clear()
      toasts.hide()
    },
  }
  if (!config.autostart) return
  launch()
  watchMessages({ config, overlay, storage, open: (url) => stack.reLaunch(url) })
}

/** Gives every page and component its JSON, its class prefix and its template. */
function registerUnits(codeSpace: CodeSpace, { manifest, templates }: CompiledProgram): void {
  const groupList = Object.fromEntries(
    Object.entries(templates()).map(([id, template]) => [id, withWxsOwners(template)]),
  )
  for (const [id, { config, scope, page }] of Object.entries(manifest.units)) {
    codeSpace.addComponentStaticConfig(
      id,
      page ? { ...config, component: undefined } : { ...config, component: true },
    )
    codeSpace.addStyleSheet(id, undefined, scope)
    const content = groupList[id]
    if (content !== undefined) codeSpace.addCompiledTemplate(id, { groupList, content })
  }
}

function runScripts({ scripts }: CompiledProgram): void {
  for (const [id, load] of scripts) {
    globalThis.__miniprogramScript = id
    try {
      load()
    } catch (error) {
      // One broken page must not take the others with it; the console shows whose script it was.
      console.error(`[preview] ${id} failed while loading`, error)
    }
  }
}

function formActions(stack: PageStack, overlay: Overlay): FormActions {
  const notice = (title: string, content: string) => void showNotice(overlay, { title, content })
  return {
    navigate(openType, { url, delta }) {
      try {
        if (openType === 'navigateBack') stack.navigateBack(delta)
        else if (openType === 'switchTab') stack.switchTab(url)
        else if (openType === 'redirect') stack.redirectTo(url)
        else if (openType === 'reLaunch') stack.reLaunch(url)
        else stack.navigateTo(url)
      } catch (error) {
        if (!(error instanceof NavigationRefusal)) throw error
        console.warn(`[preview] <navigator open-type="${openType}">: ${error.message}`)
      }
    },
    share: () => notice('转发给朋友', '预览里没有好友可以转发，真机上会打开好友列表。'),
    openSetting: () => notice('设置', '预览里没有需要授权的项目。'),
    contact: () => notice('客服消息', '预览里没有客服会话，真机上会打开会话。'),
  }
}

function mountComponent(input: {
  backend: AssociatedBackend
  codeSpace: CodeSpace
  id: string
  properties: Readonly<Record<string, unknown>>
}): MountedComponent {
  const element = document.createElement('div')
  const placeholder = document.createElement('span')
  element.append(placeholder)
  document.body.append(element)
  const root = input.backend.createRoot('mounted', input.codeSpace, `/${input.id}`)
  const instance = root.get()
  instance.setData({ ...input.properties })
  root.attach(element, placeholder)
  return {
    instance,
    element,
    on: (name, listener) => root.getComponent().addListener(name, (event) => listener(event.detail)),
    release() {
      root.release()
      element.remove()
    },
  }
}
