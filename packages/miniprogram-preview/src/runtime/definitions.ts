/** @module The global functions of a program's scripts: App, Page, Component, Behavior, getApp, getCurrentPages. */
import { type CodeSpace, glassEasel } from 'glass-easel-miniprogram-adapter'
import type { ProgramManifest } from './manifest.ts'

export type AppInstance = Record<string, unknown>

/** The definition of a page, component or behavior as written in the program. */
type Definition = Record<string, unknown>

declare global {
  /** Set by the compiler at the top of each script: whose Page() or Component() call comes next. */
  var __miniprogramScript: string
}

/** Installs the global functions. @returns the instance given to App(), which `getApp` also answers with */
export function installDefinitions(
  codeSpace: CodeSpace,
  manifest: ProgramManifest,
  currentPages: () => object[],
): { app(): AppInstance } {
  let app: AppInstance = {}
  const behaviors = builtinBehaviors(codeSpace)
  const prepare = (definition: Definition): Definition => {
    if (Array.isArray(definition.behaviors)) {
      definition.behaviors = definition.behaviors.map((entry: unknown) =>
        typeof entry === 'string' ? behaviors(entry) : entry,
      )
    }
    return definition
  }
  const prepareComponent = (definition: Definition): Definition => {
    const config = manifest.units[globalThis.__miniprogramScript]?.config
    if (config?.multipleSlots === true) {
      definition.options = { multipleSlots: true, ...(definition.options as object | undefined) }
    }
    return prepare(definition)
  }
  const define = <T>(run: Parameters<typeof codeSpace.componentEnv<T>>[1]) =>
    codeSpace.componentEnv(globalThis.__miniprogramScript, run)
  Object.assign(globalThis, {
    App(definition: AppInstance) {
      app = definition
    },
    getApp: () => app,
    getCurrentPages: currentPages,
    Page: (definition: Definition) => define((env) => env.Page(prepare(definition))),
    Component: (definition?: Definition) =>
      define((env) => (definition ? env.Component(prepareComponent(definition)) : env.Component())),
    Behavior: (definition?: Definition) =>
      define((env) => (definition ? env.Behavior(prepare(definition)) : env.Behavior())),
    // Global functions of WXS.
    getRegExp: (pattern: string, flags?: string) => new RegExp(pattern, flags),
    getDate: (...args: ConstructorParameters<typeof Date> | []) =>
      args.length === 0 ? new Date() : new Date(...args),
  })
  silenceHarmlessWarnings()
  return { app: () => app }
}

/** Behaviors that WeChat names by a string. Those it does not know here do nothing, as on an old client. */
function builtinBehaviors(codeSpace: CodeSpace): (name: string) => object {
  const nothing = codeSpace.behavior().register()
  const formField = codeSpace
    .behavior()
    .definition({ properties: { name: String, value: null } })
    .register()
  return (name) => (name === 'wx://form-field' ? formField : nothing)
}

// Each of these is an everyday thing in WeChat that glass-easel is stricter about.
const HARMLESS =
  /is not a valid property|is not a valid behavior or component|is not a valid event binding or slot value|Use number as for-list|not unique while list updates|received type-incompatible value/

function silenceHarmlessWarnings(): void {
  glassEasel.addGlobalWarningListener((warning) => {
    const message = warning instanceof Error ? warning.message : String(warning)
    return !HARMLESS.test(message)
  })
}
