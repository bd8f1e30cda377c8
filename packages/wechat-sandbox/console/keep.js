/** @module Redraws only what changed, so that focus, selected text and what was unfolded stay where they are. */

/**
 * @typedef {object} Part
 * @property {string} id unlike its neighbours'
 * @property {unknown} of what it is drawn from, as JSON; the same again is not drawn again
 * @property {() => Element} draw
 */

/** @type {WeakMap<Element, Map<string, { sign: string, element: Element }>>} */
const drawn = new WeakMap()

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex]'

/**
 * Makes the host's children these parts, in this order.
 *
 * @param {Element} host
 * @param {readonly Part[]} parts
 */
export function keep(host, parts) {
  const before = drawn.get(host) ?? new Map()
  /** @type {Map<string, { sign: string, element: Element }>} */
  const after = new Map()
  /** @type {(() => void)[]} */
  const carried = []
  for (const { id, of, draw } of parts) {
    const sign = JSON.stringify(of) ?? ''
    const known = before.get(id)
    const element = known?.sign === sign ? known.element : draw()
    if (known !== undefined && known.element !== element) carried.push(carryFocus(known.element, element))
    after.set(id, { sign, element })
  }
  drawn.set(host, after)
  const stays = new Set([...after.values()].map(({ element }) => element))
  for (const child of [...host.childNodes])
    if (!(child instanceof Element && stays.has(child))) child.remove()
  // What is there already isn't moved: an element that is taken out and put back loses the focus.
  let next = host.firstElementChild
  for (const element of stays) {
    if (element === next) next = next.nextElementSibling
    else host.insertBefore(element, next)
  }
  for (const focus of carried) focus()
}

/** @param {Element} from @param {Element} to @returns what gives the new one the focus that the old one had */
function carryFocus(from, to) {
  const focused = document.activeElement
  if (focused === null || !from.contains(focused)) return () => {}
  const index = [from, ...from.querySelectorAll(FOCUSABLE)].indexOf(focused)
  return () => {
    const heir = [to, ...to.querySelectorAll(FOCUSABLE)][index]
    if (heir instanceof HTMLElement) heir.focus({ preventScroll: true })
  }
}
