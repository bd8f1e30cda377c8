/** @module A v2 trade message, checked and translated. */
import { fromGmt8Digits } from '../china-time.ts'
import { presentOf } from '../present.ts'
import { type Coupon, type Trade, tradeStateOf } from '../trade.ts'
import { tradeOf } from '../trade-draft.ts'
import type { TradeMessage } from './messages.ts'
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
    coupons: couponsOf(message),
    // 标价币种: left out means CNY. Where there is no amount, there is no currency either.
    currency: get('fee_type') || (totalFen === undefined ? undefined : 'CNY'),
    attach: get('attach'),
    bankType: get('bank_type'),
    successAt: fromGmt8Digits(String(get('time_end'))),
  })
}

/**
 * The coupons `coupon_id_$n`, `coupon_fee_$n`, `coupon_type_$n`, in the order of their numbers, which is not that of the
 * document. What cannot be read is left out: a payment is not lost over its coupons.
 */
function couponsOf(message: ReadonlyMap<string, string>): readonly Coupon[] | undefined {
  const coupons = numberedOf(message, 'coupon_id_').flatMap(([n, couponId]): Coupon[] => {
    const amountFen = wholeFen(message.get(`coupon_fee_${n}`))
    const type = message.get(`coupon_type_${n}`)
    return amountFen === undefined ? [] : [presentOf({ couponId, amountFen, type })]
  })
  return coupons.length === 0 ? undefined : coupons
}

/** Numbers and values of the members `<prefix>n` that have one, smallest number first. */
export function numberedOf(
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
export function wholeFen(text: string | undefined): number | undefined {
  const fen = /^(?:0|[1-9][0-9]*)$/.test(String(text)) ? Number(text) : Number.NaN
  return Number.isSafeInteger(fen) ? fen : undefined
}
