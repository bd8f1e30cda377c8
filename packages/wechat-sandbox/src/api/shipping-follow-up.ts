/**
 * @module What shipping management offers beside the upload: lists of orders, a reminder to confirm receipt, and its settings.
 */
import type { Core } from '../core.ts'
import { isWholeNumber } from '../faults.ts'
import { isRecord } from '../json.ts'
import type { Transaction } from '../state/tables.ts'
import { paymentOf } from '../trades.ts'
import { type ApiAnswer, type ApiRequest, apiError, apiOk, badFormat, readPost } from './api-answer.ts'
import { orderStateOf } from './order-state.ts'
import { orderBody } from './shipping-orders.ts'

const MAX_PAGE = 100

/** POST get_order_list: newest payments first, a page at a time by last_index. */
export function getOrderList(core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['pay_time_range', 'order_state', 'openid', 'last_index', 'page_size'])
  if (!post.ok) return post.answer
  const { pay_time_range: range = {}, order_state: state, openid } = post.json
  const { last_index: lastIndex = '', page_size: size = MAX_PAGE } = post.json
  if (!isRecord(range)) return badFormat('pay_time_range must be an object')
  const { begin_time: begin = 0, end_time: end = Number.MAX_SAFE_INTEGER } = range
  if (!isWholeNumber(begin, 0, Number.MAX_SAFE_INTEGER) || !isWholeNumber(end, 0, Number.MAX_SAFE_INTEGER))
    return badFormat('pay_time_range holds begin_time and end_time in seconds')
  if (state !== undefined && !isWholeNumber(state, 1, 6)) return badFormat('order_state is 1 to 6')
  if (openid !== undefined && typeof openid !== 'string') return badFormat('openid must be a string')
  if (typeof lastIndex !== 'string' || !isWholeNumber(size, 1, MAX_PAGE))
    return badFormat(`last_index is a string, page_size 1 to ${MAX_PAGE}`)
  const seconds = (payment: Transaction): number => Math.floor(payment.paidAt / 1_000)
  const found = [...core.store.all('transaction')].reverse().filter((payment) => {
    const isKnown = core.clock.now() >= payment.paidAt + core.orderIngestMs
    const isInRange = seconds(payment) >= begin && seconds(payment) <= end
    const isOfState = state === undefined || orderStateOf(core, payment) === state
    return isKnown && isInRange && isOfState && (openid === undefined || payment.openid === openid)
  })
  const from = lastIndex === '' ? 0 : found.findIndex(({ transactionId }) => transactionId === lastIndex) + 1
  const page = found.slice(from, from + size)
  return apiOk({
    last_index: page.at(-1)?.transactionId ?? '',
    has_more: from + size < found.length,
    order_list: page.map((payment) => orderBody(core, payment)),
  })
}

/** POST notify_confirm_receive: the payer is reminded to confirm; once, and only while an express parcel is on its way. */
export function remindToConfirm(core: Core, request: ApiRequest): ApiAnswer {
  const { store, identity } = core
  const members = ['transaction_id', 'merchant_id', 'sub_merchant_id', 'merchant_trade_no', 'received_time']
  const post = readPost(request, members)
  if (!post.ok) return post.answer
  const { transaction_id: id, merchant_id: mchid, merchant_trade_no: outTradeNo } = post.json
  if (!isWholeNumber(post.json.received_time, 1, Number.MAX_SAFE_INTEGER))
    return badFormat('received_time must be in seconds')
  const trade = mchid === identity.mchid ? store.get('trade', String(outTradeNo)) : undefined
  const payment = id === undefined ? trade && paymentOf(store, trade) : store.get('transaction', String(id))
  if (payment === undefined) return apiError(10060001, '支付单不存在')
  const shipment = store.get('shipment', payment.transactionId)
  if (shipment === undefined || shipment.logisticsType !== 1 || orderStateOf(core, payment) !== 2)
    return apiError(10060004, '支付单处于不可提醒收货的状态')
  if (shipment.isReminded === true) return apiError(10060023, '已提醒过用户确认收货')
  store.commit([{ table: 'shipment', id: shipment.transactionId, value: { ...shipment, isReminded: true } }])
  return apiOk()
}

/** POST set_msg_jump_path: where the shipping message leads. */
export function setJumpPath(_core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['path'])
  if (!post.ok) return post.answer
  const { path } = post.json
  return typeof path === 'string' && path !== '' ? apiOk() : badFormat('path must be a string')
}

/** POST is_trade_management_confirmation_completed: it is, as for every mini-program that may take payments. */
export function isConfirmationCompleted({ identity }: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['appid'])
  if (!post.ok) return post.answer
  if (typeof post.json.appid !== 'string' || post.json.appid === '')
    return apiError(40097, 'invalid args: appid missing')
  return post.json.appid === identity.appid ? apiOk({ completed: true }) : apiError(40013, 'invalid appid')
}
