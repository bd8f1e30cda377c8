/** @module The key under which staff refund an order without a request: the same wish, sent again, stays one refund. */
import type { Fen } from '@yuanlu/contract'
import { mintIdempotencyKey } from './idempotency'
import { isRecord, readStored, removeStored, writeStored } from './storage'

export interface StaffRefundWish {
  readonly orderId: string
  readonly amountFen: Fen
  readonly reason: string
}

interface Draft extends StaffRefundWish {
  readonly idempotencyKey: string
  readonly mintedAtMs: number
}

const KEY = 'staff-refund'
/** The server keeps a key at least this long. */
const KEY_LIFE_MS = 24 * 60 * 60 * 1000

const parse = (value: unknown): Draft | null => {
  if (!isRecord(value)) return null
  const { orderId, amountFen, reason, idempotencyKey, mintedAtMs } = value
  return typeof orderId === 'string' &&
    typeof amountFen === 'number' &&
    typeof reason === 'string' &&
    typeof idempotencyKey === 'string' &&
    typeof mintedAtMs === 'number'
    ? { orderId, amountFen, reason, idempotencyKey, mintedAtMs }
    : null
}

/** In hand even where the storage is full: a wish whose key is lost could be refunded twice. */
let inHand: Draft | null = null

const isSame = (a: StaffRefundWish, b: StaffRefundWish): boolean =>
  a.orderId === b.orderId && a.amountFen === b.amountFen && a.reason === b.reason

/** The key of a wish: the one it was sent under before, unless that was answered or is too old. */
export const keyFor = (wish: StaffRefundWish): string => {
  const draft = inHand ?? parse(readStored(KEY))
  const now = Date.now()
  if (draft !== null && isSame(draft, wish) && now - draft.mintedAtMs < KEY_LIFE_MS) {
    inHand = draft
    return draft.idempotencyKey
  }
  inHand = { ...wish, idempotencyKey: mintIdempotencyKey(), mintedAtMs: now }
  writeStored(KEY, inHand)
  return inHand.idempotencyKey
}

/** Answered: the next refund of the same amount is another one. */
export const forgetKey = (): void => {
  inHand = null
  removeStored(KEY)
}
