/** @module What a shopper reads when no answer of ours arrived at all. */
import type { LocalFailureCode } from '../services/api-failure'

export const failureCopy = {
  NO_ANSWER: '网络不太顺畅，请检查网络后再试。',
  NOT_UNDERSTOOD: '服务暂时无法响应，请稍后再试。',
  SIGN_IN_FAILED: '微信登录没有成功，请稍后再试。',
  NOT_CONFIGURED: '小程序还没有配置服务地址，请联系开发者。',
} as const satisfies Record<LocalFailureCode, string>

export const cashierShutCopy = '暂时没能打开微信支付，请稍后再试。'

export const unexpectedCopy = '出了点小问题，请稍后再试。'
