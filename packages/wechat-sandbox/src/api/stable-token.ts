/**
 * @module POST /cgi-bin/stable_token: one access token for everybody who asks, renewed five minutes before its end.
 */
import { type Core, newNumber } from '../core.ts'
import type { Write } from '../state/store.ts'
import type { AccessToken } from '../state/tables.ts'
import { toCompactTime } from '../time.ts'
import { sameText } from '../v2/signature.ts'
import { type ApiAnswer, type ApiRequest, apiError, badFormat, readPost } from './api-answer.ts'

const TOKEN_LIVES_MS = 7_200_000
/** 平台会提前5分钟更新access_token: for so long the old and the new one are both good. */
const RENEWED_BEFORE_MS = 300_000
const FORCED_A_DAY = 20
const FORCED_APART_MS = 30_000
const KEPT_MS = 2 * 86_400_000

export function stableToken(core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['grant_type', 'appid', 'secret', 'force_refresh'])
  if (!post.ok) return post.answer
  const { grant_type: grantType, appid, secret, force_refresh: isForced = false } = post.json
  const { identity, clock } = core
  if (typeof appid !== 'string' || appid === '') return apiError(41002, 'appid missing')
  if (typeof secret !== 'string' || secret === '') return apiError(41004, 'appsecret missing')
  if (grantType !== 'client_credential') return apiError(40002, 'invalid grant_type')
  if (typeof isForced !== 'boolean') return badFormat('force_refresh must be true or false')
  if (appid !== identity.appid) return apiError(40013, 'invalid appid')
  if (!sameText(secret, identity.appSecret)) return apiError(40125, 'invalid appsecret')
  if (!core.limits.take('token') || !core.limits.take('token-of-a-day'))
    return apiError(45009, 'reach max api daily quota limit')
  const token = isForced ? force(core) : renew(core)
  if (token === undefined) return apiError(45009, 'reach max api daily quota limit')
  return {
    access_token: token.token,
    expires_in: Math.floor((token.expiresAt - clock.now()) / 1_000),
  }
}

/** The newest token while it is good for more than five minutes. */
function renew(core: Core): AccessToken {
  const latest = latestOf(core)
  const isFresh = latest !== undefined && core.clock.now() < latest.expiresAt - RENEWED_BEFORE_MS
  return isFresh ? latest : mint(core, false)
}

/** undefined when the day's forced refreshes are used up. Asked again within 30 s nothing is refreshed (否则不会刷新). */
function force(core: Core): AccessToken | undefined {
  const { clock } = core
  const now = clock.now()
  const forced = stableTokens(core).filter((token) => token.isForced)
  const latest = latestOf(core)
  const isTooSoon = forced.some(({ createdAt }) => now < createdAt + FORCED_APART_MS)
  if (isTooSoon && latest !== undefined) return latest
  const today = toCompactTime(now).slice(0, 8)
  const used = forced.filter(({ createdAt }) => toCompactTime(createdAt).slice(0, 8) === today).length
  return used >= FORCED_A_DAY ? undefined : mint(core, true)
}

function mint({ store, clock }: Core, isForced: boolean): AccessToken {
  const now = clock.now()
  const fresh: AccessToken = {
    token: newNumber.accessToken(),
    createdAt: now,
    expiresAt: now + TOKEN_LIVES_MS,
    isForced,
    isRevoked: false,
  }
  const writes: Write[] = [{ table: 'accessToken', id: fresh.token, value: fresh }]
  for (const old of store.all('accessToken')) {
    const { token, createdAt } = old
    if (old.isPlain === true) continue
    if (now >= createdAt + KEPT_MS) writes.push({ table: 'accessToken', id: token, value: null })
    // A forced refresh is for a token that leaked (会导致上次获取的access_token失效); a renewal lets the old one run out.
    else if (isForced) writes.push({ table: 'accessToken', id: token, value: { ...old, isRevoked: true } })
  }
  store.commit(writes)
  return fresh
}

function latestOf(core: Core): AccessToken | undefined {
  const now = core.clock.now()
  return stableTokens(core)
    .filter(({ expiresAt, isRevoked }) => !isRevoked && now < expiresAt)
    .at(-1)
}

function stableTokens({ store }: Core): AccessToken[] {
  return [...store.all('accessToken')].filter(({ isPlain }) => isPlain !== true)
}
