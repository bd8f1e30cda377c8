/** @module What a preview needs to know, and the ports through which it reaches the pay platform. */

export interface Shopper {
  readonly openid: string
  /** Shown beside the phone. */
  readonly name: string
}

/** What a program hands to `wx.requestPayment`, as strings. */
export interface PaymentParams {
  readonly timeStamp: string
  readonly nonceStr: string
  readonly package: string
  readonly signType: string
  readonly paySign: string
}

export type OpenedCashier =
  | { readonly ok: true; readonly payee: string; readonly description: string; readonly amountFen: number }
  /** `requestPayment:fail …`, as the client would report it. */
  | { readonly ok: false; readonly errMsg: string }

/** A subscribe message's template (订阅消息), as its reader sees it. */
export interface MessageTemplate {
  readonly templateId: string
  readonly title: string
  /** What each keyword is called, `thing1` for example; in the order of the message. */
  readonly keywords: Readonly<Record<string, string>>
}

/** A subscribe message that reached somebody. */
export interface DeliveredMessage {
  /** Grows from message to message. */
  readonly id: number
  readonly templateId: string
  /** The page that a tap on it opens, without a leading slash. */
  readonly page: string | null
  /** Values by keyword. */
  readonly data: Readonly<Record<string, string>>
}

/** What stands behind `wx.requestSubscribeMessage`. */
export interface PreviewMessages {
  readonly templates: readonly MessageTemplate[]
  /** Somebody allowed one message of each of these templates. */
  allow(input: { readonly openid: string; readonly templateIds: readonly string[] }): Promise<void>
  /** What has reached them so far, oldest first. */
  delivered(input: { readonly openid: string }): Promise<readonly DeliveredMessage[]>
}

/** What stands behind `wx.login` and the cashier; usually a local pay platform. */
export interface PreviewPlatform {
  login(input: { readonly openid: string }): Promise<{ readonly code: string }>
  openCashier(input: PaymentParams & { readonly openid: string }): Promise<OpenedCashier>
  finishPayment(
    input: PaymentParams & { readonly openid: string; readonly action: 'pay' | 'cancel' | 'fail' },
  ): Promise<{ readonly errMsg: string }>
  /** Without them `wx.requestSubscribeMessage` knows no template, and nothing arrives. */
  readonly messages?: PreviewMessages
}

/** A choice beside the phones, like a protocol version. */
export interface PanelSwitch {
  readonly id: string
  readonly label: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  get(): Promise<string>
  set(value: string): Promise<void>
}

/** An address that is known only later is asked for whenever the page is. Everyone on this machine can get the page. */
export interface PanelLink {
  readonly label: string
  readonly href: string | (() => Promise<string>)
  /**
   * Puts what stood behind the # of this page's own address behind the link's. A secret gets there in this way without
   * being in the page: print the preview's address with it, for whoever started it.
   */
  readonly takesFragment?: boolean
}

export interface PreviewPanel {
  readonly links?: readonly PanelLink[]
  readonly switches?: readonly PanelSwitch[]
}

export interface PreviewOptions {
  /** The folder that holds app.json. */
  readonly appRoot: string
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** Default 127.0.0.1. Binding anything else lets the network spend the shoppers' local money. */
  readonly host?: string
  /** Compile again when a file changes; off by default. */
  readonly watch?: boolean
  /** Where the compiled program is kept; by default a temporary folder that `close()` removes. */
  readonly outDir?: string
  /** Folders to use for npm packages instead of searching for them, by package name. */
  readonly resolve?: Readonly<Record<string, string>>
  /** Origins `wx.request` may call, as the program writes them, and where each really is. */
  readonly requestDomains: Readonly<Record<string, string>>
  /** At least one. */
  readonly shoppers: readonly Shopper[]
  readonly platform: PreviewPlatform
  readonly panel?: PreviewPanel
  /** The name of the program, shown on the page around the phones. */
  readonly title: string
}

export interface Preview {
  /** The page with the phones, like `http://127.0.0.1:41234/`. */
  readonly url: string
  close(): Promise<void>
}

/** Thrown when the options cannot work; the message names the option. */
export class PreviewOptionsError extends Error {
  override readonly name = 'PreviewOptionsError'
}

/** @throws PreviewOptionsError */
export function assertUsableOptions(options: PreviewOptions): void {
  if (options.shoppers.length === 0) throw new PreviewOptionsError('shoppers: name at least one shopper')
  const openids = options.shoppers.map(({ openid }) => openid)
  if (new Set(openids).size !== openids.length)
    throw new PreviewOptionsError('shoppers: every openid may appear once')
  for (const [declared, target] of Object.entries(options.requestDomains)) {
    assertOrigin(`requestDomains key "${declared}"`, declared)
    assertOrigin(`requestDomains["${declared}"]`, target)
  }
}

function assertOrigin(what: string, value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.origin === value) return
  throw new PreviewOptionsError(`${what}: expected an origin like "https://api.example.com", without a path`)
}
