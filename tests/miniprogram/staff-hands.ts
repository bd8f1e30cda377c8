/** @module What the tests of the staff's pages do with a page: type, call a handler, read what was sent. */
import { findByText, input, type TestPage, tap } from 'miniprogram-preview/testing'
import type { SentRequest } from './fake-wx.ts'
import { pass } from './phone.ts'

/** Taps, and looks before the next tap: a sheet takes no decision in its first moments. */
export const tapText = async (root: ParentNode, text: string): Promise<void> => {
  tap(findByText(root, text))
  await pass(450)
}

/** The button of the open sheet that decides; its title may say the same. */
export const decisionButton = (shown: TestPage, text: string): Element => {
  const foot = shown.element.querySelector('[class$="sheet__foot"]')
  if (foot === null) throw new Error('no sheet is open')
  return findByText(foot, text)
}

export const tapDecision = async (shown: TestPage, text: string): Promise<void> => {
  tap(decisionButton(shown, text))
  await pass(450)
}

/** Types into the field whose placeholder contains this text. */
export const typeInto = async (shown: TestPage, placeholder: string, text: string): Promise<void> => {
  const found = [...shown.element.querySelectorAll('input, textarea')].find((field) =>
    fieldHint(field).includes(placeholder),
  )
  if (found === undefined) throw new Error(`no field says ${placeholder}`)
  input(found, text)
  await pass()
}

const fieldHint = (field: Element): string =>
  `${field.getAttribute('placeholder') ?? ''}${field.parentElement?.textContent ?? ''}`

/** Calls a page's handler as an event would. */
export const callHandler = async (
  shown: TestPage,
  handler: string,
  detail?: unknown,
  dataset?: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const method = shown.instance[handler]
  if (typeof method !== 'function') throw new Error(`the page has no ${handler}`)
  method.call(shown.instance, { detail, currentTarget: { dataset: dataset ?? {} } })
  await pass()
}

export const bodiesTo = (sent: readonly SentRequest[], what: string): unknown[] =>
  sent.filter(({ method, path }) => `${method} ${path}` === what).map(({ data }) => data)
