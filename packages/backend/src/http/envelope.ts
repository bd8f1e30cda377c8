/** @module The one shape of every answer, and the one way a refusal becomes one. */
import { API_ERRORS, type ApiErrorCode, type Envelope } from '@yuanlu/contract'
import type { Refusal } from '@yuanlu/shop'

/** A refusal on its way out of a handler. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly refusal: Refusal
  readonly headers: Readonly<Record<string, string>>

  constructor(refusal: Refusal, headers: Readonly<Record<string, string>> = {}) {
    super(refusal.message)
    this.refusal = refusal
    this.headers = headers
  }
}

export const httpRefusal = (
  code: ApiErrorCode,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): HttpRefusal => new HttpRefusal(details === undefined ? { code, message } : { code, message, details })

export const refusalEnvelope = (
  refusal: Refusal,
  requestId: string,
): { readonly status: (typeof API_ERRORS)[ApiErrorCode]['httpStatus']; readonly body: Envelope<never> } => {
  const { httpStatus, retry } = API_ERRORS[refusal.code]
  const { code, message, details } = refusal
  return {
    status: httpStatus,
    body: {
      ok: false,
      error: { code, message, retry, requestId, ...(details === undefined ? {} : { details }) },
    },
  }
}
