/** @module Elements from data. Text is always text: nothing here reads HTML. */
import { kindOf, wordOf } from './format.js'

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {(event: Event) => unknown} Listener */
/** @typedef {Readonly<Record<string, string | number | boolean | null | undefined | Listener>>} Attributes */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes] `on…` are listeners; undefined, null and false are left out
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children)
}

/**
 * The same for SVG.
 *
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(Child | readonly Child[])} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {readonly (Child | readonly Child[])[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue
    element.append(child instanceof Node ? child : String(child))
  }
  return element
}

/** @param {string} id */
export function byId(id) {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}

/** @param {string} state */
export const tag = (state) => h('span', { class: `tag ${kindOf(state)}` }, wordOf(state))

/**
 * A button that takes no second press while what it does is on its way.
 *
 * @param {string} label
 * @param {() => unknown} act
 * @param {string} [kind]
 */
export function button(label, act, kind = '') {
  const element = h('button', { type: 'button', class: kind, onclick: () => void press() }, label)
  const press = async () => {
    if (element.hasAttribute('aria-busy')) return
    element.setAttribute('aria-busy', 'true')
    try {
      await act()
    } finally {
      element.removeAttribute('aria-busy')
    }
  }
  return element
}

/** @param {readonly (readonly [name: string, value: Child])[]} pairs */
export function facts(pairs) {
  return h(
    'dl',
    { class: 'facts' },
    ...pairs.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value ?? '—')]),
  )
}

/** @param {string} title @param {string} hint */
export function empty(title, hint) {
  return h('div', { class: 'empty' }, h('b', {}, title), hint)
}

/** Text as it is, for reading and copying; the keyboard can scroll it. @param {string} label @param {string} text */
export const block = (label, text) => h('pre', { tabindex: 0, 'aria-label': label }, text)

/** @param {string} title @param {string} english @param {...Child} inside */
export function panel(title, english, ...inside) {
  return h('div', { class: 'panel' }, h('h2', {}, `${title} `, h('small', {}, english)), ...inside)
}

/** @param {string} name */
export const slot = (name) => h('div', { class: name })
