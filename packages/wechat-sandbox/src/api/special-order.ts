/**
 * @module Orders that are shipped late, or never (特殊发货报备): goods that were sold in advance, and test orders.
 */
import type { Core } from '../core.ts'
import { isWholeNumber } from '../faults.ts'
import { paymentOf } from '../trades.ts'
import { type ApiAnswer, type ApiRequest, apiError, apiOk, badFormat, readPost } from './api-answer.ts'
import { orderStateOf } from './order-state.ts'
import { findPaid } from './shipping-key.ts'

const PRESALE = 1
const TEST = 2
const DAY_MS = 86_400_000
/** 预计发货时间必须在订单支付时间的15天后，不得超过330天. */
const DELAY_MS = { least: 15 * DAY_MS, most: 330 * DAY_MS }

/**
 * POST opspecialorder. What was declared is kept, and shown by the control API; to get_order it makes no difference.
 * @see 特殊发货报备 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_opspecialorder.html (checked 2026-11-23)
 */
export function declareSpecialOrder(core: Core, request: ApiRequest): ApiAnswer {
  const { store, clock } = core
  const post = readPost(request, ['order_id', 'type', 'delay_to'])
  if (!post.ok) return post.answer
  const { order_id: number, type, delay_to: delayTo } = post.json
  if (typeof number !== 'string') return badFormat('order_id must be a string')
  if (type !== PRESALE && type !== TEST) return apiError(268546000, 'type非法')
  // A test order is never shipped: what is said of its time is left out of account.
  const dueAt = type === TEST ? null : isWholeNumber(delayTo, 1, 4_294_967_295) ? delayTo * 1_000 : undefined
  if (dueAt === undefined) return apiError(268546001, 'delay_to非法')
  const payment = findUnshipped(core, number)
  if (payment === undefined) return apiError(268546002, '账户不存在这个待发货单号')
  const waitMs = dueAt === null ? null : dueAt - payment.paidAt
  if (waitMs !== null && (waitMs < DELAY_MS.least || waitMs > DELAY_MS.most))
    return apiError(268546001, 'delay_to非法')
  const { transactionId, outTradeNo } = payment
  store.commit([
    {
      table: 'specialOrder',
      id: transactionId,
      value: { transactionId, outTradeNo, isTest: type === TEST, dueAt, declaredAt: clock.now() },
    },
  ])
  return apiOk()
}

/** By WeChat's number or the merchant's: an order that shipping management knows and that is still to be shipped. */
function findUnshipped(core: Core, number: string) {
  const { store } = core
  const trade = store.get('trade', number)
  const transactionId = (trade && paymentOf(store, trade)?.transactionId) ?? number
  const payment = findPaid(core, { type: 2, transactionId })
  return 'errcode' in payment || orderStateOf(core, payment) !== 1 ? undefined : payment
}
