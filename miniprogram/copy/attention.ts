/** @module What a shopper reads when an order waits for a person. */
import type { AttentionKind } from '@yuanlu/contract'

/** `null`: the kind concerns the shop's staff alone, its customer reads nothing. */
export const attentionCopy = {
  paidAfterClose: '订单关闭后收到了您的付款，商家正在核对，款项不会丢失。',
  duplicatePayment: '这笔订单收到了两次付款，商家正在核对多付的款项。',
  amountMismatch: '支付金额与订单不一致，正在人工核对。',
  payerMismatch: '付款账号与下单账号不一致，正在人工核对。',
  unknownTrade: '有一笔付款正在人工核对。',
  refundAbnormal: '退款没能退回原支付账户，商家正在处理。',
  refundClosed: '退款没有完成，商家正在处理。',
  refundFailed: '退款没有完成，商家正在处理。',
  refundUnknownTooLong: '退款还没有结果，商家正在跟进。',
  notEnoughBalance: '退款正在排队处理，请耐心等待。',
  accountAbnormal: '退款没能退回原支付账户，商家会与您联系。',
  shippingUploadFailed: null,
  reconciliationDifference: null,
} as const satisfies Record<AttentionKind, string | null>

/** Nobody has to look into it any more: the money is back. */
export const moneyBackCopy = {
  paidAfterClose: '订单关闭后收到的付款已原路退回。',
  duplicatePayment: '多付的款项已原路退回。',
} as const
