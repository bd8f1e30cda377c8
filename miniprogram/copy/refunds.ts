/** @module The words of the refund list and of one refund. */

export const refundsCopy = {
  emptyTitle: '没有退款记录',
  emptyHint: '需要退款时，可以在订单详情里申请。',
  end: '没有更多退款了',
  loadingMore: '正在加载更多',
  moreFailed: '没有加载出来，点这里再试一次',
  amount: '退款金额',
  byAmount: '按金额退款',
} as const

export const refundCopy = {
  notFoundTitle: '没有找到这笔退款',
  notFoundHint: '它可能不在当前账号下，请到“退款/售后”里查看。',
  toRefunds: '查看退款',
  amount: '退款金额',
  progress: '退款进度',
  items: '退款商品',
  facts: '退款信息',
  refundId: '退款编号',
  wxRefundId: '微信退款单号',
  orderId: '订单编号',
  kind: '退款类型',
  scope: '退款范围',
  byAmount: '按金额',
  reason: '退款原因',
  description: '补充说明',
  requestedAt: '申请时间',
  shopWords: '商家的说明',
  proof: '商家登记的退款凭证',
  origin: { shopper: '', staff: '由商家发起', system: '' },
  originLabel: '发起方式',
  viewOrder: '查看订单',
  withdraw: '撤销申请',
  askAgain: '再次申请',
  withdrawTitle: '撤销这次退款申请？',
  withdrawContent: '撤销后商家不会再处理这次申请。如仍需要退款，可以再次申请。',
  withdrawConfirm: '撤销申请',
  withdrawKeep: '先不撤销',
  withdrawn: '申请已撤销',
  returnTitle: '寄回商品',
  returnAddress: '寄回地址',
  returnBy: (time: string): string =>
    `请在 ${time} 前寄出，并在下面填写运单号。过期没有填写，申请会自动撤销。`,
  returnSoon: '寄出后请尽快在下面填写运单号。',
  returnSlip: (orderId: string): string =>
    `请在包裹里放一张纸条，写上订单编号 ${orderId}，商家收到后才能找到这笔退款。`,
  /** The shop named no address. */
  returnAsk: '商家没有留下寄回地址。请先联系商家问清地址，再寄出商品。',
  returnUnread: '暂时没能读到寄回地址，下拉刷新可以再试一次。',
  carrier: '快递公司',
  carrierPlaceholder: '例如：顺丰速运',
  trackingNo: '运单号',
  trackingNoPlaceholder: '在快递单或短信里可以找到',
  send: '提交物流信息',
  sendTitle: '确认物流信息？',
  sendContent: (carrier: string, trackingNo: string): string => `${carrier} ${trackingNo}，提交后不能修改。`,
  sendConfirm: '提交',
  sendKeep: '再看看',
  sent: '物流信息已提交',
  sendProblem: {
    carrier: '请填写快递公司，最多 60 个字。',
    trackingNo: '请填写运单号，最多 60 个字。',
  },
} as const

/** A refund as one line of its order. */
export const orderRefundsCopy = {
  title: '退款',
  refunded: '已退款',
  refundable: '还可退',
  ask: '申请退款',
} as const

/** An order whose money went back keeps its status, and says both. */
export const fullyRefundedCopy = {
  paid: { title: '已支付，已全额退款', expectation: '这笔订单已全额退款，商家不会再发货。' },
  shipped: { title: '已发货，已全额退款', expectation: '这笔订单已全额退款。' },
  completed: { title: '已完成，已全额退款', expectation: '这笔订单已全额退款。' },
} as const

/** Nothing is shipped while a refund is open. */
export const refundOpenCopy = '有一笔退款正在处理，处理完之前商家不会发货。'
