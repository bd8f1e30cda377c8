/** How often WeChat Pay lets itself be called; counted only where that is asked for. */
import type * as rateLimits from '../../packages/wechat-sandbox/src/rate-limits.ts'
import { aSandbox, cleanUp, Merchant, START, send } from './merchant.ts'

const { openRateLimits } = jest.requireActual<typeof rateLimits>(
  '../../packages/wechat-sandbox/src/rate-limits.ts',
)

afterAll(cleanUp)

const SECOND = 1_000
const MINUTE = 60 * SECOND

describe('a window moves along:', () => {
  test.each([
    ['order', 500, SECOND],
    ['refund', 150, SECOND],
    ['late-refund', 5_000, MINUTE],
    ['refund-query', 300, SECOND],
    ['fund-bill', 3, SECOND],
    ['login', 100, MINUTE],
    ['token', 10_000, MINUTE],
    ['token-of-a-day', 500_000, 24 * 60 * MINUTE],
  ] as const)('%s, %d in %d ms', (name, max, ms) => {
    let now = START
    const limits = openRateLimits(() => now)
    expect(limits.take(name)).toBe(true)
    now += ms / 2
    for (let call = 2; call <= max; call++) limits.take(name)
    expect([limits.isReached(name), limits.take(name)]).toEqual([true, false])
    now += ms / 2 - 1
    expect(limits.take(name)).toBe(false)
    now += 1
    expect([limits.take(name), limits.take(name)]).toEqual([true, false])
  })

  test('six refused refunds in a second are followed by a minute in which no other is looked at', () => {
    let now = START
    const limits = openRateLimits(() => now)
    for (let call = 1; call <= 5; call++) limits.take('refused-refund')
    now += SECOND
    for (let call = 1; call <= 5; call++) limits.take('refused-refund')
    expect(limits.isReached('refused-refund')).toBe(false)
    expect([limits.take('refused-refund'), limits.take('refused-refund')]).toEqual([true, false])
    now += MINUTE - 1
    // Asking in between makes it no longer.
    expect([limits.isReached('refused-refund'), limits.take('refused-refund')]).toEqual([true, false])
    now += 1
    expect([limits.isReached('refused-refund'), limits.take('refused-refund')]).toEqual([false, true])
  })

  test('ten thousand people log in, and the first is forgotten; what was counted of all together is not', () => {
    const limits = openRateLimits(() => START)
    for (let call = 1; call <= 100; call++) limits.take('login', 'alice')
    for (let call = 1; call <= 500; call++) limits.take('order')
    for (let person = 1; person < 10_000; person++) limits.take('login', `person-${person}`)
    expect([limits.isReached('login', 'alice'), limits.isReached('order')]).toEqual([true, true])
    limits.take('login', 'one too many')
    expect([limits.isReached('order'), limits.isReached('login', 'alice')]).toEqual([true, false])
  })

  test('each person’s is their own', () => {
    const limits = openRateLimits(() => START)
    for (let call = 1; call <= 100; call++) limits.take('login', 'alice')
    expect([limits.take('login', 'alice'), limits.take('login', 'bob')]).toEqual([false, true])
  })
})

describe('with rateLimits', () => {
  const limited = async () => {
    const time = { now: START }
    const sandbox = await aSandbox({ rateLimits: true, time })
    return { time, sandbox, merchant: new Merchant(sandbox, () => time.now) }
  }
  const paid = (sandbox: Awaited<ReturnType<typeof aSandbox>>, outTradeNo: string) => {
    const notifyUrl = 'http://127.0.0.1:9/notify'
    sandbox.control.placeOrder({ outTradeNo, amountFen: 1999, notifyUrl, openid: 'openid-alice' })
    sandbox.control.payOrder(outTradeNo)
  }
  const code = ({ status, body }: { status: number; body: string }) => [status, JSON.parse(body).code]

  test('the fourth fund flow bill in a second is 429 under v3 and v2, a second later it is not', async () => {
    const { time, merchant } = await limited()
    const bill = () => merchant.v3('GET', '/v3/bill/fundflowbill?bill_date=2026-11-21')
    for (let call = 0; call < 3; call++) expect(code(await bill())).toEqual([400, 'NO_STATEMENT_EXIST'])
    const fourth = await bill()
    expect(code(fourth)).toEqual([429, 'FREQUENCY_LIMITED'])
    expect(fourth.headers['wechatpay-signature']).toBeUndefined()
    const members = { ...merchant.common(), bill_date: '20261121', account_type: 'Basic' }
    const v2 = () => merchant.v2('/pay/downloadfundflow', members, 'HMAC-SHA256', merchant.certificate)
    expect((await v2()).fields.err_code).toBe('FREQUENCY_LIMITED')
    time.now += SECOND
    expect((await v2()).fields.err_code).toBe('NO_BILL_EXIST')
  })

  test('after six refused refunds in a second every other is refused for a minute, however right it is', async () => {
    const { time, sandbox, merchant } = await limited()
    paid(sandbox, 'LIMIT-001')
    for (let call = 0; call < 6; call++) expect((await merchant.refund(`NOBODY-${call}`)).status).toBe(404)
    expect(code(await merchant.refund('LIMIT-001'))).toEqual([429, 'FREQUENCY_LIMITED'])
    const v2 = { out_trade_no: 'LIMIT-001', out_refund_no: 'R-LIMIT-001' }
    expect((await merchant.refundV2(v2)).fields.err_code).toBe('INVALID_REQ_TOO_MUCH')
    expect((await merchant.queryRefund('R-LIMIT-001')).status).toBe(404)
    time.now += MINUTE - 1
    expect(code(await merchant.refund('LIMIT-001'))).toEqual([429, 'FREQUENCY_LIMITED'])
    expect((await merchant.refundV2(v2)).fields.err_code).toBe('INVALID_REQ_TOO_MUCH')
    time.now += 1
    expect((await merchant.refundV2(v2)).fields.result_code).toBe('SUCCESS')
    for (let call = 0; call < 6; call++)
      expect(
        (await merchant.refundV2({ out_trade_no: 'NOBODY', out_refund_no: 'R' })).fields.result_code,
      ).toBe('FAIL')
    expect((await merchant.refundV2(v2)).fields.err_code).toBe('INVALID_REQ_TOO_MUCH')
  })

  test('the 151st refund in a second is not accepted', async () => {
    const { time, sandbox, merchant } = await limited()
    for (let n = 0; n <= 150; n++) paid(sandbox, `LIMIT-${n}`)
    for (let n = 0; n < 150; n++) expect((await merchant.refund(`LIMIT-${n}`)).status).toBe(200)
    expect(code(await merchant.refund('LIMIT-150'))).toEqual([429, 'FREQUENCY_LIMITED'])
    const v2 = { out_trade_no: 'LIMIT-150', out_refund_no: 'R-LIMIT-150' }
    expect((await merchant.refundV2(v2)).fields.err_code).toBe('FREQUENCY_LIMITED')
    expect((await merchant.queryRefund('R-LIMIT-150')).status).toBe(404)
    time.now += SECOND
    expect((await merchant.refund('LIMIT-150')).status).toBe(200)
  })

  test('the 301st refund query in a second, by either protocol', async () => {
    const { merchant } = await limited()
    for (let n = 0; n < 150; n++) {
      expect((await merchant.queryRefund('NOBODY')).status).toBe(404)
      expect((await merchant.queryRefundV2({ out_refund_no: 'NOBODY' })).fields.err_code).toBe(
        'REFUNDNOTEXIST',
      )
    }
    expect(code(await merchant.queryRefund('NOBODY'))).toEqual([429, 'FREQUENCY_LIMITED'])
    expect((await merchant.queryRefundV2({ out_refund_no: 'NOBODY' })).fields.err_code).toBe(
      'FREQUENCY_LIMITED',
    )
  })

  test('the 501st order in a second, by either protocol', async () => {
    const { merchant } = await limited()
    for (let n = 0; n < 250; n++) {
      await merchant.prepay({ out_trade_no: `LIMIT-${n}` })
      const v2 = await merchant.v2('/pay/unifiedorder', merchant.orderV2({ out_trade_no: `LIMITV2-${n}` }))
      expect(v2.fields.result_code).toBe('SUCCESS')
    }
    const order = merchant.order({ out_trade_no: 'LIMIT-500' })
    expect(code(await merchant.v3('POST', '/v3/pay/transactions/jsapi', order))).toEqual([
      429,
      'FREQUENCY_LIMITED',
    ])
    const v2 = await merchant.v2('/pay/unifiedorder', merchant.orderV2({ out_trade_no: 'LIMIT-501' }))
    expect(v2.fields.err_code).toBe('FREQUENCY_LIMITED')
  })

  test('5,000 refunds a minute of payments that are a month old, the younger ones apart', async () => {
    const { sandbox } = await limited()
    sandbox.control.addFault({ fault: 'lose-notification', rate: 1 })
    for (let n = 0; n <= 5_000; n++) paid(sandbox, `LATE-${n}`)
    await sandbox.control.moveClock({ advanceMs: 30 * 24 * 60 * MINUTE })
    paid(sandbox, 'YOUNG-1')
    const refund = (outTradeNo: string) => sandbox.control.startRefund({ outTradeNo, amountFen: 1 })
    for (let n = 0; n < 5_000; n++) refund(`LATE-${n}`)
    expect(() => refund('LATE-5000')).toThrow('WeChat Pay refuses it: limited')
    expect(refund('YOUNG-1').refund.state).toBe('PROCESSING')
  }, 120_000)

  test('the 101st login of one person in a minute is 45011; the code is good after it', async () => {
    const { time, sandbox } = await limited()
    const { appid, appSecret: secret, apiBaseUrl } = sandbox.info
    const login = async (code: string) => {
      const query = `appid=${appid}&secret=${secret}&js_code=${code}&grant_type=authorization_code`
      return JSON.parse((await send(`${apiBaseUrl}/sns/jscode2session?${query}`, { ca: sandbox.caPem })).body)
    }
    const codeOf = (openid: string) => sandbox.control.createCode({ openid }).code
    for (let n = 0; n < 100; n++) expect((await login(codeOf('alice'))).openid).toBe('alice')
    const late = codeOf('alice')
    expect(await login(late)).toEqual({ errcode: 45011, errmsg: 'api minute-quota reach limit' })
    expect((await login(codeOf('bob'))).openid).toBe('bob')
    time.now += MINUTE
    expect((await login(late)).openid).toBe('alice')
  })
})

test('without it a test suite may ask as fast as it likes', async () => {
  const merchant = new Merchant(await aSandbox())
  for (let call = 0; call < 20; call++) expect((await merchant.refund('NOBODY-1')).status).toBe(404)
})
