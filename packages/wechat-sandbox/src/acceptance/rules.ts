/**
 * @module WeChat Pay's rules for a merchant server (接入质量检查清单, 回调通知注意事项, 退款最佳实践), each as a check.
 */
import { JOBS_MS, lastSending, type Notice, type Sending, type Stage } from './stage.ts'

export type Verdict =
  | { readonly outcome: 'passed'; readonly detail?: string }
  | { readonly outcome: 'failed'; readonly detail: string }
  | { readonly outcome: 'skipped'; readonly detail: string }

export interface Rule {
  readonly id: string
  readonly chinese: string
  readonly english: string
  /** Where WeChat Pay says so. */
  readonly source: string
  /** `driver`: only a shop that can be asked to do something can be checked. */
  readonly needs: 'notify-url' | 'driver' | 'elapse'
  /**
   * Of a rule about what must not happen: the rule about what must. A shop where nothing ever happens breaks that one, and
   * then this one says nothing.
   */
  readonly counterpart?: string
  check(stage: Stage): Promise<Verdict>
}

const CALLBACK = 'pay.weixin.qq.com/doc/v3/merchant/4012075249'
const PRACTICE = 'pay.weixin.qq.com/doc/v3/merchant/4014959631'
const PROBE = 'pay.weixin.qq.com/doc/v3/merchant/4013053249'
const MAX_MS = 5_000
/** Long enough for any of the recommended retry schedules to have come round. */
const A_WHILE_MS = 3_600_000

/** The rule that shows whether a shop takes genuine news at all, and how long it needs for that. */
export const ACKNOWLEDGE = 'acknowledge'

const passed: Verdict = { outcome: 'passed' }
const fail = (detail: string): Verdict => ({ outcome: 'failed', detail })
const NOT_SHOWN = 'the order is not shown as paid'
const COPIES = 5

/** Why there is no notification address where this was sent: what is refused there was refused by nobody. */
function absence({ status, answer }: Sending): string | undefined {
  if (status === null) return `nobody answers there: ${answer}`
  if (status === 404 || status === 405) return `notifications are not received there: ${answer}`
  return undefined
}

/** Why this is no refusal. For APIv3 the status says it alone: 200 and 204 are received, 4xx and 5xx are refused. */
function noRefusal(sending: Sending): string | undefined {
  const { ok, protocol, status, answer } = sending
  if (ok) return `it was acknowledged (${answer})`
  if (protocol === 'v3' && (status === 200 || status === 204))
    return `it was not refused: 200 and 204 mean received (${answer})`
  return absence(sending)
}

/** The shop must refuse this message; and must not show the order as paid afterwards. */
async function refused(stage: Stage, outTradeNo: string, sending: Sending): Promise<Verdict> {
  const reason = noRefusal(sending)
  if (reason !== undefined) return fail(reason)
  if (await stage.ever(() => stage.isPaid(outTradeNo))) return fail('the order is shown as paid')
  return { outcome: 'passed', detail: sending.answer }
}

const forgery =
  (fault: string) =>
  async (stage: Stage): Promise<Verdict> => {
    const outTradeNo = await stage.order()
    await stage.driver?.payment(outTradeNo)
    return refused(stage, outTradeNo, lastSending(await stage.forge({ outTradeNo, fault })))
  }

/** A real payment whose notification is kept back, so that a spoilt one of it can be sent first. */
async function heldPayment(stage: Stage): Promise<{ outTradeNo: string; notice: Notice }> {
  const outTradeNo = await stage.order()
  await stage.fault('hold-notification', { outTradeNo })
  await stage.pay(outTradeNo)
  const [notice] = await stage.paymentNotices(outTradeNo)
  if (notice === undefined) throw new Error('the sandbox made no notification')
  return { outTradeNo, notice }
}

/** The order is paid, and a shop that asks may say so: without an answer it can only know from the notification. */
async function answerNoQuery(stage: Stage, outTradeNo: string): Promise<void> {
  await stage.fault('500', { outTradeNo }, { rate: 1 })
}

const tampering =
  (fault: string) =>
  async (stage: Stage): Promise<Verdict> => {
    const { outTradeNo, notice } = await heldPayment(stage)
    if (fault === 'stale-timestamp' && notice.protocol === 'v2')
      return { outcome: 'skipped', detail: 'APIv2 notifications carry no time' }
    await answerNoQuery(stage, outTradeNo)
    return refused(stage, outTradeNo, await stage.tamper(notice, fault))
  }

/** Paid, and known to be by the shop when it is one that hears of it: an order that isn't can't be refunded. */
async function paidOrder(stage: Stage): Promise<string> {
  const outTradeNo = await stage.order()
  await stage.pay(outTradeNo)
  await stage.until(() => stage.isPaid(outTradeNo))
  return outTradeNo
}

/** What was paid for went out, and not once for each message: as far as the shop's driver counts it. */
async function handedOutOnce({ driver, until, ever }: Stage, outTradeNo: string): Promise<Verdict> {
  if (driver?.deliveries === undefined)
    return { outcome: 'passed', detail: 'the driver has no deliveries(): nobody looked what was handed out' }
  let times = 0
  const isMoreThan = async (limit: number): Promise<boolean> => {
    times = (await driver.deliveries?.(outTradeNo)) ?? 0
    return times > limit
  }
  if (!(await until(() => isMoreThan(0)))) return fail('nothing was handed out')
  return (await ever(() => isMoreThan(1))) ? fail(`it was handed out ${times} times`) : passed
}

async function refundOf(stage: Stage, outTradeNo: string, amountFen: number): Promise<void> {
  await stage.driver?.refund({ outTradeNo, amountFen }).catch(() => undefined)
}

type RefundAtWeChat = Awaited<ReturnType<Stage['refundsAt']>>[number]

/** The refund of one fen that the shop asked WeChat Pay for, decided if it decides itself; undefined: it asked for none. */
async function askedRefund(stage: Stage, outTradeNo: string): Promise<RefundAtWeChat | undefined> {
  const hasAsked = async (): Promise<boolean> => (await stage.refundsAt(outTradeNo)).length > 0
  await refundOf(stage, outTradeNo, 1)
  await stage.elapse(JOBS_MS)
  if (!(await hasAsked()) && (await stage.until(hasAsked))) await stage.elapse(JOBS_MS)
  return (await stage.refundsAt(outTradeNo))[0]
}

/** After a refund call that went wrong in `fault`'s way: one refund at WeChat, under one number. */
const sameRefundNumber =
  (fault: string, more: object = {}) =>
  async (stage: Stage): Promise<Verdict> => {
    const outTradeNo = await paidOrder(stage)
    const path = await stage.refundPath(outTradeNo)
    // No news of it either: a shop that hears in time never gets to show what it would try next.
    await stage.fault('hold-refund', { outTradeNo })
    await stage.fault(fault, { outTradeNo, path }, more)
    await refundOf(stage, outTradeNo, 1)
    await stage.elapse(A_WHILE_MS)
    await stage.elapse(A_WHILE_MS)
    const notClosed = async (): Promise<RefundAtWeChat[]> =>
      (await stage.refundsAt(outTradeNo)).filter(({ state }) => state !== 'CLOSED')
    await stage.ever(async () => (await notClosed()).length > 1)
    const refunds = await notClosed()
    if (refunds.length === 1) return passed
    return fail(
      refunds.length === 0
        ? 'two hours later nothing was refunded'
        : `${refunds.length} refunds were made: ${refunds.map(({ outRefundNo }) => outRefundNo).join(', ')}`,
    )
  }

/** A refund of one fen that WeChat Pay has told the shop about; a verdict when there is none to tell of. */
async function toldRefund(stage: Stage): Promise<{ outTradeNo: string; notice: Notice } | Verdict> {
  const outTradeNo = await paidOrder(stage)
  const refund = await askedRefund(stage, outTradeNo)
  if (refund === undefined) return fail('the shop asked for no refund')
  const [notice] = await stage.refundNotices(refund.outRefundNo)
  if (notice === undefined) return { outcome: 'skipped', detail: 'the shop names no notify_url for refunds' }
  return { outTradeNo, notice }
}

/** What is shown as refunded, now or in a while: an APIv2 notice isn't signed, so the shop may ask first. */
async function shownAtLast(stage: Stage, outTradeNo: string): Promise<number | undefined> {
  const isShown = async (): Promise<boolean> => (await stage.driver?.refundedFen(outTradeNo)) === 1
  if (!(await isShown())) {
    await stage.elapse(A_WHILE_MS)
    await stage.until(isShown)
  }
  return stage.driver?.refundedFen(outTradeNo)
}

/** What is shown as refunded when it is ever anything else than this, else this. */
async function shownAside(stage: Stage, outTradeNo: string, expectedFen: number): Promise<number> {
  let shownFen = expectedFen
  await stage.ever(async () => {
    shownFen = (await stage.driver?.refundedFen(outTradeNo)) ?? expectedFen
    return shownFen !== expectedFen
  })
  return shownFen
}

/** The shop refuses to refund so much, and no money moves. */
async function refusedRefund(stage: Stage, outTradeNo: string, amountFen: number): Promise<Verdict> {
  const before = (await stage.refundsAt(outTradeNo)).length
  const isAgreed = await stage.driver?.refund({ outTradeNo, amountFen }).then(
    () => true,
    () => false,
  )
  if (await stage.ever(async () => (await stage.refundsAt(outTradeNo)).length > before))
    return fail('money went back')
  return isAgreed ? fail('the shop agreed to refund more than was paid') : passed
}

export const RULES: readonly Rule[] = [
  {
    id: 'notify-url',
    chinese: '通知地址没有查询串，不需要登录',
    english: 'the notify URL has no query and needs no login',
    source: CALLBACK,
    needs: 'notify-url',
    counterpart: ACKNOWLEDGE,
    async check(stage) {
      const outTradeNo = await stage.order()
      await stage.driver?.payment(outTradeNo)
      const notice = await stage.forge({ outTradeNo, fault: 'unsigned-notification' })
      if (stage.driver !== null && notice.url !== stage.notifyUrl)
        return fail(`the shop's orders name ${notice.url}, not ${stage.notifyUrl}`)
      const sending = lastSending(notice)
      const reason = absence(sending)
      if (reason !== undefined) return fail(reason)
      const { status, saysFail, answer } = sending
      if (status !== null && status >= 300 && status < 400) return fail(`it redirects: ${answer}`)
      // 5xx with code FAIL is a refusal in WeChat Pay's own words; without it, something broke.
      if (status !== null && status >= 500 && !saysFail) return fail(`it breaks, or is not there: ${answer}`)
      return passed
    },
  },
  {
    id: 'verify-forged',
    chinese: '伪造签名的通知被拒绝',
    english: 'a notification signed with another key is refused',
    source: CALLBACK,
    needs: 'notify-url',
    counterpart: ACKNOWLEDGE,
    check: forgery('forged-notification'),
  },
  {
    id: 'verify-unsigned',
    chinese: '没有签名的通知被拒绝',
    english: 'a notification without a signature is refused',
    source: CALLBACK,
    needs: 'notify-url',
    counterpart: ACKNOWLEDGE,
    check: forgery('unsigned-notification'),
  },
  {
    id: 'verify-probe',
    chinese: '签名探测流量被拒绝，不作特殊处理',
    english: 'a signature probe (WECHATPAY/SIGNTEST/) is refused like any wrong signature',
    source: PROBE,
    needs: 'notify-url',
    counterpart: ACKNOWLEDGE,
    check: forgery('probe'),
  },
  {
    id: 'verify-tampered',
    chinese: '内容被改过的通知被拒绝',
    english: 'a notification whose body is not what was signed is refused',
    source: CALLBACK,
    needs: 'notify-url',
    counterpart: ACKNOWLEDGE,
    check: tampering('wrong-signature'),
  },
  {
    id: 'verify-stale',
    chinese: '时间戳相差超过 5 分钟的通知被拒绝',
    english: 'a genuine notification ten minutes old is refused',
    source: CALLBACK,
    needs: 'notify-url',
    counterpart: ACKNOWLEDGE,
    check: tampering('stale-timestamp'),
  },
  {
    id: ACKNOWLEDGE,
    chinese: '真实通知在 5 秒内按规定应答，订单显示已支付',
    english: 'a genuine notification is acknowledged within 5 seconds, and the order is shown as paid',
    source: CALLBACK,
    needs: 'driver',
    async check(stage) {
      const outTradeNo = await stage.order()
      await stage.pay(outTradeNo)
      const [notice] = await stage.paymentNotices(outTradeNo)
      const sending = notice && lastSending(notice)
      if (sending === undefined || !sending.ok)
        return fail(`it was not acknowledged (${sending?.answer ?? 'nothing was sent'})`)
      if (sending.tookMs >= MAX_MS) return fail(`it took ${sending.tookMs} ms`)
      if (!(await stage.until(() => stage.isPaid(outTradeNo)))) return fail(NOT_SHOWN)
      return { outcome: 'passed', detail: `${sending.tookMs} ms` }
    },
  },
  {
    id: 'after-probe',
    chinese: '探测之后的真实通知被接受',
    english: 'the real notification that follows a refused one is accepted',
    source: PROBE,
    needs: 'driver',
    async check(stage) {
      const { outTradeNo, notice } = await heldPayment(stage)
      await stage.tamper(notice, 'probe')
      const sending = await stage.send(notice)
      if (!sending.ok) return fail(`it was not acknowledged (${sending.answer})`)
      return (await stage.until(() => stage.isPaid(outTradeNo))) ? passed : fail(NOT_SHOWN)
    },
  },
  {
    id: 'idempotent',
    chinese: '同时到达的重复通知都得到成功应答',
    english: 'five copies of a notification at once are all acknowledged',
    source: CALLBACK,
    needs: 'driver',
    async check(stage) {
      const outTradeNo = await stage.order()
      await stage.fault('duplicate-notification', { outTradeNo }, { copies: COPIES })
      await stage.pay(outTradeNo)
      const [notice] = await stage.paymentNotices(outTradeNo)
      const bad = notice?.sendings.find(({ ok }) => !ok)
      if (bad !== undefined) return fail(`one of them was not acknowledged (${bad.answer})`)
      if (notice?.sendings.length !== COPIES) return fail('not all of them could be sent')
      if (!(await stage.until(() => stage.isPaid(outTradeNo)))) return fail(NOT_SHOWN)
      return handedOutOnce(stage, outTradeNo)
    },
  },
  {
    id: 'replayed',
    chinese: '已处理过的通知再次到达时仍应答成功',
    english: 'a notification that was processed before is acknowledged again',
    source: CALLBACK,
    needs: 'driver',
    counterpart: ACKNOWLEDGE,
    async check(stage) {
      const outTradeNo = await paidOrder(stage)
      const [notice] = await stage.paymentNotices(outTradeNo)
      if (notice === undefined) return fail('no notification was made')
      const again = await stage.send(notice)
      if (!again.ok) return fail(`it was not acknowledged (${again.answer})`)
      return handedOutOnce(stage, outTradeNo)
    },
  },
  {
    id: 'amount',
    chinese: '实付金额或币种与订单不同时不发货',
    english: 'an order that was paid with another amount, or in another currency, is not shown as paid',
    source: CALLBACK,
    needs: 'driver',
    counterpart: ACKNOWLEDGE,
    async check(stage) {
      const outTradeNo = await stage.order()
      await stage.fault('wrong-amount', { outTradeNo }, { amountFen: 1 })
      await stage.pay(outTradeNo)
      await stage.driver?.returned(outTradeNo)
      if (await stage.ever(() => stage.isPaid(outTradeNo))) return fail('one fen paid the whole order')
      const { amountFen, outTradeNo: other } = await stage.orderWithAmount()
      await stage.fault('wrong-amount', { outTradeNo: other }, { amountFen, currency: 'USD' })
      await stage.pay(other)
      await stage.driver?.returned(other)
      return (await stage.ever(() => stage.isPaid(other))) ? fail('another currency paid the order') : passed
    },
  },
  {
    id: 'other-order',
    chinese: '别人订单的通知不会使本订单变为已支付',
    english: 'a genuine notification about another order pays nothing',
    source: CALLBACK,
    needs: 'driver',
    counterpart: ACKNOWLEDGE,
    async check(stage) {
      const { outTradeNo, notice } = await heldPayment(stage)
      await answerNoQuery(stage, outTradeNo)
      await stage.tamper(notice, 'other-order-body')
      return (await stage.ever(() => stage.isPaid(outTradeNo))) ? fail('the order is shown as paid') : passed
    },
  },
  {
    id: 'client-not-believed',
    chinese: '前端返回不作为支付成功的依据',
    english: 'a page that comes back from an unpaid sheet pays nothing',
    source: CALLBACK,
    needs: 'driver',
    counterpart: ACKNOWLEDGE,
    async check(stage) {
      const outTradeNo = await stage.order()
      await stage.cancel(outTradeNo)
      await stage.driver?.returned(outTradeNo)
      return (await stage.ever(() => stage.isPaid(outTradeNo))) ? fail('the order is shown as paid') : passed
    },
  },
  {
    id: 'query',
    chinese: '没有收到通知时主动查单',
    english: 'when no notification comes, the shop asks and shows the order as paid',
    source: CALLBACK,
    needs: 'driver',
    async check(stage) {
      const outTradeNo = await stage.order()
      await stage.fault('lose-notification', { outTradeNo })
      await stage.pay(outTradeNo)
      await stage.driver?.returned(outTradeNo)
      if (await stage.isPaid(outTradeNo)) return passed
      await stage.elapse(A_WHILE_MS)
      return (await stage.until(() => stage.isPaid(outTradeNo)))
        ? passed
        : fail('an hour later it is still not shown as paid')
    },
  },
  {
    id: 'query-verified',
    chinese: '查单应答的签名也要验证',
    english: 'a query answer with a wrong signature is not believed',
    source: PROBE,
    needs: 'driver',
    counterpart: 'query',
    async check(stage) {
      const outTradeNo = await stage.order()
      await stage.fault('lose-notification', { outTradeNo })
      await stage.pay(outTradeNo)
      await stage.fault('wrong-signature', { outTradeNo }, { rate: 1 })
      await stage.driver?.returned(outTradeNo).catch(() => undefined)
      return (await stage.ever(() => stage.isPaid(outTradeNo))) ? fail('the order is shown as paid') : passed
    },
  },
  {
    id: 'same-trade-number',
    chinese: '下单失败后用原订单号、原参数重试',
    english: 'after a lost answer the order is placed again under the same number',
    source: CALLBACK,
    needs: 'driver',
    async check(stage) {
      const trades = await stage.newTrades(async () => {
        const outTradeNo = await stage.order()
        await stage.fault('apply-then-drop', { outTradeNo })
        await stage.driver?.payment(outTradeNo).catch(() => undefined)
        await stage.pay(outTradeNo)
      })
      return trades.length === 1
        ? passed
        : fail(`WeChat Pay knows ${trades.length} orders: ${trades.join(', ')}`)
    },
  },
  {
    id: 'refund-not-yet',
    chinese: '退款受理不等于退款成功',
    english: 'an accepted refund is not shown as refunded until it is',
    source: PRACTICE,
    needs: 'driver',
    async check(stage) {
      const outTradeNo = await paidOrder(stage)
      await stage.fault('hold-refund', { outTradeNo })
      const refund = await askedRefund(stage, outTradeNo)
      if (refund === undefined) return fail('the shop asked for no refund')
      if ((await shownAside(stage, outTradeNo, 0)) !== 0)
        return fail('it is shown as refunded while PROCESSING')
      await stage.settle(refund.outRefundNo, 'SUCCESS')
      const fen = await shownAtLast(stage, outTradeNo)
      return fen === 1 ? passed : fail(`after SUCCESS ${fen} fen are shown as refunded, not 1`)
    },
  },
  {
    id: 'refund-told',
    chinese: '退款通知在 5 秒内按规定应答，退款显示为已到账',
    english: 'a refund notification is acknowledged within 5 seconds, and the money is shown as refunded',
    source: PRACTICE,
    needs: 'driver',
    async check(stage) {
      const told = await toldRefund(stage)
      if ('outcome' in told) return told
      const sending = lastSending(told.notice)
      if (!sending.ok) return fail(`it was not acknowledged (${sending.answer})`)
      if (sending.tookMs >= MAX_MS) return fail(`it took ${sending.tookMs} ms`)
      const fen = await shownAtLast(stage, told.outTradeNo)
      return fen === 1 ? passed : fail(`${fen} fen are shown as refunded, not 1`)
    },
  },
  {
    id: 'refund-replayed',
    chinese: '重复的退款通知应答成功，退款只记一次',
    english: 'a refund notification that comes again is acknowledged again, and counts once',
    source: PRACTICE,
    needs: 'driver',
    async check(stage) {
      const told = await toldRefund(stage)
      if ('outcome' in told) return told
      await shownAtLast(stage, told.outTradeNo)
      const again = await stage.send(told.notice)
      if (!again.ok) return fail(`it was not acknowledged (${again.answer})`)
      const fen = await shownAside(stage, told.outTradeNo, 1)
      return fen === 1 ? passed : fail(`after two notifications ${fen} fen are shown as refunded, not 1`)
    },
  },
  {
    id: 'refund-query',
    chinese: '没有收到退款通知时主动查询退款',
    english: 'when no refund notification comes, the shop asks and shows the money as refunded',
    source: PRACTICE,
    needs: 'elapse',
    async check(stage) {
      const outTradeNo = await paidOrder(stage)
      await stage.fault('lose-notification', { outTradeNo })
      if ((await askedRefund(stage, outTradeNo)) === undefined) return fail('the shop asked for no refund')
      const fen = await shownAtLast(stage, outTradeNo)
      return fen === 1 ? passed : fail(`an hour later ${fen} fen are shown as refunded, not 1`)
    },
  },
  {
    id: 'refund-forged',
    chinese: '伪造的退款通知被拒绝',
    english: 'a forged refund notification refunds nothing',
    source: PRACTICE,
    needs: 'driver',
    counterpart: 'refund-told',
    async check(stage) {
      const outTradeNo = await paidOrder(stage)
      await stage.fault('hold-refund', { outTradeNo })
      const refund = await askedRefund(stage, outTradeNo)
      if (refund === undefined) return fail('the shop asked for no refund')
      const { outRefundNo } = refund
      if (!(await stage.isAnnounced(outRefundNo)))
        return { outcome: 'skipped', detail: 'the shop names no notify_url for refunds' }
      const sending = lastSending(await stage.forge({ outRefundNo, fault: 'forged-notification' }))
      const shown = await shownAside(stage, outTradeNo, 0)
      await stage.settle(outRefundNo, 'SUCCESS')
      const reason = noRefusal(sending)
      if (reason !== undefined) return fail(reason)
      return shown === 0 ? passed : fail(`${shown} fen are shown as refunded`)
    },
  },
  {
    id: 'refund-abnormal',
    chinese: '退款异常不显示为已退款',
    english: 'an ABNORMAL refund is not shown as refunded',
    source: PRACTICE,
    needs: 'driver',
    counterpart: 'refund-not-yet',
    async check(stage) {
      const outTradeNo = await paidOrder(stage)
      await stage.fault('refund-abnormal', { outTradeNo })
      const refund = await askedRefund(stage, outTradeNo)
      if (refund?.state !== 'ABNORMAL') return fail('the shop asked for no refund')
      const fen = await shownAside(stage, outTradeNo, 0)
      return fen === 0 ? passed : fail(`${fen} fen are shown as refunded`)
    },
  },
  {
    id: 'refund-over',
    chinese: '退款总额不超过实付金额',
    english: 'no more than what was paid can be refunded, at once or in sum',
    source: PRACTICE,
    needs: 'driver',
    async check(stage) {
      const { outTradeNo, amountFen } = await stage.orderWithAmount()
      await stage.pay(outTradeNo)
      await stage.until(() => stage.isPaid(outTradeNo))
      const atOnce = await refusedRefund(stage, outTradeNo, 100_000_000)
      if (atOnce.outcome !== 'passed') return atOnce
      // A shop that refuses every refund refuses too much as well.
      if ((await askedRefund(stage, outTradeNo)) === undefined)
        return fail('it could not be checked: the shop does not refund a single fen either')
      await stage.elapse(A_WHILE_MS)
      return refusedRefund(stage, outTradeNo, amountFen)
    },
  },
  {
    id: 'refund-same-number-lost',
    chinese: '退款应答丢失后用原退款单号重试',
    english: 'after a lost answer the refund is asked for again under the same number',
    source: PRACTICE,
    needs: 'elapse',
    check: sameRefundNumber('apply-then-drop'),
  },
  {
    id: 'refund-same-number-500',
    chinese: 'SYSTEM_ERROR 后用原退款单号重试',
    english: 'after SYSTEM_ERROR the refund is asked for again under the same number',
    source: PRACTICE,
    needs: 'elapse',
    check: sameRefundNumber('500', { applied: true }),
  },
  {
    id: 'refund-same-number-429',
    chinese: 'FREQUENCY_LIMITED 后先查退款，再用原单号',
    english: 'after FREQUENCY_LIMITED that was carried out, nothing is refunded twice',
    source: PRACTICE,
    needs: 'elapse',
    check: sameRefundNumber('frequency-limited', { applied: true }),
  },
]
