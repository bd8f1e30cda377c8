/** @module How staff call a refund's state, where its money is, and what WeChat Pay's reasons mean. */
import type { RefundStatus, TransferStatus } from '@yuanlu/contract'

export const staffRefundStatusCopy = {
  requested: { title: '待审核', expectation: '买家正在等待您的决定。' },
  withdrawn: { title: '买家已撤回', expectation: '申请已由买家撤回，不需要处理。' },
  rejected: { title: '已拒绝', expectation: '已告知买家拒绝的原因，买家可以再次申请。' },
  awaitingReturn: { title: '待买家退货', expectation: '已同意退货，买家寄出并填写运单后会提醒您收货。' },
  returning: { title: '退货在途', expectation: '收到并检查退回的商品后，请确认收货，款项会随即退回买家。' },
  refunding: { title: '退款中', expectation: '款项正在原路退回买家，结果会自动更新。' },
  refunded: { title: '已退款', expectation: '款项已退回买家。' },
  problem: { title: '退款遇到问题', expectation: '款项没有退回买家，需要您选择处理办法。' },
  abandoned: { title: '已放弃', expectation: '这笔退款不再进行，金额已恢复为可退。' },
} as const satisfies Record<RefundStatus, { title: string; expectation: string }>

export const staffSecondApprovalCopy = {
  title: '待第二人审批',
  expectation: '已有一位同事同意。金额较大，需要另一位同事也同意后才会退款。',
} as const

/** Where the money of a refund is, while it is on its way. */
export const staffRefundingCopy = {
  queued: (time: string): string => `已排队，预计 ${time} 提交微信支付。同一订单的两笔退款需间隔一分钟。`,
  submitting: '正在提交微信支付，请稍候。',
  processing: '微信支付已受理，款项正在原路退回买家。',
  unknown: '暂时不能确定微信支付是否已退款，系统会自动核对。请不要用其他方式重复退款。',
} as const

/** Why a refund is a problem, by where its money is. */
export const staffProblemCopy = {
  submitting: '正在重新提交微信支付，请稍候再看结果。',
  unknown: '正在向微信支付核对结果，核对清楚之前请不要用其他方式退款。',
  processing: '款项正在退到商户的银行卡。请在线下把钱退给买家，然后登记。',
  succeeded: '款项已退到商户的银行卡。请在线下把钱退给买家，然后登记。',
  closed: '微信支付已关闭这笔退款，款项没有退出。',
  abnormal: '买家原来的支付账户收不了这笔钱（例如银行卡已注销），款项还在微信支付。',
  failed: '微信支付拒绝了这笔退款，款项没有退出。',
} as const satisfies Record<TransferStatus, string>

export const staffTransferStatusCopy = {
  submitting: '提交中',
  processing: '微信支付处理中',
  unknown: '结果核对中',
  succeeded: '已退出',
  closed: '已关闭',
  abnormal: '退款异常',
  failed: '被拒绝',
} as const satisfies Record<TransferStatus, string>

const balance = '商户账户余额不足。'
const balanceWay = '充值后系统每 6 小时会自动重试，也可以马上重新提交。'

/** WeChat Pay's codes in plain words. */
export const staffReasonCopy: Readonly<Record<string, string>> = {
  NOT_ENOUGH: balance,
  NOTENOUGH: balance,
  USER_ACCOUNT_ABNORMAL: '买家的微信支付账户异常或已注销。',
  FREQUENCY_LIMITED: '提交得太频繁。',
}

/** What comes next because of it; true only while the refund is not at its end. */
export const staffReasonWayCopy: Readonly<Record<string, string>> = {
  NOT_ENOUGH: balanceWay,
  NOTENOUGH: balanceWay,
  USER_ACCOUNT_ABNORMAL: '只能在线下退款。',
  FREQUENCY_LIMITED: '系统会放慢后再试。',
}

/** A code is never shown alone. */
export const staffUnknownReasonCopy = (code: string): string => `微信支付给出的原因：${code}`
