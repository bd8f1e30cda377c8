/** @module What a failed call to the cloud means: try again, look whether it happened, tell the caller, or a bug. */

/**
 * The database cannot serve this call now. Whatever was asked for either happened whole or not at all, and every
 * call of the store may be repeated.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
  /** The SDK's `errCode`, where there was one. */
  readonly code: string | null

  constructor(message: string, options: { readonly code: string | null; readonly cause: unknown }) {
    super(message, { cause: options.cause })
    this.code = options.code
  }
}

/** A collection or an index is not there. The message names it and the command that makes it. */
export class CloudbaseSetupError extends Error {
  override readonly name = 'CloudbaseSetupError'
  readonly collection: string

  constructor(what: string, collection: string, options?: { readonly cause: unknown }) {
    super(
      `${what}: make what the store needs with "npm run cloudbase:indexes -- --env <environment id>"`,
      options,
    )
    this.collection = collection
  }
}

/** A document that the database does not take, nearly always found out before it is sent. Nothing was written. */
export class DocumentTooLargeError extends Error {
  override readonly name = 'DocumentTooLargeError'
  /** Null where the database itself refused it. */
  readonly bytes: number | null
  readonly maxBytes: number | null

  constructor(document: string, size: { readonly bytes: number; readonly maxBytes: number } | null) {
    super(
      size === null
        ? `${document} is larger than this database takes: set maxDocumentBytes to what it does take`
        : `${document} would be a document of ${size.bytes} bytes; this database takes ${size.maxBytes} at most`,
    )
    this.bytes = size?.bytes ?? null
    this.maxBytes = size?.maxBytes ?? null
  }
}

/**
 * `again`: refused before anything was done, worth another try. `duplicate`: the `_id` is taken. `unclear`: no
 * answer, or one that says nothing, so a write may have happened. `unavailable`: will not work until somebody
 * mends something. `setup`: a collection or an index is missing. `tooLarge`: the document. `bug`: ours.
 */
export type Failure = 'again' | 'duplicate' | 'unclear' | 'unavailable' | 'setup' | 'tooLarge' | 'bug'

export interface CloudFailure {
  readonly kind: Failure
  readonly code: string | null
  readonly text: string
}

// wx-server-sdk 4.0.2 src/config/error.config.ts, read 2026-11
const BY_CODE: Readonly<Record<string, Failure>> = {
  '-501003': 'again', // exceed request limit
  '-501004': 'again', // exceed concurrent request limit
  '-501005': 'unavailable', // invalid env
  '-501006': 'bug', // invalid common parameter
  '-501007': 'bug', // invalid parameter
  '-501008': 'unavailable', // invalid request source
  '-501009': 'unavailable', // resource not initialized
  '-502002': 'bug', // invalid command
  '-502003': 'unavailable', // permission denied
  '-502004': 'unavailable', // over the collection's limit
  '-502005': 'setup', // collection does not exist
}

/**
 * The wrapper of the SDK turns every error into `errCode` and a text, and every code that it has no number for
 * (a cut connection, a conflict, a 502 of a proxy) into -501001. So the text decides first, and what nobody knows is
 * unclear.
 */
export const failureOf = (error: unknown): CloudFailure => {
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : String(error)
  const known = code === null ? undefined : BY_CODE[code]
  if (/E11000|duplicate key/i.test(text)) return { kind: 'duplicate', code, text }
  if (/collection\b.*\bnot exist|Db or Table not exist/i.test(text)) return { kind: 'setup', code, text }
  if (/\bno index\b|index.*(?:missing|required)|without an? index/i.test(text))
    return { kind: 'setup', code, text }
  if (/TooLarge|too large/i.test(text)) return { kind: 'tooLarge', code, text }
  // Written by a transaction of somebody else at this moment; the write was not done.
  if (/Transaction(?:Busy|Conflict)/.test(text)) return { kind: 'again', code, text }
  return { kind: known ?? 'unclear', code, text }
}

const codeOf = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'errCode' in error && typeof error.errCode === 'number'
    ? String(error.errCode)
    : null

const ADVICE: Readonly<Record<string, string>> = {
  '-501003': 'its quota of requests is used up: try again later or choose a larger plan',
  '-501004': 'too many requests at once: try again later, lower the concurrency or choose a larger plan',
  '-501005': 'the environment is unknown or stopped: correct its id',
  '-502003': 'these credentials may not use the database: call as administrator',
  '-502004': 'its limit is reached: make room or choose a larger plan',
}

/** A sentence saying what is wrong and what to do. */
export const unavailable = (what: string, failure: CloudFailure, cause: unknown): StoreUnavailableError => {
  const advice = failure.code === null ? undefined : ADVICE[failure.code]
  return new StoreUnavailableError(
    `${what} failed at the cloud database: ${advice ?? `${firstLine(failure.text)}: try again later`}`,
    { code: failure.code, cause },
  )
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 300) ?? ''
