/**
 * @module Requests to and answers from api.weixin.qq.com: JSON in, an errcode out, and the token between them.
 */
import type { Core } from '../core.ts'
import { isRecord, type JsonRecord, parseJson } from '../json.ts'

export type ApiAnswer = Readonly<Record<string, unknown>>

export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
}

/** Anything but errcode 0. */
export type ApiRefusal = { readonly errcode: number; readonly errmsg: string }

export function apiError(errcode: number, errmsg: string): ApiRefusal {
  return { errcode, errmsg }
}

export const apiOk = (more: ApiAnswer = {}): ApiAnswer => ({ errcode: 0, errmsg: 'ok', ...more })

/** `47001`: not JSON, a member of the wrong type, or one that the call doesn't have. */
export const badFormat = (hint: string): ApiRefusal => apiError(47001, `data format error hint: [${hint}]`)

/** The JSON object of a POST, or the refusal. Real calls ignore members they don't know; here they are named. */
export function readPost(
  { method, body }: ApiRequest,
  members: readonly string[],
): { readonly ok: true; readonly json: JsonRecord } | { readonly ok: false; readonly answer: ApiAnswer } {
  const refuse = (answer: ApiAnswer) => ({ ok: false as const, answer })
  if (method !== 'POST') return refuse(apiError(43002, 'require POST method'))
  if (body.length === 0) return refuse(apiError(44002, 'empty post data'))
  const json = parseJson(body)
  if (!isRecord(json)) return refuse(badFormat('not a JSON object'))
  const extra = findExtra(json, members)
  return extra === undefined ? { ok: true, json } : refuse(badFormat(`unknown member ${extra}`))
}

export function findExtra(json: JsonRecord, members: readonly string[]): string | undefined {
  return Object.keys(json)
    .find((name) => !members.includes(name))
    ?.slice(0, 64)
}

/** What is wrong with the access_token in the query; undefined when it is good. */
export function refuseToken({ store, clock }: Core, { query }: ApiRequest): ApiAnswer | undefined {
  const token = query.get('access_token') ?? ''
  if (token === '') return apiError(41001, 'access_token missing')
  const known = store.get('accessToken', token)
  if (known === undefined || known.isRevoked) {
    return apiError(40001, 'invalid credential, access_token is invalid or not latest')
  }
  return clock.now() < known.expiresAt ? undefined : apiError(42001, 'access_token expired')
}
