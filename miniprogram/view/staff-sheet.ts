/** @module What every confirming sheet restates before a decision. */

export interface SheetRow {
  readonly label: string
  readonly value: string
  readonly strong: boolean
}

export interface SheetView {
  readonly title: string
  readonly rows: readonly SheetRow[]
  /** What will happen to the money. */
  readonly warning: string
  readonly confirm: string
  readonly danger: boolean
}

export const NO_SHEET: SheetView = { title: '', rows: [], warning: '', confirm: '', danger: false }
