/** @module A v3 transaction object, checked and translated. */
import { fromRfc3339 } from '../china-time.ts'
import { type JsonObject, optionalFenOf, optionalObjectOf, optionalTextOf, textOf } from '../json.ts'
import { couponsIn } from '../promotions.ts'
import { type Trade, tradeStateOf } from '../trade.ts'
import { tradeOf } from '../trade-draft.ts'
import type { PartnerTransaction, PromotionDetail, Transaction } from './messages.ts'

/** Where each member of ours comes from, so that a renamed wire member does not compile. */
type Wire = keyof Transaction | keyof PartnerTransaction

/**
 * Translates a query's answer or a notification's content.
 *
 * @throws JsonShapeError when a member has another type than documented
 */
export function tradeOfTransaction(json: JsonObject): Trade {
  const rawTradeState = textOf(json, 'trade_state' satisfies Wire)
  const payer = optionalObjectOf(json, 'payer' satisfies Wire)
  const amount = optionalObjectOf(json, 'amount' satisfies Wire)
  return tradeOf({
    appid: optionalTextOf(json, 'appid' satisfies Wire) ?? optionalTextOf(json, 'sp_appid' satisfies Wire),
    mchid: optionalTextOf(json, 'mchid' satisfies Wire) ?? optionalTextOf(json, 'sp_mchid' satisfies Wire),
    subAppid: optionalTextOf(json, 'sub_appid' satisfies Wire),
    subMchid: optionalTextOf(json, 'sub_mchid' satisfies Wire),
    outTradeNo: textOf(json, 'out_trade_no' satisfies Wire),
    transactionId: optionalTextOf(json, 'transaction_id' satisfies Wire),
    tradeType: optionalTextOf(json, 'trade_type' satisfies Wire),
    tradeState: tradeStateOf(rawTradeState),
    rawTradeState,
    payerOpenid: payer && (optionalTextOf(payer, 'openid') ?? optionalTextOf(payer, 'sp_openid')),
    subOpenid: payer && optionalTextOf(payer, 'sub_openid'),
    totalFen: amount && optionalFenOf(amount, 'total'),
    payerTotalFen: amount && optionalFenOf(amount, 'payer_total'),
    settlementTotalFen: undefined,
    coupons: couponsIn(json['promotion_detail' satisfies Wire], promotionNames),
    currency: amount && optionalTextOf(amount, 'currency'),
    attach: optionalTextOf(json, 'attach' satisfies Wire),
    bankType: optionalTextOf(json, 'bank_type' satisfies Wire),
    successAt: fromRfc3339(String(optionalTextOf(json, 'success_time' satisfies Wire))),
  })
}

const promotionNames = {
  id: 'coupon_id',
  stock: 'stock_id',
  wechatpay: 'wechatpay_contribute',
} as const satisfies Record<string, keyof PromotionDetail>
