/** @module Small ways to answer a request and to read its body. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Refused with this status; the message goes to the caller. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value))
}

export function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(body)
}

/** The preview's own endpoints take small JSON objects. */
const BODY_LIMIT = 32 * 1024

/** @throws HttpRefusal 413 or 400 */
export async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > BODY_LIMIT) throw new HttpRefusal(413, `the body is larger than ${BODY_LIMIT} bytes`)
    chunks.push(chunk)
  }
  const parsed = parse(Buffer.concat(chunks).toString('utf8'))
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed }
  throw new HttpRefusal(400, 'expected a JSON object')
}

/** A field that must be a string. @throws HttpRefusal 400 */
export function stringField(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name]
  if (typeof value === 'string') return value
  throw new HttpRefusal(400, `expected "${name}" as a string`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
