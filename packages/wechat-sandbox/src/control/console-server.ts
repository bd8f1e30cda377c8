/**
 * @module The console: a page for people, its live picture (server-sent events) and the keys to copy.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { consoleFile } from '../console-files.ts'
import type { Core } from '../core.ts'
import { isLoopback } from '../notify-url.ts'
import type { SandboxInfo } from '../sandbox.ts'
import { splitUrl } from '../v3/routes.ts'
import { notificationDetail, refundDetail, requestDetail, tradeDetail } from './console-details.ts'
import { readWanted, type Wanted } from './console-query.ts'
import { consoleState } from './console-view.ts'
import { ControlError } from './control-error.ts'
import type { Control } from './operations.ts'
import { sdkSettings } from './sdk-settings.ts'
import { notificationWithoutSignatures, requestWithoutSignatures } from './signatures.ts'

export interface ConsoleCall {
  readonly core: Core
  readonly control: Control
  /** Known once all servers listen. */
  readonly info: () => SandboxInfo
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly isSignedIn: boolean
}

/** How many pages may watch at once, with the token, and without: those that anybody can open take no place of the owner's. */
const MAX_WATCHERS = 20
const HEARTBEAT_MS = 20_000
/** After each picture a watcher rests this many times as long as it took. */
const REST = 3
const watchers = { signedIn: new WeakMap<Core, number>(), others: new WeakMap<Core, number>() }

/**
 * Answers the console's own paths; false when the path is none of them, or for whoever asks. Looking is for this machine,
 * or for whoever has the token; what is shown holds no keys, and signatures only for whoever has the token. Copying keys,
 * like every action, takes it.
 */
export function answerConsole(call: ConsoleCall): boolean {
  const { core, control, request, response, path, isSignedIn } = call
  if (path !== '/' && !path.startsWith('/console/')) return false
  if (request.method !== 'GET') return false
  const [, , kind = '', id = ''] = path.split('/')
  const mayLook = isSignedIn || (isFromThisMachine(request) && (path === '/' || isFromThePage(request)))
  if (path === '/') {
    if (mayLook) sendPage(response, consoleState(core, control))
    // The page alone tells nothing. It is how another machine, which `--host` let in, gets to use its token.
    else if (isFromAnotherMachine(request)) sendPage(response, null)
    else return false
    return true
  }
  const file = consoleFile(kind)
  if (file !== undefined && id === '' && (mayLook || isFromAnotherMachine(request))) {
    send(response, file.type, file.text)
    return true
  }
  if (!mayLook) return false
  if (kind === 'keys') {
    if (!isSignedIn) return false
    // People paste these into questions to others. consoleUrl holds the token, too.
    const { controlToken: _token, consoleUrl: _url, ...shown } = call.info()
    sendJson(response, { info: shown, sdks: sdkSettings(call.info()) })
    return true
  }
  answerLook(call, kind, decodeId(id))
  return true
}

function answerLook(call: ConsoleCall, kind: string, id: string): void {
  const { core, control, request, response, isSignedIn } = call
  const wanted = readWanted(splitUrl(request.url ?? '').query)
  if (kind === 'events') watch(call, wanted)
  else if (kind === 'state') sendJson(response, consoleState(core, control, wanted))
  else if (kind === 'trades') sendJson(response, tradeDetail(core, id))
  else if (kind === 'refunds') sendJson(response, refundDetail(core, id))
  else if (kind === 'requests') {
    const detail = requestDetail(core, id)
    sendJson(response, isSignedIn ? detail : requestWithoutSignatures(detail))
  } else if (kind === 'notifications') {
    const detail = notificationDetail(core, id)
    sendJson(response, isSignedIn ? detail : notificationWithoutSignatures(detail))
  } else throw new ControlError(404, 'NOT_FOUND', 'the console has no such file')
}

function decodeId(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ControlError(400, 'INVALID_INPUT', 'the path is not well encoded')
  }
}

// Nor for a site that points its own name at this machine: its pages would come with that name.
function isFromThisMachine(request: IncomingMessage): boolean {
  const host = request.headers.host ?? ''
  return (
    isLoopback(remoteAddress(request)) &&
    URL.canParse(`http://${host}`) &&
    isLoopback(new URL(`http://${host}`).hostname)
  )
}

function isFromAnotherMachine(request: IncomingMessage): boolean {
  return !isLoopback(remoteAddress(request))
}

function remoteAddress(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}

// Other sites can't read what is answered, but every stream they open takes the place of a page that may.
function isFromThePage(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

function watch({ core, control, request, response, isSignedIn }: ConsoleCall, wanted: Wanted): void {
  const places = isSignedIn ? watchers.signedIn : watchers.others
  const watching = places.get(core) ?? 0
  if (watching >= MAX_WATCHERS)
    throw new ControlError(
      409,
      'TOO_MANY',
      isSignedIn
        ? `${MAX_WATCHERS} pages watch already; close one`
        : `${MAX_WATCHERS} pages watch already without the token; close one, or open the printed consoleUrl`,
    )
  places.set(core, watching + 1)
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  // It is drawn whenever anything changes: what fails here must not fail whoever made the change.
  const draw = (): string | undefined => {
    try {
      return JSON.stringify(consoleState(core, control, wanted))
    } catch (error) {
      core.log('control.failed', { error: String(error) })
      return undefined
    }
  }
  let isBusy = false
  let isBehind = false
  // Whoever doesn't read fast enough gets the next picture instead of a growing heap of old ones. Drawing them takes a
  // quarter of the time at most: a search through 200,000 orders must not keep the sandbox from answering.
  const tell = (): void => {
    isBehind = isBusy
    if (isBusy || response.destroyed) return
    isBusy = true
    const startedAt = performance.now()
    const picture = draw()
    if (picture === undefined) return void response.destroy()
    const restMs = REST * (performance.now() - startedAt)
    const rested = (): void => {
      isBusy = false
      if (isBehind) tell()
    }
    response.write(`data: ${picture}\n\n`, () => setTimeout(rested, restMs).unref())
  }
  const unwatch = core.changes.watch(tell)
  const heartbeat = setInterval(() => {
    if (!isBusy) response.write(': still here\n\n')
  }, HEARTBEAT_MS)
  heartbeat.unref()
  response.on('close', () => {
    clearInterval(heartbeat)
    unwatch()
    places.set(core, (places.get(core) ?? 1) - 1)
  })
  request.on('error', () => response.destroy())
  response.write('retry: 1000\n\n')
  tell()
}

/** The page comes with its first picture inside, so that it never stands there empty. */
function sendPage(response: ServerResponse, state: ReturnType<typeof consoleState> | null): void {
  const page = consoleFile('index.html')?.text ?? ''
  const json = JSON.stringify(state).replace(/</g, '\\u003c')
  send(
    response,
    'text/html; charset=utf-8',
    page.replace('{"placeholder":true}', () => json),
  )
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 'application/json; charset=utf-8', JSON.stringify(value))
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
  })
  response.end(text)
}
