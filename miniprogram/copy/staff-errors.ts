/** @module What staff read when a decision was refused, where the shopper's sentence would mislead. */
import type { ApiErrorCode } from '@yuanlu/contract'

/** Codes without a sentence here are said as everywhere. */
export const staffErrorCopy = {
  NOT_FOUND: '没有找到这条记录，可能已经被处理，请返回列表刷新。',
  AMOUNT_CHANGED: '申请金额有变化，刚才的操作没有生效。请核对最新金额后再决定。',
  SECOND_APPROVER_MUST_DIFFER: '您已经同意过这笔退款，还需要另一位同事同意后才会退款。',
  OWN_REQUEST: '这是您自己订单的退款，不能由您来处理，请交给其他同事。',
  REFUND_ALREADY_DECIDED: '这笔退款刚刚已经有了结果，您的操作没有生效，请查看最新状态。',
  REFUND_IN_PROGRESS: '微信支付还可能会退出这笔钱，暂时不能这样处理，请稍后刷新再看。',
  NOT_RESUBMITTABLE: '这笔退款不能这样处理，请选择其他办法，或在微信支付商户平台操作后登记。',
  REFUND_EXCEEDS_BALANCE: '退款金额超过了订单的可退金额，请核对后调整。',
  REFUND_LIMIT_REACHED: '这笔订单的退款次数已到微信支付的上限，请与买家线下协商。',
  REFUND_WINDOW_CLOSED: '订单付款已超过一年，微信支付不再支持退款，请与买家线下协商。',
  WECHAT_REFUSED: '微信支付没有受理，请核对填写的信息，或选择其他处理办法。',
  PAYMENT_UNCERTAIN: '微信支付没有给出明确的回答，请过一分钟刷新再看，先不要重复操作。',
  ORDER_NOT_PAID: '这笔订单没有收到付款，不需要退款。',
} as const satisfies Partial<Record<ApiErrorCode, string>>

/** Whether the server acted is not known: nobody should decide again before looking. */
export const staffNoAnswerCopy =
  '没有收到服务器的回答，刚才的操作可能已经生效。请先看刷新后的状态，再决定是否重试。'
