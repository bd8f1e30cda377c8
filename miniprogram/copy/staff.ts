/** @module Words that the staff's pages share: the desk, roles, lists, what a page says instead of its content. */
import type { Role } from '@yuanlu/contract'

export const staffRoleCopy = {
  support: '客服',
  finance: '财务',
  owner: '店主',
} as const satisfies Record<Role, string>

export const staffDeskCopy = {
  title: '商家工作台',
  refunds: '退款审批',
  attention: '需要处理',
  orders: '店铺订单',
  products: '商品管理',
  people: '店员管理',
  /** Read out beside the number on a badge. */
  badge: (text: string, count: string): string => `${text}，${count} 条待办`,
} as const

export const staffCopy = {
  search: '搜索订单号、退款单号或微信支付单号',
  clear: '清除',
  end: '没有更多了',
  loadingMore: '正在加载更多',
  moreFailed: '没有加载出来，点这里再试一次',
  notAllowedTitle: '这里是店员的工作台',
  notAllowedHint: '您的账号现在没有店员权限。如果刚刚有过调整，请联系店主确认。',
  toMe: '返回我的',
  keep: '再看看',
  financeOnly: '需要财务或店主权限，您可以请有权限的同事处理。',
  ownOrder: '这是您自己的订单，请交给其他同事处理。',
  system: '系统',
  buyer: '买家',
  staff: '店员',
  /** Closing is never a decision, and the person should know it. */
  closing: '关闭此窗口不会作出任何决定。',
} as const

export const waitingCopy = {
  now: '刚刚提交',
  minutes: (minutes: number): string => `已等待 ${minutes} 分钟`,
  hours: (hours: number): string => `已等待 ${hours} 小时`,
  days: (days: number, hours: number): string =>
    hours === 0 ? `已等待 ${days} 天` : `已等待 ${days} 天 ${hours} 小时`,
} as const
