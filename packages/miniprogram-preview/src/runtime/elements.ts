/** @module Builds small pieces of the phone's own interface. */

export interface ElementOptions {
  readonly class?: string
  readonly text?: string
  readonly role?: string
  readonly label?: string
  readonly onTap?: () => void
}

/** Creates an element with its class, text, accessible role and children. */
export function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (options.class !== undefined) element.className = options.class
  if (options.text !== undefined) element.textContent = options.text
  if (options.role !== undefined) element.setAttribute('role', options.role)
  if (options.label !== undefined) element.setAttribute('aria-label', options.label)
  if (options.onTap !== undefined) element.addEventListener('click', options.onTap)
  element.append(...children)
  return element
}

/** A real button, so that keyboards and screen readers know it. */
export function createButton(options: ElementOptions): HTMLButtonElement {
  const button = create('button', options)
  button.type = 'button'
  return button
}

/**
 * The root under which the phone draws itself: a shadow root with its own style sheet, so that a program's
 * `button {}` or `.title {}` cannot reach it.
 */
export function chromeRoot(host: HTMLElement): ShadowRoot {
  if (host.shadowRoot !== null) return host.shadowRoot
  const root = host.attachShadow({ mode: 'open' })
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = 'chrome.css'
  root.append(link)
  return root
}

/** The element a phone's page must have. */
export function requireElement(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`phone.html lacks #${id}`)
  return element
}
