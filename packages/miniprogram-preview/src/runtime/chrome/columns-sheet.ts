/** @module A sheet of one or more columns to choose from, behind every picker. */
import { create, createButton } from '../elements.ts'
import type { Overlay } from './overlay.ts'

export interface ColumnsOptions {
  readonly title: string
  /** The columns for a selection; later columns may depend on earlier ones. */
  readonly columnsFor: (selected: readonly number[]) => readonly (readonly string[])[]
  readonly selected: readonly number[]
  readonly onColumnChange?: (column: number, value: number) => void
}

const ROW_PX = 44

/** @returns the chosen index of each column, or undefined when the shopper cancelled */
export function showColumns(overlay: Overlay, options: ColumnsOptions): Promise<number[] | undefined> {
  let selected = clampAll(options, [...options.selected])
  const body = create('div', { class: 'columns' })
  const draw = () => {
    body.replaceChildren(
      ...options.columnsFor(selected).map((items, column) => {
        const list = create('div', { class: 'column', role: 'listbox' })
        list.append(...items.map((text, index) => option(text, column, index)))
        requestAnimationFrame(() => {
          list.scrollTop = (selected[column] ?? 0) * ROW_PX
        })
        return list
      }),
    )
  }
  const option = (text: string, column: number, index: number) => {
    const item = createButton({ class: 'option', role: 'option', text, onTap: () => choose(column, index) })
    item.setAttribute('aria-selected', String(selected[column] === index))
    return item
  }
  const choose = (column: number, index: number) => {
    selected[column] = index
    selected = clampAll(options, selected)
    options.onColumnChange?.(column, index)
    draw()
  }
  return new Promise((resolve) => {
    const answer = (value: number[] | undefined) => {
      sheet.close()
      resolve(value)
    }
    const head = create(
      'div',
      { class: 'columns-head' },
      createButton({ class: 'cancel', text: '取消', onTap: () => answer(undefined) }),
      create('span', { text: options.title }),
      createButton({ class: 'confirm', text: '确定', onTap: () => answer([...selected]) }),
    )
    draw()
    const sheet = overlay.open({
      kind: 'bottom',
      label: options.title || '请选择',
      content: create('div', { class: 'columns-sheet' }, head, body),
      onDismiss: () => answer(undefined),
    })
  })
}

/** Keeps every index inside its column after an earlier column changed. */
function clampAll(options: ColumnsOptions, selected: number[]): number[] {
  const columns = options.columnsFor(selected)
  return columns.map((items, column) =>
    Math.min(Math.max(0, selected[column] ?? 0), Math.max(0, items.length - 1)),
  )
}
