/**
 * Whatever happens, in any order: paid, closed, paid after all, refunded from any money, decided, topped up, taken out,
 * days passing, answers lost, the sandbox killed. After each step no fen is lost, made, or owed.
 */
import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, books, cleanUp, Merchant, newDirectory } from './merchant.ts'

afterAll(cleanUp)

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const RUNS = Number(process.env.MONEY_RUNS ?? 12)
const SEED = Number(process.env.MONEY_SEED ?? 11)

const fen = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5_000 }))
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('buy' as const),
      fen,
      protocol: fc.constantFrom('v3', 'v2'),
      fault: fc.constantFrom(null, null, null, 'wrong-amount', 'second-payment', 'pay-after-close'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      of: fc.nat(9),
      fen,
      source: fc.constantFrom('any', 'any', 'AVAILABLE', 'UNSETTLED', 'UNSETTLED', 'both', 'v2', 'platform'),
      fault: fc.constantFrom(
        null,
        null,
        'refund-abnormal',
        'refund-closed',
        'hold-refund',
        'not-enough',
        'frequency-limited',
        'apply-then-drop',
        '500',
        'drop-before',
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      of: fc.nat(9),
      status: fc.constantFrom('SUCCESS', 'CLOSED', 'CLOSED', 'ABNORMAL'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('card' as const), of: fc.nat(9), mine: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(SECOND, MINUTE, 9 * HOUR, DAY, 7 * DAY),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('topUp' as const), fen }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('takeOutAll' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), isKilled: fc.boolean() }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

class World {
  sandbox: Sandbox
  merchant: Merchant
  broken: string[] = []
  trades: string[] = []
  refunds: string[] = []
  pulledInFen = 0
  number = 0
  ends = new Set<string>()

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox
    this.merchant = new Merchant(sandbox)
  }

  static readonly options = (broken: string[]) => ({
    feeBasisPoints: 60,
    log: (event: string, fields: object) => {
      if (event.endsWith('.failed')) broken.push(`${event} ${JSON.stringify(fields)}`)
    },
  })

  static async begin(): Promise<World> {
    const broken: string[] = []
    const world = new World(await aSandbox({ ...World.options(broken), dataDir: await newDirectory() }))
    world.broken = broken
    // Nobody listens at the shop's address: only the money is looked at.
    world.sandbox.control.addFault({ fault: 'lose-notification', rate: 1 })
    return world
  }

  /** Refusals are answers too; anything else that is thrown is not. */
  allow<T>(act: () => T): T | undefined {
    try {
      return act()
    } catch (error) {
      expect(error).toMatchObject({ name: 'ControlError' })
      return undefined
    }
  }

  pick(from: readonly string[], n: number): string | undefined {
    return from.at(-1 - (n % Math.max(from.length, 1)))
  }

  async take(one: Step): Promise<void> {
    const { control } = this.sandbox
    if (one.do === 'buy') await this.buy(one)
    else if (one.do === 'refund') await this.refund(one)
    else if (one.do === 'wait') await control.moveClock({ advanceMs: one.ms })
    else if (one.do === 'topUp') this.moveBalance(one.fen)
    else if (one.do === 'takeOutAll') this.moveBalance(-control.balance().availableFen)
    else if (one.do === 'restart') await this.restart(one.isKilled)
    else if (one.do === 'decide') {
      const outRefundNo = this.pick(this.refunds, one.of)
      if (outRefundNo !== undefined)
        this.allow(() => control.settleRefund(outRefundNo, { status: one.status }))
    } else await this.toCard(one)
  }

  async buy({ fen, protocol, fault }: Extract<Step, { do: 'buy' }>): Promise<void> {
    const { control } = this.sandbox
    const outTradeNo = `MONEY-${String(++this.number).padStart(4, '0')}`
    const pay = async (): Promise<string> => {
      if (protocol === 'v2') {
        const placed = await this.merchant.v2(
          '/pay/unifiedorder',
          this.merchant.orderV2({ out_trade_no: outTradeNo, total_fee: String(fen) }),
        )
        const sheet = this.merchant.payParametersV2(placed.fields.prepay_id ?? '', 'HMAC-SHA256')
        if (fault === 'pay-after-close') await this.merchant.closeV2(outTradeNo)
        return control.cashier({ ...sheet, openid: 'openid-alice', action: 'pay' }).errMsg
      }
      const prepayId = await this.merchant.prepay({ out_trade_no: outTradeNo, amount: { total: fen } })
      const sheet = { ...this.merchant.payParameters(prepayId), openid: 'openid-alice', action: 'pay' }
      if (fault === 'pay-after-close') await this.merchant.close(outTradeNo)
      const { errMsg } = control.cashier(sheet)
      if (fault === 'second-payment') control.cashier(sheet)
      return errMsg
    }
    if (fault !== null) control.addFault({ fault, match: { outTradeNo } })
    expect(await pay()).toBe('requestPayment:ok')
    this.trades.push(outTradeNo)
    this.forgetFaults()
  }

  async refund({ of, fen, source, fault }: Extract<Step, { do: 'refund' }>): Promise<void> {
    const { control } = this.sandbox
    const outTradeNo = this.pick(this.trades, of)
    if (outTradeNo === undefined) return
    const [payment] = control.trade(outTradeNo).transactions
    const total = payment?.paidFen ?? 0
    const refund = Math.min(fen, total)
    let outRefundNo: string | undefined = `R-${String(++this.number).padStart(4, '0')}`
    if (source === 'platform') {
      const started = this.allow(() => control.startRefund({ outTradeNo, amountFen: refund }))
      outRefundNo = started?.refund.outRefundNo
    } else {
      const match = { outRefundNo }
      if (fault !== null) control.addFault({ fault, match, applied: true })
      const work =
        source === 'v2'
          ? this.merchant.refundV2({
              out_trade_no: outTradeNo,
              out_refund_no: outRefundNo,
              total_fee: String(total),
              refund_fee: String(refund),
            })
          : this.merchant.refund(outTradeNo, {
              out_refund_no: outRefundNo,
              amount: { refund, total, currency: 'CNY', ...this.sourcesOf(source, refund) },
              ...(source === 'AVAILABLE' || source === 'UNSETTLED' ? { funds_account: source } : {}),
            })
      const answer = await work.catch(() => undefined)
      if (answer !== undefined) expect([200, 400, 403, 429, 500]).toContain(answer.status)
    }
    this.forgetFaults()
    if (outRefundNo !== undefined && this.known(outRefundNo)) this.refunds.push(outRefundNo)
  }

  sourcesOf(source: string, refund: number): object {
    if (source !== 'both' || refund < 2) return {}
    const half = Math.floor(refund / 2)
    return {
      from: [
        { account: 'AVAILABLE', amount: half },
        { account: 'UNAVAILABLE', amount: refund - half },
      ],
    }
  }

  async toCard({ of, mine }: Extract<Step, { do: 'card' }>): Promise<void> {
    const outRefundNo = this.pick(this.refunds, of)
    if (outRefundNo === undefined) return
    const { refundId } = this.sandbox.control.refund(outRefundNo)
    const key = createPublicKey(readFileSync(this.sandbox.info.publicKeyFile, 'utf8'))
    const seal = (text: string) =>
      publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING }, Buffer.from(text)).toString('base64')
    const card = { bank_type: 'CMB_DEBIT', bank_account: seal('6225880000000403'), real_name: seal('张三') }
    const body = mine ? { type: 'MERCHANT_BANK_CARD' } : { type: 'USER_BANK_CARD', ...card }
    const path = `/v3/refund/domestic/refunds/${refundId}/apply-abnormal-refund`
    const { status } = await this.merchant.v3('POST', path, { out_refund_no: outRefundNo, ...body })
    expect([200, 400]).toContain(status)
  }

  moveBalance(amountFen: number): void {
    if (this.allow(() => this.sandbox.control.moveBalance({ amountFen })) !== undefined)
      this.pulledInFen += amountFen
  }

  /** A killed one leaves its files as they are at that moment; another goes on from a copy of them. */
  async restart(isKilled: boolean): Promise<void> {
    const before = this.truth()
    let dataDir = join(this.sandbox.infoFile, '..')
    if (isKilled) {
      const copy = await newDirectory()
      cpSync(dataDir, copy, { recursive: true, filter: (file) => !file.endsWith('lock') })
      dataDir = copy
    }
    await this.sandbox.close()
    this.sandbox = await aSandbox({ ...World.options(this.broken), dataDir })
    this.merchant = new Merchant(this.sandbox)
    expect(this.truth()).toEqual(before)
  }

  truth() {
    const { control } = this.sandbox
    return [
      books(this.sandbox),
      control.balance(),
      this.trades.map((number) => control.trade(number)),
      this.refunds.map((number) => control.refund(number)),
    ]
  }

  known(outRefundNo: string): boolean {
    return this.allow(() => this.sandbox.control.refund(outRefundNo)) !== undefined
  }

  forgetFaults(): void {
    for (const { id, fault } of this.sandbox.control.faults().faults)
      if (fault !== 'lose-notification') this.sandbox.control.removeFault(id)
  }

  check(): void {
    const { control, info } = this.sandbox
    expect(this.broken).toEqual([])
    const all = books(this.sandbox)
    const of = (account: string) => all[account] ?? 0
    for (const [account, balance] of Object.entries(all))
      if (account !== 'outside:banks') expect([account, Math.min(balance, 0)]).toEqual([account, 0])
    expect(Object.values(all).reduce((sum, one) => sum + one, 0)).toBe(0)

    const wallets = Object.keys(all).filter((account) => account.startsWith('payer:')).length * 100_000_000
    expect(of('outside:banks') + wallets + this.pulledInFen).toBe(0)
    const { availableFen, pendingFen } = control.balance()
    expect([availableFen, pendingFen]).toEqual([
      of(`merchant:${info.mchid}:available`),
      of(`merchant:${info.mchid}:pending`),
    ])

    const payments = this.trades.flatMap((number) => control.trade(number).transactions)
    const refunds = this.refunds.map((number) => control.refund(number))
    const sum = (list: readonly { refundFen: number }[]) =>
      list.reduce((total, { refundFen }) => total + refundFen, 0)
    const cards = Object.keys(all).filter((account) => account.startsWith('card:'))
    const toCards = cards.reduce((total, account) => total + of(account), 0)
    const succeeded = sum(refunds.filter(({ state }) => state === 'SUCCESS'))
    const paid = payments.reduce((total, { paidFen }) => total + paidFen, 0)
    expect(of('payer:openid-alice')).toBe((wallets > 0 ? 100_000_000 : 0) - paid + succeeded - toCards)
    expect(of('wechatpay:refunds-in-transit')).toBe(
      sum(
        refunds.filter(({ state, isFunded }) => isFunded && (state === 'PROCESSING' || state === 'ABNORMAL')),
      ),
    )
    for (const { transactionId, paidFen } of payments) {
      const open = refunds.filter((one) => one.transactionId === transactionId && one.state !== 'CLOSED')
      expect(sum(open)).toBeLessThanOrEqual(paidFen)
    }
    for (const { state } of refunds) this.ends.add(state)
  }

  /** Every day's bills say what the ledger says of that day. */
  async checkBills(): Promise<number> {
    const { mchid } = this.sandbox.info
    const own = new Set([`merchant:${mchid}:pending`, `merchant:${mchid}:available`])
    const entries = []
    for (let after = 0; ; ) {
      const page = this.sandbox.control.ledger({ after })
      if (page.entries.length === 0) break
      entries.push(...page.entries)
      after = page.nextAfter
    }
    const dayOf = (iso: string) => new Date(Date.parse(iso) + 8 * HOUR).toISOString().slice(0, 10)
    const days = [...new Set(entries.map(({ at }) => dayOf(at)))].sort()
    await this.sandbox.control.moveClock({ advanceMs: 2 * DAY })
    let compared = 0
    let balance = 0
    for (const day of days) {
      const ofDay = entries.filter(({ at }) => dayOf(at) === day)
      const moved = ofDay.filter(({ account }) => own.has(account))
      const netFen = moved.reduce((total, { fen: one }) => total + one, 0)
      balance += netFen
      if (Date.parse(`${day}T00:00:00+08:00`) < this.sandbox.now() - 85 * DAY) continue
      const fund = await this.bill(`fundflowbill?bill_date=${day}`)
      if (fund !== undefined) {
        const fundNet = fund.rows.reduce(
          (total, row) => total + (row.收支类型 === '收入' ? 1 : -1) * toFen(row['收支金额(元)']),
          0,
        )
        expect([day, fundNet]).toEqual([day, netFen])
        expect([day, toFen(fund.rows.at(-1)?.['账户结余(元)'])]).toEqual([day, balance])
        expect(toFen(fund.summary.收入金额) - toFen(fund.summary.支出金额)).toBe(netFen)
        compared += 1
      } else expect([day, netFen]).toEqual([day, 0])
      const trade = await this.bill(`tradebill?bill_date=${day}`)
      const paidFen = ofDay
        .filter(({ cause, account }) => cause.startsWith('payment:') && own.has(account))
        .reduce((total, { fen: one }) => total + one, 0)
      const refundedFen = this.refunds
        .map((number) => this.sandbox.control.refund(number))
        .filter(({ createdAt }) => dayOf(createdAt) === day)
        .reduce((total, { refundFen }) => total + refundFen, 0)
      const summary = trade?.summary ?? {}
      expect([day, toFen(summary.订单总金额 ?? '0'), toFen(summary.退款总金额 ?? '0')]).toEqual([
        day,
        paidFen,
        refundedFen,
      ])
      if (trade === undefined) continue
      const column = (name: string) => trade.rows.reduce((total, row) => total + toFen(row[name]), 0)
      expect([column('订单金额'), column('退款金额')]).toEqual([paidFen, refundedFen])
      compared += 1
    }
    return compared
  }

  async bill(query: string) {
    const answer = await this.merchant.v3('GET', `/v3/bill/${query}`)
    if (answer.status === 400) {
      expect(JSON.parse(answer.body).code).toBe('NO_STATEMENT_EXIST')
      return undefined
    }
    const url = String(JSON.parse(answer.body).download_url)
    const file = await this.merchant.v3('GET', url.slice(this.sandbox.info.baseUrl.length))
    const lines = file.body
      .replace(/^\ufeff/, '')
      .trim()
      .split('\r\n')
    const cells = (line: string | undefined) => (line ?? '').replace(/^`/, '').split(',`')
    const record = (names: string | undefined, values: string | undefined): Record<string, string> =>
      Object.fromEntries((names ?? '').split(',').map((name, index) => [name, cells(values)[index] ?? '']))
    return {
      rows: lines.slice(1, -2).map((line) => record(lines[0], line)),
      summary: record(lines.at(-2), lines.at(-1)),
    }
  }
}

const toFen = (yuan: string | undefined): number => Math.round(Number(yuan) * 100)

test('no fen is lost, made or owed, and every day’s bills say what the ledger says', async () => {
  const ends = new Set<string>()
  let bills = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 25 }), async (steps) => {
      const world = await World.begin()
      for (const one of steps) {
        await world.take(one)
        world.check()
      }
      await world.sandbox.control.moveClock({ advanceMs: 8 * DAY })
      world.check()
      // What waits, waits for a person: all the rest was settled.
      expect(world.sandbox.control.balance().pendingFen).toBe(0)
      bills += await world.checkBills()
      for (const state of world.ends) ends.add(state)
      await world.sandbox.close()
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  )
  expect([...ends].sort()).toEqual(['ABNORMAL', 'CLOSED', 'PROCESSING', 'SUCCESS'])
  expect(bills).toBeGreaterThan(RUNS)
}, 600_000)
