/** @module The cloud function of the platform's timer, and of operators. */
import { createBaseApp } from '../http/base-app.ts'
import { mountOperations, TICK_LIMIT } from '../http/operations.ts'
import { runDueJobs } from '../job-queue.ts'
import type { StoreDriver } from '../store-driver.ts'
import { type CloudFunction, createFunction, type Outside } from './create-function.ts'

/** As config.json says, where the platform does not tell. */
const TIME_LIMIT_MS = 60_000
/**
 * The longest that a piece of work takes when everything it asks is slow: an order that is closed takes four calls. No
 * call outlasts the event; a piece that is begun too late would only not be done. Leases cover what is cut off even so.
 */
const PIECE_MS = 25_000

/** When the last piece is begun. A limit that is no longer than one piece may cut off any: half of it is used even so. */
const lastBeginMs = (timeLimitMs: number): number =>
  timeLimitMs > PIECE_MS ? timeLimitMs - PIECE_MS : timeLimitMs / 2

export const jobsFunction = (driver: StoreDriver, outside: Outside = {}): CloudFunction =>
  createFunction(
    {
      name: 'jobs',
      roots: ['/internal'],
      servesCalls: false,
      hasTimer: true,
      timeLimitMs: TIME_LIMIT_MS,
      shortestLimitMs: PIECE_MS + 1,
      open: async (shop) => {
        /**
         * Begins one piece of work, whatever the time limit, and then none that it could cut off; what is left is due
         * at the next event.
         */
        const run = (limit: number, timeLimitMs: number) => {
          const lastBegin = performance.now() + lastBeginMs(timeLimitMs)
          let hasBegun = false
          return runDueJobs(shop, limit, () => {
            if (hasBegun) return performance.now() < lastBegin
            hasBegun = true
            return true
          })
        }
        const app = createBaseApp(shop)
        mountOperations(app, { ...shop, jobsToken: shop.config.jobsToken }, (limit) =>
          run(limit, TIME_LIMIT_MS),
        )
        return {
          app,
          onTimer: async ({ timeLimitMs }) => {
            const ran = await run(TICK_LIMIT, timeLimitMs ?? TIME_LIMIT_MS)
            shop.log.info('jobs.ran', ran)
            return { ran }
          },
        }
      },
    },
    { driver, ...outside },
  )
