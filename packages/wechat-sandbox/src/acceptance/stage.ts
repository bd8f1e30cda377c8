/**
 * @module What every rule works with: orders and payments, the truth at the sandbox, and what the shop answered.
 */
import { isRecord } from '../json.ts'
import { type ControlCall, SandboxGoneError, type ShopDriver } from './driver.ts'
import type { Patience } from './patience.ts'

export interface Sending {
  readonly ok: boolean
  readonly protocol: 'v3' | 'v2'
  /** null when no HTTP answer came. */
  readonly status: number | null
  /** Whether its body is WeChat Pay's own form of a refusal. */
  readonly saysFail: boolean
  readonly tookMs: number
  readonly answer: string
}

export interface Notice {
  readonly id: string
  readonly protocol: 'v3' | 'v2'
  readonly url: string
  readonly sendings: readonly Sending[]
}

export interface Stage {
  readonly driver: ShopDriver | null
  readonly notifyUrl: string
  /** Whether a genuine notification was acknowledged on this stage. */
  readonly hasTakenAny: boolean
  /** An order: the shop's own with a driver, else one that the suite places for `notifyUrl`. */
  order(): Promise<string>
  /** An order of the shop, and what it costs at WeChat Pay. */
  orderWithAmount(): Promise<{ readonly outTradeNo: string; readonly amountFen: number }>
  /** Pays it, without letting the page know, and lets the notification go out. */
  pay(outTradeNo: string): Promise<void>
  /** The payer looks at the sheet and goes away. */
  cancel(outTradeNo: string): Promise<void>
  fault(
    fault: string,
    match: { readonly outTradeNo: string; readonly path?: string },
    more?: object,
  ): Promise<void>
  /** Takes the faults of this stage away, and no others: the owner's standing ones stay. */
  tidy(): Promise<void>
  /** Where the shop asks for a refund of this order: its protocol's path. */
  refundPath(outTradeNo: string): Promise<string>
  forge(about: object): Promise<Notice>
  tamper(notice: Notice, fault: string): Promise<Sending>
  send(notice: Notice): Promise<Sending>
  paymentNotices(outTradeNo: string): Promise<Notice[]>
  refundNotices(outRefundNo: string): Promise<Notice[]>
  /** Orders that the sandbox knows and didn't know before `work`. */
  newTrades(work: () => Promise<void>): Promise<string[]>
  refundsAt(outTradeNo: string): Promise<{ outRefundNo: string; state: string; refundFen: number }[]>
  /** Whether the shop named an address to be told about this refund. */
  isAnnounced(outRefundNo: string): Promise<boolean>
  settle(outRefundNo: string, status: string): Promise<void>
  /** Does what is due, at WeChat and in the shop. */
  elapse(ms: number): Promise<void>
  /** Whether it holds within five seconds: the shop may acknowledge first and work afterwards. */
  until(holds: () => Promise<boolean>): Promise<boolean>
  /** Whether it comes true after all: in the time that this shop needs, or when its jobs run. */
  ever(holds: () => Promise<boolean>): Promise<boolean>
  /** Whether the shop shows the order as paid at this instant. */
  isPaid(outTradeNo: string): Promise<boolean>
}

export const AMOUNT_FEN = 1_000
/** Enough for a refund to succeed and for a shop's jobs to come round; too little for an order to expire. */
export const JOBS_MS = 10_000
const OPENID = 'oAcceptanceShopper0000000001'

export function openStage(
  control: ControlCall,
  driver: ShopDriver | null,
  notifyUrl: string,
  protocol: 'v3' | 'v2',
  patience: Patience,
): Stage {
  let hasTakenAny = false
  const planned: string[] = []
  const clock = (ms: number): Promise<unknown> => control('POST', '/clock', { advanceMs: ms })

  const sheet = async (outTradeNo: string, action: 'pay' | 'cancel', by: ShopDriver): Promise<string> => {
    const parameters = await by.payment(outTradeNo)
    const answer = record(await control('POST', '/cashier', { ...parameters, openid: OPENID, action }))
    return String(answer.errMsg)
  }

  const notices = async (query: string): Promise<Notice[]> => {
    const { notifications } = record(await control('GET', `/notifications?${query}`))
    const found = list(notifications).map(readNotice)
    if (found.some(({ sendings }) => sendings.some(({ ok }) => ok))) hasTakenAny = true
    return found
  }

  const stage: Stage = {
    driver,
    notifyUrl,
    get hasTakenAny() {
      return hasTakenAny
    },
    async order() {
      if (driver !== null) return (await driver.order({ openid: OPENID })).outTradeNo
      const order = {
        openid: OPENID,
        amountFen: AMOUNT_FEN,
        notifyUrl,
        protocol,
        description: '验收 acceptance',
      }
      return String(record(await control('POST', '/orders', order)).outTradeNo)
    },
    async orderWithAmount() {
      const outTradeNo = await stage.order()
      await driver?.payment(outTradeNo)
      const { amountFen } = record(await control('GET', `/trades/${encodeURIComponent(outTradeNo)}`))
      return { outTradeNo, amountFen: Number(amountFen) }
    },
    async pay(outTradeNo) {
      if (driver === null) await control('POST', `/orders/${encodeURIComponent(outTradeNo)}/pay`, {})
      else {
        const errMsg = await sheet(outTradeNo, 'pay', driver)
        if (errMsg !== 'requestPayment:ok') throw new Error(`the payment sheet said: ${errMsg}`)
      }
      await clock(0)
    },
    async cancel(outTradeNo) {
      if (driver !== null) await sheet(outTradeNo, 'cancel', driver)
    },
    async fault(fault, match, more = {}) {
      const { id } = record(await control('POST', '/faults', { fault, match, ...more }))
      planned.push(String(id))
    },
    async tidy() {
      for (const id of planned.splice(0))
        await control('DELETE', `/faults/${encodeURIComponent(id)}`).catch((error: unknown) => {
          // One that has struck as often as it should is gone already.
          if (error instanceof SandboxGoneError) throw error
        })
    },
    async refundPath(outTradeNo) {
      const trade = record(await control('GET', `/trades/${encodeURIComponent(outTradeNo)}`))
      return trade.protocol === 'v2' ? '/secapi/pay/refund' : '/v3/refund/domestic/refunds'
    },
    async forge(about) {
      return readNotice(record(await control('POST', '/notifications/forge', about)).notification)
    },
    async tamper({ id }, fault) {
      const answer = record(await control('POST', `/notifications/${id}/tamper`, { fault }))
      return lastSending(readNotice(answer.notification))
    },
    async send({ id }) {
      const answer = record(await control('POST', `/notifications/${id}/send`, {}))
      const sending = lastSending(readNotice(answer.notification))
      if (sending.ok) hasTakenAny = true
      return sending
    },
    refundNotices: async (outRefundNo) => notices(`outRefundNo=${encodeURIComponent(outRefundNo)}`),
    paymentNotices: async (outTradeNo) => notices(`outTradeNo=${encodeURIComponent(outTradeNo)}`),
    async newTrades(work) {
      const known = new Set(await tradeNumbers(control))
      await work()
      return (await tradeNumbers(control)).filter((number) => !known.has(number))
    },
    async refundsAt(outTradeNo) {
      const trade = record(await control('GET', `/trades/${encodeURIComponent(outTradeNo)}`))
      const numbers = list(trade.transactions).flatMap((one) => list(record(one).refunds).map(String))
      return Promise.all(
        numbers.map(async (outRefundNo) => {
          const refund = record(await control('GET', `/refunds/${encodeURIComponent(outRefundNo)}`))
          return { outRefundNo, state: String(refund.state), refundFen: Number(refund.refundFen) }
        }),
      )
    },
    async isAnnounced(outRefundNo) {
      const { notifyUrl: url } = record(await control('GET', `/refunds/${encodeURIComponent(outRefundNo)}`))
      return typeof url === 'string'
    },
    async settle(outRefundNo, status) {
      await control('POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status })
      await clock(0)
    },
    async elapse(ms) {
      await clock(ms)
      await driver?.elapse?.(ms)
      await clock(0)
    },
    until: patience.until,
    async ever(holds) {
      if (driver === null) return false
      if (await patience.ever(holds)) return true
      if (driver.elapse === undefined) return false
      await stage.elapse(JOBS_MS)
      return holds()
    },
    isPaid: async (outTradeNo) => (await driver?.isPaid(outTradeNo)) === true,
  }
  return stage
}

/** The newest orders, as the console shows them. */
async function tradeNumbers(control: ControlCall): Promise<string[]> {
  return list(record(await control('GET', '/console/state')).trades).map((one) =>
    String(record(one).outTradeNo),
  )
}

function readNotice(json: unknown): Notice {
  const { id, url, protocol: written, attempts } = record(json)
  const protocol = written === 'v2' ? 'v2' : 'v3'
  return {
    id: String(id),
    protocol,
    url: String(url),
    sendings: list(attempts).map((one) => {
      const { ok, tookMs, answer } = record(one)
      return { ok: ok === true, protocol, tookMs: Number(tookMs), ...readAnswer(record(answer)) }
    }),
  }
}

/** `{"code":"FAIL",…}` under APIv3, `<return_code>FAIL…` under APIv2. */
const FAIL = /"code"\s*:\s*"FAIL"|<return_code>\s*(<!\[CDATA\[)?\s*FAIL/

function readAnswer(
  answer: Readonly<Record<string, unknown>>,
): Pick<Sending, 'status' | 'saysFail' | 'answer'> {
  const { status, body, error } = answer
  if (error !== undefined) return { status: null, saysFail: false, answer: String(error) }
  const text = String(body)
  return {
    status: Number(status),
    saysFail: FAIL.test(text),
    answer: `HTTP ${status} ${text.slice(0, 120)}`,
  }
}

export function lastSending({ sendings, protocol }: Notice): Sending {
  const none = { ok: false, status: null, saysFail: false, tookMs: 0, answer: 'nothing was sent' }
  return sendings.at(-1) ?? { ...none, protocol }
}

function record(json: unknown): Readonly<Record<string, unknown>> {
  return isRecord(json) ? json : {}
}

function list(json: unknown): unknown[] {
  return Array.isArray(json) ? json : []
}
