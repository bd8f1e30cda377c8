/**
 * @module Documents in an order, as MongoDB sorts them.
 */
import { valuesAt } from './paths.ts'
import type { SortField } from './plan.ts'
import { compareValues, type Document, type Value } from './values.ts'

export function inOrder<T extends Document>(
  documents: readonly T[],
  sort: readonly SortField[],
): readonly T[] {
  if (sort.length === 0) return documents
  return documents.toSorted((a, b) => {
    for (const { name, direction } of sort) {
      const order = compareValues(extreme(a, name, direction), extreme(b, name, direction))
      if (order !== 0) return order * direction
    }
    return 0
  })
}

// A list sorts by its smallest item upwards and by its greatest downwards.
function extreme(document: Document, path: string, direction: 1 | -1): Value | undefined {
  return valuesAt(document, path).reduce((best, value) =>
    compareValues(value, best) * direction < 0 ? value : best,
  )
}
