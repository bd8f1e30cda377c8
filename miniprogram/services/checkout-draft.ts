/** @module The checkout in progress: what is being bought, and the key under which it is submitted. */
import { type BasketLine, parseLines, takeOut } from './basket'
import { mintIdempotencyKey } from './idempotency'
import { isRecord, readStored, removeStored, writeStored } from './storage'

export interface CheckoutDraft {
  readonly lines: readonly BasketLine[]
  /** Bought from the bag (and taken out of it afterwards) or directly from a product's page. */
  readonly from: 'basket' | 'product'
  /** One per checkout: kept through failed submissions, so that a lost answer can't become a second order. */
  readonly idempotencyKey: string
  readonly begunAtMs: number
}

const KEY = 'checkout'
/** Whatever an older submission may have ordered has expired unpaid by now, so its key is of no use. */
const KEY_LIFE_MS = 15 * 60 * 1000

const parseDraft = (value: unknown): CheckoutDraft | null => {
  if (!isRecord(value) || typeof value.idempotencyKey !== 'string') return null
  const lines = parseLines(value.lines)
  if (lines.length === 0) return null
  return {
    lines,
    from: value.from === 'basket' ? 'basket' : 'product',
    idempotencyKey: value.idempotencyKey,
    begunAtMs: typeof value.begunAtMs === 'number' ? value.begunAtMs : 0,
  }
}

/** In hand even where the storage is full: a draft whose key is lost could be ordered twice. */
let inHand: CheckoutDraft | null = null

export const readDraft = (): CheckoutDraft | null => inHand ?? parseDraft(readStored(KEY))

const sameLines = (a: readonly BasketLine[], b: readonly BasketLine[]): boolean =>
  a.length === b.length &&
  a.every((line, i) => line.productId === b[i]?.productId && line.quantity === b[i]?.quantity)

const write = (draft: CheckoutDraft): CheckoutDraft => {
  inHand = draft
  writeStored(KEY, draft)
  return draft
}

/** Begins a checkout, or goes on with the one in progress when it buys the same: its key may already be with the server. */
export const beginCheckout = (lines: readonly BasketLine[], from: CheckoutDraft['from']): CheckoutDraft => {
  const draft = readDraft()
  const now = Date.now()
  const isAlive = draft !== null && now - draft.begunAtMs < KEY_LIFE_MS
  if (isAlive && draft.from === from && sameLines(draft.lines, lines)) return draft
  return write({ lines, from, idempotencyKey: mintIdempotencyKey(), begunAtMs: now })
}

/** Other lines are another order, under another key. */
export const changeLines = (draft: CheckoutDraft, lines: readonly BasketLine[]): CheckoutDraft =>
  sameLines(draft.lines, lines)
    ? draft
    : write({ ...draft, lines, idempotencyKey: mintIdempotencyKey(), begunAtMs: Date.now() })

/** The order exists: this checkout is over, and its goods leave the bag. */
export const finishCheckout = (draft: CheckoutDraft): void => {
  inHand = null
  removeStored(KEY)
  if (draft.from === 'basket') takeOut(draft.lines)
}
