/** @module What APIv2 is sent, for a merchant of its own and for one that a provider serves. */

import { badInput } from '../checks.ts'
import { toGmt8Digits } from '../china-time.ts'
import type { OrderedGoods, PrepayOrder, SubMerchant } from '../client.ts'
import { presentOf } from '../present.ts'
import type { RefundOrder } from '../refund.ts'
import type { OrderDetail, RefundRequest, UnifiedOrderRequest } from './messages.ts'

/** In whose name: a merchant, or with `sub` a provider for a sub-merchant. */
export interface Party {
  readonly appid: string
  readonly mchid: string
  readonly sub?: SubMerchant | undefined
  /** 接口版本号 of orders and queries. */
  readonly version?: '1.0' | undefined
}

/** Members that every request has and no order knows. */
type Common = 'appid' | 'mch_id' | 'sub_appid' | 'sub_mch_id' | 'nonce_str' | 'sign_type'

/** The members that name a sub-merchant, where a request has one. */
export function subIds({ sub }: Party): { readonly sub_appid?: string; readonly sub_mch_id?: string } {
  return presentOf({ sub_appid: sub?.appid, sub_mch_id: sub?.mchid })
}

/** An order in WeChat's words. */
export function unifiedOrder({ sub, version }: Party, order: PrepayOrder): Omit<UnifiedOrderRequest, Common> {
  const time = (at: Date | number | undefined) => (at === undefined ? undefined : toGmt8Digits(Number(at)))
  return {
    version,
    body: order.description,
    attach: order.attach,
    out_trade_no: order.outTradeNo,
    fee_type: 'CNY',
    total_fee: order.totalFen,
    spbill_create_ip: order.payerClientIp,
    time_start: time(order.timeStart),
    time_expire: time(order.timeExpire),
    goods_tag: order.goodsTag,
    detail: order.goods && detailOf(order.goods),
    notify_url: order.notifyUrl,
    trade_type: 'JSAPI',
    limit_pay: order.noCredit === true ? 'no_credit' : undefined,
    receipt: order.invoiceEntry === true ? 'Y' : undefined,
    profit_sharing: order.profitSharing === true ? 'Y' : undefined,
    // Where the sub-merchant has an app of its own, the payer is known by that app's openid.
    ...(sub?.appid === undefined ? { openid: order.payerOpenid } : { sub_openid: order.payerOpenid }),
  }
}

function detailOf(goods: readonly OrderedGoods[]): string {
  const detail: OrderDetail = {
    goods_detail: goods.map(({ goodsId, name, quantity, unitPriceFen }) => ({
      goods_id: goodsId,
      goods_name: name,
      quantity,
      price: unitPriceFen,
    })),
  }
  const json = JSON.stringify(detail)
  if (Buffer.byteLength(json) > 6000) throw badInput('goods', 'at most 6000 bytes as JSON')
  return json
}

/** A refund in WeChat's words. */
export function refundRequest(order: RefundOrder): Omit<RefundRequest, Common> {
  return {
    transaction_id: order.transactionId,
    out_trade_no: order.transactionId ? undefined : order.outTradeNo,
    out_refund_no: order.outRefundNo,
    total_fee: order.totalFen,
    refund_fee: order.refundFen,
    refund_desc: order.reason,
    refund_account: order.fundsAccount && fundsAccounts[order.fundsAccount],
    notify_url: order.notifyUrl,
  }
}

/** v2's words for 退款资金来源. */
const fundsAccounts = {
  AVAILABLE: 'REFUND_SOURCE_RECHARGE_FUNDS',
  UNSETTLED: 'REFUND_SOURCE_UNSETTLED_FUNDS',
} as const
