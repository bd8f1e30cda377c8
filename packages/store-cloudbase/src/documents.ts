/**
 * @module Documents, read and written one at a time, each answer true.
 *
 * Every write carries a mark of its own. When no answer comes, or one that looks like a defeat, the document is read
 * again: the mark says whether it was this very write that happened. Nothing here ever needs a transaction.
 */
import { randomUUID } from 'node:crypto'
import type { Log } from '@yuanlu/shop'
import type { CollectionName } from './collections.ts'
import {
  CloudbaseSetupError,
  type CloudFailure,
  DocumentTooLargeError,
  failureOf,
  StoreUnavailableError,
  unavailable,
} from './failure.ts'
import { limiter } from './limiter.ts'
import type { Cloud, Command, Commands, SdkQuery } from './sdk.ts'

type Scalar = string | number | boolean | null
export type Condition = Readonly<Record<string, Scalar | Command>>
type Equals = Readonly<Record<string, Scalar>>
/** Values are scalars and lists: the SDK would merge a nested object into the stored one instead of replacing it. */
export type Change = Readonly<Record<string, Scalar | readonly unknown[] | Command>>
export type Order = readonly (readonly [field: string, direction: 'asc' | 'desc'])[]

export interface Stored {
  readonly _id: string
}

export interface WriteOptions {
  /**
   * For what may not be written anew by whoever is told that it was not written: throws where this write may have been
   * made after all, and then written over by somebody else.
   */
  readonly once?: boolean
}

export interface Documents<T extends Stored> {
  find(id: string): Promise<T | null>
  /** Only some members, for documents that are large. */
  findPart<K extends keyof T & string>(id: string, fields: readonly K[]): Promise<Pick<T, K> | null>
  read(query: { readonly where: Condition; readonly order?: Order; readonly limit: number }): Promise<T[]>
  readPart<K extends keyof T & string>(
    query: { readonly where: Condition; readonly order?: Order; readonly limit: number },
    fields: readonly K[],
  ): Promise<Pick<T, K>[]>
  count(where: Condition): Promise<number>
  /** False when the `_id` is taken by another write than this one. */
  insert(document: T, options?: WriteOptions): Promise<boolean>
  /**
   * Compare and swap: true when this call changed the document while it looked like `expected`. `mark` is the
   * member that tells one writer from another.
   */
  swap(
    id: string,
    swap: { readonly expected: Equals; readonly change: Change; readonly mark?: string } & WriteOptions,
  ): Promise<boolean>
  /** A change that may be made twice without harm. Answers how many documents it met, the last time it was made. */
  change(where: Condition, change: Change): Promise<number>
  /** A change that may not be made twice: made once, whatever comes of it. */
  changeOnce(where: Condition, change: Change): Promise<'changed' | 'unmet' | 'unclear'>
  remove(where: Condition): Promise<number>
}

export interface Database {
  readonly command: Commands
  collection<T extends Stored>(name: CollectionName): Documents<T>
  /** A moment before trying again, some of it by chance, so that those who collided do not collide again. */
  pause(ms: number): Promise<void>
  /** Any other repeatable call to the cloud, under the same bounds. */
  call<T>(what: string, work: () => Promise<T>): Promise<T>
  readonly cloud: Cloud
  readonly log: Log
}

/** Waits before the second and third try. */
const REPEAT_AFTER_MS = [30, 150]
/** A busy database: shorter than the patience of whoever waits for us. */
const BUSY_AFTER_MS = [50, 100, 200, 400]

type Outcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'unclear'; readonly failure: CloudFailure; readonly error: unknown }

export const openDocuments = (options: {
  readonly cloud: Cloud
  readonly prefix: string
  readonly maxAtOnce: number
  readonly maxDocumentBytes: number
  readonly sleep: (ms: number) => Promise<void>
  readonly log: Log
}): Database => {
  const { cloud, prefix, maxDocumentBytes, log } = options
  const pause = (ms: number): Promise<void> => options.sleep(ms * (0.5 + Math.random()))
  const inTurn = limiter(options.maxAtOnce)

  /** One call; refusals that did nothing are repeated, what is unclear is left to the caller. */
  const tell = async <T>(call: Call<T>): Promise<Outcome<T>> => {
    for (let tries = 0; ; tries++) {
      try {
        return {
          kind: 'answered',
          value: await inTurn(() => {
            cloud.assertCredentials()
            return call.work()
          }),
        }
      } catch (error) {
        if (error instanceof StoreUnavailableError) throw error
        const failure = failureOf(error)
        const wait = BUSY_AFTER_MS[tries]
        if (failure.kind === 'duplicate') return { kind: 'duplicate' }
        if (failure.kind === 'unclear') return { kind: 'unclear', failure, error }
        if (failure.kind === 'bug') throw error
        if (failure.kind === 'tooLarge') throw new DocumentTooLargeError(call.what, null)
        if (failure.kind === 'setup')
          throw new CloudbaseSetupError(`collection ${call.collection}: ${failure.text}`, call.collection, {
            cause: error,
          })
        if (failure.kind === 'unavailable' || wait === undefined) throw givenUp(call.what, failure, error)
        log.warn('store.repeated', { what: call.what, code: failure.code, failure: failure.kind })
        await pause(wait)
      }
    }
  }

  const givenUp = (what: string, failure: CloudFailure, error: unknown): StoreUnavailableError => {
    log.error('store.unavailable', { what, code: failure.code })
    return unavailable(what, failure, error)
  }

  /** What a write that another one was put over may answer: "not written" is a fact only while no attempt was unclear. */
  const openDoubt = (what: string, once: boolean) => {
    let unclear: Extract<Outcome<unknown>, { kind: 'unclear' }> | null = null
    return {
      note: (outcome: Outcome<unknown>): void => {
        if (outcome.kind === 'unclear') unclear = outcome
      },
      lost: (): false => {
        if (once && unclear !== null) throw givenUp(what, unclear.failure, unclear.error)
        return false
      },
    }
  }

  /** A call that may be repeated as it is: every reading, and changes that say so. */
  const ask = async <T>(call: Call<T>): Promise<T> => {
    for (let tries = 0; ; tries++) {
      const outcome = await tell(call)
      if (outcome.kind === 'answered') return outcome.value
      if (outcome.kind === 'duplicate') throw new Error(`${call.what}: a key was taken where none is given`)
      const wait = REPEAT_AFTER_MS[tries]
      if (wait === undefined) throw givenUp(call.what, outcome.failure, outcome.error)
      log.warn('store.repeated', { what: call.what, code: outcome.failure.code, failure: 'unclear' })
      await pause(wait)
    }
  }

  const collection = <T extends Stored>(name: CollectionName): Documents<T> => {
    const stored = `${prefix}${name}`
    /** Checked before anything is under way: our mistakes are not the cloud's. */
    const query = (where: Condition): (() => SdkQuery) => {
      const condition = complete(where)
      return () => cloud.collection(stored).where(condition)
    }
    const call = <R>(what: string, work: () => Promise<R>): Call<R> => ({
      what: `${name}.${what}`,
      collection: stored,
      work,
    })
    const select = async <R>(
      { where, order = [], limit }: { where: Condition; order?: Order; limit: number },
      fields: readonly string[] | null,
    ): Promise<R[]> => {
      // Zero would be read as "the default of 100", and more than 1000 as 1000.
      if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
        throw new RangeError(`a limit from 1 to ${MAX_LIMIT}, not ${limit}`)
      const matching = query(where)
      const { data } = await ask(
        call('read', () => {
          let found = matching().limit(limit)
          for (const [field, direction] of order) found = found.orderBy(field, direction)
          if (fields !== null) found = found.field(Object.fromEntries(fields.map((field) => [field, true])))
          return found.get()
        }),
      )
      // What is in our collections, we wrote: this is the one place where a document gets its type.
      return data as R[]
    }
    const part = async <K extends keyof T & string>(id: string, fields: readonly K[]) =>
      (await select<Pick<T, K>>({ where: { _id: id }, limit: 1 }, fields))[0] ?? null
    /** What is there now, as far as it tells who wrote it; null when nothing is. */
    const look = async (id: string, fields: readonly string[]): Promise<Seen | null> =>
      (await select<Seen>({ where: { _id: id }, limit: 1 }, fields))[0] ?? null

    return {
      find: async (id) => (await select<T>({ where: { _id: id }, limit: 1 }, null))[0] ?? null,
      findPart: part,
      read: (input) => select<T>(input, null),
      readPart: (input, fields) => select(input, fields),
      async count(where) {
        const matching = query(where)
        return (await ask(call('count', () => matching().count()))).total
      },

      async insert(document, { once = false } = {}) {
        const writeId = randomUUID()
        const data = { ...document, writeId }
        assertFits(`${name} ${document._id}`, data, maxDocumentBytes)
        const doubt = openDoubt(`${name}.insert`, once)
        for (let tries = 0; ; tries++) {
          const outcome = await tell(call('insert', () => cloud.collection(stored).add({ data })))
          if (outcome.kind === 'answered') return true
          doubt.note(outcome)
          // Taken, perhaps by ourselves: whatever is between us and the database may have sent it twice.
          const seen = await look(document._id, ['writeId'])
          if (seen?.writeId === writeId) return true
          if (seen !== null) return doubt.lost()
          const wait = REPEAT_AFTER_MS[tries]
          if (wait === undefined) {
            if (outcome.kind === 'unclear') throw givenUp(`${name}.insert`, outcome.failure, outcome.error)
            throw new Error(`${name}: ${document._id} is taken and cannot be read`)
          }
          await pause(wait)
        }
      },

      async swap(id, { expected, change, mark = 'writeId', once = false }) {
        const writeId = randomUUID()
        const data = { ...change, [mark]: writeId }
        assertFits(`${name} ${id}`, data, maxDocumentBytes)
        const matching = query({ _id: id, ...expected })
        const doubt = openDoubt(`${name}.swap`, once)
        for (let tries = 0; ; tries++) {
          const outcome = await tell(call('swap', () => matching().update({ data })))
          if (outcome.kind === 'answered' && outcome.value.stats.updated > 0) return true
          doubt.note(outcome)
          const seen = await look(id, [mark, ...Object.keys(expected)])
          if (seen?.[mark] === writeId) return true
          if (outcome.kind !== 'unclear' || seen === null) return doubt.lost()
          if (Object.entries(expected).some(([key, value]) => seen[key] !== value)) return doubt.lost()
          if (once && seen[mark] !== expected[mark]) return doubt.lost()
          const wait = REPEAT_AFTER_MS[tries]
          if (wait === undefined) throw givenUp(`${name}.swap`, outcome.failure, outcome.error)
          await pause(wait)
        }
      },

      async change(where, change) {
        const matching = query(where)
        const { stats } = await ask(call('change', () => matching().update({ data: change })))
        return stats.updated
      },

      async changeOnce(where, change) {
        const matching = query(where)
        const outcome = await tell(call('changeOnce', () => matching().update({ data: change })))
        if (outcome.kind !== 'answered') return 'unclear'
        return outcome.value.stats.updated > 0 ? 'changed' : 'unmet'
      },

      async remove(where) {
        const matching = query(where)
        return (await ask(call('remove', () => matching().remove()))).stats.removed
      },
    }
  }

  return {
    command: cloud.command,
    collection,
    pause,
    call: (what, work) => ask({ what, collection: what, work }),
    cloud,
    log,
  }
}

type Seen = Readonly<Record<string, unknown>>

interface Call<T> {
  readonly what: string
  readonly collection: string
  readonly work: () => Promise<T>
}

const MAX_LIMIT = 1_000

/** A member that is undefined would drop out of the condition, and a swap without its version meets anything. */
const complete = (where: Condition): Condition => {
  for (const [key, value] of Object.entries(where))
    if (value === undefined) throw new TypeError(`a condition without a value: ${key}`)
  return where
}

const assertFits = (what: string, data: object, maxBytes: number): void => {
  const bytes = Buffer.byteLength(JSON.stringify(data))
  if (bytes > maxBytes) throw new DocumentTooLargeError(what, { bytes, maxBytes })
}
