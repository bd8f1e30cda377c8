/** @module The words of the approval list and of deciding about several requests at once. */

export const staffRefundTabCopy = {
  requested: '待审核',
  awaitingReturn: '待退货',
  returning: '待收货',
  refunding: '退款中',
  problem: '有问题',
  refunded: '已完成',
  all: '全部',
} as const

export const staffRefundKindCopy = {
  refundOnly: '仅退款',
  returnAndRefund: '退货退款',
} as const

export const staffRefundOriginCopy = {
  shopper: '买家申请',
  staff: '店员发起',
  system: '系统发起',
} as const

export const staffRefundsCopy = {
  emptyTitle: '没有需要处理的退款',
  emptyHint: '新的申请会出现在这里，下拉可以刷新。',
  notFoundTitle: '没有找到相符的退款',
  notFoundHint: '请核对单号是否完整，或切换到“全部”再找。',
  orderId: '订单',
  batch: '批量审批',
  batchOff: '退出批量',
} as const

export const staffBatchCopy = {
  hint: '轻点要同意的申请，一次最多 20 笔。',
  chosen: (count: number): string => `已选 ${count} 笔`,
  approve: '同意所选',
  full: '一次最多选择 20 笔，请先处理这些。',
  sheetTitle: '同意这些退款？',
  count: '笔数',
  total: '合计金额',
  pieces: (count: number): string => `${count} 笔`,
  warning: '逐笔提交，每一笔的结果都会列出。金额原路退回，确认后不能撤回。',
  confirm: (count: number, amount: string): string => `同意 ${count} 笔，共 ${amount}`,
  resultTitle: '处理结果',
  progress: (done: number, count: number): string => `正在处理 ${done}/${count}，请不要离开`,
  summary: (done: number, count: number): string =>
    done === count ? `${count} 笔都已处理` : `${done} 笔已处理，${count - done} 笔未完成，请逐笔查看`,
  waiting: '等待处理',
  busy: '正在处理',
  finished: '完成',
} as const
