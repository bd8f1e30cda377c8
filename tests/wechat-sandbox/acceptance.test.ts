/** The acceptance suite itself: our backend keeps every rule, a careless server breaks them, each by its name. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { anyFreePort } from '@yuanlu/devhost'
import type { Sandbox } from 'wechat-sandbox'
import { STACK_JOBS_TOKEN, startStack } from '../support/stack.ts'
import { aSandbox, aShop, cleanUp, emptyDirectory } from './merchant.ts'

const LONG = 120_000
const PACKAGE = join(__dirname, '../../packages/wechat-sandbox')

afterAll(cleanUp)

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const program = [join(PACKAGE, 'bin/wechat-sandbox.mjs'), 'acceptance', ...args]
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--require', join(PACKAGE, 'bin/redirect.cjs'), ...program],
      { env: { ...process.env, NODE_OPTIONS: '', ...env }, timeout: LONG },
      (error, stdout, stderr) =>
        resolve({
          code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
          stdout,
          stderr,
        }),
    )
  })
}

const suite = (sandbox: Sandbox, notifyUrl: string, more: string[] = [], env: NodeJS.ProcessEnv = {}) =>
  run(['--data', dirname(sandbox.infoFile), '--notify-url', notifyUrl, ...more], {
    WECHAT_SANDBOX: sandbox.infoFile,
    ...env,
  })

const byOutcome = (report: { rules: { id: string; outcome: string; detail: string }[] }, outcome: string) =>
  report.rules.filter((rule) => rule.outcome === outcome).map(({ id, detail }) => `${id}: ${detail}`)

/** A server that answers every notification so, and whatever else a test wants of it. */
async function answering(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/notify`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

test.each([
  ['v3', []],
  ['v2', ['verify-stale: APIv2 notifications carry no time']],
] as const)(
  'our own backend keeps every rule, under API%s',
  async (api, skipped) => {
    const stack = await startStack()
    stack.api = api
    try {
      const { code, stdout, stderr } = await suite(
        stack.sandbox,
        `${stack.backend.url}/wxpay/notify/payment`,
        ['--json', '--driver', join(__dirname, 'drivers/yuanlu.mjs')],
        {
          SHOP_URL: stack.backend.url,
          SHOP_STAFF_OPENID: stack.owner.openid,
          SHOP_JOBS_TOKEN: STACK_JOBS_TOKEN,
        },
      )
      expect(stderr).toBe('')
      const report = JSON.parse(stdout)
      expect([byOutcome(report, 'failed'), byOutcome(report, 'skipped')]).toEqual([[], skipped])
      expect([report.passed, code]).toEqual([report.rules.length - skipped.length, 0])
      expect(report.genuineAcknowledged).toBe(true)
    } finally {
      await stack.close()
    }
  },
  LONG,
)

test(
  'a careless server is told which rules it breaks',
  async () => {
    const sandbox = await aSandbox({ clock: Date.now })
    const port = await anyFreePort()
    const { code, stdout, stderr } = await suite(
      sandbox,
      `http://127.0.0.1:${port}/notify`,
      ['--json', '--driver', join(__dirname, 'drivers/careless.mjs')],
      { CARELESS_PORT: String(port) },
    )
    expect(stderr).toBe('')
    const report = JSON.parse(stdout)
    expect(byOutcome(report, 'failed')).toEqual(CARELESS)
    expect(code).toBe(1)
  },
  LONG,
)

const CARELESS = [
  'verify-forged: it was acknowledged (HTTP 200 )',
  'verify-unsigned: it was acknowledged (HTTP 200 )',
  'verify-probe: it was acknowledged (HTTP 200 )',
  'verify-tampered: it was acknowledged (HTTP 200 )',
  'verify-stale: it was acknowledged (HTTP 200 )',
  'idempotent: it was handed out 5 times',
  'replayed: it was handed out 2 times',
  'amount: one fen paid the whole order',
  'client-not-believed: the order is shown as paid',
  'query-verified: the order is shown as paid',
  expect.stringMatching(/^same-trade-number: WeChat Pay knows 2 orders: /),
  'refund-not-yet: it is shown as refunded while PROCESSING',
  'refund-forged: it was acknowledged (HTTP 200 )',
  'refund-abnormal: 1 fen are shown as refunded',
  'refund-over: money went back',
  expect.stringMatching(/^refund-same-number-lost: 2 refunds were made: /),
  expect.stringMatching(/^refund-same-number-500: 2 refunds were made: /),
  expect.stringMatching(/^refund-same-number-429: 2 refunds were made: /),
]

/** What a shop that does nothing keeps honestly: it has one order at WeChat Pay however often it is asked to pay. */
const IDLE_KEEPS = ['same-trade-number: ']

test.each([
  [401, [], 'acknowledge is broken: it was not acknowledged (HTTP 401 )', IDLE_KEEPS],
  [204, ['--only', 'notify-url,amount'], 'acknowledge is broken: the order is not shown as paid', []],
])(
  'a shop that answers %i and does nothing keeps no rule for want of doing anything',
  async (status, only, reason, kept) => {
    const sandbox = await aSandbox({ clock: Date.now })
    const { url, close } = await answering((_request, response) => response.writeHead(status).end())
    const driver = ['--driver', join(__dirname, 'drivers/idle.mjs')]
    const { stdout, stderr } = await suite(sandbox, url, ['--json', ...driver, ...only], {
      IDLE_NOTIFY_URL: url,
    })
    close()
    expect(stderr).toBe('')
    const report = JSON.parse(stdout)
    expect([byOutcome(report, 'passed'), byOutcome(report, 'skipped')]).toEqual([kept, []])
    expect(byOutcome(report, 'failed')).toContain(`notify-url: it could not be checked, for ${reason}`)
  },
  LONG,
)

test(
  'without a driver the rules about notifications are checked, and the report is for people',
  async () => {
    const sandbox = await aSandbox({ clock: Date.now })
    const shop = await aShop()
    const { code, stdout } = await suite(sandbox, shop.url)
    expect(code).toBe(1)
    expect(stdout).toContain('✓ 通知地址没有查询串，不需要登录')
    expect(stdout).toMatch(/✗ 伪造签名的通知被拒绝 .*\[verify-forged\]\n {4}it was acknowledged \(HTTP 204/)
    expect(stdout).toMatch(/– 退款受理不等于退款成功 .*\(needs --driver\)/)
    expect(stdout).toMatch(
      /1 项通过 passed, 5 项不符 broken, 20 项未检查 skipped\n没有一条真实通知得到过应答.*\n$/,
    )
    await shop.close()
  },
  LONG,
)

test.each([
  [404, 0, 6],
  [500, 5, 1],
])(
  'a server that answers %i to everything does not pass, and it is said that it never took anything',
  async (status, passed, failed) => {
    const sandbox = await aSandbox({ clock: Date.now })
    const shop = await aShop()
    shop.reply = { status, body: '' }
    const { code, stdout } = await suite(sandbox, shop.url)
    expect(code).toBe(1)
    expect(stdout).toContain(`\n${passed} 项通过 passed, ${failed} 项不符 broken, 20 项未检查 skipped\n`)
    expect(stdout).toMatch(
      /no genuine notification was ever acknowledged \(it takes --driver to send one\)\n$/,
    )
    await shop.close()
  },
  LONG,
)

test(
  'a server that refuses everything unsigned keeps those rules; rules can be chosen',
  async () => {
    const sandbox = await aSandbox({ clock: Date.now })
    const { url, close } = await answering((_request, response) => response.writeHead(401).end())
    const { code, stdout } = await suite(sandbox, url, ['--only', 'verify-forged,verify-stale', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      notifyUrl: url,
      passed: 2,
      failed: 0,
      skipped: 0,
      genuineAcknowledged: false,
      rules: ['verify-forged', 'verify-stale'].map((id) => ({
        id,
        chinese: expect.stringMatching(/[\u4e00-\u9fff]/),
        english: expect.any(String),
        source: expect.stringMatching(/^pay\.weixin\.qq\.com\/doc\/v3\/merchant\/\d+$/),
        outcome: 'passed',
        detail: 'HTTP 401 ',
      })),
    })
    close()
    const gone = await suite(sandbox, url, ['--only', 'notify-url', '--json'])
    expect(byOutcome(JSON.parse(gone.stdout), 'failed')).toEqual([
      expect.stringContaining('nobody answers there'),
    ])
  },
  LONG,
)

test(
  'under --api v2 it sends XML: a server that takes any is told so, and outdated ones are not asked for',
  async () => {
    const sandbox = await aSandbox({ clock: Date.now })
    const bodies: string[] = []
    const { url, close } = await answering((incoming, response) => {
      let body = ''
      incoming.on('data', (chunk) => {
        body += chunk
      })
      incoming.on('end', () => {
        bodies.push(body)
        response.end('<xml><return_code>SUCCESS</return_code></xml>')
      })
    })
    const only = ['--only', 'verify-forged,verify-stale', '--api', 'v2', '--json']
    const { code, stdout } = await suite(sandbox, url, only)
    close()
    const report = JSON.parse(stdout)
    expect([code, byOutcome(report, 'failed')]).toEqual([
      1,
      [expect.stringMatching(/^verify-forged: it was acknowledged \(HTTP 200 /)],
    ])
    expect(byOutcome(report, 'skipped')).toEqual(['verify-stale: APIv2 notifications carry no time'])
    expect(bodies).toEqual([expect.stringMatching(/^<xml>/)])
  },
  LONG,
)

test(
  'wrong usage and a sandbox that is not there are said in a line, exit code 2',
  async () => {
    const directory = emptyDirectory()
    const sandbox = await aSandbox()
    const env = { WECHAT_SANDBOX: sandbox.infoFile }
    const url = 'http://127.0.0.1:9/notify'
    for (const [args, said] of [
      [[], '--notify-url must be https'],
      [['--notify-url', 'http://shop.example.com/notify'], '--notify-url must be https'],
      [['--notify-url', url, '--only', 'nothing'], 'there is no rule nothing'],
      [['--notify-url', url, '--api', 'v9'], '--api must be v3 or v2'],
      [['--notify-url', url, '--speed', '9'], "Unknown option '--speed'"],
      [['--notify-url', url, 'more'], "Unexpected argument 'more'"],
      [['--notify-url', url, '--data', directory], 'start the sandbox first'],
      [['--notify-url', url, '--data', dirname(sandbox.infoFile), '--driver', 'none.mjs'], 'none.mjs'],
    ] as const) {
      const { code, stdout, stderr } = await run([...args], env)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(said)
    }
    const help = await run(['--help'], env)
    expect([help.code, help.stderr]).toEqual([0, ''])
    expect(help.stdout).toContain('--driver FILE')
  },
  LONG,
)

test(
  'a driver that is none, or that can reach nothing, is said in a line, exit code 2',
  async () => {
    const sandbox = await aSandbox()
    for (const [module, said] of [
      ['export const start = () => {}', 'exports no function named connect'],
      ["export const connect = () => { throw new Error('the shop is closed') }", 'the shop is closed'],
    ] as const) {
      const driver = join(emptyDirectory(), 'driver.mjs')
      writeFileSync(driver, module)
      const { code, stdout, stderr } = await suite(sandbox, 'http://127.0.0.1:9/notify', ['--driver', driver])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^wechat-sandbox acceptance: .*\n$/)
      expect(stderr).toContain(said)
    }
  },
  LONG,
)

test(
  'a sandbox that has stopped, or stops midway, is no broken rule: exit code 2, and no report',
  async () => {
    const stopped = await aSandbox()
    await stopped.close()
    const never = await suite(stopped, 'http://127.0.0.1:9/notify', ['--json'])
    expect([never.code, never.stdout]).toEqual([2, ''])
    expect(never.stderr).toMatch(/^wechat-sandbox acceptance: the sandbox does not answer: .*\n$/)

    // Its control API is there for the first call, and gone for the next.
    let calls = 0
    const leaving = await answering((request, response) => {
      calls += 1
      if (calls === 1) response.end('{}')
      else request.socket.destroy()
    })
    const data = emptyDirectory()
    const info = { ...stopped.info, controlUrl: new URL(leaving.url).origin }
    writeFileSync(join(data, 'sandbox.json'), JSON.stringify(info))
    const args = ['--data', data, '--notify-url', 'http://127.0.0.1:9/notify', '--json']
    const midway = await run(args, { WECHAT_SANDBOX: stopped.infoFile })
    leaving.close()
    expect([midway.code, midway.stdout, calls > 1]).toEqual([2, '', true])
    expect(midway.stderr).toMatch(/^wechat-sandbox acceptance: the sandbox does not answer: .*\n$/)
  },
  LONG,
)
