/**
 * @module The running balance of every account, and the proof on each change that the books sum to zero.
 */
import type { Entry } from './tables.ts'

export class Balances {
  readonly #fen = new Map<string, number>()

  /** Throws unless the entries of each cause sum to zero in whole fen, and the books as a whole still do. */
  assertBalanced(entries: readonly Entry[]): void {
    const causes = new Map<string, number>()
    for (const { cause, fen, account } of entries) {
      if (!Number.isSafeInteger(fen) || fen === 0)
        throw new Error(`ledger: ${account} of ${cause} is not whole fen`)
      causes.set(cause, (causes.get(cause) ?? 0) + fen)
    }
    for (const [cause, sum] of causes) {
      if (sum !== 0) throw new Error(`ledger: ${cause} is out of balance by ${sum} fen`)
    }
    if (entries.length > 0) this.assertZero()
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
