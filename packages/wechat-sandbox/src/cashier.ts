/**
 * @module The payer's side of wx.requestPayment: checks paySign as the client does, shows the sheet, moves the money.
 */
import { createVerify } from 'node:crypto'
import type { Core } from './core.ts'
import type { JsonRecord } from './json.ts'
import type { Write } from './state/store.ts'
import type { Prepay, Trade, Transaction } from './state/tables.ts'
import { pay, payability, stateOf, type TradeState } from './trades.ts'
import { sameText, signV2 } from './v2/signature.ts'

export interface PaymentSheet {
  readonly errMsg: string
  readonly payee?: string
  readonly description?: string
  readonly amountFen?: number
  readonly currency?: string
  readonly outTradeNo?: string
  readonly state?: TradeState
}

export type CashierAction = 'pay' | 'cancel' | 'fail'

export const PAYEE = '沙箱商户'
const OK = 'requestPayment:ok'
const fail = (why: string): string => `requestPayment:fail ${why}`

const MEMBERS = ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign'] as const

/** What the payment sheet would show; an errMsg other than ok means the client refuses to open it. */
export function openCashier(core: Core, parameters: JsonRecord, openid: string): PaymentSheet {
  const found = findPayment(core, parameters, openid)
  if ('errMsg' in found) return found
  const { trade, prepay } = found
  const now = core.clock.now()
  const refusal = refusalOf(core, trade, prepay)
  return {
    errMsg: refusal ?? OK,
    payee: PAYEE,
    description: trade.description,
    amountFen: trade.amountFen,
    currency: trade.currency,
    outTradeNo: trade.outTradeNo,
    state: stateOf(core.store, trade, now),
  }
}

/** What wx.requestPayment reports after the payer did `action`. */
export function actAtCashier(
  core: Core,
  parameters: JsonRecord,
  openid: string,
  action: CashierAction,
  notify: (trade: Trade, transaction: Transaction) => Write[],
): { errMsg: string } {
  const found = findPayment(core, parameters, openid)
  if ('errMsg' in found) return found
  const { trade, prepay } = found
  let refusal = refusalOf(core, trade, prepay)
  if (refusal !== undefined && action === 'pay' && forgives(core, trade, prepay)) refusal = undefined
  if (refusal !== undefined) return { errMsg: refusal }
  if (action === 'cancel') return { errMsg: fail('cancel') }
  if (action === 'fail') return { errMsg: fail('支付失败，请更换支付方式') }
  const wrongAmount = takeFault(core, 'wrong-amount', trade)
  const paid = pay(core, trade, wrongAmount, notify)
  if (paid.kind === 'not-enough') return { errMsg: fail('余额不足') }
  core.log('trade.paid', { outTradeNo: trade.outTradeNo, paidFen: paid.transaction.paidFen })
  return { errMsg: OK }
}

function refusalOf({ store, clock }: Core, trade: Trade, prepay: Prepay): string | undefined {
  switch (payability(store, trade, prepay, clock.now())) {
    case 'payable':
      return undefined
    case 'paid':
      return fail('该订单已支付')
    case 'closed':
      return fail('订单已关闭')
    case 'expired':
      return fail('订单已过期，请重新下单')
    case 'prepay-expired':
      return fail('prepay_id已过期')
  }
}

// Two of WeChat's own mistakes can be ordered: taking money for a closed order, or twice for one.
function forgives(core: Core, trade: Trade, prepay: Prepay): boolean {
  switch (payability(core.store, trade, prepay, core.clock.now())) {
    case 'closed':
    case 'expired':
      return takeFault(core, 'pay-after-close', trade) !== undefined
    case 'paid':
      return takeFault(core, 'second-payment', trade) !== undefined
    default:
      return false
  }
}

function takeFault(core: Core, name: 'wrong-amount' | 'pay-after-close' | 'second-payment', trade: Trade) {
  return core.faults.take('cashier', { outTradeNo: trade.outTradeNo }, name)
}

function findPayment(
  core: Core,
  parameters: JsonRecord,
  openid: string,
): { trade: Trade; prepay: Prepay } | { errMsg: string } {
  const texts = new Map<string, string>()
  for (const name of MEMBERS) {
    const value = parameters[name]
    if (typeof value !== 'string') {
      return {
        errMsg: fail(`parameter error: parameter.${name} should be String instead of ${kindOf(value)};`),
      }
    }
    texts.set(name, value)
  }
  const text = (name: (typeof MEMBERS)[number]): string => texts.get(name) ?? ''
  const prepayId = /^prepay_id=(.+)$/.exec(text('package'))?.[1]
  const prepay = prepayId === undefined ? undefined : core.store.get('prepay', prepayId)
  const trade = prepay && core.store.get('trade', prepay.outTradeNo)
  const isGenuine = /^\d{1,12}$/.test(text('timeStamp')) && isSignedByMerchant(core, text, trade)
  if (!isGenuine) return { errMsg: fail('支付验证签名失败') }
  if (prepay === undefined || trade === undefined) return { errMsg: fail('prepay_id无效') }
  if (trade.openid !== openid) return { errMsg: fail('当前支付用户与下单用户不一致') }
  return { trade, prepay }
}

// The client's check comes before WeChat looks at the order, but its algorithm is the order's when there is one.
function isSignedByMerchant(
  core: Core,
  text: (name: (typeof MEMBERS)[number]) => string,
  trade: Trade | undefined,
): boolean {
  const { identity } = core
  const signType = text('signType')
  const expected = trade === undefined ? signType : (trade.signType ?? 'RSA')
  if (signType !== expected) return false
  if (signType === 'RSA') {
    const message = `${identity.appid}\n${text('timeStamp')}\n${text('nonceStr')}\n${text('package')}\n`
    return createVerify('RSA-SHA256')
      .update(message)
      .verify(identity.merchantPublicKey, text('paySign'), 'base64')
  }
  if (signType !== 'MD5' && signType !== 'HMAC-SHA256') return false
  const members: [string, string][] = [
    ['appId', identity.appid],
    ['timeStamp', text('timeStamp')],
    ['nonceStr', text('nonceStr')],
    ['package', text('package')],
    ['signType', signType],
  ]
  return sameText(text('paySign'), signV2(members, identity.v2Key, signType))
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'Undefined'
  if (value === null) return 'Null'
  return Array.isArray(value)
    ? 'Array'
    : `${(typeof value).charAt(0).toUpperCase()}${(typeof value).slice(1)}`
}
