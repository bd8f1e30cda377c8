/** @module The cloud function of WeChat Pay: verify, record, acknowledge. */
import { NOTIFICATION_PATIENCE_MS } from '../call-time.ts'
import { createBaseApp } from '../http/base-app.ts'
import { mountNotifications } from '../http/notify.ts'
import type { StoreDriver } from '../store-driver.ts'
import { type CloudFunction, createFunction, type Outside } from './create-function.ts'

export const wxpayNotifyFunction = (driver: StoreDriver, outside: Outside = {}): CloudFunction =>
  createFunction(
    {
      name: 'wxpay-notify',
      roots: ['/wxpay/notify'],
      servesCalls: false,
      hasTimer: false,
      timeLimitMs: 10_000,
      // Nobody waits longer for it.
      shortestLimitMs: NOTIFICATION_PATIENCE_MS,
      patienceMs: NOTIFICATION_PATIENCE_MS,
      open: async (shop) => {
        const app = createBaseApp(shop)
        mountNotifications(app, shop)
        return { app }
      },
    },
    { driver, ...outside },
  )
