/** @module A call that brought no data: refused by our server with a code, or never answered at all. */
import type { ApiErrorCode, Retry } from '@yuanlu/contract'

/** Failures that happen on this side of the network. */
export type LocalFailureCode = 'NO_ANSWER' | 'NOT_UNDERSTOOD' | 'SIGN_IN_FAILED' | 'NOT_CONFIGURED'

export type FailureCode = ApiErrorCode | LocalFailureCode

interface FailureFacts {
  readonly code: FailureCode
  readonly retry: Retry
  /** For developers; screens read copy/. */
  readonly message: string
  /** Names the call in the server's log. */
  readonly requestId?: string
  /** What the server says about the refusal, e.g. which field. */
  readonly details?: Readonly<Record<string, unknown>>
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number
}

/** Thrown by every call of `services/api`. `NO_ANSWER` means unknown, not failed: the server may have acted. */
export class ApiFailure extends Error {
  readonly code: FailureCode
  readonly retry: Retry
  readonly requestId: string | undefined
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterMs: number | undefined

  constructor(facts: FailureFacts) {
    super(`${facts.code}: ${facts.message}`)
    this.name = 'ApiFailure'
    this.code = facts.code
    this.retry = facts.retry
    this.requestId = facts.requestId
    this.details = facts.details ?? {}
    this.retryAfterMs = facts.retryAfterMs
  }
}

export const isFailure = (error: unknown, code?: FailureCode): error is ApiFailure =>
  error instanceof ApiFailure && (code === undefined || error.code === code)
