/** @module Payment notifications (支付结果通知): verified bytes in, news in the shop's words out. */
import type { PaidNews, RefundHint, RefundNews } from '@yuanlu/shop'
import { type createNotificationReader, wasPaid } from 'wxpay-core'
import { toPaidNews, toRefundNews } from './payment-gateway.ts'

export type PaymentNotice =
  | { readonly kind: 'paid'; readonly news: PaidNews }
  /** Genuine, and no money moved: acknowledged without effect. */
  | { readonly kind: 'notPaid' }
  /**
   * Not to be believed, and not to be acknowledged: a v2 notice whose signature is ambiguous, because a value
   * contains `&`, or one that leaves out what has to be written down. Ask about the trade.
   */
  | { readonly kind: 'ambiguous'; readonly outTradeNo: string }

export type NotificationReader = ReturnType<typeof createNotificationReader>

/**
 * Verifies first, then reads.
 *
 * @throws WxpayError when the notification cannot be believed: nothing may change then
 */
export const readPaymentNotice = async (
  reader: NotificationReader,
  input: {
    readonly headers: Readonly<Record<string, string | undefined>>
    readonly body: Uint8Array
    readonly now: number
  },
): Promise<PaymentNotice> => {
  const notification = await reader.openPayment({ headers: input.headers, body: input.body })
  const { trade } = notification
  if (notification.ambiguous) return { kind: 'ambiguous', outTradeNo: trade.outTradeNo }
  if (!notification.paid || !wasPaid(trade)) return { kind: 'notPaid' }
  const news = toPaidNews(trade, input.now)
  if (news === null) return { kind: 'ambiguous', outTradeNo: trade.outTradeNo }
  return { kind: 'paid', news }
}

export type RefundNotice =
  /** Signed (APIv3): it may be believed. */
  | { readonly kind: 'verified'; readonly outTradeNo: string; readonly news: RefundNews }
  /** Unsigned (APIv2): a reason to ask, and nothing else. */
  | { readonly kind: 'hint'; readonly hint: RefundHint }

/**
 * Reads a refund notification (退款结果通知) of either protocol.
 *
 * @throws WxpayError when it cannot be opened, or is not about this merchant
 */
export const readRefundNotice = async (
  reader: NotificationReader,
  input: { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: Uint8Array },
): Promise<RefundNotice> => {
  const { verified, refund } = await reader.openRefund(input)
  const { outRefundNo, outTradeNo, transactionId } = refund
  const news = verified ? toRefundNews(refund) : null
  return news !== null && outTradeNo !== undefined
    ? { kind: 'verified', outTradeNo, news }
    : { kind: 'hint', hint: { outRefundNo, outTradeNo: outTradeNo ?? '', transactionId } }
}
