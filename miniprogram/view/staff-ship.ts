/** @module Shipping an order: whether it can be, what the sheet restates, what is missing on the parcel. */
import type { CallBody, Order } from '@yuanlu/contract'
import { staffShipCopy as copy } from '../copy/staff-ship'
import { isFailure } from '../services/api-failure'
import { unclaimedItems } from './refund-money'
import { isCountedApart } from './staff-amounts'
import { decisionFailureText } from './staff-failure'
import type { SheetView } from './staff-sheet'

export type Parcel = CallBody<'shipOrder'>

export interface ShipButton {
  readonly shown: boolean
  /** Why it can't be used; empty when it can. */
  readonly why: string
}

/** Goods of a refund that is open may not be sent; those of a finished one never are. The server decides again. */
export const shipButton = (order: Order): ShipButton => {
  if (order.status !== 'paid') return { shown: false, why: '' }
  if (order.refunds.some(isCountedApart)) return { shown: true, why: copy.refundOpen }
  return { shown: order.refundableFen > 0 && unclaimedItems(order).length > 0, why: '' }
}

/** The pieces that are left to send, by the names they were bought under. */
const goodsText = (order: Order): string =>
  unclaimedItems(order)
    .map(({ productId, quantity }) => {
      const title = order.items.find((item) => item.productId === productId)?.title ?? productId
      return copy.piece(title, quantity)
    })
    .join(copy.separator)

const row = (label: string, value: string) => ({ label, value, strong: false })

export const shipSheet = (order: Order): SheetView => ({
  title: copy.title,
  rows: [
    row(copy.goods, goodsText(order)),
    ...(order.delivery === null
      ? [row(copy.receiver, copy.nobody)]
      : [
          row(copy.receiver, `${order.delivery.name}  ${order.delivery.phone}`),
          row(copy.address, order.delivery.address),
        ]),
  ],
  warning: copy.warning,
  confirm: copy.confirm,
  danger: false,
})

/** What was chosen or typed. */
export interface ShipForm {
  /** One of the list, or `other`; empty while none is chosen. */
  readonly choice: string
  /** The carrier's name under `other`. */
  readonly other: string
  readonly trackingNo: string
}

export const EMPTY_SHIP_FORM: ShipForm = { choice: '', other: '', trackingNo: '' }

export const carrierChoices: readonly string[] = [...copy.carriers, copy.other]

const MOST_LETTERS = 60
const fits = (text: string): boolean => text !== '' && [...text].length <= MOST_LETTERS

export type ReadParcel =
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'ready'; readonly parcel: Parcel }

/** The parcel as the call wants it, or the first thing to mend. */
export const readParcel = (form: ShipForm): ReadParcel => {
  const carrier = (form.choice === copy.other ? form.other : form.choice).trim()
  if (!fits(carrier)) return { kind: 'problem', problem: copy.needCarrier }
  const trackingNo = form.trackingNo.trim()
  if (!fits(trackingNo)) return { kind: 'problem', problem: copy.needTrackingNo }
  return { kind: 'ready', parcel: { carrier, trackingNo } }
}

export const shipFailureText = (error: unknown): string =>
  isFailure(error, 'REFUND_IN_PROGRESS') ? copy.refused : decisionFailureText(error)
