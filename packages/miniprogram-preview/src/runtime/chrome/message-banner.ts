/** @module A subscribe message arriving: a banner of 服务通知 over whatever is on the screen. */
import { create, createButton } from '../elements.ts'
import type { Overlay } from './overlay.ts'

export interface ShownMessage {
  readonly program: string
  readonly title: string
  readonly lines: readonly (readonly [label: string, value: string])[]
}

/** Long enough to read five lines without hurry. */
const SHOWN_MS = 12_000

/** Shows a message until it is opened, closed or old. A newer one comes above it. */
export function showMessage(overlay: Overlay, message: ShownMessage, onOpen: () => void): void {
  const facts = create('dl', {})
  for (const [label, value] of message.lines)
    facts.append(create('dt', { text: label }), create('dd', { text: value }))
  const remove = () => {
    clearTimeout(timer)
    banner.remove()
  }
  const open = createButton({
    class: 'message-open',
    onTap: () => {
      remove()
      onOpen()
    },
  })
  open.append(
    create('span', { class: 'message-from', text: `服务通知 · ${message.program}` }),
    create('b', { text: message.title }),
    facts,
  )
  const banner = create(
    'section',
    { class: 'message', role: 'status', label: '服务通知' },
    open,
    createButton({ class: 'message-close', label: '关闭通知', text: '×', onTap: remove }),
  )
  const timer = setTimeout(remove, SHOWN_MS)
  overlay.notices.prepend(banner)
}
