/** @module The backend as a server of its own: every route on one port, and due jobs beside them. */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Log } from '@yuanlu/shop'
import { appDeps } from './app-deps.ts'
import { createEventTime, type EventTime, NOTIFICATION_PATIENCE_MS } from './call-time.ts'
import { type OpenShop, openShop } from './compose.ts'
import type { BackendConfig } from './config.ts'
import { createApp } from './http/app.ts'
import { TICK_LIMIT } from './http/operations.ts'
import { createJobQueue } from './job-queue.ts'
import { createLog } from './log.ts'
import { prepareShop } from './prepare-shop.ts'
import { startResidentJobs } from './resident-jobs.ts'
import { loadDriver } from './store-driver.ts'

export interface BackendOptions {
  readonly config: BackendConfig
  /** The clock of the shop's rules. Signatures always use real time. Default `Date.now`. */
  readonly clock?: () => number
  /** A certificate authority to trust besides the usual ones, PEM: the local sandbox's. */
  readonly extraCaPem?: string
  /** The protocol of new trades, where it may change while running. Default the configuration's. */
  readonly newTradesApi?: () => 'v2' | 'v3'
  readonly log?: Log
}

export interface Backend {
  readonly url: string
  readonly port: number
  /** Runs every due job, as `POST /internal/tick` does. */
  tick(): Promise<Record<string, number>>
  close(): Promise<void>
}

/** How often a resident process looks for due jobs. */
const JOBS_EVERY_MS = 2_000
/** The most items of one such look: a tick that comes meanwhile waits for it. */
const RESIDENT_LIMIT = 200

/** A caller that sends slowly holds a connection no longer than this. */
const SERVER_TIMEOUTS = {
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  // Above the idle time of the usual proxies, so that none of them sends into a connection we are closing.
  keepAliveTimeout: 75_000,
} as const
/** Requests under way when the process is told to stop get this long. */
const DRAIN_MS = 10_000

/** Opens the store, listens, and runs jobs, until `close`. Nothing is left open when it fails. */
export const startBackend = async (options: BackendOptions): Promise<Backend> => {
  const { config } = options
  const clock = options.clock ?? Date.now
  const log =
    options.log ??
    createLog({ level: config.logLevel, clock, write: (line) => void process.stdout.write(line) })
  const driver = await loadDriver(config.store.kind)
  const time = createEventTime()
  const { timeLeftMs } = time.callLimits
  const shop = await openShop({
    ...options,
    driver,
    clock,
    log,
    runsAs: 'server',
    callLimits: { timeLeftMs },
  })
  try {
    await prepareShop(shop)
    return await listen(shop, time)
  } catch (error) {
    await shop.close()
    throw error
  }
}

const listen = async (shop: OpenShop, time: EventTime): Promise<Backend> => {
  const { config, log } = shop
  const runJobs = createJobQueue(shop)
  const app = createApp(
    { ...appDeps(shop), inTime: (serve) => time.within(NOTIFICATION_PATIENCE_MS, serve) },
    runJobs,
  )
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const starting = serve(
      { fetch: app.fetch, port: config.port, hostname: config.host, serverOptions: SERVER_TIMEOUTS },
      () => resolve(starting),
    )
    starting.on('error', reject)
  })
  const jobs = config.residentJobs
    ? startResidentJobs({
        run: () => runJobs(RESIDENT_LIMIT),
        everyMs: JOBS_EVERY_MS,
        onError: (error) =>
          log.error('jobs.failed', { reason: error instanceof Error ? error.message : String(error) }),
      })
    : null
  const { port } = server.address() as AddressInfo
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  log.info('backend.ready', { url, api: config.wxpay.api, store: config.store.kind })
  return {
    url,
    port,
    tick: () => runJobs(TICK_LIMIT),
    close: async () => {
      await drain(server)
      await jobs?.stop()
      await shop.close()
    },
  }
}

/** Stops listening, lets requests under way end, and cuts those that do not. */
const drain = (server: ReturnType<typeof serve>): Promise<void> =>
  new Promise((resolve) => {
    if (!('closeIdleConnections' in server)) {
      server.close(() => resolve())
      return
    }
    // A connection becomes idle only when its answer is out, and would then be kept alive for a minute.
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const enough = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(enough)
      resolve()
    })
    server.closeIdleConnections()
  })
