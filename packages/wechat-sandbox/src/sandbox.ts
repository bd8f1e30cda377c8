/**
 * @module Starts the whole sandbox: identity, memory, the two WeChat hosts, the control API and the notifier.
 */
import { setMaxListeners } from 'node:events'
import { hostname, networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'
import { openChanges } from './changes.ts'
import { openClock } from './clock.ts'
import { type Control, makeControl } from './control/operations.ts'
import { createControlServer } from './control/server.ts'
import { type Core, type Log, newNumber } from './core.ts'
import { openFaults } from './faults.ts'
import { createApiServer } from './http/api-server.ts'
import { listen, stop } from './http/listen.ts'
import { createPayServer } from './http/pay-server.ts'
import { API_HOST, answerConnect, PAY_HOSTS } from './http/tunnel.ts'
import { makePrivateDirectory, writePrivateFile } from './identity/files.ts'
import { type Identity, openIdentity } from './identity/identity.ts'
import { openPlatformKeys } from './identity/platform-keys.ts'
import { openJournal } from './journal/journal.ts'
import { makeDeliver } from './notify/deliver.ts'
import { openNotifier, pause } from './notify/notifier.ts'
import { JUMP_STANDS_MS, openReach } from './notify/reach.ts'
import { isLoopback, isNotifyUrl } from './notify-url.ts'
import { NO_LIMITS, openRateLimits } from './rate-limits.ts'
import { openRefundDesk } from './refunds/refund-desk.ts'
import { openSchedule } from './schedule.ts'
import { SandboxStartError } from './start-error.ts'
import { lockDirectory } from './state/lock.ts'
import { openStore } from './state/store.ts'
import { openNonces } from './v3/authorization.ts'

export interface SandboxOptions {
  /** Where keys and state live; made when missing, readable by this user only. */
  readonly dataDir: string
  /** Port of the pay host (api.mch.weixin.qq.com); 0, the default, takes a free one. */
  readonly port?: number
  /** Port of the api host (api.weixin.qq.com). */
  readonly apiPort?: number
  readonly controlPort?: number
  /** Address to listen on. Anything but loopback lets other machines in. */
  readonly host?: string
  /** Real time in epoch milliseconds; the virtual clock starts from it. */
  readonly clock?: () => number
  readonly notify?: {
    /** How long the merchant has to answer a notification; WeChat Pay gives 5,000 ms. */
    readonly timeoutMs?: number
    /** How long a jump of the clock stands still for a merchant that hung before, in real milliseconds; default 1,000. */
    readonly jumpStandsMs?: number
    /** More CA certificates (PEM) to trust when notify_url is https. */
    readonly trusted?: readonly string[]
  }
  readonly log?: Log
  /** Makes keys in text form and the merchant's numbers repeatable on a first start. RSA keys are always new. */
  readonly secretsSeed?: string
  /** false imitates a new merchant: GET /v3/certificates is 404 and everything is signed with the public key. */
  readonly platformCertificate?: boolean
  /** Fee taken at settlement in hundredths of a percent (60 = 0.6 %); default 0. */
  readonly feeBasisPoints?: number
  /**
   * Where refunds that are started in the merchant platform are announced (商户平台的退款结果通知). Without it: the
   * trade's own notify_url, when that ends in `/payment`, with `/refund` in its place.
   */
  readonly merchantRefundUrl?: string
  /** How long an APIv2 order can't be closed, in virtual milliseconds: 300,000 by the old pages; default 0. */
  readonly closableAfterMs?: number
  /** Whether too many calls a second, a minute or a day are refused as WeChat Pay refuses them; default false. */
  readonly rateLimits?: boolean
  /** How long after a payment the shipping calls know it, in virtual milliseconds; default 10,000. */
  readonly orderIngestMs?: number
}

/** What sandbox.json holds: everything an SDK needs to be pointed here. */
export interface SandboxInfo {
  readonly baseUrl: string
  readonly apiBaseUrl: string
  readonly consoleUrl: string
  readonly controlUrl: string
  readonly controlToken: string
  readonly caFile: string
  readonly appid: string
  readonly appSecret: string
  readonly mchid: string
  readonly v2Key: string
  readonly v3Key: string
  readonly certFile: string
  readonly keyFile: string
  readonly serialNo: string
  readonly publicKeyId: string
  readonly publicKeyFile: string
  readonly platformSerialNo: string
}

export interface Sandbox {
  readonly info: SandboxInfo
  /** The file `info` was written to. */
  readonly infoFile: string
  readonly caPem: string
  /** Virtual time in epoch milliseconds. */
  now(): number
  /** The control API without HTTP; refusals are thrown as ControlError. */
  readonly control: Control
  /** Stops listening, ends deliveries on their way (they are due again at the next start) and frees the directory. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const WECHAT_HOSTS = [...PAY_HOSTS, API_HOST]

/** By which other machines, or containers on this one, know it when they are let in. */
function namesOutside(host: string): string[] {
  if (isLoopback(host)) return []
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address),
  )
  return [...addresses, hostname(), 'host.docker.internal'].filter((name) => /^[0-9A-Za-z.:-]+$/.test(name))
}

/**
 * Starts a local WeChat Pay on loopback.
 * @throws SandboxStartError when a port is taken, the directory can't be used or its files are damaged.
 * @example
 * const sandbox = await startSandbox({ dataDir: '.wechat-sandbox' })
 * console.log(sandbox.info.baseUrl)
 * await sandbox.close()
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const dataDir = resolve(options.dataDir)
  const host = options.host ?? LOOPBACK
  const log: Log = options.log ?? (() => {})
  if (options.merchantRefundUrl !== undefined && !isNotifyUrl(options.merchantRefundUrl)) {
    throw new SandboxStartError(
      '--merchant-refund-url must be https (http on loopback), without a query: it is where WeChat Pay calls.',
    )
  }
  const unlock = claimDirectory(dataDir)
  const undo: (() => unknown)[] = [unlock]
  try {
    const identity = await openIdentity({
      dataDir,
      // WeChat's own names too: an SDK that has them built in can be led here by a hosts file or a proxy.
      hosts: [...new Set([LOOPBACK, 'localhost', '::1', ...WECHAT_HOSTS, host, ...namesOutside(host)])],
      seed: options.secretsSeed,
    })
    const changes = openChanges()
    const store = openStore(join(dataDir, 'state.jsonl'), () => changes.touch())
    undo.push(() => store.close())
    const clock = openClock(store, options.clock ?? Date.now)
    let writeInfo = (): void => {}
    const core: Core = {
      identity,
      store,
      clock,
      log,
      changes,
      journal: openJournal(() => changes.touch()),
      platform: openPlatformKeys(store, identity, () => writeInfo()),
      faults: openFaults(store, newNumber.faultId),
      limits: options.rateLimits === true ? openRateLimits(() => clock.real()) : NO_LIMITS,
      hasPlatformCertificate: options.platformCertificate ?? true,
      feeBasisPoints: options.feeBasisPoints ?? 0,
      merchantRefundUrl: options.merchantRefundUrl ?? null,
      closableAfterMs: options.closableAfterMs ?? 0,
      orderIngestMs: options.orderIngestMs ?? 10_000,
    }
    const closing = new AbortController()
    // Every answer that is held up listens to it, and any number may be at once: that is no leak.
    setMaxListeners(0, closing.signal)
    const schedule = openSchedule(clock, log, pause)
    undo.push(() => {
      closing.abort()
      return schedule.close()
    })
    const { timeoutMs = 5_000, jumpStandsMs = JUMP_STANDS_MS, trusted = [] } = options.notify ?? {}
    const deliver = makeDeliver({
      trusted: [identity.caPem, ...trusted],
      timeoutMs,
      closing: closing.signal,
    })
    const reach = openReach(deliver, { timeoutMs, jumpStandsMs })
    const notifier = openNotifier(core, schedule, reach, closing.signal)
    const desk = openRefundDesk(core, schedule, notifier)
    const control = makeControl(core, schedule, notifier, desk)
    const payServer = createPayServer(core, desk, openNonces(), closing.signal)
    const apiServer = createApiServer(core, closing.signal)
    let info: SandboxInfo | undefined
    const controlServer = createControlServer(core, control, () => {
      if (info === undefined) throw new Error('not every server listens yet')
      return info
    })
    const port = await listen(payServer, host, options.port ?? 0, '--port')
    undo.push(() => stop(payServer))
    const apiPort = await listen(apiServer, host, options.apiPort ?? 0, '--api-port')
    undo.push(() => stop(apiServer))
    const controlPort = await listen(controlServer, host, options.controlPort ?? 0, '--control-port')
    undo.push(() => stop(controlServer))
    controlServer.on('connect', (request, socket) => answerConnect(request, socket, { port, apiPort }))
    const infoFile = join(dataDir, 'sandbox.json')
    // Who signs is another one after a rotation: the file says so at once, not only after the next start.
    const describeNow = (): SandboxInfo =>
      describe(identity, host, { port, apiPort, controlPort }, core.platform.active().serialNo)
    writeInfo = () => {
      info = describeNow()
      writePrivateFile(infoFile, `${JSON.stringify(info, null, 2)}\n`)
    }
    writeInfo()
    let closed: Promise<void> | undefined
    return {
      get info() {
        return describeNow()
      },
      infoFile,
      caPem: identity.caPem,
      now: () => clock.now(),
      control,
      close: () => (closed ??= unwind(undo)),
    }
  } catch (error) {
    await unwind(undo)
    throw isSystemError(error)
      ? new SandboxStartError(`--data ${dataDir} can't be used: ${error.message}`, { cause: error })
      : error
  }
}

/** A full disk, a missing permission: something of this machine, not of the program. */
function isSystemError(error: unknown): error is { message: string } {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'message' in error
}

function claimDirectory(dataDir: string): () => void {
  try {
    makePrivateDirectory(dataDir)
    return lockDirectory(dataDir)
  } catch (error) {
    if (error instanceof SandboxStartError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new SandboxStartError(`--data ${dataDir} can't be written: ${why}`, { cause: error })
  }
}

async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step()
}

function describe(
  identity: Identity,
  host: string,
  ports: { port: number; apiPort: number; controlPort: number },
  platformSerialNo: string,
): SandboxInfo {
  // "Every address" is no address to call: this machine calls loopback.
  const reachable = host === '0.0.0.0' || host === '::' ? LOOPBACK : host
  const name = reachable.includes(':') ? `[${reachable}]` : reachable
  const controlUrl = `http://${name}:${ports.controlPort}`
  return {
    baseUrl: `https://${name}:${ports.port}`,
    apiBaseUrl: `https://${name}:${ports.apiPort}`,
    // What follows the # never leaves the browser: the page signs in with it.
    consoleUrl: `${controlUrl}/#token=${identity.controlToken}`,
    controlUrl,
    controlToken: identity.controlToken,
    caFile: identity.caFile,
    appid: identity.appid,
    appSecret: identity.appSecret,
    mchid: identity.mchid,
    v2Key: identity.v2Key,
    v3Key: identity.v3Key,
    certFile: identity.certFile,
    keyFile: identity.keyFile,
    serialNo: identity.serialNo,
    publicKeyId: identity.publicKeyId,
    publicKeyFile: identity.publicKeyFile,
    platformSerialNo,
  }
}
