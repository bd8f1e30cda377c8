/**
 * @module Where a dotted path leads in a document: through objects, and through every object of a list.
 */
import { type Document, isDocument, type Value } from './values.ts'

/** What is at the end of a path; undefined where a field is missing, nothing at all where a list has no objects. */
export function leavesAt(document: Document, path: string): readonly (Value | undefined)[] {
  const leaves: (Value | undefined)[] = []
  walk(document, path.split('.'), 0, leaves)
  return leaves
}

/** The leaves, and in place of a list its items: what an index has entries for. Never empty. */
export function valuesAt(document: Document, path: string): readonly (Value | undefined)[] {
  const values = leavesAt(document, path).flatMap((leaf) => (Array.isArray(leaf) ? leaf : [leaf]))
  return values.length === 0 ? [undefined] : values
}

function walk(
  value: Value | undefined,
  path: readonly string[],
  at: number,
  leaves: (Value | undefined)[],
): void {
  const name = path[at]
  if (name === undefined) leaves.push(value)
  else if (Array.isArray(value)) {
    if (isPosition(name) && Number(name) < value.length) walk(value[Number(name)], path, at + 1, leaves)
    for (const item of value) if (isDocument(item)) walk(item, path, at, leaves)
  } else if (isDocument(value)) walk(memberOf(value, name), path, at + 1, leaves)
  else leaves.push(undefined)
}

export function memberOf(document: Document, name: string): Value | undefined {
  return Object.hasOwn(document, name) ? document[name] : undefined
}

export function isPosition(name: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(name)
}
