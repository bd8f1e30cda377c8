/** @module What a page may take from its address: the id of an object, nothing else. */

/** The contract's shape of an id. */
const ID = /^[A-Za-z0-9_-]{1,64}$/

/** The id, or an empty string when the address names none: then there is nothing to ask for. */
export const idFrom = (query: Readonly<Record<string, string | undefined>>, name: string): string => {
  const value = query[name] ?? ''
  return ID.test(value) ? value : ''
}
