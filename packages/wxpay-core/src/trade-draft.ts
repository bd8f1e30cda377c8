/** @module Turns a trade with undefined members into one without them. */
import { presentOf } from './present.ts'
import type { Trade } from './trade.ts'

/** Every member named, so that none is forgotten; those that WeChat left out are undefined. */
export type TradeDraft = { readonly [K in keyof Required<Trade>]: Trade[K] | undefined } & Pick<
  Trade,
  'outTradeNo' | 'tradeState' | 'rawTradeState'
>

/** Leaves out what is undefined or empty text. */
export const tradeOf: (draft: TradeDraft) => Trade = presentOf
