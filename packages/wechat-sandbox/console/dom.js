/** @module Elements from data. Text is always text: nothing here reads HTML. */
import { kindOf, wordOf } from './format.js'

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `on…` are listeners; undefined and false are left out
 * @param {...(Node | string | number | null | undefined)} children
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children)
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  )
  return element
}

export const byId = (id) => document.getElementById(id)

export const tag = (state) => h('span', { class: `tag ${kindOf(state)}` }, wordOf(state))

export function button(label, act, kind = '') {
  return h('button', { type: 'button', class: kind, onclick: act }, label)
}

/** @param {[string, Node | string | number | null][]} pairs */
export function facts(pairs) {
  return h(
    'dl',
    { class: 'facts' },
    ...pairs.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value ?? '—')]),
  )
}

export function empty(title, hint) {
  return h('div', { class: 'empty' }, h('b', {}, title), hint)
}

const isNumber = (cell) => (cell?.kind === 'number' ? 'number' : undefined)

/**
 * @param {string[]} heads
 * @param {{ id?: string, cells: (Node | string | { text: string, kind: string })[] }[]} rows
 * @param {{ chosen?: string, choose?: (id: string) => void }} [choice]
 */
export function table(heads, rows, { chosen, choose } = {}) {
  return h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...heads.map((head, index) =>
          h('th', { scope: 'col', class: isNumber(rows[0]?.cells[index]) }, head),
        ),
      ),
    ),
    h(
      'tbody',
      {},
      ...rows.map(({ id, cells }) => {
        const pick = choose && id !== undefined ? () => choose(id) : undefined
        return h(
          'tr',
          {
            class: `${pick ? 'choice' : ''} ${id !== undefined && id === chosen ? 'chosen' : ''}`,
            tabindex: pick && 0,
            'data-id': id,
            onclick: pick,
            onkeydown: pick && ((event) => event.key === 'Enter' && pick()),
          },
          ...cells.map((cell) =>
            cell !== null && typeof cell === 'object' && 'text' in cell && !(cell instanceof Node)
              ? h('td', { class: cell.kind, title: cell.text }, cell.text)
              : h('td', {}, cell),
          ),
        )
      }),
    ),
  )
}
