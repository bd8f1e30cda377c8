/** @module Leaves out what WeChat left out. */

/** The members that are neither undefined nor empty text: `''` is how WeChat writes "nothing". */
export function presentOf<T extends object>(draft: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const present: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  for (const name in draft) {
    const value = draft[name]
    if (isThere(value)) present[name] = value
  }
  return present
}

function isThere<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined && value !== ''
}
