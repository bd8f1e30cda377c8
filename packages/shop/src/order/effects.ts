/**
 * @module What people and WeChat are still to be told about an order. An effect is written in the same swap as what it
 * tells, and delivered by a job afterwards: a message that fails holds up nothing.
 */
import { moved, type Step, stale, unchanged } from '../machine.ts'
import type { Refund } from '../refund/refund.ts'
import type { Attention, Instant, Order } from './order.ts'

export type EffectKind =
  /** To staff who may decide: somebody waits for a decision. */
  | 'refundRequested'
  | 'refundAwaitsGoods'
  | 'refundRejected'
  | 'refunded'
  | 'refundAbnormal'
  | 'shipped'
  /** To WeChat: 发货信息录入. */
  | 'uploadShipping'

export interface Effect {
  /** Derived from what it tells, so that a repeated step adds it once. */
  readonly id: string
  readonly kind: EffectKind
  readonly refundId: string | null
  /** Who is told. Null: WeChat itself, or staff who are looked up when it is due. */
  readonly toOpenid: string | null
  /** When the thing happened that it tells. */
  readonly at: Instant
  readonly state: 'waiting' | 'done' | 'failed'
  /** When it is tried (again); null once it is over. */
  readonly dueAt: Instant | null
  readonly attempts: number
  /** WeChat's last answer that was not plain success, or why nothing had to be sent. */
  readonly code: string | null
}

/** Kinds of former versions that stored orders may still hold, as they are told today. */
const FORMER_KINDS: Readonly<Record<string, EffectKind>> = { refundAccepted: 'refundAwaitsGoods' }

/** Orders written before there were effects have none. */
export const effectsOf = (order: Pick<Order, 'effects'>): readonly Effect[] =>
  (order.effects ?? []).map((effect) => ({ ...effect, kind: FORMER_KINDS[effect.kind] ?? effect.kind }))

/** Tried this often in all, then given up. */
export const EFFECT_ATTEMPTS = 10
/** Staff that one request is announced to. */
export const EFFECT_RECIPIENTS = 20
const MINUTE = 60_000

/**
 * How long to wait after the n-th attempt: 1 minute, doubled each time, at most an hour. WeChat learns of a payment
 * some seconds late (10060001), so the first repetition of an upload comes sooner.
 */
export const effectRetryMs = (kind: EffectKind, attempt: number): number => {
  if (kind === 'uploadShipping' && attempt === 1) return 10_000
  const doublings = kind === 'uploadShipping' ? attempt - 2 : attempt - 1
  return Math.min(MINUTE * 2 ** doublings, 60 * MINUTE)
}

// ---------------------------------------------------------------- what a change tells

/**
 * `after` with the effects of what changed since `before`. Compared here, for every write alike, so that no road to a
 * state (a person, a job, a notification, the merchant platform) can forget to tell it.
 */
export const withEffects = (before: Order, after: Order): Order => {
  const known = new Set(effectsOf(after).map((effect) => effect.id))
  const fresh = [...newsOfRefunds(before, after), ...newsOfShipping(before, after)].filter(
    (effect) => !known.has(effect.id),
  )
  return fresh.length === 0 ? after : { ...after, effects: [...effectsOf(after), ...fresh] }
}

const newsOfRefunds = (before: Order, after: Order): Effect[] =>
  after.refunds.flatMap((refund) => {
    const old = before.refunds.find((r) => r.id === refund.id)
    if (old === refund) return []
    const at = refund.timeline.at(-1)?.at ?? refund.requestedAt
    const toStaff = { refundId: refund.id, toOpenid: null, at }
    const payer = payerOf(after, refund)
    // Money of a stranger that goes back: they have no page here, and never allowed a message.
    const toShopper = payer === after.buyerOpenid ? { refundId: refund.id, toOpenid: payer, at } : null
    return kindsOf(old, refund).flatMap((kind) => {
      const addressee = kind === 'refundRequested' ? toStaff : toShopper
      return addressee === null ? [] : [newEffect(`${kind}-${refund.id}`, kind, addressee)]
    })
  })

const kindsOf = (old: Refund | undefined, refund: Refund): EffectKind[] => {
  const kinds: EffectKind[] = []
  if (old === undefined && refund.state === 'requested') kinds.push('refundRequested')
  if (old?.state === 'requested') {
    // Of a refund of money alone the approval is not told: WeChat delivers one message for each time it was allowed,
    // all results share one template, and the one that a shopper allowed is for the money that is back.
    if (refund.state === 'awaitingReturn') kinds.push('refundAwaitsGoods')
    if (refund.state === 'rejected') kinds.push('refundRejected')
  }
  if (old?.state !== 'refunded' && refund.state === 'refunded') kinds.push('refunded')
  if (!isAbnormal(old) && isAbnormal(refund)) kinds.push('refundAbnormal')
  return kinds
}

const isAbnormal = (refund: Refund | undefined): boolean => refund?.transfers.at(-1)?.state === 'abnormal'

const payerOf = (order: Order, refund: Refund): string =>
  order.misplaced.find((m) => m.transactionId === refund.source.transactionId)?.payerOpenid ??
  order.buyerOpenid

const newsOfShipping = (before: Order, after: Order): Effect[] => {
  if (before.shippedAt !== null || after.shippedAt === null) return []
  const about = { refundId: null, at: after.shippedAt }
  return [
    newEffect('uploadShipping', 'uploadShipping', { ...about, toOpenid: null }),
    newEffect('shipped', 'shipped', { ...about, toOpenid: after.buyerOpenid }),
  ]
}

const newEffect = (
  id: string,
  kind: EffectKind,
  about: Pick<Effect, 'refundId' | 'toOpenid' | 'at'>,
): Effect => ({ id, kind, ...about, state: 'waiting', dueAt: about.at, attempts: 0, code: null })

// ---------------------------------------------------------------- what is due

export const effectsDueAt = (order: Order): (Instant | null)[] =>
  effectsOf(order).map((effect) => effect.dueAt)

export const firstDueEffect = (order: Order, now: Instant): Effect | null =>
  effectsOf(order).find((effect) => effect.dueAt !== null && effect.dueAt <= now) ?? null

/** News that was overtaken: whoever is told one thing today should not be told yesterday's instead. */
export const isOvertaken = (order: Order, effect: Effect): boolean => {
  const refund = order.refunds.find((r) => r.id === effect.refundId)
  switch (effect.kind) {
    case 'refundRequested':
      return refund?.state !== 'requested'
    case 'refundAwaitsGoods':
      return refund?.state !== 'awaitingReturn'
    case 'refundAbnormal':
      return refund?.state !== 'problem'
    case 'shipped':
      return order.state === 'completed'
    case 'refundRejected':
    case 'refunded':
    case 'uploadShipping':
      return false
    // Stored by another version of the shop: nobody here could word it.
    default:
      return true
  }
}

// ---------------------------------------------------------------- delivery

const changeEffect = (order: Order, id: string, change: (effect: Effect) => Effect | null): Step<Order> => {
  const effect = effectsOf(order).find((e) => e.id === id)
  if (effect === undefined || effect.state !== 'waiting') return stale('there is nothing to deliver')
  const next = change(effect)
  if (next === null) return unchanged
  return moved({ ...order, effects: effectsOf(order).map((e) => (e.id === id ? next : e)) })
}

/** First beat: an attempt is written down, with the time of the next one. Only one of many workers gets it. */
export const stepEffectSending = (order: Order, id: string, now: Instant): Step<Order> =>
  changeEffect(order, id, (effect) => {
    if (effect.dueAt === null || effect.dueAt > now) return null
    const attempts = effect.attempts + 1
    return { ...effect, attempts, dueAt: now + effectRetryMs(effect.kind, attempts) }
  })

/** Third beat: nothing more is to be done about it. An upload that failed for good is shown to staff. */
export const stepEffectOver = (
  order: Order,
  id: string,
  outcome: { readonly state: 'done' | 'failed'; readonly code: string | null; readonly now: Instant },
): Step<Order> => {
  const { state, code, now } = outcome
  const step = changeEffect(order, id, (effect) => ({ ...effect, state, code, dueAt: null }))
  if (step.kind !== 'moved' || state !== 'failed') return step
  const effect = effectsOf(step.next).find((e) => e.id === id)
  return effect?.kind === 'uploadShipping' ? moved(withUploadFailed(step.next, { code, now })) : step
}

/** Third beat, without success: the time of the next attempt is set already; after the last one it is given up. */
export const stepEffectMissed = (
  order: Order,
  id: string,
  input: { readonly code: string; readonly now: Instant },
): Step<Order> => {
  const effect = effectsOf(order).find((e) => e.id === id)
  if (effect !== undefined && effect.attempts >= EFFECT_ATTEMPTS)
    return stepEffectOver(order, id, { ...input, state: 'failed' })
  return changeEffect(order, id, (e) => ({ ...e, code: input.code }))
}

/** Everything due of this order waits a while: the platform is away, and asking again would only take time. */
export const stepEffectsPostponed = (
  order: Order,
  input: { readonly now: Instant; readonly until: Instant },
): Step<Order> => {
  if (firstDueEffect(order, input.now) === null) return unchanged
  const effects = effectsOf(order).map((effect) =>
    effect.dueAt !== null && effect.dueAt <= input.now ? { ...effect, dueAt: input.until } : effect,
  )
  return moved({ ...order, effects })
}

/** An announcement to staff becomes one effect for each of them. */
export const stepEffectAddressed = (
  order: Order,
  id: string,
  input: { readonly recipients: readonly string[]; readonly now: Instant },
): Step<Order> => {
  const { recipients, now } = input
  const step = stepEffectOver(order, id, { state: 'done', code: `to ${recipients.length}`, now })
  if (step.kind !== 'moved') return step
  const general = effectsOf(step.next).find((effect) => effect.id === id)
  if (general === undefined) return step
  const { kind, refundId, at } = general
  const single = recipients.map((toOpenid) =>
    newEffect(`${id}-${toOpenid}`, kind, { refundId, toOpenid, at }),
  )
  return moved({ ...step.next, effects: [...effectsOf(step.next), ...single] })
}

const withUploadFailed = (
  order: Order,
  input: { readonly code: string | null; readonly now: Instant },
): Order => {
  const id = `shippingUploadFailed-${order.id}`
  const attention: Attention = {
    id,
    kind: 'shippingUploadFailed',
    since: input.now,
    summary: `shipping info of order ${order.id} was not accepted: ${input.code ?? 'no answer'}; enter it in the mini-program platform (发货信息管理)`,
    resolvedAt: null,
  }
  return { ...order, attention: [...order.attention.filter((a) => a.id !== id), attention] }
}
