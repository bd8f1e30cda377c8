/** @module What APIv3 is sent, for a merchant of its own and for one that a provider serves. */
import { toGmt8Rfc3339 } from '../china-time.ts'
import type { PrepayOrder, SubMerchant } from '../client.ts'
import { presentOf } from '../present.ts'
import type { RefundOrder } from '../refund.ts'
import type { Trade } from '../trade.ts'
import type {
  CloseRequest,
  JsapiPrepayRequest,
  PartnerCloseRequest,
  PartnerJsapiPrepayRequest,
  RefundRequest,
} from './messages.ts'

/** In whose name: a merchant, or with `sub` a provider for a sub-merchant. */
export interface Party {
  readonly appid: string
  readonly mchid: string
  readonly sub?: SubMerchant | undefined
}

/** 申请退款 */
export const refundsPath = '/v3/refund/domestic/refunds'

/** JSAPI下单 */
export function prepayPath(party: Party): string {
  return `${tradesPath(party)}/jsapi`
}

/** 查询订单 by one of the two numbers. */
export function tradePath(party: Party, by: 'outTradeNo' | 'transactionId', number: string): string {
  const kind = by === 'outTradeNo' ? 'out-trade-no' : 'id'
  const who = new URLSearchParams({ ...merchants(party) })
  return `${tradesPath(party)}/${kind}/${encodeURIComponent(number)}?${who}`
}

/** 关闭订单 */
export function closePath(party: Party, outTradeNo: string): string {
  return `${tradesPath(party)}/out-trade-no/${encodeURIComponent(outTradeNo)}/close`
}

/** 查询单笔退款 */
export function refundPath({ sub }: Party, outRefundNo: string): string {
  const who = sub === undefined ? '' : `?sub_mchid=${sub.mchid}`
  return `${refundsPath}/${encodeURIComponent(outRefundNo)}${who}`
}

/** Whose trade it is: all that a request to close says. */
export function merchants({ mchid, sub }: Party): CloseRequest | PartnerCloseRequest {
  return sub === undefined ? { mchid } : { sp_mchid: mchid, sub_mchid: sub.mchid }
}

/** An order in WeChat's words. */
export function prepayRequest(
  party: Party,
  order: PrepayOrder,
): JsapiPrepayRequest | PartnerJsapiPrepayRequest {
  const { appid, mchid, sub } = party
  const terms = presentOf({
    description: order.description,
    out_trade_no: order.outTradeNo,
    time_expire: order.timeExpire === undefined ? undefined : toGmt8Rfc3339(Number(order.timeExpire)),
    attach: order.attach,
    notify_url: order.notifyUrl,
    goods_tag: order.goodsTag,
    detail: order.goods && {
      goods_detail: order.goods.map(({ goodsId, name, quantity, unitPriceFen }) => ({
        merchant_goods_id: goodsId,
        goods_name: name,
        quantity,
        unit_price: unitPriceFen,
      })),
    },
    limit_pay: order.noCredit === true ? (['no_credit'] as const) : undefined,
    support_fapiao: order.invoiceEntry === true || undefined,
    settle_info: order.profitSharing === true ? { profit_sharing: true } : undefined,
    amount: { total: order.totalFen, currency: 'CNY' } as const,
    scene_info: { payer_client_ip: order.payerClientIp },
  })
  const openid = order.payerOpenid
  if (sub === undefined) return { appid, mchid, ...terms, payer: { openid } }
  const ids = { sp_appid: appid, sp_mchid: mchid, sub_appid: sub.appid, sub_mchid: sub.mchid }
  // Where the sub-merchant has an app of its own, the payer is known by that app's openid.
  const payer = sub.appid === undefined ? { sp_openid: openid } : { sub_openid: openid }
  return { ...presentOf(ids), ...terms, payer }
}

/** A refund in WeChat's words. */
export function refundRequest({ sub }: Party, order: RefundOrder): RefundRequest {
  return presentOf({
    ...subMchid(sub),
    transaction_id: order.transactionId,
    // WeChat takes one of the two.
    out_trade_no: order.transactionId ? undefined : order.outTradeNo,
    out_refund_no: order.outRefundNo,
    reason: order.reason,
    notify_url: order.notifyUrl,
    funds_account: order.fundsAccount,
    amount: { refund: order.refundFen, total: order.totalFen, currency: 'CNY' } as const,
  })
}

/** The member that names a sub-merchant, where a request has one. */
export function subMchid(sub: SubMerchant | undefined): { readonly sub_mchid?: string } {
  return sub === undefined ? {} : { sub_mchid: sub.mchid }
}

/** Whether a trade is one of this party. */
export function isOurs(party: Party, trade: Trade): boolean {
  return (
    trade.appid === party.appid &&
    trade.mchid === party.mchid &&
    trade.subMchid === party.sub?.mchid &&
    (trade.subAppid === undefined || party.sub?.appid === undefined || trade.subAppid === party.sub.appid)
  )
}

function tradesPath({ sub }: Party): string {
  return sub === undefined ? '/v3/pay/transactions' : '/v3/pay/partner/transactions'
}
