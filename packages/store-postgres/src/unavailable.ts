/** @module What a failed statement means: try again, tell the caller to come back, or a bug. */

/**
 * The database cannot serve this call now. Nothing is half done: whatever was asked for either happened
 * whole or not at all, and every call of the store may be repeated.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
  /** PostgreSQL's SQLSTATE or Node's error code, where there was one. */
  readonly code: string | null

  constructor(message: string, options: { readonly code: string | null; readonly cause: unknown }) {
    super(message, { cause: options.cause })
    this.code = options.code
  }
}

/**
 * `again`: rolled back or never sent, and worth another try at once. `unclear`: the connection broke with the
 * statement under way, so it may have been committed. `unavailable`: not now. `bug`: none of ours to repeat.
 */
export type Failure = 'again' | 'unclear' | 'unavailable' | 'bug'

/** The code of an error: an SQLSTATE, a Node error code, or null. */
export const codeOf = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null

/** True when the server itself said no. Then the connection is sound and the statement was rolled back. */
export const isServerError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'severity' in error

// https://www.postgresql.org/docs/current/errcodes-appendix.html, checked 2026-11
const AGAIN = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '23505', // unique_violation: a twin was faster; a repeated statement finds its row
  '57P03', // cannot_connect_now: starting up
  'ECONNREFUSED', // while it restarts
])
const UNAVAILABLE_CLASSES = new Set([
  '08', // connection exception
  '28', // invalid authorization
  '53', // insufficient resources: disk full, too many connections
  '55', // lock not available
  '58', // system error
])
const UNAVAILABLE = new Set([
  '3D000', // invalid_catalog_name
  '25006', // read_only_sql_transaction
  '57014', // query_canceled: statement_timeout
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
])
/** The server ended the session; what was under way is rolled back unless the commit had gone through. */
const ENDED = new Set(['57P01', '57P02', '57P05', '25P03'])

/** @param sent whether the statement had a connection when it failed */
export const failureOf = (error: unknown, sent: boolean): Failure => {
  const code = codeOf(error)
  if (isServerError(error) && code !== null) {
    if (AGAIN.has(code)) return 'again'
    if (ENDED.has(code)) return sent ? 'unclear' : 'again'
    return UNAVAILABLE.has(code) || UNAVAILABLE_CLASSES.has(code.slice(0, 2)) ? 'unavailable' : 'bug'
  }
  if (sent) return 'unclear'
  return code !== null && (AGAIN.has(code) || code === 'ECONNRESET') ? 'again' : 'unavailable'
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start PostgreSQL or correct DATABASE_URL',
  ENOTFOUND: 'the host name is unknown: correct DATABASE_URL',
  EAI_AGAIN: 'the host name cannot be resolved now: check DNS, or correct DATABASE_URL',
  '28P01': 'the password is wrong: correct DATABASE_URL',
  '28000': 'this user may not sign in: correct DATABASE_URL or pg_hba.conf',
  '3D000': 'the database does not exist: create it or correct DATABASE_URL',
  '25006': 'it is read-only, perhaps a standby: point DATABASE_URL at the primary',
  '53100': 'its disk is full: free some space',
  '53300': 'it has no connection left: raise max_connections or lower the number of processes',
  '55P03': 'a lock was not granted in time: try again later',
  '57014': 'a statement took too long: try again later',
}

/** A sentence saying what is wrong and what to do, without address parts that are secret. */
export const unavailable = (input: {
  readonly database: string
  readonly what: string
  readonly error: unknown
}): StoreUnavailableError => {
  const code = codeOf(input.error)
  const said = code === null ? undefined : ADVICE[code]
  const reason =
    input.error instanceof Error && input.error.message !== '' ? input.error.message : 'no answer'
  const because = said ?? `${reason}${code === null ? '' : ` (${code})`}: try again later`
  return new StoreUnavailableError(`${input.what} failed at database ${input.database}: ${because}`, {
    code,
    cause: input.error,
  })
}
