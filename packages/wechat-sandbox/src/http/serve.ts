/**
 * @module Answers an https request the way a fault asks for: in full, late, halved, or not at all.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { Core } from '../core.ts'
import type { FaultRecord } from '../faults.ts'
import { KEPT_BYTES } from '../journal/journal.ts'
import { pause } from '../notify/notifier.ts'
import { errorAnswer, type SentAnswer, sealV3, type V3Answer } from '../v3/answer.ts'
import { SERVER_LIMITS } from './listen.ts'
import type { Subject } from './subject.ts'

export const MAX_BODY_BYTES = 256 * 1024

/** What is shown in place of a body that was too long to be read. */
export const TOO_LONG = Buffer.from(`(longer than ${MAX_BODY_BYTES} bytes: not kept)`)

/** One protocol's way to answer: normally, with an error a fault asks for, and when something broke here. */
export interface Face {
  readonly subject: Subject
  readonly answer: (fault: FaultRecord | undefined) => SentAnswer
  readonly failWith: (kind: '500' | '429') => SentAnswer
}

/** What went out, null when the connection was cut, and the fault that struck. */
export interface Served {
  readonly answer: SentAnswer | null
  readonly fault: string | null
}

export function createTlsServer(
  core: Core,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  const { identity } = core
  const server = createServer(
    {
      key: identity.serverKeyPem,
      cert: identity.serverCertPem,
      minVersion: 'TLSv1.2',
      // Asked for, not required: the calls that need the merchant's certificate look at it themselves.
      requestCert: true,
      rejectUnauthorized: false,
      ca: identity.merchantCaPem,
      ...SERVER_LIMITS,
    },
    (request, response) => {
      handle(request, response).catch((error: unknown) => {
        core.log('request.failed', { error: String(error) })
        if (response.headersSent || request.socket.destroyed) request.socket.destroy()
        else send(response, sealV3(core, systemError(), 'certificate', undefined))
      })
    },
  )
  // Somebody who does not trust our authority, most likely; no request comes of it that could be shown.
  server.on('tlsClientError', ({ message }) => core.log('tls.failed', { error: message }))
  return server
}

export async function serve(
  core: Core,
  face: Face,
  path: string,
  socket: Socket,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<Served> {
  const fault = core.faults.take('request', { path, ...face.subject })
  const sent = (answer: SentAnswer): Served => {
    send(response, answer)
    return { answer, fault: fault?.fault ?? null }
  }
  const dropped: Served = { answer: null, fault: fault?.fault ?? null }
  if (fault === undefined) return sent(face.answer(undefined))
  core.log('fault.struck', { fault: fault.fault, path })
  switch (fault.fault) {
    case 'drop-before':
      socket.destroy()
      return dropped
    case 'apply-then-drop':
      face.answer(undefined)
      socket.destroy()
      return dropped
    case 'reset': {
      const answer = face.answer(undefined)
      const body = Buffer.from(answer.body)
      if (body.length === 0) {
        socket.destroy()
        return dropped
      }
      response.writeHead(answer.status, {
        ...answer.headers,
        'Content-Length': body.length,
      })
      response.write(body.subarray(0, Math.ceil(body.length / 2)), () => socket.destroy())
      return dropped
    }
    case '500':
    case '429':
      if (fault.applied) face.answer(undefined)
      return sent(face.failWith(fault.fault))
    case 'delay': {
      if (!fault.applied) await pause(fault.ms, closing)
      const answer = face.answer(undefined)
      if (fault.applied) await pause(fault.ms, closing)
      return sent(answer)
    }
    default:
      return sent(face.answer(fault))
  }
}

/** Puts a request that was answered where the console can see it. */
export type RecordRequest = (body: Buffer, subject: Subject, served: Served) => void

/** Starts to count how long this request takes, until it is recorded. */
export function startRecord(
  { clock, journal }: Core,
  request: IncomingMessage,
  about: { readonly host: 'pay' | 'api'; readonly protocol: 'v3' | 'v2' | 'platform' },
): RecordRequest {
  const startedAt = performance.now()
  return (body, { outTradeNo = null, outRefundNo = null }, { answer, fault }) =>
    journal.add({
      ...about,
      at: clock.now(),
      realAt: clock.real(),
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body,
      outTradeNo,
      outRefundNo,
      fault,
      tookMs: Math.round(performance.now() - startedAt),
      answer: answer && { ...answer, body: textOf(answer) },
    })
}

function textOf({ headers, body }: SentAnswer): string {
  if (typeof body === 'string') return body
  const isText = /^text\//.test(headers['Content-Type'] ?? '')
  // Cut before it is text: a slice of a string keeps the whole bill alive.
  return isText ? body.subarray(0, KEPT_BYTES).toString('utf8') : `<${body.length} bytes>`
}

export function systemError(): V3Answer {
  return errorAnswer(500, 'SYSTEM_ERROR', '系统异常，请稍后重试')
}

export function send(response: ServerResponse, { status, headers, body }: SentAnswer): void {
  response.writeHead(status, {
    Server: 'nginx',
    ...headers,
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
  })
  response.end(body)
}
