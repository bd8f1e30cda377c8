/** @module What the server tells a phone: who holds it and whom it may talk to. */

export interface MessageTemplate {
  readonly templateId: string
  readonly title: string
  /** What each keyword is called, in the order of the message. */
  readonly keywords: Readonly<Record<string, string>>
}

export interface PhoneConfig {
  /** Separates the storage of one program from another's on the same address. */
  readonly appKey: string
  /** The program's name, as WeChat would show it. */
  readonly title: string
  /** The subscribe messages it can send; null: none ever arrive. */
  readonly templates: readonly MessageTemplate[] | null
  readonly shopper: { readonly openid: string; readonly name: string }
  /** The origins `wx.request` may call, as the program writes them. */
  readonly requestDomains: readonly string[]
  /** Sent with every call to the preview's server; other web pages cannot know it. */
  readonly token: string
  /** False in tests, which open pages themselves. */
  readonly autostart: boolean
}

const DEFAULTS: PhoneConfig = {
  appKey: 'miniprogram',
  title: '小程序',
  templates: null,
  shopper: { openid: 'preview-shopper', name: '体验用户' },
  requestDomains: [],
  token: '',
  autostart: true,
}

/** Reads the configuration that the phone's page carries. */
export function readPhoneConfig(): PhoneConfig {
  const text = document.getElementById('phone-config')?.textContent?.trim()
  if (text === undefined || text === '') return DEFAULTS
  const parsed: Partial<PhoneConfig> = JSON.parse(text)
  return { ...DEFAULTS, ...parsed }
}
