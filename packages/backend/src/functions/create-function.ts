/** @module One cloud function: its events in, its answers out, nothing left running in between. */
import type { Log } from '@yuanlu/shop'
import type { Hono } from 'hono'
import { createEventTime, type EventTime } from '../call-time.ts'
import { type OpenShop, openShop } from '../compose.ts'
import { type BackendConfig, readConfig } from '../config.ts'
import type { AppEnv } from '../http/base-app.ts'
import { createLog } from '../log.ts'
import type { StoreDriver } from '../store-driver.ts'
import { refused, toCallAnswer } from './answers.ts'
import { type FunctionEvent, readFunctionEvent } from './function-event.ts'
import { serveCall, serveHttp } from './serve-event.ts'
import { type MutableEnvironment, takeWxContext, type WxContext } from './wx-context.ts'

export type { AppEnv } from '../http/base-app.ts'

/** What a function serves, and with what. */
export interface FunctionParts {
  readonly name: string
  /** The beginnings of its paths, the first being what a route's prefix may have cut off. */
  readonly roots: readonly string[]
  /** Whether the mini-program may call it with `wx.cloud.callFunction`. */
  readonly servesCalls: boolean
  /** Whether config.json gives it a timer. */
  readonly hasTimer: boolean
  /** As config.json says, where the platform does not tell. */
  readonly timeLimitMs: number
  /** A limit below this is told as an error. Default `timeLimitMs`. */
  readonly shortestLimitMs?: number
  /** How long whoever calls waits for an answer, where that is shorter. */
  readonly patienceMs?: number
  open(shop: OpenShop): Promise<OpenFunction>
}

export interface OpenFunction {
  readonly app: Hono<AppEnv>
  /** What the timer does, for a function that has one. The limit is null where the platform does not tell. */
  readonly onTimer?: (input: { readonly timeLimitMs: number | null }) => Promise<unknown>
}

/** An open function with what it was opened with. */
export interface Instance extends OpenFunction {
  readonly config: BackendConfig
  readonly log: Log
  settled(): Promise<void>
}

export interface CloudFunction {
  /** What the platform calls. */
  main(event: unknown, context?: unknown): Promise<unknown>
  /**
   * Makes the shop follow another clock than the machine's, from the next event on; signatures keep real time. For
   * development: no event, header or variable leads here, only code in this very process.
   */
  useClock(clock: () => number): void
}

/** What lies outside of the function; a test brings its own. */
export interface Outside {
  /** Default `process.env`. */
  readonly env?: MutableEnvironment
  /** The function's own folder: where the names of key files count from. Default the working directory. */
  readonly folder?: string
  /** Where log lines go. Default stdout. */
  readonly write?: (line: string) => void
}

/** An instance that slept longer than this may hold connections that are no longer there. */
const SLEPT_MS = 20_000
/** The longest that an answer waits for what is under way beside it. */
const SETTLED_MS = 1_000

/**
 * The shop is opened with the first event and kept for the next ones. When that fails, the event is answered 503, the
 * log names what is missing, and the next event tries again.
 * Its variables are read here, when the bundle is loaded: later the platform puts the context of a call beside them.
 */
export const createFunction = (
  parts: FunctionParts,
  options: Outside & { readonly driver: StoreDriver },
): CloudFunction => {
  const { driver, folder, env = process.env, write = (line) => void process.stdout.write(line) } = options
  const configured = { ...env }
  let clock: () => number = Date.now
  const now = () => clock()
  const time = createEventTime()
  let opening: Promise<Instance> | null = null
  let answeredAt = Number.POSITIVE_INFINITY

  const openOnce = (): Promise<Instance> => {
    opening ??= openInstance({ parts, driver, configured, folder, time, now, write }).catch(
      (error: unknown) => {
        opening = null
        throw error
      },
    )
    return opening
  }

  const main = async (event: unknown, context?: unknown): Promise<unknown> => {
    const wx = takeWxContext(env)
    // Timers that fell due while the instance was frozen go first: a connection that slept too long is closed by its
    // own before anybody uses it.
    if (performance.now() - answeredAt > SLEPT_MS) await new Promise((wake) => setTimeout(wake, 0))
    try {
      return await time.within(eventLimitOf(parts, context), () =>
        answerEvent({ parts, event, context, wx, configured, open: openOnce, now, write }),
      )
    } finally {
      answeredAt = performance.now()
    }
  }
  return {
    main,
    useClock: (next) => {
      clock = next
    },
  }
}

const openInstance = async (input: {
  readonly parts: FunctionParts
  readonly driver: StoreDriver
  readonly configured: MutableEnvironment
  readonly folder: string | undefined
  readonly time: EventTime
  readonly now: () => number
  readonly write: (line: string) => void
}): Promise<Instance> => {
  const { parts, driver, configured, folder, time, now, write } = input
  const config = readConfig(configured, { store: driver.kind, ...(folder === undefined ? {} : { folder }) })
  const log = createLog({ level: config.logLevel, clock: now, write })
  const { callLimits } = time
  const shop = await openShop({ config, driver, clock: now, log, runsAs: 'function', callLimits })
  try {
    const opened = await parts.open(shop)
    log.info('function.ready', { function: parts.name, store: driver.kind, api: config.wxpay.api })
    return { ...opened, config, log, settled: () => shop.settled() }
  } catch (error) {
    await shop.close()
    throw error
  }
}

interface Asked {
  readonly parts: FunctionParts
  readonly event: unknown
  readonly context: unknown
  readonly wx: WxContext
  readonly configured: MutableEnvironment
  readonly open: () => Promise<Instance>
  readonly now: () => number
  readonly write: (line: string) => void
}

const answerEvent = async (asked: Asked): Promise<unknown> => {
  const { parts, event, wx, configured } = asked
  const read = readFunctionEvent(event, { context: wx, appid: configured.WX_APPID?.trim() ?? '' })
  const fallback = createLog({ level: 'info', clock: asked.now, write: asked.write })
  if (read.kind === 'foreign' || !isOurs(read.kind, parts)) {
    fallback.warn('function.foreignEvent', { function: parts.name, kind: read.kind })
    return refused('INVALID_INPUT', `${parts.name} expects ${expectedBy(parts)}`)
  }
  let instance: Instance
  try {
    instance = await asked.open()
  } catch (error) {
    fallback.error('function.notReady', {
      function: parts.name,
      reason: error instanceof Error ? error.message : String(error),
    })
    // A timer has nobody to answer: the platform counts the failure, and calls again.
    if (read.kind === 'timer') throw new Error(`${parts.name} cannot start; its log says why`)
    const answer = refused('UNAVAILABLE', 'the shop cannot start right now; its log says why')
    return read.kind === 'call' ? toCallAnswer(answer) : answer
  }
  warnOfShortLimit(parts, { log: instance.log, timeLimitMs: timeLimitOf(asked.context) })
  const answer = await serve(read, { parts, instance, context: asked.context })
  // Frozen with the answer, whatever were under way would be cut off.
  await atMost(SETTLED_MS, instance.settled())
  return answer
}

/** Waits for work that may be cut off if it must be, and leaves no timer behind. */
const atMost = async (ms: number, work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await Promise.race([work, enough])
  } finally {
    clearTimeout(timer)
  }
}

const serve = async (
  read: Exclude<FunctionEvent, { kind: 'foreign' }>,
  { parts, instance, context }: { parts: FunctionParts; instance: Instance; context: unknown },
): Promise<unknown> => {
  if (read.kind === 'http') return serveHttp(read.request, { parts, instance })
  if (read.kind === 'call') return serveCall(read, { parts, instance })
  return instance.onTimer?.({ timeLimitMs: timeLimitOf(context) })
}

const isOurs = (kind: FunctionEvent['kind'], { servesCalls, hasTimer }: FunctionParts): boolean =>
  kind === 'http' || (kind === 'call' && servesCalls) || (kind === 'timer' && hasTimer)

const expectedBy = ({ roots, servesCalls, hasTimer }: FunctionParts): string =>
  [
    `an event of the HTTP access service ({path, httpMethod, headers, body, …}) below ${roots.join(', ')}`,
    ...(servesCalls
      ? ['a wx.cloud.callFunction of the mini-program with {path, method, headers, data}']
      : []),
    ...(hasTimer ? ['its timer ({Type: "Timer", …})'] : []),
  ].join(', or ')

/** With less no refund is sent and no answer of WeChat Pay written down, and nothing else would say so. */
const warnOfShortLimit = (
  { name, timeLimitMs: asConfigured, shortestLimitMs }: FunctionParts,
  { log, timeLimitMs }: { readonly log: Log; readonly timeLimitMs: number | null },
): void => {
  if (timeLimitMs === null || timeLimitMs >= (shortestLimitMs ?? asConfigured)) return
  log.error(`${name}.timeLimitTooShort`, {
    timeLimitMs,
    advice: `set the time limit of the function ${name} to ${asConfigured / 1000} seconds`,
  })
}

/** When the event has to be over: the platform ends it then, or nobody waits for its answer any more. */
const eventLimitOf = (parts: FunctionParts, context: unknown): number =>
  Math.min(timeLimitOf(context) ?? parts.timeLimitMs, parts.patienceMs ?? Number.POSITIVE_INFINITY)

const timeLimitOf = (context: unknown): number | null => {
  const limit =
    typeof context === 'object' && context !== null && 'time_limit_in_ms' in context
      ? context.time_limit_in_ms
      : undefined
  return typeof limit === 'number' && limit > 0 ? limit : null
}
