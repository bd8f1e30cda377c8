/** @module What `npm start` runs: everything, until Ctrl-C. */
import { addressBlock } from './addresses.ts'
import { type Devhost, startDevhost } from './devhost.ts'
import { OWNER } from './people.ts'
import { type Environment, readSettings } from './settings.ts'

/** SIGHUP is a closed terminal, SIGBREAK Ctrl-Break on Windows. */
const SIGNALS =
  process.platform === 'win32' ? ['SIGINT', 'SIGHUP', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP']
/** What a shell reports for a program that Ctrl-C killed. */
const EXIT_KILLED = 130

type Ending = { readonly kind: 'asked' } | { readonly kind: 'failed'; readonly reason: unknown }

/**
 * Starts the stack, prints its addresses, and stops it when asked to or when a part of it fails.
 *
 * @returns the exit code: 0 when it was asked to stop and did
 * @throws whatever kept it from starting, after all of it was stopped again
 */
export async function main(input: {
  readonly checkout: string
  readonly env: Environment
  /** The bundles of the cloud functions, when the shop is to run from them. */
  readonly functions: string | null
  /** When the command began, epoch milliseconds: compiling counts. */
  readonly startedAt: number
}): Promise<number> {
  const { checkout, env, functions, startedAt } = input
  const ended = watchForEnd()
  const devhost = await startDevhost({
    settings: readSettings(env, checkout),
    env,
    checkout,
    functions,
    watch: true,
    say: (line) => console.log(line),
    onLost: (problem) => ended.fail(problem),
  })
  if (!ended.already()) console.log(describe(devhost, (Date.now() - startedAt) / 1000))
  const ending = await ended.promise
  if (ending.kind === 'asked') console.log('\n停止中 Stopping … (Ctrl-C again ends at once)')
  else
    console.error(
      `\n  ${ending.reason instanceof Error ? explain(ending.reason) : String(ending.reason)}\n\nStopping the rest …`,
    )
  const failures = await devhost.stop()
  for (const failure of failures) console.error(failure)
  console.log('已停止 Stopped.')
  return ending.kind === 'asked' && failures.length === 0 ? 0 : 1
}

/** A lost part explains itself; a bug shows where it is. */
const explain = (error: Error): string =>
  error.name === 'DevhostProblem' ? error.message : (error.stack ?? error.message)

function watchForEnd() {
  let over = false
  let end: (ending: Ending) => void = () => {}
  const promise = new Promise<Ending>((resolve) => {
    end = (ending) => {
      over = true
      resolve(ending)
    }
  })
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (over) process.exit(EXIT_KILLED)
      end({ kind: 'asked' })
    })
  }
  const fail = (reason: unknown) => {
    if (over) console.error(reason)
    end({ kind: 'failed', reason })
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  return { promise, fail, already: () => over }
}

function flavour({ runsAs, store }: Devhost['run']): string {
  const how = runsAs === 'functions' ? '云函数 cloud functions' : '一个服务 one server'
  const where = store === 'cloudbase' ? '云数据库（本地模拟） the cloud database, emulated' : 'PostgreSQL'
  return `${how}, ${where}`
}

/** The page with the phones passes what stands behind the # on to its link to the console. */
const withToken = ({ previewUrl, consoleUrl }: Devhost['run']) => `${previewUrl}${new URL(consoleUrl).hash}`

function describe({ run, logFile }: Devhost, elapsedSeconds: number): string {
  return addressBlock(
    `原路 Yuanlu is ready, ${elapsedSeconds.toFixed(1)} s`,
    [
      { chinese: '小程序', english: 'mini-program', value: `${withToken(run)}  ← 打开它 open this` },
      { chinese: '后端接口', english: 'backend', value: `${run.apiUrl}  (/openapi.json, /healthz)` },
      { chinese: '运行方式', english: 'runs as', value: flavour(run) },
      { chinese: '微信支付沙箱', english: 'WeChat Pay sandbox', value: run.consoleUrl },
      { chinese: '沙箱参数', english: 'sandbox keys', value: run.sandboxFile },
      { chinese: '任务令牌', english: 'JOBS_TOKEN', value: run.jobsTokenFile },
      { chinese: '日志', english: 'log', value: logFile },
      { chinese: '店主', english: 'owner', value: `${OWNER.name} (${OWNER.openid})` },
    ],
    'Ctrl-C 停止 stops everything; 数据保留 the data stays.',
  )
}
