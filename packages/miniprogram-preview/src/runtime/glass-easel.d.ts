/**
 * @module The part of glass-easel and its mini-program adapter that the runtime uses. The adapter's own types are not
 * reachable (its package.json names a file that does not exist), and they answer most questions with `any`.
 */
declare module 'glass-easel-miniprogram-adapter' {
  export class MiniProgramEnv {
    createCodeSpace(id: string, isMainSpace: boolean): CodeSpace
    associateBackend(backend: glassEasel.CurrentWindowBackendContext): AssociatedBackend
  }

  export interface CodeSpace {
    getComponentSpace(): glassEasel.ComponentSpace
    addComponentStaticConfig(path: string, config: object): void
    addStyleSheet(path: string, url: string | undefined, scopeName: string): void
    addCompiledTemplate(path: string, template: glassEasel.ComponentTemplate): void
    componentEnv<T>(path: string, run: (env: ComponentEnv) => T): T
    behavior(): BehaviorBuilder
    /** A behavior that every component of the space gets. */
    setOverallBehavior(behavior: object): void
  }

  export interface ComponentEnv {
    Page(definition: object): void
    Component(definition?: object): unknown
    Behavior(definition?: object): unknown
  }

  export interface BehaviorBuilder {
    definition(definition: object): BehaviorBuilder
    register(): object
  }

  export interface AssociatedBackend {
    createRoot(tagName: string, codeSpace: CodeSpace, url: string): Root
  }

  export interface Root {
    get(): Instance
    getComponent(): glassEasel.Component
    attach(parent: Element, placeholder: Element): void
    release(): void
  }

  /** What a page's or component's `this` is. */
  export interface Instance {
    readonly is: string
    /** The component behind it. */
    readonly _$: glassEasel.Component
    data: Record<string, unknown>
    setData(values: Record<string, unknown>): void
    triggerEvent(name: string, detail: unknown, options: object): void
    createSelectorQuery(): object
    createIntersectionObserver(options?: object): object
    [member: string]: unknown
  }

  export namespace glassEasel {
    interface Component {
      readonly is: string
      readonly id: string
      readonly dataset: Record<string, unknown>
      readonly data: Record<string, unknown>
      /** The element in the browser's document; null once released, and for virtual hosts. */
      readonly $$: HTMLElement | null
      readonly ownerShadowRoot: ShadowRoot | null
      setData(values: Record<string, unknown>): void
      setNodeClass(names: string, segment: number): void
      setNodeStyle(style: string, segment: number): void
      triggerEvent(name: string, detail: unknown, options: { bubbles?: boolean; composed?: boolean }): void
      addListener(name: string, listener: (event: ProgramEvent) => unknown): void
      triggerPageLifetime(name: string, args: unknown[]): void
      triggerLifetime(name: string, args: unknown[]): void
      getMethodCaller(): Instance
      getShadowRoot(): ShadowRoot | null
    }

    interface ShadowRoot {
      getHostNode(): Component
      querySelector(selector: string): Component | null
      querySelectorAll(selector: string): Component[]
      getElementById(id: string): Component | null
    }

    interface ProgramEvent {
      readonly type: string
      readonly detail: unknown
    }

    interface ComponentTemplate {
      readonly groupList: Readonly<Record<string, TemplateGroup>>
      readonly content: TemplateGroup
    }

    type TemplateGroup = (name: string) => TemplateGenerator | undefined

    type TemplateGenerator = (wrapper: TemplateWrapper, ...rest: unknown[]) => unknown

    /** What a compiled template calls to build its elements. */
    interface TemplateWrapper {
      /** Binds an event; the handler is a method's name, or a WXS function. */
      v: (element: Component, event: string, handler: unknown, ...rest: unknown[]) => void
      /** Puts a function around every WXS function that watches a property (`change:prop`). */
      setFnFilter(filter: (listener: unknown) => ChangeListener): void
    }

    type ChangeListener = (value: unknown, old: unknown, host: Component, element: Component) => unknown

    interface BuiltinDefinition {
      readonly is: string
      readonly properties: Readonly<Record<string, unknown>>
      readonly observers: Readonly<Record<string, (this: Component, ...values: unknown[]) => void>>
      readonly lifetimes: Readonly<Record<string, (this: Component) => void>>
    }

    class ComponentSpace {
      constructor(defaultComponent: string, base: undefined, styleScopeManager: unknown)
      readonly styleScopeManager: unknown
      defineComponent(definition: BuiltinDefinition): object
      defineBehavior(definition: object): object
      setGlobalUsingComponent(tag: string, component: object): void
    }

    /** Where an element's classes and styles come from; later segments are added to earlier ones. */
    const StyleSegmentIndex: {
      readonly MAIN: 0
      readonly TEMPLATE_EXTRA: 1
      readonly ANIMATION_EXTRA: 2
      readonly TEMP_EXTRA: 3
    }

    interface BackendDocument {
      createElement(tag: string): Element
      createTextNode(text: string): Node
      createDocumentFragment(): DocumentFragment
    }

    interface EventOptions {
      originalEvent?: unknown
      extraFields?: Record<string, unknown>
      bubbles?: boolean
      composed?: boolean
    }

    class CurrentWindowBackendContext {
      document: BackendDocument
      setListenerStats(element: unknown, type: string, capture: boolean, level: unknown): void
      onEvent(
        listener: (target: Component, type: string, detail: unknown, options: EventOptions) => unknown,
      ): void
    }

    class Event {
      constructor(name: string, detail: unknown, options: EventOptions)
      static dispatchEvent(target: Component, event: Event): void
      getEventBubbleStatus(): unknown
    }

    function addGlobalWarningListener(listener: (warning: unknown) => boolean): void
    function addGlobalErrorListener(listener: (error: unknown) => boolean): void
  }
}
