/**
 * @module The documents of one environment: collections, queries through indexes, writes, transactions.
 */
import { randomBytes } from 'node:crypto'
import { Query } from 'mingo'
import { cloudErrors } from '../cloud-error.ts'
import { aggregate, type Stage } from './aggregate.ts'
import { Collection, duplicateOf } from './collection.ts'
import { inOrder } from './order.ts'
import { planQuery, type SortField } from './plan.ts'
import { compileQuery } from './query.ts'
import { type IndexDeclaration, indexName } from './sorted-index.ts'
import { LockedError, type Transaction, Transactions } from './transactions.ts'
import { applyUpdate, assertUpdate } from './update.ts'
import {
  assertStorable,
  compareValues,
  copyOf,
  type Document,
  type IdKey,
  keyOf,
  type Value,
} from './values.ts'

/** What is to be remembered; the changes of one call are remembered together. */
export type Change =
  | { readonly kind: 'put'; readonly collection: string; readonly document: Document }
  | { readonly kind: 'remove'; readonly collection: string; readonly id: Value }
  | { readonly kind: 'collection'; readonly name: string }
  | { readonly kind: 'index'; readonly declaration: IndexDeclaration }

export interface DatabaseOptions {
  readonly now: () => number
  /** A query that no index serves is an error that names the index. */
  readonly requireIndexes: boolean
  readonly maxDocumentBytes: number
  /** Called before a change takes effect; when it throws, it doesn't. */
  readonly record: (changes: readonly Change[]) => void
}

export interface Find {
  readonly collection: string
  readonly query: Document
  readonly sort: readonly SortField[]
  readonly projection?: Document | undefined
  readonly skip: number
  readonly limit: number
}

const MAX_COLLECTIONS = 1_000
const COLLECTION_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

export class Database {
  readonly #collections = new Map<string, Collection>()
  readonly #options: DatabaseOptions
  readonly #transactions: Transactions
  #commits = 0

  constructor(options: DatabaseOptions) {
    this.#options = options
    this.#transactions = new Transactions(options.now, () => {
      for (const collection of this.#collections.values()) collection.forgetHistory()
    })
  }

  // —— shape ——

  createCollection(name: string): void {
    if (!COLLECTION_NAME.test(name))
      throw cloudErrors.invalid(`${JSON.stringify(name)} is no name for a collection`)
    if (this.#collections.has(name)) throw cloudErrors.collectionExists()
    if (this.#collections.size >= MAX_COLLECTIONS) {
      throw cloudErrors.invalid(`an environment has at most ${MAX_COLLECTIONS} collections`)
    }
    this.#options.record([{ kind: 'collection', name }])
    this.#collections.set(name, new Collection(name))
  }

  hasCollection(name: string): boolean {
    return this.#collections.has(name)
  }

  /** Declares an index, and its collection when that is new; declaring the same again changes nothing. */
  createIndex(declaration: IndexDeclaration): void {
    assertDeclaration(declaration)
    if (!this.hasCollection(declaration.collection)) this.createCollection(declaration.collection)
    const collection = this.#collection(declaration.collection)
    const same = collection.declarations.find((other) => indexName(other) === indexName(declaration))
    if (same !== undefined) {
      if (isSame(same, declaration)) return
      throw cloudErrors.invalid(`${declaration.collection} has another index named ${indexName(declaration)}`)
    }
    collection.addIndex(declaration)
    this.#options.record([{ kind: 'index', declaration }])
  }

  shape(): readonly { name: string; documents: number; indexes: readonly IndexDeclaration[] }[] {
    return [...this.#collections.values()].map(({ name, documents, declarations }) => ({
      name,
      documents: documents.size,
      indexes: declarations,
    }))
  }

  /** Everything there is, as the changes that would make it. */
  *everything(): Iterable<Change> {
    for (const { name, documents, declarations } of this.#collections.values()) {
      yield { kind: 'collection', name }
      for (const declaration of declarations) yield { kind: 'index', declaration }
      for (const document of documents.values()) yield { kind: 'put', collection: name, document }
    }
  }

  /** Takes a remembered change as it is. */
  replay(change: Change): void {
    if (change.kind === 'collection') this.#collections.set(change.name, new Collection(change.name))
    else if (change.kind === 'index')
      this.#collection(change.declaration.collection).addIndex(change.declaration)
    else if (change.kind === 'put') {
      this.#collection(change.collection).write(keyOf(change.document._id), change.document, null)
    } else this.#collection(change.collection).write(keyOf(change.id), null, null)
  }

  /** Removes every document and ends every transaction; collections and indexes stay. */
  clear(): void {
    this.#transactions.endAll()
    for (const collection of this.#collections.values()) collection.clear()
  }

  // —— reading ——

  find(
    { collection, query, sort, projection, skip, limit }: Find,
    transaction?: Transaction,
  ): readonly Document[] {
    const matching = this.#match(collection, query, sort, transaction)
    const page = inOrder(matching, sort).slice(skip, skip + limit)
    if (projection === undefined) return page
    // A copy: nobody else's code writes into a stored document.
    return new Query({}).find<Document>(page.map(copyOf), projection).all()
  }

  count(collection: string, query: Document): number {
    return this.#match(collection, query, [], undefined).length
  }

  aggregate(collection: string, stages: readonly Stage[]): readonly Document[] {
    const from = this.#collection(collection)
    return aggregate(stages, {
      start: (query, sort) =>
        query === null ? [...from.documents.values()] : this.#match(collection, query, sort, undefined),
      all: (name) => [...this.#collection(name).documents.values()],
    })
  }

  // —— writing ——

  /** Inserts one after the other; those before a refused one stay, as with an ordered insert. */
  insert(
    collection: string,
    documents: readonly Document[],
    transaction?: Transaction,
  ): Promise<readonly Value[]> {
    return this.#write(transaction, () => {
      const into = this.#collection(collection)
      const ready = documents.map((document) => ({
        ...document,
        _id: document._id ?? randomBytes(16).toString('hex'),
      }))
      for (const document of ready) assertStorable(document, this.#options.maxDocumentBytes)
      for (const document of ready) this.#assertUnlocked(into, keyOf(document._id), document, transaction)
      for (const document of ready) {
        const key = keyOf(document._id)
        this.#assertNew(into, key, document, transaction)
        this.#put(into, key, document, transaction)
      }
      return ready.map((document) => document._id)
    })
  }

  /** @returns the matching documents as they are now, and how many of them are different. */
  update(
    collection: string,
    query: Document,
    operations: Document,
    { isMany }: { readonly isMany: boolean },
    transaction?: Transaction,
  ): Promise<{ readonly documents: readonly Document[]; readonly updated: number }> {
    assertUpdate(operations)
    return this.#write(transaction, () => {
      const into = this.#collection(collection)
      const found = this.#match(collection, query, [], transaction)
      const next = (isMany ? found : found.slice(0, 1)).map((document) => applyUpdate(document, operations))
      return { documents: next, updated: this.#replaceAll(into, found, next, transaction) }
    })
  }

  /** Puts the whole document under its id, over another or as a new one. */
  set(
    collection: string,
    document: Document,
    transaction?: Transaction,
  ): Promise<{ readonly updated: number; readonly isNew: boolean }> {
    return this.#write(transaction, () => {
      const into = this.#collection(collection)
      const found = this.#match(collection, { _id: document._id ?? null }, [], transaction)
      if (found.length > 0) {
        return { updated: this.#replaceAll(into, found, [document], transaction), isNew: false }
      }
      assertStorable(document, this.#options.maxDocumentBytes)
      const key = keyOf(document._id)
      this.#assertUnlocked(into, key, document, transaction)
      this.#assertNew(into, key, document, transaction)
      this.#put(into, key, document, transaction)
      return { updated: 0, isNew: true }
    })
  }

  remove(
    collection: string,
    query: Document,
    { isMany }: { readonly isMany: boolean },
    transaction?: Transaction,
  ): Promise<number> {
    return this.#write(transaction, () => {
      const from = this.#collection(collection)
      const found = this.#match(collection, query, [], transaction)
      const gone = isMany ? found : found.slice(0, 1)
      for (const { _id } of gone) this.#assertUnlocked(from, keyOf(_id), null, transaction)
      for (const { _id } of gone) this.#put(from, keyOf(_id), null, transaction)
      return gone.length
    })
  }

  // —— transactions ——

  startTransaction(): Transaction {
    return this.#transactions.start(this.#commits)
  }

  /** Runs one operation within a transaction; without an id, outside of any. */
  within<T>(
    id: string | undefined,
    run: (transaction: Transaction | undefined) => Promise<T> | T,
  ): Promise<T> {
    return id === undefined ? Promise.resolve(run(undefined)) : this.#transactions.within(id, run)
  }

  commit(id: string): Promise<void> {
    return this.#transactions.within(id, (transaction) => this.#commit(transaction))
  }

  abort(id: string): Promise<void> {
    return this.#transactions.within(id, (transaction) => this.#transactions.end(transaction))
  }

  // —— within ——

  #commit(transaction: Transaction): void {
    const writes = [...transaction.writes].flatMap(([name, documents]) =>
      [...documents].map(([key, document]) => ({ collection: this.#collection(name), key, document })),
    )
    const changes = writes.flatMap(({ collection, key, document }) => changeOf(collection, key, document))
    this.#options.record(changes)
    this.#commits++
    for (const { collection, key, document } of writes) {
      collection.write(key, document, this.#commits)
    }
    this.#transactions.end(transaction)
  }

  #collection(name: string): Collection {
    const collection = this.#collections.get(name)
    if (collection === undefined) throw cloudErrors.noCollection(name)
    return collection
  }

  #match(
    name: string,
    query: Document,
    sort: readonly SortField[],
    transaction: Transaction | undefined,
  ): readonly Document[] {
    const collection = this.#collection(name)
    const matches = compileQuery(query)
    const plan = planQuery(query, sort, collection.indexes)
    if (plan.missing !== null && this.#options.requireIndexes)
      throw cloudErrors.missingIndex(name, plan.missing)
    const keys = new Set<IdKey>()
    for (const source of plan.sources) {
      if (source.kind === 'all') for (const key of collection.documents.keys()) keys.add(key)
      else if (source.kind === 'keys') for (const key of source.keys) keys.add(key)
      else for (const range of source.ranges) for (const key of source.index.search(range)) keys.add(key)
    }
    if (transaction !== undefined) {
      // The indexes know the present; what has changed since the snapshot is looked at one by one.
      for (const key of collection.changed()) keys.add(key)
      for (const key of transaction.writes.get(name)?.keys() ?? []) keys.add(key)
    }
    const found: Document[] = []
    for (const key of keys) {
      const document = this.#see(collection, key, transaction)
      if (document !== null && matches(document)) found.push(document)
    }
    return found
  }

  #see(collection: Collection, key: IdKey, transaction: Transaction | undefined): Document | null {
    if (transaction === undefined) return collection.documents.get(key) ?? null
    const own = transaction.writes.get(collection.name)?.get(key)
    return own === undefined ? collection.at(key, transaction.snapshot) : own
  }

  /** Runs a write; outside a transaction it waits for locks, within one any refusal ends the transaction. */
  async #write<T>(transaction: Transaction | undefined, run: () => T): Promise<T> {
    for (;;) {
      try {
        return run()
      } catch (error) {
        if (transaction !== undefined) this.#transactions.end(transaction)
        if (!(error instanceof LockedError)) throw error
        await error.holder.ended
      }
    }
  }

  #replaceAll(
    into: Collection,
    before: readonly Document[],
    next: readonly Document[],
    transaction: Transaction | undefined,
  ): number {
    const changed = next.filter((document, i) => document !== before[i])
    for (const document of changed) assertStorable(document, this.#options.maxDocumentBytes)
    for (const document of changed) this.#assertUnlocked(into, keyOf(document._id), document, transaction)
    for (const document of changed) {
      const key = keyOf(document._id)
      this.#assertUnique(into, key, document, transaction)
      this.#put(into, key, document, transaction)
    }
    return changed.length
  }

  /** Nobody else may hold the document, or a unique value that it has or gets. */
  #assertUnlocked(
    collection: Collection,
    key: IdKey,
    document: Document | null,
    transaction: Transaction | undefined,
  ): void {
    this.#transactions.assertUnlocked(`${collection.name}/${key}`, transaction)
    if (transaction !== undefined && collection.changedSince(key, transaction.snapshot)) {
      throw cloudErrors.transactionConflict()
    }
    for (const resource of uniqueResources(collection, document)) {
      this.#transactions.assertUnlocked(resource, transaction)
    }
  }

  #assertNew(
    collection: Collection,
    key: IdKey,
    document: Document,
    transaction: Transaction | undefined,
  ): void {
    if (this.#see(collection, key, transaction) !== null) {
      throw cloudErrors.duplicateKey(collection.name, '_id_', `{ _id: ${JSON.stringify(document._id)} }`)
    }
    this.#assertUnique(collection, key, document, transaction)
  }

  #assertUnique(
    collection: Collection,
    key: IdKey,
    document: Document,
    transaction: Transaction | undefined,
  ): void {
    const own = transaction?.writes.get(collection.name)
    // Its own writes take the place of what the indexes know.
    const holder = collection.uniqueHolder(key, document, (other) => own?.has(other) ?? false)
    if (holder !== undefined) {
      const isNews = transaction !== undefined && collection.changedSince(holder.key, transaction.snapshot)
      throw isNews ? cloudErrors.transactionConflict() : holder.error
    }
    if (own === undefined) return
    for (const index of collection.indexes) {
      if (!index.unique) continue
      for (const tuple of index.tuplesOf(document)) {
        for (const [other, written] of own) {
          if (other === key || written === null) continue
          const clash = index
            .tuplesOf(written)
            .some((held) => held.every((v, i) => compareValues(v, tuple[i]) === 0))
          if (clash) throw duplicateOf(collection.name, index, tuple)
        }
      }
    }
  }

  #put(
    collection: Collection,
    key: IdKey,
    document: Document | null,
    transaction: Transaction | undefined,
  ): void {
    if (transaction !== undefined) {
      this.#transactions.lock(`${collection.name}/${key}`, transaction)
      for (const resource of uniqueResources(collection, document))
        this.#transactions.lock(resource, transaction)
      const writes = transaction.writes.get(collection.name) ?? new Map<IdKey, Document | null>()
      transaction.writes.set(collection.name, writes.set(key, document))
      return
    }
    this.#options.record(changeOf(collection, key, document))
    this.#commits++
    collection.write(key, document, this.#transactions.isIdle ? null : this.#commits)
  }
}

function changeOf(collection: Collection, key: IdKey, document: Document | null): readonly Change[] {
  if (document !== null) return [{ kind: 'put', collection: collection.name, document }]
  const id = collection.documents.get(key)?._id
  return id === undefined ? [] : [{ kind: 'remove', collection: collection.name, id }]
}

function* uniqueResources(collection: Collection, document: Document | null): Iterable<string> {
  if (document === null) return
  for (const index of collection.indexes) {
    if (!index.unique) continue
    for (const tuple of index.tuplesOf(document)) {
      yield `${collection.name}#${index.name}/${JSON.stringify(tuple.map((value) => value ?? null))}`
    }
  }
}

// Declarations come from files and over HTTP too.
function assertDeclaration(declaration: IndexDeclaration): void {
  const { collection, name, fields, unique, ...more } = Object(declaration) as Record<string, unknown>
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) throw cloudErrors.invalid(`${unknown} is no member of an index`)
  if (typeof collection !== 'string') throw cloudErrors.invalid('an index names its collection')
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw cloudErrors.invalid(`the name of an index of ${collection} must be a text`)
  }
  if (unique !== undefined && typeof unique !== 'boolean') {
    throw cloudErrors.invalid(`unique of an index of ${collection} must be true or false`)
  }
  const names = Array.isArray(fields) ? fields.map(fieldNameOf) : []
  if (names.length === 0 || names.includes(undefined) || new Set(names).size < names.length) {
    throw cloudErrors.invalid(
      `an index of ${collection} needs fields with a name, each once, and a direction of 1 or -1`,
    )
  }
}

function fieldNameOf(field: unknown): string | undefined {
  const { name, direction } = Object(field) as Record<string, unknown>
  const isGood = typeof name === 'string' && name !== '' && !name.startsWith('$')
  return isGood && (direction === 1 || direction === -1) ? name : undefined
}

function isSame(a: IndexDeclaration, b: IndexDeclaration): boolean {
  return (
    JSON.stringify([a.fields.map((f) => [f.name, f.direction]), a.unique ?? false]) ===
    JSON.stringify([b.fields.map((f) => [f.name, f.direction]), b.unique ?? false])
  )
}
