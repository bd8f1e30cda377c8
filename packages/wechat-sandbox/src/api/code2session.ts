/**
 * @module GET /sns/jscode2session: a login code of wx.login becomes an openid, once, within five minutes.
 */
import { type Core, newNumber } from '../core.ts'
import type { Write } from '../state/store.ts'
import { BOUNDS } from '../state/tables.ts'
import { sameText } from '../v2/signature.ts'

const CODE_LIVES_MS = 5 * 60_000

/** A fresh code for this person, as `wx.login` would give. */
export function createCode(core: Core, openid: string): string {
  const { store, clock } = core
  const code = newNumber.loginCode()
  const writes: Write[] = [
    {
      table: 'code',
      id: code,
      value: { code, openid, sessionKey: newNumber.sessionKey(), createdAt: clock.now(), usedAt: null },
    },
  ]
  if (store.size('code') >= BOUNDS.codes) {
    const [oldest] = store.all('code')
    if (oldest !== undefined) writes.push({ table: 'code', id: oldest.code, value: null })
  }
  store.commit(writes)
  return code
}

/** The JSON that api.weixin.qq.com answers (always with HTTP 200). */
export function codeToSession(
  core: Core,
  method: string,
  query: URLSearchParams,
): Readonly<Record<string, unknown>> {
  const { identity, store, clock } = core
  const refuse = (errcode: number, errmsg: string) => ({ errcode, errmsg })
  const appid = query.get('appid') ?? ''
  const secret = query.get('secret') ?? ''
  const code = query.get('js_code') ?? ''
  if (method !== 'GET') return refuse(43001, 'require GET method')
  if (appid === '') return refuse(41002, 'appid missing')
  if (secret === '') return refuse(41004, 'appsecret missing')
  if (code === '') return refuse(41008, 'missing code')
  if (query.get('grant_type') !== 'authorization_code') return refuse(40002, 'invalid grant_type')
  if (appid !== identity.appid) return refuse(40013, 'invalid appid')
  if (!sameText(secret, identity.appSecret)) return refuse(40125, 'invalid appsecret')
  const known = store.get('code', code)
  if (known === undefined) return refuse(40029, 'invalid code')
  if (!core.limits.take('login', known.openid)) return refuse(45011, 'api minute-quota reach limit')
  if (known.usedAt !== null) return refuse(40163, 'code been used')
  if (clock.now() >= known.createdAt + CODE_LIVES_MS) return refuse(40029, 'invalid code')
  store.commit([{ table: 'code', id: code, value: { ...known, usedAt: clock.now() } }])
  return { session_key: known.sessionKey, openid: known.openid }
}
