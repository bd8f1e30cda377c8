/**
 * @module The address the SDK calls for everything but the bytes of files: POST /admin.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { type Action, ActionRequest, type Answer, RawAnswer } from '../action.ts'
import { CloudError, cloudErrors } from '../cloud-error.ts'
import type { Fault, FaultBook } from '../faults.ts'
import { assertSigned, type Credentials } from '../signature.ts'
import { readBody } from './body.ts'
import { readForm } from './multipart.ts'

/** One request as it was answered; never its contents. */
export interface RequestRecord {
  readonly at: number
  readonly action: string
  readonly collection: string | null
  /** Whether it named a transaction. */
  readonly inTransaction: boolean
  /** null: it went well. */
  readonly code: string | null
  readonly fault: string | null
}

export interface AdminOptions {
  readonly actions: Readonly<Record<string, Action>>
  readonly faults: FaultBook
  readonly credentials: Credentials
  readonly env: string
  readonly now: () => number
  readonly closing: AbortSignal
  readonly note: (record: RequestRecord) => void
}

export const MAX_BODY_BYTES = 32 * 1024 * 1024

export async function serveAdmin(
  request: IncomingMessage,
  response: ServerResponse,
  { actions, faults, credentials, env, now, closing, note }: AdminOptions,
): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES)
  let action = ''
  let collection: string | undefined
  let inTransaction = false
  let fault: Fault | undefined
  let answer: Answer | RawAnswer
  try {
    if (body === undefined) throw cloudErrors.invalid(`the body is larger than ${MAX_BODY_BYTES} bytes`)
    const members = membersOf(request, body)
    assertSigned(
      { method: request.method ?? '', target: request.url ?? '', headers: request.headers, members },
      credentials,
      Date.now(),
    )
    const call = new ActionRequest(members, now())
    action = call.action
    collection = typeof members.collectionName === 'string' ? members.collectionName : undefined
    inTransaction = members.transactionId !== undefined
    if (members.envName !== env) {
      throw new CloudError('INVALIID_ENV', `[InvalidParameter.EnvId] this is the environment ${env}`)
    }
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (run === undefined) throw cloudErrors.notEmulated(`the action ${action}`)
    fault = faults.take(action, collection)
    if (fault?.fault === 'drop-before') {
      note(recordOf(null))
      request.socket.destroy()
      return
    }
    if (fault?.fault === 'error') throw new CloudError(fault.code, fault.message)
    answer = await run(call)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    answer = { code: error.code, message: error.message }
  }
  note(recordOf(answer instanceof RawAnswer || typeof answer.code !== 'string' ? null : answer.code))
  if (fault?.fault === 'drop-after') {
    request.socket.destroy()
    return
  }
  if (fault?.fault === 'latency') await pause(fault.ms, closing)
  send(response, answer)

  function recordOf(code: string | null): RequestRecord {
    return {
      at: now(),
      action,
      collection: collection ?? null,
      inTransaction,
      code,
      fault: fault?.fault ?? null,
    }
  }
}

function membersOf(request: IncomingMessage, body: Buffer): Readonly<Record<string, unknown>> {
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) return readForm(type, body)
  if (!type.startsWith('application/json')) throw cloudErrors.notEmulated(`a body of type ${type}`)
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw cloudErrors.invalid('the body is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw cloudErrors.invalid('the body must be an object')
  }
  return value as Record<string, unknown>
}

function send(response: ServerResponse, answer: Answer | RawAnswer): void {
  if (answer instanceof RawAnswer) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    response.end(answer.bytes)
    return
  }
  // This very type: the SDK compares the whole of it before it reads an error of wx.openApi.
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify({ requestId: randomUUID(), ...answer }))
}

/** Waits, or until the emulator closes. */
export async function pause(ms: number, closing: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal: closing }).catch(() => {})
}
