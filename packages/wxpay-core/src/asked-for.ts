/** @module An answer must be about what was asked for: that order, that trade, that refund. */
import { malformedAs, mismatch } from './answer-errors.ts'
import { assertMember } from './checks.ts'
import type { WxpayErrorDetails } from './errors.ts'
import type { RefundReport } from './refund.ts'
import { isAbout } from './refund-draft.ts'
import type { Trade } from './trade.ts'

/** The id of an order, in the form that the phone is given. */
export function prepayIdIn(facts: WxpayErrorDetails, read: () => string): { readonly prepayId: string } {
  return malformedAs(facts, () => {
    const prepayId = read()
    assertMember('prepayId', prepayId)
    return { prepayId }
  })
}

/** The trade that bears the number; `isOurs` says whether it is one of this app and merchant. */
export function tradeIn(
  facts: WxpayErrorDetails,
  by: 'outTradeNo' | 'transactionId',
  number: string,
  read: () => Trade,
  isOurs: (trade: Trade) => boolean = () => true,
): Trade {
  const trade = malformedAs(facts, read)
  if (trade[by] !== number || !isOurs(trade)) throw mismatch('trade', facts)
  return trade
}

/** The refund with the numbers and amounts that were asked for. */
export function refundIn(
  facts: WxpayErrorDetails,
  asked: Parameters<typeof isAbout>[1],
  read: () => RefundReport | null,
): RefundReport {
  const report = malformedAs(facts, read)
  if (report === null || !isAbout(report, asked)) throw mismatch('refund', facts)
  return report
}
