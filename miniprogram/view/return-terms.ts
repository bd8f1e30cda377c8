/** @module Where goods go back to, by when, and what belongs into the parcel: what a shopper needs before they send it. */
import type { Refund, ReturnTerms } from '@yuanlu/contract'
import { refundCopy as copy } from '../copy/refunds'
import { timeText } from './time'

export interface ReturnTermsView {
  /** Empty: there is none to show, and `addressHint` says what to do. */
  readonly address: string
  readonly addressHint: string
  readonly deadline: string
  readonly slip: string
}

/** `terms` is `null` when they could not be read: the parcel can be told about all the same. */
export const returnTermsView = (refund: Refund, terms: ReturnTerms | null): ReturnTermsView => {
  const address = terms?.address ?? ''
  const why = terms === null ? copy.returnUnread : copy.returnAsk
  const sendBy = terms?.sendBy ?? null
  return {
    address,
    addressHint: address === '' ? why : '',
    deadline: sendBy === null ? copy.returnSoon : copy.returnBy(timeText(sendBy)),
    slip: refund.orderId === null ? '' : copy.returnSlip(refund.orderId),
  }
}
