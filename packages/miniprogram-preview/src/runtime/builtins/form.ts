/** @module button, form, label, navigator. */
import { type Define, type Part, partOf, partsInside } from './part.ts'

export interface FormActions {
  readonly navigate: (openType: string, options: { url: string; delta: number }) => void
  readonly share: () => void
  readonly openSetting: () => void
  readonly contact: () => void
}

export function defineFormParts(define: Define, actions: FormActions): void {
  define(
    'button',
    {
      disabled: Boolean,
      loading: Boolean,
      plain: Boolean,
      type: String,
      size: String,
      formType: String,
      openType: String,
    },
    (part) => {
      part.watch(['disabled'], () => part.element.toggleAttribute('disabled', part.get('disabled') === true))
      part.watch(['type', 'size', 'plain', 'loading'], () => {
        part.element.dataset.type = part.get('type')
        part.element.dataset.size = part.get('size')
        part.element.dataset.plain = String(part.get('plain'))
        part.element.dataset.loading = String(part.get('loading'))
      })
      part.on('tap', () => {
        if (part.get('disabled')) return
        const form = partOf(part.element.closest('form'))
        if (form !== undefined && part.get('formType') === 'submit') submit(form)
        if (form !== undefined && part.get('formType') === 'reset') reset(form)
        runOpenType(part, part.get('openType'), actions)
      })
    },
  )
  define('form', { reportSubmit: Boolean }, (part) => {
    part.element.addEventListener('submit', (event) => event.preventDefault())
  })
  define('label', { for: String }, (part) => {
    part.element.addEventListener('click', (event) => {
      const target = labelTarget(part)
      if (target === undefined || event.composedPath().includes(target.element)) return
      if (target.element instanceof HTMLInputElement || target.element instanceof HTMLTextAreaElement) {
        target.element.focus()
      } else {
        target.emitBubbling('tap', {})
      }
    })
  })
  define(
    'navigator',
    { url: String, openType: { type: String, value: 'navigate' }, delta: { type: Number, value: 1 } },
    (part) => {
      part.on('tap', () => {
        actions.navigate(part.get('openType'), { url: part.get('url'), delta: part.get('delta') })
      })
    },
  )
}

function runOpenType(part: Pick<Part, 'emit'>, openType: string, actions: FormActions): void {
  switch (openType) {
    case 'getPhoneNumber':
      part.emit('getphonenumber', { code: 'preview-phone-code', errMsg: 'getPhoneNumber:ok' })
      break
    case 'chooseAvatar':
      part.emit('chooseavatar', { avatarUrl: '' })
      break
    case 'share':
      actions.share()
      break
    case 'openSetting':
      actions.openSetting()
      break
    case 'contact':
      actions.contact()
      break
  }
}

function fieldsOf(form: Part): Part[] {
  return partsInside(form.element).filter(
    (part) => part.field !== undefined && typeof part.get('name') === 'string' && part.get('name') !== '',
  )
}

function submit(form: Part): void {
  const value = Object.fromEntries(
    fieldsOf(form).map((part) => [String(part.get('name')), part.field?.value()]),
  )
  form.emit('submit', { value })
}

function reset(form: Part): void {
  for (const part of fieldsOf(form)) part.field?.reset()
  form.emit('reset')
}

function labelTarget(label: Part): Part | undefined {
  const id = String(label.get('for') ?? '')
  if (id !== '') return partOf(document.querySelector(`[id$="--${CSS.escape(id)}"],[id="${CSS.escape(id)}"]`))
  return partsInside(label.element, 'checkbox,radio,switch,input,textarea,button')[0]
}
