/** @module A v2 trade message, checked and translated. */
import { fromGmt8Digits } from '../china-time.ts'
import { parseJsonObject } from '../json.ts'
import { presentOf } from '../present.ts'
import { couponsIn } from '../promotions.ts'
import { type Coupon, type Trade, tradeStateOf } from '../trade.ts'
import { tradeOf } from '../trade-draft.ts'
import type { Promotion, TradeMessage } from './messages.ts'
import { FlatXmlError } from './xml.ts'

/**
 * Translates a query's answer, whose state is `trade_state`, or a notification, whose state is its `result_code`.
 *
 * @throws FlatXmlError when a member is missing or an amount is no whole number
 */
export function tradeOfMessage(
  message: ReadonlyMap<string, string>,
  stateName: 'trade_state' | 'result_code',
): Trade {
  const get = (name: keyof TradeMessage): string | undefined => message.get(name)
  const rawTradeState = required(get, stateName)
  const totalFen = fenOf(get, 'total_fee')
  return tradeOf({
    appid: get('appid'),
    mchid: get('mch_id'),
    subAppid: get('sub_appid'),
    subMchid: get('sub_mch_id'),
    outTradeNo: required(get, 'out_trade_no'),
    transactionId: get('transaction_id'),
    tradeType: get('trade_type'),
    tradeState: tradeStateOf(rawTradeState),
    rawTradeState,
    payerOpenid: get('openid'),
    subOpenid: get('sub_openid'),
    totalFen,
    payerTotalFen: fenOf(get, 'cash_fee'),
    settlementTotalFen: fenOf(get, 'settlement_total_fee'),
    coupons: promotionsIn(get('promotion_detail')) ?? couponsOf(message),
    // 标价币种: left out means CNY. Where there is no amount, there is no currency either.
    currency: get('fee_type') || (totalFen === undefined ? undefined : 'CNY'),
    attach: get('attach'),
    bankType: get('bank_type'),
    successAt: fromGmt8Digits(String(get('time_end'))),
  })
}

/**
 * 营销详情, which comes in place of `coupon_…` where the order had a `version`: JSON inside the signed XML, a list with or
 * without an object around it. What cannot be read is left out, here too.
 *
 * @see 单品优惠 查询订单, https://pay.weixin.qq.com/doc/v2/partner/4011984209, checked 2026-11
 */
function promotionsIn(text: string | undefined): readonly Coupon[] | undefined {
  // Stryker disable next-line all: nearly every trade; an error for each, only to be caught, takes as long as all the rest
  if (text === undefined) return undefined
  const json = text.startsWith('[') ? `{"promotion_detail":${text}}` : text
  try {
    return couponsIn(parseJsonObject(Buffer.from(json)).promotion_detail, promotionNames)
  } catch {
    // No coupons, then.
  }
}

const promotionNames = {
  id: 'promotion_id',
  stock: 'activity_id',
  wechatpay: 'wxpay_contribute',
} as const satisfies Record<string, keyof Promotion>

/**
 * The coupons `coupon_id_$n`, `coupon_fee_$n`, `coupon_type_$n`, in the order of their numbers, which is not that of the
 * document. What cannot be read is left out: a payment is not lost over its coupons.
 */
function couponsOf(message: ReadonlyMap<string, string>): readonly Coupon[] | undefined {
  return numberedCoupons(message, 'coupon', '', (couponId, amountFen, type) =>
    presentOf({ couponId, amountFen, type }),
  )
}

/** Coupons whose members are `<kind>_id<suffix>_$n` and so on. Undefined when there are none. */
export function numberedCoupons<T>(
  message: ReadonlyMap<string, string>,
  kind: 'coupon' | 'coupon_refund',
  suffix: string,
  couponOf: (couponId: string, fen: number, type: string | undefined) => T,
): readonly T[] | undefined {
  const coupons = numberedOf(message, `${kind}_id${suffix}_`).flatMap(([n, couponId]) => {
    const fen = wholeFen(message.get(`${kind}_fee${suffix}_${n}`))
    return fen === undefined ? [] : [couponOf(couponId, fen, message.get(`coupon_type${suffix}_${n}`))]
  })
  return coupons.length === 0 ? undefined : coupons
}

/** Numbers and values of the members `<prefix>n` that have one, smallest number first. */
function numberedOf(
  message: ReadonlyMap<string, string>,
  prefix: string,
): readonly (readonly [n: number, value: string])[] {
  const numbered = new Map<number, string>()
  for (const [name, value] of message) {
    if (value === '' || !name.startsWith(prefix)) continue
    const n = name.slice(prefix.length)
    if (/^(?:0|[1-9][0-9]{0,3})$/.test(n)) numbered.set(Number(n), value)
  }
  return [...numbered].sort(([one], [other]) => one - other)
}

/** Reads members of one message. */
type Get<Name> = (name: Name) => string | undefined

/** A member that must be there. */
export function required<Name extends string>(get: Get<Name>, name: Name): string {
  const text = get(name)
  if (!text) throw new FlatXmlError(`${name} is missing`)
  return text
}

/** Whole fen as WeChat writes them: digits alone. `1e2`, `0x64`, `1.0` and `+1` are refused, not guessed at. */
export function fenOf<Name extends string>(get: Get<Name>, name: Name): number | undefined {
  const text = get(name)
  if (!text) return undefined
  const fen = wholeFen(text)
  if (fen === undefined) throw new FlatXmlError(`${name} is not a whole number of fen`)
  return fen
}

/** Like `fenOf`, for amounts whose absence or nonsense is not worth an error. */
function wholeFen(text: string | undefined): number | undefined {
  const fen = /^(?:0|[1-9][0-9]*)$/.test(String(text)) ? Number(text) : Number.NaN
  return Number.isSafeInteger(fen) ? fen : undefined
}
