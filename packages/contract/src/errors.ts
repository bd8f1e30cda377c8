/** @module Every refusal a caller can meet: its HTTP status and what repeating the call would do. */

/** `no`: repeating changes nothing. `same`: the same call may be sent again at once. `later`: again after a pause. */
export type Retry = 'no' | 'same' | 'later'

interface ErrorRow {
  readonly httpStatus: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 502 | 503
  readonly retry: Retry
}

export const API_ERRORS = {
  INVALID_INPUT: { httpStatus: 400, retry: 'no' },
  NOT_SIGNED_IN: { httpStatus: 401, retry: 'no' },
  NOT_ALLOWED: { httpStatus: 403, retry: 'no' },
  NOT_FOUND: { httpStatus: 404, retry: 'no' },
  IDEMPOTENCY_MISMATCH: { httpStatus: 409, retry: 'no' },
  OUT_OF_STOCK: { httpStatus: 409, retry: 'no' },
  ORDER_EXPIRED: { httpStatus: 409, retry: 'no' },
  ORDER_CLOSED: { httpStatus: 409, retry: 'no' },
  ORDER_CLOSING: { httpStatus: 409, retry: 'later' },
  ORDER_ALREADY_PAID: { httpStatus: 409, retry: 'no' },
  ORDER_NOT_PAID: { httpStatus: 409, retry: 'no' },
  REFUND_EXCEEDS_BALANCE: { httpStatus: 409, retry: 'no' },
  REFUND_LIMIT_REACHED: { httpStatus: 409, retry: 'no' },
  REFUND_WINDOW_CLOSED: { httpStatus: 409, retry: 'no' },
  REFUND_ALREADY_DECIDED: { httpStatus: 409, retry: 'no' },
  AMOUNT_CHANGED: { httpStatus: 409, retry: 'no' },
  SECOND_APPROVER_MUST_DIFFER: { httpStatus: 409, retry: 'no' },
  OWN_REQUEST: { httpStatus: 409, retry: 'no' },
  REFUND_IN_PROGRESS: { httpStatus: 409, retry: 'later' },
  NOT_RESUBMITTABLE: { httpStatus: 409, retry: 'no' },
  LAST_OWNER: { httpStatus: 409, retry: 'no' },
  TOO_LARGE: { httpStatus: 413, retry: 'no' },
  TOO_MANY_REQUESTS: { httpStatus: 429, retry: 'later' },
  INTERNAL: { httpStatus: 500, retry: 'later' },
  WECHAT_REFUSED: { httpStatus: 502, retry: 'later' },
  UNAVAILABLE: { httpStatus: 503, retry: 'later' },
  PAYMENT_UNCERTAIN: { httpStatus: 503, retry: 'same' },
} as const satisfies Record<string, ErrorRow>

export type ApiErrorCode = keyof typeof API_ERRORS

export const isApiErrorCode = (code: unknown): code is ApiErrorCode =>
  // Not Object.hasOwn: phones with an older WeChat do not have it.
  typeof code === 'string' && Object.keys(API_ERRORS).includes(code)

/** What went wrong, as the caller receives it. `message` is for developers; screens write their own sentence per code. */
export interface ApiError {
  readonly code: ApiErrorCode
  readonly message: string
  readonly retry: Retry
  readonly requestId: string
  readonly details?: Readonly<Record<string, unknown>>
}

export type Envelope<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly error: ApiError }
