import type { ServerResponse } from 'node:http'
import { type WxpayV3Client, type WxpayV3Config, withRetries } from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { closeServers, type FakeWechat, startFakeWechat } from './fake-wechat.ts'
import { anOrder, aRefundOrder, fixture, noon, platformSerialA, publicKeyId } from './fixtures.ts'
import { authorizationIn, clientTo, endClients, isSignedByMerchant, time } from './v3-merchant.ts'
import { answerV3, aRefund, openField, refuseV3, sealed, theRefund, v3Headers } from './wechat-side.ts'

let wechat: FakeWechat
let wxpay: WxpayV3Client
const publicKey = { id: publicKeyId, pem: fixture('wxpay.pub.pem') }

const clientOf = (config: Partial<WxpayV3Config> = {}) => clientTo(wechat, config)

beforeEach(async () => {
  wechat = await startFakeWechat({ plain: true })
  wxpay = clientOf({ publicKey })
})

afterEach(async () => {
  endClients()
  await closeServers()
})

function answer(refund: object, status = 200): void {
  wechat.answer((_, response) => answerV3(response, status, JSON.stringify(refund)))
}

function isSigned(index: number): boolean {
  const { method, path, body, headers } = wechat.received[index] ?? { headers: {} }
  const { signature = '', nonce_str: nonce } = authorizationIn(headers.authorization)
  return isSignedByMerchant(`${method}\n${path}\n${noon / 1000}\n${nonce}\n${body}\n`, signature)
}

const theV3Refund = { ...theRefund, payerRefundFen: 2_000 }
const { success_time: _time, user_received_account: _account, ...begun } = aRefund
const processing = { ...begun, channel: '', status: 'PROCESSING' }

describe('refund', () => {
  test('sends one signed request and returns how far it is', async () => {
    answer(processing)
    expect(await wxpay.refund(aRefundOrder)).toEqual({
      outRefundNo: 'refund-20261123-1',
      refundId: '50000000382019052709732678859',
      outTradeNo: 'order-20261123-1',
      transactionId: '4200002026112300000000000001',
      status: 'PROCESSING',
      rawStatus: 'PROCESSING',
      refundFen: 2_000,
      totalFen: 6_800,
      payerRefundFen: 2_000,
      settlementRefundFen: 2_000,
    })
    const request = wechat.received[0]
    expect(request).toMatchObject({ method: 'POST', path: '/v3/refund/domestic/refunds' })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      transaction_id: '4200002026112300000000000001',
      out_refund_no: 'refund-20261123-1',
      reason: '杯子碎了',
      notify_url: 'https://shop.example.com/wxpay/notify/refund',
      amount: { refund: 2_000, total: 6_800, currency: 'CNY' },
    })
    expect(request?.headers['wechatpay-serial']).toBe(publicKeyId)
    expect(isSigned(0)).toBe(true)
  })

  test('repeated, it sends the same bytes; without a reason there is no member for it', async () => {
    answer(processing)
    const { reason: _, ...order } = aRefundOrder
    await wxpay.refund(order)
    await wxpay.refund(order)
    expect(wechat.received[1]?.body).toBe(wechat.received[0]?.body)
    expect(wechat.received[0]?.body).not.toContain('reason')
  })

  test('that may not go out yet waits no longer than refundPaceMs', async () => {
    wechat.answer(() => {})
    wxpay = clientOf({ publicKey, refundPaceMs: 1 })
    const unanswered = Array.from({ length: 5 }, () => refusalOf(() => wxpay.refund(aRefundOrder)))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_HELD_BACK',
      outcome: 'not-sent',
    })
    wxpay.destroy()
    await Promise.all(unanswered)
    const error = await refusalOf(async () => clientOf({ publicKey, refundPaceMs: 0 }))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member: 'refundPaceMs' })
  })

  test('that breaks a rule is not sent', async () => {
    const error = await refusalOf(() => wxpay.refund({ ...aRefundOrder, outRefundNo: '退款一' }))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member: 'outRefundNo' })
    expect(wechat.received).toEqual([])
  })

  test.each(['stranger', 'wrong-name'] as const)(
    'sends not one byte to a peer with a %s certificate',
    async (certificate) => {
      wechat = await startFakeWechat({ certificate })
      wxpay = clientOf({ publicKey })
      expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
        code: 'ERR_WXPAY_CONNECT',
        outcome: 'not-sent',
      })
      expect(wechat.received).toEqual([])
    },
  )

  test.each<[string, object]>([
    ['another refund', { out_refund_no: 'refund-20261123-2' }],
    ['one fen less', { amount: { ...aRefund.amount, refund: 1_999 } }],
    ['one fen more', { amount: { ...aRefund.amount, refund: 2_001 } }],
    ['another price', { amount: { ...aRefund.amount, total: 6_801 } }],
    ['another trade', { transaction_id: '4200002026112300000000000002' }],
    ['another order', { out_trade_no: 'order-20261123-2' }],
  ])('a genuine answer about %s is a mismatch', async (_, change) => {
    answer({ ...processing, ...change })
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
      outcome: 'unknown',
      requestId: '08ABCDEF-0',
    })
  })

  test.each<[string, object]>([
    ['no refund id', { refund_id: undefined }],
    ['no number of ours', { out_refund_no: '' }],
    ['no trade', { transaction_id: undefined }],
    ['no state', { status: undefined, refund_status: 'SUCCESS' }],
    ['a number for a state', { status: 1 }],
    ['no amount', { amount: undefined }],
    ['no amount of the refund', { amount: { total: 6_800 } }],
    ['text for an amount', { amount: { ...aRefund.amount, refund: '2000' } }],
    ['a fraction of a fen', { amount: { ...aRefund.amount, refund: 2_000.5 } }],
    ['more than can be counted', { amount: { ...aRefund.amount, total: 2 ** 53 } }],
    ['another currency', { amount: { ...aRefund.amount, currency: 'USD' } }],
    ['an object for an account', { user_received_account: {} }],
  ])('a genuine answer with %s leaves the outcome unknown', async (_, change) => {
    answer({ ...processing, ...change })
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MALFORMED',
      outcome: 'unknown',
    })
  })

  test.each<[string, (body: string) => Readonly<Record<string, string>>]>([
    ['without a signature', () => ({})],
    ["with the merchant's own key", (body) => v3Headers(body, { key: 'merchant.key.pem' })],
    ['over other bytes', (body) => v3Headers(`${body} `)],
    ['with a probe', (body) => ({ ...v3Headers(body), 'Wechatpay-Signature': 'WECHATPAY/SIGNTEST/AAA' })],
  ])('an answer %s leaves the outcome unknown: the money may be on its way', async (_, headersOf) => {
    const body = JSON.stringify(processing)
    wechat.answer((_, response) => response.writeHead(200, headersOf(body)).end(body))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_SIGNATURE',
      outcome: 'unknown',
    })
  })
})

describe('what became of a refund that WeChat did not answer with 200', () => {
  test.each([
    [429, 'FREQUENCY_LIMITED', 'ERR_WXPAY_RATE_LIMITED'],
    [429, 'RATELIMIT_EXCEEDED', 'ERR_WXPAY_RATE_LIMITED'],
    [403, 'FREQUENCY_LIMITED', 'ERR_WXPAY_RATE_LIMITED'],
    [500, 'SYSTEM_ERROR', 'ERR_WXPAY_SERVER'],
    [400, 'BIZERR_NEED_RETRY', 'ERR_WXPAY_SERVER'],
    [502, 'SERVICE_UNAVAILABLE', 'ERR_WXPAY_SERVER'],
  ])('%d %s: unknown, it may have been accepted', async (status, apiCode, code) => {
    wechat.answer((_, response) => refuseV3(response, status, apiCode))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code,
      outcome: 'unknown',
      apiCode,
    })
  })

  test.each([
    [403, 'NOT_ENOUGH'],
    [403, 'USER_ACCOUNT_ABNORMAL'],
    [400, 'INVALID_REQUEST'],
    [400, 'PARAM_ERROR'],
    [404, 'RESOURCE_NOT_EXISTS'],
    [404, 'MCH_NOT_EXISTS'],
  ])('%d %s: rejected, though nobody signs it', async (status, apiCode) => {
    wechat.answer((_, response) => refuseV3(response, status, apiCode, '基本账户余额不足，请充值后重新发起'))
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_REFUSED',
      outcome: 'rejected',
      verified: false,
      apiCode,
      apiMessage: '基本账户余额不足，请充值后重新发起',
    })
  })
})

describe('a refund that may have been carried out behind a gateway', () => {
  const refuses: Readonly<Record<string, (response: ServerResponse) => void>> = {
    'an empty 403': (response) => response.writeHead(403).end(),
    '401 SIGN_ERROR': (response) => refuseV3(response, 401, 'SIGN_ERROR'),
    '404 RESOURCE_NOT_EXISTS': (response) => refuseV3(response, 404, 'RESOURCE_NOT_EXISTS'),
  }

  test.each(Object.keys(refuses))('stays unknown, where the other host would say %s', async (refusal) => {
    const backup = await startFakeWechat({ plain: true })
    wechat.answer((_, response) => response.writeHead(502).end())
    backup.answer((_, response) => refuses[refusal]?.(response))
    wxpay = clientOf({ publicKey, backupUrl: backup.url })
    const abnormal = { refundId: '5000', outRefundNo: 'refund-20261123-1', to: 'merchantBankCard' } as const
    for (const call of [() => wxpay.refund(aRefundOrder), () => wxpay.applyAbnormalRefund(abnormal)]) {
      expect(await refusalOf(call)).toMatchObject({ code: 'ERR_WXPAY_SERVER', outcome: 'unknown' })
    }
    expect([wechat.received.length, backup.received.length]).toEqual([2, 0])
  })

  test('stays unknown when the server read it on a kept connection and died', async () => {
    answer(processing)
    await wxpay.refund(aRefundOrder)
    wechat.answer((_, response) => {
      wechat.answer((_again, next) => next.writeHead(403).end())
      response.socket?.destroy()
    })
    expect(await refusalOf(() => wxpay.refund(aRefundOrder))).toMatchObject({
      code: 'ERR_WXPAY_CONNECTION_LOST',
      outcome: 'unknown',
    })
    expect(wechat.received).toHaveLength(2)
  })

  test('is asked about at the other host', async () => {
    const backup = await startFakeWechat({ plain: true })
    wechat.answer((_, response) => response.writeHead(503).end())
    backup.answer((_, response) => answerV3(response, 200, JSON.stringify(aRefund)))
    wxpay = clientOf({ publicKey, backupUrl: backup.url })
    expect(await wxpay.queryRefund('refund-20261123-1')).toMatchObject({ status: 'SUCCESS' })
  })
})

describe('under a time limit', () => {
  test('no refund waits for its turn longer than half of what is left', async () => {
    wechat.answer((_, response) => refuseV3(response, 403, 'NOT_ENOUGH'))
    const limited = clientOf({ publicKey, timeLeftMs: () => 300 })
    const ends = await Promise.all(
      Array.from({ length: 6 }, () => refusalOf(() => limited.refund(aRefundOrder))),
    )
    expect(ends.map(({ code }) => code)).toEqual([
      ...Array(5).fill('ERR_WXPAY_REFUSED'),
      'ERR_WXPAY_HELD_BACK',
    ])
  })

  test('patience ends with it', async () => {
    wechat.answer((_, response) => refuseV3(response, 500, 'SYSTEM_ERROR'))
    const limited = clientOf({ publicKey, timeLeftMs: () => 2_000 })
    const waits: number[] = []
    const sleep = async (ms: number) => void waits.push(ms)
    const policy = { firstWaitMs: 2_002, random: () => 0, sleep }
    for (const patient of [limited, limited.forSubMerchant({ mchid: '1900000109' })]) {
      expect(await refusalOf(() => withRetries(patient, policy).prepay(anOrder))).toMatchObject({
        code: 'ERR_WXPAY_SERVER',
      })
    }
    expect(waits).toEqual([])
    expect(wechat.received).toHaveLength(2)
  })
})

describe('queryRefund', () => {
  test('asks by our number, escaped, and translates', async () => {
    answer(aRefund)
    expect(await wxpay.queryRefund('refund-20261123-1')).toEqual(theV3Refund)
    expect(await wxpay.queryRefund('refund-20261123-1', '4200002026112300000000000001')).toEqual(theV3Refund)
    expect(wechat.received[0]).toMatchObject({
      method: 'GET',
      path: '/v3/refund/domestic/refunds/refund-20261123-1',
      body: '',
    })
    answer({ ...aRefund, out_refund_no: 'a|b*c@d_e-f' })
    expect(await wxpay.queryRefund('a|b*c@d_e-f')).toMatchObject({ outRefundNo: 'a|b*c@d_e-f' })
    expect(wechat.received[2]?.path).toBe('/v3/refund/domestic/refunds/a%7Cb*c%40d_e-f')
    expect([0, 1, 2].map(isSigned)).toEqual([true, true, true])
  })

  test.each([
    ['PROCESSING', 'PROCESSING'],
    ['SUCCESS', 'SUCCESS'],
    ['CLOSED', 'CLOSED'],
    ['ABNORMAL', 'ABNORMAL'],
    ['REFUNDCLOSE', 'UNKNOWN'],
    ['CHANGE', 'UNKNOWN'],
    ['success', 'UNKNOWN'],
    ['constructor', 'UNKNOWN'],
  ])('translates %s as %s', async (raw, status) => {
    answer({ ...aRefund, status: raw })
    expect(await wxpay.queryRefund('refund-20261123-1')).toMatchObject({ status, rawStatus: raw })
  })

  test('by a number that cannot be one is not sent', async () => {
    for (const [member, ask] of [
      ['outRefundNo', () => wxpay.queryRefund('')],
      ['transactionId', () => wxpay.queryRefund('refund-20261123-1', '4200&a=1')],
    ] as const) {
      expect(await refusalOf(ask)).toMatchObject({ code: 'ERR_WXPAY_INPUT', member })
    }
    expect(wechat.received).toEqual([])
  })

  test('is null after 404 RESOURCE_NOT_EXISTS, which nobody signs', async () => {
    wechat.answer((_, response) => refuseV3(response, 404, 'RESOURCE_NOT_EXISTS'))
    expect(await wxpay.queryRefund('refund-20261123-1')).toBeNull()
  })

  test.each([
    [404, 'MCH_NOT_EXISTS', 'ERR_WXPAY_REFUSED'],
    [404, 'ORDER_NOT_EXIST', 'ERR_WXPAY_REFUSED'],
    [400, 'RESOURCE_NOT_EXISTS', 'ERR_WXPAY_REFUSED'],
    [429, 'FREQUENCY_LIMITED', 'ERR_WXPAY_RATE_LIMITED'],
    [500, 'SYSTEM_ERROR', 'ERR_WXPAY_SERVER'],
  ])('is an error after %d %s', async (status, apiCode, code) => {
    wechat.answer((_, response) => refuseV3(response, status, apiCode))
    expect(await refusalOf(() => wxpay.queryRefund('refund-20261123-1'))).toMatchObject({ code, apiCode })
  })

  test('is an error after an empty 404: a gateway knows nothing of refunds', async () => {
    wechat.answer((_, response) => response.writeHead(404).end())
    expect(await refusalOf(() => wxpay.queryRefund('refund-20261123-1'))).toMatchObject({ httpStatus: 404 })
  })

  test.each<[string, object]>([
    ['another refund', { out_refund_no: 'refund-20261123-2' }],
    ['another trade', { transaction_id: '4200002026112300000000000002' }],
  ])('refuses a genuine answer about %s', async (_, change) => {
    answer({ ...aRefund, ...change })
    expect(
      await refusalOf(() => wxpay.queryRefund('refund-20261123-1', '4200002026112300000000000001')),
    ).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
      outcome: 'unknown',
      message: 'the answer is about another refund, app or merchant',
    })
  })

  test('a time that cannot be read does not lose the refund', async () => {
    answer({ ...aRefund, success_time: '2026-02-30T12:00:00+08:00' })
    const report = await wxpay.queryRefund('refund-20261123-1')
    expect(report).toMatchObject({ status: 'SUCCESS' })
    expect(report).not.toHaveProperty('successAt')
  })
})

describe('applyAbnormalRefund', () => {
  const numbers = { refundId: '50000000382019052709732678859', outRefundNo: 'refund-20261123-1' }
  const toUser = {
    ...numbers,
    to: 'userBankCard',
    bankType: 'ICBC_DEBIT',
    bankAccount: '6222021234567890123',
    realName: '张三丰',
  } as const
  const path = '/v3/refund/domestic/refunds/50000000382019052709732678859/apply-abnormal-refund'

  test("sends the money to the merchant's card", async () => {
    answer(processing)
    expect(await wxpay.applyAbnormalRefund({ ...numbers, to: 'merchantBankCard' })).toMatchObject({
      outRefundNo: 'refund-20261123-1',
      status: 'PROCESSING',
    })
    expect(wechat.received[0]).toMatchObject({ method: 'POST', path })
    expect(JSON.parse(wechat.received[0]?.body ?? '')).toEqual({
      out_refund_no: 'refund-20261123-1',
      type: 'MERCHANT_BANK_CARD',
    })
    expect(wechat.received[0]?.headers['wechatpay-serial']).toBe(publicKeyId)
    expect(isSigned(0)).toBe(true)
  })

  test("sends number and name of the payer's card encrypted, and names the key", async () => {
    answer(processing)
    await wxpay.applyAbnormalRefund(toUser)
    const { body = '', headers } = wechat.received[0] ?? {}
    const { bank_account, real_name, ...open } = JSON.parse(body)
    expect(open).toEqual({
      out_refund_no: 'refund-20261123-1',
      type: 'USER_BANK_CARD',
      bank_type: 'ICBC_DEBIT',
    })
    expect([openField(bank_account), openField(real_name)]).toEqual(['6222021234567890123', '张三丰'])
    expect(headers?.['wechatpay-serial']).toBe(publicKeyId)
    expect(body).not.toMatch(/6222|张/)
    expect(isSigned(0)).toBe(true)
  })

  test('that breaks a rule is not sent', async () => {
    for (const [member, change] of [
      ['bankAccount', { bankAccount: '6222 0212' }],
      ['refundId', { refundId: '../../pay' }],
    ] as const) {
      const error = await refusalOf(() => wxpay.applyAbnormalRefund({ ...toUser, ...change }))
      expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member })
    }
    expect(wechat.received).toEqual([])
  })

  test('never makes the same ciphertext twice', async () => {
    answer(processing)
    await wxpay.applyAbnormalRefund(toUser)
    await wxpay.applyAbnormalRefund(toUser)
    const [first, second] = wechat.received.map(({ body }) => JSON.parse(body))
    expect(second.bank_account).not.toBe(first.bank_account)
  })

  test.each([[['platform-short', 'platform-a']], [['platform-a', 'platform-short']]])(
    'without a public key encrypts for the newest platform certificate of %j, and names that one',
    async (names) => {
      answerCertificates(names)
      wxpay = clientOf()
      await wxpay.applyAbnormalRefund(toUser)
      expect(wechat.received.map((one) => one.path)).toEqual(['/v3/certificates?algorithm_type=RSA', path])
      const sentOn = wechat.received[1]
      expect(sentOn?.headers['wechatpay-serial']).toBe(platformSerialA)
      expect(openField(JSON.parse(sentOn?.body ?? '').bank_account, 'platform-a.key.pem')).toBe(
        '6222021234567890123',
      )
    },
  )

  test('asks for the certificates again after twelve hours, and not before', async () => {
    answerCertificates(['platform-a'])
    wxpay = clientOf()
    await wxpay.applyAbnormalRefund(toUser)
    await wxpay.applyAbnormalRefund(toUser)
    time.now += 12 * 60 * 60 * 1000 + 1
    await wxpay.applyAbnormalRefund(toUser)
    expect(wechat.received.map((one) => one.path)).toEqual([
      '/v3/certificates?algorithm_type=RSA',
      path,
      path,
      '/v3/certificates?algorithm_type=RSA',
      path,
    ])
  })

  test('does with a configured certificate without asking', async () => {
    answerCertificates(['platform-a'])
    wxpay = clientOf({ platformCertificates: [fixture('platform-a.cert.pem')] })
    await wxpay.applyAbnormalRefund(toUser)
    expect(wechat.received.map((one) => one.path)).toEqual([path])
  })

  test('encrypts for the public key where both are configured', async () => {
    answer(processing)
    wxpay = clientOf({ publicKey, platformCertificates: [fixture('platform-b.cert.pem')] })
    await wxpay.applyAbnormalRefund(toUser)
    expect(wechat.received[0]?.headers['wechatpay-serial']).toBe(publicKeyId)
  })

  test('is not sent when no key of WeChat Pay is to be had', async () => {
    wechat.answer((_, response) => refuseV3(response, 404, 'RESOURCE_NOT_EXISTS'))
    wxpay = clientOf()
    expect(await refusalOf(() => wxpay.applyAbnormalRefund(toUser))).toMatchObject({
      code: 'ERR_WXPAY_CONFIG',
      outcome: 'not-sent',
      member: 'publicKey',
    })
    expect(wechat.received.map((one) => one.path)).toEqual(['/v3/certificates?algorithm_type=RSA'])
  })

  test.each<[string, Partial<WxpayV3Config>]>([
    ['none is known', {}],
    ['the known one is expired', { platformCertificates: [fixture('platform-short.cert.pem')] }],
  ])('waits for better weather when the certificates cannot be fetched and %s', async (_, config) => {
    time.now = Date.parse('2030-06-01T00:00:00Z')
    wechat.answer((_request, response) => refuseV3(response, 500, 'SYSTEM_ERROR'))
    wxpay = clientOf(config)
    const weather = {
      code: 'ERR_WXPAY_CONNECT',
      outcome: 'not-sent',
      cause: expect.objectContaining({ code: 'ERR_WXPAY_SERVER' }),
    }
    expect(await refusalOf(() => wxpay.applyAbnormalRefund(toUser))).toMatchObject(weather)
    time.now += 59_999
    expect(await refusalOf(() => wxpay.applyAbnormalRefund(toUser))).toMatchObject(weather)
    answerCertificates(['platform-a'])
    time.now += 1
    await wxpay.applyAbnormalRefund(toUser)
    expect(wechat.received.map((one) => one.path)).toEqual([
      '/v3/certificates?algorithm_type=RSA',
      '/v3/certificates?algorithm_type=RSA',
      path,
    ])
  })

  test('uses no expired certificate', async () => {
    wechat.answer((_, response) => refuseV3(response, 404, 'RESOURCE_NOT_EXISTS'))
    time.now = Date.parse('2130-01-01T00:00:00Z')
    wxpay = clientOf({ platformCertificates: [fixture('platform-a.cert.pem')] })
    expect(await refusalOf(() => wxpay.applyAbnormalRefund(toUser))).toMatchObject({
      code: 'ERR_WXPAY_CONFIG',
    })
  })

  test.each<[string, object]>([
    ['another refund', { out_refund_no: 'refund-20261123-2' }],
    ['another refund id', { refund_id: '50000000382019052709732678860' }],
  ])('refuses a genuine answer about %s', async (_, change) => {
    answer({ ...processing, ...change })
    expect(await refusalOf(() => wxpay.applyAbnormalRefund(toUser))).toMatchObject({
      code: 'ERR_WXPAY_ANSWER_MISMATCH',
      outcome: 'unknown',
    })
  })

  test('a refusal is reported as it is, without card or name', async () => {
    wechat.answer((_, response) => refuseV3(response, 403, 'NO_AUTH', '商户无权限'))
    const error = await refusalOf(() => wxpay.applyAbnormalRefund(toUser))
    expect(error).toMatchObject({ outcome: 'rejected', apiCode: 'NO_AUTH', verified: false })
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toMatch(/6222|张/)
  })

  function answerCertificates(names: readonly string[]): void {
    const list = {
      data: names.map((name) => ({
        serial_no: name === 'platform-a' ? platformSerialA : '5157F09EFDC096DE15EBE81A47057A72000003',
        effective_time: '2026-01-01T00:00:00+08:00',
        expire_time: '2031-01-01T00:00:00+08:00',
        encrypt_certificate: sealed(fixture(`${name}.cert.pem`), 'certificate'),
      })),
    }
    wechat.answer(({ path }, response) => {
      const signer = {
        serial: platformSerialA,
        key: 'platform-a.key.pem',
        timestamp: String(Math.floor(time.now / 1000)),
      }
      const body = path === '/v3/certificates?algorithm_type=RSA' ? list : processing
      answerV3(response, 200, JSON.stringify(body), signer)
    })
  }
})
