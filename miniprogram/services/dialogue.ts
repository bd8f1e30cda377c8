/** @module Talking to the shopper outside the page: a passing word, a sentence to read, a question. */
import { actionsCopy } from '../copy/actions'

/** A short word that passes by. */
export const say = (title: string): void => {
  wx.showToast({ title, icon: 'none', duration: 2_000 })
}

/** A sentence that waits until it was read. */
export const tell = async (content: string, title = ''): Promise<void> => {
  await wx.showModal({ title, content, showCancel: false, confirmText: actionsCopy.understood })
}

export interface Question {
  readonly title: string
  readonly content: string
  readonly confirmText: string
  readonly cancelText: string
}

/** True only when the shopper tapped the confirming button; closing the dialogue is never a decision. */
export const ask = async (question: Question): Promise<boolean> => {
  const { confirm } = await wx.showModal({ ...question, confirmColor: '#3F7D52', cancelColor: '#6F746C' })
  return confirm
}

export const copyText = (data: string): void => {
  wx.setClipboardData({ data, success: () => say(actionsCopy.copied) })
}
