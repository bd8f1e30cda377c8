/** @module Leaves out what WeChat left out. */

/** Members that may be undefined may be missing; the others stay. */
type Present<T> = {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
} & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }

/** The members that are neither undefined nor empty text: `''` is how WeChat writes "nothing". */
export function presentOf<T extends object>(draft: T): Present<T> {
  const present: Partial<T> = {}
  for (const name in draft) {
    const value = draft[name]
    if (value !== undefined && value !== '') present[name] = value
  }
  // What is left out is what `Present` says may be missing.
  return present satisfies Partial<T> as unknown as Present<T>
}
