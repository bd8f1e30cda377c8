/**
 * @module Answers an https request the way a fault asks for: in full, late, halved, or not at all.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { Core } from '../core.ts'
import type { FaultRecord } from '../faults.ts'
import { pause } from '../notify/notifier.ts'
import { errorAnswer, type SentAnswer, sealV3, type V3Answer } from '../v3/answer.ts'
import { SERVER_LIMITS } from './listen.ts'
import type { Subject } from './subject.ts'

export const MAX_BODY_BYTES = 256 * 1024

/** One protocol's way to answer: normally, with an error a fault asks for, and when something broke here. */
export interface Face {
  readonly subject: Subject
  readonly answer: (fault: FaultRecord | undefined) => SentAnswer
  readonly failWith: (kind: '500' | '429') => SentAnswer
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
  server.on('tlsClientError', () => {})
  return server
}

export async function serve(
  core: Core,
  face: Face,
  path: string,
  socket: Socket,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const fault = core.faults.take('request', { path, ...face.subject })
  if (fault === undefined) return send(response, face.answer(undefined))
  core.log('fault.struck', { fault: fault.fault, path })
  switch (fault.fault) {
    case 'drop-before':
      socket.destroy()
      return
    case 'apply-then-drop':
      face.answer(undefined)
      socket.destroy()
      return
    case 'reset': {
      const answer = face.answer(undefined)
      const body = Buffer.from(answer.body)
      if (body.length === 0) {
        socket.destroy()
        return
      }
      response.writeHead(answer.status, {
        ...answer.headers,
        'Content-Length': body.length,
      })
      response.write(body.subarray(0, Math.ceil(body.length / 2)), () => socket.destroy())
      return
    }
    case '500':
    case '429':
      if (fault.applied) face.answer(undefined)
      return send(response, face.failWith(fault.fault))
    case 'delay': {
      if (!fault.applied) await pause(fault.ms, closing)
      const answer = face.answer(undefined)
      if (fault.applied) await pause(fault.ms, closing)
      return send(response, answer)
    }
    default:
      return send(response, face.answer(fault))
  }
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
