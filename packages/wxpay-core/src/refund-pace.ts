/** @module Keeps failing refunds under the rate at which WeChat Pay blocks a merchant. */
import { readTimeout } from './checks.ts'
import { WxpayError } from './errors.ts'

// WeChat takes 150 good refunds a second and 6 bad ones (频率限制: 异常 6 qps); one stays in reserve for another process.
// https://pay.weixin.qq.com/doc/v3/merchant/4012556457, checked 2026-11
const failuresASecond = 5
const secondMs = 1_000
/** So many good answers in a row, and refunds may go out side by side without a limit. */
const trustedAfter = 10

/** Lets refunds of one merchant through. */
export interface RefundPace {
  /**
   * Sends when it may be sent.
   *
   * @throws WxpayError `ERR_WXPAY_HELD_BACK` when its turn has not come in time
   */
  run<T>(send: () => Promise<T>): Promise<T>
}

/**
 * At most five refunds that failed or may still fail within any second. After ten good answers in a row only those that
 * did fail count, until the next one fails: then what is under way counts again.
 *
 * @param refundPaceMs how long a refund may wait for its turn
 * @throws WxpayError `ERR_WXPAY_CONFIG`
 */
export function createRefundPace(refundPaceMs?: number): RefundPace {
  const longestWaitMs = readTimeout('refundPaceMs', refundPaceMs, 10_000)
  const failedAt: number[] = []
  const waiting: (() => void)[] = []
  let underWay = 0
  let goodInARow = 0
  let timer: NodeJS.Timeout | undefined

  function mayGo(): boolean {
    const now = performance.now()
    while (now - (failedAt[0] ?? now) >= secondMs) failedAt.shift()
    const atRisk = goodInARow >= trustedAfter ? 0 : underWay
    return failedAt.length + atRisk < failuresASecond
  }

  /** Wakes those whose turn it is, and itself when the oldest failure is a second old. */
  function wake(): void {
    while (waiting.length > 0 && mayGo()) {
      underWay += 1
      // Stryker disable next-line OptionalChaining: there is one, and the types do not know it
      waiting.shift()?.()
    }
    if (waiting.length === 0 || failedAt[0] === undefined || timer !== undefined) return
    timer = setTimeout(
      () => {
        timer = undefined
        wake()
      },
      Math.max(1, failedAt[0] + secondMs - performance.now()),
    )
  }

  function turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        clearTimeout(tooLong)
        resolve()
      }
      const tooLong = setTimeout(() => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(
          new WxpayError(
            'ERR_WXPAY_HELD_BACK',
            'too many refunds have just failed, and WeChat Pay blocks above 6 a second: look why, then try again',
          ),
        )
      }, longestWaitMs)
      waiting.push(go)
      wake()
    })
  }

  return {
    async run(send) {
      await turn()
      try {
        const result = await send()
        goodInARow += 1
        return result
      } catch (error) {
        // What never left cannot have failed there.
        if (!(error instanceof WxpayError) || error.outcome !== 'not-sent') {
          goodInARow = 0
          failedAt.push(performance.now())
        }
        throw error
      } finally {
        underWay -= 1
        wake()
      }
    },
  }
}
