/** @module The version that User-Agent names; a test keeps it equal to package.json. */

/** The version of this package. */
export const version = '0.1.0'
