/**
 * @module The control API over plain http on its own port, and the read-only page beside it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Core } from '../core.ts'
import { readBody } from '../http/body.ts'
import { SERVER_LIMITS } from '../http/listen.ts'
import { isRecord, type JsonRecord, parseJson } from '../json.ts'
import { isLoopback } from '../notify-url.ts'
import { sameText } from '../v2/signature.ts'
import { splitUrl } from '../v3/routes.ts'
import { ControlError } from './control-error.ts'
import type { Control } from './operations.ts'
import { renderPage } from './page.ts'

const MAX_BODY_BYTES = 100 * 1024

interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: RegExp
  run(control: Control, call: { id: string; query: URLSearchParams; body: JsonRecord }): unknown
}

const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/code$/, run: (control, { body }) => control.createCode(body) },
  { method: 'POST', path: /^\/cashier$/, run: (control, { body }) => control.cashier(body) },
  { method: 'POST', path: /^\/cashier\/open$/, run: (control, { body }) => control.openCashier(body) },
  { method: 'GET', path: /^\/trades\/([^/]+)$/, run: (control, { id }) => control.trade(id) },
  {
    method: 'GET',
    path: /^\/ledger$/,
    run: (control, { query }) => control.ledger({ after: query.get('after') ?? undefined }),
  },
  {
    method: 'GET',
    path: /^\/notifications$/,
    run: (control, { query }) =>
      control.notifications({
        outTradeNo: query.get('outTradeNo') ?? undefined,
        outRefundNo: query.get('outRefundNo') ?? undefined,
      }),
  },
  { method: 'POST', path: /^\/refunds$/, run: (control, { body }) => control.startRefund(body) },
  { method: 'GET', path: /^\/refunds\/([^/]+)$/, run: (control, { id }) => control.refund(id) },
  {
    method: 'POST',
    path: /^\/refunds\/([^/]+)\/settle$/,
    run: (control, { id, body }) => control.settleRefund(id, body),
  },
  { method: 'GET', path: /^\/balance$/, run: (control) => control.balance() },
  { method: 'POST', path: /^\/balance$/, run: (control, { body }) => control.moveBalance(body) },
  {
    method: 'POST',
    path: /^\/notifications\/forge$/,
    run: (control, { body }) => control.forgeNotification(body),
  },
  {
    method: 'POST',
    path: /^\/notifications\/([^/]+)\/send$/,
    run: (control, { id }) => control.sendNotification(id),
  },
  { method: 'POST', path: /^\/subscriptions$/, run: (control, { body }) => control.subscribe(body) },
  { method: 'POST', path: /^\/templates$/, run: (control, { body }) => control.markTemplate(body) },
  {
    method: 'GET',
    path: /^\/messages$/,
    run: (control, { query }) => control.messages({ openid: query.get('openid') ?? undefined }),
  },
  { method: 'GET', path: /^\/shipments\/([^/]+)$/, run: (control, { id }) => control.shipments(id) },
  { method: 'GET', path: /^\/clock$/, run: (control) => control.clock() },
  { method: 'POST', path: /^\/clock$/, run: (control, { body }) => control.moveClock(body) },
  { method: 'GET', path: /^\/faults$/, run: (control) => control.faults() },
  { method: 'POST', path: /^\/faults$/, run: (control, { body }) => control.addFault(body) },
  { method: 'DELETE', path: /^\/faults\/([^/]+)$/, run: (control, { id }) => control.removeFault(id) },
]

export function createControlServer(core: Core, control: Control): Server {
  return createServer(SERVER_LIMITS, (request, response) => {
    answer(core, control, request, response).catch((error: unknown) => {
      if (request.socket.destroyed) return
      const refusal =
        error instanceof ControlError
          ? { status: error.status, code: error.code, message: error.message }
          : { status: 500, code: 'INTERNAL', message: 'the sandbox could not do that; see its log' }
      if (refusal.status === 500) core.log('control.failed', { error: String(error) })
      const { status, code, message } = refusal
      if (status === 413) response.setHeader('Connection', 'close')
      sendJson(response, status, { error: { code, message } })
    })
  })
}

async function answer(
  core: Core,
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { path, query } = splitUrl(request.url ?? '/')
  const isSignedIn = hasToken(request, core.identity.controlToken)
  if (path === '/' && request.method === 'GET' && (isSignedIn || isFromThisMachine(request))) {
    return sendPage(response, renderPage(core))
  }
  if (!isSignedIn) {
    throw new ControlError(
      401,
      'NOT_SIGNED_IN',
      'send "Authorization: Bearer <controlToken of sandbox.json>"',
    )
  }
  const found = ROUTES.flatMap((route) => {
    const match = route.path.exec(path)
    return match === null ? [] : [{ route, id: match[1] ?? '' }]
  })
  if (found.length === 0)
    throw new ControlError(404, 'NOT_FOUND', `there is no ${path.slice(0, 100)}; see README.md`)
  const hit = found.find(({ route }) => route.method === request.method)
  if (hit === undefined) {
    throw new ControlError(
      405,
      'WRONG_METHOD',
      `${path.slice(0, 100)} takes ${found.map(({ route }) => route.method).join(', ')}`,
    )
  }
  const body = hit.route.method === 'POST' ? await readJson(request) : {}
  sendJson(response, 200, await hit.route.run(control, { id: decodeId(hit.id), query, body }))
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return given !== undefined && sameText(given, token)
}

// The page shows no keys, but it isn't for other machines, nor for a site that points its name at this one.
function isFromThisMachine(request: IncomingMessage): boolean {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const host = request.headers.host ?? ''
  return (
    isLoopback(address) && URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname)
  )
}

async function readJson(request: IncomingMessage): Promise<JsonRecord> {
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes === undefined) throw new ControlError(413, 'TOO_LARGE', 'the body is longer than 100 KB')
  const json = bytes.length === 0 ? {} : parseJson(bytes)
  if (!isRecord(json)) throw new ControlError(400, 'INVALID_INPUT', 'the body must be a JSON object')
  return json
}

function decodeId(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ControlError(400, 'INVALID_INPUT', 'the path is not well encoded')
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(html),
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  })
  response.end(html)
}
