/**
 * @module The emulator's own HTTP calls under /control/: shape, faults, reset. Every call carries the token.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CloudError } from '../cloud-error.ts'
import type { IndexDeclaration } from '../database/sorted-index.ts'
import { FaultError, type FaultOptions, type Faults } from '../faults.ts'
import type { RequestRecord } from '../http/admin.ts'
import { readBody } from '../http/body.ts'

export const CONTROL_PATH = '/control/'
const MAX_BODY_BYTES = 64 * 1024

/** What the calls do; the same that the JavaScript object does. */
export interface Controlled {
  readonly faults: Faults
  createCollection(name: string): void
  createIndex(declaration: IndexDeclaration): void
  requests(): readonly RequestRecord[]
  collections(): readonly { name: string; documents: number; indexes: readonly IndexDeclaration[] }[]
  files(): number
  reset(): void
}

type Call = (controlled: Controlled, body: unknown) => unknown

const CALLS: Readonly<Record<string, Call>> = {
  'GET state': (controlled) => ({ collections: controlled.collections(), files: controlled.files() }),
  'GET requests': (controlled) => ({ requests: controlled.requests() }),
  'GET faults': (controlled) => ({ faults: controlled.faults.list() }),
  'POST faults': (controlled, body) => ({ id: controlled.faults.add(body as FaultOptions) }),
  'DELETE faults': (controlled) => controlled.faults.clear(),
  'POST collections': (controlled, body) =>
    controlled.createCollection(String(Reflect.get(Object(body), 'name'))),
  'POST indexes': (controlled, body) => controlled.createIndex(body as IndexDeclaration),
  'POST reset': (controlled) => controlled.reset(),
}

export async function serveControl(
  request: IncomingMessage,
  response: ServerResponse,
  { controlled, token }: { controlled: Controlled; token: string },
): Promise<void> {
  if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`)) {
    return answer(response, 401, { message: 'Authorization: Bearer TOKEN is needed' })
  }
  const path = (request.url ?? '').split('?')[0]?.slice(CONTROL_PATH.length) ?? ''
  const faultId = request.method === 'DELETE' ? /^faults\/(.+)$/.exec(path)?.[1] : undefined
  if (faultId !== undefined) {
    const isGone = controlled.faults.remove(faultId)
    return answer(response, isGone ? 200 : 404, isGone ? {} : { message: `there is no fault ${faultId}` })
  }
  const name = `${request.method} ${path}`
  const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined
  if (call === undefined)
    return answer(response, 404, { message: `known are ${Object.keys(CALLS).join(', ')}` })
  const bytes = await readBody(request, MAX_BODY_BYTES)
  if (bytes === undefined) return answer(response, 413, { message: `at most ${MAX_BODY_BYTES} bytes` })
  const body = parse(bytes)
  if (!body.ok) return answer(response, 400, { message: 'the body must be a JSON object' })
  try {
    answer(response, 200, call(controlled, body.value) ?? {})
  } catch (error) {
    if (!(error instanceof FaultError || error instanceof CloudError)) throw error
    answer(response, 400, { message: error.message })
  }
}

function parse(bytes: Buffer): { ok: true; value: object } | { ok: false } {
  if (bytes.length === 0) return { ok: true, value: {} }
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ok: true, value }
      : { ok: false }
  } catch {
    return { ok: false }
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
