/**
 * @module The console: a page for people, its live picture (server-sent events) and the keys to copy.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { consoleFile } from '../console-files.ts'
import type { Core } from '../core.ts'
import { isLoopback } from '../notify-url.ts'
import type { SandboxInfo } from '../sandbox.ts'
import { consoleState, viewRequest } from './console-view.ts'
import { ControlError } from './control-error.ts'
import type { Control } from './operations.ts'
import { sdkSettings } from './sdk-settings.ts'
import { viewNotification } from './views.ts'

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

/** How many pages may watch at once. */
const MAX_WATCHERS = 20
const HEARTBEAT_MS = 20_000
const watchers = new WeakMap<Core, number>()

/**
 * Answers the console's own paths; false when the path is none of them. Looking is for this machine, or for whoever has
 * the token; what is shown holds no keys. Copying keys, like every action, takes the token.
 */
export function answerConsole(call: ConsoleCall): boolean {
  const { core, control, info, request, response, path, isSignedIn } = call
  if (path !== '/' && !path.startsWith('/console/')) return false
  if (request.method !== 'GET') return false
  if (!isSignedIn && !isFromThisMachine(request)) return false
  if (path === '/') {
    sendPage(core, control, response)
    return true
  }
  const [, , kind = '', id = ''] = path.split('/')
  if (kind === 'events') watch(core, control, request, response)
  else if (kind === 'state') sendJson(response, consoleState(core, control))
  else if (kind === 'requests') {
    const entry = core.journal.get(id)
    if (entry === undefined) throw new ControlError(404, 'NOT_FOUND', 'that request is no longer kept')
    sendJson(response, viewRequest(core, entry))
  } else if (kind === 'notifications') {
    const notification = core.store.get('notification', id)
    if (notification === undefined) throw new ControlError(404, 'NOT_FOUND', 'there is no such notification')
    sendJson(response, viewNotification(notification))
  } else if (kind === 'keys') {
    if (!isSignedIn) return false
    const { controlToken: _token, ...shown } = info()
    sendJson(response, { info: shown, sdks: sdkSettings(info()) })
  } else {
    const file = consoleFile(kind)
    if (file === undefined) throw new ControlError(404, 'NOT_FOUND', 'the console has no such file')
    send(response, file.type, file.text)
  }
  return true
}

// The page is for no other machine, nor for a site that points its own name at this one.
function isFromThisMachine(request: IncomingMessage): boolean {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const host = request.headers.host ?? ''
  return (
    isLoopback(address) && URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname)
  )
}

function watch(core: Core, control: Control, request: IncomingMessage, response: ServerResponse): void {
  const watching = watchers.get(core) ?? 0
  if (watching >= MAX_WATCHERS)
    throw new ControlError(409, 'TOO_MANY', `${MAX_WATCHERS} pages watch already; close one`)
  watchers.set(core, watching + 1)
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  let isWriting = false
  let isBehind = false
  // Whoever doesn't read fast enough gets the next picture instead of a growing heap of old ones.
  const tell = (): void => {
    isBehind = isWriting
    if (isWriting) return
    isWriting = true
    response.write(`data: ${JSON.stringify(consoleState(core, control))}\n\n`, () => {
      isWriting = false
      if (isBehind) tell()
    })
  }
  const unwatch = core.changes.watch(tell)
  const heartbeat = setInterval(() => {
    if (!isWriting) response.write(': still here\n\n')
  }, HEARTBEAT_MS)
  heartbeat.unref()
  response.on('close', () => {
    clearInterval(heartbeat)
    unwatch()
    watchers.set(core, (watchers.get(core) ?? 1) - 1)
  })
  request.on('error', () => response.destroy())
  response.write('retry: 1000\n\n')
  tell()
}

/** The page comes with its first picture inside, so that it never stands there empty. */
function sendPage(core: Core, control: Control, response: ServerResponse): void {
  const page = consoleFile('index.html')?.text ?? ''
  const state = JSON.stringify(consoleState(core, control)).replace(/</g, '\\u003c')
  send(
    response,
    'text/html; charset=utf-8',
    page.replace('{"placeholder":true}', () => state),
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
  })
  response.end(text)
}
