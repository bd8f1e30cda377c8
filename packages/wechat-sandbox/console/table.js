/** @module A table whose rows stay the same elements while they say the same. */
import { h } from './dom.js'
import { keep } from './keep.js'

/** @typedef {Element | string | number | null} Cell */

/**
 * @typedef {object} Column
 * @property {string} head
 * @property {string} [kind] how its cells look: `key` names the row, `state` and `when` stand beside it where there is no
 *   room for columns, `less` gives way first; `code`, `text`, `number`
 */

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {unknown} of what the cells are drawn from
 * @property {() => Cell[]} cells
 */

/** @typedef {{ chosen: string | undefined, choose: (id: string) => void }} Choice */

/**
 * @param {Element} host
 * @param {readonly Column[]} columns
 * @param {readonly Row[]} rows
 * @param {Choice} [choice] when rows can be opened
 */
export function drawTable(host, columns, rows, choice) {
  keep(host, [{ id: 'table', of: columns, draw: () => frame(columns) }])
  const body = host.querySelector('tbody')
  if (body === null) return
  keep(
    body,
    rows.map(({ id, of, cells }) => ({ id, of, draw: () => row(columns, id, cells(), choice) })),
  )
  if (choice === undefined) return
  for (const element of body.children) {
    if (!(element instanceof HTMLElement)) continue
    const isChosen = element.dataset.id === choice.chosen
    element.classList.toggle('chosen', isChosen)
    element.querySelector('button.pick')?.setAttribute('aria-expanded', String(isChosen))
  }
}

/** @param {readonly Column[]} columns */
function frame(columns) {
  const heads = columns.map(({ head, kind }) => h('th', { scope: 'col', class: kind }, head))
  return h('table', {}, h('thead', {}, h('tr', {}, heads)), h('tbody', {}))
}

/**
 * @param {readonly Column[]} columns
 * @param {string} id
 * @param {readonly Cell[]} cells
 * @param {Choice} [choice]
 */
function row(columns, id, cells, choice) {
  const drawn = columns.map(({ kind = '', head }, index) => {
    const cell = cells[index] ?? ''
    const isKey = kind.split(' ').includes('key')
    const inside = choice !== undefined && isKey ? pick(cell) : cell
    return h('td', { class: kind, title: cell instanceof Element ? null : `${head} ${cell}` }, inside)
  })
  if (choice === undefined) return h('tr', { 'data-id': id }, drawn)
  return h('tr', { class: 'choice', 'data-id': id, onclick: () => choice.choose(id) }, drawn)
}

/** The keyboard's way into a row; its press is the row's, which hears it too. @param {Cell} cell */
function pick(cell) {
  return h(
    'button',
    { type: 'button', class: 'pick', 'aria-expanded': 'false', 'aria-controls': 'detail' },
    cell,
  )
}
