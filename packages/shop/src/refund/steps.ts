/** @module Every decision about a refund, as pure functions: an order and news in, the next order out. */
import { type AttentionKind, type Fen, LIMITS, type Refund as RefundView } from '@yuanlu/contract'
import { moved, type Step, stale, unchanged } from '../machine.ts'
import { refundEntry } from '../order/journal.ts'
import type { Attention, Instant, MisplacedPayment, Order } from '../order/order.ts'
import {
  ACCOUNT_CODES,
  type AgreementEvent,
  agreementAfter,
  BALANCE_CODES,
  BALANCE_RETRY_MS,
  latestTransfer,
  nextRefundAskAt,
  type Refund,
  type Transfer,
  type TransferEvent,
  type TransferRequest,
  transferAfter,
  UNKNOWN_TOO_LONG_MS,
} from './refund.ts'
import { misplacedLeftFen, suspendedFen } from './refund-money.ts'

export interface Actor {
  /** An openid, or `system`. */
  readonly by: string
  readonly at: Instant
}
export const SYSTEM = 'system'

/** What a decision needs to know to move money. */
export interface TransferSettings {
  readonly notifyUrl: string
}

// ---------------------------------------------------------------- the agreement

export const withRefund = (order: Order, refund: Refund): Order => ({
  ...order,
  refunds: order.refunds.some((r) => r.id === refund.id)
    ? order.refunds.map((r) => (r.id === refund.id ? refund : r))
    : [...order.refunds, refund],
})

/** Moves an agreement and writes its timeline; null where the table does not let it move. */
const agree = (
  refund: Refund,
  event: AgreementEvent,
  input: { readonly actor: Actor; readonly note?: string | null },
): Refund | null => {
  const state = agreementAfter(refund.state, event)
  if (state === null) return null
  const { by, at } = input.actor
  return {
    ...refund,
    state,
    timeline: [...refund.timeline, { at, event, actor: by, note: input.note ?? null }],
  }
}

const findRefund = (order: Order, refundId: string): Refund | null =>
  order.refunds.find((refund) => refund.id === refundId) ?? null

/** Applies a change to one refund of the order; a refund that is not there or does not move is stale. */
const changeRefund = (
  order: Order,
  refundId: string,
  change: (refund: Refund) => Refund | null,
): Step<Order> => {
  const refund = findRefund(order, refundId)
  if (refund === null) return stale('there is no such refund')
  const next = change(refund)
  return next === null ? stale(`refund is ${refund.state}`) : moved(withRefund(order, next))
}

export const stepWithdrawn = (order: Order, refundId: string, actor: Actor): Step<Order> =>
  changeRefund(order, refundId, (refund) => {
    const next = agree(refund, 'withdrawn', { actor })
    return next === null ? null : { ...next, deadlineAt: null }
  })

export const stepRejected = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly reason: string },
): Step<Order> =>
  changeRefund(order, refundId, (refund) => {
    const next = agree(refund, 'rejected', { actor: input.actor, note: input.reason })
    if (next === null) return null
    const { by, at } = input.actor
    return { ...next, decidedAt: at, decidedBy: by, rejectReason: input.reason, deadlineAt: null }
  })

/** Kept once: what the call that approved is answered is what its twins and repetitions are answered. */
export const stepAnswered = (order: Order, refundId: string, firstAnswer: RefundView): Step<Order> =>
  changeRefund(order, refundId, (refund) =>
    refund.firstAnswer === undefined ? { ...refund, firstAnswer } : null,
  )

/** The first of two approvals: the request stays undecided. */
export const stepFirstApproval = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly note: string | null },
): Step<Order> =>
  changeRefund(order, refundId, (refund) =>
    refund.state === 'requested'
      ? {
          ...refund,
          approvals: [...refund.approvals, input.actor],
          timeline: [
            ...refund.timeline,
            { at: input.actor.at, event: 'firstApproval', actor: input.actor.by, note: input.note },
          ],
        }
      : null,
  )

/** The decision: a refund only is on its way, a return waits for the goods. */
export const stepApproved = (
  order: Order,
  refundId: string,
  input: {
    readonly actor: Actor
    readonly note: string | null
    readonly settings: TransferSettings
    readonly returnBy: Instant
  },
): Step<Order> =>
  changeRefund(order, refundId, (refund) => {
    const { actor, note, settings } = input
    const forReturn = refund.kind === 'returnAndRefund'
    const next = agree(refund, forReturn ? 'approvedForReturn' : 'approved', { actor, note })
    if (next === null) return null
    const decided: Refund = {
      ...next,
      decidedAt: actor.at,
      decidedBy: actor.by,
      approvals: [...refund.approvals, actor],
      deadlineAt: forReturn ? input.returnBy : null,
    }
    return forReturn ? decided : withNewTransfer(order, decided, { now: actor.at, settings })
  })

export const stepGoodsSent = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly carrier: string; readonly trackingNo: string },
): Step<Order> =>
  changeRefund(order, refundId, (refund) => {
    const { actor, carrier, trackingNo } = input
    const next = agree(refund, 'goodsSent', { actor, note: `${carrier} ${trackingNo}` })
    return next === null ? null : { ...next, returnShipment: { carrier, trackingNo }, deadlineAt: null }
  })

export const stepGoodsReceived = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly settings: TransferSettings },
): Step<Order> =>
  changeRefund(order, refundId, (refund) => {
    const next = agree(refund, 'goodsReceived', { actor: input.actor })
    return next === null
      ? null
      : withNewTransfer(order, next, { now: input.actor.at, settings: input.settings })
  })

// ---------------------------------------------------------------- the transfer

/** When the next refund of this order may be sent: WeChat Pay wants a minute between two. */
const nextSendAt = (order: Order, now: Instant): Instant =>
  order.refunds
    .flatMap((refund) => refund.transfers)
    .reduce((at, transfer) => {
      const busyUntil = transfer.sentAt === null ? (transfer.nextAttemptAt ?? 0) : transfer.sentAt
      return Math.max(at, busyUntil === 0 ? at : busyUntil + LIMITS.refundSpacingMs)
    }, now)

/** First beat: a number is minted and written down, with the parameters it will have for ever. */
export const withNewTransfer = (
  order: Order,
  refund: Refund,
  input: { readonly now: Instant; readonly settings: TransferSettings },
): Refund => {
  const { now, settings } = input
  const trade = order.payment?.trade
  const { source } = refund
  const number = refund.transfers.length + 1
  const request: TransferRequest = {
    api: trade?.api ?? 'v3',
    // Money from suspense goes back under a number derived from its transaction: repeats collide.
    outRefundNo: source.suspense && number === 1 ? `s${source.transactionId}` : `${refund.id}-${number}`,
    outTradeNo: order.id,
    transactionId: source.transactionId,
    refundFen: refund.amountFen,
    totalFen: source.totalFen,
    reason: refund.reason,
    notifyUrl: settings.notifyUrl,
  }
  const transfer: Transfer = {
    state: 'submitting',
    request,
    wxRefundId: null,
    attempts: 0,
    createdAt: now,
    sentAt: null,
    nextAttemptAt: nextSendAt(order, now),
    reasonCode: null,
    toMerchantCard: false,
  }
  return { ...refund, transfers: [...refund.transfers, transfer] }
}

interface Found {
  readonly refund: Refund
  readonly transfer: Transfer
}

export const findTransfer = (order: Order, outRefundNo: string): Found | null => {
  for (const refund of order.refunds)
    for (const transfer of refund.transfers)
      if (transfer.request.outRefundNo === outRefundNo) return { refund, transfer }
  return null
}

const withTransfer = (refund: Refund, transfer: Transfer): Refund => ({
  ...refund,
  transfers: refund.transfers.map((t) =>
    t.request.outRefundNo === transfer.request.outRefundNo ? transfer : t,
  ),
})

/** Moves a transfer; null where the table does not let it move. */
const shift = (transfer: Transfer, event: TransferEvent, change: Partial<Transfer>): Transfer | null => {
  const state = transferAfter(transfer.state, event)
  if (state === null) return null
  const { unsettledSince, ...settled } = transfer
  const before = state === 'unknown' || state === 'submitting' ? transfer : settled
  return { ...before, ...change, state }
}

const changeTransfer = (
  order: Order,
  outRefundNo: string,
  change: (found: Found) => Refund | null,
): Step<Order> => {
  const found = findTransfer(order, outRefundNo)
  if (found === null) return stale('there is no such transfer')
  const next = change(found)
  return next === null ? stale(`transfer is ${found.transfer.state}`) : moved(withRefund(order, next))
}

/** Second beat is next: it is written down that the refund is being sent, and when to ask if no answer comes. */
export const stepTransferSending = (order: Order, outRefundNo: string, now: Instant): Step<Order> =>
  changeTransfer(order, outRefundNo, ({ refund, transfer }) => {
    // Given up or recorded off-line since the caller looked: its money must not leave any more.
    if (refund.state !== 'refunding' && refund.state !== 'problem') return null
    const next = shift(transfer, transfer.state === 'failed' ? 'resent' : 'sent', {
      attempts: transfer.attempts + 1,
      sentAt: now,
      nextAttemptAt: now + 60_000,
      reasonCode: null,
    })
    return next === null ? null : withTransfer(refund, next)
  })

/**
 * Third beat, never told: not a byte left us, so what was known before still holds, and it is sent as soon as it can be.
 * Nothing was known of one that was sent before a crash: it is unknown.
 * A refusal of WeChat Pay stands while the refund is a problem.
 *
 * @param before the transfer as it was before it was to be sent
 */
export const stepTransferNotSent = (
  order: Order,
  before: Transfer,
  input: { readonly now: Instant },
): Step<Order> => {
  const { outRefundNo } = before.request
  const { now } = input
  const step = changeTransfer(order, outRefundNo, ({ refund, transfer }) => {
    // Somebody else has sent it meanwhile: theirs may have left.
    if (transfer.attempts !== before.attempts + 1) return null
    const unsettledSince = transfer.unsettledSince ?? now
    // Others of this order have their turns meanwhile.
    const nextAttemptAt = Math.max(nextRefundAskAt(unsettledSince, now), nextSendAt(order, now))
    const wasRefused = before.state === 'failed'
    if (wasRefused && refund.state === 'problem') {
      const { reasonCode } = before
      const refused = shift(transfer, 'refused', { reasonCode, nextAttemptAt, unsettledSince })
      return refused === null ? null : withTransfer(refund, refused)
    }
    const sentAt = wasRefused ? null : before.sentAt
    // Not this time, but perhaps before: whoever sent it then wrote down no answer.
    const event = transfer.state === 'submitting' && sentAt !== null ? 'unclear' : 'notSent'
    const next = shift(transfer, event, { sentAt, nextAttemptAt, unsettledSince })
    return next === null ? null : withTransfer(refund, next)
  })
  return step.kind === 'moved' ? moved(withUnsettledTooLong(step.next, outRefundNo, now)) : step
}

/** Third beat, unclear: the money may have moved. It is asked about; a refusal that came unsigned is kept in mind. */
export const stepTransferUnclear = (
  order: Order,
  outRefundNo: string,
  input: { readonly now: Instant; readonly reasonCode: string | null },
): Step<Order> => {
  const step = changeTransfer(order, outRefundNo, ({ refund, transfer }) => {
    const next = shift(transfer, 'unclear', {
      // An unsigned refusal is checked at once, silence on the schedule.
      nextAttemptAt:
        input.reasonCode === null ? nextRefundAskAt(transfer.sentAt ?? input.now, input.now) : input.now,
      reasonCode: input.reasonCode,
      unsettledSince: transfer.state === 'unknown' ? (transfer.unsettledSince ?? input.now) : input.now,
    })
    return next === null ? null : withTransfer(refund, next)
  })
  return step.kind === 'moved' ? moved(withUnsettledTooLong(step.next, outRefundNo, input.now)) : step
}

/** Nothing is known yet: ask again on the schedule. */
export const stepTransferAsked = (order: Order, outRefundNo: string, now: Instant): Step<Order> => {
  const step = changeTransfer(order, outRefundNo, ({ refund, transfer }) =>
    withTransfer(refund, {
      ...transfer,
      nextAttemptAt: nextRefundAskAt(transfer.sentAt ?? transfer.createdAt, now),
    }),
  )
  return step.kind === 'moved' ? moved(withUnsettledTooLong(step.next, outRefundNo, now)) : step
}

const unsettledId = ({ outRefundNo }: TransferRequest): string => `refundUnknownTooLong-${outRefundNo}`

const withUnsettledTooLong = (order: Order, outRefundNo: string, now: Instant): Order => {
  const found = findTransfer(order, outRefundNo)
  if (found === null) return order
  const { state, createdAt, unsettledSince = createdAt, request } = found.transfer
  if (state !== 'unknown' && state !== 'submitting') return order
  // Once it is shown to a person, it is shown as it now stands.
  const isShown = order.attention.some((a) => a.id === unsettledId(request) && a.resolvedAt === null)
  if (!isShown && now - unsettledSince < UNKNOWN_TOO_LONG_MS) return order
  const since = new Date(unsettledSince).toISOString()
  const fate =
    state === 'unknown'
      ? `WeChat Pay has not said since ${since} what became of it; it is asked again by itself`
      : `it cannot be sent since ${since}; nothing has left the shop, and it is tried again by itself`
  const summary = `refund ${request.outRefundNo} of ${request.refundFen} fen: ${fate}`
  return withAttention(order, found, { kind: 'refundUnknownTooLong', now, summary })
}

/** WeChat Pay is known to refuse for good: the refund is a problem for a person, the number stays. */
export const stepTransferFailed = (
  order: Order,
  outRefundNo: string,
  input: { readonly now: Instant; readonly apiCode: string },
): Step<Order> => {
  const { now, apiCode } = input
  const found = findTransfer(order, outRefundNo)
  if (found === null) return stale('there is no such transfer')
  const transfer = shift(found.transfer, 'refused', {
    reasonCode: apiCode,
    nextAttemptAt: BALANCE_CODES.has(apiCode) ? now + BALANCE_RETRY_MS : null,
  })
  if (transfer === null) return stale(`transfer is ${found.transfer.state}`)
  const kind = BALANCE_CODES.has(apiCode)
    ? 'notEnoughBalance'
    : ACCOUNT_CODES.has(apiCode)
      ? 'accountAbnormal'
      : 'refundFailed'
  return moved(withStuck(order, { ...found, transfer }, { kind, now, note: apiCode }))
}

/** What WeChat Pay reports of one refund, verified, in the shop's words. */
export interface RefundNews {
  readonly outRefundNo: string
  readonly wxRefundId: string
  readonly transactionId: string
  readonly refundFen: Fen
  readonly status: 'processing' | 'succeeded' | 'closed' | 'abnormal'
  readonly succeededAt: Instant | null
}

/**
 * Verified news of a refund, told or asked alike. It is compared with our own transfer first; a repeated report
 * changes nothing, a late success beats everything.
 */
export const stepRefundReported = (order: Order, news: RefundNews, now: Instant): Step<Order> => {
  const found = findTransfer(order, news.outRefundNo)
  if (found === null) return stale('there is no such transfer')
  const { request } = found.transfer
  if (news.transactionId !== request.transactionId || news.refundFen !== request.refundFen)
    return stale('this news is about another refund')
  // Back at the merchant, not at the shopper: the refund stays a problem until it is recorded off-line.
  if (found.transfer.toMerchantCard) return unchanged
  const wxRefundId = news.wxRefundId
  switch (news.status) {
    case 'processing': {
      const transfer = shift(found.transfer, 'accepted', {
        wxRefundId,
        reasonCode: null,
        nextAttemptAt: nextRefundAskAt(found.transfer.sentAt ?? now, now),
      })
      return transfer === null ? unchanged : moved(withResumed(order, { ...found, transfer }, now))
    }
    case 'succeeded': {
      const transfer = shift(found.transfer, 'succeeded', { wxRefundId, nextAttemptAt: null })
      return transfer === null ? unchanged : moved(withSucceeded(order, { ...found, transfer }, now))
    }
    case 'closed': {
      const transfer = shift(found.transfer, 'closed', { wxRefundId, nextAttemptAt: null })
      return transfer === null
        ? unchanged
        : moved(withStuck(order, { ...found, transfer }, { kind: 'refundClosed', now, note: null }))
    }
    case 'abnormal': {
      const transfer = shift(found.transfer, 'abnormal', { wxRefundId, nextAttemptAt: null })
      return transfer === null
        ? unchanged
        : moved(withStuck(order, { ...found, transfer }, { kind: 'refundAbnormal', now, note: null }))
    }
  }
}

/** A refund that was a problem goes on: what was flagged about it is settled. */
const withResumed = (order: Order, found: Found, now: Instant): Order => {
  const refund = withTransfer(found.refund, found.transfer)
  const resumed = agree(refund, 'resumed', { actor: { by: SYSTEM, at: now } })
  return withoutAttention(withRefund(order, resumed ?? refund), refund.id, now)
}

const withSucceeded = (order: Order, found: Found, now: Instant): Order => {
  const refund = withTransfer(found.refund, found.transfer)
  const done = agree(refund, 'succeeded', { actor: { by: SYSTEM, at: now } })
  const { request } = found.transfer
  const entry = refundEntry({
    outRefundNo: request.outRefundNo,
    refundId: refund.id,
    wxRefundId: found.transfer.wxRefundId,
    amountFen: request.refundFen,
    suspense: refund.source.suspense,
    at: now,
  })
  const next = withRefund(
    { ...order, journal: [...order.journal, entry] },
    withStockDue(order, done ?? refund),
  )
  if (done !== null) return withNothingMisplaced(withoutAttention(next, refund.id, now), done, now)
  // Paid although another number had paid already: the money is gone, and a person has to know.
  return withAttention(next, found, { kind: 'refundClosed', now })
}

/** A refund by items puts goods back that never left, or that came back. */
const withStockDue = (order: Order, refund: Refund): Refund => {
  const atHand = refund.kind === 'returnAndRefund' || order.shippedAt === null
  const due = refund.state === 'refunded' && refund.items.length > 0 && refund.stock === 'none' && atHand
  return due ? { ...refund, stock: 'due' } : refund
}

/** The goods are back on the shelf. */
export const stepStockReturned = (order: Order, refundId: string): Step<Order> =>
  changeRefund(order, refundId, (refund) =>
    refund.stock === 'due' ? { ...refund, stock: 'returned' } : null,
  )

const withStuck = (
  order: Order,
  found: Found,
  input: { readonly kind: AttentionKind; readonly now: Instant; readonly note: string | null },
): Order => {
  const refund = withTransfer(found.refund, found.transfer)
  const stuck = agree(refund, 'stuck', { actor: { by: SYSTEM, at: input.now }, note: input.note })
  // What became of it is known now.
  const id = unsettledId(found.transfer.request)
  const attention = order.attention.map((a) =>
    a.id === id && a.resolvedAt === null ? { ...a, resolvedAt: input.now } : a,
  )
  return withAttention(withRefund({ ...order, attention }, stuck ?? refund), found, input)
}

const withAttention = (
  order: Order,
  found: Found,
  input: { readonly kind: AttentionKind; readonly now: Instant; readonly summary?: string },
): Order => {
  const { request } = found.transfer
  const id = `${input.kind}-${request.outRefundNo}`
  const open = order.attention.find((a) => a.id === id && a.resolvedAt === null)
  const summary = input.summary ?? `refund ${request.outRefundNo} of ${request.refundFen} fen: ${input.kind}`
  if (open?.summary === summary) return order
  const attention: Attention = {
    id,
    kind: input.kind,
    refundId: found.refund.id,
    since: open?.since ?? input.now,
    summary,
    resolvedAt: null,
  }
  return { ...order, attention: [...order.attention.filter((a) => a.id !== id), attention] }
}

const withoutAttention = (order: Order, refundId: string, now: Instant): Order => ({
  ...order,
  attention: order.attention.map((a) =>
    a.refundId === refundId && a.resolvedAt === null ? { ...a, resolvedAt: now } : a,
  ),
})

/** Money that came too late or twice needs nobody any more once all of it is back. */
const withNothingMisplaced = (order: Order, refund: Refund, now: Instant): Order => {
  const { transactionId } = refund.source
  const misplaced = order.misplaced.find((m) => m.transactionId === transactionId)
  if (misplaced === undefined || misplacedLeftFen(order, misplaced) > 0) return order
  const { kind } = misplaced
  if (kind !== 'paidAfterClose' && kind !== 'duplicatePayment') return order
  const id = `${kind}-${transactionId}`
  return {
    ...order,
    attention: order.attention.map((a) =>
      a.id === id && a.resolvedAt === null ? { ...a, resolvedAt: now } : a,
    ),
  }
}

// ---------------------------------------------------------------- ways out of a problem

/** The same number again after a refusal, a new number after a queried CLOSED. */
export const stepResubmitted = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly settings: TransferSettings },
): Step<Order> =>
  changeRefund(order, refundId, (refund) => {
    const transfer = latestTransfer(refund)
    if (transfer === null || (transfer.state !== 'failed' && transfer.state !== 'closed')) return null
    const next = agree(refund, 'resumed', { actor: input.actor })
    if (next === null) return null
    const now = input.actor.at
    return transfer.state === 'closed'
      ? withNewTransfer(order, next, { now, settings: input.settings })
      : withTransfer(next, { ...transfer, nextAttemptAt: nextSendAt(order, now) })
  })

/** Whether WeChat Pay is known to move no money of this transfer by itself: nothing was sent of which no answer is known. */
export const standsStill = (transfer: Transfer | null): boolean =>
  transfer !== null && ['failed', 'closed', 'abnormal'].includes(transfer.state)

/** Recorded with proof that the money went back another way. */
export const stepSettledOffline = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly proof: string; readonly entry: Order['journal'][number] },
): Step<Order> => {
  const refund = findRefund(order, refundId)
  if (refund === null || refund.state !== 'problem') return stale('the refund is not a problem')
  if (!standsStill(latestTransfer(refund))) return stale('the money may still arrive by itself')
  const done = agree(refund, 'succeeded', { actor: input.actor, note: input.proof })
  if (done === null) return stale(`refund is ${refund.state}`)
  const quiet = { ...done, transfers: done.transfers.map((t) => ({ ...t, nextAttemptAt: null })) }
  const next = withRefund({ ...order, journal: [...order.journal, input.entry] }, withStockDue(order, quiet))
  const { at } = input.actor
  return moved(withNothingMisplaced(withoutAttention(next, refundId, at), quiet, at))
}

/** Given up: the amount can be refunded again. Only after WeChat Pay is known not to pay it. */
export const stepAbandoned = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly reason: string },
): Step<Order> => {
  const refund = findRefund(order, refundId)
  const transfer = refund === null ? null : latestTransfer(refund)
  if (refund === null || (transfer?.state !== 'closed' && transfer?.state !== 'failed'))
    return stale('the money may still move')
  const next = agree(refund, 'abandoned', { actor: input.actor, note: input.reason })
  if (next === null) return stale(`refund is ${refund.state}`)
  const quiet = { ...next, transfers: next.transfers.map((t) => ({ ...t, nextAttemptAt: null })) }
  return moved(withoutAttention(withRefund(order, quiet), refundId, input.actor.at))
}

/**
 * First beat of an abnormal refund's way to a card: once WeChat Pay may have been told, the transfer must not look
 * untouched. To the shopper's card it is on its way again, and asked about; to the merchant's own (no mark) it is held.
 */
export const stepRedirecting = (
  order: Order,
  refundId: string,
  input: { readonly actor: Actor; readonly cardMark: string | null },
): Step<Order> => {
  const refund = findRefund(order, refundId)
  const transfer = refund === null ? null : latestTransfer(refund)
  if (refund === null || transfer?.state !== 'abnormal') return stale('the transfer is not abnormal')
  const { cardMark } = input
  if (transfer.toMerchantCard) return cardMark === null ? unchanged : stale('it went to the merchant’s card')
  if (cardMark === null)
    return moved(withRefund(order, withTransfer(refund, { ...transfer, toMerchantCard: true })))
  const { at } = input.actor
  const next = shift(transfer, 'redirected', {
    cardMark,
    sentAt: at,
    nextAttemptAt: nextRefundAskAt(at, at),
  })
  const resumed = next === null ? null : agree(withTransfer(refund, next), 'resumed', { actor: input.actor })
  return resumed === null ? stale(`refund is ${refund.state}`) : moved(withRefund(order, resumed))
}

/** WeChat Pay said no, or was never told: the refund is the problem that it was. */
export const stepRedirectRefused = (order: Order, refundId: string, now: Instant): Step<Order> => {
  const refund = findRefund(order, refundId)
  const transfer = refund === null ? null : latestTransfer(refund)
  if (refund === null || transfer === null) return stale('there is no such transfer')
  if (transfer.toMerchantCard)
    return wentToMerchantCard(refund)
      ? unchanged
      : moved(withRefund(order, withTransfer(refund, { ...transfer, toMerchantCard: false })))
  const back = shift(transfer, 'abnormal', { nextAttemptAt: null })
  if (back === null || transfer.state === 'abnormal') return unchanged
  return moved(withStuck(order, { refund, transfer: back }, { kind: 'refundAbnormal', now, note: null }))
}

/** WeChat Pay took the order to pay to the merchant's own card. */
export const stepSentToMerchantCard = (order: Order, refundId: string, actor: Actor): Step<Order> =>
  changeRefund(order, refundId, (refund) => {
    if (wentToMerchantCard(refund) || latestTransfer(refund)?.toMerchantCard !== true) return null
    const entry = { at: actor.at, event: SENT_TO_MERCHANT_CARD, actor: actor.by, note: null }
    return { ...refund, timeline: [...refund.timeline, entry] }
  })

const SENT_TO_MERCHANT_CARD = 'sentToMerchantCard'
export const wentToMerchantCard = (refund: Refund): boolean =>
  refund.timeline.some(({ event }) => event === SENT_TO_MERCHANT_CARD)

// ---------------------------------------------------------------- money that arrived where it should not

/** Misplaced money goes back by itself, once: a refund of the system, under a number of its transaction. */
export const withOrphanRefund = (
  order: Order,
  misplaced: MisplacedPayment,
  input: { readonly now: Instant; readonly settings: TransferSettings; readonly reason: string },
): Order => {
  const id = `${order.id}-s${misplaced.transactionId.slice(-30)}`
  // Part of it may have been sent back in the merchant platform.
  const amountFen = suspendedFen(order, misplaced)
  if (amountFen <= 0 || order.refunds.some((refund) => refund.id === id)) return order
  const { now } = input
  const refund: Refund = {
    id,
    kind: 'refundOnly',
    origin: 'system',
    state: 'refunding',
    amountFen,
    items: [],
    reason: input.reason,
    description: '',
    evidence: [],
    requestDigest: '',
    source: { transactionId: misplaced.transactionId, totalFen: misplaced.amountFen, suspense: true },
    requestedBy: SYSTEM,
    requestedAt: now,
    decidedAt: now,
    decidedBy: SYSTEM,
    rejectReason: null,
    approvals: [{ by: SYSTEM, at: now }],
    returnShipment: null,
    deadlineAt: null,
    transfers: [],
    stock: 'none',
    timeline: [{ at: now, event: 'approved', actor: SYSTEM, note: misplaced.kind }],
  }
  return withRefund(order, withNewTransfer(order, refund, { now, settings: input.settings }))
}
