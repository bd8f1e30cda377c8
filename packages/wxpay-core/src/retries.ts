/** @module Repeats calls the way WeChat asks for: bounded, spread out, under the same number, asking before money moves twice. */
import { randomInt } from 'node:crypto'
import { adviceOn, type CallKind } from './advice.ts'
import type { BillSource } from './bill.ts'
import { readWhole, unlimited } from './checks.ts'
import type { WxpayClient } from './client.ts'
import { WxpayError } from './errors.ts'
import type { RefundReport } from './refund.ts'
import { isAbout } from './refund-draft.ts'
import type { WxpayV2Client } from './v2/client.ts'
import type { WxpayV3Client } from './v3/client.ts'

/** How often, and how far apart. */
export interface RetryPolicy {
  /** Calls in all, the first included: 1 to 10. Default 4. */
  readonly attempts?: number
  /** The first wait, doubled each time. Default 500 ms. */
  readonly firstWaitMs?: number
  /** No wait is longer. Default 8000 ms. */
  readonly longestWaitMs?: number
  /** For tests. Default: a timer. */
  readonly sleep?: (ms: number) => Promise<void>
  /** For tests: 0 to 1, exclusive. Default: the system's generator. */
  readonly random?: () => number
}

/**
 * The same client, whose calls are repeated as `adviceOn` says. Numbers and members stay the same, because the very same
 * call is made again. A refund of which nobody knows what became is queried first, and sent again only when WeChat does not
 * know its number. When the last attempt fails, what may have happened in an earlier one is not forgotten: an error that is
 * thrown is `unknown` if any of the attempts was, unless WeChat refused a later one; for a refund, unless it signed that. An
 * error that is no `WxpayError`, thrown by a refund, counts as `unknown` and is thrown as it is, unless one of ours says so too.
 *
 * It is for callers who can wait: where the client was given `timeLeftMs`, no wait takes more than half of what is left, and
 * when it would, what is known is thrown. Whoever writes refunds down and has a job that asks again needs no repetition here.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG`
 * @example
 * ```ts
 * import { withRetries, type WxpayV3Client } from 'wxpay-core'
 *
 * export const patient = (wxpay: WxpayV3Client) => withRetries(wxpay, { attempts: 3 })
 * ```
 */
export function withRetries(client: WxpayV3Client, policy?: RetryPolicy): WxpayV3Client
export function withRetries(client: WxpayV2Client, policy?: RetryPolicy): WxpayV2Client
export function withRetries(
  client: WxpayV2Client | WxpayV3Client,
  policy: RetryPolicy = {},
): WxpayV2Client | WxpayV3Client {
  const pacer = createPacer(policy, client.timeLeftMs)
  const again =
    <A extends unknown[], T>(kind: CallKind, call: (...args: A) => Promise<T>) =>
    (...args: A) =>
      repeat(pacer, kind, () => call(...args))
  const repeated = {
    prepay: again('order', (order) => client.prepay(order)),
    close: again('order', (outTradeNo) => client.close(outTradeNo)),
    queryByOutTradeNo: again('read', (outTradeNo) => client.queryByOutTradeNo(outTradeNo)),
    queryByTransactionId: again('read', (transactionId) => client.queryByTransactionId(transactionId)),
    queryRefund: again('read', (outRefundNo, transactionId) =>
      client.queryRefund(outRefundNo, transactionId),
    ),
    tradeBill: again('read', (query) => client.tradeBill(query)),
    fundFlowBill: again('read', (query) => client.fundFlowBill(query)),
    refund: (order) =>
      repeat(
        pacer,
        'refund',
        () => client.refund(order),
        async () => {
          const known = await client.queryRefund(order.outRefundNo, order.transactionId)
          if (known === null || isAbout(known, order)) return known
          throw new WxpayError(
            'ERR_WXPAY_ANSWER_MISMATCH',
            'another refund has this number: were the members those of the first call?',
          )
        },
      ),
  } satisfies Partial<WxpayClient & BillSource>
  if (client.api === 'v2') {
    return {
      ...client,
      ...repeated,
      forSubMerchant: (sub) => withRetries(client.forSubMerchant(sub), policy),
    }
  }
  return {
    ...client,
    ...repeated,
    forSubMerchant: (sub) => withRetries(client.forSubMerchant(sub), policy),
    applyAbnormalRefund: (input) =>
      repeat(
        pacer,
        'refund',
        () => client.applyAbnormalRefund(input),
        async () => {
          const known = await client.queryRefund(input.outRefundNo)
          // Still abnormal: the first request changed nothing yet.
          return known === null || known.status === 'ABNORMAL' ? null : known
        },
      ),
  }
}

interface Pacer {
  readonly attempts: number
  /**
   * False, and at once, when there is no time for it.
   *
   * @param step 1 before the second call
   */
  wait(step: number, slowly: boolean): Promise<boolean>
}

function createPacer(policy: RetryPolicy, timeLeftMs = unlimited): Pacer {
  const attempts = readWhole('attempts', policy.attempts, 4, 10)
  const firstWaitMs = readWhole('firstWaitMs', policy.firstWaitMs, 500, 600_000)
  const longestWaitMs = readWhole('longestWaitMs', policy.longestWaitMs, 8_000, 600_000)
  const sleep = policy.sleep ?? ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)))
  const random = policy.random ?? (() => randomInt(2 ** 32) / 2 ** 32)
  return {
    attempts,
    async wait(step, slowly) {
      const longest = Math.min(longestWaitMs, firstWaitMs * 2 ** (step - 1) * (slowly ? 4 : 1))
      // Between a half and the whole: those who failed together do not come back together.
      const ms = Math.round(longest / 2 + (longest / 2) * random())
      // The other half is for the call: one that begins at the last moment ends as unknown.
      if (!(ms <= timeLeftMs() / 2)) return false
      await sleep(ms)
      return true
    },
  }
}

/** Calls until there is an answer, the advice is `never`, or the attempts are used up. `ask` is for refunds. */
async function repeat<T>(
  pacer: Pacer,
  kind: CallKind,
  call: () => Promise<T>,
  ask?: () => Promise<(T & RefundReport) | null>,
): Promise<T> {
  let unknown: unknown
  let question: typeof ask
  for (let attempt = 1; ; attempt += 1) {
    try {
      const known = question === undefined ? null : await question()
      if (known !== null) return known
      question = undefined
      return await call()
    } catch (error) {
      const wasAsking = question !== undefined
      const advice = adviceOn(error, wasAsking ? 'read' : kind)
      const ours = error instanceof WxpayError ? error : undefined
      // An error that is not ours says no more about the money than one that is `unknown`; ours says so itself.
      if (!wasAsking && (ours?.outcome ?? 'unknown') === 'unknown') unknown = ours ?? unknown ?? error
      const isSlow = advice === 'slowDown' || ours?.code === 'ERR_WXPAY_RATE_LIMITED'
      if (advice === 'never' || attempt === pacer.attempts || !(await pacer.wait(attempt, isSlow))) {
        // A refusal settles what went before, because the number is the same; "not sent" does not. Where money may have
        // moved, only a signed one does: anybody between could have written the other.
        const settles = ours?.outcome === 'rejected' && (kind !== 'refund' || ours.verified)
        // That another refund has the number is news, and as unknown as what went before.
        const isNews = ours?.code === 'ERR_WXPAY_ANSWER_MISMATCH'
        throw (wasAsking ? isNews : settles) ? error : (unknown ?? error)
      }
      if (advice === 'askFirst') question = ask
    }
  }
}
