/** @module How a built-in component is written: properties, and a set-up function over its element. */
import { glassEasel } from 'glass-easel-miniprogram-adapter'

/** A property as WXML knows it; `null` takes any value. */
type PropertySpec =
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | ArrayConstructor
  | null
  | { readonly type: StringConstructor; readonly value: string }
  | { readonly type: NumberConstructor; readonly value: number }
  | { readonly type: BooleanConstructor; readonly value: boolean }

export type PropertySpecs = Readonly<Record<string, PropertySpec>>

type ValueOf<Spec extends PropertySpec> = Spec extends StringConstructor | { type: StringConstructor }
  ? string
  : Spec extends NumberConstructor | { type: NumberConstructor }
    ? number
    : Spec extends BooleanConstructor | { type: BooleanConstructor }
      ? boolean
      : Spec extends ArrayConstructor
        ? unknown[]
        : unknown

/** What a form reads from a field, and how it clears it. */
export interface FormField {
  readonly value: () => unknown
  readonly reset: () => void
}

/** One built-in element on a page. */
export interface Part<Specs extends PropertySpecs = PropertySpecs> {
  readonly element: HTMLElement
  /** Id of the page or component whose template holds this element. */
  readonly owner: () => string
  get<Name extends keyof Specs & string>(name: Name): ValueOf<Specs[Name]>
  set(values: { readonly [Name in keyof Specs]?: ValueOf<Specs[Name]> }): void
  /** Runs now and whenever one of the properties changes. */
  watch(names: readonly (keyof Specs & string)[], run: () => void): void
  /** Raises an event of the component; like WeChat's, it does not bubble. */
  emit(name: string, detail?: unknown): void
  /** Raises an event that bubbles through the page, like a tap does. */
  emitBubbling(name: string, detail: unknown): void
  /** Listens to the program's own events on this element. */
  on(name: string, run: () => void): void
  onDetached(run: () => void): void
  setHoverClass(name: string): void
  /** Set by components that a form collects. */
  field?: FormField
}

const parts = new WeakMap<Element, Part>()

/** The part behind an element, for components that look at their neighbours (groups, forms, labels). */
export function partOf(element: Element | null | undefined): Part | undefined {
  return element === null || element === undefined ? undefined : parts.get(element)
}

/** Every part inside an element, in document order. */
export function partsInside(element: Element, selector = '*'): Part[] {
  return [...element.querySelectorAll(selector)].flatMap((child) => parts.get(child) ?? [])
}

/** Registers one built-in component. */
export type Define = <Specs extends PropertySpecs>(
  tag: string,
  specs: Specs,
  setUp?: (part: Part<Specs>) => void,
) => void

/** Creates the function that registers built-in components in a component space. */
export function createDefine(space: glassEasel.ComponentSpace, common: CommonPart): Define {
  const own = new glassEasel.ComponentSpace('', undefined, space.styleScopeManager)
  return (tag, specs, setUp) => {
    const properties = { ...common.specs, ...specs }
    const changes = new WeakMap<glassEasel.Component, Map<string, (() => void)[]>>()
    const detached = new WeakMap<glassEasel.Component, (() => void)[]>()
    const definition: glassEasel.BuiltinDefinition = {
      is: `wx-builtin/${tag}`,
      properties,
      observers: Object.fromEntries(
        Object.keys(properties).map((name) => [
          name,
          function (this: glassEasel.Component) {
            for (const run of changes.get(this)?.get(name) ?? []) run()
          },
        ]),
      ),
      lifetimes: {
        created(this: glassEasel.Component) {
          // A page that was closed and gets its answer now still runs its template, over elements that are nowhere.
          const element = this.$$
          if (element === null) return
          const watchers = new Map<string, (() => void)[]>()
          const leaving: (() => void)[] = []
          changes.set(this, watchers)
          detached.set(this, leaving)
          const part = createPart(this, element, watchers, leaving)
          parts.set(element, part)
          common.setUp(part)
          // The definition above made exactly these properties, which the type system cannot see.
          setUp?.(part as unknown as Parameters<typeof setUp>[0])
        },
        detached(this: glassEasel.Component) {
          for (const run of detached.get(this) ?? []) run()
        },
      },
    }
    space.setGlobalUsingComponent(tag, own.defineComponent(definition))
  }
}

/** What every built-in component has: hover class, aria attributes, hidden, animation. */
export interface CommonPart {
  readonly specs: PropertySpecs
  readonly setUp: (part: Part) => void
}

function createPart(
  component: glassEasel.Component,
  element: HTMLElement,
  watchers: Map<string, (() => void)[]>,
  leaving: (() => void)[],
): Part {
  return {
    element,
    owner: () => component.ownerShadowRoot?.getHostNode().is ?? '',
    get: (name) => component.data[name] as never,
    set: (values) => component.setData(values),
    watch(names, run) {
      for (const name of names) watchers.set(name, [...(watchers.get(name) ?? []), run])
      run()
    },
    emit: (name, detail = {}) => component.triggerEvent(name, detail, { bubbles: false, composed: false }),
    emitBubbling: (name, detail) => component.triggerEvent(name, detail, { bubbles: true, composed: true }),
    on: (name, run) => component.addListener(name, run),
    onDetached: (run) => void leaving.push(run),
    setHoverClass: (name) => component.setNodeClass(name, glassEasel.StyleSegmentIndex.TEMP_EXTRA),
  }
}
