/** @module Puts the rooms together: configuration in, a running backend on PostgreSQL out. */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createPaymentGateway, createPlatform } from '@yuanlu/gateway-wechat'
import type { Log, Store } from '@yuanlu/shop'
import { createPostgresStore, StoreUnavailableError } from '@yuanlu/store-postgres'
import { createNotificationReader, createWxpayV2, createWxpayV3, WxpayError } from 'wxpay-core'
import { readCatalogue } from './catalogue.ts'
import { type BackendConfig, ConfigError } from './config.ts'
import { type AppDeps, createApp } from './http/app.ts'
import { TICK_LIMIT } from './http/operations.ts'
import { createRateLimiter } from './http/rate-limit.ts'
import { createJobQueue } from './job-queue.ts'
import { createLog } from './log.ts'
import { startResidentJobs } from './resident-jobs.ts'
import { createSessionTokens } from './session-tokens.ts'
import { createUploadUrls } from './upload-urls.ts'

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
  const catalogue = config.catalogueFile === null ? [] : await readCatalogue(config.catalogueFile)
  const wechat = connectWechat(options)
  let store: Store | undefined
  try {
    store = await createPostgresStore({ databaseUrl: config.databaseUrl, log })
    await store.staff.ensureOwners(config.ownerOpenids)
    const added = await store.products.insertMissing(catalogue)
    if (added > 0) log.info('catalogue.added', { products: added })
    return await listen({ config, clock, log, store, wechat })
  } catch (error) {
    wechat.destroy()
    await store?.close()
    throw error
  }
}

type Wechat = ReturnType<typeof connectClients>

/** Which variable a key or certificate of wxpay-core came from. */
const VARIABLES: Readonly<Record<string, string>> = {
  mchid: 'WXPAY_MCHID',
  appid: 'WX_APPID',
  key: 'WXPAY_V2_KEY',
  apiV3Key: 'WXPAY_V3_KEY',
  privateKeyPem: 'WXPAY_KEY_FILE',
  certificatePem: 'WXPAY_CERT_FILE',
  publicKey: 'WXPAY_PUBLIC_KEY_FILE',
  'publicKey.id': 'WXPAY_PUBLIC_KEY_ID',
  'publicKey.pem': 'WXPAY_PUBLIC_KEY_FILE',
  baseUrl: 'WXPAY_BASE_URL',
  backupUrl: 'WXPAY_BACKUP_URL',
}

/** Keys that do not fit each other are found here, and named by the variable they came from. */
const connectWechat = (options: BackendOptions) => {
  try {
    return connectClients(options)
  } catch (error) {
    if (!(error instanceof WxpayError) || error.code !== 'ERR_WXPAY_CONFIG') throw error
    const variable = VARIABLES[error.member ?? ''] ?? 'WXPAY_KEY_FILE'
    throw new ConfigError([{ variable, problem: error.message }])
  }
}

/** Both protocols, always: a trade keeps the one it was made with. */
const connectClients = (options: BackendOptions) => {
  const { appid, appSecret, apiBaseUrl, notifyBaseUrl, wxpay } = options.config
  const { mchid } = wxpay
  const connection = {
    baseUrl: wxpay.baseUrl,
    ...(wxpay.backupUrl === wxpay.baseUrl ? {} : { backupUrl: wxpay.backupUrl }),
    ...(options.extraCaPem === undefined ? {} : { ca: options.extraCaPem }),
  }
  const v3Config = {
    appid,
    mchid,
    apiV3Key: wxpay.v3Key,
    privateKeyPem: wxpay.keyPem,
    certificatePem: wxpay.certPem,
    ...(wxpay.publicKey === null ? {} : { publicKey: wxpay.publicKey }),
    ...connection,
  }
  const v3 = createWxpayV3(v3Config)
  const v2 = createWxpayV2({
    appid,
    mchid,
    key: wxpay.v2Key,
    signType: wxpay.v2SignType,
    // Refunds need the merchant's client certificate (商户API证书).
    certPem: wxpay.certPem,
    keyPem: wxpay.keyPem,
    ...connection,
  })
  const platform = createPlatform({
    appid,
    appSecret,
    baseUrl: apiBaseUrl,
    templates: options.config.templates,
    ...(options.extraCaPem === undefined ? {} : { extraCaPem: options.extraCaPem }),
  })
  return {
    platform,
    gateway: createPaymentGateway({
      clients: { v2, v3 },
      newTradesApi: options.newTradesApi ?? (() => wxpay.api),
      notifyBaseUrl,
      clock: options.clock ?? Date.now,
    }),
    notifications: createNotificationReader({
      appid,
      mchid,
      v2: { key: wxpay.v2Key, signType: wxpay.v2SignType },
      v3: { apiV3Key: wxpay.v3Key, verifier: v3.verifier },
    }),
    destroy: () => {
      v2.destroy()
      v3.destroy()
      platform.destroy()
    },
  }
}

const listen = async (parts: {
  readonly config: BackendConfig
  readonly clock: () => number
  readonly log: Log
  readonly store: Store
  readonly wechat: Wechat
}): Promise<Backend> => {
  const { config, clock, log, store, wechat } = parts
  const newId = () => randomBytes(16).toString('base64url')
  const deps: AppDeps = {
    clock,
    store,
    log,
    newId,
    gateway: wechat.gateway,
    platform: wechat.platform,
    notifications: wechat.notifications,
    messageTemplates: config.templates,
    returnAddress: config.returnAddress,
    settings: {
      orderTtlMs: config.orderTtlMs,
      autoApproveMs: config.autoApproveMs,
      secondApprovalFen: config.secondApprovalFen,
      returnMs: config.returnMs,
    },
    tokens: createSessionTokens({
      secrets: config.sessionSecrets,
      appid: config.appid,
      sessions: store.sessions,
      clock,
      newId,
    }),
    uploadUrls: createUploadUrls({ secrets: config.sessionSecrets, clock }),
    trustProxy: config.trustProxy,
    jobsToken: config.jobsToken,
    limits: {
      anyone: createRateLimiter({ burst: 600, perSecond: 60 }),
      signedIn: createRateLimiter({ burst: 300, perSecond: 30 }),
      uploads: createRateLimiter({ burst: 30, perSecond: 0.2 }),
    },
    isUnavailable: (error) => error instanceof StoreUnavailableError,
  }
  const runJobs = createJobQueue(deps)
  const app = createApp(deps, runJobs)
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
  log.info('backend.ready', { url, api: config.wxpay.api })
  return {
    url,
    port,
    tick: () => runJobs(TICK_LIMIT),
    close: async () => {
      await drain(server)
      await jobs?.stop()
      wechat.destroy()
      await store.close()
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
