/** @module Starts each part of the stack, and remembers how to stop it from the moment it runs. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLog, readConfig, startBackend } from '@yuanlu/backend'
import { COLLECTIONS, DEFAULT_PREFIX, INDEXES } from '@yuanlu/backend/cloudbase'
import { startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Preview, startPreview } from 'miniprogram-preview'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
import { answersAsPostgres } from './embedded-postgres/processes.ts'
import { startFunctionHost } from './functions/function-host.ts'
import type { LogFile } from './log-file.ts'
import type { Parts } from './parts.ts'
import { PEOPLE } from './people.ts'
import { apiSwitch, DECLARED_API, type NewTradesApi, sandboxPlatform } from './phones.ts'
import type { Ports } from './ports.ts'
import { startEmbeddedPostgres } from './postgres.ts'
import { DevhostProblem } from './problem.ts'
import { keptSecret } from './secrets.ts'
import type { Environment, Settings } from './settings.ts'
import { shopEnvironment } from './shop-environment.ts'

/** What every part may use. */
export interface Stage {
  readonly settings: Settings
  readonly ports: Ports
  readonly parts: Parts
  readonly log: LogFile
  readonly newTradesApi: NewTradesApi
  readonly say: (line: string) => void
}

const CATALOGUE = fileURLToPath(new URL('../catalogue.json', import.meta.url))

export interface Database {
  readonly url: string
  /** The variables that lead the shop to it. */
  readonly variables: Environment
  /** Whether it still answers. One in this process, or of the developer's own, needs no watching: always true. */
  isUp(): Promise<boolean>
}

/** The local stand-in for WeChat cloud, the developer's own PostgreSQL, or the embedded one. */
export async function startDatabase(stage: Stage): Promise<Database> {
  const { databaseUrl, store } = stage.settings
  if (store === 'cloudbase') return startCloud(stage)
  return databaseUrl === undefined ? startPostgres(stage) : postgresAt(databaseUrl, async () => true)
}

const postgresAt = (url: string, isUp: Database['isUp']): Database => ({
  url,
  variables: { STORE: 'postgres', DATABASE_URL: url },
  isUp,
})

async function startCloud({ settings, parts }: Stage): Promise<Database> {
  const emulator = await startCloudbaseEmulator({
    dataDir: path.join(settings.dataDir, 'cloud'),
    secretKey: keptSecret(path.join(settings.dataDir, 'cloud-secret-key')),
    collections: COLLECTIONS.map((name) => `${DEFAULT_PREFIX}${name}`),
    indexes: INDEXES.map((index) => ({ ...index, collection: `${DEFAULT_PREFIX}${index.collection}` })),
    requireIndexes: true,
  })
  // The SDK reads the environment of its process, which for a shop that is a server is this one.
  const before = Object.keys(emulator.environment).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, emulator.environment)
  parts.add('cloud', async () => {
    await emulator.close()
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
  return {
    url: emulator.url,
    variables: { STORE: 'cloudbase', ...emulator.environment },
    isUp: async () => true,
  }
}

async function startPostgres({ settings, parts, log, say }: Stage): Promise<Database> {
  const postgres = await startEmbeddedPostgres({
    dataDir: path.join(settings.dataDir, 'postgres'),
    log: (line) => log.write(`${JSON.stringify({ event: 'postgres', line })}\n`),
    onProgress: (step) => {
      if (step !== 'starting') say(STEPS[step])
    },
  })
  parts.add('PostgreSQL', () => postgres.stop())
  if (postgres.adopted) say('Found PostgreSQL still running from an earlier start; using it.')
  return postgresAt(postgres.url, () => answersAsPostgres(postgres.port))
}

const STEPS = {
  copying: 'Copying PostgreSQL to where its own account can read it (once) …',
  creating: 'Creating the database (once) …',
} as const

/** The local WeChat Pay: the same program as `npx wechat-sandbox`. */
export async function openSandbox({ settings, ports, parts, log }: Stage): Promise<Sandbox> {
  const sandbox = await startSandbox({
    dataDir: path.join(settings.dataDir, 'sandbox'),
    port: ports.wechatPay,
    apiPort: ports.wechatApi,
    controlPort: ports.wechatControl,
    log: (event, fields) => log.write(`${JSON.stringify({ event: `sandbox.${event}`, ...fields })}\n`),
  })
  parts.add('sandbox', () => sandbox.close())
  return sandbox
}

export interface ShopInput {
  readonly env: Environment
  readonly database: Database
  readonly sandbox: Sandbox
  readonly sessionSecret: string
  readonly jobsToken: string
  /** The bundles to run as cloud functions; null: a server. */
  readonly functions: string | null
}

/** The shop as in production, but for the sandbox's authority, its clock and the switch between protocols. */
export async function openShop(stage: Stage, input: ShopInput): Promise<{ readonly url: string }> {
  const { sandbox, database } = input
  const variables = shopEnvironment({
    ...input,
    port: stage.ports.backend,
    store: database.variables,
    sandbox: sandbox.info,
    catalogueFile: CATALOGUE,
  })
  // Functions read it when they are called; whoever sits here is told now.
  const config = readConfig(variables)
  return input.functions === null
    ? openServer(stage, { config, sandbox })
    : openFunctions(stage, { config, sandbox, variables, folder: input.functions })
}

async function openFunctions(
  stage: Stage,
  input: {
    readonly config: ReturnType<typeof readConfig>
    readonly sandbox: Sandbox
    readonly variables: Environment
    readonly folder: string
  },
): Promise<{ readonly url: string }> {
  const { sandbox, variables, folder } = input
  const host = await startFunctionHost({
    folder,
    port: stage.ports.backend,
    env: { ...variables, NODE_EXTRA_CA_CERTS: sandbox.info.caFile },
    clock: () => sandbox.now(),
    log: functionLog(stage),
  })
  stage.parts.add('backend', () => host.close())
  // As saving another value in the console would: the next events find instances that were started with it.
  stage.newTradesApi.onChange = (api) => host.configure({ WXPAY_API: api })
  await firstAnswer(host.url)
  return host
}

/** The first event starts an instance, which makes the shop's first owners and its catalogue. */
async function firstAnswer(url: string): Promise<void> {
  const answer = await fetch(`${url}/healthz`)
  if (answer.ok) return
  throw new DevhostProblem(
    `The cloud functions do not start: GET /healthz answers ${answer.status}. The log says why.`,
  )
}

/** Everything goes to the log file; a line that needs somebody's attention, or is none of ours, is shown as well. */
function functionLog({ log, say }: Stage): (line: string) => void {
  return (line) => {
    log.write(`${line}\n`)
    if (!/^\{.*"level":"(?:debug|info)"/.test(line)) say(line)
  }
}

async function openServer(
  stage: Stage,
  input: { readonly config: ReturnType<typeof readConfig>; readonly sandbox: Sandbox },
): Promise<{ readonly url: string }> {
  const { parts, newTradesApi } = stage
  const { config, sandbox } = input
  const clock = () => sandbox.now()
  const backend = await startBackend({
    config,
    clock,
    extraCaPem: sandbox.caPem,
    newTradesApi: () => newTradesApi.current,
    log: shopLog(stage, { level: config.logLevel, clock }),
  })
  parts.add('backend', () => backend.close())
  return backend
}

/** Everything goes to the log file; what needs somebody's attention is shown as well. */
function shopLog({ log, say }: Stage, { level, clock }: Omit<Parameters<typeof createLog>[0], 'write'>) {
  const toFile = createLog({ level, clock, write: log.write })
  const toPerson = createLog({ level: 'warn', clock, write: (line) => say(line.trimEnd()) })
  return {
    info: toFile.info,
    warn: (event: string, fields?: Readonly<Record<string, unknown>>) => {
      toFile.warn(event, fields)
      toPerson.warn(event, fields)
    },
    error: (event: string, fields?: Readonly<Record<string, unknown>>) => {
      toFile.error(event, fields)
      toPerson.error(event, fields)
    },
  }
}

/** The mini-program in phones. It compiles while the others start, so it is given promises of them. */
export async function openPhones(
  { settings, ports, parts, newTradesApi }: Stage,
  input: { readonly checkout: string; readonly watch: boolean; readonly sandbox: Promise<Sandbox> },
): Promise<Preview> {
  const apiUrl = `http://127.0.0.1:${ports.backend}`
  const preview = await startPreview({
    appRoot: path.join(input.checkout, 'miniprogram'),
    port: ports.preview,
    watch: input.watch,
    // Kept between starts: drawing two thousand icons anew takes longer than everything else together.
    outDir: path.join(settings.dataDir, 'preview'),
    title: '原路小店 Yuanlu',
    requestDomains: { [DECLARED_API]: apiUrl },
    shoppers: PEOPLE,
    platform: sandboxPlatform(input.sandbox),
    panel: {
      switches: [apiSwitch(newTradesApi)],
      links: [
        {
          label: '微信支付沙箱 Sandbox console',
          // Its token comes with the address that is printed, never with a page that every user of this machine can get.
          href: async () => `${(await input.sandbox).info.controlUrl}/`,
          takesFragment: true,
        },
        { label: '接口文档 OpenAPI', href: `${apiUrl}/openapi.json` },
        { label: '健康检查 Health', href: `${apiUrl}/healthz` },
      ],
    },
  })
  parts.add('preview', () => preview.close())
  return preview
}
