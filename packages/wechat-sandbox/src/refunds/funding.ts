/**
 * @module Which of the merchant's money pays a refund, and the lines of the books that take it and give it back.
 */
import type { Core } from '../core.ts'
import { accounts } from '../ledger.ts'
import type { Store, Write } from '../state/store.ts'
import type { Funding, Transaction, TransactionMoney } from '../state/tables.ts'
import { moneyOf, SETTLE_AFTER_MS } from '../trades.ts'

/** `any`: whatever the merchant has; otherwise exactly so much of each account. */
export type FundsWish =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly unsettledFen: number; readonly availableFen: number }

export type Lines = readonly (readonly [account: string, fen: number])[]

/**
 * Finds the money: this payment's own unsettled part first, then what is available, then other unsettled money.
 * undefined when the merchant hasn't got it.
 */
export function findFunding(
  core: Core,
  transaction: Transaction,
  fen: number,
  wish: FundsWish,
): Funding | undefined {
  const { store, identity } = core
  const available = store.balances.of(accounts.available(identity.mchid))
  const pending = store.balances.of(accounts.pending(identity.mchid))
  const money = moneyOf(transaction)
  const ownFen = Math.min(money.unsettledFen, wish.kind === 'any' ? fen : wish.unsettledFen)
  const settledAfter = Math.min(money.settledFen, money.refundedSettledFen + fen - ownFen)
  const feeFen = feeShare(money, settledAfter) - money.feeReturnedFen
  // The fee that comes back helps to pay: a payment can be refunded whole from what it brought.
  const payableFen = available + feeFen
  const availableFen = wish.kind === 'any' ? Math.min(payableFen, fen - ownFen) : wish.availableFen
  const unsettledFen = fen - availableFen
  if (unsettledFen > pending || availableFen > payableFen) return undefined
  const unsettled = takeUnsettled(store, transaction, unsettledFen)
  return {
    unsettled,
    availableFen,
    settledFen: settledAfter - money.refundedSettledFen,
    feeFen,
    unchargedFen: unchargedFee(core, unsettled),
  }
}

function unchargedFee({ store, feeBasisPoints }: Core, unsettled: Funding['unsettled']): number {
  const fee = (fen: number): number => Math.round((fen * feeBasisPoints) / 10_000)
  return unsettled.reduce((sum, { transactionId, fen }) => {
    const transaction = store.get('transaction', transactionId)
    const before = transaction === undefined ? 0 : moneyOf(transaction).unsettledFen
    return sum + fee(before) - fee(before - fen)
  }, 0)
}

// Rounded on the running sum, so that the parts of a full refund return exactly the fee that was taken.
function feeShare({ feeFen, settledFen }: TransactionMoney, refundedFen: number): number {
  return settledFen === 0 ? 0 : Math.round((feeFen * refundedFen) / settledFen)
}

function takeUnsettled(store: Store, own: Transaction, fen: number): Funding['unsettled'] {
  const taken: { transactionId: string; fen: number }[] = []
  let left = fen
  const take = (transaction: Transaction): void => {
    const part = Math.min(left, moneyOf(transaction).unsettledFen)
    if (part === 0) return
    taken.push({ transactionId: transaction.transactionId, fen: part })
    left -= part
  }
  take(own)
  if (left === 0) return taken
  for (const transaction of store.all('transaction')) {
    if (transaction.transactionId !== own.transactionId) take(transaction)
    if (left === 0) break
  }
  return taken
}

/** From the merchant into transit; the fee that WeChat gives back goes the other way. */
export function takeLines(core: Core, funding: Funding): Lines {
  const { mchid } = core.identity
  const unsettledFen = sum(funding)
  return [
    [accounts.pending(mchid), -unsettledFen],
    [accounts.available(mchid), funding.feeFen - funding.availableFen],
    [accounts.fees, -funding.feeFen],
    [accounts.transit, unsettledFen + funding.availableFen],
  ]
}

/** The exact reverse, for a refund that was closed. `funding` is what comes back of it, see `comesBack`. */
export function giveBackLines(core: Core, funding: Funding): Lines {
  return takeLines(core, funding).map(([account, fen]) => [account, -fen] as const)
}

/**
 * What a closed refund gives back. The fee that came with it is due again: when the merchant has taken out meanwhile
 * what it would be paid from, it is kept from the unsettled money on its way back.
 */
export function comesBack({ store, identity }: Core, funding: Funding): Funding {
  const available = store.balances.of(accounts.available(identity.mchid))
  const missingFen = Math.max(0, funding.feeFen - funding.availableFen - available)
  let left = missingFen
  const unsettled = funding.unsettled.map(({ transactionId, fen }) => {
    const part = Math.min(left, fen)
    left -= part
    return { transactionId, fen: fen - part }
  })
  return { ...funding, unsettled, availableFen: funding.availableFen + missingFen }
}

/** The transactions whose money this takes (`sign` 1) or gets back (`sign` -1). */
export function moveMoney(core: Core, transactionId: string, funding: Funding, sign: 1 | -1): Write[] {
  const { store, clock } = core
  const moved = new Map<string, Transaction>()
  const change = (id: string, update: (money: TransactionMoney) => TransactionMoney): void => {
    const transaction = moved.get(id) ?? store.get('transaction', id)
    if (transaction === undefined) return
    moved.set(id, { ...transaction, money: update(moneyOf(transaction)) })
  }
  for (const { transactionId: id, fen } of funding.unsettled) {
    change(id, (money) => ({ ...money, unsettledFen: money.unsettledFen - sign * fen }))
  }
  change(transactionId, (money) => ({
    ...money,
    refundedSettledFen: money.refundedSettledFen + sign * funding.settledFen,
    feeReturnedFen: money.feeReturnedFen + sign * funding.feeFen,
  }))
  return [...moved.values()].map((transaction) => {
    // Unsettled money that comes back after its settlement waits a day for another.
    const settleAt =
      transaction.settleAt === null && moneyOf(transaction).unsettledFen > 0
        ? clock.now() + SETTLE_AFTER_MS
        : transaction.settleAt
    return { table: 'transaction', id: transaction.transactionId, value: { ...transaction, settleAt } }
  })
}

function sum(funding: Funding): number {
  return funding.unsettled.reduce((fen, part) => fen + part.fen, 0)
}

/** What the answer says the refund was paid from. */
export function fundsAccountOf(funding: Funding | null): 'UNSETTLED' | 'AVAILABLE' {
  return funding !== null && funding.availableFen === 0 ? 'UNSETTLED' : 'AVAILABLE'
}
