/** @module The HTTP application: every route, one error mapping. */

import type { JsonCallName, MessageTemplates } from '@yuanlu/contract'
import type { NotificationReader } from '@yuanlu/gateway-wechat'
import type { ShopDeps } from '@yuanlu/shop'
import { Hono } from 'hono'
import { createJobQueue, type RunJobs } from '../job-queue.ts'
import type { SessionTokens } from '../session-tokens.ts'
import type { UploadUrls } from '../upload-urls.ts'
import { HttpRefusal, refusalEnvelope } from './envelope.ts'
import { createHandlers } from './handlers.ts'
import { mountCall } from './mount.ts'
import { mountNotifications } from './notify.ts'
import { openApiDocument } from './openapi.ts'
import { mountOperations } from './operations.ts'
import type { RateLimiter } from './rate-limit.ts'
import { mountUploads } from './upload-handlers.ts'

export interface AppDeps extends ShopDeps {
  readonly tokens: SessionTokens
  readonly uploadUrls: UploadUrls
  readonly notifications: NotificationReader
  /** Null: that message is not sent, and nobody is asked to allow it. */
  readonly messageTemplates: MessageTemplates
  /** Where goods are sent back to; null: the shop has to be asked. */
  readonly returnAddress: string | null
  readonly newId: () => string
  /** Proxies in front whose X-Forwarded-For is believed. */
  readonly trustProxy: number
  /** Null: the operators' calls do not exist. */
  readonly jobsToken: string | null
  /** `uploads` counts besides `signedIn`: a picture costs more than a call. */
  readonly limits: Readonly<Record<'anyone' | 'signedIn' | 'uploads', RateLimiter>>
  /** Runs a store error through this to tell weather from bugs. */
  readonly isUnavailable: (error: unknown) => boolean
}

export interface AppEnv {
  Bindings: { readonly incoming?: { readonly socket: { readonly remoteAddress?: string } } }
  Variables: { requestId: string }
}

/** @param runJobs shared with whoever else runs jobs in this process */
export const createApp = (deps: AppDeps, runJobs: RunJobs = createJobQueue(deps)): Hono<AppEnv> => {
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

  const handlers = createHandlers(deps)
  const mount = <N extends JsonCallName>(name: N): void => mountCall(app, deps, name, handlers[name])
  for (const name of Object.keys(handlers) as JsonCallName[]) mount(name)
  mountUploads(app, deps)
  mountNotifications(app, deps)
  mountOperations(app, deps, runJobs)
  const document = JSON.stringify(openApiDocument())
  app.get('/openapi.json', (c) => c.body(document, 200, { 'Content-Type': 'application/json' }))

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
