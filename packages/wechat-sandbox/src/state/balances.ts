/**
 * @module The running balance of every account, and the proof on each change that the books sum to zero and nobody owes.
 */
import type { Entry } from './tables.ts'

/** The one account that may be below zero: the world that the money comes from. */
const WORLD = /^outside:/

export class Balances {
  readonly #fen = new Map<string, number>()

  /** Throws unless the entries of each cause sum to zero in whole fen, leave nobody below zero, and the books as a whole are in balance. */
  assertSound(entries: readonly Entry[]): void {
    const causes = new Map<string, number>()
    for (const { cause, fen, account } of entries) {
      if (!Number.isSafeInteger(fen) || fen === 0)
        throw new Error(`ledger: ${account} of ${cause} is not whole fen`)
      causes.set(cause, (causes.get(cause) ?? 0) + fen)
    }
    for (const [cause, sum] of causes) {
      if (sum !== 0) throw new Error(`ledger: ${cause} is out of balance by ${sum} fen`)
    }
    this.#assertCovered(entries)
    if (entries.length > 0) this.assertZero()
  }

  #assertCovered(entries: readonly Entry[]): void {
    const after = new Map<string, number>()
    for (const { account, fen } of entries) after.set(account, (after.get(account) ?? this.of(account)) + fen)
    for (const [account, fen] of after) {
      if (fen < 0 && !WORLD.test(account))
        throw new Error(`ledger: ${account} would be below zero by ${-fen} fen`)
    }
  }

  assertZero(): void {
    let sum = 0
    for (const fen of this.#fen.values()) sum += fen
    if (sum !== 0) throw new Error(`ledger: the books are out of balance by ${sum} fen`)
  }

  add(entries: readonly Entry[]): void {
    for (const { account, fen } of entries) this.#fen.set(account, this.of(account) + fen)
  }

  clear(): void {
    this.#fen.clear()
  }

  of(account: string): number {
    return this.#fen.get(account) ?? 0
  }

  has(account: string): boolean {
    return this.#fen.has(account)
  }

  all(): ReadonlyMap<string, number> {
    return this.#fen
  }
}
