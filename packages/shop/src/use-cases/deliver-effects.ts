/** @module Tell people and WeChat what happened to an order: outside any write, each attempt written down first. */
import {
  EFFECT_RECIPIENTS,
  type Effect,
  firstDueEffect,
  isOvertaken,
  stepEffectAddressed,
  stepEffectMissed,
  stepEffectOver,
  stepEffectSending,
  stepEffectsPostponed,
} from '../order/effects.ts'
import type { Order } from '../order/order.ts'
import type { DeliveryAnswer, Message, ShippingInfo, ShopDeps } from '../ports.ts'
import { latestTransfer, type Refund } from '../refund/refund.ts'
import { changeOrder } from './change-order.ts'
import { describeLines } from './trade-of.ts'

/** How long everything waits when the platform does not answer. */
const AWAY_MS = 60_000

/** `some`: there was no time for the rest. `away`: the platform did not answer; what is left of this order waits. */
export type Delivered = 'all' | 'some' | 'away'

/** Delivers what is due about one order, one after the other, while there is time after the first. */
export const deliverEffects = async (
  deps: ShopDeps,
  orderId: string,
  { counts, hasTime }: { readonly counts: { effects: number }; readonly hasTime: () => boolean },
): Promise<Delivered> => {
  let order = await deps.store.orders.get(orderId)
  for (let told = 0; ; told++) {
    const effect = order === null ? null : firstDueEffect(order, deps.clock())
    if (order === null || effect === null) return 'all'
    if (told > 0 && !hasTime()) return 'some'
    counts.effects++
    const answer = await deliver(deps, order, effect)
    if (answer?.kind === 'unavailable') {
      await postponeEffects(deps, orderId)
      return 'away'
    }
    // Every delivery moves its effect on, so this ends.
    order = await deps.store.orders.get(orderId)
  }
}

/** Moves what is due about one order a minute on, so that its lease is free for money. */
export const postponeEffects = async (deps: ShopDeps, orderId: string): Promise<void> => {
  const now = deps.clock()
  await changeOrder(deps.store.orders, orderId, (o) => stepEffectsPostponed(o, { now, until: now + AWAY_MS }))
}

const deliver = async (deps: ShopDeps, order: Order, effect: Effect): Promise<DeliveryAnswer | null> => {
  const { id } = effect
  const { orders } = deps.store
  const now = deps.clock()
  if (isOvertaken(order, effect)) {
    await changeOrder(orders, order.id, (o) =>
      stepEffectOver(o, id, { state: 'done', code: 'overtaken', now }),
    )
    return null
  }
  if (effect.kind === 'refundRequested' && effect.toOpenid === null) {
    const recipients = await decidersOf(deps, order, effect)
    await changeOrder(orders, order.id, (o) => stepEffectAddressed(o, id, { recipients, now }))
    return null
  }
  const change = await changeOrder(orders, order.id, (o) => stepEffectSending(o, id, now), order)
  // Somebody else was faster: it is theirs.
  if (change?.step.kind !== 'moved') return null
  const answer = await tellSafely(deps, change.order, effect)
  await recordDelivery(deps, { orderId: order.id, effect, answer })
  return answer
}

/** Staff who may decide about a refund: finance and owner, but nobody about their own order or request. */
const decidersOf = async (deps: ShopDeps, order: Order, effect: Effect): Promise<string[]> => {
  const refund = order.refunds.find((r) => r.id === effect.refundId)
  const apart = new Set([
    order.buyerOpenid,
    refund?.requestedBy,
    ...(refund?.approvals ?? []).map((a) => a.by),
  ])
  const staff = await deps.store.staff.list()
  return staff
    .filter(({ openid, role }) => role !== 'support' && !apart.has(openid))
    .map(({ openid }) => openid)
    .slice(0, EFFECT_RECIPIENTS)
}

/** What throws counts as a missed attempt, so that it is given up as well. */
const tellSafely = async (deps: ShopDeps, order: Order, effect: Effect): Promise<DeliveryAnswer> => {
  try {
    return await tell(deps, order, effect)
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    deps.log.error('effect.failed', { orderId: order.id, kind: effect.kind, reason: message })
    return { kind: 'notYet', code: name }
  }
}

const tell = async (deps: ShopDeps, order: Order, effect: Effect): Promise<DeliveryAnswer> => {
  if (effect.kind === 'uploadShipping') {
    const info = shippingInfoOf(order)
    return info === null ? NOTHING_TO_TELL : deps.platform.uploadShipping(info)
  }
  const message = messageOf(order, effect)
  return message === null ? NOTHING_TO_TELL : deps.platform.sendMessage(message)
}

const NOTHING_TO_TELL: DeliveryAnswer = { kind: 'notWanted', code: 'nothing to tell' }

const recordDelivery = async (
  deps: ShopDeps,
  input: { readonly orderId: string; readonly effect: Effect; readonly answer: DeliveryAnswer },
): Promise<void> => {
  const { orderId, effect, answer } = input
  const { id, kind } = effect
  const now = deps.clock()
  const { orders } = deps.store
  switch (answer.kind) {
    case 'delivered':
      await changeOrder(orders, orderId, (o) => stepEffectOver(o, id, { state: 'done', code: null, now }))
      deps.log.info('effect.delivered', { orderId, kind })
      return
    case 'notWanted':
      await changeOrder(orders, orderId, (o) =>
        stepEffectOver(o, id, { state: 'done', code: answer.code, now }),
      )
      deps.log.info('effect.not-wanted', { orderId, kind, code: answer.code })
      return
    case 'refused':
      await changeOrder(orders, orderId, (o) =>
        stepEffectOver(o, id, { state: 'failed', code: answer.code, now }),
      )
      deps.log.error('effect.refused', { orderId, kind, code: answer.code })
      return
    case 'notYet':
    case 'unavailable': {
      const code = answer.kind === 'notYet' ? answer.code : answer.reason
      const change = await changeOrder(orders, orderId, (o) => stepEffectMissed(o, id, { code, now }))
      const isOver = change?.order.effects?.find((e) => e.id === id)?.state === 'failed'
      if (isOver) deps.log.error('effect.given-up', { orderId, kind, code })
      else deps.log.warn('effect.missed', { orderId, kind, code })
    }
  }
}

// ---------------------------------------------------------------- what is told

const messageOf = (order: Order, effect: Effect): Message | null => {
  const { toOpenid, at } = effect
  if (toOpenid === null) return null
  const to = { toOpenid, orderId: order.id, at }
  if (effect.kind === 'shipped')
    return order.shipment === null
      ? null
      : {
          ...to,
          kind: 'shipped',
          goods: describeLines(order),
          carrier: order.shipment.carrier,
          trackingNo: order.shipment.trackingNo,
        }
  const refund = order.refunds.find((r) => r.id === effect.refundId)
  if (refund === undefined || effect.kind === 'uploadShipping') return null
  const about = { ...to, refundId: refund.id, amountFen: refund.amountFen }
  switch (effect.kind) {
    case 'refundRequested':
      return { ...about, kind: 'refundRequested', reason: refund.reason }
    case 'refundRejected':
      return { ...about, kind: 'refundRejected', reason: refund.rejectReason ?? '' }
    case 'refundAwaitsGoods':
      return { ...about, kind: 'refundAwaitsGoods' }
    case 'refunded':
      return { ...about, kind: wentBackTheWayItCame(refund) ? 'refunded' : 'refundedOtherwise' }
    case 'refundAbnormal':
      return { ...about, kind: 'refundAbnormal' }
  }
}

/** False where staff recorded that the money was returned another way. */
const wentBackTheWayItCame = (refund: Refund): boolean => latestTransfer(refund)?.state === 'succeeded'

const shippingInfoOf = (order: Order): ShippingInfo | null => {
  const transactionId = order.payment?.transactionId ?? null
  if (transactionId === null || order.shipment === null || order.shippedAt === null) return null
  const payer = order.misplaced.find((m) => m.transactionId === transactionId)?.payerOpenid
  return {
    transactionId,
    // Somebody else's payment that a person accepted: WeChat knows the payer alone (10060031).
    payerOpenid: payer ?? order.buyerOpenid,
    goods: describeLines(order),
    carrier: order.shipment.carrier,
    trackingNo: order.shipment.trackingNo,
    receiverPhone: order.delivery?.phone ?? null,
    shippedAt: order.shippedAt,
  }
}
