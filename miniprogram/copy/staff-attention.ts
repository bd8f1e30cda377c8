/** @module What needs a person, in the staff's words: what happened and the way out. */
import type { AttentionKind } from '@yuanlu/contract'

export const staffAttentionKindCopy = {
  paidAfterClose: {
    title: '订单关闭后收到付款',
    way: '系统会自动把钱原路退回，退回后这条提醒自动消失。可以打开退款查看进度。',
  },
  duplicatePayment: {
    title: '同一订单付了两次',
    way: '系统会自动退回多付的一笔，退回后这条提醒自动消失。可以打开退款查看进度。',
  },
  amountMismatch: {
    title: '付款金额与订单不一致',
    way: '请核对订单后决定：接受这笔付款，或把钱退回给付款人。',
  },
  payerMismatch: {
    title: '付款人与下单人不一致',
    way: '请核对订单后决定：接受这笔付款，或把钱退回给付款人。',
  },
  unknownTrade: {
    title: '收到一笔找不到订单的付款',
    way: '请在微信支付商户平台核对这笔交易，处理后登记说明。',
  },
  refundAbnormal: {
    title: '退款异常，买家账户收不了款',
    way: '请打开退款，改退到银行卡，或线下退款后登记。',
  },
  refundClosed: { title: '退款被微信支付关闭', way: '请打开退款，重新提交，或选择其他处理办法。' },
  refundFailed: { title: '退款被微信支付拒绝', way: '请打开退款查看原因，重新提交，或选择其他处理办法。' },
  refundUnknownTooLong: {
    // Either its answer is missing, or it could not be sent yet: the refund's page says which.
    title: '退款迟迟没有结果',
    way: '系统会继续提交和核对。请打开退款查看，或在微信支付商户平台查询，结果明确前不要用其他方式重复退款。',
  },
  notEnoughBalance: {
    title: '商户账户余额不足，退款未发出',
    way: '请先给商户账户充值，再打开退款重新提交；系统也会每 6 小时自动重试。',
  },
  accountAbnormal: { title: '买家账户异常，只能线下退款', way: '请联系买家线下退款，再打开退款登记凭证。' },
  shippingUploadFailed: {
    title: '发货信息没有上传成功',
    way: '请在微信公众平台补录发货信息，处理后登记说明。',
  },
  reconciliationDifference: { title: '对账有差异', way: '请核对账单，处理后登记说明。' },
} as const satisfies Record<AttentionKind, { title: string; way: string }>

export const staffAttentionCopy = {
  emptyTitle: '没有需要处理的事',
  emptyHint: '一切正常，下拉可以刷新。',
  since: (time: string): string => `始于 ${time}`,
  order: '订单',
  refund: '退款',
  /** For what has neither: the server's own note is all there is to go by. */
  record: '系统记录',
  separator: '，',
  due: '应付',
  paid: '实收',
  difference: '差额',
  tooLittle: (amount: string): string => `少付 ${amount}`,
  tooMuch: (amount: string): string => `多付 ${amount}`,
  openRefund: '查看退款',
  openOrder: '查看订单',
  note: '登记说明',
  accept: '接受这笔付款',
  refundIt: '退回这笔钱',
  field: '说明（必填）',
  placeholder: '例如：核对了什么、怎样处理的',
  needNote: '请填写说明，方便以后查账。',
  resolved: '已处理',
} as const

export const staffResolveCopy = {
  note: {
    title: '登记为已处理？',
    warning: '登记后这条提醒不再显示，款项不会因此变动。',
    confirm: '登记为已处理',
  },
  accept: {
    title: '接受这笔付款？',
    warning: '这笔钱会算作订单的付款，订单按实际收到的金额变为已支付，可以发货。',
    confirm: '确认接受付款',
  },
  refund: {
    title: '退回这笔钱？',
    warning: '收到的钱会全部原路退回给付款人，订单不会变为已支付。确认后不能撤回。',
    confirm: '确认退回',
  },
} as const
