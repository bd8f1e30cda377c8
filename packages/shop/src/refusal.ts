/** @module Refusals: expected answers that say no, with the data a screen needs. They are returned, not thrown. */
import type { ApiErrorCode } from '@yuanlu/contract'

export interface Refusal {
  readonly code: ApiErrorCode
  /** For developers and logs, in English. Screens write their own sentence per code. */
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export const accept = <T>(value: T): Result<T> => ({ ok: true, value })

export const refuse = (
  code: ApiErrorCode,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: details === undefined ? { code, message } : { code, message, details },
})
