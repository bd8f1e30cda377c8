/** @module The words of the decision page: facts, ways to act, what each of them does to the money. */

export const staffRefundCopy = {
  notFoundTitle: '没有找到这笔退款',
  notFoundHint: '请返回列表，刷新后再看。',
  amounts: '金额',
  paid: '已付',
  refunded: '已退',
  onItsWay: '退款中',
  refundable: '可退',
  asked: '本次申请',
  /** The own amount of an undecided or unfinished refund is part of no other. */
  amountsHint: '已付 = 已退 + 退款中 + 可退 + 本次申请',
  request: '申请内容',
  kind: '类型',
  origin: '来源',
  reason: '原因',
  description: '说明',
  items: '退款商品',
  wholeOrder: '未指定商品',
  applicant: '申请人',
  requestedAt: '申请时间',
  rejectReason: '拒绝原因',
  approvals: '已同意',
  goods: '订单商品',
  delivery: '收货信息',
  notShipped: '尚未发货',
  shipment: '物流',
  returnShipment: '退货物流',
  order: '订单',
  orderId: '订单编号',
  transactionId: '微信支付单号',
  viewOrder: '查看订单',
  money: '退款单据',
  outRefundNo: '商户退款单号',
  wxRefundId: '微信退款单号',
  attempts: '提交次数',
  nextAttemptAt: '下次尝试',
  moneyStatus: '微信支付',
  reasonCode: '原因',
  earlier: '这笔订单的其他退款',
  timeline: '处理记录',
  ways: '处理办法',
  next: '接下来怎么做',
  noWays: '系统正在核对，暂时不需要您操作。下拉可以刷新。',
} as const

/** Every event that a refund's timeline may hold. */
export const staffEventCopy: Readonly<Record<string, string>> = {
  requested: '提交退款申请',
  firstApproval: '第一位审批人同意',
  approved: '同意退款',
  approvedForReturn: '同意退货退款',
  rejected: '拒绝申请',
  withdrawn: '撤回申请',
  goodsSent: '寄出退货',
  goodsReceived: '确认收到退货',
  succeeded: '款项已退回',
  stuck: '退款遇到问题',
  resumed: '继续退款',
  startedElsewhere: '在微信支付商户平台发起',
  sentToMerchantCard: '款项退到商户自己的银行卡',
  offline: '登记线下已退',
  abandoned: '放弃退款',
}

export const staffUnknownEventCopy = '状态有更新'

export const staffActionCopy = {
  approve: { text: '同意退款', hint: '' },
  reject: { text: '拒绝', hint: '' },
  receive: { text: '确认收到退货', hint: '' },
  resubmit: { text: '重新提交', hint: '再次提交微信支付，钱仍原路退回买家，不会退两次。' },
  toUserCard: {
    text: '退到买家银行卡',
    hint: '填写买家本人的储蓄卡，由微信支付把钱打到这张卡，店铺不用垫付。',
  },
  toMerchantCard: {
    text: '退到商户银行卡',
    hint: '钱回到店铺自己的银行卡，买家不会自动收到：您要另外转给买家并登记凭证，登记前这笔退款一直未完成。',
  },
  offline: { text: '登记线下已退', hint: '您已经用转账等方式把钱退给买家：登记凭证后完结，买家能看到凭证。' },
  abandon: {
    text: '放弃退款',
    hint: '不再退这笔钱，金额恢复为可退，买家可以再次申请。微信支付确认没有退出时才能放弃。',
  },
} as const

/** What is left to do once WeChat Pay sends the money to the shop's own card. */
export const merchantCardStepsCopy = {
  arriving: '等钱到达店铺的银行卡，进度可在微信支付商户平台查看。',
  arrived: '钱已经退到店铺的银行卡。',
  pay: (amount: string): string => `把 ${amount} 转给买家，并保留转账记录。`,
  record: '回到这里点“登记线下已退”，填写转账时间、方式和流水号，这笔退款才算完成。',
} as const

export const staffAlreadyApprovedCopy = '您已经同意，正在等待另一位同事审批。'
export const approveReturnCopy = '同意退货'

export const staffSheetCopy = {
  order: '订单',
  person: '买家',
  amount: '退款金额',
  approve: {
    title: '同意这笔退款？',
    warning: '确认后款项将原路退回买家，不能撤回。',
    returnWarning: '确认后买家可以寄回商品，您确认收到退货后才会退款。',
    secondWarning: '您是第二位审批人，确认后款项将原路退回买家，不能撤回。',
    confirm: (amount: string): string => `确认退款 ${amount}`,
    confirmReturn: (amount: string): string => `确认同意退货，应退 ${amount}`,
    field: '备注（选填，只有店员看得到）',
    placeholder: '例如：已与买家电话确认',
  },
  reject: {
    title: '拒绝这笔退款？',
    warning: '买家会看到您填写的原因，并可以再次申请。',
    confirm: '确认拒绝',
    field: '拒绝原因（必填，买家可见）',
    placeholder: '请说明原因和建议，方便买家理解',
    reasons: [
      '商品已发出，请收到后再申请退货',
      '与买家协商一致，不再退款',
      '请补充说明后重新申请',
      '金额有误，请修改后重新申请',
    ],
  },
  receive: {
    title: '确认已收到退货？',
    warning: '确认后款项将立即原路退回买家，不能撤回。请先检查退回的商品。',
    confirm: (amount: string): string => `已收到，退款 ${amount}`,
  },
  resubmit: {
    title: '重新提交这笔退款？',
    sameNumber: '将用原来的退款单号再次提交，微信支付按单号识别，不会重复退款。',
    newNumber: '原退款单已确认关闭、款项没有退出，将用新的退款单号提交，款项原路退回买家。',
    confirm: (amount: string): string => `重新提交 ${amount}`,
  },
  toUserCard: {
    title: '退到买家的银行卡',
    warning: '微信支付会把钱打到这张卡，而不是原来的支付账户。请与买家本人核对，信息有误会导致退款失败。',
    confirm: '核对无误，下一步',
    bank: '开户银行',
    chooseBank: '请选择银行',
    account: '银行卡号',
    accountPlaceholder: '买家的储蓄卡号',
    name: '持卡人',
    namePlaceholder: '与银行预留姓名一致',
    askTitle: '确认退到这张卡？',
    ask: (amount: string, bank: string, tail: string, name: string): string =>
      `${amount} 将退到 ${name} 的${bank}卡，尾号 ${tail}。提交后不能更改。`,
    askConfirm: '确认退款',
  },
  toMerchantCard: {
    title: '退到商户的银行卡？',
    warning:
      '钱会回到店铺自己的银行卡，买家不会自动收到。之后要由您把钱转给买家，再回到这里“登记线下已退”；登记之前，这笔退款一直显示“遇到问题”。',
    confirm: (amount: string): string => `${amount} 退到商户卡`,
  },
  offline: {
    title: '登记线下已退？',
    warning: '登记后这笔退款即告完结，系统不会再退款。请确认买家已经收到钱。',
    confirm: (amount: string): string => `已线下退 ${amount}，登记`,
    field: '退款凭证（必填，买家可见）',
    placeholder: '例如：转账时间、方式、流水号',
  },
  abandon: {
    title: '放弃这笔退款？',
    warning: '买家不会收到这笔钱，金额恢复为可退，可以重新发起退款。',
    confirm: '确认放弃',
    field: '放弃原因（必填，买家可见）',
    placeholder: '例如：买家同意换货',
  },
} as const

/** The first thing to mend before a decision can be sent. */
export const staffSheetProblemCopy = {
  reject: '请填写拒绝原因，让买家知道为什么。',
  offline: '请填写线下退款的凭证。',
  abandon: '请填写放弃的原因。',
  bank: '请选择开户银行。',
  account: '请填写正确的银行卡号，8 到 32 位数字。',
  name: '请填写持卡人姓名，最多 60 个字。',
} as const

/** What became of a decision, from the refund as it now is. */
export const staffOutcomeCopy = {
  secondNeeded: '已记录您的同意，待第二人审批',
  awaitingReturn: '已同意，等待买家退货',
  refunding: '已提交，款项正在退回',
  refunded: '款项已退回买家',
  problem: '退款遇到问题，请看处理办法',
  merchantCard: '已提交，请线下退给买家后登记',
  rejected: '已拒绝，原因已告知买家',
  abandoned: '已放弃，金额恢复为可退',
  requested: '已提交，等待审批',
} as const

/** 开户银行 of a debit card, under WeChat Pay's names: the fifteen that 异常退款 pays out to (its page, read 2026-11). */
export const staffBanks = [
  { bankType: 'ICBC_DEBIT', name: '工商银行' },
  { bankType: 'ABC_DEBIT', name: '农业银行' },
  { bankType: 'BOC_DEBIT', name: '中国银行' },
  { bankType: 'CCB_DEBIT', name: '建设银行' },
  { bankType: 'COMM_DEBIT', name: '交通银行' },
  { bankType: 'PSBC_DEBIT', name: '邮政储蓄银行' },
  { bankType: 'CMB_DEBIT', name: '招商银行' },
  { bankType: 'CITIC_DEBIT', name: '中信银行' },
  { bankType: 'CEB_DEBIT', name: '光大银行' },
  { bankType: 'CMBC_DEBIT', name: '民生银行' },
  { bankType: 'SPDB_DEBIT', name: '浦发银行' },
  { bankType: 'CIB_DEBIT', name: '兴业银行' },
  { bankType: 'PAB_DEBIT', name: '平安银行' },
  { bankType: 'GDB_DEBIT', name: '广发银行' },
  { bankType: 'NBCB_DEBIT', name: '宁波银行' },
] as const
