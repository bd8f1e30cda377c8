/** @module How an order's state is called, and what its owner can expect next. */
import type { OrderStatus } from '@yuanlu/contract'

export const orderStatusCopy = {
  awaitingPayment: '待付款',
  paid: '已支付，待发货',
  shipped: '已发货',
  completed: '已完成',
  closed: '已关闭',
} as const satisfies Record<OrderStatus, string>

export const orderExpectationCopy = {
  awaitingPayment: '请在倒计时结束前付款，超时订单会自动关闭。',
  paid: '已收到您的付款，商家会尽快为您发货。',
  shipped: '商品正在路上，收到后请确认收货。',
  completed: '感谢您的购买，期待再次相见。',
  closed: '这笔订单没有完成支付。如仍需要，欢迎重新下单。',
} as const satisfies Record<OrderStatus, string>

/** The moments inside `awaitingPayment` that deserve a name of their own. */
export const awaitingPaymentCopy = {
  closing: { title: '正在取消', expectation: '正在与微信支付核对并关闭订单，请稍候，不要再付款。' },
  checking: { title: '支付核对中', expectation: '已收到一笔付款，正在人工核对，请不要重复付款。' },
  overdue: {
    title: '支付时间已过',
    expectation: '订单即将关闭。如果您刚付过款，请下拉刷新，我们会向微信支付核对。',
  },
} as const

/** Money reached an order that was already closed. */
export const closedWithMoneyCopy = '订单关闭后收到了一笔付款，正在核对处理。'
/** And it went back since. */
export const closedMoneyBackCopy = '订单已关闭，收到的付款已退回。如仍需要，欢迎重新下单。'

export const orderTabCopy = {
  awaitingPayment: '待付款',
  paid: '待发货',
  shipped: '已发货',
  completed: '已完成',
  closed: '已关闭',
} as const satisfies Record<OrderStatus, string>

export const allOrdersTabCopy = '全部'
