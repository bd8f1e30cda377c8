/**
 * @module The errors the platform answers with: `{ code, message }`, always HTTP 200.
 *
 * The SDK turns a code it knows into a number (DATABASE_REQUEST_FAILED becomes -502001) and every other one into -501001;
 * so the text is often all that a caller has. The texts in square brackets are those seen in public threads of the platform.
 */

/** An answer with a code. Everything the emulator refuses, it refuses with one of these. */
export class CloudError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'CloudError'
    this.code = code
  }
}

const CONTACT = 'Please check your request, but if the problem persists, contact us.'

export const cloudErrors = {
  duplicateKey: (collection: string, index: string, key: string) =>
    failed(
      `E11000 duplicate key error collection: tnt-emulated.${collection} index: ${index} dup key: ${key}`,
    ),
  noCollection: (collection: string) =>
    new CloudError(
      'DATABASE_COLLECTION_NOT_EXIST',
      `[ResourceNotFound] Db or Table not exist: ${collection}. ${CONTACT}`,
    ),
  collectionExists: () =>
    new CloudError(
      'DATABASE_COLLECTION_ALREADY_EXIST',
      `[ResourceUnavailable.ResourceExist] Table exist. ${CONTACT}`,
    ),
  /** Another transaction holds the document, or it was changed since this one began. */
  transactionConflict: () =>
    new CloudError(
      'DATABASE_TRANSACTION_CONFLICT',
      `[ResourceUnavailable.TransactionConflict] Transaction is conflict, maybe resource operated by others. ${CONTACT}`,
    ),
  /** Another operation of the same transaction is on its way. */
  transactionBusy: () =>
    new CloudError(
      'DATABASE_TRANSACTION_FAIL',
      `[ResourceUnavailable.TransactionBusy] Transaction is busy. ${CONTACT}`,
    ),
  transactionGone: () =>
    new CloudError(
      'DATABASE_TRANSACTION_FAIL',
      `[ResourceUnavailable.TransactionNotExist] Transaction does not exist on the server, transaction must be commit or abort in 30 seconds. ${CONTACT}`,
    ),
  documentTooLarge: (bytes: number, maxBytes: number) =>
    new CloudError(
      'DATABASE_REQUEST_FAILED',
      `[LimitExceeded.DocumentTooLarge] the document is ${bytes} bytes, the limit is ${maxBytes}`,
    ),
  failedOperation: (why: string) => failed(why),
  invalid: (why: string) => new CloudError('INVALID_PARAM', why),
  /** Not the platform's: this program does not do it, and says so instead of guessing. */
  notEmulated: (what: string) =>
    new CloudError('INVALID_PARAM', `cloudbase-emulator: ${what} is not emulated`),
  /** Not the platform's: it would scan the collection, which the option requireIndexes forbids. */
  missingIndex: (collection: string, fields: string) =>
    new CloudError(
      'DATABASE_REQUEST_FAILED',
      `cloudbase-emulator: no index of ${collection} serves this query; declare one on ${fields}`,
    ),
} as const

function failed(why: string): CloudError {
  return new CloudError(
    'DATABASE_REQUEST_FAILED',
    `[FailedOperation] multiple write errors: [{write errors: [{${why}}]}, {<nil>}]`,
  )
}
