/** @module The sheet before each decision about a refund, what is missing in it, and what became of it. */
import { type Fen, LIMITS, type Order, type Refund } from '@yuanlu/contract'
import { staffCopy } from '../copy/staff'
import {
  staffSheetCopy as copy,
  staffOutcomeCopy as outcome,
  staffSheetProblemCopy as problem,
  staffBanks,
} from '../copy/staff-refund'
import type { Question } from '../services/dialogue'
import { priceText } from './price'
import { requesterOf, type StaffAction } from './staff-actions'
import { isHalfApproved, wentToMerchantCard } from './staff-refund-state'
import { shortOpenid } from './staff-role'
import type { SheetRow, SheetView } from './staff-sheet'

/** A text that a decision carries. */
export interface FieldView {
  readonly label: string
  readonly placeholder: string
  readonly most: number
  readonly required: boolean
  /** Quick texts to begin with. */
  readonly chips: readonly string[]
}

export interface DecisionSheet extends SheetView {
  readonly action: StaffAction
  /** What the person who decides saw. */
  readonly amountFen: Fen
  readonly field: FieldView | null
  /** Asks for a bank card. */
  readonly card: boolean
}

/** Whom a refund is for, as far as staff may see. */
export const personText = (order: Order, refund: Refund | null): string => {
  const requester = refund?.origin === 'shopper' ? requesterOf(refund) : null
  const name = order.delivery?.name ?? ''
  return [name, requester === null ? '' : shortOpenid(requester)].filter((part) => part !== '').join(' · ')
}

const restated = (order: Order, refund: Refund): SheetRow[] => {
  const person = personText(order, refund)
  return [
    { label: copy.order, value: order.orderId, strong: false },
    ...(person === '' ? [] : [{ label: copy.person, value: person, strong: false }]),
    { label: copy.amount, value: priceText(refund.amountFen), strong: true },
  ]
}

const field = (
  { field: label, placeholder }: { readonly field: string; readonly placeholder: string },
  most: number,
  required = true,
): FieldView => ({ label, placeholder, most, required, chips: [] })

type Words = Pick<SheetView, 'title' | 'warning' | 'confirm'> &
  Partial<Pick<DecisionSheet, 'danger' | 'field' | 'card'>>

const approveWords = (refund: Refund, amount: string): Words => {
  const isReturn = refund.kind === 'returnAndRefund'
  const second = isHalfApproved(refund) ? copy.approve.secondWarning : copy.approve.warning
  return {
    title: copy.approve.title,
    warning: isReturn ? copy.approve.returnWarning : second,
    confirm: isReturn ? copy.approve.confirmReturn(amount) : copy.approve.confirm(amount),
    field: field(copy.approve, LIMITS.note, false),
  }
}

const words = (action: StaffAction, refund: Refund): Words => {
  const amount = priceText(refund.amountFen)
  switch (action) {
    case 'approve':
      return approveWords(refund, amount)
    case 'reject':
      return {
        ...copy.reject,
        danger: true,
        field: { ...field(copy.reject, LIMITS.rejectReason), chips: copy.reject.reasons },
      }
    case 'receive':
      return { ...copy.receive, confirm: copy.receive.confirm(amount) }
    case 'resubmit': {
      const isNew = refund.transfer?.status === 'closed'
      return {
        title: copy.resubmit.title,
        warning: isNew ? copy.resubmit.newNumber : copy.resubmit.sameNumber,
        confirm: copy.resubmit.confirm(amount),
      }
    }
    case 'toUserCard': {
      const { title, warning, confirm } = copy.toUserCard
      return { title, warning, confirm, card: true }
    }
    case 'toMerchantCard':
      return { ...copy.toMerchantCard, confirm: copy.toMerchantCard.confirm(amount) }
    case 'offline':
      return {
        ...copy.offline,
        confirm: copy.offline.confirm(amount),
        field: field(copy.offline, LIMITS.proof),
      }
    case 'abandon':
      return { ...copy.abandon, danger: true, field: field(copy.abandon, LIMITS.rejectReason) }
  }
}

export const decisionSheet = (action: StaffAction, order: Order, refund: Refund): DecisionSheet => {
  const { title, warning, confirm, danger = false, field: asked = null, card = false } = words(action, refund)
  return {
    action,
    title,
    rows: restated(order, refund),
    warning,
    confirm,
    danger,
    amountFen: refund.amountFen,
    field: asked,
    card,
  }
}

export interface BankCard {
  /** Index into the list of banks; -1 while none is chosen. */
  readonly bank: number
  readonly account: string
  readonly name: string
}
export const NO_CARD: BankCard = { bank: -1, account: '', name: '' }

export const bankNames: readonly string[] = staffBanks.map(({ name }) => name)

export interface DecisionInput {
  readonly text: string
  readonly card: BankCard
}

/** Spaces are how people read a card's number, not part of it. */
export const digitsOf = (account: string): string => account.replace(/[\s-]/g, '')

const cardProblem = ({ bank, account, name }: BankCard): string | null => {
  if (staffBanks[bank] === undefined) return problem.bank
  if (!/^[0-9]{8,32}$/.test(digitsOf(account))) return problem.account
  const length = [...name.trim()].length
  return length === 0 || length > 60 ? problem.name : null
}

/** The first thing to mend before a decision can be sent, or `null`. */
export const decisionProblem = (sheet: DecisionSheet, { text, card }: DecisionInput): string | null => {
  if (sheet.card) return cardProblem(card)
  const { action } = sheet
  const missing = sheet.field?.required === true && text.trim() === ''
  return missing && (action === 'reject' || action === 'offline' || action === 'abandon')
    ? problem[action]
    : null
}

/** A typed card number is read back before money follows it; other decisions need no second question. */
export const lastQuestion = (sheet: DecisionSheet, { card }: DecisionInput): Question | null => {
  const bank = staffBanks[card.bank]
  if (!sheet.card || bank === undefined) return null
  const { askTitle, ask, askConfirm } = copy.toUserCard
  return {
    title: askTitle,
    content: ask(priceText(sheet.amountFen), bank.name, digitsOf(card.account).slice(-4), card.name.trim()),
    confirmText: askConfirm,
    cancelText: staffCopy.keep,
  }
}

export const userCardBody = ({ bank, account, name }: BankCard) => ({
  to: 'userBankCard' as const,
  bankType: staffBanks[bank]?.bankType ?? '',
  bankAccount: digitsOf(account),
  realName: name.trim(),
})

/** What became of a decision, from the refund as it now is: deciding and paying are two things. */
export const decisionOutcome = (refund: Refund): string => {
  switch (refund.status) {
    case 'requested':
      return isHalfApproved(refund) ? outcome.secondNeeded : outcome.requested
    case 'problem':
      return wentToMerchantCard(refund) || refund.transfer?.status === 'processing'
        ? outcome.merchantCard
        : outcome.problem
    case 'awaitingReturn':
    case 'refunded':
    case 'rejected':
    case 'abandoned':
      return outcome[refund.status]
    default:
      return outcome.refunding
  }
}
