/** @module The platform's access token (稳定版接口调用凭据): fetched once for all who ask, renewed before it ends. */
import { errcodeOf, type PlatformCaller } from './platform-call.ts'

/**
 * The platform renews a token five minutes before its end, and both are good meanwhile.
 *
 * @see 获取稳定版接口调用凭据 (getStableAccessToken), developers.weixin.qq.com, checked 2026-11
 */
const RENEWED_BEFORE_MS = 5 * 60_000
const LEAST_KEPT_MS = 10_000
/** A forced refresh counts: 20 a day, 30 s apart. */
const FORCED_APART_MS = 30_000

/** The platform gave no token; `reason` holds no secret. */
export class NoAccessTokenError extends Error {
  override readonly name = 'NoAccessTokenError'
  readonly code: string

  constructor(code: string) {
    super(`no access token: ${code}`)
    this.code = code
  }
}

export interface AccessTokens {
  /** The present token. Throws NoAccessTokenError, or what went wrong on the way. */
  get(): Promise<string>
  /** Another token than this one, which the platform refused. */
  renew(refused: string): Promise<string>
}

export const createAccessTokens = (input: {
  readonly appid: string
  readonly appSecret: string
  readonly caller: PlatformCaller
  /** Real time: tokens end by the platform's clock, not by the shop's. */
  readonly clock: () => number
}): AccessTokens => {
  const { appid, appSecret, caller, clock } = input
  let kept: { readonly token: string; readonly until: number } | null = null
  let underWay: Promise<string> | null = null
  let forcedAt = Number.NEGATIVE_INFINITY

  const fetchToken = async (isForced: boolean): Promise<string> => {
    const asked = clock()
    const answer = await caller.call({
      path: '/cgi-bin/stable_token',
      query: {},
      body: { grant_type: 'client_credential', appid, secret: appSecret, force_refresh: isForced },
    })
    const { token, livesMs } = readToken(answer)
    kept = { token, until: asked + Math.max(livesMs - RENEWED_BEFORE_MS, LEAST_KEPT_MS) }
    return token
  }
  /** Whoever asks while a fetch is under way waits for that one. */
  const share = (work: () => Promise<string>): Promise<string> => {
    underWay ??= work().finally(() => {
      underWay = null
    })
    return underWay
  }
  return {
    get: async () => {
      if (kept !== null && clock() < kept.until) return kept.token
      return share(() => fetchToken(false))
    },
    renew: async (refused) => {
      // Another call has renewed it meanwhile.
      if (kept !== null && kept.token !== refused && clock() < kept.until) return kept.token
      return share(async () => {
        const token = await fetchToken(false)
        if (token !== refused || clock() < forcedAt + FORCED_APART_MS) return token
        forcedAt = clock()
        return fetchToken(true)
      })
    },
  }
}

const readToken = (answer: unknown): { readonly token: string; readonly livesMs: number } => {
  const errcode = errcodeOf(answer)
  if (errcode !== 0)
    throw new NoAccessTokenError(errcode === null ? 'malformed answer' : `errcode ${errcode}`)
  if (typeof answer !== 'object' || answer === null) throw new NoAccessTokenError('malformed answer')
  const token = 'access_token' in answer ? answer.access_token : undefined
  const seconds = 'expires_in' in answer ? answer.expires_in : undefined
  if (typeof token !== 'string' || token === '' || typeof seconds !== 'number' || !(seconds >= 0))
    throw new NoAccessTokenError('malformed answer')
  return { token, livesMs: seconds * 1_000 }
}
