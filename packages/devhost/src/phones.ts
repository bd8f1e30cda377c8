/** @module The phones in the browser: who holds them, and what stands behind `wx.login`, the cashier and messages. */
import type { OpenedCashier, PanelSwitch, PreviewMessages, PreviewPlatform } from 'miniprogram-preview'
import type { PaymentSheet, Sandbox } from 'wechat-sandbox'
import { MESSAGE_TEMPLATES } from './message-templates.ts'

/** The origin that the mini-program's development build calls (miniprogram/services/config.ts). */
export const DECLARED_API = 'http://127.0.0.1:8080'

/**
 * WeChat as the phones see it: the sandbox, which may still be starting when the first phone asks.
 *
 * @param sandbox resolves when it runs
 */
export function sandboxPlatform(sandbox: Promise<Sandbox>): PreviewPlatform {
  return {
    login: async ({ openid }) => (await sandbox).control.createCode({ openid }),
    openCashier: async (input) => toOpenedCashier((await sandbox).control.openCashier({ ...input })),
    finishPayment: async (input) => (await sandbox).control.cashier({ ...input }),
    messages: sandboxMessages(sandbox),
  }
}

const sandboxMessages = (sandbox: Promise<Sandbox>): PreviewMessages => ({
  templates: Object.values(MESSAGE_TEMPLATES),
  allow: async ({ openid, templateIds }) => {
    const { control } = await sandbox
    for (const templateId of templateIds) control.subscribe({ openid, templateId })
  },
  delivered: async ({ openid }) =>
    (await sandbox).control
      .messages({ openid })
      .messages.map(({ msgid, templateId, page, data }) => ({ id: msgid, templateId, page, data })),
})

function toOpenedCashier(sheet: PaymentSheet): OpenedCashier {
  const { errMsg, payee, description, amountFen } = sheet
  const opens = errMsg === 'requestPayment:ok' && payee !== undefined && amountFen !== undefined
  return opens ? { ok: true, payee, description: description ?? '', amountFen } : { ok: false, errMsg }
}

/** The protocol of new trades, as it is now: the backend reads it at every new trade, functions are configured anew. */
export interface NewTradesApi {
  current: 'v2' | 'v3'
  onChange: (api: 'v2' | 'v3') => void
}

export const apiSwitch = (api: NewTradesApi): PanelSwitch => ({
  id: 'newTradesApi',
  label: '新交易 New trades',
  options: [
    { value: 'v3', label: 'APIv3' },
    { value: 'v2', label: 'APIv2' },
  ],
  get: async () => api.current,
  set: async (value) => {
    api.current = value === 'v2' ? 'v2' : 'v3'
    api.onChange(api.current)
  },
})
