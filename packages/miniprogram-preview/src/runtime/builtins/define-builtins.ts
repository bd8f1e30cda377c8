/** @module Registers every built-in component. */
import type { glassEasel } from 'glass-easel-miniprogram-adapter'
import type { Overlay } from '../chrome/overlay.ts'
import { defineChoices } from './choices.ts'
import { commonPart } from './common.ts'
import { defineFormParts, type FormActions } from './form.ts'
import { defineMedia } from './media.ts'
import { createDefine } from './part.ts'
import { definePicker } from './picker.ts'
import { defineScrolling } from './scrolling.ts'
import { PLAIN_TAGS, UNAVAILABLE_TAGS } from './tags.ts'
import { defineTextFields } from './text-fields.ts'

export function defineBuiltins(
  space: glassEasel.ComponentSpace,
  { overlay, actions }: { overlay: Overlay; actions: FormActions },
): void {
  const define = createDefine(space, commonPart)
  for (const tag of PLAIN_TAGS) define(tag, {})
  define('text', { userSelect: Boolean, selectable: Boolean, space: String, decode: Boolean }, (part) => {
    part.watch(['userSelect', 'selectable'], () => {
      part.element.style.userSelect = part.get('userSelect') || part.get('selectable') ? 'text' : ''
    })
  })
  for (const tag of UNAVAILABLE_TAGS) {
    define(tag, { src: String }, (part) => part.element.setAttribute('data-unavailable', tag))
  }
  defineFormParts(define, actions)
  defineTextFields(define)
  defineChoices(define)
  defineMedia(define)
  defineScrolling(define)
  definePicker(define, overlay)
}
