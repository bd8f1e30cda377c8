/** @module Reading DATABASE_URL, and naming the database in messages without its password. */

const EXPECTED = 'expected postgres://user:password@host:5432/database'

/** The address of the database is not one. The message never repeats the address: it may hold a password. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError'
}

/**
 * Checks that this is a PostgreSQL address and answers how messages may name the database:
 * `host:port/database`, without user and password.
 *
 * @throws DatabaseUrlError
 */
export const databaseNameOf = (databaseUrl: string): string => {
  let url: URL
  try {
    url = new URL(databaseUrl)
  } catch {
    // The error of `new URL` carries its input, password included: it is not passed on as a cause.
    throw new DatabaseUrlError(`DATABASE_URL is not an address: ${EXPECTED}`)
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw new DatabaseUrlError(`DATABASE_URL begins with ${url.protocol}//: ${EXPECTED}`)
  const host = url.hostname || url.searchParams.get('host') || 'localhost'
  return `${decodeURIComponent(host)}:${url.port || '5432'}${url.pathname === '/' ? '' : url.pathname}`
}
