/** @module Starts PostgreSQL, the sandbox, the backend and the preview as one, and stops them as one. */
import path from 'node:path'
import { openLogFile } from './log-file.ts'
import { Parts } from './parts.ts'
import { findPorts, PORT_NAMES, type Ports } from './ports.ts'
import { DevhostProblem } from './problem.ts'
import { type RunInfo, removeRunFile, writeRunFile } from './run-file.ts'
import { keptSecret } from './secrets.ts'
import type { Environment, Settings } from './settings.ts'
import { lockDataFolder } from './single-instance.ts'
import { openPhones, openSandbox, openShop, type Stage, startDatabase } from './start-parts.ts'
import { watchHealth } from './watch-health.ts'

export interface DevhostOptions {
  readonly settings: Settings
  /** What the developer chose for the shop; shop-environment.ts says which variables count. */
  readonly env: Environment
  /** The checkout, which holds `miniprogram/`. */
  readonly checkout: string
  /** The bundles of the cloud functions to run the shop from. Default: the shop is a server in this process. */
  readonly functions?: string | null
  /** Compile the mini-program again when its files change. Default false. */
  readonly watch?: boolean
  /** One line for the person at the terminal. */
  readonly say?: (line: string) => void
  /** A part was lost while everything ran; stopping the rest is the caller's. */
  readonly onLost?: (problem: DevhostProblem) => void
}

export interface Devhost {
  readonly run: RunInfo
  readonly logFile: string
  /** Stops everything in reverse order; answers what could not be stopped, as sentences. */
  stop(): Promise<string[]>
}

const STOP_ORDER = [
  'watch',
  'run file',
  'preview',
  'backend',
  'sandbox',
  'PostgreSQL',
  'cloud',
  'log',
  'lock',
]

/**
 * Starts everything, side by side where one part does not need another. When one does not start, those that did are
 * stopped again before the error is thrown.
 *
 * @throws DevhostProblem with a plain sentence for whatever the person at the keyboard can mend
 */
export async function startDevhost(options: DevhostOptions): Promise<Devhost> {
  const parts = new Parts(STOP_ORDER)
  try {
    return await start(options, parts)
  } catch (error) {
    await parts.stopAll()
    throw asProblem(error)
  }
}

async function start(options: DevhostOptions, parts: Parts): Promise<Devhost> {
  const { settings, env, checkout, functions = null, watch = false, say = () => {} } = options
  const inData = (name: string) => path.join(settings.dataDir, name)
  const lock = await lockDataFolder(settings.dataDir)
  parts.add('lock', () => lock.release())
  const ports = await findPorts(settings.ports)
  sayOtherPorts(settings, ports, say)
  const jobsTokenFile = inData('jobs-token')
  const jobsToken = keptSecret(jobsTokenFile)
  const sessionSecret = keptSecret(inData('session-secret'))
  const logFile = inData('shop.log')
  const log = openLogFile(logFile)
  parts.add('log', () => log.close())

  const newTradesApi = { current: settings.newTradesApi, onChange: () => {} }
  const stage: Stage = { settings, ports, parts, log, say, newTradesApi }
  const database = startDatabase(stage)
  const sandbox = openSandbox(stage)
  const shop = Promise.all([database, sandbox]).then(([db, wechat]) =>
    openShop(stage, { env, database: db, sandbox: wechat, sessionSecret, jobsToken, functions }),
  )
  const phones = openPhones(stage, { checkout, watch, sandbox })
  // None may still be starting when the others are stopped.
  await Promise.allSettled([database, sandbox, shop, phones])
  const [db, wechat, backend, preview] = await Promise.all([database, sandbox, shop, phones])

  const lost = () =>
    options.onLost?.(new DevhostProblem(`PostgreSQL no longer answers. Its log is in ${inData('postgres')}.`))
  const stopWatching = watchHealth(() => db.isUp(), lost)
  parts.add('watch', async () => stopWatching())
  const run: RunInfo = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    apiUrl: backend.url,
    previewUrl: preview.url,
    consoleUrl: wechat.info.consoleUrl,
    sandboxFile: wechat.infoFile,
    jobsTokenFile,
    store: settings.store,
    databaseUrl: db.url,
    runsAs: functions === null ? 'server' : 'functions',
  }
  writeRunFile(inData('run.json'), run)
  parts.add('run file', async () => removeRunFile(inData('run.json')))
  const stop = () => {
    lock.leaving()
    return parts.stopAll()
  }
  return { run, logFile, stop }
}

function sayOtherPorts(settings: Settings, ports: Ports, say: (line: string) => void): void {
  for (const name of PORT_NAMES) {
    const { asked, port, variable } = settings.ports[name]
    if (!asked && ports[name] !== port) {
      say(`Port ${port} is taken by another program; using ${ports[name]} instead (${variable} chooses it).`)
    }
  }
}

/** The rooms explain their own reasons not to start; whatever else is thrown is a bug, or the machine's. */
const EXPLAINED = new Set([
  'ConfigError',
  'StoreUnavailableError',
  'EmbeddedPostgresError',
  'EmulatorStartError',
  'CloudbaseSetupError',
  'SandboxStartError',
  'PreviewCompileError',
])

function asProblem(error: unknown): unknown {
  if (!(error instanceof Error) || !EXPLAINED.has(error.name)) return error
  const lead = error.name === 'ConfigError' ? 'The environment cannot be used:\n' : ''
  return new DevhostProblem(`${lead}${error.message}`, { cause: error })
}
