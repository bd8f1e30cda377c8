import fc from 'fast-check'
import {
  acknowledge,
  createNotificationReader,
  createV3Verifier,
  type NotificationReaderConfig,
  notificationApi,
  readFlatXml,
} from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { apiV3Key, appid, fixture, mchid, noon, platformSerialA, publicKeyId, v2Key } from './fixtures.ts'
import {
  anAcceptedRefund,
  aPaidMessage,
  aPaidTransaction,
  aQueriedRefund,
  type Members,
  sealed,
  thePaidTrade,
  type V3SignOptions,
  v2Head,
  v2Signature,
  v2Signed,
  v2Xml,
  v3Headers,
} from './wechat-side.ts'

const verifier = createV3Verifier({
  publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') },
  platformCertificates: [fixture('platform-a.cert.pem')],
  clock: () => noon,
})

function readerOf(config: Partial<NotificationReaderConfig> = {}) {
  return createNotificationReader({ appid, mchid, v2: { key: v2Key }, v3: { apiV3Key, verifier }, ...config })
}

const reader = readerOf()

interface Envelope {
  readonly [name: string]: unknown
}

function envelopeOf(transaction: object = aPaidTransaction, change: Envelope = {}): string {
  return JSON.stringify({
    id: 'EV-2018022511223320873',
    create_time: '2026-11-23T12:00:01+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: { original_type: 'transaction', ...sealed(JSON.stringify(transaction)) },
    ...change,
  })
}

function openV3(body: string, options?: V3SignOptions) {
  return reader.openPayment({ headers: v3Headers(body, options), body: Buffer.from(body) })
}

function openV2(xml: string, config?: NotificationReaderConfig['v2']) {
  const input = { headers: {}, body: Buffer.from(xml) }
  return (config === undefined ? reader : readerOf({ v2: config })).openPayment(input)
}

describe('a v3 notification', () => {
  test('is verified, decrypted and translated', async () => {
    expect(await openV3(envelopeOf())).toEqual({
      api: 'v3',
      id: 'EV-2018022511223320873',
      paid: true,
      ambiguous: false,
      trade: thePaidTrade,
    })
  })

  test('may be signed by a platform certificate as well', async () => {
    const signer = { serial: platformSerialA, key: 'platform-a.key.pem' }
    expect(await openV3(envelopeOf(), signer)).toMatchObject({ paid: true })
  })

  test('is read with headers of any shape', async () => {
    const body = envelopeOf()
    const headers = v3Headers(body)
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const lists = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]),
    )
    for (const shape of [headers, lower, lists, new Headers(headers), { ...lower, get: undefined }]) {
      expect(await reader.openPayment({ headers: shape, body: Buffer.from(body) })).toMatchObject({
        paid: true,
      })
    }
  })

  test.each([
    ['missing', {}],
    ['twice in a list', { 'wechatpay-nonce': ['c5ac7061fccab6bf3e254dcf98995b8c', 'x'] }],
    [
      'twice in two cases',
      {
        'wechatpay-nonce': 'c5ac7061fccab6bf3e254dcf98995b8c',
        'Wechatpay-Nonce': 'c5ac7061fccab6bf3e254dcf98995b8c',
      },
    ],
  ])('is refused when a header is %s', async (_, change) => {
    const body = envelopeOf()
    const { 'Wechatpay-Nonce': _nonce, ...headers } = v3Headers(body)
    const input = { headers: { ...headers, ...change }, body: Buffer.from(body) }
    expect(await refusalOf(() => reader.openPayment(input))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_HEADER',
      outcome: 'not-sent',
    })
  })

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['from the past', { 'Wechatpay-Timestamp': String(noon / 1000 - 300) }, 'ERR_WXPAY_NOTIFY_TIMESTAMP'],
    ['from the future', { 'Wechatpay-Timestamp': String(noon / 1000 + 300) }, 'ERR_WXPAY_NOTIFY_TIMESTAMP'],
    [
      'with a timestamp in milliseconds',
      { 'Wechatpay-Timestamp': String(noon) },
      'ERR_WXPAY_NOTIFY_TIMESTAMP',
    ],
    ['with an unknown serial', { 'Wechatpay-Serial': 'F5765756002FDD77' }, 'ERR_WXPAY_NOTIFY_SERIAL'],
    [
      'under the serial of another key',
      { 'Wechatpay-Serial': platformSerialA },
      'ERR_WXPAY_NOTIFY_SIGNATURE',
    ],
    ['with a probe', { 'Wechatpay-Signature': 'WECHATPAY/SIGNTEST/AAA' }, 'ERR_WXPAY_NOTIFY_PROBE'],
    [
      'with a probe of an unknown serial',
      { 'Wechatpay-Signature': 'WECHATPAY/SIGNTEST/', 'Wechatpay-Serial': 'F5765756002FDD77' },
      'ERR_WXPAY_NOTIFY_PROBE',
    ],
    ['with garbage for a signature', { 'Wechatpay-Signature': '%%%' }, 'ERR_WXPAY_NOTIFY_SIGNATURE'],
    ['with a body that somebody changed', { 'Wechatpay-Nonce': 'x' }, 'ERR_WXPAY_NOTIFY_SIGNATURE'],
  ])('%s is refused', async (_, change, code) => {
    const body = envelopeOf()
    const input = { headers: { ...v3Headers(body), ...change }, body: Buffer.from(body) }
    expect(await refusalOf(() => reader.openPayment(input))).toMatchObject({ code })
  })

  test('no header of the request can switch the verification off', async () => {
    const headers = { host: 'localhost', 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '101.226.103.1' }
    const input = { headers, body: Buffer.from(envelopeOf()) }
    expect(await refusalOf(() => reader.openPayment(input))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_HEADER',
    })
  })

  test('that was parsed and written again is refused: only the raw bytes are signed', async () => {
    const body = envelopeOf()
    const again = Buffer.from(JSON.stringify(JSON.parse(body), null, 1))
    expect(
      await refusalOf(() => reader.openPayment({ headers: v3Headers(body), body: again })),
    ).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_SIGNATURE',
    })
  })

  const resource = sealed(JSON.stringify(aPaidTransaction))
  const ciphertext = Buffer.from(resource.ciphertext, 'base64')
  test.each<[string, object]>([
    [
      'with another key',
      sealed(JSON.stringify(aPaidTransaction), 'transaction', 'ffffffffffffffffffffffffffffffff'),
    ],
    ['with other associated data', { ...resource, associated_data: 'refund' }],
    ['with another nonce', { ...resource, nonce: 'katvtHDDPxkx' }],
    ['with a nonce of 16 bytes', { ...resource, nonce: '0123456789abcdef' }],
    ['with another algorithm', { ...resource, algorithm: 'AEAD_SM4_GCM' }],
    ['with a tag of 4 bytes', { ...resource, ciphertext: ciphertext.subarray(0, -12).toString('base64') }],
    ['with 4 bytes in all', { ...resource, ciphertext: 'AAAAAA==' }],
    ['with a changed byte', { ...resource, ciphertext: `B${resource.ciphertext.slice(1)}` }],
    ['as something that is no base64', { ...resource, ciphertext: '密文' }],
  ])('encrypted %s is refused', async (_, changed) => {
    expect(await refusalOf(() => openV3(envelopeOf(aPaidTransaction, { resource: changed })))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_DECRYPT',
    })
  })

  test('without associated data is read when it was encrypted so', async () => {
    const { associated_data: _, ...bare } = sealed(JSON.stringify(aPaidTransaction), '')
    expect(await openV3(envelopeOf(aPaidTransaction, { resource: bare }))).toMatchObject({ paid: true })
  })

  test.each<[string, string]>([
    ['no JSON', 'x'],
    ['nothing', ''],
    ['a list', '[]'],
    ['no resource', envelopeOf(aPaidTransaction, { resource: undefined })],
    ['a list for a resource', envelopeOf(aPaidTransaction, { resource: [] })],
    ['a number for an id', envelopeOf(aPaidTransaction, { id: 1 })],
    ['no event type', envelopeOf(aPaidTransaction, { event_type: '' })],
    ['a list inside', envelopeOf([])],
    ['no order number inside', envelopeOf({ ...aPaidTransaction, out_trade_no: undefined })],
    ['text for an amount inside', envelopeOf({ ...aPaidTransaction, amount: { total: '6800' } })],
    ['no amount though it is paid', envelopeOf({ ...aPaidTransaction, amount: undefined })],
    ['no transaction id though it is paid', envelopeOf({ ...aPaidTransaction, transaction_id: undefined })],
    ['an object nested a hundred thousand deep', '{"a":'.repeat(40_000)],
    ['more than 256 KB', envelopeOf({ ...aPaidTransaction, padding: 'x'.repeat(262_144) })],
  ])('signed, with %s, is refused', async (_, body) => {
    expect(await refusalOf(() => openV3(body))).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_MALFORMED' })
  })

  test('whose trade is not SUCCESS is genuine, but not paid', async () => {
    for (const trade_state of ['NOTPAY', 'CLOSED', 'USERPAYING', 'PAYERROR', 'REFUND', 'NEWSTATE']) {
      expect(await openV3(envelopeOf({ ...aPaidTransaction, trade_state }))).toMatchObject({
        paid: false,
        trade: { rawTradeState: trade_state },
      })
    }
  })

  test.each(['REFUND.SUCCESS', 'REFUND.CLOSED', 'TRANSACTION.PAY_BACK'])(
    'about %s is of another kind',
    async (event_type) => {
      expect(await refusalOf(() => openV3(envelopeOf(aPaidTransaction, { event_type })))).toMatchObject({
        code: 'ERR_WXPAY_NOTIFY_KIND',
      })
    },
  )

  test.each([{ mchid: '1900000002' }, { appid: 'wx9999999999999999' }, { appid: undefined }])(
    'about somebody else (%j) is refused',
    async (change) => {
      expect(await refusalOf(() => openV3(envelopeOf({ ...aPaidTransaction, ...change })))).toMatchObject({
        code: 'ERR_WXPAY_NOTIFY_MISMATCH',
      })
    },
  )

  test('members named like those of Object.prototype stay harmless', async () => {
    const body = envelopeOf().replace(
      '{"id"',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"id"',
    )
    expect(await openV3(body)).toMatchObject({ paid: true })
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

describe('a v2 notification', () => {
  test('is verified and translated', async () => {
    expect(await openV2(v2Signed(aPaidMessage))).toEqual({
      api: 'v2',
      id: '4200002026112300000000000001:SUCCESS',
      paid: true,
      ambiguous: false,
      trade: thePaidTrade,
    })
  })

  test('with result_code FAIL is genuine, but not paid', async () => {
    const failed = {
      ...aPaidMessage,
      result_code: 'FAIL',
      err_code: 'SYSTEMERROR',
      total_fee: '',
      transaction_id: '',
    }
    expect(await openV2(v2Signed(failed))).toMatchObject({
      id: 'order-20261123-1:FAIL',
      paid: false,
      trade: { tradeState: 'UNKNOWN', rawTradeState: 'FAIL' },
    })
  })

  const { sign_type: _, ...unsigned }: Members = { ...aPaidMessage, sign_type: '' }
  test.each([
    ['without sign', v2Xml(unsigned)],
    ['with an empty sign', v2Xml({ ...unsigned, sign: '' })],
    ['without sign and return_code', v2Xml({ ...unsigned, return_code: '' })],
    ['unsigned, saying FAIL', v2Xml({ return_code: 'FAIL', return_msg: 'x' })],
    ['signed with another key', v2Signed(aPaidMessage, 'HMAC-SHA256', 'ffffffffffffffffffffffffffffffff')],
    ['with a lower-case sign', v2Xml({ ...aPaidMessage, sign: v2Signature(aPaidMessage).toLowerCase() })],
    ['with the weaker algorithm', v2Signed(aPaidMessage, 'MD5')],
    ['with the weaker algorithm and a word for it', v2Signed({ ...aPaidMessage, sign_type: 'MD5' }, 'MD5')],
    ['with another amount', v2Signed(aPaidMessage).replace('6800', '6801')],
    ['with one member more', v2Signed(aPaidMessage).replace('</xml>', '<x>y</x></xml>')],
    ['with one member less', v2Signed(aPaidMessage).replace(/<coupon_fee_0>.*<\/coupon_fee_0>\n/, '')],
  ])('%s is refused', async (_, xml) => {
    expect(await refusalOf(() => openV2(xml))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_SIGNATURE',
      outcome: 'not-sent',
    })
  })

  test('with MD5 is taken when that was allowed in so many words', async () => {
    const xml = v2Signed(aPaidMessage, 'MD5')
    expect(await openV2(xml, { key: v2Key, acceptMd5Notifications: true })).toMatchObject({ paid: true })
    expect(await openV2(v2Signed(aPaidMessage), { key: v2Key, acceptMd5Notifications: true })).toMatchObject({
      paid: true,
    })
    expect(await openV2(xml, { key: v2Key, signType: 'MD5' })).toMatchObject({ paid: true })
  })

  test('with HMAC-SHA256 is refused by a merchant who is set to MD5', async () => {
    const error = await refusalOf(() => openV2(v2Signed(aPaidMessage), { key: v2Key, signType: 'MD5' }))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_SIGNATURE' })
  })

  test('with members that are new to us, coupons in any order and empty values, verifies', async () => {
    const more = {
      coupon_fee_10: 1,
      coupon_fee_2: 1,
      coupon_type_$0: 'CASH',
      REMARK: 'x',
      empty: '',
      brand_new: '新',
    }
    expect(await openV2(v2Signed({ ...aPaidMessage, ...more }))).toMatchObject({
      paid: true,
      ambiguous: false,
    })
  })

  test('with & in a value is flagged', async () => {
    expect(await openV2(v2Signed({ ...aPaidMessage, attach: 'a&b' }))).toMatchObject({
      paid: true,
      ambiguous: true,
    })
  })

  test('re-cut through attach has the same signature as the genuine one: attach must never be free text', async () => {
    // Why `attach` takes no "&" and why an ambiguous notification is no proof: the signed texts are the same.
    const genuine: Members = { ...aPaidMessage, attach: 'x&bank_type=OTHERS', bank_type: '' }
    const { bank_type: _bank, ...rest } = genuine
    const recut: Members = { ...rest, attach: 'x', bank_type: 'OTHERS' }
    expect(v2Signature(recut)).toBe(v2Signature(genuine))
    expect(await openV2(v2Signed(genuine))).toMatchObject({ ambiguous: true })
  })

  test.each<[string, Members]>([
    ['no return_code', { ...aPaidMessage, return_code: '' }],
    ['an unknown result', { ...aPaidMessage, result_code: 'MAYBE' }],
    ['no order number', { ...aPaidMessage, out_trade_no: '' }],
    ['no amount though it is paid', { ...aPaidMessage, total_fee: '' }],
    ['no transaction id though it is paid', { ...aPaidMessage, transaction_id: '' }],
    ['a fraction of a fen', { ...aPaidMessage, total_fee: '68.5' }],
    ['an amount in hexadecimal', { ...aPaidMessage, total_fee: '0x64' }],
    ['the state of a query', { ...aPaidMessage, trade_state: 'SUCCESS' }],
    ['no kind of trade though it is paid', { ...aPaidMessage, trade_type: '' }],
    ['no time though it is paid', { ...aPaidMessage, time_end: '' }],
    ['a refund of it', { ...aPaidMessage, refund_id: '50000000382019052709732678859' }],
    ['refunds of it', { ...aPaidMessage, refund_count: 1 }],
  ])('signed, with %s, is refused', async (_, members) => {
    expect(await refusalOf(() => openV2(v2Signed(members)))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_MALFORMED',
    })
  })

  test.each<[string, Members]>([
    ['a refund that was accepted', anAcceptedRefund],
    ['a query for a refund', aQueriedRefund],
    ['an order', { ...v2Head, trade_type: 'JSAPI', prepay_id: 'wx1', out_trade_no: 'order-20261123-1' }],
    ['a close', { ...v2Head, out_trade_no: 'order-20261123-1', result_msg: 'OK' }],
  ])('that is in truth the signed answer to %s is no news of a payment', async (_, answer) => {
    expect(await refusalOf(() => openV2(v2Signed(answer)))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_MALFORMED',
    })
  })

  test.each([
    ['a document type', `<!DOCTYPE x>${v2Signed(aPaidMessage)}`],
    ['an amount spliced by a comment', v2Signed(aPaidMessage).replace('<![CDATA[6800]]>', '68<!-- -->00')],
    ['an amount twice', v2Signed(aPaidMessage).replace('</xml>', '<total_fee>1</total_fee></xml>')],
    ['a cut end', v2Signed(aPaidMessage).slice(0, -6)],
    ['65 KB', v2Signed({ ...aPaidMessage, padding: 'x'.repeat(66_000) })],
  ])('with %s is refused', async (_, xml) => {
    expect(await refusalOf(() => openV2(xml))).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_MALFORMED' })
  })

  test.each([{ mch_id: '1900000002' }, { appid: 'wx9999999999999999' }, { appid: '' }])(
    'about somebody else (%j) is refused',
    async (change) => {
      expect(await refusalOf(() => openV2(v2Signed({ ...aPaidMessage, ...change })))).toMatchObject({
        code: 'ERR_WXPAY_NOTIFY_MISMATCH',
      })
    },
  )
})

describe('the reader', () => {
  test('tells XML from JSON by content', () => {
    expect(notificationApi(Buffer.from(' \r\n\t<xml>'))).toBe('v2')
    expect(notificationApi(Buffer.from('{"id":1}'))).toBe('v3')
    expect(notificationApi(Buffer.from(''))).toBe('v3')
  })

  test('refuses a protocol that it has no keys for', async () => {
    const body = envelopeOf()
    const v2Only = createNotificationReader({ appid, mchid, v2: { key: v2Key } })
    const v3Only = createNotificationReader({ appid, mchid, v3: { apiV3Key, verifier } })
    const headers = v3Headers(body)
    const json = await refusalOf(() => v2Only.openPayment({ headers, body: Buffer.from(body) }))
    const xml = await refusalOf(() =>
      v3Only.openPayment({ headers, body: Buffer.from(v2Signed(aPaidMessage)) }),
    )
    expect([json.code, xml.code]).toEqual([
      'ERR_WXPAY_NOTIFY_NOT_CONFIGURED',
      'ERR_WXPAY_NOTIFY_NOT_CONFIGURED',
    ])
  })

  test('never throws anything but a WxpayError, whatever arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.dictionary(fc.string(), fc.string()),
        async (body, headers) => {
          const error = await refusalOf(() => reader.openPayment({ headers, body }))
          expect(error.code).toMatch(/^ERR_WXPAY_NOTIFY_/)
        },
      ),
    )
  })

  test.each<[string, Partial<NotificationReaderConfig>]>([
    ['appid must be', { appid: '' }],
    ['mchid must be', { mchid: 'shop' }],
    ['v2.key must be the APIv2 key: exactly 32', { v2: { key: 'short' } }],
    ['apiV3Key must be the APIv3 key: exactly 32 bytes', { v3: { apiV3Key: 'short', verifier } }],
  ])('is not made: %s', (message, config) => {
    expect(() => readerOf(config)).toThrow(message)
  })

  test('is not made without any key', () => {
    expect(() => createNotificationReader({ appid, mchid })).toThrow('v3 must be given, or v2, or both')
  })
})

describe('a refusal says what is wrong', () => {
  const v2Refund = (members: Members) => () =>
    reader.openRefund({ headers: {}, body: Buffer.from(v2Xml(members)) })
  const v3Refund = (change: Envelope) => () => {
    const body = envelopeOf(aPaidTransaction, change)
    return reader.openRefund({ headers: v3Headers(body), body: Buffer.from(body) })
  }
  const unknownKeys = (config: Partial<NotificationReaderConfig>, body: string) => () =>
    createNotificationReader({ appid, mchid, ...config }).openPayment({
      headers: v3Headers(body),
      body: Buffer.from(body),
    })
  const { transaction_id: _, ...unnumbered } = aPaidTransaction
  const malformed = 'not a notification of WeChat Pay'

  test.each<[string, () => Promise<unknown>]>([
    [
      'an APIv2 notification, and the reader has no v2 keys',
      unknownKeys({ v3: { apiV3Key, verifier } }, v2Signed(aPaidMessage)),
    ],
    [
      'an APIv3 notification, and the reader has no v3 keys',
      unknownKeys({ v2: { key: v2Key } }, envelopeOf()),
    ],
    [`${malformed}: a paid trade without transaction id or amount`, () => openV3(envelopeOf(unnumbered))],
    ['not signed with our key and HMAC-SHA256', () => openV2(v2Signed(aPaidMessage, 'MD5'))],
    [
      'not signed with our key and MD5',
      () => openV2(v2Signed(aPaidMessage), { key: v2Key, signType: 'MD5' }),
    ],
    [
      `${malformed}: return_code or result_code is neither SUCCESS nor FAIL`,
      () => openV2(v2Signed({ ...aPaidMessage, result_code: 'DONE' })),
    ],
    [
      `${malformed}: trade_state does not belong into it`,
      () => openV2(v2Signed({ ...aPaidMessage, trade_state: 'SUCCESS' })),
    ],
    [`${malformed}: larger than any notification`, () => openV3(`{"a":"${'x'.repeat(256 * 1024)}"}`)],
    [
      'not believed: the signature does not fit the bytes',
      () => openV3(envelopeOf(), { serial: platformSerialA }),
    ],
    [
      'the content does not open with this APIv3 key',
      () => openV3(envelopeOf({}, { resource: sealed('{}', 'transaction', 'x'.repeat(32)) })),
    ],
    [
      'the notification is about another app or merchant',
      () => openV3(envelopeOf({ ...aPaidTransaction, mchid: '1900000002' })),
    ],
    [
      'a notification of another kind, not TRANSACTION.SUCCESS',
      () => openV3(envelopeOf(aPaidTransaction, { event_type: 'REFUND.SUCCESS' })),
    ],
    [
      'a notification of another kind, not REFUND.SUCCESS, REFUND.ABNORMAL, REFUND.CLOSED',
      v3Refund({ event_type: 'TRANSACTION.SUCCESS' }),
    ],
    [
      `${malformed}: event_type and refund_status do not agree`,
      v3Refund({
        event_type: 'REFUND.CLOSED',
        resource: sealed(
          JSON.stringify({
            mchid,
            out_refund_no: 'refund-1',
            refund_id: '5',
            transaction_id: '4',
            refund_status: 'SUCCESS',
            amount: { refund: 1 },
          }),
        ),
      }),
    ],
    [`${malformed}: return_code is neither SUCCESS nor FAIL`, v2Refund({ return_code: 'DONE' })],
    [
      `${malformed}: return_code is FAIL: there is no refund in it`,
      v2Refund({ return_code: 'FAIL', return_msg: 'x'.repeat(300) }),
    ],
    [`${malformed}: return_code is FAIL: there is no refund in it`, v2Refund({ return_code: 'FAIL' })],
    [
      'a notification of another kind, not a refund: there is no req_info',
      v2Refund({ return_code: 'SUCCESS', appid, mch_id: mchid }),
    ],
  ])('%s', async (message, open) => {
    const error = await refusalOf(open)
    expect(error.message).toBe(message)
    expect((error.apiMessage ?? '').length).toBeLessThanOrEqual(256)
  })

  test('and 256 KB are read before anything is refused', async () => {
    const body = `{"a":"${'x'.repeat(256 * 1024 - 8)}"}`
    expect((await refusalOf(() => openV3(body))).message).toBe(`${malformed}: id is missing`)
  })
})

describe('acknowledgements', () => {
  test('have the form that each protocol asks for', () => {
    expect(acknowledge.v3Success()).toEqual({ status: 204, headers: {}, body: '' })
    expect(acknowledge.v3Failure(401)).toEqual({
      status: 401,
      headers: { 'Content-Type': 'application/json' },
      body: '{"code":"FAIL","message":"失败"}',
    })
    expect(acknowledge.v2Success().body).toBe(
      '<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>',
    )
    expect(acknowledge.v2Success()).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'text/xml; charset=utf-8' },
    })
    const failure = acknowledge.v2Failure('a ]]> b')
    expect(failure.status).toBe(200)
    expect(Object.fromEntries(readFlatXml(Buffer.from(failure.body)))).toEqual({
      return_code: 'FAIL',
      return_msg: 'a ]]> b',
    })
  })

  test.each([200, 204, 302, 399, 600, 401.5])(
    'a failure with status %d is refused: it would read as success',
    (status) => {
      expect(() => acknowledge.v3Failure(status)).toThrow('status must be 400 to 599')
    },
  )
})
