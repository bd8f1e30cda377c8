/** @module Answers that a function gives by itself, and the two shapes that answers have. */
import { randomBytes } from 'node:crypto'
import { refusalEnvelope } from '../http/envelope.ts'
import type { HttpAccessAnswer } from './http-event.ts'

/** What a `wx.cloud.callFunction` is answered: the envelope in `data`. */
export interface CallAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly data: unknown
}

export const toCallAnswer = ({
  statusCode,
  headers,
  body,
  isBase64Encoded,
}: HttpAccessAnswer): CallAnswer => {
  const isJson = headers['content-type']?.startsWith('application/json') ?? false
  return { status: statusCode, headers, data: isJson && !isBase64Encoded ? JSON.parse(body) : body }
}

/** A refusal before, or without, the application: in its envelope all the same. */
export const refused = (
  code: 'INVALID_INPUT' | 'NOT_FOUND' | 'NOT_SIGNED_IN' | 'UNAVAILABLE',
  message: string,
): HttpAccessAnswer => {
  const { status, body } = refusalEnvelope({ code, message }, randomBytes(16).toString('base64url'))
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  }
}
