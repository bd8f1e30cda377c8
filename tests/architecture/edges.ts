/** @module Which test is named after which edge of the refund's machines, and after which 409: a list that must be whole. */
import type { ApiErrorCode } from '@yuanlu/contract'

const UNIT = 'tests/shop/refund.test.ts'
const JOURNEY = 'tests/journeys/refund.test.ts'
const MACHINES = 'tests/shop/machines.test.ts'
const PAYING = 'tests/shop/payment.test.ts'
const ORDERS = 'tests/shop/order.test.ts'

export interface Named {
  readonly file: string
  readonly title: string
}
const unit = (title: string): Named => ({ file: UNIT, title })
const unsent = (title: string): Named => ({ file: 'tests/shop/refund-not-sent.test.ts', title })
const journey = (title: string): Named => ({ file: JOURNEY, title })

/** `state>event` of what was agreed. */
export const AGREEMENT_EDGES: Readonly<Record<string, Named>> = {
  'requested>withdrawn': unit(
    'a withdrawn request frees its amount, and a second withdrawal changes nothing',
  ),
  'requested>rejected': unit('a rejected refund frees its amount and keeps its reason; nothing was sent'),
  'requested>approved': journey('asked, approved, on its way, back: truthful at every step'),
  'requested>approvedForReturn': unit('the money waits for the goods'),
  'awaitingReturn>goodsSent': unit('the money waits for the goods'),
  'awaitingReturn>withdrawn': unit('a return that is not sent in time is withdrawn'),
  'returning>goodsReceived': unit('the money waits for the goods'),
  'refunding>succeeded': journey('asked, approved, on its way, back: truthful at every step'),
  'refunding>stuck': journey(
    'not enough balance is a problem, and the same number succeeds once there is money',
  ),
  'problem>resumed': journey('a closed refund gets a new number, and only then'),
  'problem>succeeded': journey('an account that cannot receive is recorded off-line, with proof'),
  'problem>abandoned': unit('giving up frees the amount, but only when WeChat Pay says the money stays'),
  'abandoned>succeeded': unit('a success that comes after all beats the local close, and is journaled'),
}

/** `state>event` of where the money is. */
export const TRANSFER_EDGES: Readonly<Record<string, Named>> = {
  'submitting>sent': unit('a crash between writing down and sending is finished by a job'),
  'submitting>notSent': unsent(
    'a refund that was not sent is shown as being submitted, and sent without a question a minute later',
  ),
  'submitting>unclear': journey(
    'a lost answer is unknown, found by asking, and never sent under another number',
  ),
  'submitting>accepted': journey('asked, approved, on its way, back: truthful at every step'),
  'submitting>succeeded': {
    file: MACHINES,
    title:
      'every state of a transfer can be reached, nothing leaves succeeded, and a late success beats everything',
  },
  'submitting>closed': unit('whatever WeChat Pay reports of a refund that is being sent is believed'),
  'submitting>abnormal': unit('whatever WeChat Pay reports of a refund that is being sent is believed'),
  'submitting>refused': unit('a signed refusal is final at once'),
  'unknown>sent': journey('a call that never arrived is sent again under the same number'),
  'unknown>notSent': unsent('stays unknown, and is asked about first, when it could not be sent again'),
  'unknown>unclear': unit('silence again and again stays unknown, and after two hours a person is told'),
  'unknown>accepted': unit(
    'a refund that timed out is asked about and, when WeChat Pay does not know it, sent again under the same number',
  ),
  'unknown>succeeded': journey(
    'a lost answer is unknown, found by asking, and never sent under another number',
  ),
  'unknown>closed': unit('whatever WeChat Pay reports of an unclear refund is believed'),
  'unknown>abnormal': unit('whatever WeChat Pay reports of an unclear refund is believed'),
  'unknown>refused': unit('an unsigned refusal is final only once a query agrees'),
  'processing>succeeded': journey('a lost notification is found by a job'),
  'processing>closed': journey('a closed refund gets a new number, and only then'),
  'processing>abnormal': journey('an abnormal refund is no way to pay twice'),
  'abnormal>redirected': journey('an abnormal refund is no way to pay twice'),
  'abnormal>succeeded': unit('an abnormal refund that arrives after all is refunded'),
  'failed>resent': journey(
    'not enough balance is a problem, and the same number succeeds once there is money',
  ),
  'failed>accepted': unit('a refund that failed and is reported after all is believed'),
  'failed>succeeded': unit('a refund that failed and is reported after all is believed'),
  'closed>succeeded': unit('a success that comes after all beats the local close, and is journaled'),
}

/** Codes of a conflict with the state of things. */
export const CONFLICTS: Readonly<Partial<Record<ApiErrorCode, Named>>> = {
  IDEMPOTENCY_MISMATCH: { file: ORDERS, title: 'another body under the same key is refused' },
  OUT_OF_STOCK: {
    file: ORDERS,
    title: 'too little stock refuses, puts back what was taken, and is not remembered',
  },
  ORDER_EXPIRED: { file: PAYING, title: 'an order about to expire is refused before WeChat Pay hears of it' },
  ORDER_CLOSED: {
    file: 'tests/journeys/purchase.test.ts',
    title: 'a shopper cancels: closed at WeChat, goods back on the shelf once',
  },
  ORDER_CLOSING: {
    file: PAYING,
    title: 'parameters of a payment that was cancelled meanwhile never reach the phone',
  },
  ORDER_ALREADY_PAID: { file: ORDERS, title: 'a paid order can’t be cancelled, a closed one stays closed' },
  ORDER_NOT_PAID: { file: ORDERS, title: 'an unpaid order can’t be received' },
  REFUND_EXCEEDS_BALANCE: journey('in three parts to the last fen, a minute apart, and not a fen more'),
  REFUND_LIMIT_REACHED: unit('an unpaid order, the 51st part and day 366 are refused before anybody is told'),
  REFUND_WINDOW_CLOSED: unit('an unpaid order, the 51st part and day 366 are refused before anybody is told'),
  REFUND_ALREADY_DECIDED: journey(
    'approve, reject and withdraw at once: one decision wins, the others are told',
  ),
  AMOUNT_CHANGED: unit('approving twice sends one refund; what the approver saw must be what is asked'),
  SECOND_APPROVER_MUST_DIFFER: unit('from the threshold on two different people must approve'),
  OWN_REQUEST: unit('nobody decides on a refund of their own order'),
  REFUND_IN_PROGRESS: journey('an abnormal refund is no way to pay twice'),
  NOT_RESUBMITTABLE: journey('an abnormal refund is no way to pay twice'),
  LAST_OWNER: {
    file: 'tests/backend/owner.test.ts',
    title: 'the last owner can neither leave nor become less, until there is another',
  },
}
