/** @module The server's clock, as far as the phone can know it: countdowns must not depend on a wrong phone clock. */

let serverAheadMs = 0

/** Takes the `Date` header of an answer. */
export const noteServerDate = (
  header: Readonly<Record<string, unknown>>,
  receivedAtMs = Date.now(),
): void => {
  const name = Object.keys(header).find((key) => key.toLowerCase() === 'date')
  const value = name === undefined ? undefined : header[name]
  const serverMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (!Number.isNaN(serverMs)) serverAheadMs = serverMs - receivedAtMs
}

/** Milliseconds since 1970, corrected to the server's clock with a precision of about a second. */
export const nowMs = (): number => Date.now() + serverAheadMs
