/** @module The list of choices that slides up from the bottom. */
import { create, createButton } from '../elements.ts'
import type { Overlay } from './overlay.ts'

export interface ActionSheetOptions {
  readonly itemList: readonly string[]
  readonly itemColor?: string
  readonly alertText?: string
}

/** @returns the index tapped, or undefined when the shopper cancelled */
export function showActionSheet(overlay: Overlay, options: ActionSheetOptions): Promise<number | undefined> {
  return new Promise((resolve) => {
    const answer = (index: number | undefined) => {
      sheet.close()
      resolve(index)
    }
    const items = options.itemList.map((text, index) => {
      const item = createButton({ class: 'action', text, onTap: () => answer(index) })
      item.style.color = options.itemColor ?? '#000000'
      return item
    })
    const content = create('div', { class: 'action-sheet' })
    if (options.alertText !== undefined)
      content.append(create('p', { class: 'alert', text: options.alertText }))
    const cancel = createButton({ class: 'action cancel', text: '取消', onTap: () => answer(undefined) })
    content.append(...items, cancel)
    const sheet = overlay.open({
      kind: 'bottom',
      label: options.alertText ?? '请选择',
      content,
      onDismiss: () => answer(undefined),
    })
  })
}
