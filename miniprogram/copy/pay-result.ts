/** @module The words of the payment's result. "Paid" is said only when our server said so. */
import { closedMoneyBackCopy } from './order-status'

export const payResultCopy = {
  paid: { title: '支付成功', hint: '商家已收到您的订单，会尽快发货。' },
  confirming: { title: '正在确认支付结果', hint: '正在向微信支付核对，通常几秒钟就好，请不要重复付款。' },
  stillConfirming: {
    title: '正在确认支付结果',
    hint: '核对时间比平时长一些。您可以稍后在“订单”里查看，款项不会丢失，请不要重复付款。',
  },
  notOpened: {
    title: '暂时没能打开微信支付',
    hint: '还没有付款的话，可以稍后再试；如果已经付过款，我们会继续向微信支付核对。',
  },
  unfinished: { title: '支付未完成', hint: '订单已为您保留，请在倒计时结束前完成支付。' },
  overdue: { title: '支付时间已过', hint: '订单即将关闭。如果您已经付款，我们会继续向微信支付核对。' },
  checking: { title: '支付核对中', hint: '支付金额与订单不一致，正在人工核对，请不要重复付款。' },
  closing: { title: '正在取消', hint: '订单正在关闭，请稍候，不要再付款。' },
  closed: { title: '订单已关闭', hint: '这笔订单没有完成支付。如仍需要，欢迎重新下单。' },
  closedWithMoney: { title: '订单已关闭', hint: '订单关闭后收到了一笔付款，正在核对处理，款项不会丢失。' },
  closedMoneyBack: { title: '订单已关闭', hint: closedMoneyBackCopy },
  amount: '订单金额',
  paidAmount: '实付金额',
  timeLeft: '剩余支付时间',
  continuePaying: '继续支付',
  checkAgain: '刷新支付结果',
  viewOrder: '查看订单',
  goOn: '继续逛逛',
} as const
