/** @module The mini-program platform (微信小程序服务端, api.weixin.qq.com): login, subscribe messages, shipping info. */
import type { DeliveryAnswer, LoginAnswer, Platform } from '@yuanlu/shop'
import { createAccessTokens } from './access-token.ts'
import { type Template, wordMessage } from './message-wording.ts'
import { createPlatformCaller, errcodeOf, failureName } from './platform-call.ts'
import { toShippingUpload } from './shipping-info.ts'

export interface PlatformOptions {
  readonly appid: string
  readonly appSecret: string
  /** Default `https://api.weixin.qq.com`. */
  readonly baseUrl: string
  /** Template ids of subscribe messages; null: that message is not sent. */
  readonly templates: Readonly<Record<Template, string | null>>
  /** A certificate authority to trust besides the usual ones, PEM. */
  readonly extraCaPem?: string
  readonly timeoutMs?: number
  /** What is left for a call that begins now, where somebody else ends this process: a cloud function has a time limit. */
  readonly timeLeftMs?: (() => number) | undefined
  /** For the life of access tokens. Default `Date.now`. */
  readonly clock?: () => number
}

export interface WechatPlatform extends Platform {
  destroy(): void
}

/** The code itself is at fault: 40029 wrong, 40163 used already, 40226 blocked for risk. */
const BAD_CODE: ReadonlySet<number> = new Set([40029, 40163, 40226])
/** The access token is at fault, and another may do: 40001, 40014 invalid, 42001 ended. */
const BAD_TOKEN: ReadonlySet<number> = new Set([40001, 40014, 42001])
/** Busy, over a quota, or not let in from this address (40164, which an operator can mend). */
const NOT_YET: ReadonlySet<number> = new Set([-1, 40164, 44990, 45009, 45011])
/** The reader refused, or allowed no (further) message. */
const NOT_ALLOWED = 43101
/** 10060001: payments reach shipping management some seconds late. 10060012, 10060019: busy. */
const UPLOAD_NOT_YET: ReadonlySet<number> = new Set([10060001, 10060012, 10060019])
/** 发货信息未更新: it has just this information already. */
const UPLOAD_UNCHANGED = 10060023

export const createPlatform = (options: PlatformOptions): WechatPlatform => {
  const { appid, appSecret, templates } = options
  const caller = createPlatformCaller({
    baseUrl: options.baseUrl,
    timeoutMs: options.timeoutMs ?? 5_000,
    timeLeftMs: options.timeLeftMs,
    ...(options.extraCaPem === undefined ? {} : { extraCaPem: options.extraCaPem }),
  })
  const tokens = createAccessTokens({ appid, appSecret, caller, clock: options.clock ?? Date.now })

  /** One POST with a token; a token that is refused is renewed, once. */
  const post = async (path: string, body: unknown): Promise<number | DeliveryAnswer> => {
    try {
      const token = await tokens.get()
      const send = async (withToken: string) =>
        namedErrcodeOf(await caller.call({ path, query: { access_token: withToken }, body }))
      const first = await send(token)
      const errcode = first !== null && BAD_TOKEN.has(first) ? await send(await tokens.renew(token)) : first
      if (errcode === null) return { kind: 'unavailable', reason: 'malformed answer' }
      if (NOT_YET.has(errcode) || BAD_TOKEN.has(errcode)) return { kind: 'notYet', code: String(errcode) }
      return errcode
    } catch (error) {
      // The address holds the token: only the kind of failure may leave this function.
      return { kind: 'unavailable', reason: failureName(error) }
    }
  }

  return {
    login: async (code) => {
      try {
        const answer = await caller.call({
          path: '/sns/jscode2session',
          query: { appid, secret: appSecret, js_code: code, grant_type: 'authorization_code' },
        })
        return toLoginAnswer(answer)
      } catch (error) {
        // The address holds the secret: only the kind of failure may leave this function.
        return { kind: 'unavailable', reason: failureName(error) }
      }
    },
    sendMessage: async (message) => {
      const { template, page, data } = wordMessage(message)
      const templateId = templates[template]
      if (templateId === null) return { kind: 'notWanted', code: 'no template' }
      const answer = await post('/cgi-bin/message/subscribe/send', {
        touser: message.toOpenid,
        template_id: templateId,
        page,
        data,
        miniprogram_state: 'formal',
        lang: 'zh_CN',
      })
      return typeof answer === 'number' ? toMessageAnswer(answer) : answer
    },
    uploadShipping: async (info) => {
      const answer = await post('/wxa/sec/order/upload_shipping_info', toShippingUpload(info))
      return typeof answer === 'number' ? toUploadAnswer(answer) : answer
    },
    destroy: () => caller.destroy(),
  }
}

/** Of calls that always name their code: an answer without one says nothing. */
const namedErrcodeOf = (answer: unknown): number | null =>
  typeof answer === 'object' && answer !== null && 'errcode' in answer ? errcodeOf(answer) : null

/** @see 发送订阅消息 (subscribe/send), developers.weixin.qq.com, checked 2026-11 */
const toMessageAnswer = (errcode: number): DeliveryAnswer => {
  if (errcode === 0) return { kind: 'delivered' }
  const code = String(errcode)
  return errcode === NOT_ALLOWED ? { kind: 'notWanted', code } : { kind: 'refused', code }
}

/** @see 发货信息录入接口 (upload_shipping_info), developers.weixin.qq.com, checked 2026-11 */
const toUploadAnswer = (errcode: number): DeliveryAnswer => {
  if (errcode === 0 || errcode === UPLOAD_UNCHANGED) return { kind: 'delivered' }
  const code = String(errcode)
  return UPLOAD_NOT_YET.has(errcode) ? { kind: 'notYet', code } : { kind: 'refused', code }
}

/** @see code2Session (小程序登录), developers.weixin.qq.com, checked 2026-11 */
export const toLoginAnswer = (answer: unknown): LoginAnswer => {
  const errcode = errcodeOf(answer)
  if (errcode === null || typeof answer !== 'object' || answer === null)
    return { kind: 'unavailable', reason: 'malformed answer' }
  if (errcode !== 0)
    return BAD_CODE.has(errcode) ? { kind: 'badCode' } : { kind: 'unavailable', reason: `errcode ${errcode}` }
  const openid = 'openid' in answer ? answer.openid : undefined
  if (typeof openid !== 'string' || !/^[A-Za-z0-9_-]{1,128}$/.test(openid))
    return { kind: 'unavailable', reason: 'answer without openid' }
  return { kind: 'known', openid }
}
