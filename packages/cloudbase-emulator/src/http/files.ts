/**
 * @module The bytes of files: PUT as to COS, GET and HEAD by a link that expires.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FaultBook } from '../faults.ts'
import type { Denial, Storage } from '../storage/storage.ts'
import { pause } from './admin.ts'
import { readBody } from './body.ts'

export const FILES_PATH = '/files/'

const STATUS = {
  AccessDenied: 403,
  NoSuchKey: 404,
  EntityTooLarge: 400,
  QuotaExceeded: 400,
} as const satisfies Record<Denial, number>

export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  { storage, faults, closing }: { storage: Storage; faults: FaultBook; closing: AbortSignal },
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://emulator')
  const path = decode(url.pathname.slice(FILES_PATH.length))
  const isPut = request.method === 'PUT'
  const body = isPut ? await readBody(request, storage.maxFileBytes) : undefined
  const fault = faults.take(isPut ? 'storage.put' : 'storage.get', undefined)
  if (fault?.fault === 'drop-before') {
    request.socket.destroy()
    return
  }
  if (fault?.fault === 'error') return deny(response, 503, fault.code, fault.message)
  if (fault?.fault === 'latency') await pause(fault.ms, closing)
  const outcome = isPut ? receive(request, storage, path, body) : open(url, storage, path)
  if (fault?.fault === 'drop-after') {
    request.socket.destroy()
    return
  }
  if (typeof outcome === 'string') return deny(response, STATUS[outcome], outcome, outcome)
  response.writeHead(200, {
    'content-length': outcome?.length ?? 0,
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'x-cos-request-id': randomUUID(),
  })
  response.end(request.method === 'HEAD' ? undefined : (outcome ?? undefined))
}

function receive(
  request: IncomingMessage,
  storage: Storage,
  path: string,
  body: Buffer | undefined,
): Denial | null {
  if (body === undefined) return 'EntityTooLarge'
  const token = request.headers['x-cos-security-token']
  return storage.put(path, { token: String(token), authorization: request.headers.authorization ?? '' }, body)
}

function open(url: URL, storage: Storage, path: string): Denial | Buffer {
  return storage.get(path, { sign: url.searchParams.get('sign') ?? '', t: url.searchParams.get('t') ?? '' })
}

// As COS says it: the SDK reads an upload's refusal from this XML.
function deny(response: ServerResponse, status: number, code: string, message: string): void {
  const members = { Code: code, Message: message, RequestId: randomUUID(), TraceId: randomUUID() }
  const xml = Object.entries(members).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
  response.writeHead(status, { 'content-type': 'application/xml', connection: 'close' })
  response.end(`<?xml version='1.0' encoding='utf-8' ?>\n<Error>${xml.join('')}</Error>`)
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}
