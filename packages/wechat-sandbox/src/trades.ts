/**
 * @module Orders at WeChat Pay: created once, paid or closed, never both; decided without I/O, then written.
 */

import { type Core, newNumber } from './core.ts'
import type { FaultRecord } from './faults.ts'
import { accounts, openWallet, post } from './ledger.ts'
import type { Store, Write } from './state/store.ts'
import {
  BOUNDS,
  type Prepay,
  type Refund,
  type Trade,
  type Transaction,
  type TransactionMoney,
} from './state/tables.ts'

const HOUR_MS = 3_600_000
export const PREPAY_LIVES_MS = 2 * HOUR_MS
/** An order nobody pays is closed by WeChat after seven days. */
export const AUTO_CLOSE_MS = 7 * 24 * HOUR_MS
/** Paid money becomes the merchant's to use a day later. */
export const SETTLE_AFTER_MS = 24 * HOUR_MS

export type TradeState = 'NOTPAY' | 'SUCCESS' | 'REFUND' | 'CLOSED'

export const STATE_TEXT = {
  NOTPAY: '订单未支付',
  SUCCESS: '支付成功',
  REFUND: '订单发生过退款，退款详情请查询退款单',
  CLOSED: '订单已关闭',
} as const satisfies Record<TradeState, string>

/** Paid wins over closed: money that arrived is never hidden by a close. Any refund of it shows, part or whole. */
export function stateOf(
  store: Store,
  trade: Trade,
  now: number,
  payment: Transaction | undefined = paymentOf(store, trade),
): TradeState {
  if (payment !== undefined) {
    return refundsOf(store, payment.transactionId).some(({ state }) => state !== 'CLOSED')
      ? 'REFUND'
      : 'SUCCESS'
  }
  return trade.closedAt !== null || now >= trade.createdAt + AUTO_CLOSE_MS ? 'CLOSED' : 'NOTPAY'
}

const isPaid = (trade: Trade): boolean => trade.transactionIds.length > 0

/** Every refund that was ever accepted for this payment, oldest first. */
export function refundsOf(store: Store, transactionId: string): Refund[] {
  const numbers = store.get('refundsOf', transactionId)?.outRefundNos ?? []
  return numbers.flatMap((outRefundNo) => store.get('refund', outRefundNo) ?? [])
}

/** The transaction that an answer about the order states: its first. */
export function paymentOf(store: Store, trade: Trade): Transaction | undefined {
  const [first] = trade.transactionIds
  return first === undefined ? undefined : store.get('transaction', first)
}

export type NewTrade = Omit<Trade, 'createdAt' | 'closedAt' | 'transactionIds' | 'prepayIds'>

export type Ordered =
  | { readonly kind: 'ordered'; readonly prepayId: string }
  | { readonly kind: 'paid' | 'closed' | 'expired' | 'number-used' | 'terms-differ' | 'full' | 'too-often' }

/** Creates the order, or gives a fresh prepay_id for one that was created with the very same parameters. */
export function order(core: Core, wanted: NewTrade): Ordered {
  const { store, clock } = core
  const now = clock.now()
  const known = store.get('trade', wanted.outTradeNo)
  if (known !== undefined) {
    if (isPaid(known)) return { kind: 'paid' }
    if (stateOf(store, known, now) === 'CLOSED') return { kind: 'closed' }
    if (known.protocol !== wanted.protocol) return { kind: 'number-used' }
    if (known.terms !== wanted.terms) return { kind: 'terms-differ' }
    if (known.expiresAt !== null && now >= known.expiresAt) return { kind: 'expired' }
  } else if (store.size('trade') >= BOUNDS.trades) return { kind: 'full' }
  const prepay: Prepay = { prepayId: newNumber.prepayId(now), outTradeNo: wanted.outTradeNo, createdAt: now }
  // A prepay_id is good for its whole life, however many came after it: at the bound only those that are over make room.
  const isGood = (id: string): boolean =>
    now < (store.get('prepay', id)?.createdAt ?? Number.NEGATIVE_INFINITY) + PREPAY_LIVES_MS
  const knownIds = known?.prepayIds ?? []
  const keptIds = knownIds.length < BOUNDS.prepays ? knownIds : knownIds.filter(isGood)
  if (keptIds.length >= BOUNDS.prepays) return { kind: 'too-often' }
  const prepayIds = [...keptIds, prepay.prepayId]
  const writes: Write[] = [{ table: 'prepay', id: prepay.prepayId, value: prepay }]
  for (const id of knownIds) if (!keptIds.includes(id)) writes.push({ table: 'prepay', id, value: null })
  for (const old of store.all('prepay')) {
    // Oldest first, so the look stops at the first one that is still good.
    if (now < old.createdAt + 2 * PREPAY_LIVES_MS || writes.length > 100) break
    writes.push({ table: 'prepay', id: old.prepayId, value: null })
  }
  const trade: Trade = known ?? { ...wanted, createdAt: now, closedAt: null, transactionIds: [] }
  writes.push({ table: 'trade', id: trade.outTradeNo, value: { ...trade, prepayIds } })
  store.commit(writes)
  return { kind: 'ordered', prepayId: prepay.prepayId }
}

export type Closed = 'closed' | 'was-closed' | 'paid' | 'not-found'

export function close(core: Core, outTradeNo: string): Closed {
  const trade = core.store.get('trade', outTradeNo)
  if (trade === undefined) return 'not-found'
  const now = core.clock.now()
  if (isPaid(trade)) return 'paid'
  if (stateOf(core.store, trade, now) === 'CLOSED') return 'was-closed'
  core.store.commit([{ table: 'trade', id: outTradeNo, value: { ...trade, closedAt: now } }])
  return 'closed'
}

export type Payable = 'payable' | 'paid' | 'closed' | 'expired' | 'prepay-expired'

/** Whether the payer could pay now, faults apart. */
export function payability(store: Store, trade: Trade, prepay: Prepay, now: number): Payable {
  if (isPaid(trade)) return 'paid'
  if (stateOf(store, trade, now) === 'CLOSED') return 'closed'
  if (trade.expiresAt !== null && now >= trade.expiresAt) return 'expired'
  return now >= prepay.createdAt + PREPAY_LIVES_MS ? 'prepay-expired' : 'payable'
}

export type Paid =
  | { readonly kind: 'paid'; readonly trade: Trade; readonly transaction: Transaction }
  | { readonly kind: 'not-enough' }

/** Moves the money. `also` joins the same commit, so a payment and the notification of it can't be parted. */
export function pay(
  core: Core,
  trade: Trade,
  wrongAmount: FaultRecord | undefined,
  also: (trade: Trade, transaction: Transaction) => Write[],
): Paid {
  const { store, clock, identity } = core
  const now = clock.now()
  const paidFen = wrongAmount === undefined ? trade.amountFen : (wrongAmount.amountFen ?? trade.amountFen + 1)
  const wallet = openWallet(store, now, trade.openid)
  const balance = store.balances.of(accounts.payer(trade.openid)) + (wallet[1]?.value?.fen ?? 0)
  if (balance < paidFen) {
    if (wallet.length > 0) store.commit(wallet)
    return { kind: 'not-enough' }
  }
  const transaction: Transaction = {
    transactionId: newNumber.transactionId(now),
    outTradeNo: trade.outTradeNo,
    openid: trade.openid,
    paidFen,
    currency: wrongAmount?.currency ?? trade.currency,
    bankType: 'OTHERS',
    paidAt: now,
    settleAt: now + SETTLE_AFTER_MS,
  }
  const { transactionId, outTradeNo } = transaction
  const paid: Trade = { ...trade, transactionIds: [...trade.transactionIds, transactionId] }
  store.commit([
    ...wallet,
    ...post(
      store,
      now,
      `payment:${transactionId}`,
      [
        [accounts.payer(trade.openid), -paidFen],
        [accounts.pending(identity.mchid), paidFen],
      ],
      { outTradeNo, transactionId },
      wallet.length,
    ),
    { table: 'trade', id: outTradeNo, value: paid },
    { table: 'transaction', id: transactionId, value: transaction },
    ...also(paid, transaction),
  ])
  return { kind: 'paid', trade: paid, transaction }
}

/** Where the fen of a payment are; before anything was refunded the payment itself says it. */
export function moneyOf(transaction: Transaction): TransactionMoney {
  const { money, paidFen, settleAt } = transaction
  return (
    money ?? {
      unsettledFen: settleAt === null ? 0 : paidFen,
      settledFen: settleAt === null ? paidFen : 0,
      feeFen: 0,
      refundedSettledFen: 0,
      feeReturnedFen: 0,
    }
  )
}

/** Settles what is left of one payment: from pending to available, less WeChat's fee. */
export function settle(core: Core, transactionId: string): void {
  const { store, clock, identity } = core
  const transaction = store.get('transaction', transactionId)
  if (transaction?.settleAt == null || clock.now() < transaction.settleAt) return
  const before = moneyOf(transaction)
  const { unsettledFen } = before
  const feeFen = Math.round((unsettledFen * core.feeBasisPoints) / 10_000)
  const money: TransactionMoney = {
    ...before,
    unsettledFen: 0,
    settledFen: before.settledFen + unsettledFen,
    feeFen: before.feeFen + feeFen,
  }
  store.commit([
    ...post(
      store,
      transaction.settleAt,
      `settlement:${transactionId}`,
      [
        [accounts.pending(identity.mchid), -unsettledFen],
        [accounts.available(identity.mchid), unsettledFen - feeFen],
        [accounts.fees, feeFen],
      ],
      { outTradeNo: transaction.outTradeNo, transactionId },
    ),
    { table: 'transaction', id: transactionId, value: { ...transaction, settleAt: null, money } },
  ])
}
