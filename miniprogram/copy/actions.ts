/** @module Words that several pages share: buttons, dialogues, units. */

export const actionsCopy = {
  retry: '重试',
  loading: '加载中',
  understood: '知道了',
  copy: '复制',
  copied: '已复制',
  toHome: '去逛逛',
  toOrders: '查看订单',
  fee: '¥',
} as const

export const totalPiecesCopy = (pieces: number): string => `共 ${pieces} 件`
