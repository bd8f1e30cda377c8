/** @module The cloud function of WeChat Pay: verify, record, acknowledge. */
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
      // After that WeChat Pay takes the notification for lost, and sends it again.
      patienceMs: 5_000,
      open: async (shop) => {
        const app = createBaseApp(shop)
        mountNotifications(app, shop)
        return { app }
      },
    },
    { driver, ...outside },
  )
