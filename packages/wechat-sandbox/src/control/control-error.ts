/**
 * @module Refusals of the control API, and the reading of its members.
 */
import type { JsonRecord } from '../json.ts'

type Status = 400 | 401 | 404 | 405 | 409 | 413

/** A control call was refused; `status` is the HTTP status, the message says what to change. */
export class ControlError extends Error {
  readonly status: Status
  readonly code: string

  constructor(status: Status, code: string, message: string) {
    super(message)
    this.name = 'ControlError'
    this.status = status
    this.code = code
  }
}

export function readText(body: JsonRecord, name: string, max: number): string {
  const value = body[name]
  if (typeof value === 'string' && value !== '' && value.length <= max) return value
  throw new ControlError(400, 'INVALID_INPUT', `${name} must be a string of 1 to ${max} characters`)
}

export function readOptionalText(body: JsonRecord, name: string, max: number): string | null {
  return body[name] === undefined || body[name] === null ? null : readText(body, name, max)
}
