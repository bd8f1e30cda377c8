/** @module What needs a person: one card each, with the ways out that its kind has. */
import type { AttentionItem, AttentionKind, Me } from '@yuanlu/contract'
import { formatYuan, LIMITS } from '@yuanlu/contract'
import { staffAttentionCopy as copy, staffAttentionKindCopy, staffResolveCopy } from '../copy/staff-attention'
import { priceText } from './price'
import { whyNot } from './staff-role'
import type { SheetRow, SheetView } from './staff-sheet'
import type { FieldView } from './staff-sheets'
import { waitingText } from './staff-time'
import { timeText } from './time'

/** `note` records what was done; the other two also decide about money that came in wrong. */
export type ResolveAction = keyof typeof staffResolveCopy

const MONEY_IN_QUESTION: readonly AttentionKind[] = ['amountMismatch', 'payerMismatch']

/** Money in question is accepted or sent back, never noted away. */
export const resolveActions = (kind: AttentionKind): readonly ResolveAction[] =>
  MONEY_IN_QUESTION.includes(kind) ? ['refund', 'accept'] : ['note']

const RESOLVE_TEXT = {
  note: copy.note,
  accept: copy.accept,
  refund: copy.refundIt,
} as const satisfies Record<ResolveAction, string>

/** Of money that came in wrong: what the order asks for, what came, and the difference. Nobody decides without it. */
export const moneyRows = ({ kind, orderFen, paidFen, currency }: AttentionItem): readonly SheetRow[] => {
  if (orderFen === undefined || paidFen === undefined) return []
  const isYuan = currency === 'CNY'
  const paid = isYuan ? priceText(paidFen) : `${currency ?? ''} ${formatYuan(paidFen)}`
  const received = { label: copy.paid, value: paid, strong: true }
  if (!MONEY_IN_QUESTION.includes(kind)) return [received]
  const off = priceText(Math.abs(paidFen - orderFen))
  const difference = paidFen < orderFen ? copy.tooLittle(off) : copy.tooMuch(off)
  return [
    { label: copy.due, value: priceText(orderFen), strong: false },
    received,
    ...(isYuan && paidFen !== orderFen ? [{ label: copy.difference, value: difference, strong: true }] : []),
  ]
}

export interface AttentionCardView {
  readonly id: string
  readonly title: string
  readonly way: string
  readonly since: string
  readonly waiting: string
  readonly orderId: string
  readonly refundId: string
  /** Empty where it is not about money that came in wrong. */
  readonly money: string
  /** The server's own note, only where nothing else says what it is about. */
  readonly record: string
  readonly resolves: readonly { readonly action: ResolveAction; readonly text: string }[]
  readonly why: string
}

export const attentionCardView = (item: AttentionItem, me: Me, nowMs: number): AttentionCardView => ({
  id: item.id,
  ...staffAttentionKindCopy[item.kind],
  since: copy.since(timeText(item.since)),
  waiting: waitingText(nowMs - Date.parse(item.since)),
  orderId: item.orderId ?? '',
  refundId: item.refundId ?? '',
  money: moneyRows(item)
    .map(({ label, value }) => `${label} ${value}`)
    .join(copy.separator),
  record: item.orderId === undefined && item.refundId === undefined ? item.summary : '',
  resolves: resolveActions(item.kind).map((action) => ({ action, text: RESOLVE_TEXT[action] })),
  why: whyNot(me.roles, 'resolveAttention'),
})

export const resolveSheet = (item: AttentionItem, action: ResolveAction): SheetView => ({
  ...staffResolveCopy[action],
  rows: [
    ...moneyRows(item),
    { label: staffAttentionKindCopy[item.kind].title, value: timeText(item.since), strong: false },
    ...(item.orderId === undefined ? [] : [{ label: copy.order, value: item.orderId, strong: false }]),
    ...(item.refundId === undefined ? [] : [{ label: copy.refund, value: item.refundId, strong: false }]),
  ],
  danger: action === 'refund',
})

export const noteField: FieldView = {
  label: copy.field,
  placeholder: copy.placeholder,
  most: LIMITS.note,
  required: true,
  chips: [],
}

export const resolveBody = (action: ResolveAction, note: string) => ({
  note: note.trim(),
  ...(action !== 'note' && { action }),
})
