/**
 * @module What a notification tells and where it goes, fixed when the money moved; every sending wraps it anew.
 */
import type { Core } from '../core.ts'
import type { Notification, Refund, Trade, Transaction } from '../state/tables.ts'
import { paymentMembers } from '../v2/orders.ts'
import { refundNoticeMembers } from '../v2/refunds.ts'
import { tradeBody } from '../v3/orders.ts'
import { refundNoticeBody } from '../v3/refunds.ts'

export type News = Pick<
  Notification,
  'kind' | 'protocol' | 'outTradeNo' | 'transactionId' | 'outRefundNo' | 'url' | 'content'
>

export function paymentNews(core: Core, trade: Trade, transaction: Transaction): News {
  const { protocol, outTradeNo, notifyUrl: url } = trade
  const content = protocol === 'v3' ? tradeBody(core, trade, transaction) : paymentMembers(trade, transaction)
  return { kind: 'payment', protocol, outTradeNo, transactionId: transaction.transactionId, url, content }
}

/**
 * A refund that named no address of its own, by whatever API, is told as one that was started in the merchant platform:
 * at the address that is entered there, and in v2 XML. undefined when there is none either.
 */
export function refundNews(core: Core, refund: Refund): News | undefined {
  const { outTradeNo, transactionId, outRefundNo } = refund
  const url = refund.notifyUrl ?? merchantPlatformUrl(core, outTradeNo)
  if (url === null) return undefined
  const protocol = refund.notifyUrl === null ? 'v2' : refund.protocol
  const content = protocol === 'v3' ? refundNoticeBody(core, refund) : refundNoticeMembers(refund)
  return { kind: 'refund', protocol, outTradeNo, transactionId, outRefundNo, url, content }
}

/**
 * The address a merchant enters in the merchant platform. Unless one is configured: the trade's own notify_url with its
 * last segment `payment` replaced by `refund`.
 */
function merchantPlatformUrl(core: Core, outTradeNo: string): string | null {
  if (core.merchantRefundUrl !== null) return core.merchantRefundUrl
  const notifyUrl = core.store.get('trade', outTradeNo)?.notifyUrl ?? ''
  return /\/payment$/.test(notifyUrl) ? notifyUrl.replace(/payment$/, 'refund') : null
}
