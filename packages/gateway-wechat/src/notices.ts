/** @module Payment notifications (支付结果通知): verified bytes in, news in the shop's words out. */
import type { PaidNews } from '@yuanlu/shop'
import { type createNotificationReader, wasPaid } from 'wxpay-core'
import { toPaidNews } from './payment-gateway.ts'

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
