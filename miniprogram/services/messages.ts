/** @module Leave to send subscribe messages (订阅消息): asked for inside a tap, and never in the way of what the tap is for. */
import type { MessageTemplates } from '@yuanlu/contract'
import { api } from './api'

/** `refundResult` and `shipped` are told to the shopper, `refundRequested` to staff. */
export type MessageKind = keyof MessageTemplates

/**
 * `off`: the person switched all subscribe messages off in WeChat. `unavailable`: the shop sends no such message, or
 * WeChat would not ask.
 */
export type MessageAnswer = 'allowed' | 'refused' | 'off' | 'unavailable'

/** As last read. Between a tap and wx.requestSubscribeMessage nothing may be waited for, so it is read before. */
let templates: MessageTemplates | null = null

/** Which messages can be asked for; without an answer of the server none can, which stops nobody. */
export const loadMessageKinds = async (): Promise<ReadonlySet<MessageKind>> => {
  try {
    templates ??= await api.getMessageTemplates()
  } catch {
    return new Set()
  }
  const kinds: readonly MessageKind[] = ['refundResult', 'refundRequested', 'shipped']
  return new Set(kinds.filter((kind) => templates?.[kind]))
}

/** 20004: the main switch (主开关) of this mini-program's messages is off. */
const SWITCHED_OFF = 20004

/**
 * Asks for leave to send one message. Call it first thing in a tap or in the payment's callback: WeChat refuses it
 * later. It never throws.
 *
 * @see wx.requestSubscribeMessage, 小程序 API, checked 2026-11
 */
export const askForMessage = (kind: MessageKind): Promise<MessageAnswer> => {
  const templateId = templates?.[kind] ?? null
  if (templateId === null) return Promise.resolve('unavailable')
  return new Promise((resolve) => {
    wx.requestSubscribeMessage({
      tmplIds: [templateId],
      // accept, or accept with sound; reject, ban and filter bring no message.
      success: (answers) =>
        resolve(String(Reflect.get(answers, templateId)).startsWith('accept') ? 'allowed' : 'refused'),
      fail: ({ errCode }) => resolve(errCode === SWITCHED_OFF ? 'off' : 'unavailable'),
    })
  })
}
