/** @module Turns a trade with undefined members into one without them. */
import type { Trade } from './trade.ts'

/** Every member named, so that none is forgotten; those that WeChat left out are undefined. */
export type TradeDraft = { readonly [K in keyof Required<Trade>]: Trade[K] | undefined } & Pick<
  Trade,
  'outTradeNo' | 'tradeState' | 'rawTradeState'
>

/** Leaves out what is undefined or empty text: `''` is how WeChat writes "nothing". */
export function tradeOf(draft: TradeDraft): Trade {
  const { outTradeNo, tradeState, rawTradeState, ...optional } = draft
  const present = Object.entries(optional).filter(([, value]) => value !== undefined && value !== '')
  return { ...Object.fromEntries(present), outTradeNo, tradeState, rawTradeState }
}
