/** @module The refund application: what may be chosen, what it comes to, what is missing, and the request it makes. */
import { type CallBody, type Fen, isFen, LIMITS, type Order, type Refund } from '@yuanlu/contract'
import { errorCopy } from '../copy/errors'
import {
  refundApplyCopy,
  refundApplyProblemCopy,
  refundKindCopy,
  refundReasonCopy,
  refundScopeCopy,
  statedReasonCopy,
} from '../copy/refund-apply'
import { type Evidence, NO_EVIDENCE } from './evidence'
import { type OrderLineView, orderLineViews, type Pictures } from './order-lines'
import { priceText } from './price'
import { capFen, priceOf, type RefundItem, unclaimedItems, unclaimedPieces } from './refund-money'
import { yuanToFen } from './yuan'

export type RefundKind = Refund['kind']
export type RefundScope = keyof typeof refundScopeCopy

/** What the shopper has said so far. */
export interface RefundForm {
  readonly kind: RefundKind | null
  /** Asked where a shipped parcel may or may not have arrived; `null`: not said. */
  readonly received: boolean | null
  readonly reason: string
  readonly scope: RefundScope
  readonly quantities: Readonly<Record<string, number>>
  readonly yuan: string
  readonly description: string
  readonly evidence: Evidence
}

export interface Choice<T> {
  readonly value: T
  readonly name: string
  readonly hint: string
  readonly chosen: boolean
}

/** A line with how many of it can be sent in. */
export interface ClaimLineView extends OrderLineView {
  readonly most: number
  readonly leftText: string
  readonly claim: number
  /** Read out with the buttons that change how many. */
  readonly claimLabel: string
}

export type RefundBody = CallBody<'requestRefund'>

export interface RefundApplyView {
  readonly kinds: readonly Choice<RefundKind>[]
  readonly receivedChoices: readonly Choice<boolean>[]
  readonly reasons: readonly Choice<string>[]
  readonly scopes: readonly Choice<RefundScope>[]
  readonly lines: readonly ClaimLineView[]
  readonly linesNotice: string
  readonly amountFen: Fen
  readonly capText: string
  /** What is wrong with the amount as typed; empty while nothing was typed. */
  readonly amountProblem: string
  /** The first thing to mend before it can be sent, or `null`. */
  readonly problem: string | null
  readonly confirmText: string
  /** What to send; `null` while something is missing. */
  readonly body: RefundBody | null
}

const isShipped = (order: Order): boolean => order.status === 'shipped' || order.status === 'completed'

/** Goods go back only if they were sent, and if some are not part of another refund already. */
const kindsOf = (order: Order): RefundKind[] =>
  isShipped(order) && unclaimedItems(order).length > 0 ? ['refundOnly', 'returnAndRefund'] : ['refundOnly']

/** Only a parcel on its way may or may not have arrived: before it there is none, and receipt was confirmed after it. */
const asksReceived = (order: Order, kind: RefundKind | null): boolean =>
  order.status === 'shipped' && kind === 'refundOnly'

type ReasonList = keyof typeof refundReasonCopy

const reasonListOf = (order: Order, { kind, received }: RefundForm): ReasonList | null => {
  if (!isShipped(order)) return 'beforeShipping'
  if (kind === null) return null
  if (!asksReceived(order, kind)) return 'received'
  if (received === null) return null
  return received ? 'received' : 'notReceived'
}

const reasonsOf = (order: Order, form: RefundForm): readonly string[] => {
  const list = reasonListOf(order, form)
  return list === null ? [] : refundReasonCopy[list]
}

/** Goods that come back are counted; an amount alone names none. */
const scopesOf = (order: Order, { kind }: RefundForm): RefundScope[] => {
  const hasItems = unclaimedItems(order).length > 0
  return (['whole', 'items', 'amount'] as const).filter(
    (scope) => (scope !== 'items' || hasItems) && (scope !== 'amount' || kind !== 'returnAndRefund'),
  )
}

/** A choice of one is no question: it is answered from the start. */
export const emptyForm = (order: Order): RefundForm => {
  const [only, ...others] = kindsOf(order)
  return {
    kind: others.length === 0 && only !== undefined ? only : null,
    received: null,
    reason: '',
    scope: 'whole',
    quantities: {},
    yuan: '',
    description: '',
    evidence: NO_EVIDENCE,
  }
}

/** The form after a change, or after the order moved on: what no longer fits is dropped, the rest stays. */
export const fitForm = (order: Order, form: RefundForm): RefundForm => {
  const kinds = kindsOf(order)
  const kind = form.kind !== null && kinds.includes(form.kind) ? form.kind : emptyForm(order).kind
  const withKind = { ...form, kind, received: asksReceived(order, kind) ? form.received : null }
  return {
    ...withKind,
    reason: reasonsOf(order, withKind).includes(form.reason) ? form.reason : '',
    scope: scopesOf(order, withKind).includes(form.scope) ? form.scope : 'whole',
    quantities: Object.fromEntries(
      Object.entries(form.quantities).map(([productId, quantity]) => [
        productId,
        Math.max(0, Math.min(quantity, unclaimedPieces(order, productId))),
      ]),
    ),
  }
}

/** All that is left; its goods are named too where their price covers it, so that their stock can come back. */
const wholeItems = (order: Order, kind: RefundKind | null): RefundItem[] => {
  const items = unclaimedItems(order)
  return kind === 'returnAndRefund' || priceOf(order, items) >= order.refundableFen ? items : []
}

const itemsOf = (order: Order, form: RefundForm): RefundItem[] => {
  if (form.scope === 'whole') return wholeItems(order, form.kind)
  if (form.scope === 'amount') return []
  return order.items
    .map(({ productId }) => ({ productId, quantity: form.quantities[productId] ?? 0 }))
    .filter(({ quantity }) => quantity > 0)
}

interface Amount {
  readonly fen: Fen
  readonly problem: string | null
}

const typedAmount = (order: Order, yuan: string): Amount => {
  if (yuan.trim() === '') return { fen: 0, problem: refundApplyProblemCopy.amountMissing }
  const fen = yuanToFen(yuan)
  if (fen === null) return { fen: 0, problem: refundApplyProblemCopy.amountOdd }
  if (fen === 0) return { fen, problem: refundApplyProblemCopy.amountZero }
  return {
    fen,
    problem: fen > order.refundableFen ? refundApplyCopy.cap(priceText(order.refundableFen)) : null,
  }
}

const amountOf = (order: Order, form: RefundForm, items: readonly RefundItem[]): Amount => {
  if (form.scope === 'amount') return typedAmount(order, form.yuan)
  if (form.scope === 'items' && items.length === 0) {
    return { fen: 0, problem: refundApplyProblemCopy.pieces }
  }
  return { fen: capFen(order, items), problem: null }
}

/** The first thing to mend, in the order of the page. */
const problemOf = (order: Order, form: RefundForm, amount: Amount): string | null => {
  if (form.kind === null) return refundApplyProblemCopy.kind
  if (asksReceived(order, form.kind) && form.received === null) return refundApplyProblemCopy.received
  if (form.reason === '') return refundApplyProblemCopy.reason
  if (amount.problem !== null) return amount.problem
  if ([...form.description.trim()].length > LIMITS.refundDescription)
    return refundApplyProblemCopy.description
  return form.evidence.problem
}

const bodyOf = (kind: RefundKind, form: RefundForm, fen: Fen, items: RefundItem[]): RefundBody => {
  const description = form.description.trim()
  return {
    kind,
    amountFen: fen,
    ...(items.length > 0 && { items }),
    reason: form.received === null ? form.reason : statedReasonCopy(form.received, form.reason),
    ...(description !== '' && { description }),
    ...(form.evidence.fileIds.length > 0 && { evidence: [...form.evidence.fileIds] }),
  }
}

const choices = <T>(
  values: readonly T[],
  chosen: T | null,
  words: (value: T) => { readonly name: string; readonly hint?: string },
): Choice<T>[] =>
  values.map((value) => {
    const { name, hint = '' } = words(value)
    return { value, name, hint, chosen: value === chosen }
  })

const linesOf = (order: Order, form: RefundForm, pictures: Pictures): ClaimLineView[] =>
  orderLineViews(order, pictures).flatMap((line) => {
    const most = unclaimedPieces(order, line.productId)
    const leftText = refundApplyCopy.leftOf(most, line.quantity)
    const claim = form.quantities[line.productId] ?? 0
    return most === 0
      ? []
      : [{ ...line, most, leftText, claim, claimLabel: refundApplyCopy.piecesOf(line.title) }]
  })

export const refundApplyView = (order: Order, form: RefundForm, pictures: Pictures): RefundApplyView => {
  const items = itemsOf(order, form)
  const amount = amountOf(order, form, items)
  const problem = problemOf(order, form, amount)
  const lines = linesOf(order, form, pictures)
  const { kind } = form
  return {
    kinds: choices(kindsOf(order), kind, (value) => ({
      name: refundKindCopy[value].name,
      hint:
        value === 'refundOnly' && !isShipped(order)
          ? refundKindCopy.refundOnly.beforeShipping
          : refundKindCopy[value].hint,
    })),
    receivedChoices: asksReceived(order, kind)
      ? choices([true, false], form.received, (received) => ({
          name: received ? refundApplyCopy.received : refundApplyCopy.notReceived,
        }))
      : [],
    reasons: choices(reasonsOf(order, form), form.reason, (name) => ({ name })),
    scopes: choices(scopesOf(order, form), form.scope, (scope) => ({ name: refundScopeCopy[scope] })),
    lines,
    linesNotice: lines.length < order.items.length ? refundApplyCopy.claimed : '',
    amountFen: amount.fen,
    capText: refundApplyCopy.cap(
      priceText(form.scope === 'items' ? capFen(order, items) : order.refundableFen),
    ),
    amountProblem: form.yuan.trim() === '' || form.scope !== 'amount' ? '' : (amount.problem ?? ''),
    problem,
    confirmText:
      kind === null ? '' : refundApplyCopy.confirm(priceText(amount.fen), refundKindCopy[kind].name),
    body: problem === null && kind !== null ? bodyOf(kind, form, amount.fen, items) : null,
  }
}

/** The new cap in a refusal, as a sentence: the server may have counted a refund that this phone has not seen. */
export const exceedsText = ({ capFen: cap, refundableFen }: Readonly<Record<string, unknown>>): string => {
  const fen = isFen(cap) ? cap : refundableFen
  if (!isFen(fen)) return errorCopy.REFUND_EXCEEDS_BALANCE
  return fen > 0 ? refundApplyCopy.exceeds(priceText(fen)) : refundApplyCopy.nothingLeft
}
