/** @module The cloud function of the platform's timer, and of operators. */
import { createBaseApp } from '../http/base-app.ts'
import { mountOperations, TICK_LIMIT } from '../http/operations.ts'
import { runDueJobs } from '../job-queue.ts'
import type { StoreDriver } from '../store-driver.ts'
import { type CloudFunction, createFunction, type Outside } from './create-function.ts'
import { lastRunAt, runJobsInTime } from './jobs-in-time.ts'

/** As config.json says, where the platform does not tell. */
const TIME_LIMIT_MS = 60_000

export const jobsFunction = (driver: StoreDriver, outside: Outside = {}): CloudFunction =>
  createFunction(
    {
      name: 'jobs',
      roots: ['/internal'],
      servesCalls: false,
      hasTimer: true,
      open: async (shop) => {
        const now = () => performance.now()
        const run = (limit: number, timeLimitMs: number) =>
          runJobsInTime({
            run: (atOnce) => runDueJobs(shop, atOnce),
            limit,
            untilMs: lastRunAt(now(), timeLimitMs),
            now,
          })
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
