/**
 * @module GET /cgi-bin/token: a new access token at each call, which ends the one before it.
 */
import { type Core, newNumber } from '../core.ts'
import type { Write } from '../state/store.ts'
import type { AccessToken } from '../state/tables.ts'
import { sameText } from '../v2/signature.ts'
import { type ApiAnswer, type ApiRequest, apiError } from './api-answer.ts'

const TOKEN_LIVES_MS = 7_200_000
/** 重复获取将导致上次获取的access_token失效: after five minutes in which both are good. */
const OLD_LIVES_ON_MS = 300_000
/** Whoever asks without end keeps no more than so many of the former ones. */
const MAX_OLD = 100

/** Two programs that both ask here end each other's token: why stable_token exists. The stable ones are not touched. */
export function plainToken(core: Core, { method, query }: ApiRequest): ApiAnswer {
  const { identity, store, clock } = core
  if (method !== 'GET') return apiError(43001, 'require GET method')
  const appid = query.get('appid') ?? ''
  const secret = query.get('secret') ?? ''
  if (appid === '') return apiError(41002, 'appid missing')
  if (secret === '') return apiError(41004, 'appsecret missing')
  if (query.get('grant_type') !== 'client_credential') return apiError(40002, 'invalid grant_type')
  if (appid !== identity.appid) return apiError(40013, 'invalid appid')
  if (!sameText(secret, identity.appSecret)) return apiError(40125, 'invalid appsecret')
  const now = clock.now()
  const fresh: AccessToken = {
    token: newNumber.accessToken(),
    createdAt: now,
    expiresAt: now + TOKEN_LIVES_MS,
    isForced: false,
    isRevoked: false,
    isPlain: true,
  }
  const writes: Write[] = [{ table: 'accessToken', id: fresh.token, value: fresh }]
  const earlier = [...store.all('accessToken')].filter(({ isPlain }) => isPlain === true)
  for (const [index, old] of earlier.entries()) {
    const expiresAt = Math.min(old.expiresAt, now + OLD_LIVES_ON_MS)
    const isKept = now < old.expiresAt && index >= earlier.length - MAX_OLD
    if (isKept && expiresAt === old.expiresAt) continue
    writes.push({ table: 'accessToken', id: old.token, value: isKept ? { ...old, expiresAt } : null })
  }
  store.commit(writes)
  return { access_token: fresh.token, expires_in: TOKEN_LIVES_MS / 1_000 }
}
