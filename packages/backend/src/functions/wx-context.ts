/** @module What WeChat says about a call of a cloud function: in the environment, where `getWXContext()` reads it too. */

/** The platform's word on who called. All empty where nobody in a mini-program did. */
export interface WxContext {
  readonly openid: string
  readonly appid: string
  /** The chain of callers, `wx_client` for a mini-program that calls this function itself. */
  readonly source: string
  readonly ip: string
}

export type MutableEnvironment = Record<string, string | undefined>

/**
 * Reads the context of the present call, and takes the openid out of the environment: it is good for one call, and an
 * instance that serves the next one must not find it there, whatever the platform does or forgets to do.
 *
 * `wx-server-sdk` reads the very same variables; reading them here keeps the SDK out of bundles that do not need it.
 *
 * @see getWXContext, https://developers.weixin.qq.com/miniprogram/dev/wxcloud/reference-sdk-api/utils/Cloud.getWXContext.html
 *   and wx-server-sdk 4.0.2, checked 2026-11
 */
export const takeWxContext = (env: MutableEnvironment): WxContext => {
  const names = new Set((env.WX_CONTEXT_KEYS ?? '').split(','))
  const read = (name: string): string => (names.has(name) ? (env[name] ?? '') : '')
  const context = {
    openid: read('WX_OPENID'),
    appid: read('WX_APPID'),
    source: env.TCB_SOURCE ?? read('WX_SOURCE'),
    ip: read('WX_CLIENTIP') || read('WX_CLIENTIPV6'),
  }
  delete env.WX_OPENID
  return context
}
