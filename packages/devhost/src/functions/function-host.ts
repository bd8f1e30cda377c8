/**
 * @module A local stand-in for the platform of cloud functions: loads the very bundles that are uploaded, each in processes
 * of its own, behind one HTTP address and with its timer.
 */
import fs from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'
import { DevhostProblem } from '../problem.ts'
import type { Environment } from '../settings.ts'
import { createFunctionPool, type FunctionPool } from './function-pool.ts'
import { findRoute, type Route, readBody, sendAnswer, toEvent } from './http-access.ts'
import { FunctionFailure } from './instance.ts'
import { startTimers, type TimerTrigger } from './timers.ts'

export interface FunctionHostOptions {
  /** Holds a folder for each function, as `npm run build` makes them. */
  readonly folder: string
  readonly port: number
  /** What is configured for every function. */
  readonly env: Environment
  /** The time of the shop and of the timers. Default `Date.now`. */
  readonly clock?: () => number
  /** Whether timers fire by themselves. Default true. */
  readonly timers?: boolean
  /** Stop each process between its events, as the platform does. Default false; not on Windows. */
  readonly freezes?: boolean
  readonly maxInstances?: number
  readonly routes?: readonly Route[]
  /** Every line that a function writes. */
  readonly log: (line: string) => void
}

export interface FunctionHost {
  readonly url: string
  readonly port: number
  /** Sends an event to a function, as the platform would. @throws FunctionFailure */
  invoke(
    functionName: string,
    event: unknown,
    environment?: Readonly<Record<string, string>>,
  ): Promise<unknown>
  /** Fires a function's timer now. @throws FunctionFailure */
  fireTimer(functionName: string): Promise<unknown>
  /** Changes what is configured, as saving it in the console would: new instances see it. */
  configure(change: Environment): void
  /** Processes that run now, by function. */
  instances(): Readonly<Record<string, number>>
  /** Events after whose answer a timer was left: always 0, or something would run when the platform has frozen it. */
  leftTimers(): number
  close(): Promise<void>
}

const ROUTES: readonly Route[] = [
  { path: '/wxpay/notify', functionName: 'wxpay-notify' },
  { path: '/internal', functionName: 'jobs' },
  { path: '/', functionName: 'api' },
]

interface FunctionConfig {
  readonly timeout: number
  readonly triggers: readonly { readonly name: string; readonly type: string; readonly config: string }[]
}

/** @throws DevhostProblem when the folder holds no functions */
export async function startFunctionHost(options: FunctionHostOptions): Promise<FunctionHost> {
  const { folder, clock = Date.now, log } = options
  const configs = readConfigs(folder)
  let env = options.env
  let leftTimers = 0
  const pools = new Map(
    Object.keys(configs).map((name): [string, FunctionPool] => [
      name,
      createFunctionPool(
        {
          name,
          folder: path.join(folder, name),
          freezes: options.freezes === true && process.platform !== 'win32',
          maxInstances: options.maxInstances ?? 3,
          onLine: log,
          onLeftTimers: (count) => {
            leftTimers += count
          },
        },
        env,
      ),
    ]),
  )
  const invoke: FunctionHost['invoke'] = async (name, event, environment) => {
    const pool = pools.get(name)
    if (pool === undefined)
      throw new FunctionFailure('FUNCTION_INVOCATION_FAILED', `there is no function ${name}`)
    return pool.invoke({
      event,
      clockOffsetMs: clock() - Date.now(),
      timeLimitMs: (configs[name]?.timeout ?? 3) * 1000,
      ...(environment === undefined ? {} : { environment }),
    })
  }
  const triggers = Object.entries(configs).flatMap(([functionName, config]) =>
    config.triggers.map(
      (trigger): TimerTrigger => ({ functionName, triggerName: trigger.name, cron: trigger.config }),
    ),
  )
  const fire = (trigger: TimerTrigger, atMs: number) =>
    invoke(trigger.functionName, {
      Type: 'Timer',
      TriggerName: trigger.triggerName,
      Time: new Date(atMs).toISOString(),
      Message: '',
    })
  const server = await listen(options.port, (request, response) =>
    serve(request, response, { routes: options.routes ?? ROUTES, invoke, log }),
  )
  const stopTimers =
    options.timers === false
      ? () => {}
      : startTimers(triggers, {
          clock,
          fire: async (trigger, atMs) => {
            await fire(trigger, atMs).catch((error: unknown) => log(failureLine(trigger.functionName, error)))
          },
        })
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    invoke,
    fireTimer: async (name) => {
      const trigger = triggers.find((candidate) => candidate.functionName === name)
      if (trigger === undefined)
        throw new FunctionFailure('FUNCTION_INVOCATION_FAILED', `${name} has no timer`)
      return fire(trigger, clock())
    },
    configure: (change) => {
      env = { ...env, ...change }
      for (const pool of pools.values()) pool.configure(env)
    },
    instances: () => Object.fromEntries([...pools].map(([name, pool]) => [name, pool.count()])),
    leftTimers: () => leftTimers,
    close: async () => {
      stopTimers()
      await server.close()
      for (const pool of pools.values()) pool.close()
    },
  }
}

function readConfigs(folder: string): Readonly<Record<string, FunctionConfig>> {
  const names = fs.existsSync(folder)
    ? fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'config.json')))
    : []
  if (names.length === 0)
    throw new DevhostProblem(`There are no cloud functions in ${folder}. "npm run build" makes them.`)
  return Object.fromEntries(
    names.map((name) => [name, JSON.parse(fs.readFileSync(path.join(folder, name, 'config.json'), 'utf8'))]),
  )
}

interface Service {
  readonly routes: readonly Route[]
  readonly invoke: FunctionHost['invoke']
  readonly log: (line: string) => void
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, invoke, log }: Service,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?', 1)
  const found = findRoute(path, routes)
  if (found === null)
    return refuse(response, 404, { code: 'INVALID_PATH', message: `there is no route to ${path}` })
  const body = await readBody(request).catch(() => undefined)
  if (body === undefined) return void request.socket.destroy()
  if (body === null)
    return refuse(response, 413, { code: 'EXCEED_MAX_PAYLOAD_SIZE', message: 'the body is above 6 MB' })
  try {
    sendAnswer(response, await invoke(found.functionName, toEvent(request, { path: found.path, body })))
  } catch (error) {
    log(failureLine(found.functionName, error))
    const code = error instanceof FunctionFailure ? error.code : 'FUNCTION_INVOCATION_FAILED'
    refuse(response, code === 'FUNCTION_TIME_LIMIT_EXCEEDED' ? 504 : 502, {
      code,
      message: `${found.functionName} failed`,
    })
  }
}

/** The platform's own answers are not in the shop's envelope: a mini-program has to bear that. */
function refuse(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function failureLine(functionName: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return JSON.stringify({
    at: new Date().toISOString(),
    level: 'error',
    event: 'function.failed',
    function: functionName,
    reason,
  })
}

async function listen(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        // Requests under way are cut off with their functions.
        setTimeout(() => server.closeAllConnections(), 2_000).unref()
      }),
  }
}
