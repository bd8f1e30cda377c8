import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, cleanUp, emptyDirectory, fromXml, Merchant, toXml } from './merchant.ts'

let sandbox: Sandbox
let merchant: Merchant
let number = 0

beforeAll(async () => {
  sandbox = await aSandbox()
  merchant = new Merchant(sandbox)
})
beforeEach(() => {
  number += 1
})
afterAll(cleanUp)

const MINUTE = 60_000
const DAY = 86_400_000
const trade = () => `V2TRADE${String(number).padStart(3, '0')}`
const refundNo = (part = 0) => `${trade()}R${part}`
const advance = (ms: number) => sandbox.control.moveClock({ advanceMs: ms })
const buy = () => merchant.buyV2({ out_trade_no: trade() })
const transactionId = () => sandbox.control.trade(trade()).transactions[0]?.transactionId ?? ''
const refund = (fen = 1999, of = 0, more: Record<string, string> = {}) =>
  merchant.refundV2({
    out_trade_no: trade(),
    out_refund_no: refundNo(of),
    refund_fee: String(fen),
    ...more,
  })
const query = (by: Record<string, string>) => merchant.queryRefundV2(by)

test('a refund is accepted, signed, with an empty refund_channel; the query tells when it succeeded', async () => {
  await buy()
  const { status, headers, fields } = await refund(1999, 0, { refund_desc: '不想要了' })
  expect([status, headers['content-type']]).toEqual([200, 'text/plain'])
  expect(fields).toEqual({
    return_code: 'SUCCESS',
    return_msg: 'OK',
    result_code: 'SUCCESS',
    appid: sandbox.info.appid,
    mch_id: sandbox.info.mchid,
    nonce_str: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
    sign: merchant.signV2(fields, 'HMAC-SHA256'),
    transaction_id: transactionId(),
    out_trade_no: trade(),
    out_refund_no: refundNo(),
    refund_id: expect.stringMatching(/^5030\d{25}$/),
    refund_channel: '',
    refund_fee: '1999',
    coupon_refund_fee: '0',
    total_fee: '1999',
    cash_fee: '1999',
    coupon_refund_count: '0',
    cash_refund_fee: '1999',
  })
  const processing = await query({ out_refund_no: refundNo() })
  expect(processing.body).toContain('<refund_status_0><![CDATA[PROCESSING]]></refund_status_0>')
  expect(processing.fields.refund_success_time_0).toBeUndefined()
  await advance(1_000)
  const done = await query({ out_refund_no: refundNo() })
  expect(done.fields).toEqual({
    return_code: 'SUCCESS',
    return_msg: 'OK',
    result_code: 'SUCCESS',
    appid: sandbox.info.appid,
    mch_id: sandbox.info.mchid,
    nonce_str: expect.any(String),
    sign: merchant.signV2(done.fields, 'HMAC-SHA256'),
    transaction_id: transactionId(),
    out_trade_no: trade(),
    total_fee: '1999',
    fee_type: 'CNY',
    cash_fee: '1999',
    refund_count: '1',
    out_refund_no_0: refundNo(),
    refund_id_0: fields.refund_id,
    refund_channel_0: 'ORIGINAL',
    refund_fee_0: '1999',
    coupon_refund_fee_0: '0',
    coupon_refund_count_0: '0',
    refund_status_0: 'SUCCESS',
    refund_account_0: 'REFUND_SOURCE_UNSETTLED_FUNDS',
    refund_recv_accout_0: '支付用户零钱',
    refund_success_time_0: '2026-11-22 10:00:01',
  })
})

test('the transaction_id wins over the out_trade_no', async () => {
  await buy()
  const { fields } = await refund(1, 0, { out_trade_no: 'NOBODYS', transaction_id: transactionId() })
  expect(fields).toMatchObject({ result_code: 'SUCCESS', out_trade_no: trade() })
  const unknown = await refund(1, 1, { transaction_id: '4200000000202611220000000000' })
  expect(unknown.fields.err_code).toBe('ORDERNOTEXIST')
})

test('a transaction_id that can be none is named, to refund and to refundquery', async () => {
  await buy()
  for (const id of ['1', '4'.repeat(27), '4'.repeat(29), `${'4'.repeat(27)}x`]) {
    expect((await refund(1, 0, { transaction_id: id })).fields.err_code).toBe('INVALID_TRANSACTIONID')
    expect((await query({ transaction_id: id })).fields.err_code).toBe('INVALID_TRANSACTIONID')
  }
  const { fields } = await query({ transaction_id: '1', out_refund_no: 'NEVER' })
  expect(fields.err_code).toBe('REFUNDNOTEXIST')
})

test('MD5 refunds are answered with MD5', async () => {
  await buy()
  const { fields } = await merchant.refundV2(
    { out_trade_no: trade(), out_refund_no: refundNo() },
    merchant.certificate,
    'MD5',
  )
  expect(fields.sign).toBe(merchant.signV2(fields, 'MD5'))
  expect(fields.sign).toHaveLength(32)
})

describe('the client certificate', () => {
  test('missing: the page of the web server, and nothing happened', async () => {
    await buy()
    const answer = await merchant.refundV2({ out_trade_no: trade(), out_refund_no: refundNo() }, {})
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('text/html')
    expect(answer.body).toContain('<center><h1>400 Bad Request</h1></center>')
    expect(answer.body).toContain('<center>No required SSL certificate was sent</center>')
    expect((await query({ out_refund_no: refundNo() })).fields.err_code).toBe('REFUNDNOTEXIST')
  })

  test.each([
    ['another merchant’s', 'foreign'],
    ['the platform’s, issued by the same authority', 'platform'],
  ])('%s: CERT_ERROR, signed', async (_name, whose) => {
    await buy()
    const other = whose === 'foreign' ? await aSandbox({ dataDir: emptyDirectory() }) : sandbox
    const directory = join(other.infoFile, '..')
    const read = (file: string) => readFileSync(join(directory, file), 'utf8')
    const certificate =
      whose === 'foreign'
        ? { cert: read('apiclient_cert.pem'), key: read('apiclient_key.pem') }
        : { cert: read('wechatpay-platform-cert.pem'), key: read('wechatpay-platform-key.pem') }
    const { status, fields } = await merchant.refundV2(
      { out_trade_no: trade(), out_refund_no: refundNo() },
      certificate,
    )
    expect(status).toBe(200)
    expect(fields).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'CERT_ERROR' })
    expect(fields.sign).toBe(merchant.signV2(fields, 'HMAC-SHA256'))
    expect(() => sandbox.control.refund(refundNo())).toThrow('no refund')
    // Keys of another merchant are made: seconds on a busy machine.
  })

  test('a resumed TLS session still stands for the certificate that opened it', async () => {
    await buy()
    const agent = new Agent({ maxCachedSessions: 10 })
    const { baseUrl } = sandbox.info
    const body = toXml(
      merchant.signed({
        ...merchant.common(),
        out_trade_no: trade(),
        out_refund_no: refundNo(),
        total_fee: '1999',
        refund_fee: '1999',
      }),
    )
    const post = () =>
      new Promise<{ text: string; isResumed: boolean }>((resolve, reject) => {
        const options = { method: 'POST', agent, ca: sandbox.caPem, ...merchant.certificate }
        const outgoing = request(`${baseUrl}/secapi/pay/refund`, options, (incoming) => {
          const { socket } = incoming
          const isResumed = socket instanceof TLSSocket && socket.isSessionReused()
          let text = ''
          incoming.on('data', (chunk) => {
            text += chunk
          })
          incoming.on('end', () => resolve({ text, isResumed }))
        })
        outgoing.on('error', reject)
        outgoing.end(body)
      })
    const [first, second] = [await post(), await post()]
    expect([first.isResumed, second.isResumed]).toEqual([false, true])
    expect(second.text).toContain('<result_code><![CDATA[SUCCESS]]></result_code>')
    expect(fromXml(second.text).refund_id).toBe(fromXml(first.text).refund_id)
  })

  test('a wrong signature is told before a wrong certificate; other calls need no certificate', async () => {
    const { fields } = await merchant.refundV2({
      out_trade_no: trade(),
      out_refund_no: 'R',
      sign: 'A'.repeat(32),
    })
    expect(fields).toEqual({ return_code: 'FAIL', return_msg: '签名错误' })
    expect((await query({ out_refund_no: 'NEVER' })).fields.err_code).toBe('REFUNDNOTEXIST')
  })
})

describe('refusals', () => {
  test.each([
    ['unknown', 'ORDERNOTEXIST'],
    ['unpaid', 'ORDERNOTEXIST'],
  ])('an %s trade: %s', async (kind, code) => {
    if (kind === 'unpaid') await merchant.v2('/pay/unifiedorder', merchant.orderV2({ out_trade_no: trade() }))
    expect((await refund()).fields.err_code).toBe(code)
  })

  test.each<[string, Record<string, string>, string]>([
    ['another amount', { refund_fee: '501' }, 'REFUND_FEE_MISMATCH'],
    ['another total', { total_fee: '2000' }, 'REFUND_FEE_MISMATCH'],
    ['another trade', { out_trade_no: 'V2TRADE001' }, 'REFUND_FEE_MISMATCH'],
  ])('the same number with %s: %s', async (_name, change, code) => {
    await buy()
    const first = await refund(500)
    expect((await refund(500)).fields.refund_id).toBe(first.fields.refund_id)
    const { fields } = await refund(500, 0, change)
    expect(fields).toMatchObject({
      result_code: 'FAIL',
      err_code: code,
      err_code_des: '订单金额或退款金额与之前请求不一致，请核实后再试',
    })
  })

  test('a total that is not the trade’s', async () => {
    await buy()
    expect((await refund(1, 0, { total_fee: '2000' })).fields.err_code).toBe('REFUND_FEE_MISMATCH')
  })

  test('more than the rest, more than the total, nothing left', async () => {
    await buy()
    expect((await refund(2000)).fields).toEqual({ return_code: 'FAIL', return_msg: 'invalid refund_fee' })
    await refund(1998)
    await advance(MINUTE)
    expect((await refund(2, 1)).fields).toMatchObject({
      err_code: 'ERROR',
      err_code_des: '累计退款金额大于支付金额',
    })
    await refund(1, 1)
    await advance(MINUTE)
    expect((await refund(1, 2)).fields).toMatchObject({ err_code: 'ERROR', err_code_des: '订单已全额退款' })
  })

  test('within a minute, not accepted; after a year, off-line', async () => {
    await buy()
    await refund(1)
    await advance(MINUTE - 1)
    expect((await refund(1, 1)).fields.err_code).toBe('FREQUENCY_LIMITED')
    await advance(1)
    expect((await refund(1, 1)).fields.result_code).toBe('SUCCESS')
    await advance(365 * DAY)
    expect((await refund(1, 2)).fields.err_code).toBe('TRADE_OVERDUE')
  })

  test('the 51st part', async () => {
    await buy()
    for (let i = 0; i < 50; i++) {
      expect((await refund(1, i)).fields.result_code).toBe('SUCCESS')
      await advance(MINUTE)
    }
    expect((await refund(1, 50)).fields).toMatchObject({
      err_code: 'ERROR',
      err_code_des: '每个支付订单的部分退款次数不能超过50次',
    })
  })

  test.each<[string, string]>([
    ['not-enough', 'NOTENOUGH'],
    ['user-account-abnormal', 'USER_ACCOUNT_ABNORMAL'],
    ['frequency-limited', 'FREQUENCY_LIMITED'],
  ])('fault %s: %s, nothing accepted, the same number works after it', async (name, code) => {
    await buy()
    sandbox.control.addFault({ fault: name, match: { outRefundNo: refundNo() } })
    const { fields } = await refund()
    expect(fields).toMatchObject({ result_code: 'FAIL', err_code: code })
    expect(fields.sign).toBe(merchant.signV2(fields, 'HMAC-SHA256'))
    expect((await query({ out_refund_no: refundNo() })).fields.err_code).toBe('REFUNDNOTEXIST')
    expect((await refund()).fields.result_code).toBe('SUCCESS')
  })

  test('fault frequency-limited can have been applied all the same', async () => {
    await buy()
    sandbox.control.addFault({ fault: 'frequency-limited', applied: true, match: { outTradeNo: trade() } })
    const byId = { out_trade_no: '', transaction_id: transactionId() }
    expect((await refund(1999, 0, byId)).fields.err_code).toBe('FREQUENCY_LIMITED')
    expect((await query({ out_refund_no: refundNo() })).fields.refund_status_0).toBe('PROCESSING')
  })

  test.each<[Record<string, string>, string]>([
    [{ out_refund_no: '' }, 'LACK_PARAMS'],
    [{ refund_fee: '' }, 'LACK_PARAMS'],
    [{ total_fee: '' }, 'LACK_PARAMS'],
    [{ out_trade_no: '' }, 'PARAM_ERROR'],
  ])('without %j: %s', async (change, code) => {
    expect((await refund(1, 0, change)).fields.err_code).toBe(code)
  })

  test.each<[Record<string, string>]>([
    [{ refund_fee: '0' }],
    [{ refund_fee: '-1' }],
    [{ refund_fee: '0.01' }],
    [{ refund_fee: '1e2' }],
    [{ out_refund_no: 'R'.repeat(65) }],
    [{ out_refund_no: 'R 1' }],
    [{ refund_desc: '退'.repeat(27) }],
    [{ refund_fee_type: 'USD' }],
    [{ refund_account: 'AVAILABLE' }],
    [{ notify_url: 'http://shop.example.com/n' }],
    [{ notify_url: 'https://shop.example.com/n?a=1' }],
    [{ transaction_id: '4'.repeat(33) }],
  ])('%j is of the wrong form', async (change) => {
    const { fields } = await refund(1, 0, change)
    expect(fields.return_code).toBe('FAIL')
    expect(fields.return_msg).toMatch(/参数(长度|格式)有误$/)
    expect(fields.sign).toBeUndefined()
  })

  test('what is exactly as long as allowed is taken', async () => {
    await buy()
    const { fields } = await refund(1, 0, {
      out_refund_no: '_-|*@'.padEnd(64, 'Z'),
      refund_desc: `${'退'.repeat(26)}ab`,
      refund_fee_type: 'CNY',
      notify_url: `https://a.example/${'n'.repeat(238)}`,
    })
    expect(fields.result_code).toBe('SUCCESS')
  })
})

describe('refundquery', () => {
  test('by any of four numbers: refund_id before out_refund_no before transaction_id before out_trade_no', async () => {
    await buy()
    const one = (await refund(1)).fields
    await advance(MINUTE)
    const two = (await refund(2, 1)).fields
    const numbers = {
      refund_id: one.refund_id ?? '',
      out_refund_no: two.out_refund_no ?? '',
      transaction_id: transactionId(),
      out_trade_no: 'NOBODYS',
    }
    const found = async (by: Record<string, string>) => {
      const { fields } = await query(by)
      return [fields.refund_count, fields.refund_id_0, fields.refund_id_1]
    }
    expect(await found(numbers)).toEqual(['1', one.refund_id, undefined])
    expect(await found({ ...numbers, refund_id: '' })).toEqual(['1', two.refund_id, undefined])
    const { transaction_id, out_trade_no } = numbers
    expect(await found({ transaction_id, out_trade_no })).toEqual(['2', one.refund_id, two.refund_id])
    expect(await found({ out_trade_no: trade() })).toEqual(['2', one.refund_id, two.refund_id])
    // The first number given decides alone, also when it finds nothing.
    expect((await query({ ...numbers, refund_id: '50300000000000000000000000000' })).fields.err_code).toBe(
      'REFUNDNOTEXIST',
    )
  })

  test('ten parts a page, the others by offset, with the total count', async () => {
    await buy()
    for (let i = 0; i < 12; i++) {
      await refund(i + 1, i)
      await advance(MINUTE)
    }
    const first = (await query({ out_trade_no: trade() })).fields
    expect([first.total_refund_count, first.refund_count, first.refund_fee_9, first.refund_fee_10]).toEqual([
      '12',
      '10',
      '10',
      undefined,
    ])
    const second = (await query({ out_trade_no: trade(), offset: '10' })).fields
    expect([second.total_refund_count, second.refund_count]).toEqual(['12', '2'])
    expect([second.out_refund_no_0, second.out_refund_no_1, second.out_refund_no_2]).toEqual([
      refundNo(10),
      refundNo(11),
      undefined,
    ])
    expect(second.sign).toBe(merchant.signV2(second, 'HMAC-SHA256'))
    expect((await query({ out_trade_no: trade(), offset: '12' })).fields.err_code).toBe('REFUNDNOTEXIST')
    expect((await query({ out_trade_no: trade(), offset: 'x' })).fields.return_code).toBe('FAIL')
  })

  test('a few parts need no count', async () => {
    await buy()
    await refund(1)
    expect((await query({ out_trade_no: trade() })).fields.total_refund_count).toBeUndefined()
  })

  test.each([
    ['SUCCESS', 'SUCCESS'],
    ['CLOSED', 'REFUNDCLOSE'],
    ['ABNORMAL', 'CHANGE'],
  ])('a refund that is %s is called %s', async (status, name) => {
    await buy()
    await refund()
    sandbox.control.settleRefund(refundNo(), { status })
    const { fields } = await query({ out_refund_no: refundNo() })
    expect(fields.refund_status_0).toBe(name)
    expect(fields.refund_success_time_0 === undefined).toBe(status !== 'SUCCESS')
  })

  test('none given, or nothing refunded', async () => {
    await buy()
    expect((await query({})).fields.err_code).toBe('PARAM_ERROR')
    for (const by of [{ out_trade_no: trade() }, { transaction_id: transactionId() }, { refund_id: '1' }])
      expect((await query(by)).fields.err_code).toBe('REFUNDNOTEXIST')
  })

  test('after a refund orderquery says REFUND and still tells the payment', async () => {
    await buy()
    await refund(1)
    expect((await merchant.queryV2(trade())).fields).toMatchObject({
      trade_state: 'REFUND',
      trade_state_desc: '订单发生过退款，退款详情请查询退款单',
      transaction_id: transactionId(),
      total_fee: '1999',
    })
  })

  test('a v3 refund is found by the v2 query and the other way round', async () => {
    await buy()
    await refund()
    const v3 = await merchant.queryRefund(refundNo())
    expect(JSON.parse(v3.body).out_trade_no).toBe(trade())
    await merchant.buy({ out_trade_no: `${trade()}V3` })
    await merchant.refund(`${trade()}V3`)
    expect((await query({ out_trade_no: `${trade()}V3` })).fields.refund_count).toBe('1')
  })

  test("another order's body is genuinely signed about numbers nobody used", async () => {
    await buy()
    await refund()
    sandbox.control.addFault({ fault: 'other-order-body', match: { outRefundNo: refundNo() } })
    const { fields } = await query({ out_refund_no: refundNo() })
    expect(fields.out_refund_no_0).toMatch(/^OTHER/)
    expect(fields.sign).toBe(merchant.signV2(fields, 'HMAC-SHA256'))
  })
})
