/** @module The cloud function of shoppers and staff. */
import { appDeps } from '../app-deps.ts'
import { createApiApp } from '../http/app.ts'
import { prepareShop } from '../prepare-shop.ts'
import type { StoreDriver } from '../store-driver.ts'
import { type CloudFunction, createFunction, type Outside } from './create-function.ts'

export const apiFunction = (driver: StoreDriver, outside: Outside = {}): CloudFunction =>
  createFunction(
    {
      name: 'api',
      roots: ['/v1', '/openapi.json', '/healthz'],
      servesCalls: true,
      hasTimer: false,
      timeLimitMs: 10_000,
      // One call of 4 s to WeChat, and the two seconds that are kept for the answer.
      shortestLimitMs: 6_000,
      open: async (shop) => {
        await prepareShop(shop)
        return { app: createApiApp(appDeps(shop)) }
      },
    },
    { driver, ...outside },
  )
