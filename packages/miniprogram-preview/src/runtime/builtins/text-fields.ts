/** @module input and textarea: the WXML element is the browser's own field. */
import type { Define, Part, PropertySpecs } from './part.ts'

const SPECS = {
  value: String,
  placeholder: String,
  placeholderStyle: String,
  placeholderClass: String,
  disabled: Boolean,
  name: String,
  focus: Boolean,
  autoFocus: Boolean,
  password: Boolean,
  type: { type: String, value: 'text' },
  maxlength: { type: Number, value: 140 },
  confirmType: { type: String, value: 'done' },
  confirmHold: Boolean,
  autoHeight: Boolean,
  cursor: Number,
  cursorSpacing: Number,
  adjustPosition: Boolean,
  showConfirmBar: Boolean,
  alwaysEmbed: Boolean,
  holdKeyboard: Boolean,
} as const satisfies PropertySpecs

/** WeChat's keyboards, in the browser's words. */
const KEYBOARDS: Readonly<Record<string, string>> = {
  number: 'numeric',
  digit: 'decimal',
  idcard: 'text',
  tel: 'tel',
}

export function defineTextFields(define: Define): void {
  define('input', SPECS, setUpField)
  define('textarea', SPECS, setUpField)
}

function setUpField(part: Part<typeof SPECS>): void {
  const field = part.element
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return
  reflectProperties(part, field)
  part.field = { value: () => field.value, reset: () => part.set({ value: '' }) }
  const report = () => {
    part.set({ value: field.value })
    part.emit('input', { value: field.value, cursor: field.selectionStart ?? field.value.length, keyCode: 0 })
    if (part.get('autoHeight')) fitHeight(field)
  }
  let isComposing = false
  field.addEventListener('compositionstart', () => {
    isComposing = true
  })
  field.addEventListener('compositionend', () => {
    isComposing = false
    report()
  })
  field.addEventListener('input', () => {
    if (!isComposing) report()
  })
  field.addEventListener('focus', () => part.emit('focus', { value: field.value, height: 0 }))
  field.addEventListener('blur', () =>
    part.emit('blur', { value: field.value, cursor: field.selectionStart ?? 0 }),
  )
  field.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Enter' || event.isComposing) return
    if (field instanceof HTMLInputElement) {
      part.emit('confirm', { value: field.value })
      if (!part.get('confirmHold')) field.blur()
    }
  })
}

function reflectProperties(part: Part<typeof SPECS>, field: HTMLInputElement | HTMLTextAreaElement): void {
  part.watch(['value'], () => {
    const value = String(part.get('value') ?? '')
    if (field.value !== value) field.value = value
    if (part.get('autoHeight')) fitHeight(field)
  })
  part.watch(['placeholder'], () => {
    field.placeholder = part.get('placeholder') ?? ''
  })
  part.watch(['disabled'], () => {
    field.disabled = part.get('disabled')
  })
  part.watch(['focus', 'autoFocus'], () => {
    if (part.get('focus') || part.get('autoFocus')) setTimeout(() => field.focus())
  })
  part.watch(['maxlength'], () => {
    const limit = part.get('maxlength')
    if (limit >= 0) field.maxLength = limit
    else field.removeAttribute('maxlength')
  })
  part.watch(['type', 'password'], () => {
    if (!(field instanceof HTMLInputElement)) return
    const isSecret = part.get('password') || part.get('type') === 'safe-password'
    field.type = isSecret ? 'password' : 'text'
    field.inputMode = KEYBOARDS[part.get('type')] ?? 'text'
  })
}

function fitHeight(field: HTMLElement): void {
  if (!(field instanceof HTMLTextAreaElement)) return
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight}px`
}
