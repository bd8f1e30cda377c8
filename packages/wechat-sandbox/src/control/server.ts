/**
 * @module The control API over plain http on its own port, and the console beside it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Core } from '../core.ts'
import { readBody } from '../http/body.ts'
import { SERVER_LIMITS } from '../http/listen.ts'
import { isRecord, type JsonRecord, parseJson } from '../json.ts'
import type { SandboxInfo } from '../sandbox.ts'
import { sameText } from '../v2/signature.ts'
import { splitUrl } from '../v3/routes.ts'
import { answerConsole } from './console-server.ts'
import { ControlError } from './control-error.ts'
import type { Control } from './operations.ts'
import { findRoute } from './routes.ts'

const MAX_BODY_BYTES = 100 * 1024

export function createControlServer(core: Core, control: Control, info: () => SandboxInfo): Server {
  return createServer(SERVER_LIMITS, (request, response) => {
    answer(core, control, info, request, response).catch((error: unknown) => {
      if (request.socket.destroyed) return
      const refusal =
        error instanceof ControlError
          ? { status: error.status, code: error.code, message: error.message }
          : { status: 500, code: 'INTERNAL', message: 'the sandbox could not do that; see its log' }
      if (refusal.status === 500) core.log('control.failed', { error: String(error) })
      // The answer has begun: it can't become another one, only end.
      if (response.headersSent) return void response.destroy()
      const { status, code, message } = refusal
      if (status === 413 && !request.complete) response.setHeader('Connection', 'close')
      sendJson(response, status, { error: { code, message } })
    })
  })
}

async function answer(
  core: Core,
  control: Control,
  info: () => SandboxInfo,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A client that sends the fragment of consoleUrl along gets the page all the same.
  const { path, query } = splitUrl((request.url ?? '/').split('#')[0] ?? '/')
  const isSignedIn = hasToken(request, core.identity.controlToken)
  if (answerConsole({ core, control, info, request, response, path, isSignedIn })) return
  if (!isSignedIn) {
    throw new ControlError(
      401,
      'NOT_SIGNED_IN',
      'send "Authorization: Bearer <controlToken of sandbox.json>"',
    )
  }
  const route = findRoute(request.method ?? '', path)
  const body = route.method === 'POST' ? await readJson(request) : {}
  sendJson(response, 200, await route.run(control, query, body))
}

function hasToken(request: IncomingMessage, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return given !== undefined && sameText(given, token)
}

async function readJson(request: IncomingMessage): Promise<JsonRecord> {
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes === undefined) throw new ControlError(413, 'TOO_LARGE', 'the body is longer than 100 KB')
  const json = bytes.length === 0 ? {} : parseJson(bytes)
  if (!isRecord(json)) throw new ControlError(400, 'INVALID_INPUT', 'the body must be a JSON object')
  return json
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
