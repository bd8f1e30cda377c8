/** @module The HTTP applications: every route for a server, and for each cloud function its own. */
import type { JsonCallName, MessageTemplates } from '@yuanlu/contract'
import type { ShopDeps } from '@yuanlu/shop'
import type { Hono } from 'hono'
import { createJobQueue, type RunJobs } from '../job-queue.ts'
import type { SessionTokens } from '../session-tokens.ts'
import type { UploadUrls } from '../upload-urls.ts'
import { type AppEnv, type BaseDeps, createBaseApp } from './base-app.ts'
import { createHandlers } from './handlers.ts'
import { mountHealth } from './health.ts'
import { mountCall } from './mount.ts'
import { mountNotifications, type NotificationDeps } from './notify.ts'
import { openApiDocument } from './openapi.ts'
import { mountOperations, type OperationsDeps } from './operations.ts'
import type { RateLimiter } from './rate-limit.ts'
import { mountUploads } from './upload-handlers.ts'

/** What the calls of shoppers and staff need. */
export interface ApiDeps extends ShopDeps, BaseDeps {
  readonly tokens: SessionTokens
  readonly uploadUrls: UploadUrls
  /** Null: that message is not sent, and nobody is asked to allow it. */
  readonly messageTemplates: MessageTemplates
  /** Where goods are sent back to; null: the shop has to be asked. */
  readonly returnAddress: string | null
  /** Proxies in front whose X-Forwarded-For is believed. */
  readonly trustProxy: number
  /** `uploads` counts besides `signedIn`: a picture costs more than a call. */
  readonly limits: Readonly<Record<'anyone' | 'signedIn' | 'uploads', RateLimiter>>
}

export interface AppDeps extends ApiDeps, NotificationDeps, OperationsDeps {}

/**
 * Everything that is served anywhere.
 *
 * @param runJobs shared with whoever else runs jobs in this process
 */
export const createApp = (deps: AppDeps, runJobs: RunJobs = createJobQueue(deps)): Hono<AppEnv> => {
  const app = createApiApp(deps)
  mountNotifications(app, deps)
  mountOperations(app, deps, runJobs)
  return app
}

/** What shoppers and staff call, and what describes it. */
export const createApiApp = (deps: ApiDeps): Hono<AppEnv> => {
  const app = createBaseApp(deps)
  const handlers = createHandlers(deps)
  const mount = <N extends JsonCallName>(name: N): void => mountCall(app, deps, name, handlers[name])
  for (const name of Object.keys(handlers) as JsonCallName[]) mount(name)
  mountUploads(app, deps)
  mountHealth(app, deps)
  // Made when somebody asks: most processes, and nearly all instances of a cloud function, are never asked.
  let document: string | undefined
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(openApiDocument())
    return c.body(document, 200, { 'Content-Type': 'application/json' })
  })
  return app
}
