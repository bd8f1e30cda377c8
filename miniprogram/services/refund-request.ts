/** @module Asking for a refund once: the key of a request is kept until it succeeded or something else is asked. */
import type { CallBody, Refund } from '@yuanlu/contract'
import { api } from './api'
import { isFailure } from './api-failure'
import { mintIdempotencyKey } from './idempotency'
import { isRecord, readStored, removeStored, writeStored } from './storage'

interface RequestInHand {
  readonly orderId: string
  /** What is asked for, as text: another request is another key. */
  readonly asked: string
  readonly idempotencyKey: string
}

const KEY = 'refund-request'

const parse = (value: unknown): RequestInHand | null =>
  isRecord(value) &&
  typeof value.orderId === 'string' &&
  typeof value.asked === 'string' &&
  typeof value.idempotencyKey === 'string'
    ? { orderId: value.orderId, asked: value.asked, idempotencyKey: value.idempotencyKey }
    : null

/** In hand even where the storage is full: a request whose key is lost could be made twice. */
let inHand: RequestInHand | null = null

const keep = (request: RequestInHand): RequestInHand => {
  inHand = request
  writeStored(KEY, request)
  return request
}

const begin = (orderId: string, asked: string): RequestInHand => {
  const last = inHand ?? parse(readStored(KEY))
  if (last !== null && last.orderId === orderId && last.asked === asked) return keep(last)
  return keep({ orderId, asked, idempotencyKey: mintIdempotencyKey() })
}

/** The next request is a new one, even if it asks for the same. */
export const finishRefundRequest = (): void => {
  inHand = null
  removeStored(KEY)
}

/**
 * Asks for a refund. After a lost answer the same request is sent under the same key and finds the refund it made.
 *
 * @throws ApiFailure; after a refusal nothing was reserved
 */
export const requestRefund = async (orderId: string, body: CallBody<'requestRefund'>): Promise<Refund> => {
  const { idempotencyKey } = begin(orderId, JSON.stringify(body))
  try {
    const refund = await api.requestRefund({ params: { orderId }, body, idempotencyKey })
    finishRefundRequest()
    return refund
  } catch (failure) {
    // The key belongs to something else: with it this request could never succeed.
    if (isFailure(failure, 'IDEMPOTENCY_MISMATCH')) finishRefundRequest()
    throw failure
  }
}

/** A withdrawn request that is made again is a new one. */
export const withdrawRefund = async (refundId: string): Promise<Refund> => {
  const refund = await api.withdrawRefund({ params: { refundId } })
  finishRefundRequest()
  return refund
}
