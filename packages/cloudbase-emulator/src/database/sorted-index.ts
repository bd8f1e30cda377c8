/**
 * @module One declared index: its entries in order, found by binary search, unique when it was declared so.
 */
import { valuesAt } from './paths.ts'
import { compareValues, type Document, type IdKey, type Value } from './values.ts'

export interface IndexField {
  readonly name: string
  readonly direction: 1 | -1
}

export interface IndexDeclaration {
  readonly collection: string
  /** Defaults to the fields and directions, as in `kind_1_dueAt_-1`. */
  readonly name?: string
  readonly fields: readonly IndexField[]
  readonly unique?: boolean
}

type Tuple = readonly (Value | undefined)[]
interface Entry {
  readonly tuple: Tuple
  readonly key: IdKey
}

/** What a query says of an index, field by field from the left: one value each, then perhaps a lower or upper end. */
export interface IndexRange {
  readonly equal: Tuple
  readonly from?: Value
  readonly to?: Value
}

export function indexName(declaration: IndexDeclaration): string {
  return declaration.name ?? declaration.fields.map(({ name, direction }) => `${name}_${direction}`).join('_')
}

export class SortedIndex {
  readonly name: string
  readonly fields: readonly IndexField[]
  readonly unique: boolean
  readonly #entries: Entry[] = []
  #multikey = false

  constructor(declaration: IndexDeclaration) {
    this.name = indexName(declaration)
    this.fields = declaration.fields
    this.unique = declaration.unique ?? false
  }

  /** Whether a document ever had a list in an indexed field: then two ends of a range may be met by different items. */
  get multikey(): boolean {
    return this.#multikey
  }

  add(key: IdKey, document: Document): void {
    const tuples = this.tuplesOf(document)
    if (tuples.length > 1) this.#multikey = true
    for (const tuple of tuples) this.#entries.splice(this.#find({ tuple, key }), 0, { tuple, key })
  }

  remove(key: IdKey, document: Document): void {
    for (const tuple of this.tuplesOf(document)) this.#entries.splice(this.#find({ tuple, key }), 1)
  }

  /** Every entry a document has: one, or one for each item of a list. */
  tuplesOf(document: Document): readonly Tuple[] {
    let tuples: Tuple[] = [[]]
    for (const { name } of this.fields) {
      const values = distinct(valuesAt(document, name))
      tuples = tuples.flatMap((tuple) => values.map((value) => [...tuple, value]))
    }
    return tuples
  }

  /** The documents whose entry is exactly this one. */
  holdersOf(tuple: Tuple): readonly IdKey[] {
    return this.search({ equal: tuple })
  }

  search({ equal, from, to }: IndexRange): readonly IdKey[] {
    const keys = new Set<IdKey>()
    const bounded = from !== undefined || to !== undefined
    const [low, high] = (this.fields[equal.length]?.direction ?? 1) === 1 ? [from, to] : [to, from]
    let at = this.#lower(low === undefined ? equal : [...equal, low])
    for (; at < this.#entries.length; at++) {
      const entry = this.#entries[at]
      if (entry === undefined || this.#compare(entry.tuple, equal, equal.length) !== 0) break
      if (bounded && high !== undefined) {
        if (this.#compare(entry.tuple, [...equal, high], equal.length + 1) > 0) break
      }
      keys.add(entry.key)
    }
    return [...keys]
  }

  #lower(prefix: Tuple): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.#entries[middle]
      if (entry !== undefined && this.#compare(entry.tuple, prefix, prefix.length) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #find(wanted: Entry): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.#entries[middle]
      const order =
        entry === undefined
          ? 1
          : this.#compare(entry.tuple, wanted.tuple, wanted.tuple.length) ||
            compareValues(entry.key, wanted.key)
      if (order < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #compare(a: Tuple, b: Tuple, length: number): number {
    for (let i = 0; i < length; i++) {
      const order = compareValues(a[i], b[i])
      if (order !== 0) return order * (this.fields[i]?.direction ?? 1)
    }
    return 0
  }
}

function distinct(values: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  if (values.length < 2) return values
  return values.filter((value, i) => values.findIndex((other) => compareValues(other, value) === 0) === i)
}
