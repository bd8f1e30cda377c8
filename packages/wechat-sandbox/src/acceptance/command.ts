/**
 * @module The command: wechat-sandbox acceptance --notify-url URL [--driver FILE] [--json].
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isNotifyUrl } from '../notify-url.ts'
import type { SandboxInfo } from '../sandbox.ts'
import { type ControlCall, loadDriver, SandboxGoneError, type ShopDriver } from './driver.ts'
import { RULES } from './rules.ts'
import { type AcceptanceReport, type RuleReport, runAcceptance } from './run.ts'

const USAGE = `Usage: wechat-sandbox acceptance --notify-url URL [options]

Plays WeChat Pay's rules against a merchant server that is configured for a running sandbox, and says which it keeps.

  --notify-url URL   where the server is told about payments
  --data DIR         of the running sandbox (default .wechat-sandbox)
  --driver FILE      a module that orders, pays and refunds through the server's own API; without it only the
                     rules about notifications are checked
  --api v3|v2        without a driver: the protocol of the notifications (default v3)
  --only ID[,ID]     these rules alone
  --json             the report as one JSON object on stdout
  --help

Exit code: 0 all kept (or skipped), 1 at least one broken, 2 wrong usage, or no sandbox (any more).
`

export async function acceptance(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (typeof options === 'string') {
    process.stderr.write(`wechat-sandbox acceptance: ${options}\nTry --help.\n`)
    return 2
  }
  if (options === undefined) {
    process.stdout.write(USAGE)
    return 0
  }
  const { notifyUrl, only, json, protocol } = options
  let control: ControlCall
  let driver: ShopDriver | null = null
  try {
    const info = readInfo(options.data)
    control = controlOf(info)
    await control('GET', '/clock')
    if (options.driver !== undefined)
      driver = await (await loadDriver(resolve(options.driver))).connect({ info, control })
  } catch (error) {
    return giveUp(error)
  }
  let report: AcceptanceReport
  try {
    report = await runAcceptance({
      control,
      driver,
      notifyUrl,
      protocol,
      only,
      ...(json ? {} : { onRule: (rule) => process.stdout.write(`${lineOf(rule)}\n`) }),
    })
  } catch (error) {
    return giveUp(error)
  }
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : summaryOf(report))
  return report.failed > 0 ? 1 : 0
}

/** Nothing is known about the shop then: not the exit code of a broken rule. */
function giveUp(error: unknown): 2 {
  process.stderr.write(`wechat-sandbox acceptance: ${error instanceof Error ? error.message : error}\n`)
  return 2
}

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const

function lineOf({ outcome, id, chinese, english, detail, source }: RuleReport): string {
  const head = `${MARKS[outcome]} ${chinese}  ${english}  [${id}]`
  if (outcome === 'passed' || detail === '') return head
  return outcome === 'failed' ? `${head}\n    ${detail}\n    ${source}` : `${head}  (${detail})`
}

function summaryOf({ passed, failed, skipped, genuineAcknowledged }: AcceptanceReport): string {
  const counts = `\n${passed} 项通过 passed, ${failed} 项不符 broken, ${skipped} 项未检查 skipped\n`
  return genuineAcknowledged ? counts : `${counts}${NONE_ACKNOWLEDGED}\n`
}

// A server that refuses everything keeps the rules about refusing.
const NONE_ACKNOWLEDGED =
  '没有一条真实通知得到过应答（需要 --driver） no genuine notification was ever acknowledged (it takes --driver to send one)'

interface Options {
  readonly notifyUrl: string
  readonly data: string
  readonly driver: string | undefined
  readonly protocol: 'v3' | 'v2'
  readonly only: readonly string[]
  readonly json: boolean
}

function readOptions(argv: readonly string[]): Options | string | undefined {
  let values: { [name: string]: string | boolean | undefined }
  try {
    values = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        'notify-url': { type: 'string' },
        data: { type: 'string' },
        driver: { type: 'string' },
        api: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
  if (values.help === true) return undefined
  const { 'notify-url': notifyUrl, data = '.wechat-sandbox', driver, only = '', json } = values
  const { api = 'v3' } = values
  if (api !== 'v3' && api !== 'v2') return '--api must be v3 or v2'
  if (typeof notifyUrl !== 'string' || !isNotifyUrl(notifyUrl))
    return '--notify-url must be https (http on loopback), without a query'
  const ids = String(only)
    .split(',')
    .filter((id) => id !== '')
  const unknown = ids.find((id) => !RULES.some((rule) => rule.id === id))
  if (unknown !== undefined)
    return `--only: there is no rule ${unknown}; there are ${RULES.map(({ id }) => id).join(', ')}`
  return {
    notifyUrl,
    data: String(data),
    driver: typeof driver === 'string' ? driver : undefined,
    protocol: api,
    only: ids,
    json: json === true,
  }
}

function readInfo(data: string): SandboxInfo {
  const file = join(resolve(data), 'sandbox.json')
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new Error(`${file} can't be read: start the sandbox first (wechat-sandbox --data ${data})`)
  }
}

/** The control API of another process. */
export function controlOf({ controlUrl, controlToken }: SandboxInfo): ControlCall {
  return (method, path, body) =>
    new Promise((resolvePromise, reject) => {
      const outgoing = request(
        `${controlUrl}${path}`,
        { method, agent: false, headers: { Authorization: `Bearer ${controlToken}` } },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('error', (error) => reject(new SandboxGoneError(error)))
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            if (answer.statusCode === 200) return resolvePromise(JSON.parse(text))
            reject(new Error(`${method} ${path}: ${/"message":"([^"]*)"/.exec(text)?.[1] ?? text}`))
          })
        },
      )
      outgoing.on('error', (error) => reject(new SandboxGoneError(error)))
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })
}
