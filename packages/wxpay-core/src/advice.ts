/** @module What WeChat says to do after each error: the one table that decides about repeating a call. */
import { WxpayError, type WxpayErrorCode, type WxpayOutcome } from './errors.ts'

/**
 * - `repeat`: the same call with the same number and the same members, after a short wait.
 * - `slowDown`: the same, after a longer wait.
 * - `askFirst`: money may be on its way. Query this number; only when it is not known, the same call again.
 * - `never`: repeating cannot help. Somebody has to mend something, add money, or decide.
 */
export type Advice = 'repeat' | 'slowDown' | 'askFirst' | 'never'

/**
 * What kind of call failed. `read`: queries and bills. `order`: `prepay` and `close`, which WeChat lets be repeated under
 * their number. `refund`: `refund` and `applyAbnormalRefund`, which move money.
 */
export type CallKind = 'read' | 'order' | 'refund'

type Row = Readonly<Record<CallKind, Advice>>

const row = (advice: Advice, refund = advice): Row => ({ read: advice, order: advice, refund })

// 申请退款 最佳实践 (https://pay.weixin.qq.com/doc/v3/merchant/4014959631): whatever is not 200 is asked about first, then
// sent again under the same number; 支付 (…/4012075249): SYSTEM_ERROR, same parameters. v2's tables of error codes say the
// same of SYSTEMERROR and BIZERR_NEED_RETRY. Checked 2026-11.
const advices: Readonly<Record<WxpayOutcome, Row>> = {
  'not-sent': row('never'),
  rejected: row('never'),
  // An answer that cannot be believed is among them: a probe may be behind it, so the next one may be good.
  unknown: row('repeat', 'askFirst'),
}

/** An answer that is not WeChat's, or not about us, or an error that is not ours: to repeat would say the same again. */
const dubious = row('never', 'askFirst')

/** Codes of which more is known than their outcome. */
const exceptions: Readonly<Partial<Record<WxpayErrorCode, Row>>> = {
  ERR_WXPAY_CONNECT: row('repeat'),
  ERR_WXPAY_HELD_BACK: row('slowDown'),
  ERR_WXPAY_RATE_LIMITED: row('slowDown', 'askFirst'),
  ERR_WXPAY_ANSWER_TOO_LARGE: dubious,
  ERR_WXPAY_ANSWER_MISMATCH: dubious,
  ERR_WXPAY_REDIRECTED: dubious,
}

/**
 * What to do after an error of a call. An error that is no `WxpayError` is `never`, after a refund `askFirst`. `NOT_ENOUGH` is `never`: after money was added the same call is right, but nobody
 * can wait for that.
 *
 * @example
 * ```ts
 * import { adviceOn, type WxpayClient } from 'wxpay-core'
 *
 * export async function isThere(wxpay: WxpayClient, outTradeNo: string): Promise<boolean | 'later'> {
 *   try {
 *     return (await wxpay.queryByOutTradeNo(outTradeNo)) !== null
 *   } catch (error) {
 *     if (adviceOn(error, 'read') === 'never') throw error
 *     return 'later'
 *   }
 * }
 * ```
 */
export function adviceOn(error: unknown, kind: CallKind): Advice {
  // Nobody knows what an error of others stands for.
  if (!(error instanceof WxpayError)) return dubious[kind]
  const { code, outcome }: WxpayError = error
  return (exceptions[code] ?? advices[outcome])[kind]
}
