/**
 * @module The calls of api.weixin.qq.com: which path is which, and which of them need an access token.
 */
import type { Core } from '../core.ts'
import { type ApiAnswer, type ApiRequest, apiError, refuseToken } from './api-answer.ts'
import { codeToSession } from './code2session.ts'
import { plainToken } from './plain-token.ts'
import { uploadCombinedShippingInfo, uploadShippingInfo } from './shipping.ts'
import { getOrderList, isConfirmationCompleted, remindToConfirm, setJumpPath } from './shipping-follow-up.ts'
import { getOrder, isTradeManaged } from './shipping-orders.ts'
import { declareSpecialOrder } from './special-order.ts'
import { stableToken } from './stable-token.ts'
import { sendMessage } from './subscribe-message.ts'

type Call = (core: Core, request: ApiRequest) => ApiAnswer

const withToken =
  (call: Call): Call =>
  (core, request) =>
    refuseToken(core, request) ?? call(core, request)

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['/sns/jscode2session', (core, { method, query }) => codeToSession(core, method, query)],
  ['/cgi-bin/stable_token', stableToken],
  ['/cgi-bin/token', plainToken],
  ['/cgi-bin/message/subscribe/send', withToken(sendMessage)],
  ['/wxa/sec/order/upload_shipping_info', withToken(uploadShippingInfo)],
  ['/wxa/sec/order/upload_combined_shipping_info', withToken(uploadCombinedShippingInfo)],
  ['/wxa/sec/order/opspecialorder', withToken(declareSpecialOrder)],
  ['/wxa/sec/order/get_order', withToken(getOrder)],
  ['/wxa/sec/order/get_order_list', withToken(getOrderList)],
  ['/wxa/sec/order/notify_confirm_receive', withToken(remindToConfirm)],
  ['/wxa/sec/order/set_msg_jump_path', withToken(setJumpPath)],
  ['/wxa/sec/order/is_trade_managed', withToken(isTradeManaged)],
  ['/wxa/sec/order/is_trade_management_confirmation_completed', withToken(isConfirmationCompleted)],
])

export function isApiPath(path: string): boolean {
  return CALLS.has(path)
}

export function answerApi(core: Core, request: ApiRequest): ApiAnswer {
  return CALLS.get(request.path)?.(core, request) ?? apiError(-1, 'system error')
}
