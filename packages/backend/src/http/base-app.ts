/** @module What every application of the backend begins and ends with: a request id, one log line, one error mapping. */
import type { Clock, Log } from '@yuanlu/shop'
import { Hono } from 'hono'
import { HttpRefusal, refusalEnvelope } from './envelope.ts'

export interface BaseDeps {
  readonly clock: Clock
  readonly log: Log
  readonly newId: () => string
  /** Runs a store error through this to tell weather from bugs. */
  readonly isUnavailable: (error: unknown) => boolean
}

/** Who calls, as a cloud function's platform says it. Nothing of a request's headers becomes this. */
export interface FunctionCaller {
  readonly ip: string
  /** What stood before our path in the address that was called, such as `/shop`; usually empty. */
  readonly prefix: string
  /** Whom WeChat vouches for, for a `wx.cloud.callFunction` alone; null on every HTTP request. */
  readonly openid: string | null
}

export interface AppEnv {
  Bindings: {
    readonly incoming?: { readonly socket: { readonly remoteAddress?: string } }
    readonly caller?: FunctionCaller
  }
  Variables: { requestId: string }
}

export const createBaseApp = (deps: BaseDeps): Hono<AppEnv> => {
  const app = new Hono<AppEnv>()

  app.use(async (c, next) => {
    const startedAt = performance.now()
    c.set('requestId', deps.newId())
    c.header('X-Request-Id', c.get('requestId'))
    c.header('Cache-Control', 'no-store')
    c.header('X-Content-Type-Options', 'nosniff')
    // The phone counts down by our clock, which is not the machine's when it follows the sandbox's.
    c.header('Date', new Date(deps.clock()).toUTCString())
    await next()
    deps.log.info('http', {
      requestId: c.get('requestId'),
      method: c.req.method,
      route: c.req.routePath,
      status: c.res.status,
      ms: Math.round(performance.now() - startedAt),
    })
  })

  app.notFound((c) => {
    const { status, body } = refusalEnvelope(
      { code: 'NOT_FOUND', message: 'there is no such call' },
      c.get('requestId'),
    )
    return c.json(body, status)
  })
  app.onError((error, c) => {
    const requestId = c.get('requestId')
    if (error instanceof HttpRefusal) {
      const { status, body } = refusalEnvelope(error.refusal, requestId)
      return c.json(body, status, { ...error.headers })
    }
    const unavailable = deps.isUnavailable(error)
    deps.log.error(unavailable ? 'http.unavailable' : 'http.failed', {
      requestId,
      reason: error.message,
      ...(unavailable ? {} : { stack: error.stack }),
    })
    const { status, body } = refusalEnvelope(
      unavailable
        ? { code: 'UNAVAILABLE', message: 'the database cannot be reached right now' }
        : { code: 'INTERNAL', message: 'something went wrong here; name the request id when you report it' },
      requestId,
    )
    return c.json(body, status)
  })
  return app
}
