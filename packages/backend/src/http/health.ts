/** @module `GET /healthz`: the process is up and reaches its database. */
import type { ShopDeps } from '@yuanlu/shop'
import type { Hono } from 'hono'
import type { AppEnv } from './base-app.ts'
import { httpRefusal } from './envelope.ts'

export const mountHealth = (app: Hono<AppEnv>, deps: Pick<ShopDeps, 'store'>): void => {
  app.get('/healthz', async (c) => {
    try {
      await deps.store.ping()
    } catch {
      throw httpRefusal('UNAVAILABLE', 'the database cannot be reached')
    }
    return c.json({ ok: true, data: { status: 'ok' } })
  })
}
