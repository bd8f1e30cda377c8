/** @module How a refund's state is called, what its owner can expect next, and what its timeline says. */
import type { RefundStatus, TransferStatus } from '@yuanlu/contract'

export const refundStatusCopy = {
  requested: '待商家审核',
  withdrawn: '已撤销',
  rejected: '商家未同意',
  awaitingReturn: '待寄回商品',
  returning: '商品寄回中',
  refunding: '正在退款',
  refunded: '退款成功',
  problem: '商家正在处理',
  abandoned: '退款已终止',
} as const satisfies Record<RefundStatus, string>

export const refundExpectationCopy = {
  requested: '商家会尽快审核。同意后，钱会自动原路退回，您不需要做别的。',
  withdrawn: '您撤销了这次申请。如仍需要退款，可以再次申请。',
  rejected: '商家没有同意这次申请。您可以看看下面的原因，修改后再次申请，或联系商家。',
  awaitingReturn: '商家已同意。请寄回商品，并在下面填写快递公司和运单号。',
  returning: '商品正在寄回。商家收到并确认后，会开始退款。',
  refunding: '正在退款，钱会自动原路退回，请耐心等待。',
  refunded: '退款已完成，钱已原路退回您付款的账户。',
  problem: '微信退款遇到问题，商家正在处理。这笔钱会为您保留，您不需要做任何操作。',
  abandoned: '这笔退款没有完成，钱没有退出，可退金额已经恢复。您可以再次申请，或联系商家。',
} as const satisfies Record<RefundStatus, string>

/** While it is `refunding`: where the money is. Nothing here says that it failed or that it arrived. */
export const refundingCopy = {
  submitting: '正在退款：正在提交给微信支付，请耐心等待。',
  unknown: '正在退款：正在向微信支付核对结果。钱不会丢失，也不会退两次。',
  processing: '正在退款：微信支付已受理，钱正在原路退回。',
  succeeded: refundExpectationCopy.refunding,
  closed: refundExpectationCopy.refunding,
  abnormal: refundExpectationCopy.refunding,
  failed: refundExpectationCopy.refunding,
} as const satisfies Record<TransferStatus, string>

/** While it is a `problem`: what WeChat Pay said, in words that blame nobody. */
export const refundProblemCopy = {
  submitting: refundExpectationCopy.problem,
  unknown: refundExpectationCopy.problem,
  processing: refundExpectationCopy.problem,
  succeeded: refundExpectationCopy.problem,
  closed: '微信支付没有完成这笔退款，商家正在处理。这笔钱会为您保留，您不需要做任何操作。',
  abnormal: '微信退款遇到问题：钱暂时没能退到原账户，商家正在处理，不会丢失。',
  failed: '微信支付暂时没有受理这笔退款，商家正在处理。这笔钱会为您保留，您不需要做任何操作。',
} as const satisfies Record<TransferStatus, string>

/** The moments inside a status that deserve a sentence of their own. */
export const refundMomentCopy = {
  secondApproval: '商家已初步同意，正等待第二位同事确认。',
  queued: '正在退款：同一笔订单的退款要一笔一笔进行，排到后会自动提交给微信支付。',
  expired: '商品没有在期限内寄回，这次申请已自动撤销。如仍需要退款，可以再次申请。',
  /** A person brought it on its way again, perhaps to a card that the shopper named. */
  resumed: '正在退款：商家已重新提交，请耐心等待。',
  /** Recorded by staff with proof: the money did not go through WeChat Pay. */
  otherWay: '商家已用其他方式把钱退给您，并留有凭证。如没有收到，请联系商家。',
  /** After a problem a person solved, the way may have been another card. */
  afterProblem: '退款已完成，钱已退回原账户，或您与商家确认过的银行卡。',
} as const

export const arrivalCopy = {
  title: '原路退回',
  way: '钱从哪里付，就退回哪里：微信零钱即时到账，银行卡 1–3 个工作日到账。',
  done: '用微信零钱付的，已即时到账；用银行卡付的，1–3 个工作日内到账。可在微信的“服务通知”或账单里查看。',
} as const

/** What happened, as a line of the timeline. */
export const refundEventCopy = {
  requested: '申请退款',
  withdrawn: '撤销了申请',
  rejected: '没有同意退款',
  firstApproval: '初步同意，等待第二位同事确认',
  approved: '同意退款，开始原路退回',
  approvedForReturn: '同意退货，等待寄回商品',
  goodsSent: '寄出了商品',
  goodsReceived: '收到退货，开始原路退回',
  succeeded: '退款完成',
  stuck: '微信退款遇到问题，交给商家处理',
  resumed: '继续退款',
  sentToMerchantCard: '微信把钱退到了商家账户，将用其他方式退给您',
  abandoned: '终止了这笔退款',
  startedElsewhere: '记录到商家在微信商户平台发起的退款',
} as const

/** Notes that are meant for the shopper, by the event they came with; others are for colleagues. */
export const refundNoteCopy = {
  rejected: (note: string): string => `原因：${note}`,
  abandoned: (note: string): string => `原因：${note}`,
  goodsSent: (note: string): string => `运单：${note}`,
  succeeded: (note: string): string => `凭证：${note}`,
} as const

/** The same event, done by itself when its time came. */
export const systemEventCopy = {
  withdrawn: '没有在期限内寄回，自动撤销',
  approved: '自动同意退款，开始原路退回',
  approvedForReturn: '自动同意退货，等待寄回商品',
} as const

/** Money that arrived where it should not goes back without anybody asking. */
export const sentBackCopy = '自动发起，原路退回'

export const settledOtherWayCopy = '用其他方式退还，已留凭证'

/** An event that this version of the mini-program does not know yet. */
export const unknownEventCopy = '退款有了新进展'

export const partyCopy = { you: '您', shop: '商家', system: '系统' } as const
