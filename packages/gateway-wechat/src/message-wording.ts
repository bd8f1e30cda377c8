/**
 * @module What subscribe messages (订阅消息) say: which template, which page they open, and each of its values.
 *
 * The three templates are chosen in the mini-program platform (订阅消息 → 我的模板) with exactly the keywords below; a
 * template of other keywords is refused (47003), logged, and given up.
 */
import type { Message } from '@yuanlu/shop'
import { amount, characterString, phrase, thing, time } from './message-values.ts'

export type Template = 'refundRequested' | 'refundResult' | 'shipped'

export interface WordedMessage {
  readonly template: Template
  /** A page of the mini-program, without a leading slash. */
  readonly page: string
  readonly data: Readonly<Record<string, { readonly value: string }>>
}

export const wordMessage = (message: Message): WordedMessage => {
  switch (message.kind) {
    case 'refundRequested':
      return {
        template: 'refundRequested',
        page: `pages/staff-refund/staff-refund?refundId=${message.refundId}`,
        data: {
          character_string1: characterString(message.orderId),
          amount2: amount(message.amountFen),
          thing3: thing(message.reason),
          time4: time(message.at),
        },
      }
    case 'shipped':
      return {
        template: 'shipped',
        page: `pages/order/order?orderId=${message.orderId}`,
        data: {
          character_string1: characterString(message.orderId),
          thing2: thing(message.goods),
          thing3: thing(message.carrier),
          character_string4: characterString(message.trackingNo),
          time5: time(message.at),
        },
      }
    case 'refundAwaitsGoods':
    case 'refundRejected':
    case 'refunded':
    case 'refundedOtherwise':
    case 'refundAbnormal':
      return {
        template: 'refundResult',
        page: `pages/refund/refund?refundId=${message.refundId}`,
        data: {
          character_string1: characterString(message.orderId),
          amount2: amount(message.amountFen),
          phrase3: phrase(RESULTS[message.kind].result),
          thing4: thing(message.kind === 'refundRejected' ? message.reason : RESULTS[message.kind].advice),
          time5: time(message.at),
        },
      }
  }
}

type ResultKind = Exclude<Message['kind'], 'refundRequested' | 'shipped'>

/** `result` has at most 5 Chinese characters, `advice` at most 20. Of a rejection the reason is shown instead. */
const RESULTS = {
  refundAwaitsGoods: { result: '请寄回商品', advice: '寄出后请填写快递单号' },
  refundRejected: { result: '未通过', advice: '' },
  refunded: { result: '已退款', advice: '款项已原路退回，请查收' },
  refundedOtherwise: { result: '已退款', advice: '商家已用其他方式退款，请查收' },
  refundAbnormal: { result: '退款异常', advice: '商家正在处理，款项不会丢失' },
} as const satisfies Record<ResultKind, { readonly result: string; readonly advice: string }>
