/** @module The modal dialog of wx.showModal, and the notice the phone shows on its own account. */
import { create, createButton } from '../elements.ts'
import type { Overlay } from './overlay.ts'

export interface ModalOptions {
  readonly title?: string
  readonly content?: string
  readonly showCancel?: boolean
  readonly cancelText?: string
  readonly cancelColor?: string
  readonly confirmText?: string
  readonly confirmColor?: string
  readonly editable?: boolean
  readonly placeholderText?: string
}

export interface ModalAnswer {
  readonly confirm: boolean
  readonly cancel: boolean
  /** What was typed, for an editable modal. */
  readonly content: string | null
}

export function showModal(overlay: Overlay, options: ModalOptions): Promise<ModalAnswer> {
  const { title = '', content = '', showCancel = true, editable = false } = options
  const input = create('textarea', { class: 'modal-input', label: title || '输入' })
  input.placeholder = options.placeholderText ?? ''
  input.value = editable ? content : ''
  const body = create('div', { class: 'modal-body' })
  if (title !== '') body.append(create('h3', { text: title }))
  if (editable) body.append(input)
  else if (content !== '') body.append(create('p', { text: content, class: title === '' ? 'alone' : '' }))
  return new Promise((resolve) => {
    const answer = (confirm: boolean) => {
      sheet.close()
      resolve({ confirm, cancel: !confirm, content: editable && confirm ? input.value : null })
    }
    const actions = create('div', { class: 'modal-actions' })
    if (showCancel) {
      const cancel = createButton({
        class: 'cancel',
        text: options.cancelText ?? '取消',
        onTap: () => answer(false),
      })
      cancel.style.color = options.cancelColor ?? '#000000'
      actions.append(cancel)
    }
    const confirm = createButton({
      class: 'confirm',
      text: options.confirmText ?? '确定',
      onTap: () => answer(true),
    })
    confirm.style.color = options.confirmColor ?? '#576b95'
    actions.append(confirm)
    const sheet = overlay.open({
      kind: 'dialog',
      label: title || content || '提示',
      content: create('div', { class: 'modal' }, body, actions),
    })
    if (editable) input.focus()
  })
}

/** Something the phone itself has to say, with one button. */
export async function showNotice(
  overlay: Overlay,
  notice: { title: string; content: string },
): Promise<void> {
  await showModal(overlay, { ...notice, showCancel: false, confirmText: '我知道了' })
}
