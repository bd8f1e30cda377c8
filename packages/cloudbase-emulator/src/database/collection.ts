/**
 * @module One collection: the documents as they are, their indexes, and what they were while a transaction may still ask.
 */
import { type CloudError, cloudErrors } from '../cloud-error.ts'
import { type IndexDeclaration, SortedIndex } from './sorted-index.ts'
import type { Document, IdKey } from './values.ts'

/** A document as it was until the commit with this number; null: it was not there. */
interface Version {
  readonly document: Document | null
  readonly until: number
}

export class Collection {
  readonly name: string
  readonly documents = new Map<IdKey, Document>()
  readonly declarations: IndexDeclaration[] = []
  readonly indexes: SortedIndex[] = []
  readonly #history = new Map<IdKey, Version[]>()

  constructor(name: string) {
    this.name = name
  }

  /** @throws CloudError when the index is to be unique and the documents there are not. */
  addIndex(declaration: IndexDeclaration): void {
    const index = new SortedIndex(declaration)
    for (const [key, document] of this.documents) {
      const taken = index.unique
        ? index.tuplesOf(document).find((tuple) => index.holdersOf(tuple).length > 0)
        : undefined
      if (taken !== undefined) throw duplicateOf(this.name, index, taken)
      index.add(key, document)
    }
    this.declarations.push(declaration)
    this.indexes.push(index)
  }

  /** Another document that holds a value that must be unique, and the error E11000 for it. */
  uniqueHolder(
    key: IdKey,
    document: Document,
    except: (key: IdKey) => boolean = () => false,
  ): { readonly key: IdKey; readonly error: CloudError } | undefined {
    for (const index of this.indexes) {
      if (!index.unique) continue
      for (const tuple of index.tuplesOf(document)) {
        const holder = index.holdersOf(tuple).find((other) => other !== key && !except(other))
        if (holder !== undefined) return { key: holder, error: duplicateOf(this.name, index, tuple) }
      }
    }
    return undefined
  }

  /** Puts or (null) removes; `keepUntil` keeps the version before for transactions older than that commit. */
  write(key: IdKey, document: Document | null, keepUntil: number | null): void {
    const before = this.documents.get(key)
    if (keepUntil !== null) {
      const versions = this.#history.get(key) ?? []
      versions.push({ document: before ?? null, until: keepUntil })
      this.#history.set(key, versions)
    }
    if (before !== undefined) for (const index of this.indexes) index.remove(key, before)
    if (document === null) {
      this.documents.delete(key)
      return
    }
    this.documents.set(key, document)
    for (const index of this.indexes) index.add(key, document)
  }

  /** The document as it was at that commit. */
  at(key: IdKey, commit: number): Document | null {
    const version = this.#history.get(key)?.find(({ until }) => until > commit)
    return version === undefined ? (this.documents.get(key) ?? null) : version.document
  }

  changedSince(key: IdKey, commit: number): boolean {
    return this.#history.get(key)?.some(({ until }) => until > commit) ?? false
  }

  /** Everything that has a version before the present one. */
  changed(): Iterable<IdKey> {
    return this.#history.keys()
  }

  forgetHistory(): void {
    this.#history.clear()
  }

  clear(): void {
    this.documents.clear()
    this.#history.clear()
    for (const [i, declaration] of this.declarations.entries()) this.indexes[i] = new SortedIndex(declaration)
  }
}

export function duplicateOf(
  collection: string,
  { name, fields }: SortedIndex,
  tuple: readonly unknown[],
): CloudError {
  const members = fields.map((field, i) => `${field.name}: ${JSON.stringify(tuple[i] ?? null)}`)
  return cloudErrors.duplicateKey(collection, name, `{ ${members.join(', ')} }`)
}
