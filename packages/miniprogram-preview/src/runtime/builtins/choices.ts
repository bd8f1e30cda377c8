/** @module checkbox, radio, their groups, switch and slider. */
import { type Define, partOf, partsInside } from './part.ts'

export function defineChoices(define: Define): void {
  defineGroup(define, 'checkbox', 'checkbox-group')
  defineGroup(define, 'radio', 'radio-group')
  define(
    'switch',
    { checked: Boolean, disabled: Boolean, name: String, color: String, type: String },
    (part) => {
      part.element.setAttribute('role', 'switch')
      part.watch(['checked', 'color', 'disabled'], () => {
        part.element.toggleAttribute('on', part.get('checked'))
        part.element.toggleAttribute('off-limits', part.get('disabled'))
        part.element.setAttribute('aria-checked', String(part.get('checked')))
        part.element.style.setProperty('--switch-color', part.get('color') || null)
      })
      part.on('tap', () => {
        if (part.get('disabled')) return
        part.set({ checked: !part.get('checked') })
        part.emit('change', { value: part.get('checked') })
      })
      part.field = { value: () => part.get('checked'), reset: () => part.set({ checked: false }) }
    },
  )
  define(
    'slider',
    {
      min: { type: Number, value: 0 },
      max: { type: Number, value: 100 },
      step: { type: Number, value: 1 },
      value: { type: Number, value: 0 },
      disabled: Boolean,
      showValue: Boolean,
      name: String,
      activeColor: { type: String, value: '#1aad19' },
    },
    (part) => {
      const range = document.createElement('input')
      range.type = 'range'
      const shown = document.createElement('span')
      part.element.append(range, shown)
      part.watch(['min', 'max', 'step', 'value', 'disabled', 'showValue', 'activeColor'], () => {
        range.min = String(part.get('min'))
        range.max = String(part.get('max'))
        range.step = String(part.get('step'))
        range.value = String(part.get('value'))
        range.disabled = part.get('disabled')
        range.style.accentColor = part.get('activeColor')
        shown.textContent = part.get('showValue') ? String(part.get('value')) : ''
      })
      const read = (event: 'changing' | 'change') => {
        part.set({ value: Number(range.value) })
        part.emit(event, { value: Number(range.value) })
      }
      range.addEventListener('input', () => read('changing'))
      range.addEventListener('change', () => read('change'))
      part.field = { value: () => part.get('value'), reset: () => part.set({ value: part.get('min') }) }
    },
  )
}

function defineGroup(define: Define, tag: 'checkbox' | 'radio', groupTag: string): void {
  define(groupTag, { name: String }, (group) => {
    group.field = {
      value: () => groupValue(group.element, tag),
      reset: () => {
        for (const part of partsInside(group.element, tag)) part.set({ checked: false })
      },
    }
  })
  define(tag, { value: String, checked: Boolean, disabled: Boolean, color: String }, (part) => {
    const box = document.createElement('input')
    box.type = tag
    part.element.prepend(box)
    // The property decides what is checked; the browser's own toggling would run ahead of it.
    box.addEventListener('click', (event) => event.preventDefault())
    part.watch(['checked', 'value', 'disabled', 'color'], () => {
      queueMicrotask(() => {
        box.checked = part.get('checked')
      })
      box.checked = part.get('checked')
      box.value = part.get('value')
      box.disabled = part.get('disabled')
      box.style.accentColor = part.get('color') || '#07c160'
    })
    part.on('tap', () => {
      if (part.get('disabled')) return
      const group = part.element.closest(groupTag)
      if (tag === 'checkbox') part.set({ checked: !part.get('checked') })
      else if (part.get('checked')) return
      else {
        for (const other of group === null ? [] : partsInside(group, tag)) other.set({ checked: false })
        part.set({ checked: true })
      }
      if (group !== null) partOf(group)?.emit('change', { value: groupValue(group, tag) })
    })
  })
}

function groupValue(group: Element, tag: 'checkbox' | 'radio'): string | string[] {
  const checked = partsInside(group, tag).filter((part) => part.get('checked') === true)
  const values = checked.map((part) => String(part.get('value')))
  return tag === 'radio' ? (values[0] ?? '') : values
}
