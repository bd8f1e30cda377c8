/** @module A v2 trade message, checked and translated. */
import { fromGmt8Digits } from '../china-time.ts'
import { type Trade, tradeStateOf } from '../trade.ts'
import { tradeOf } from '../trade-draft.ts'
import type { TradeMessage } from './messages.ts'
import { FlatXmlError } from './xml.ts'

/**
 * Translates a query's answer, or a notification, whose state is its `result_code`.
 *
 * @throws FlatXmlError when a member is missing or an amount is no whole number
 */
export function tradeOfMessage(message: ReadonlyMap<string, string>): Trade {
  const get = (name: keyof TradeMessage): string | undefined => message.get(name)
  const outTradeNo = get('out_trade_no')
  const rawTradeState = get('trade_state') ?? get('result_code')
  if (!outTradeNo) throw new FlatXmlError('out_trade_no is missing')
  if (!rawTradeState) throw new FlatXmlError('trade_state is missing')
  const totalFen = fenOf('total_fee', get('total_fee'))
  return tradeOf({
    appid: get('appid'),
    mchid: get('mch_id'),
    outTradeNo,
    transactionId: get('transaction_id'),
    tradeType: get('trade_type'),
    tradeState: tradeStateOf(rawTradeState),
    rawTradeState,
    payerOpenid: get('openid'),
    totalFen,
    payerTotalFen: fenOf('cash_fee', get('cash_fee')),
    // 标价币种: left out means CNY. Where there is no amount, there is no currency either.
    currency: get('fee_type') || (totalFen === undefined ? undefined : 'CNY'),
    attach: get('attach'),
    bankType: get('bank_type'),
    successAt: fromGmt8Digits(get('time_end') ?? ''),
  })
}

/** Whole fen as WeChat writes them: digits alone. `1e2`, `0x64`, `1.0` and `+1` are refused, not guessed at. */
export function fenOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const fen = /^(?:0|[1-9][0-9]*)$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(fen)) throw new FlatXmlError(`${name} is not a whole number of fen`)
  return fen
}
