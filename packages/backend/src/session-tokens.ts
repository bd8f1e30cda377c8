/** @module Session tokens: short-lived, bound to the mini-program and one openid, ended by signing out. */
import { createHmac, hkdfSync } from 'node:crypto'
import type { Clock, SessionStore } from '@yuanlu/shop'
import { jwtVerify, SignJWT } from 'jose'

export const SESSION_TTL_MS = 2 * 60 * 60_000

export interface SessionTokens {
  issue(openid: string): Promise<{ readonly token: string; readonly expiresAt: number }>
  /** Who holds the token, or null: forged, expired, of another app, or signed out. */
  verify(token: string): Promise<{ readonly sessionId: string; readonly openid: string } | null>
  /**
   * The session of somebody whom WeChat itself vouches for with every call. Nobody holds a token of it; it is there for
   * what is given to a session, such as the address of a picture.
   */
  vouched(openid: string): Promise<{ readonly sessionId: string; readonly openid: string }>
  end(sessionId: string): Promise<void>
}

export const createSessionTokens = (options: {
  /** The first signs, all are accepted. */
  readonly secrets: readonly string[]
  readonly appid: string
  readonly sessions: SessionStore
  readonly clock: Clock
  readonly newId: () => string
}): SessionTokens => {
  const keys = options.secrets.map((secret) => new TextEncoder().encode(secret))
  const signingKey = keys[0]
  if (signingKey === undefined) throw new Error('a session secret is needed')
  const vouchingKey = Buffer.from(hkdfSync('sha256', signingKey, '', 'yuanlu vouched session', 32))

  const openToken = async (token: string): Promise<{ sub?: string; jti?: string } | null> => {
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          audience: options.appid,
          issuer: 'yuanlu',
          currentDate: new Date(options.clock()),
          requiredClaims: ['sub', 'jti', 'exp'],
        })
        return payload
      } catch {
        // Any reason a token is not ours is the same to the caller; the next key may fit.
      }
    }
    return null
  }

  return {
    issue: async (openid) => {
      const now = options.clock()
      const expiresAt = now + SESSION_TTL_MS
      const id = options.newId()
      await options.sessions.insert({ id, openid, expiresAt })
      const token = await new SignJWT()
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer('yuanlu')
        .setAudience(options.appid)
        .setSubject(openid)
        .setJti(id)
        .setIssuedAt(Math.floor(now / 1000))
        .setExpirationTime(Math.ceil(expiresAt / 1000))
        .sign(signingKey)
      return { token, expiresAt }
    },
    verify: async (token) => {
      const claims = await openToken(token)
      if (claims?.sub === undefined || claims.jti === undefined) return null
      const session = await options.sessions.find(claims.jti)
      if (session === null || session.openid !== claims.sub || session.expiresAt <= options.clock())
        return null
      return { sessionId: session.id, openid: session.openid }
    },
    vouched: async (openid) => {
      // The same one from every instance for two hours: a call reads it, and only the first one writes it.
      const window = Math.floor(options.clock() / SESSION_TTL_MS)
      const sessionId = createHmac('sha256', vouchingKey)
        .update(JSON.stringify([options.appid, openid, window]))
        .digest('base64url')
      if ((await options.sessions.find(sessionId)) === null)
        await options.sessions.insert({ id: sessionId, openid, expiresAt: (window + 2) * SESSION_TTL_MS })
      return { sessionId, openid }
    },
    end: (sessionId) => options.sessions.end(sessionId),
  }
}
