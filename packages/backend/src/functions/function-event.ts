/** @module Tells apart what a cloud function is called with. Who made an event decides what it may be. */
import type { WxContext } from './wx-context.ts'

/** What the HTTP access service (HTTP 访问服务) makes of a request. */
export interface HttpAccessEvent {
  readonly path: string
  readonly httpMethod: string
  /** By name in any case; a repeated header may be a list. */
  readonly headers: Members
  readonly multiValueHeaders: Members
  readonly queryStringParameters: Members
  readonly multiValueQueryStringParameters: Members
  readonly requestContext: Members
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** What the mini-program hands to `wx.cloud.callFunction` as `data`. */
export interface CallEvent {
  readonly path: string
  readonly method: string
  readonly headers: Members
  readonly data: unknown
}

export type Members = Readonly<Record<string, unknown>>

export type FunctionEvent =
  | { readonly kind: 'http'; readonly request: HttpAccessEvent }
  /** `openid` is null when the platform's two words on who called do not agree. */
  | { readonly kind: 'call'; readonly call: CallEvent; readonly openid: string | null; readonly ip: string }
  | { readonly kind: 'timer'; readonly name: string }
  | { readonly kind: 'foreign' }

/** The mini-program itself, on a phone or in DevTools. A function that calls a function is nobody to us. */
const CLIENTS = new Set(['wx_client', 'wx_devtools'])

/**
 * An event of `wx.cloud.callFunction` is written by the caller, all of it but `userInfo`, which WeChat puts into it and
 * nobody else can: so an event that has one is a call, whatever else it says it is. An event of the HTTP access service
 * is written by the service, and the caller fills in values below `headers`, `body` and so on: it can't have a
 * `userInfo`. Identity comes from a call alone, and only when `userInfo` and the context of the call name the same
 * openid, in our own mini-program, called by the mini-program itself.
 */
export const readFunctionEvent = (
  event: unknown,
  { context, appid }: { readonly context: WxContext; readonly appid: string },
): FunctionEvent => {
  const members = membersOf(event)
  const userInfo = membersOf(members.userInfo)
  if (text(userInfo.openId) !== '') {
    const call = readCall(members)
    if (call === null) return { kind: 'foreign' }
    const agreed =
      context.openid !== '' &&
      userInfo.openId === context.openid &&
      context.appid === appid &&
      CLIENTS.has(context.source)
    return { kind: 'call', call, openid: agreed ? context.openid : null, ip: context.ip }
  }
  const request = readHttp(members)
  if (request !== null) return { kind: 'http', request }
  if (text(members.Type).toLowerCase() === 'timer') return { kind: 'timer', name: text(members.TriggerName) }
  return { kind: 'foreign' }
}

const readHttp = (members: Members): HttpAccessEvent | null => {
  const { httpMethod, path } = members
  if (typeof httpMethod !== 'string' || !/^[A-Za-z]{1,20}$/.test(httpMethod)) return null
  if (typeof path !== 'string' || typeof members.headers !== 'object') return null
  return {
    httpMethod: httpMethod.toUpperCase(),
    path,
    headers: membersOf(members.headers),
    multiValueHeaders: membersOf(members.multiValueHeaders),
    queryStringParameters: membersOf(members.queryStringParameters),
    multiValueQueryStringParameters: membersOf(members.multiValueQueryStringParameters),
    requestContext: membersOf(members.requestContext),
    body: text(members.body),
    // The service's own page shows it as text.
    isBase64Encoded: members.isBase64Encoded === true || members.isBase64Encoded === 'true',
  }
}

const readCall = (members: Members): CallEvent | null => {
  const { path, method = 'GET' } = members
  if (typeof path !== 'string' || typeof method !== 'string' || !/^[A-Za-z]{1,20}$/.test(method)) return null
  if (members.httpMethod !== undefined) return null
  return { path, method: method.toUpperCase(), headers: membersOf(members.headers), data: members.data }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}
