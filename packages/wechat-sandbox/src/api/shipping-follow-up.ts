/**
 * @module What shipping management offers beside the upload: lists of orders, a reminder to confirm receipt, and its settings.
 */
import type { Core } from '../core.ts'
import { isWholeNumber } from '../faults.ts'
import { isRecord } from '../json.ts'
import type { Transaction } from '../state/tables.ts'
import { type ApiAnswer, type ApiRequest, apiError, apiOk, badFormat, readPost } from './api-answer.ts'
import { orderStateOf } from './order-state.ts'
import { EXPRESS } from './shipping-form.ts'
import { findByNumbers, NUMBER_MEMBERS } from './shipping-key.ts'
import { orderBody } from './shipping-orders.ts'

const MAX_PAGE = 100

/**
 * POST get_order_list: newest payments first, a page at a time by last_index.
 * @see 查询订单列表 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_getorderlist.html (checked 2026-11-23)
 */
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
  const all = [...core.store.all('transaction')].reverse()
  const last = all.findIndex(({ transactionId }) => transactionId === lastIndex)
  if (lastIndex !== '' && last === -1) return apiError(10060011, 'last_index不合法')
  const found = all.slice(last + 1).filter((payment) => {
    const isKnown = core.clock.now() >= payment.paidAt + core.orderIngestMs
    const isInRange = seconds(payment) >= begin && seconds(payment) <= end
    const isOfState = state === undefined || orderStateOf(core, payment) === state
    return isKnown && isInRange && isOfState && (openid === undefined || payment.openid === openid)
  })
  const page = found.slice(0, size)
  return apiOk({
    last_index: page.at(-1)?.transactionId ?? '',
    has_more: size < found.length,
    order_list: page.map((payment) => orderBody(core, payment)),
  })
}

/**
 * POST notify_confirm_receive: the payer is reminded to confirm; once, and only while an express parcel is on its way.
 * @see 确认收货提醒 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_notifyconfirmreceive.html (checked 2026-11-23)
 */
export function remindToConfirm(core: Core, request: ApiRequest): ApiAnswer {
  const { store } = core
  const post = readPost(request, [...NUMBER_MEMBERS, 'received_time'])
  if (!post.ok) return post.answer
  const { received_time: receivedTime } = post.json
  if (!isWholeNumber(receivedTime, 1, Number.MAX_SAFE_INTEGER))
    return badFormat('received_time must be in seconds')
  const payment = findByNumbers(core, post.json)
  if ('errcode' in payment) return payment
  const shipment = store.get('shipment', payment.transactionId)
  if (shipment === undefined || shipment.finishedAt === null || orderStateOf(core, payment) !== 2)
    return apiError(10060028, '支付单不是已发货状态')
  if (shipment.logisticsType !== EXPRESS) return apiError(10060032, '只有物流快递发货时允许提醒用户确认收货')
  if (receivedTime < Math.floor(shipment.finishedAt / 1_000)) return apiError(10060029, '签收时间非法')
  if (shipment.isReminded === true) return apiError(10060030, '支付单已使用提醒收货机会')
  store.commit([{ table: 'shipment', id: shipment.transactionId, value: { ...shipment, isReminded: true } }])
  return apiOk()
}

/**
 * POST set_msg_jump_path: where the shipping message leads.
 * @see 消息跳转路径设置 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_setmsgjumppath.html (checked 2026-11-23)
 */
export function setJumpPath(_core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['path'])
  if (!post.ok) return post.answer
  const { path } = post.json
  return typeof path === 'string' && path !== '' ? apiOk() : badFormat('path must be a string')
}

/**
 * POST is_trade_management_confirmation_completed: it is, as for every mini-program that may take payments.
 * @see 查询小程序是否已完成交易结算管理确认 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_istrademanagementconfirmationcompleted.html (checked 2026-11-23)
 */
export function isConfirmationCompleted({ identity }: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['appid'])
  if (!post.ok) return post.answer
  if (typeof post.json.appid !== 'string' || post.json.appid === '')
    return apiError(40097, 'invalid args: appid missing')
  return post.json.appid === identity.appid ? apiOk({ completed: true }) : apiError(40013, 'invalid appid')
}
