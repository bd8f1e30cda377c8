/** @module The words of the shopper's own page. */

export const meCopy = {
  greeting: '欢迎光临',
  orders: '我的订单',
  allOrders: '全部订单',
  refunds: '退款/售后',
  openid: '我的账号标识',
  openidWhy: '新员工把它告诉店主，店主就能为您开通权限。',
} as const
