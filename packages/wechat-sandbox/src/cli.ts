/**
 * @module The command: npx wechat-sandbox [--port N|0] [--data DIR] [--api-port N|0].
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { acceptance } from './acceptance/command.ts'
import { isRecord, type JsonRecord } from './json.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'
import { SandboxStartError } from './start-error.ts'

const DEFAULT_PORT = 18443
const DEFAULT_DIR = '.wechat-sandbox'

const USAGE = `Usage: wechat-sandbox [options]
       wechat-sandbox acceptance --notify-url URL [options]

A local WeChat Pay. Prints "ready DIR/sandbox.json" (URLs, numbers, keys) and stays up until Ctrl-C.

  --port N             pay host, stands for api.mch.weixin.qq.com (default ${DEFAULT_PORT}; 0 = a free port)
  --api-port N         api host, stands for api.weixin.qq.com (default: --port + 1, or free)
  --control-port N     control API and web page (default: --port + 2, or free)
  --data DIR           keys and state, kept between starts (default ${DEFAULT_DIR})
  --host ADDRESS       listen elsewhere than 127.0.0.1; lets other machines in
  --new-merchant       no platform certificates, as for merchants created since October 2024
  --fee-basis-points N fee taken at settlement, in hundredths of a percent (default 0)
  --merchant-refund-url URL
                       where refunds started in the merchant platform are announced
                       (default: the trade's notify_url, /payment replaced by /refund)
  --close-after-seconds N
                       how long an APIv2 order can't be closed: 300 by WeChat's old pages (default 0)
  --rate-limits        refuse too many calls a second (a minute, a day) as WeChat Pay does
  --scenario FILE      faults and later control calls (JSON) to start with
  --ingest-seconds N   how long after a payment its shipping information can be uploaded (default 10)
  --log                one JSON object an event on stderr
  --help
`

/** Runs the command; resolves to its exit code, or stays up until a signal. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'acceptance') return acceptance(argv.slice(1))
  const options = readOptions(argv)
  if (typeof options === 'string') {
    process.stderr.write(`wechat-sandbox: ${options}\nTry --help.\n`)
    return 2
  }
  if (options === undefined) {
    process.stdout.write(USAGE)
    return 0
  }
  const { isOpen, scenarioFile, ...start } = options
  if (isOpen) {
    process.stderr.write(
      `wechat-sandbox: listening on ${start.host}: other machines can reach it, and the control API is plain http.\n`,
    )
  }
  try {
    const scenario = scenarioFile === undefined ? undefined : readScenario(scenarioFile)
    const sandbox = await startSandbox(start)
    if (scenario !== undefined) await playOrClose(sandbox, scenario)
    process.stdout.write(`ready ${sandbox.infoFile}\n`)
    await untilSignal()
    await sandbox.close()
    return 0
  } catch (error) {
    if (!(error instanceof SandboxStartError)) throw error
    process.stderr.write(`wechat-sandbox: ${error.message}\n`)
    return 1
  }
}

type Options = Parameters<typeof startSandbox>[0] & {
  readonly isOpen: boolean
  readonly scenarioFile: string | undefined
}

function readScenario(file: string): JsonRecord {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isRecord(json)) return json
  } catch (error) {
    throw new SandboxStartError(`--scenario ${file} can't be read as JSON.`, { cause: error })
  }
  throw new SandboxStartError(`--scenario ${file} must hold a JSON object of faults and steps.`)
}

/** A scenario that makes no sense is a reason not to start: nobody should test against half of it. */
async function playOrClose(sandbox: Sandbox, scenario: JsonRecord): Promise<void> {
  try {
    sandbox.control.runScenario(scenario)
  } catch (error) {
    await sandbox.close()
    const why = error instanceof Error ? error.message : String(error)
    throw new SandboxStartError(`--scenario: ${why}`, { cause: error })
  }
}

/** The options, undefined when help is wanted, or what is wrong with them. */
function readOptions(argv: readonly string[]): Options | string | undefined {
  let values: Readonly<Record<string, string | boolean | undefined>>
  try {
    values = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string' },
        'api-port': { type: 'string' },
        'control-port': { type: 'string' },
        data: { type: 'string' },
        host: { type: 'string' },
        'new-merchant': { type: 'boolean' },
        'fee-basis-points': { type: 'string' },
        'merchant-refund-url': { type: 'string' },
        'ingest-seconds': { type: 'string' },
        scenario: { type: 'string' },
        'close-after-seconds': { type: 'string' },
        'rate-limits': { type: 'boolean' },
        log: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
  if (values.help === true) return undefined
  const read = (name: string, fallback: number, max: number): number => {
    const text = values[name]
    if (typeof text !== 'string') return fallback
    return /^\d{1,6}$/.test(text) && Number(text) <= max ? Number(text) : Number.NaN
  }
  const port = read('port', DEFAULT_PORT, 65_535)
  const apiPort = read('api-port', port === 0 ? 0 : port + 1, 65_535)
  const controlPort = read('control-port', port === 0 ? 0 : port + 2, 65_535)
  const feeBasisPoints = read('fee-basis-points', 0, 10_000)
  for (const [name, value] of Object.entries({ port, 'api-port': apiPort, 'control-port': controlPort })) {
    if (Number.isNaN(value) || value > 65_535)
      return `--${name} must be a port from 0 to 65535 (0 = a free one)`
  }
  if (Number.isNaN(feeBasisPoints)) return '--fee-basis-points must be a whole number from 0 to 10000'
  const ingestSeconds = read('ingest-seconds', 10, 86_400)
  if (Number.isNaN(ingestSeconds)) return '--ingest-seconds must be a whole number from 0 to 86400'
  const closeSeconds = read('close-after-seconds', 0, 86_400)
  if (Number.isNaN(closeSeconds)) return '--close-after-seconds must be a whole number from 0 to 86400'
  const merchantRefundUrl = values['merchant-refund-url']
  const data = values.data ?? DEFAULT_DIR
  if (typeof data !== 'string' || data === '') return '--data must name a directory'
  const host = values.host ?? '127.0.0.1'
  if (typeof host !== 'string' || host === '') return '--host must be an address of this machine'
  return {
    dataDir: data,
    port,
    apiPort,
    controlPort,
    host,
    feeBasisPoints,
    orderIngestMs: ingestSeconds * 1_000,
    closableAfterMs: closeSeconds * 1_000,
    ...(typeof merchantRefundUrl === 'string' ? { merchantRefundUrl } : {}),
    rateLimits: values['rate-limits'] === true,
    platformCertificate: values['new-merchant'] !== true,
    scenarioFile: typeof values.scenario === 'string' ? values.scenario : undefined,
    isOpen: !['127.0.0.1', 'localhost', '::1'].includes(host),
    ...(values.log === true
      ? { log: (event, fields) => process.stderr.write(`${JSON.stringify({ event, ...fields })}\n`) }
      : {}),
  }
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
