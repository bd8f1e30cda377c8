import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { gzipSync } from 'node:zlib'
import {
  createWxpayV2,
  createWxpayV3,
  fenOfYuan,
  readFlatXml,
  type WxpayV2Client,
  type WxpayV3Client,
} from 'wxpay-core'
import { type BillLine, openBill } from 'wxpay-core/src/bill-file.ts'
import { fundFlowBills, tradeBills } from 'wxpay-core/src/bill-rows.ts'
import { refusalOf } from './expect-refusal.ts'
import { closeServers, type FakeWechat, startFakeWechat } from './fake-wechat.ts'
import { apiV3Key, appid, fixture, mchid, merchantSerialNo, noon, publicKeyId, v2Key } from './fixtures.ts'
import { authorizationIn, isSignedByMerchant } from './v3-merchant.ts'
import { answerV3, refuseV3, v2Head, v2Signature, v2Xml } from './wechat-side.ts'

// The official sample of wechatpay-php; see tests/vectors/data/bill.json.
const sample = readFileSync(join(__dirname, '..', 'vectors', 'data', 'bill.ALL.csv'))
const sampleText = sample.toString('utf8')

const fundFlow = [
  '﻿记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号',
  '`2026-11-22 10:00:00,`4200000263201902167700134212,`4200000263201902167700134212,`交易,`交易,`收入,`68.00,`68.00,`system,`结算总金额 68.00 元;含手续费 0.41 元,`order-1',
  '`2026-11-22 10:00:01,`4200000263201902167700134212,`4200000263201902167700134213,`交易,`扣除交易手续费,`支出,`0.41,`67.59,`system,`,`order-1',
  '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额',
  '`2.0,`1.0,`68.00,`1.0,`0.41',
].join('\r\n')

let wechat: FakeWechat
let v2: WxpayV2Client
let v3: WxpayV3Client

beforeEach(async () => {
  wechat = await startFakeWechat({ plain: true })
  const common = { appid, mchid, baseUrl: wechat.url, clock: () => noon }
  const keys = { privateKeyPem: fixture('merchant.key.pem'), certificatePem: fixture('merchant.cert.pem') }
  const publicKey = { id: publicKeyId, pem: fixture('wxpay.pub.pem') }
  v3 = createWxpayV3({ ...common, ...keys, apiV3Key, publicKey })
  v2 = createWxpayV2({
    ...common,
    key: v2Key,
    signType: 'MD5',
    certPem: fixture('merchant.cert.pem'),
    keyPem: fixture('merchant.key.pem'),
  })
})

afterEach(async () => {
  v2.destroy()
  v3.destroy()
  await closeServers()
})

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')

/** Announces a file with a hash and serves it unsigned, as WeChat does. */
function serveV3(
  file: Uint8Array,
  hash: string,
  address = `${wechat.url}/v3/billdownload/file?token=T0ken-1`,
) {
  wechat.answer((request, response) => {
    if (request.path.startsWith('/v3/bill/')) {
      const body = { hash_type: 'SHA1', hash_value: hash, download_url: address }
      answerV3(response, 200, JSON.stringify(body))
    } else {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(file)
    }
  })
}

async function rowsOf<Row>(bill: AsyncIterable<Row> | null): Promise<Row[]> {
  const rows: Row[] = []
  if (bill !== null) for await (const row of bill) rows.push(row)
  return rows
}

const corruptBill = { code: 'ERR_WXPAY_BILL_CORRUPT', outcome: 'unknown' }

describe('a v3 trade bill', () => {
  test('is asked for packed, fetched with a signed request, and handed out row by row in fen', async () => {
    serveV3(gzipSync(sample), sha1(sample))
    const bill = await v3.tradeBill({ date: '2026-11-22' })
    expect(wechat.received.map(({ path }) => path)).toEqual([
      '/v3/bill/tradebill?bill_date=2026-11-22&bill_type=ALL&tar_type=GZIP',
      '/v3/billdownload/file?token=T0ken-1',
    ])
    for (const { path, headers } of wechat.received) {
      expect(headers.authorization).toMatch(/^WECHATPAY2-SHA256-RSA2048 mchid="1900000001"/)
      const { nonce_str, signature = '' } = authorizationIn(headers.authorization)
      expect(isSignedByMerchant(`GET\n${path}\n${noon / 1_000}\n${nonce_str}\n\n`, signature)).toBe(true)
    }
    expect(bill).toMatchObject({
      rowCount: 45,
      hashed: true,
      totals: {
        settlementTotalFen: 47,
        refundFen: 14,
        couponRefundFen: 0,
        feeYuan: '0.08',
        totalFen: 47,
        requestedRefundFen: 14,
      },
    })
    const rows = await rowsOf(bill)
    expect(rows).toHaveLength(45)
    expect(rows[0]).toEqual({
      tradedAt: Date.parse('2019-02-18T21:01:46Z'),
      appid: 'wxab8acd895ab1638a',
      mchid: '1921000401',
      deviceInfo: 'harryma007',
      transactionId: '4200000263201902167700134212',
      outTradeNo: 'autotest_20190216081946_82335',
      openid: 'oHkLxtx0vUqe-18p_AXTZ1innxkCY',
      tradeType: 'JSAPI',
      tradeState: 'REFUND',
      bankType: 'OTHERS',
      currency: 'CNY',
      settlementTotalFen: 0,
      couponFen: 0,
      totalFen: 0,
      refundId: '50000709672019011908420787722',
      outRefundNo: 'REF4200000263201902167700963919',
      refundFen: 1,
      couponRefundFen: 0,
      requestedRefundFen: 1,
      refundType: 'ORIGINAL',
      refundStatus: 'SUCCESS',
      description: '系统拨测-cheeryin-test_micropay_succ',
      feeYuan: '0.00000',
      feeRate: '39.00%',
    })
    const sum = (pick: (row: (typeof rows)[number]) => number | undefined) =>
      rows.reduce((fen, row) => fen + (pick(row) ?? 0), 0)
    expect(sum((row) => row.totalFen)).toBe(47)
    expect(sum((row) => row.requestedRefundFen)).toBe(14)
    expect(await rowsOf(bill)).toEqual(rows)
  })

  test('may come unpacked, and its hash may be that of the packed file', async () => {
    serveV3(sample, sha1(sample))
    expect(await rowsOf(await v3.tradeBill({ date: '2026-11-22', type: 'SUCCESS' }))).toHaveLength(45)
    const packed = gzipSync(sample)
    serveV3(packed, sha1(packed).toUpperCase())
    expect(await rowsOf(await v3.tradeBill({ date: '2026-11-22', type: 'REFUND' }))).toHaveLength(45)
  })

  test('of another hash gives out no row', async () => {
    const other = Buffer.from(sampleText.replace('0.01,', '9.01,'))
    serveV3(gzipSync(other), sha1(sample))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject(corruptBill)
  })

  const lines = sampleText.split('\n')
  test.each([
    ['is cut off in the middle', lines.slice(0, 20).join('\n')],
    ['lacks a row', [...lines.slice(0, 5), ...lines.slice(6)].join('\n')],
    ['has a row twice', [...lines.slice(0, 5), ...lines.slice(4)].join('\n')],
    ['has something after its sums', `${sampleText.trimEnd()}\n\`1,\`2`],
    ['is empty', ''],
    ['is a page', '<html></html>'],
    ['has two columns of one name', sampleText.replace('设备号', '商户号')],
  ])('that %s is refused whole', async (_, text) => {
    serveV3(Buffer.from(text), sha1(Buffer.from(text)))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject(corruptBill)
  })

  test('that does not unpack or is no UTF-8 is refused', async () => {
    const broken = gzipSync(sample).subarray(0, -20)
    serveV3(broken, sha1(broken))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject(corruptBill)
    const latin = Buffer.concat([sample, Buffer.from([0xff])])
    serveV3(latin, sha1(latin))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject(corruptBill)
  })

  test.each([
    ['an amount with a fraction of a fen', '`0.01,`', '`0.015,`'],
    ['an amount that is none', '`0.01,`', '`1e2,`'],
    ['a time that is none', '`2019-02-19 ', '`2019-02-30 '],
    ['a trade without a number', ',`42000002', ',`0,`'],
    ['a column too few', ',`39.00%,', ','],
  ])('with %s in its last row is refused before the first is handed out', async (_, from, to) => {
    const at = sampleText.lastIndexOf(from)
    const text = Buffer.from(sampleText.slice(0, at) + to + sampleText.slice(at + from.length))
    serveV3(text, sha1(text))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject(corruptBill)
  })

  test("a merchant's words may hold a line feed", async () => {
    const text = Buffer.from(sampleText.replace('autotest,`', 'auto\ntest,`'))
    serveV3(text, sha1(text))
    const rows = await rowsOf(await v3.tradeBill({ date: '2026-11-22' }))
    expect(rows.filter(({ description }) => description === 'auto\ntest')).toHaveLength(1)
  })

  test('a day without trades is null; one that is not ready says so', async () => {
    wechat.answer((_, response) => refuseV3(response, 400, 'NO_STATEMENT_EXIST'))
    expect(await v3.tradeBill({ date: '2026-11-22' })).toBeNull()
    wechat.answer((_, response) => refuseV3(response, 400, 'STATEMENT_CREATING'))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      apiCode: 'STATEMENT_CREATING',
    })
  })

  test('an address elsewhere does not lead our signature there', async () => {
    const stranger = await startFakeWechat({ plain: true })
    serveV3(gzipSync(sample), sha1(sample), `${stranger.url}/v3/billdownload/file?token=T0ken-1`)
    expect((await v3.tradeBill({ date: '2026-11-22' }))?.rowCount).toBe(45)
    expect(stranger.received).toEqual([])
    serveV3(gzipSync(sample), sha1(sample), `${stranger.url}/login`)
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
    })
  })

  const announced = {
    hash_type: 'SHA1',
    hash_value: sha1(sample),
    download_url: 'https://api.mch.weixin.qq.com/v3/billdownload/file',
  }
  test.each([
    ['another kind of hash', { hash_type: 'SHA256' }],
    ['a hash that is too long', { hash_value: `${sha1(sample)}0` }],
    ['a hash with something before it', { hash_value: `x${sha1(sample)}` }],
    ['a hash that is none', { hash_value: 'g'.repeat(40) }],
    ['an address that is none', { download_url: '/v3/billdownload/file' }],
  ])('an announcement with %s is not followed', async (_, change) => {
    wechat.answer((_, response) => answerV3(response, 200, JSON.stringify({ ...announced, ...change })))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
      message: 'the answer is not what WeChat Pay documents: no SHA1 hash or no address of a file',
    })
    expect(wechat.received).toHaveLength(1)
  })

  test('a file that is refused is no file', async () => {
    wechat.answer((request, response) => {
      if (request.path.startsWith('/v3/bill/')) answerV3(response, 200, JSON.stringify(announced))
      else refuseV3(response, 403, 'NO_AUTH')
    })
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject({ apiCode: 'NO_AUTH' })
    expect(wechat.received.map(({ method, body }) => [method, body])).toEqual([
      ['GET', ''],
      ['GET', ''],
    ])
  })

  test('an announcement that nobody signed is not followed', async () => {
    const body = {
      hash_type: 'SHA1',
      hash_value: sha1(sample),
      download_url: `${wechat.url}/v3/billdownload/file`,
    }
    wechat.answer((_, response) => response.writeHead(200).end(JSON.stringify(body)))
    expect(await refusalOf(() => v3.tradeBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    })
    expect(wechat.received).toHaveLength(1)
  })

  test.each(['', '20261122', '2026-02-30', '2026-11-22&bill_type=ALL'])('%p is no date', async (date) => {
    const input = { code: 'ERR_WXPAY_INPUT', member: 'date' }
    expect(await refusalOf(() => v3.tradeBill({ date }))).toMatchObject(input)
    expect(await refusalOf(() => v3.fundFlowBill({ date }))).toMatchObject(input)
    expect(await refusalOf(() => v2.tradeBill({ date }))).toMatchObject(input)
    expect(await refusalOf(() => v2.fundFlowBill({ date }))).toMatchObject(input)
    expect(wechat.received).toEqual([])
  })
})

describe('a v3 fund-flow bill', () => {
  test('tells every movement in fen', async () => {
    const text = Buffer.from(fundFlow)
    serveV3(gzipSync(text), sha1(text))
    const bill = await v3.fundFlowBill({ date: '2026-11-22', account: 'OPERATION' })
    expect(wechat.received[0]?.path).toBe(
      '/v3/bill/fundflowbill?bill_date=2026-11-22&account_type=OPERATION&tar_type=GZIP',
    )
    await v3.fundFlowBill({ date: '2026-11-22' })
    expect(wechat.received[2]?.path).toBe(
      '/v3/bill/fundflowbill?bill_date=2026-11-22&account_type=BASIC&tar_type=GZIP',
    )
    expect(bill?.totals).toEqual({ incomeCount: 1, incomeFen: 6_800, expenseCount: 1, expenseFen: 41 })
    expect(await rowsOf(bill)).toEqual([
      {
        bookedAt: Date.parse('2026-11-22T02:00:00Z'),
        businessId: '4200000263201902167700134212',
        flowId: '4200000263201902167700134212',
        businessName: '交易',
        businessType: '交易',
        direction: 'in',
        amountFen: 6_800,
        balanceFen: 6_800,
        operator: 'system',
        remark: '结算总金额 68.00 元;含手续费 0.41 元',
        voucherId: 'order-1',
      },
      {
        bookedAt: Date.parse('2026-11-22T02:00:01Z'),
        businessId: '4200000263201902167700134212',
        flowId: '4200000263201902167700134213',
        businessName: '交易',
        businessType: '扣除交易手续费',
        direction: 'out',
        amountFen: 41,
        balanceFen: 6_759,
        operator: 'system',
        voucherId: 'order-1',
      },
    ])
  })
})

describe('v2 bills', () => {
  test('may be larger than any other answer', async () => {
    const large = Buffer.from(sampleText.replace('\n', `\n${' '.repeat(50_000)}\n`.repeat(8)))
    expect(large.length).toBeGreaterThan(400_000)
    wechat.answer((_, response) => response.end(large))
    expect((await v2.tradeBill({ date: '2026-11-22' }))?.rowCount).toBe(45)
  })

  test('have five minutes to arrive, and no more', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] })
    try {
      const asked = new Promise<void>((resolve) => wechat.answer(() => resolve()))
      let isOver = false
      const ended = refusalOf(() => v2.tradeBill({ date: '2026-11-22' })).finally(() => {
        isOver = true
      })
      await asked
      await jest.advanceTimersByTimeAsync(299_999)
      expect(isOver).toBe(false)
      await jest.advanceTimersByTimeAsync(1)
      expect((await ended).code).toBe('ERR_WXPAY_TIMEOUT')
    } finally {
      jest.useRealTimers()
    }
  })

  const sent = () => Object.fromEntries(readFlatXml(Buffer.from(wechat.received.at(-1)?.body ?? '')))

  test('the trade bill is the answer itself, and proves itself by its count', async () => {
    wechat.answer((_, response) => response.end(gzipSync(sample)))
    const bill = await v2.tradeBill({ date: '2026-11-22' })
    expect(bill).toMatchObject({ rowCount: 45, hashed: false })
    expect(await rowsOf(bill)).toHaveLength(45)
    const { sign, nonce_str: _, ...members } = sent()
    expect(members).toEqual({
      appid,
      mch_id: mchid,
      sign_type: 'MD5',
      bill_date: '20261122',
      bill_type: 'ALL',
      tar_type: 'GZIP',
    })
    expect(sign).toBe(v2Signature(sent(), 'MD5'))
    expect(wechat.received[0]).toMatchObject({ method: 'POST', path: '/pay/downloadbill' })
  })

  test('the fund-flow bill is signed with HMAC-SHA256 whatever the merchant uses else', async () => {
    wechat.answer((_, response) => response.end(fundFlow))
    expect(await rowsOf(await v2.fundFlowBill({ date: '2026-11-22' }))).toHaveLength(2)
    expect(sent()).toMatchObject({ sign_type: 'HMAC-SHA256', account_type: 'Basic', bill_date: '20261122' })
    expect(sent().sign).toBe(v2Signature(sent(), 'HMAC-SHA256'))
    expect(wechat.received[0]).toMatchObject({ method: 'POST', path: '/pay/downloadfundflow' })
  })

  test('the fund-flow bill shows the client certificate, the trade bill does not', async () => {
    const secure = await startFakeWechat({ mutual: true })
    secure.answer((_, response) => response.end(fundFlow))
    const client = createWxpayV2({
      appid,
      mchid,
      key: v2Key,
      certPem: fixture('merchant.cert.pem'),
      keyPem: fixture('merchant.key.pem'),
      ca: fixture('authority.cert.pem'),
      baseUrl: secure.url,
    })
    expect((await client.fundFlowBill({ date: '2026-11-22' }))?.rowCount).toBe(2)
    expect(secure.shown()).toEqual([merchantSerialNo])
    await refusalOf(() => client.tradeBill({ date: '2026-11-22' }))
    expect(secure.received.map(({ path }) => path)).toEqual(['/pay/downloadfundflow'])
    client.destroy()
  })

  test('the fund-flow bill needs the client certificate, and says so before it asks', async () => {
    const without = createWxpayV2({ appid, mchid, key: v2Key, baseUrl: wechat.url })
    expect(await refusalOf(() => without.fundFlowBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_CONFIG',
      member: 'certPem',
      message:
        'certPem must be given together with keyPem: APIv2 fund-flow bills need the client certificate',
    })
    expect(wechat.received).toEqual([])
    without.destroy()
  })

  test.each(['No Bill Exist', 'NO Bill Exist'])('%s is a day without trades', async (return_msg) => {
    wechat.answer((_, response) =>
      response.end(v2Xml({ return_code: 'FAIL', return_msg, error_code: '20002' })),
    )
    expect(await v2.tradeBill({ date: '2026-11-22' })).toBeNull()
  })

  test('any other document is a refusal, and one without an error is no bill', async () => {
    const xml = v2Xml({ return_code: 'FAIL', return_msg: 'Bill Creating', error_code: '20002' })
    wechat.answer((_, response) => response.end(xml))
    expect(await refusalOf(() => v2.tradeBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      apiMessage: 'Bill Creating',
    })
    wechat.answer((_, response) => response.end('<html>busy</html>'))
    expect(await refusalOf(() => v2.tradeBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
    })
    const success = v2Xml({ ...v2Head, sign: v2Signature(v2Head, 'MD5') })
    wechat.answer((_, response) => response.end(`\n  ${success}`))
    expect(await refusalOf(() => v2.tradeBill({ date: '2026-11-22' }))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
      httpStatus: 200,
      message: 'the answer is not what WeChat Pay documents: an answer without a bill',
    })
  })

  test.each(['x No Bill Exist', 'No Bill Exist yet', ''])(
    '%p is no day without trades',
    async (return_msg) => {
      wechat.answer((_, response) => response.end(v2Xml({ return_code: 'FAIL', return_msg })))
      expect((await refusalOf(() => v2.tradeBill({ date: '2026-11-22' }))).code).toBe('ERR_WXPAY_REFUSED')
    },
  )

  test('a table under another status than 200 is no bill', async () => {
    wechat.answer((_, response) => response.writeHead(500).end(sample))
    expect((await refusalOf(() => v2.tradeBill({ date: '2026-11-22' }))).code).toBe('ERR_WXPAY_SERVER')
  })

  test('one that is cut off is refused, though nothing signs it', async () => {
    wechat.answer((_, response) => response.end(sample.subarray(0, 5_000)))
    expect(await refusalOf(() => v2.tradeBill({ date: '2026-11-22' }))).toMatchObject(corruptBill)
  })
})

describe('a bill file', () => {
  const kind = '总交易单数'
  const members = (line: BillLine) => Object.fromEntries(line)
  const form = { countColumn: kind, row: members, totals: members } as const
  const fileOf = (rows: readonly string[], { count = String(rows.length), end = '' } = {}) =>
    Buffer.from(['a,b', ...rows, `${kind},c`, `\`${count},\`0.01${end}`].join('\n'))
  const row = '`1,`2'
  const linesOf = async (file: Buffer) => rowsOf(await openBill(file, form))

  test.each<[string, string | Buffer]>([
    ['it ends before its sums', `a,b\n${row}`],
    ['it has another number of rows than it says', fileOf([row], { count: '2' })],
    ['it has another number of rows than it says', fileOf([row], { count: '1.5' })],
    ['it has another number of rows than it says', fileOf([row], { count: 'x1' })],
    ['it has another number of rows than it says', fileOf([row], { count: '' })],
    ['something follows its sums', fileOf([row], { end: '\n`1,`0.01' })],
    ['a line that is no row', `a,b\nc,d\n${kind},c\n\`1,\`0.01`],
    ['two columns of one name', `a,a\n${row}`],
    ['a row with other columns than its header', `a,b\n${kind},c\n\`0`],
    ['it is not UTF-8', Buffer.concat([fileOf([row]), Buffer.from([0x0a, 0x60, 0xff])])],
    ['it is not UTF-8', Buffer.concat([fileOf([row]), Buffer.from('支').subarray(0, 2)])],
    ['it cannot be unpacked', gzipSync(fileOf([row])).subarray(0, -6)],
    ['a line without an end', 'x'.repeat(64 * 1024 + 1)],
    ['a line without an end', `a\n\`${'x\n'.repeat(32 * 1024)}x\n`],
  ])('is refused whole because %s', async (reason, file) => {
    const error = await refusalOf(() => openBill(Buffer.from(file), form))
    expect(error).toMatchObject(corruptBill)
    expect(error.message).toBe(
      `the bill cannot be believed: ${reason}. Ask for it again; count nothing of it`,
    )
  })

  test('is refused when it unpacks to more than a gigabyte, before more of it is looked at', async () => {
    // Unpacking a real one takes seconds: these pieces only say that they are as large.
    const half = () => Object.defineProperty(Buffer.from(' \n'), 'length', { value: 2 ** 29 })
    const unpackedTo = async (...pieces: readonly Buffer[]) => {
      const gunzip = new Transform({
        objectMode: true,
        transform: (_chunk, _encoding, done) => done(),
        flush(done) {
          for (const piece of pieces) this.push(piece)
          done()
        },
      })
      const load = jest.spyOn(process, 'getBuiltinModule')
      load.mockReturnValue({ createGunzip: () => gunzip })
      const error = await refusalOf(() => openBill(gzipSync(fileOf([row])), form))
      load.mockRestore()
      return error.message
    }
    expect(await unpackedTo(half(), half())).toContain('it ends before its sums')
    expect(await unpackedTo(half(), half(), Buffer.from('\n'))).toContain('it unpacks to more than any bill')
  })

  test('may end its lines with carriage returns, the last one too, and have others within them', async () => {
    const text = `a,b\r\n\`x\ry,\`2\r\n${kind},c\r\n\`1,\`0.0\r1\r`
    const file = await openBill(Buffer.from(text), form)
    expect(file.totals).toEqual({ [kind]: '1', c: '0.0\r1' })
    expect(await rowsOf(file)).toEqual([{ a: 'x\ry', b: '2' }])
  })

  test('is refused when its hash is that of another', async () => {
    const error = await refusalOf(() => openBill(fileOf([row]), form, '0'.repeat(40)))
    expect(error.message).toContain('it does not fit the hash of the signed answer')
  })

  test('may count with or without a fraction of noughts', async () => {
    for (const count of ['1', '1.0', '1.00', '1.000']) {
      expect((await openBill(fileOf([row], { count }), form)).rowCount).toBe(1)
    }
    const ten = Array.from({ length: 10 }, () => row)
    expect((await openBill(fileOf(ten), form)).rowCount).toBe(10)
  })

  test('may have empty lines anywhere, and back-ticks before the names of its columns', async () => {
    const text = ['`a,`b', ' \r', row, '', `${kind},\`c`, '`1,`0.01', '  '].join('\n')
    const file = await openBill(Buffer.from(text), form)
    expect(file.totals).toEqual({ [kind]: '1', c: '0.01' })
    expect(await linesOf(Buffer.from(text))).toEqual([{ a: '1', b: '2' }])
    expect(await linesOf(Buffer.from(`x\`y,b\n${row}\n${kind},c\n\`1,\`0.01`))).toEqual([
      { 'x`y': '1', b: '2' },
    ])
  })

  test('is read across the pieces it comes in, characters and lines alike', async () => {
    // A piece has 65,536 bytes; the two characters, of three bytes each, lie across that border.
    for (const length of [65_526, 65_527, 65_528, 65_529, 65_530]) {
      const words = `${'x'.repeat(length)}支付`
      expect(await linesOf(fileOf([`\`${words},\`2`, row]))).toEqual([
        { a: words, b: '2' },
        { a: '1', b: '2' },
      ])
    }
  })

  test('may have lines of 64 KB, broken or not', async () => {
    const name = 'n'.repeat(64 * 1024)
    expect(await linesOf(Buffer.from(`${name}\n\`1\n${kind},c\n\`1,\`0.01`))).toEqual([{ [name]: '1' }])
    const words = `${'x\n'.repeat(32 * 1024 - 1)}x`
    expect(await linesOf(Buffer.from(`a\n\`${words}\n${kind},c\n\`1,\`0.01`))).toEqual([{ a: words }])
  })

  test('is packed only when both bytes say so', async () => {
    for (const first of ['\u001fa', 'Ë']) {
      expect(await linesOf(Buffer.from(`${first},b\n${row}\n${kind},c\n\`1,\`0.01`))).toEqual([
        { [first]: '1', b: '2' },
      ])
    }
  })
})

describe('rows of bills', () => {
  const trade = {
    交易时间: '2026-11-22 10:00:00',
    公众账号ID: appid,
    商户号: mchid,
    特约商户号: '1900000109',
    微信订单号: '4200002026112200000000000001',
    商户订单号: 'order-1',
    交易类型: 'JSAPI',
    交易状态: 'REFUND',
    退款申请时间: '2026-11-22 11:00:00',
    退款成功时间: '2026-11-22 12:00:00',
    商户数据包: 'shop-1',
    手续费: '-0.00600',
    费率备注: '活动费率',
  }
  const tradeSums = { 总交易单数: '1', 手续费总金额: '-12' }
  const flow = {
    记账时间: '2026-11-22 10:00:00',
    资金流水单号: '4200002026112200000000000002',
    收支类型: '收入',
    '收支金额(元)': '68.00',
    '账户结余(元)': '100.50',
  }
  const flowSums = {
    资金流水总笔数: '1',
    收入笔数: '12',
    收入金额: '68.00',
    支出笔数: '0.0',
    支出金额: '0.00',
  }
  const file = (row: object, sums: object) => {
    const values = (line: object) => Object.values(line).map((value) => `\`${value}`)
    const lines = [Object.keys(row), values(row), Object.keys(sums), values(sums)]
    return Buffer.from(lines.map((line) => line.join(',')).join('\n'))
  }
  const trades = async (row: object = trade, sums: object = tradeSums) =>
    openBill(file(row, sums), tradeBills)
  const flows = async (row: object = flow, sums: object = flowSums) =>
    openBill(file(row, sums), fundFlowBills)

  test('of trades have the columns of sub-merchants and of refunds, where the file has them', async () => {
    const bill = await trades()
    expect(await rowsOf(bill)).toEqual([
      {
        tradedAt: Date.parse('2026-11-22T02:00:00Z'),
        appid,
        mchid,
        subMchid: '1900000109',
        transactionId: '4200002026112200000000000001',
        outTradeNo: 'order-1',
        tradeType: 'JSAPI',
        tradeState: 'REFUND',
        refundRequestedAt: Date.parse('2026-11-22T03:00:00Z'),
        refundSucceededAt: Date.parse('2026-11-22T04:00:00Z'),
        attach: 'shop-1',
        feeYuan: '-0.00600',
        feeRemark: '活动费率',
      },
    ])
    expect(bill.totals).toEqual({ feeYuan: '-12' })
  })

  test('have no blanks around their values, and nothing where there are only blanks', async () => {
    const padded = Object.fromEntries(Object.entries(trade).map(([name, value]) => [name, ` ${value}\t`]))
    const plain = await rowsOf(await trades())
    expect(await rowsOf(await trades(padded))).toEqual(plain)
    const [blank] = await rowsOf(await trades({ ...trade, 商户数据包: ' ', 公众账号ID: ' ', 交易类型: '' }))
    expect(blank).toEqual({ ...plain[0], attach: undefined, appid: '', tradeType: '' })
    expect(blank).not.toHaveProperty('attach')
    const [free] = await rowsOf(await trades({ ...trade, 手续费: '' }))
    expect(free).not.toHaveProperty('feeYuan')
  })

  test.each(['交易时间', '商户号', '微信订单号', '商户订单号', '交易状态'])(
    'of trades need their %s',
    async (name) => {
      const error = await refusalOf(() => trades({ ...trade, [name]: '' }))
      expect(error.message).toContain(`: ${name} is missing or no such value.`)
    },
  )

  test.each(['1e2', 'x0.01', '0.01x', '1.', '+1', '1,5', '--1'])('%p is no fee', async (fee) => {
    expect((await refusalOf(() => trades({ ...trade, 手续费: fee }))).message).toContain(
      ': 手续费 is no amount.',
    )
    const error = await refusalOf(() => trades(trade, { ...tradeSums, 手续费总金额: fee }))
    expect(error.message).toContain(': 手续费总金额 is no amount.')
  })

  test('of accounts may have no more than what they need', async () => {
    const bill = await flows()
    expect(bill.totals).toEqual({ incomeCount: 12, incomeFen: 6_800, expenseCount: 0, expenseFen: 0 })
    expect(await rowsOf(bill)).toEqual([
      {
        bookedAt: Date.parse('2026-11-22T02:00:00Z'),
        businessId: '',
        flowId: '4200002026112200000000000002',
        businessName: '',
        businessType: '',
        direction: 'in',
        amountFen: 6_800,
        balanceFen: 10_050,
      },
    ])
  })

  test('of accounts may name their amounts with wide brackets', async () => {
    const { '收支金额(元)': amount, '账户结余(元)': balance, ...rest } = flow
    const wide = { ...rest, '收支金额（元）': amount, '账户结余（元）': balance }
    expect(await rowsOf(await flows(wide))).toEqual(await rowsOf(await flows()))
  })

  test.each([
    ['记账时间', '记账时间'],
    ['资金流水单号', '资金流水单号'],
    ['收支金额(元)', '收支金额'],
    ['账户结余(元)', '账户结余'],
  ])('of accounts need their %s', async (column, named) => {
    const error = await refusalOf(() => flows({ ...flow, [column]: '' }))
    expect(error.message).toContain(`: ${named} is missing or no such value.`)
  })

  test('of accounts go in or out', async () => {
    const error = await refusalOf(() => flows({ ...flow, 收支类型: '转' }))
    expect(error.message).toContain(': 收支类型 is neither 收入 nor 支出.')
  })

  test.each(['收入笔数', '收入金额', '支出笔数', '支出金额'])('of accounts need the sum %s', async (name) => {
    const error = await refusalOf(() => flows(flow, { ...flowSums, [name]: '' }))
    expect(error.message).toContain(`: ${name} is missing or no such value.`)
  })

  test.each(['-1', '1.5', '0.01'])('%p is no count', async (count) => {
    const error = await refusalOf(() => flows(flow, { ...flowSums, 收入笔数: count }))
    expect(error.message).toContain(': 收入笔数 is missing or no such value.')
  })
})

test.each([
  ['0', 0],
  ['0.01', 1],
  ['0.29', 29],
  ['1.1', 110],
  ['45.0', 4_500],
  ['-0.50', -50],
  ['-0.00', 0],
  ['0.01000', 1],
  ['9007199254740.99', 900_719_925_474_099],
])('%s yuan is %d fen', (yuan, fen) => {
  expect(fenOfYuan(yuan)).toBe(fen)
})

test.each(['', '0.015', '1e2', '0x10', '+1', '1.', '.5', '1,000.00', ' 1', '99999999999999.00', '∞'])(
  '%p is no amount of whole fen',
  (yuan) => {
    expect(fenOfYuan(yuan)).toBeUndefined()
  },
)
