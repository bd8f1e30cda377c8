/** @module Keeps failing refunds under the rate at which WeChat Pay blocks a merchant. */
import { forever, readTimeout, unlimited } from './checks.ts'
import type { ConnectionConfig } from './client.ts'
import { WxpayError } from './errors.ts'

// WeChat takes 150 good refunds a second and 6 bad ones (频率限制: 异常 6 qps); one stays in reserve for another process.
// https://pay.weixin.qq.com/doc/v3/merchant/4012556457, checked 2026-11
const failuresASecond = 5
const secondMs = 1_000

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
 * At most five refunds at a time that failed within the last second or may still fail, however many went well before: the
 * balance runs out in the middle of a good day. With answers after 200 ms that lets 25 good ones through in a second.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG`
 */
export function createRefundPace({
  refundPaceMs,
  timeLeftMs = unlimited,
}: Pick<ConnectionConfig, 'refundPaceMs' | 'timeLeftMs'>): RefundPace {
  const longestWaitMs = readTimeout('refundPaceMs', refundPaceMs, 10_000)
  /** When each place can be taken again: at once, a second after a failure, or not before an answer. */
  const freeAt: number[] = Array(failuresASecond).fill(0)
  const waiting: ((place: number) => void)[] = []
  let timer: NodeJS.Timeout | undefined

  /** Gives free places to those who wait, and looks again when the next one is free. */
  function wake(): void {
    clearTimeout(timer)
    const now = performance.now()
    freeAt.forEach((at, place) => {
      if (at > now || waiting.length === 0) return
      freeAt[place] = forever
      waiting.shift()?.(place)
    })
    const next = Math.min(...freeAt)
    if (waiting.length > 0 && next !== forever) timer = setTimeout(wake, Math.ceil(next - now))
  }

  return {
    async run(send) {
      const place = await new Promise<number>((resolve, reject) => {
        const go = (free: number): void => {
          clearTimeout(tooLong)
          resolve(free)
        }
        const tooLong = setTimeout(
          () => {
            waiting.splice(waiting.indexOf(go), 1)
            reject(
              new WxpayError(
                'ERR_WXPAY_HELD_BACK',
                'too many refunds are under way or have just failed; WeChat Pay blocks above 6 failures a second',
              ),
            )
          },
          // Half of the time that is left is for the answer: a refund sent at the last moment would end as unknown.
          Math.max(0, Math.min(longestWaitMs, timeLeftMs() / 2)),
        )
        waiting.push(go)
        wake()
      })
      let at = 0
      try {
        return await send()
      } catch (error) {
        // What never left cannot have failed there.
        const isSent = !(error instanceof WxpayError) || error.outcome !== 'not-sent'
        if (isSent) at = performance.now() + secondMs
        throw error
      } finally {
        freeAt[place] = at
        wake()
      }
    },
  }
}
