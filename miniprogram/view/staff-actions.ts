/** @module What staff may do with a refund: by its state, by where its money is, by who is looking. */
import type { CallName, Me, Refund, Transfer } from '@yuanlu/contract'
import { staffCopy } from '../copy/staff'
import { approveReturnCopy, staffActionCopy, staffAlreadyApprovedCopy } from '../copy/staff-refund'
import { wentToMerchantCard } from './staff-refund-state'
import { whyNot } from './staff-role'

export type StaffAction = keyof typeof staffActionCopy

/** The call behind each action; whose role it needs is the contract's to say. */
export const ACTION_CALLS = {
  approve: 'approveRefund',
  reject: 'rejectRefund',
  receive: 'receiveReturn',
  resubmit: 'resubmitRefund',
  toUserCard: 'redirectRefund',
  toMerchantCard: 'redirectRefund',
  offline: 'settleRefundOffline',
  abandon: 'abandonRefund',
} as const satisfies Record<StaffAction, CallName>

/** Ways out of a problem by where its money is. While it may still move, there is none. */
const WAYS_OUT = {
  submitting: [],
  unknown: [],
  // A refund stays a problem while its money goes to the shop's own card, until the buyer has it by another way.
  processing: ['offline'],
  succeeded: ['offline'],
  closed: ['resubmit', 'offline', 'abandon'],
  abnormal: ['toUserCard', 'toMerchantCard', 'offline'],
  failed: ['resubmit', 'offline', 'abandon'],
} as const satisfies Record<Transfer['status'], readonly StaffAction[]>

/** Asking WeChat Pay again can't help an account that no longer exists. */
const FOR_GOOD = 'USER_ACCOUNT_ABNORMAL'

const waysOut = (refund: Refund): readonly StaffAction[] => {
  const { transfer } = refund
  if (transfer === null) return []
  // The money is the shop's to pass on: no other card can get it any more.
  if (wentToMerchantCard(refund)) return ['offline']
  const ways: readonly StaffAction[] = WAYS_OUT[transfer.status]
  return transfer.status === 'failed' && transfer.reasonCode === FOR_GOOD
    ? ways.filter((way) => way !== 'resubmit')
    : ways
}

/** What the refund's state allows, whoever looks. */
export const possibleActions = (refund: Refund): readonly StaffAction[] => {
  switch (refund.status) {
    case 'requested':
      return ['reject', 'approve']
    case 'returning':
      return ['receive']
    case 'problem':
      return waysOut(refund)
    default:
      return []
  }
}

export interface StaffActionView {
  readonly action: StaffAction
  readonly text: string
  readonly hint: string
  readonly primary: boolean
  /** Why the button can't be used; empty when it can. */
  readonly why: string
}

/** The openid of whoever asked for the refund; `null` when no request is on record. */
export const requesterOf = (refund: Refund): string | null =>
  refund.timeline.find(({ event }) => event === 'requested')?.actor ?? null

/** Nobody decides on a refund of their own order. Of a refund that staff began the buyer is known to the server alone. */
export const isOwnRequest = (refund: Refund, me: Me): boolean =>
  refund.origin === 'shopper' && requesterOf(refund) === me.openid

const why = (refund: Refund, action: StaffAction, me: Me): string => {
  if (isOwnRequest(refund, me)) return staffCopy.ownOrder
  const role = whyNot(me.roles, ACTION_CALLS[action])
  if (role !== '') return role
  const approved = refund.approvals.some(({ by }) => by === me.openid)
  return action === 'approve' && approved ? staffAlreadyApprovedCopy : ''
}

const text = (refund: Refund, action: StaffAction): string =>
  action === 'approve' && refund.kind === 'returnAndRefund' ? approveReturnCopy : staffActionCopy[action].text

const LEADING: ReadonlySet<StaffAction> = new Set(['approve', 'receive', 'resubmit', 'toUserCard'])

export const staffActions = (refund: Refund, me: Me): StaffActionView[] =>
  possibleActions(refund).map((action) => ({
    action,
    text: text(refund, action),
    hint: staffActionCopy[action].hint,
    primary: LEADING.has(action),
    why: why(refund, action, me),
  }))

export const canApprove = (refund: Refund, me: Me): boolean =>
  staffActions(refund, me).some(({ action, why: reason }) => action === 'approve' && reason === '')
