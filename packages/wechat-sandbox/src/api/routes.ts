/**
 * @module The calls of api.weixin.qq.com: which path is which, and the token that most of them need.
 */
import type { Core } from '../core.ts'
import { codeToSession } from './code2session.ts'

export type ApiAnswer = Readonly<Record<string, unknown>>

export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
}

const CALLS: ReadonlyMap<string, (core: Core, request: ApiRequest) => ApiAnswer> = new Map([
  ['/sns/jscode2session', (core, { method, query }) => codeToSession(core, method, query)],
])

export function isApiPath(path: string): boolean {
  return CALLS.has(path)
}

export function answerApi(core: Core, request: ApiRequest): ApiAnswer {
  const call = CALLS.get(request.path)
  return call === undefined ? { errcode: -1, errmsg: 'system error' } : call(core, request)
}
