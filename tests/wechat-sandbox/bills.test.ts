import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { Sandbox, SandboxOptions } from 'wechat-sandbox'
import { aSandbox, cleanUp, Merchant, send } from './merchant.ts'

afterAll(cleanUp)

const HOUR = 3_600_000
const DAY = 24 * HOUR
const TRADE = '/v3/bill/tradebill'
const FUND = '/v3/bill/fundflowbill'

/** A merchant at ten in the morning of the 22nd, in China. */
async function aMerchant(options: Partial<SandboxOptions> = {}): Promise<Merchant> {
  return new Merchant(await aSandbox(options))
}

const at = (sandbox: Sandbox, chinaTime: string) =>
  sandbox.control.moveClock({ to: `2026-${chinaTime.replace(' ', 'T')}:00+08:00` })
const code = (answer: { status: number; body: string }) => [answer.status, JSON.parse(answer.body).code]
const sha1 = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

async function download(merchant: Merchant, url: string) {
  const answer = await merchant.v3('GET', url.slice(merchant.sandbox.info.baseUrl.length))
  expect(answer.status).toBe(200)
  return answer
}

async function bill(merchant: Merchant, query: string, path = TRADE) {
  const applied = await merchant.v3('GET', `${path}?${query}`)
  expect([applied.status, applied.body]).toEqual([200, expect.stringContaining('download_url')])
  const { hash_value: hash, download_url: url } = JSON.parse(applied.body)
  const { bytes } = await download(merchant, url)
  return { applied, hash, url, bytes, ...read(bytes) }
}

/** Rows by column name; throws when the shape of the file is another. */
function read(bytes: Buffer) {
  const text = bytes.toString('utf8')
  expect(text.charAt(0)).toBe('\ufeff')
  expect(text.endsWith('\r\n')).toBe(true)
  const lines = text.slice(1, -2).split('\r\n')
  const fields = (line: string) => line.slice(1).split(',`')
  const names = lines[0]?.split(',') ?? []
  const summaryNames = lines.at(-2)?.split(',') ?? []
  const zip = (keys: string[], values: string[]): Record<string, string> => {
    expect(values).toHaveLength(keys.length)
    return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? '']))
  }
  return {
    names,
    rows: lines.slice(1, -2).map((line) => zip(names, fields(line))),
    summary: zip(summaryNames, fields(lines.at(-1) ?? '')),
  }
}

describe('a trade bill', () => {
  test('has a row for each payment and each refund of the day, in yuan, with a summary and the hash of it', async () => {
    const merchant = await aMerchant()
    const { sandbox } = merchant
    await merchant.buy({
      out_trade_no: 'BILL-0001',
      description: '咖啡, `大杯`\n"热"',
      attach: 'a,`b',
      amount: { total: 7, currency: 'CNY' },
    })
    await sandbox.control.moveClock({ advanceMs: HOUR })
    await merchant.refund('BILL-0001', { amount: { refund: 3, total: 7, currency: 'CNY' } })
    await merchant.prepay({ out_trade_no: 'BILL-UNPAID' })
    await at(sandbox, '11-23 10:00')
    const { applied, hash, names, rows, summary, bytes } = await bill(merchant, 'bill_date=2026-11-22')
    expect(merchant.isGenuine(applied.headers, applied.body)).toBe(true)
    expect(JSON.parse(applied.body).hash_type).toBe('SHA1')
    expect(hash).toBe(sha1(bytes))
    // The columns of the official sample, in its order.
    expect(names.join()).toBe(
      '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注',
    )
    const transactionId = sandbox.control.trade('BILL-0001').transactions[0]?.transactionId
    expect(rows).toEqual([
      {
        交易时间: '2026-11-22 11:00:00',
        公众账号ID: sandbox.info.appid,
        商户号: sandbox.info.mchid,
        特约商户号: '0',
        设备号: '',
        微信订单号: transactionId,
        商户订单号: 'BILL-0001',
        用户标识: 'openid-alice',
        交易类型: 'JSAPI',
        交易状态: 'REFUND',
        付款银行: 'OTHERS',
        货币种类: 'CNY',
        应结订单金额: '0.00',
        代金券金额: '0.00',
        微信退款单号: sandbox.control.refund('R-BILL-0001').refundId,
        商户退款单号: 'R-BILL-0001',
        退款金额: '0.03',
        充值券退款金额: '0.00',
        退款类型: 'ORIGINAL',
        退款状态: 'SUCCESS',
        商品名称: '咖啡\\  `大杯` "热"',
        商户数据包: 'a\\ `b',
        手续费: '0.00000',
        费率: '0.00%',
        订单金额: '0.00',
        申请退款金额: '0.03',
        费率备注: '',
      },
      expect.objectContaining({
        交易时间: '2026-11-22 10:00:00',
        微信订单号: transactionId,
        交易状态: 'SUCCESS',
        应结订单金额: '0.07',
        订单金额: '0.07',
        微信退款单号: '0',
        商户退款单号: '0',
        退款金额: '0.00',
        退款状态: '',
      }),
    ])
    expect(summary).toEqual({
      总交易单数: '2.0',
      应结订单总金额: '0.07',
      退款总金额: '0.03',
      充值券退款总金额: '0.00',
      手续费总金额: '0.00',
      订单总金额: '0.07',
      申请退款总金额: '0.03',
    })
  })

  test('SUCCESS leaves the refunds out, REFUND the payments, each with its own columns', async () => {
    const merchant = await aMerchant()
    await merchant.buy({ out_trade_no: 'BILL-0002' })
    await merchant.refund('BILL-0002')
    await at(merchant.sandbox, '11-23 10:00')
    const paid = await bill(merchant, 'bill_date=2026-11-22&bill_type=SUCCESS')
    expect(paid.rows.map((row) => [row.商户订单号, row.交易状态])).toEqual([['BILL-0002', 'SUCCESS']])
    expect(paid.names.filter((name) => name.includes('退款'))).toEqual([])
    const refunds = await bill(merchant, 'bill_date=2026-11-22&bill_type=REFUND')
    expect(refunds.rows).toMatchObject([
      {
        商户退款单号: 'R-BILL-0002',
        退款申请时间: '2026-11-22 10:00:00',
        退款成功时间: '2026-11-22 10:00:01',
        退款状态: 'SUCCESS',
      },
    ])
  })

  test('a second before and after midnight in China are two days, wherever this machine is', async () => {
    const merchant = await aMerchant()
    await at(merchant.sandbox, '11-22 23:59')
    await merchant.sandbox.control.moveClock({ advanceMs: 59_999 })
    await merchant.buy({ out_trade_no: 'BILL-BEFORE' })
    await merchant.sandbox.control.moveClock({ advanceMs: 1 })
    await merchant.buy({ out_trade_no: 'BILL-AFTER' })
    await at(merchant.sandbox, '11-24 10:00')
    const numbers = async (date: string) =>
      (await bill(merchant, `bill_date=${date}`)).rows.map((row) => row.商户订单号)
    expect(await numbers('2026-11-22')).toEqual(['BILL-BEFORE'])
    expect(await numbers('2026-11-23')).toEqual(['BILL-AFTER'])
  })

  test('says of a refund what was true at nine the next morning, whenever it is fetched', async () => {
    const merchant = await aMerchant()
    const { control } = merchant.sandbox
    const outcomes = ['hold-refund', 'refund-abnormal', 'refund-closed', 'hold-refund-2'] as const
    for (const outTradeNo of outcomes) {
      await merchant.buy({ out_trade_no: outTradeNo })
      control.addFault({ fault: outTradeNo.replace('-2', ''), match: { outTradeNo } })
      await merchant.refund(outTradeNo)
    }
    await at(merchant.sandbox, '11-23 10:00')
    const first = await bill(merchant, 'bill_date=2026-11-22&bill_type=REFUND')
    const statuses = Object.fromEntries(first.rows.map((row) => [row.商户订单号, row.退款状态]))
    expect(statuses).toEqual({
      'hold-refund': 'PROCESSING',
      'hold-refund-2': 'PROCESSING',
      'refund-abnormal': 'CHANGE',
      'refund-closed': 'FAIL',
    })
    control.settleRefund('R-hold-refund', { status: 'SUCCESS' })
    control.settleRefund('R-hold-refund-2', { status: 'ABNORMAL' })
    control.settleRefund('R-refund-abnormal', { status: 'SUCCESS' })
    await control.moveClock({ advanceMs: 3 * DAY })
    const later = await bill(merchant, 'bill_date=2026-11-22&bill_type=REFUND')
    expect(later.bytes.equals(first.bytes)).toBe(true)
  })

  test('money paid after the close, twice, or in a wrong amount has rows of what was really paid', async () => {
    const merchant = await aMerchant()
    const { control } = merchant.sandbox
    const prepayId = await merchant.prepay({ out_trade_no: 'BILL-0003' })
    control.addFault({ fault: 'second-payment' })
    control.addFault({ fault: 'wrong-amount', amountFen: 5, currency: 'USD' })
    const pay = { ...merchant.payParameters(prepayId), openid: 'openid-alice', action: 'pay' }
    control.cashier(pay)
    control.cashier(pay)
    await at(merchant.sandbox, '11-23 10:00')
    const { rows } = await bill(merchant, 'bill_date=2026-11-22')
    expect(rows.map((row) => [row.订单金额, row.货币种类]).sort()).toEqual([
      ['0.05', 'USD'],
      ['19.99', 'CNY'],
    ])
    expect(new Set(rows.map((row) => row.微信订单号)).size).toBe(2)
  })

  test('the fees of a day add up to what the books took', async () => {
    const merchant = await aMerchant({ feeBasisPoints: 60 })
    const { control } = merchant.sandbox
    await merchant.buy({ out_trade_no: 'BILL-FEE1', amount: { total: 999, currency: 'CNY' } })
    await merchant.buy({ out_trade_no: 'BILL-FEE2', amount: { total: 12_345, currency: 'CNY' } })
    await merchant.refund('BILL-FEE2', { amount: { refund: 555, total: 12_345, currency: 'CNY' } })
    await at(merchant.sandbox, '11-23 11:00')
    await merchant.refund('BILL-FEE1', { amount: { refund: 500, total: 999, currency: 'CNY' } })
    await at(merchant.sandbox, '11-24 10:00')
    const days = [await bill(merchant, 'bill_date=2026-11-22'), await bill(merchant, 'bill_date=2026-11-23')]
    const fees = days.map(({ rows }) => rows.map((row) => row.手续费).sort())
    expect(fees).toEqual([['-0.03000', '0.06000', '0.74000'], ['-0.03000']])
    expect(days[0]?.rows.map((row) => row.费率)).toEqual(['0.60%', '0.60%', '0.60%'])
    expect(days.map(({ summary }) => summary.手续费总金额)).toEqual(['0.77', '-0.03'])
    const { entries } = control.ledger({})
    const taken = entries.filter(({ account }) => account === 'wechatpay:fees')
    expect(taken.reduce((sum, { fen }) => sum + fen, 0)).toBe(74)
  })
})

describe('a fund flow bill', () => {
  test('follows the basic account fen by fen, with its balance after each movement', async () => {
    const merchant = await aMerchant({ feeBasisPoints: 100 })
    const { control } = merchant.sandbox
    await merchant.buy({ out_trade_no: 'FUND-0001', amount: { total: 10_000, currency: 'CNY' } })
    control.moveBalance({ amountFen: 500 })
    await at(merchant.sandbox, '11-23 12:00')
    await merchant.refund('FUND-0001', {
      reason: '坏了,退',
      amount: { refund: 4_000, total: 10_000, currency: 'CNY' },
    })
    control.moveBalance({ amountFen: -100 })
    await at(merchant.sandbox, '11-24 10:00')
    const first = await bill(merchant, 'bill_date=2026-11-22', FUND)
    expect(first.names.join()).toBe(
      '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号',
    )
    const brief = (rows: Record<string, string>[]) =>
      rows.map((row) => [
        row.业务名称,
        row.收支类型,
        row['收支金额(元)'],
        row['账户结余(元)'],
        row.业务凭证号,
      ])
    expect(brief(first.rows)).toEqual([
      ['交易', '收入', '100.00', '100.00', 'FUND-0001'],
      ['充值', '收入', '5.00', '105.00', ''],
    ])
    expect(first.summary).toEqual({
      资金流水总笔数: '2.0',
      收入笔数: '2.0',
      收入金额: '105.00',
      支出笔数: '0.0',
      支出金额: '0.00',
    })
    const second = await bill(merchant, 'bill_date=2026-11-23&account_type=BASIC', FUND)
    expect(brief(second.rows)).toEqual([
      ['扣除交易手续费', '支出', '1.00', '104.00', 'FUND-0001'],
      ['退款', '支出', '40.00', '64.00', 'R-FUND-0001'],
      ['退还交易手续费', '收入', '0.40', '64.40', 'R-FUND-0001'],
      ['提现', '支出', '1.00', '63.40', ''],
    ])
    expect(second.rows[1]?.备注).toBe('坏了\\ 退')
    expect(second.summary.支出金额).toBe('42.00')
    const { availableFen, pendingFen } = control.balance()
    expect(availableFen + pendingFen).toBe(6_340)
    const flow = second.rows.map((row) => row.资金流水单号)
    expect(new Set(flow).size).toBe(4)
  })

  test('a closed refund brings its money back, and the other two accounts are empty', async () => {
    const merchant = await aMerchant()
    await merchant.buy({ out_trade_no: 'FUND-0002', amount: { total: 300, currency: 'CNY' } })
    merchant.sandbox.control.addFault({ fault: 'refund-closed' })
    await merchant.refund('FUND-0002', { amount: { refund: 300, total: 300, currency: 'CNY' } })
    await at(merchant.sandbox, '11-23 10:00')
    const { rows } = await bill(merchant, 'bill_date=2026-11-22', FUND)
    expect(rows.map((row) => [row.业务名称, row['收支金额(元)'], row['账户结余(元)']])).toEqual([
      ['交易', '3.00', '3.00'],
      ['退款', '3.00', '0.00'],
      ['退款关闭', '3.00', '3.00'],
    ])
    for (const account of ['OPERATION', 'FEES']) {
      const none = await merchant.v3('GET', `${FUND}?bill_date=2026-11-22&account_type=${account}`)
      expect(code(none)).toEqual([400, 'NO_STATEMENT_EXIST'])
    }
  })
})

describe('v3 bills', () => {
  test.each([
    ['11-22 23:59', '2026-11-22', 'INVALID_REQUEST'],
    ['11-22 23:59', '2027-01-01', 'INVALID_REQUEST'],
    ['11-23 09:59', '2026-11-22', 'STATEMENT_CREATING'],
    ['11-23 10:00', '2026-11-21', 'NO_STATEMENT_EXIST'],
    ['11-23 10:00', '2026-08-22', 'INVALID_REQUEST'],
    ['11-23 10:00', '2026-08-23', 'NO_STATEMENT_EXIST'],
    ['11-23 10:00', '2026-11-31', 'PARAM_ERROR'],
    ['11-23 10:00', '20261122', 'PARAM_ERROR'],
    ['11-23 10:00', '', 'PARAM_ERROR'],
  ])('at %s (China) the bill of %j is %s', async (now, date, expected) => {
    const merchant = await aMerchant()
    await merchant.buy({ out_trade_no: 'BILL-0004' })
    await at(merchant.sandbox, now)
    expect(code(await merchant.v3('GET', `${TRADE}?bill_date=${date}`))).toEqual([400, expected])
  })

  test('a day has its bill from ten o’clock of the next on', async () => {
    const merchant = await aMerchant()
    await merchant.buy({ out_trade_no: 'BILL-0004' })
    await at(merchant.sandbox, '11-23 09:59')
    await merchant.sandbox.control.moveClock({ advanceMs: 60_000 })
    expect((await bill(merchant, 'bill_date=2026-11-22')).rows).toHaveLength(1)
  })

  test.each([
    [TRADE, 'bill_type=EVERYTHING'],
    [TRADE, 'tar_type=ZIP'],
    [TRADE, 'bill_date=2026-11-21'],
    [FUND, 'account_type=Basic'],
  ])('%s refuses %s and names the member', async (path, query) => {
    const merchant = await aMerchant()
    const answer = await merchant.v3('GET', `${path}?bill_date=2026-11-21&${query}`)
    expect(code(answer)).toEqual([400, 'PARAM_ERROR'])
    expect(JSON.parse(answer.body).detail).toMatchObject({
      field: `/${query.split('=')[0]}`,
      location: 'query',
    })
  })

  test('the download is for the merchant alone, unsigned, good for five minutes, and can’t be forged', async () => {
    const merchant = await aMerchant()
    await merchant.buy({ out_trade_no: 'BILL-0005' })
    await at(merchant.sandbox, '11-23 10:00')
    const { url } = await bill(merchant, 'bill_date=2026-11-22')
    const path = url.slice(merchant.sandbox.info.baseUrl.length)
    expect(url.startsWith(`${merchant.sandbox.info.baseUrl}/v3/billdownload/file?token=`)).toBe(true)
    const headers = { Accept: '*/*', 'User-Agent': 'test' }
    const stranger = await send(url, { ca: merchant.sandbox.caPem, headers })
    expect(code(stranger)).toEqual([401, 'SIGN_ERROR'])
    const file = await download(merchant, url)
    expect(Object.keys(file.headers).filter((name) => name.startsWith('wechatpay'))).toEqual([])
    const [token = ''] = /(?<=token=)[^&]+/.exec(path) ?? []
    for (const forged of ['', 'x', token.slice(0, -1), `A${token}`])
      expect(code(await merchant.v3('GET', `/v3/billdownload/file?token=${forged}`))[0]).toBe(400)
    await merchant.sandbox.control.moveClock({ advanceMs: 299_999 })
    await download(merchant, url)
    await merchant.sandbox.control.moveClock({ advanceMs: 1 })
    expect(code(await merchant.v3('GET', path))).toEqual([400, 'INVALID_REQUEST'])
  })

  test('GZIP packs the file; the hash is of the text inside', async () => {
    const merchant = await aMerchant()
    await merchant.buy({ out_trade_no: 'BILL-0006' })
    await at(merchant.sandbox, '11-23 10:00')
    const plain = await bill(merchant, 'bill_date=2026-11-22')
    const applied = await merchant.v3('GET', `${TRADE}?bill_date=2026-11-22&tar_type=GZIP`)
    const { hash_value: hash, download_url: url } = JSON.parse(applied.body)
    const { bytes } = await download(merchant, url)
    expect(gunzipSync(bytes).equals(plain.bytes)).toBe(true)
    expect(hash).toBe(plain.hash)
  })

  test('a client that came by another name downloads by that name', async () => {
    const merchant = await aMerchant()
    await merchant.buy({ out_trade_no: 'BILL-0007' })
    await at(merchant.sandbox, '11-23 10:00')
    const { port } = new URL(merchant.sandbox.info.baseUrl)
    const applied = await merchant.v3('GET', `${TRADE}?bill_date=2026-11-22`, undefined, {
      headers: { Host: `localhost:${port}` },
    })
    const { download_url: url } = JSON.parse(applied.body)
    expect(url.startsWith(`https://localhost:${port}/v3/billdownload/file?`)).toBe(true)
  })
})

describe('v2 bills', () => {
  const trade = (merchant: Merchant, more: Record<string, string> = {}) =>
    merchant.v2('/pay/downloadbill', { ...merchant.common(), bill_date: '20261122', ...more })
  const fund = (merchant: Merchant, more: Record<string, string> = {}, signType?: 'MD5') =>
    merchant.v2(
      '/pay/downloadfundflow',
      { ...merchant.common(), bill_date: '20261122', account_type: 'Basic', ...more },
      signType,
      merchant.certificate,
    )

  test('the answer is the very file that v3 gives out, as text or gzip', async () => {
    const merchant = await aMerchant()
    await merchant.buyV2()
    await at(merchant.sandbox, '11-23 10:00')
    const v3 = await bill(merchant, 'bill_date=2026-11-22')
    const plain = await trade(merchant, { bill_type: 'ALL' })
    expect([plain.status, plain.headers['content-type']]).toEqual([200, 'text/plain'])
    expect(plain.bytes.equals(v3.bytes)).toBe(true)
    const packed = await trade(merchant, { tar_type: 'GZIP' })
    expect(gunzipSync(packed.bytes).equals(v3.bytes)).toBe(true)
    const flow = await fund(merchant)
    expect(read(flow.bytes).rows.map((row) => row.业务凭证号)).toEqual(['V2ORDER1'])
    expect(flow.headers.digest).toBe(`SHA=${sha1(flow.bytes)}`)
    expect(gunzipSync((await fund(merchant, { tar_type: 'GZIP' })).bytes).equals(flow.bytes)).toBe(true)
  })

  test.each<[string, Record<string, string>]>([
    ['No Bill Exist', { bill_date: '20261121' }],
    ['No Bill Exist', { bill_date: '20261123' }],
    ['No Bill Exist', { bill_date: '20260822' }],
    ['No Bill Exist', { bill_type: 'RECHARGE_REFUND' }],
    ['data format error', { bill_date: '2026-11-22' }],
    ['data format error', { bill_date: '20261131' }],
    ['missing parameter', { bill_date: '' }],
    ['invalid bill_type', { bill_type: 'EVERYTHING' }],
    ['data format error', { tar_type: 'ZIP' }],
    ['SIGN ERROR', { sign: 'A'.repeat(32) }],
  ])('a trade bill that isn’t given out says %s in XML without a signature', async (message, more) => {
    const merchant = await aMerchant()
    await merchant.buyV2()
    await at(merchant.sandbox, '11-23 10:00')
    const { status, fields } = await trade(merchant, more)
    expect(status).toBe(200)
    expect(fields).toEqual({ return_code: 'FAIL', return_msg: message, error_code: expect.any(String) })
  })

  test('before ten it is being created', async () => {
    const merchant = await aMerchant()
    await merchant.buyV2()
    await at(merchant.sandbox, '11-23 09:59')
    expect((await trade(merchant)).fields.return_msg).toBe('Bill Creating')
    const { fields } = await fund(merchant)
    expect(fields).toMatchObject({
      result_code: 'FAIL',
      err_code: 'BILL_CREATING',
      err_code_des: 'Bill Creating',
    })
    expect(fields.sign).toBe(merchant.signV2(fields, 'HMAC-SHA256'))
  })

  test('a fund flow bill needs the certificate and HMAC-SHA256', async () => {
    const merchant = await aMerchant()
    await merchant.buyV2()
    await at(merchant.sandbox, '11-23 10:00')
    const members = { ...merchant.common(), bill_date: '20261122', account_type: 'Basic' }
    const bare = await merchant.v2('/pay/downloadfundflow', members)
    expect([bare.status, bare.body]).toEqual([
      400,
      expect.stringContaining('No required SSL certificate was sent'),
    ])
    expect((await fund(merchant, {}, 'MD5')).fields.err_code).toBe('SIGNERROR')
    expect((await fund(merchant, { account_type: 'Other' })).fields.err_code).toBe('PARAM_ERROR')
    expect((await fund(merchant, { account_type: 'Fees' })).fields.err_code).toBe('NO_BILL_EXIST')
  })
})

describe('spoilt bills', () => {
  const ready = async () => {
    const merchant = await aMerchant()
    for (const number of ['SPOIL-1', 'SPOIL-2']) await merchant.buy({ out_trade_no: number })
    await merchant.refund('SPOIL-2')
    await at(merchant.sandbox, '11-23 10:00')
    const fault = (name: string, more: object = {}) =>
      merchant.sandbox.control.addFault({ fault: name, match: { outTradeNo: 'SPOIL-1' }, ...more })
    const brief = async () =>
      (await bill(merchant, 'bill_date=2026-11-22')).rows
        .map((row) => [row.商户订单号, row.交易状态, row.退款状态, row.订单金额, row.申请退款金额].join(' '))
        .sort()
    return { merchant, fault, brief, control: merchant.sandbox.control }
  }
  const GOOD = [
    'SPOIL-1 SUCCESS  19.99 0.00',
    'SPOIL-2 REFUND SUCCESS 0.00 19.99',
    'SPOIL-2 SUCCESS  19.99 0.00',
  ]

  test('a row can be missing, doubled, of another amount or state, once; the hash is of what was given out', async () => {
    const { fault, brief } = await ready()
    expect(await brief()).toEqual(GOOD)
    fault('bill-missing-row')
    expect(await brief()).toEqual(GOOD.slice(1))
    fault('bill-duplicate-row')
    expect(await brief()).toEqual([GOOD[0], ...GOOD])
    fault('bill-wrong-amount', { amountFen: 1 })
    expect(await brief()).toEqual(['SPOIL-1 SUCCESS  0.01 0.00', ...GOOD.slice(1)])
    fault('bill-wrong-status', { match: { outRefundNo: 'R-SPOIL-2' } })
    expect(await brief()).toEqual([GOOD[0], 'SPOIL-2 REFUND FAIL 0.00 19.99', GOOD[2]])
    expect(await brief()).toEqual(GOOD)
  })

  test('a payment that nobody made can stand in it', async () => {
    const { merchant, control } = await ready()
    control.addFault({ fault: 'bill-extra-row', amountFen: 66 })
    const { rows, hash, bytes, url } = await bill(merchant, 'bill_date=2026-11-22')
    const extra = rows.find((row) => row.商户订单号?.startsWith('EXTRA'))
    expect(extra).toMatchObject({ 订单金额: '0.66', 交易状态: 'SUCCESS' })
    // Fetched twice from one address it is the same file.
    expect(sha1((await download(merchant, url)).bytes)).toBe(hash)
    expect(sha1(bytes)).toBe(hash)
  })

  test.each(['bill-damaged', 'bill-cut'])('%s: the file no longer has its hash', async (name) => {
    const { merchant, control } = await ready()
    control.addFault({ fault: name })
    const applied = JSON.parse((await merchant.v3('GET', `${TRADE}?bill_date=2026-11-22`)).body)
    const { bytes } = await download(merchant, applied.download_url)
    expect(sha1(bytes)).not.toBe(applied.hash_value)
    const good = await bill(merchant, 'bill_date=2026-11-22')
    expect(sha1(good.bytes)).toBe(applied.hash_value)
    expect(bytes.length).toBe(name === 'bill-cut' ? Math.floor(good.bytes.length / 2) : good.bytes.length)
  })

  test('bill-not-ready: late once more', async () => {
    const { merchant, control } = await ready()
    control.addFault({ fault: 'bill-not-ready' })
    expect(code(await merchant.v3('GET', `${TRADE}?bill_date=2026-11-22`))).toEqual([
      400,
      'STATEMENT_CREATING',
    ])
    expect((await bill(merchant, 'bill_date=2026-11-22')).rows).toHaveLength(3)
  })
})
