/** @module The words of the staff's order list, of one order, and of a refund without a request. */

export const staffOrdersCopy = {
  separator: '、',
  fullyRefunded: '已全额退款',
  emptyTitle: '没有订单',
  emptyHint: '下拉可以刷新。',
  notFoundTitle: '没有找到相符的订单',
  notFoundHint: '请核对单号是否完整，或切换到“全部”再找。',
  refunded: (amount: string): string => `已退 ${amount}`,
  onItsWay: (amount: string): string => `退款中 ${amount}`,
} as const

export const staffOrderCopy = {
  notFoundTitle: '没有找到这笔订单',
  notFoundHint: '请返回列表，刷新后再看。',
  lines: '商品清单',
  goodsAmount: '商品金额',
  remark: '买家备注',
  facts: '订单信息',
  refunds: '退款记录',
  noRefunds: '还没有退款',
  refund: '主动退款',
  nothingToRefund: '没有可退的金额。',
  title: '主动退款',
  warning: '没有买家申请，由您直接退款。款项原路退回买家，确认后不能撤回。',
  refundable: '可退金额',
  amount: '退款金额（元）',
  amountPlaceholder: '最多可退的金额',
  reason: '退款原因（必填，买家可见）',
  reasonPlaceholder: '例如：缺货，与买家协商退款',
  confirm: '核对无误，下一步',
  askTitle: '确认退款？',
  ask: (order: string, person: string, amount: string): string =>
    `订单 ${order}，${person}，退款 ${amount}。款项将原路退回，不能撤回。`,
  askConfirm: '确认退款',
  needAmount: '请填写金额，例如 12.50。',
  tooMuch: (amount: string): string => `最多可退 ${amount}，请调整金额。`,
  needReason: '请填写退款原因，最多 80 个字。',
  nobody: '未填写收货人',
} as const
