/** @module The words of the refund application. */

export const refundApplyCopy = {
  advice: '退款不需要付款码、截图或链接，钱会原路退回您付款的账户。',
  notFoundTitle: '没有找到这笔订单',
  notFoundHint: '它可能不在当前账号下，请到“订单”里查看。',
  cannotTitle: '现在不能申请退款',
  toOrder: '查看订单',
  lines: '商品',
  kindTitle: '退款类型',
  receivedTitle: '是否收到商品',
  received: '已收到货',
  notReceived: '未收到货',
  reasonTitle: '退款原因',
  chooseReason: '请选择',
  close: '关闭',
  amountTitle: '退款金额',
  yuan: '元',
  yuanPlaceholder: '请输入金额',
  piecesOf: (title: string): string => `${title} 的退款数量`,
  leftOf: (left: number, bought: number): string =>
    left === bought ? `可退 ${left} 件` : `可退 ${left} 件（共 ${bought} 件）`,
  cap: (amount: string): string => `最多可退 ${amount}`,
  claimed: '有商品已在其他退款里，这里不再列出。',
  description: '补充说明',
  descriptionPlaceholder: '可以写下具体情况，方便商家更快处理（选填）',
  asked: '退款金额',
  submit: '提交申请',
  submitting: '正在提交',
  confirmTitle: '提交退款申请？',
  confirm: (amount: string, kind: string): string =>
    `${kind}，退款金额 ${amount}。商家同意后，钱会原路退回您付款的账户。`,
  confirmYes: '提交申请',
  confirmNo: '再看看',
  submitted: '申请已提交',
  /** The answer was lost: the request may have arrived. */
  perhapsSent: '网络不太顺畅，还不确定申请有没有提交成功。请再提交一次，不会重复申请。',
  exceeds: (amount: string): string => `可退金额有变化，现在最多可退 ${amount}，请核对后再提交。`,
  nothingLeft: '这笔订单的钱已经全部退回，或正在其他退款里处理。',
} as const

export const refundKindCopy = {
  refundOnly: {
    name: '仅退款',
    beforeShipping: '商品还没有发货，直接退款',
    hint: '没收到货，或与商家协商不用退货',
  },
  returnAndRefund: { name: '退货退款', hint: '已收到货，需要把商品寄回商家' },
} as const

export const refundScopeCopy = {
  whole: '全部退款',
  items: '按商品退',
  amount: '按金额退',
} as const

export const refundReasonCopy = {
  beforeShipping: ['不想要了', '拍错了或多拍了', '收货信息填错了', '发货太慢', '与商家协商一致', '其他原因'],
  notReceived: [
    '快递一直没有送到',
    '物流没有更新',
    '收到空包裹',
    '货物破损已拒签',
    '不想要了',
    '与商家协商一致',
    '其他原因',
  ],
  received: [
    '商品与描述不符',
    '质量问题',
    '少件或漏发',
    '包装破损、污渍或变形',
    '商家发错货',
    '发货太慢',
    '物流太慢',
    '不喜欢或不合适',
    '与商家协商一致',
    '其他原因',
  ],
} as const

/** Whether the goods arrived has no field of its own: staff read it before the reason. */
export const statedReasonCopy = (received: boolean, reason: string): string =>
  `${received ? refundApplyCopy.received : refundApplyCopy.notReceived}，${reason}`

export const refundApplyProblemCopy = {
  kind: '请选择退款类型',
  received: '请选择是否收到商品',
  reason: '请选择退款原因',
  pieces: '请选择要退的商品数量',
  amountMissing: '请输入退款金额',
  amountOdd: '请输入正确的金额，最多两位小数',
  amountZero: '退款金额要大于 0 元',
  description: '补充说明最多 200 个字',
} as const

/** Why an order can't be refunded by its shopper now. */
export const cannotRefundCopy = {
  notPaid: '这笔订单还没有付款，不需要退款。',
  nothingLeft: refundApplyCopy.nothingLeft,
  windowClosed: '付款已超过 365 天，微信支付不能再原路退回。如有需要，请联系商家。',
  limitReached: '这笔订单的退款次数已达上限，如有需要，请联系商家。',
} as const
