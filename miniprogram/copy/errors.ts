/** @module What a shopper reads when a call was refused: one sentence per code, saying what to do next. */
import type { ApiErrorCode } from '@yuanlu/contract'

/** A new code of the contract does not compile until its sentence is written here. */
export const errorCopy = {
  INVALID_INPUT: '有一项填写的内容不符合要求，请检查后再提交。',
  NOT_SIGNED_IN: '登录状态已过期，请返回后重新进入。',
  NOT_ALLOWED: '您的账号没有这项操作的权限，如有需要请联系店主。',
  NOT_FOUND: '没有找到相关内容，可能已下架或不在您的账号下。',
  IDEMPOTENCY_MISMATCH: '刚才的提交已经生成了订单，请到“订单”中查看，不必重复下单。',
  OUT_OF_STOCK: '有商品库存不足，请调整数量后再提交。',
  ORDER_EXPIRED: '这笔订单的支付时间已过，请重新下单。',
  ORDER_CLOSED: '订单已关闭，如仍需要请重新下单。',
  ORDER_CLOSING: '订单正在取消，请稍后刷新查看结果。',
  ORDER_ALREADY_PAID: '订单已经支付成功，无需再次付款。',
  ORDER_NOT_PAID: '订单还没有完成支付，请先付款。',
  REFUND_EXCEEDS_BALANCE: '退款金额超过了可退金额，请调整后再提交。',
  REFUND_LIMIT_REACHED: '这笔订单的退款次数已达上限，请联系商家处理。',
  REFUND_WINDOW_CLOSED: '订单已超过可退款的期限，请联系商家处理。',
  REFUND_ALREADY_DECIDED: '这笔退款已经处理过了，请刷新查看最新结果。',
  AMOUNT_CHANGED: '退款金额已有变化，请核对最新金额后再确认。',
  SECOND_APPROVER_MUST_DIFFER: '这笔退款需要另一位同事再次确认。',
  OWN_REQUEST: '不能处理自己订单的退款，请交给其他同事。',
  REFUND_IN_PROGRESS: '有退款正在处理，请等它完成后再操作。',
  NOT_RESUBMITTABLE: '这笔退款不能重新提交，请选择其他处理方式。',
  LAST_OWNER: '店铺至少要保留一位店主。',
  TOO_LARGE: '提交的内容太大，请精简后再试。',
  TOO_MANY_REQUESTS: '操作有些频繁，请稍等片刻再试。',
  INTERNAL: '服务暂时出了点问题，请稍后再试。',
  WECHAT_REFUSED: '微信支付暂时没有受理，请稍后再试。',
  UNAVAILABLE: '服务暂时繁忙，请稍后再试。',
  PAYMENT_UNCERTAIN: '正在确认支付结果，请稍候，不必重复付款。',
} as const satisfies Record<ApiErrorCode, string>
