/** @module One instance of a cloud function: a process that serves one event at a time, and is frozen in between. */
import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../settings.ts'

/** What a function did not answer, in the platform's words. */
export class FunctionFailure extends Error {
  override readonly name = 'FunctionFailure'
  readonly code: 'FUNCTION_TIME_LIMIT_EXCEEDED' | 'FUNCTION_INVOCATION_FAILED'

  constructor(code: FunctionFailure['code'], message: string) {
    super(message)
    this.code = code
  }
}

export interface Invocation {
  readonly event: unknown
  /** What the platform puts into the environment for this call. */
  readonly environment?: Readonly<Record<string, string>>
  readonly clockOffsetMs: number
  readonly timeLimitMs: number
}

export interface InstanceOptions {
  readonly name: string
  /** Holds index.js. */
  readonly folder: string
  readonly env: Environment
  /** Stop the process between events, as the platform does. */
  readonly freezes: boolean
  readonly onLine: (line: string) => void
  /** Timers that were still there when an event had been answered. */
  readonly onLeftTimers: (count: number) => void
  readonly onEnd: () => void
}

export interface Instance {
  /** @throws FunctionFailure */
  invoke(invocation: Invocation): Promise<unknown>
  kill(): void
}

const MAIN = fileURLToPath(new URL('./instance-main.mjs', import.meta.url))
const CONTEXT = { memory_limit_in_mb: 256, namespace: 'local' } as const

interface Reply {
  readonly id: number
  readonly answer?: string
  readonly error?: string
  readonly leftTimers?: number
}

/** Starts the process. Its environment is what is configured and nothing of this process's own. */
export function startInstance(options: InstanceOptions): Instance {
  const { name, folder, freezes } = options
  const child = fork(MAIN, [folder], {
    env: environmentOf(options.env),
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  readLines(child, options.onLine)
  let waiting: { readonly id: number; settle(reply: Reply | FunctionFailure): void } | undefined
  let lastId = 0
  child.on('message', (reply: Reply) => {
    if (reply.id !== waiting?.id) return
    if (freezes) child.kill('SIGSTOP')
    if (reply.leftTimers !== undefined && reply.leftTimers > 0) options.onLeftTimers(reply.leftTimers)
    waiting.settle(reply)
  })
  const end = (why: string) => {
    waiting?.settle(new FunctionFailure('FUNCTION_INVOCATION_FAILED', `${name} ${why}`))
    options.onEnd()
  }
  child.once('error', (error) => end(`could not be started: ${error.message}`))
  child.once('exit', (code, signal) => end(`ended with ${signal ?? `code ${code}`} before it answered`))
  // A frozen process would outlive this one.
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))

  return {
    kill,
    invoke: async ({ event, environment = {}, clockOffsetMs, timeLimitMs }) => {
      const id = ++lastId
      let timer: NodeJS.Timeout | undefined
      const reply = await new Promise<Reply | FunctionFailure>((settle) => {
        waiting = { id, settle }
        timer = setTimeout(() => {
          settle(
            new FunctionFailure(
              'FUNCTION_TIME_LIMIT_EXCEEDED',
              `${name} did not answer within ${timeLimitMs / 1000} s`,
            ),
          )
          kill()
        }, timeLimitMs)
        if (freezes) child.kill('SIGCONT')
        const context = {
          ...CONTEXT,
          function_name: name,
          time_limit_in_ms: timeLimitMs,
          request_id: `${id}`,
        }
        child.send({ id, event, context, environment, clockOffsetMs }, (error) => {
          if (error !== null) settle(new FunctionFailure('FUNCTION_INVOCATION_FAILED', error.message))
        })
      })
      clearTimeout(timer)
      waiting = undefined
      if (reply instanceof FunctionFailure) throw reply
      if (reply.error !== undefined) throw new FunctionFailure('FUNCTION_INVOCATION_FAILED', reply.error)
      return JSON.parse(reply.answer ?? 'null')
    },
  }
}

/** Windows starts no program without knowing where it is itself. */
const environmentOf = (env: Environment): NodeJS.ProcessEnv => ({
  ...(process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot }),
  ...env,
})

function readLines({ stdout, stderr }: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [stdout, stderr]) if (stream !== null) createInterface(stream).on('line', onLine)
}
