/** @module What the HTTP access service (HTTP 访问服务) does: requests to events, and what a function returns to answers. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Route {
  /** Requests to this path and below it; the longest wins. */
  readonly path: string
  readonly functionName: string
  /** `enablePathTransmission`: whether the function sees the whole path. Off, as on the platform. */
  readonly passesPath?: boolean
}

/** More than this never reaches a function (EXCEED_MAX_PAYLOAD_SIZE): 6 MB as base64. */
const MAX_BODY_BYTES = Math.floor((6 * 1024 * 1024 * 3) / 4)

/** The route of a path, and what of the path its function sees. */
export function findRoute(
  path: string,
  routes: readonly Route[],
): { readonly functionName: string; readonly path: string } | null {
  const [route] = routes
    .filter(
      (candidate) =>
        candidate.path === '/' || path === candidate.path || path.startsWith(`${candidate.path}/`),
    )
    .sort((a, b) => b.path.length - a.path.length)
  if (route === undefined) return null
  const cutOff = route.path === '/' || route.passesPath === true ? 0 : route.path.length
  return { functionName: route.functionName, path: path.slice(cutOff) || '/' }
}

/** Null when the body is larger than the service takes. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks)
}

/** Types that the service hands over as text; all others as base64. */
const TEXT = /^(?:text\/|application\/(?:json|xml|javascript|x-www-form-urlencoded)\b)/i

export function toEvent(
  request: IncomingMessage,
  input: { readonly path: string; readonly body: Buffer },
): object {
  const { path, body } = input
  const [, query = ''] = (request.url ?? '/').split(/\?(.*)/s)
  const isText = body.length === 0 || TEXT.test(request.headers['content-type'] ?? '')
  return {
    path,
    httpMethod: request.method ?? 'GET',
    headers: headersOf(request),
    queryStringParameters: queryOf(query),
    requestContext: { requestId: crypto.randomUUID(), envId: 'local', appId: 0, uin: 0 },
    body: body.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [
      name,
      values.join(name === 'cookie' ? '; ' : ', '),
    ]),
  )
  const said = headers['x-forwarded-for']
  const from = request.socket.remoteAddress ?? '127.0.0.1'
  return {
    ...headers,
    'x-forwarded-for': said === undefined ? from : `${said}, ${from}`,
    'x-forwarded-proto': 'http',
    connection: 'close',
  }
}

function queryOf(query: string): Record<string, string | string[]> {
  const all = new URLSearchParams(query)
  return Object.fromEntries(
    [...new Set(all.keys())].map((name) => {
      const values = all.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

/** An integrated answer (集成响应) as it says; anything else as JSON. */
export function sendAnswer(response: ServerResponse, answer: unknown): void {
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = membersOf(answer)
  if (typeof statusCode !== 'number') {
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(answer))
    return
  }
  for (const [name, value] of [
    ...Object.entries(membersOf(headers)),
    ...Object.entries(membersOf(multiValueHeaders)),
  ])
    response.setHeader(name, Array.isArray(value) ? value.map(String) : String(value))
  const text = typeof body === 'string' ? body : ''
  response.writeHead(statusCode).end(Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8'))
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
