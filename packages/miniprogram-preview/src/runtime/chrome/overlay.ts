/** @module The layer above the page: one sheet or dialog at a time, with a dark curtain and a way out. */
import { chromeRoot, create } from '../elements.ts'

export interface OpenSheet {
  readonly close: () => void
}

export interface SheetOptions {
  readonly kind: 'dialog' | 'bottom' | 'full'
  readonly label: string
  readonly content: HTMLElement
  /** Called when the shopper taps beside the sheet; without it, that tap does nothing. */
  readonly onDismiss?: () => void
}

export class Overlay {
  readonly root: ShadowRoot
  /** Where messages of the phone itself arrive, above everything else. */
  readonly notices = create('div', { class: 'notices' })
  private readonly openSheets = new Set<OpenSheet>()

  constructor(host: HTMLElement) {
    this.root = chromeRoot(host)
    this.root.append(this.notices)
  }

  open({ kind, label, content, onDismiss }: SheetOptions): OpenSheet {
    const curtain = create('div', { class: 'curtain' })
    if (onDismiss !== undefined) curtain.addEventListener('click', onDismiss)
    content.classList.add('sheet')
    content.setAttribute('role', 'dialog')
    content.setAttribute('aria-modal', 'true')
    content.setAttribute('aria-label', label)
    const layer = create('div', { class: `layer ${kind}` }, curtain, content)
    this.root.append(layer)
    const sheet: OpenSheet = {
      close: () => {
        layer.remove()
        this.openSheets.delete(sheet)
      },
    }
    this.openSheets.add(sheet)
    return sheet
  }

  /** Removes whatever is open, as when a test starts over. */
  clear(): void {
    for (const sheet of [...this.openSheets]) sheet.close()
    this.notices.replaceChildren()
  }
}
