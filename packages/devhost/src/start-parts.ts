/** @module Starts each part of the stack, and remembers how to stop it from the moment it runs. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Backend, createLog, readConfig, startBackend } from '@yuanlu/backend'
import { type Preview, startPreview } from 'miniprogram-preview'
import { type Sandbox, startSandbox } from 'wechat-sandbox'
import { answersAsPostgres } from './embedded-postgres/processes.ts'
import type { LogFile } from './log-file.ts'
import type { Parts } from './parts.ts'
import { PEOPLE } from './people.ts'
import { apiSwitch, DECLARED_API, type NewTradesApi, sandboxPlatform } from './phones.ts'
import type { Ports } from './ports.ts'
import { startEmbeddedPostgres } from './postgres.ts'
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
  /** Whether it still answers. A database of the developer's own is theirs to watch: always true. */
  isUp(): Promise<boolean>
}

/** The developer's own database, or the embedded PostgreSQL. */
export async function startDatabase({ settings, parts, log, say }: Stage): Promise<Database> {
  if (settings.databaseUrl !== undefined) return { url: settings.databaseUrl, isUp: async () => true }
  const postgres = await startEmbeddedPostgres({
    dataDir: path.join(settings.dataDir, 'postgres'),
    log: (line) => log.write(`${JSON.stringify({ event: 'postgres', line })}\n`),
    onProgress: (step) => {
      if (step !== 'starting') say(STEPS[step])
    },
  })
  parts.add('PostgreSQL', () => postgres.stop())
  if (postgres.adopted) say('Found PostgreSQL still running from an earlier start; using it.')
  return { url: postgres.url, isUp: () => answersAsPostgres(postgres.port) }
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

/** The backend as in production, but for the sandbox's authority, its clock and the switch between protocols. */
export async function openShop(
  stage: Stage,
  input: {
    readonly env: Environment
    readonly databaseUrl: string
    readonly sandbox: Sandbox
    readonly sessionSecret: string
    readonly jobsToken: string
  },
): Promise<Backend> {
  const { ports, parts, newTradesApi } = stage
  const { sandbox } = input
  const config = readConfig(
    shopEnvironment({ ...input, port: ports.backend, sandbox: sandbox.info, catalogueFile: CATALOGUE }),
  )
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
        { label: '微信支付沙箱 Sandbox console', href: `http://127.0.0.1:${ports.wechatControl}/` },
        { label: '接口文档 OpenAPI', href: `${apiUrl}/openapi.json` },
        { label: '健康检查 Health', href: `${apiUrl}/healthz` },
      ],
    },
  })
  parts.add('preview', () => preview.close())
  return preview
}
