/**
 * @module The books: which accounts a payment moves, always in lines that sum to zero.
 */
import type { Store, Write } from './state/store.ts'
import type { Entry } from './state/tables.ts'

export const OPENING_BALANCE_FEN = 100_000_000

export const accounts = {
  /** Money outside WeChat Pay: where payers' wallets are filled from. */
  outside: 'outside:banks',
  payer: (openid: string): string => `payer:${openid}`,
  /** Paid, not yet settled to the merchant (未结算资金). */
  pending: (mchid: string): string => `merchant:${mchid}:pending`,
  /** Settled; what refunds can be paid from (可用余额). */
  available: (mchid: string): string => `merchant:${mchid}:available`,
  fees: 'wechatpay:fees',
  /** Left the merchant, not yet with the payer: processing and abnormal refunds. */
  transit: 'wechatpay:refunds-in-transit',
  /** Where an abnormal refund ends: a bank card of the payer, or of the merchant. */
  payerCard: (openid: string): string => `card:payer:${openid}`,
  merchantCard: (mchid: string): string => `card:merchant:${mchid}`,
}

interface About {
  readonly outTradeNo?: string
  readonly transactionId?: string
  readonly outRefundNo?: string
}

/** Entries of one cause as store writes, numbered after what is there. */
export function post(
  store: Store,
  at: number,
  cause: string,
  lines: readonly (readonly [account: string, fen: number])[],
  about: About = {},
  alreadyQueued = 0,
): Write<'entry'>[] {
  let seq = store.size('entry') + alreadyQueued
  return lines
    .filter(([, fen]) => fen !== 0)
    .map(([account, fen]) => {
      seq += 1
      const value = { seq, at, cause, account, fen, ...about } satisfies Entry
      return { table: 'entry', id: String(seq), value }
    })
}

/** A payer seen for the first time comes with a filled wallet. */
export function openWallet(store: Store, at: number, openid: string): Write<'entry'>[] {
  const account = accounts.payer(openid)
  if (store.balances.has(account)) return []
  return post(store, at, `wallet:${openid}`, [
    [accounts.outside, -OPENING_BALANCE_FEN],
    [account, OPENING_BALANCE_FEN],
  ])
}

export const LEDGER_PAGE = 1_000

export interface LedgerEntryView extends About {
  readonly seq: number
  readonly at: string
  readonly cause: string
  readonly account: string
  readonly fen: number
}

/** Up to 1,000 entries after `after`, oldest first; ask again with `nextAfter` until it no longer moves. */
export function readLedger(store: Store, after: number): { entries: LedgerEntryView[]; nextAfter: number } {
  const entries: LedgerEntryView[] = []
  for (let seq = after + 1; entries.length < LEDGER_PAGE; seq++) {
    const entry = store.get('entry', String(seq))
    if (entry === undefined) break
    entries.push({ ...entry, at: new Date(entry.at).toISOString() })
  }
  return { entries, nextAfter: entries.at(-1)?.seq ?? after }
}
