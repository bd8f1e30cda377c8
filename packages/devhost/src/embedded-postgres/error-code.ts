/** @module The code of a system error. */

/**
 * True for a system error with this code. Not by `instanceof`: an error of Node's own may belong to another realm than
 * the code that catches it, as under a test runner.
 */
export const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code
