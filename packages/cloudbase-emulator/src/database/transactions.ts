/**
 * @module Transactions: a view of the past, writes nobody else sees, locks, and thirty seconds to live.
 *
 * As in MongoDB: the first writer wins. A transaction that meets another's lock, or a document changed since it began, ends
 * at once with a conflict; a write outside a transaction waits for the lock instead.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as startTimer } from 'node:timers'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { cloudErrors } from '../cloud-error.ts'
import type { Document, IdKey } from './values.ts'

export const TRANSACTION_LIFE_MS = 30_000
const MAX_OPEN = 1_000
const MOMENT_MS = 2
const MOMENT_TURNS = 10

export interface Transaction {
  readonly id: string
  /** The number of the last commit it sees. */
  readonly snapshot: number
  readonly expiresAt: number
  /** By collection and key; null removes. */
  readonly writes: Map<string, Map<IdKey, Document | null>>
  readonly locks: Set<string>
  /** Settles when it has ended, in whatever way. */
  readonly ended: Promise<void>
  readonly end: () => void
}

/** A write outside a transaction met a lock: wait for the holder to end, then try again. */
export class LockedError extends Error {
  readonly holder: Transaction

  constructor(holder: Transaction) {
    super('locked by a transaction')
    this.name = 'LockedError'
    this.holder = holder
  }
}

export class Transactions {
  readonly #open = new Map<string, Transaction>()
  readonly #locks = new Map<string, Transaction>()
  readonly #occupied = new Set<Transaction>()
  readonly #now: () => number
  readonly #onIdle: () => void

  constructor(now: () => number, onIdle: () => void) {
    this.#now = now
    this.#onIdle = onIdle
  }

  get isIdle(): boolean {
    return this.#open.size === 0
  }

  start(snapshot: number): Transaction {
    this.expire()
    if (this.#open.size >= MAX_OPEN)
      throw cloudErrors.invalid(`there are ${MAX_OPEN} transactions open already`)
    let settle = (): void => {}
    const ended = new Promise<void>((resolve) => {
      settle = resolve
    })
    // By the process's own clock too, or a write that waits for a lock would wait for the next request.
    const timer = startTimer(() => this.expire(), TRANSACTION_LIFE_MS + 1)
    timer.unref()
    const transaction: Transaction = {
      id: randomBytes(16).toString('hex'),
      snapshot,
      expiresAt: this.#now() + TRANSACTION_LIFE_MS,
      writes: new Map(),
      locks: new Set(),
      ended,
      end: () => {
        clearTimeout(timer)
        settle()
      },
    }
    this.#open.set(transaction.id, transaction)
    return transaction
  }

  /** @throws CloudError when it has ended or expired. */
  #get(id: string): Transaction {
    this.expire()
    const transaction = this.#open.get(id)
    if (transaction === undefined) throw cloudErrors.transactionGone()
    return transaction
  }

  /**
   * Runs one operation of a transaction. As on the platform a second one at the same time is refused, so this takes a
   * moment: what was sent together is here before the first is done.
   */
  async within<T>(id: string, run: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    const transaction = this.#get(id)
    if (this.#occupied.has(transaction)) throw cloudErrors.transactionBusy()
    this.#occupied.add(transaction)
    try {
      await moment()
      return await run(this.#get(id))
    } finally {
      this.#occupied.delete(transaction)
    }
  }

  /** @throws CloudError (within a transaction) or LockedError (outside) when another holds it. */
  assertUnlocked(resource: string, transaction: Transaction | undefined): void {
    const holder = this.#locks.get(resource)
    if (holder === undefined || holder === transaction) return
    if (transaction === undefined) throw new LockedError(holder)
    throw cloudErrors.transactionConflict()
  }

  lock(resource: string, transaction: Transaction): void {
    this.assertUnlocked(resource, transaction)
    this.#locks.set(resource, transaction)
    transaction.locks.add(resource)
  }

  end(transaction: Transaction): void {
    if (!this.#open.delete(transaction.id)) return
    for (const resource of transaction.locks) this.#locks.delete(resource)
    transaction.end()
    if (this.isIdle) this.#onIdle()
  }

  endAll(): void {
    for (const transaction of [...this.#open.values()]) this.end(transaction)
  }

  expire(): void {
    for (const transaction of [...this.#open.values()]) {
      if (this.#now() >= transaction.expiresAt) this.end(transaction)
    }
  }
}

// Some time, and some turns of the loop: a process that was held up finds the time gone before it has read what came in.
async function moment(): Promise<void> {
  await setTimeout(MOMENT_MS)
  for (let turn = 0; turn < MOMENT_TURNS; turn++) await setImmediate()
}
