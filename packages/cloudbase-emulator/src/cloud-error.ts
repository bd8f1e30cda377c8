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

export const cloudErrors = {
  duplicateKey: (collection: string, index: string, key: string) =>
    new CloudError(
      'DATABASE_REQUEST_FAILED',
      `[FailedOperation.DuplicateWrite] multiple write errors: [{write errors: [{E11000 duplicate key error collection: ${collection} index: ${index} dup key: ${key}}]}, {<nil>}]`,
    ),
  noCollection: (collection: string) =>
    new CloudError(
      'DATABASE_COLLECTION_NOT_EXIST',
      `[ResourceNotFound] Db or Table not exist: ${collection}. Please check your request, but if the problem cannot be solved, contact us.`,
    ),
  collectionExists: (collection: string) =>
    new CloudError('DATABASE_COLLECTION_ALREADY_EXIST', `[ResourceInUse] Table exist: ${collection}`),
  transactionConflict: () =>
    new CloudError(
      'DATABASE_TRANSACTION_CONFLICT',
      '[ResourceUnavailable.TransactionConflict] Transaction is conflict, maybe resource operated by others. Please check your transaction code',
    ),
  transactionBusy: () =>
    new CloudError(
      'DATABASE_TRANSACTION_CONFLICT',
      '[ResourceUnavailable.TransactionBusy] Transaction is busy. Please try later',
    ),
  transactionGone: () =>
    new CloudError(
      'DATABASE_TRANSACTION_FAIL',
      '[ResourceUnavailable.TransactionNotExist] Transaction does not exist on the server, transaction must be commited or aborted in 30 seconds. Please check your transaction code',
    ),
  documentTooLarge: (bytes: number, maxBytes: number) =>
    new CloudError(
      'DATABASE_REQUEST_FAILED',
      `[LimitExceeded.DocumentTooLarge] the document is ${bytes} bytes, the limit is ${maxBytes}`,
    ),
  failedOperation: (why: string) =>
    new CloudError('DATABASE_REQUEST_FAILED', `[FailedOperation] multiple write errors: [${why}]`),
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
