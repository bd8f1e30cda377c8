/**
 * @module POST /cgi-bin/message/subscribe/send: one message for each time its reader allowed one.
 */
import type { Core } from '../core.ts'
import { isRecord } from '../json.ts'
import type { Store, Write } from '../state/store.ts'
import { BOUNDS, type Message } from '../state/tables.ts'
import { type ApiAnswer, type ApiRequest, apiError, apiOk, badFormat, readPost } from './api-answer.ts'
import { isMessageValue } from './message-values.ts'

const MEMBERS = ['touser', 'template_id', 'page', 'data', 'miniprogram_state', 'lang']
const STATES = ['developer', 'trial', 'formal']
const LANGUAGES = ['zh_CN', 'en_US', 'zh_HK', 'zh_TW']

const idOf = (openid: string, templateId: string): string => `${openid} ${templateId}`

/** How often this person still allows this template. */
export function grantsOf(store: Store, openid: string, templateId: string): number {
  return store.get('subscription', idOf(openid, templateId))?.grants ?? 0
}

/** Whether this person ever allowed this template. */
export function isSubscribed(store: Store, openid: string, templateId: string): boolean {
  return store.get('subscription', idOf(openid, templateId)) !== undefined
}

/** A tap on wx.requestSubscribeMessage (`grants` 1), or several; the new total. */
export function addGrants(store: Store, openid: string, templateId: string, grants: number): number {
  const total = grantsOf(store, openid, templateId) + grants
  store.commit([putGrants(openid, templateId, total)])
  return total
}

export function sendMessage(core: Core, request: ApiRequest): ApiAnswer {
  const { store, clock } = core
  const post = readPost(request, MEMBERS)
  if (!post.ok) return post.answer
  const { touser: openid, template_id: templateId, page = null, data } = post.json
  const { miniprogram_state: state = 'formal', lang = 'zh_CN' } = post.json
  if (typeof openid !== 'string' || openid === '' || openid.length > 128)
    return apiError(40003, 'invalid openid')
  if (typeof templateId !== 'string' || templateId === '' || templateId.length > 128)
    return apiError(40037, 'invalid template_id')
  if (store.get('template', templateId)?.isValid === false) return apiError(40037, 'invalid template_id')
  if (page !== null && (typeof page !== 'string' || /^\/|:\/\//.test(page)))
    return apiError(41030, 'invalid page')
  if (typeof state !== 'string' || !STATES.includes(state))
    return badFormat(`miniprogram_state is one of ${STATES.join(', ')}`)
  if (typeof lang !== 'string' || !LANGUAGES.includes(lang))
    return badFormat(`lang is one of ${LANGUAGES.join(', ')}`)
  const values = readData(data)
  if (typeof values === 'string') return apiError(47003, `argument invalid! ${values}`)
  const grants = grantsOf(store, openid, templateId)
  if (grants === 0) return apiError(43101, 'user refuse to accept the msg')
  const message: Message = {
    msgid: nextId(store),
    openid,
    templateId,
    page: page === '' ? null : page,
    miniprogramState: state,
    lang,
    data: values,
    sentAt: clock.now(),
  }
  store.commit([
    putGrants(openid, templateId, grants - 1),
    { table: 'message', id: String(message.msgid), value: message },
    ...oldest(store),
  ])
  return apiOk({ msgid: message.msgid })
}

/** The values by name, or what is wrong with the first bad one. */
function readData(data: unknown): Record<string, string> | string {
  if (!isRecord(data) || Object.keys(data).length === 0) return 'data is empty'
  const values: Record<string, string> = {}
  for (const [name, member] of Object.entries(data)) {
    const value = isRecord(member) && Object.keys(member).length === 1 ? member.value : undefined
    if (typeof value !== 'string' || !isMessageValue(name, value))
      return `data.${name.slice(0, 64)}.value invalid`
    values[name] = value
  }
  return values
}

function putGrants(openid: string, templateId: string, grants: number): Write {
  const value = grants === 0 ? null : { openid, templateId, grants }
  return { table: 'subscription', id: idOf(openid, templateId), value }
}

function nextId(store: Store): number {
  return (store.get('setting', 'lastMsgid')?.value ?? 0) + 1
}

function oldest(store: Store): Write[] {
  const last: Write = { table: 'setting', id: 'lastMsgid', value: { value: nextId(store) } }
  const [first] = store.size('message') < BOUNDS.messages ? [] : store.all('message')
  return first === undefined ? [last] : [last, { table: 'message', id: String(first.msgid), value: null }]
}
