import { createCipheriv, createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  createNotificationReader,
  createV3Verifier,
  decryptReqInfo,
  type NotificationReaderConfig,
  readReqInfoKey,
} from 'wxpay-core'
import { refusalOf } from './expect-refusal.ts'
import { apiV3Key, appid, fixture, mchid, noon, publicKeyId, v2Key } from './fixtures.ts'
import {
  aPaidMessage,
  aPaidTransaction,
  aRefund,
  aRefundContent,
  type Members,
  reqInfoOf,
  rootXml,
  sealed,
  theRefund,
  v2RefundNotice,
  v2Signed,
  v2Xml,
  v3Headers,
} from './wechat-side.ts'

const verifier = createV3Verifier({
  publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') },
  clock: () => noon,
})

function readerOf(config: Partial<NotificationReaderConfig> = {}) {
  return createNotificationReader({ appid, mchid, v2: { key: v2Key }, v3: { apiV3Key, verifier }, ...config })
}

const reader = readerOf()
const { channel: _channel, ...theNews } = theRefund
const { settlementRefundFen: _settlement, ...theV3News } = { ...theNews, payerRefundFen: 2_000 }

const aRefundNotice = {
  mchid,
  out_trade_no: 'order-20261123-1',
  transaction_id: '4200002026112300000000000001',
  out_refund_no: 'refund-20261123-1',
  refund_id: '50000000382019052709732678859',
  refund_status: 'SUCCESS',
  success_time: '2026-11-23T12:00:00+08:00',
  user_received_account: '招商银行信用卡0403',
  amount: { total: 6_800, refund: 2_000, payer_total: 6_800, payer_refund: 2_000 },
}

function envelopeOf(content: object = aRefundNotice, change: object = {}): string {
  return JSON.stringify({
    id: 'EV-2018022511223320873',
    create_time: '2026-11-23T12:00:01+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'REFUND.SUCCESS',
    summary: '退款成功',
    resource: { original_type: 'refund', ...sealed(JSON.stringify(content), 'refund') },
    ...change,
  })
}

function openV3(body: string, headers = v3Headers(body)) {
  return reader.openRefund({ headers, body: Buffer.from(body) })
}

function openV2(xml: string) {
  return reader.openRefund({ headers: {}, body: Buffer.from(xml) })
}

describe('a v3 refund notification', () => {
  test('is verified, decrypted and translated', async () => {
    expect(await openV3(envelopeOf())).toEqual({
      api: 'v3',
      id: 'EV-2018022511223320873',
      verified: true,
      refund: theV3News,
    })
  })

  test.each(['ABNORMAL', 'CLOSED'])('about a refund that is %s has no time', async (refund_status) => {
    const { success_time: _, user_received_account: _account, ...content } = aRefundNotice
    const body = envelopeOf({ ...content, refund_status }, { event_type: `REFUND.${refund_status}` })
    const { refund } = await openV3(body)
    expect(refund).toMatchObject({ status: refund_status, rawStatus: refund_status, refundFen: 2_000 })
    expect(refund).not.toHaveProperty('successAt')
  })

  test.each([
    ['REFUND.SUCCESS', 'CLOSED'],
    ['REFUND.SUCCESS', 'ABNORMAL'],
    ['REFUND.SUCCESS', 'PROCESSING'],
    ['REFUND.CLOSED', 'SUCCESS'],
    ['REFUND.ABNORMAL', 'SUCCESS'],
    ['REFUND.SUCCESS', 'success'],
  ])('whose outside says %s and whose inside says %s is refused', async (event_type, refund_status) => {
    expect(
      await refusalOf(() => openV3(envelopeOf({ ...aRefundNotice, refund_status }, { event_type }))),
    ).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_MALFORMED' })
  })

  test.each([
    'TRANSACTION.SUCCESS',
    'REFUND.PROCESSING',
    'REFUND',
    'refund.success',
    'MCHTRANSFER.BATCH.FINISHED',
  ])('of the kind %s is none', async (event_type) => {
    expect(await refusalOf(() => openV3(envelopeOf(aRefundNotice, { event_type })))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_KIND',
      outcome: 'not-sent',
    })
  })

  test.each(['1900000002', '', undefined, 1900000001])('about merchant %p is refused', async (other) => {
    const error = await refusalOf(() => openV3(envelopeOf({ ...aRefundNotice, mchid: other })))
    expect(error.code).toMatch(/^ERR_WXPAY_NOTIFY_(MISMATCH|MALFORMED)$/)
    if (other === '1900000002') expect(error.code).toBe('ERR_WXPAY_NOTIFY_MISMATCH')
  })

  test('that decrypts but is not signed is refused', async () => {
    expect(await refusalOf(() => openV3(envelopeOf(), {}))).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_HEADER' })
  })

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['from the future', { 'Wechatpay-Timestamp': String(noon / 1000 + 300) }, 'ERR_WXPAY_NOTIFY_TIMESTAMP'],
    ['with a probe', { 'Wechatpay-Signature': 'WECHATPAY/SIGNTEST/AAA' }, 'ERR_WXPAY_NOTIFY_PROBE'],
    ['with an unknown serial', { 'Wechatpay-Serial': 'F5765756002FDD77' }, 'ERR_WXPAY_NOTIFY_SERIAL'],
    ['with a body that somebody changed', { 'Wechatpay-Nonce': 'x' }, 'ERR_WXPAY_NOTIFY_SIGNATURE'],
  ])('%s is refused', async (_, change, code) => {
    const body = envelopeOf()
    expect(await refusalOf(() => openV3(body, { ...v3Headers(body), ...change }))).toMatchObject({ code })
  })

  test('that another APIv3 key sealed is refused', async () => {
    const resource = sealed(JSON.stringify(aRefundNotice), 'refund', 'f'.repeat(32))
    expect(await refusalOf(() => openV3(envelopeOf(aRefundNotice, { resource })))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_DECRYPT',
    })
  })

  test.each<[string, object]>([
    ['the state under the name of the query', { refund_status: undefined, status: 'SUCCESS' }],
    ['no number of ours', { out_refund_no: undefined }],
    ['no refund id', { refund_id: '' }],
    ['no trade', { transaction_id: undefined }],
    ['no amount', { amount: undefined }],
    ['no amount of the refund', { amount: { total: 6_800 } }],
    ['text for an amount', { amount: { total: 6_800, refund: '2000' } }],
    ['a negative amount', { amount: { total: 6_800, refund: -1 } }],
    ['a list for an amount', { amount: [2_000] }],
    ['an object for a number', { out_refund_no: { $ne: null } }],
  ])('signed, with %s, is refused', async (_, change) => {
    expect(await refusalOf(() => openV3(envelopeOf({ ...aRefundNotice, ...change })))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_MALFORMED',
    })
  })
})

describe('a v2 refund notification', () => {
  test('is decrypted and translated, and never verified', async () => {
    expect(await openV2(v2RefundNotice())).toEqual({
      api: 'v2',
      id: '50000000382019052709732678859:SUCCESS',
      verified: false,
      refund: { ...theNews, source: 'API' },
    })
  })

  test('of a refund that a person started in the merchant platform says so, in a v3 shop too', async () => {
    const xml = v2RefundNotice({ ...aRefundContent, refund_request_source: 'VENDOR_PLATFORM' })
    const body = Buffer.from(xml)
    expect(await reader.openRefund({ headers: v3Headers(xml), body })).toMatchObject({
      api: 'v2',
      verified: false,
      refund: { source: 'VENDOR_PLATFORM' },
    })
  })

  test('signed by somebody is none the better for it', async () => {
    const xml = v2Signed({
      return_code: 'SUCCESS',
      appid,
      mch_id: mchid,
      nonce_str: 'x',
      req_info: reqInfoOf(rootXml(aRefundContent)).toString('base64'),
    })
    expect(await openV2(xml)).toMatchObject({ verified: false })
  })

  test.each([
    ['SUCCESS', 'SUCCESS'],
    ['REFUNDCLOSE', 'CLOSED'],
    ['CHANGE', 'ABNORMAL'],
    ['NEWSTATE', 'UNKNOWN'],
  ])('translates %s as %s', async (refund_status, status) => {
    const notification = await openV2(v2RefundNotice({ ...aRefundContent, refund_status, success_time: '' }))
    expect(notification.refund).toMatchObject({ status, rawStatus: refund_status })
    expect(notification.refund).not.toHaveProperty('successAt')
    expect(notification.id).toBe(`50000000382019052709732678859:${refund_status}`)
  })

  test('leaves out a source that is new to us', async () => {
    const { refund } = await openV2(v2RefundNotice({ ...aRefundContent, refund_request_source: 'SOMEBODY' }))
    expect(refund).not.toHaveProperty('source')
  })

  test('with return_code FAIL carries no refund', async () => {
    const error = await refusalOf(() => openV2(v2Xml({ return_code: 'FAIL', return_msg: '系统繁忙' })))
    expect(error).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_MALFORMED',
      outcome: 'not-sent',
      apiMessage: '系统繁忙',
    })
    expect(error.message).toContain('return_code is FAIL')
  })

  test.each([
    ['a payment notification', v2Signed(aPaidMessage)],
    ['without req_info', v2RefundNotice(aRefundContent, { req_info: '' })],
  ])('%s is of another kind', async (_, xml) => {
    expect(await refusalOf(() => openV2(xml))).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_KIND' })
  })

  test.each([{ mch_id: '1900000002' }, { appid: 'wx9999999999999999' }, { appid: '' }, { mch_id: '' }])(
    'about somebody else (%j) is refused',
    async (change) => {
      expect(await refusalOf(() => openV2(v2RefundNotice(aRefundContent, change)))).toMatchObject({
        code: 'ERR_WXPAY_NOTIFY_MISMATCH',
      })
    },
  )

  const genuine = reqInfoOf(rootXml(aRefundContent))
  test.each<[string, string]>([
    ['with another key', v2RefundNotice(aRefundContent, {}, 'f'.repeat(32))],
    [
      'with the upper-case digest of the key',
      v2RefundNotice(sealedWithUpperCaseKey(rootXml(aRefundContent))),
    ],
    ['and cut by a block', v2RefundNotice(genuine.subarray(0, -16))],
    ['and cut in a block', v2RefundNotice(genuine.subarray(0, -1))],
    ['with a changed last byte', v2RefundNotice(flipped(genuine, genuine.length - 1))],
    ['with a changed first byte', v2RefundNotice(flipped(genuine, 0))],
    ['to bytes that are no text', v2RefundNotice(reqInfoOf(Buffer.from([0xff, 0xfe, 0xfd])))],
    ['as something that is no base64', v2RefundNotice(aRefundContent, { req_info: '密文' })],
    ['as base64 with blanks', v2RefundNotice(aRefundContent, { req_info: ` ${genuine.toString('base64')}` })],
  ])('encrypted %s is refused', async (_, xml) => {
    expect(await refusalOf(() => openV2(xml))).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_DECRYPT' })
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['JSON', '{"a":3}'],
    ['the wrong root', v2Xml(aRefundContent)],
    ['a document type', `<!DOCTYPE root>${rootXml(aRefundContent)}`],
    ['a cut end', rootXml(aRefundContent).slice(0, -1)],
    [
      'a state twice',
      rootXml(aRefundContent).replace('</root>', '<refund_status>SUCCESS</refund_status></root>'),
    ],
    ['no state', rootXml({ ...aRefundContent, refund_status: '' })],
    ['no number of ours', rootXml({ ...aRefundContent, out_refund_no: '' })],
    ['no refund id', rootXml({ ...aRefundContent, refund_id: '' })],
    ['no trade', rootXml({ ...aRefundContent, transaction_id: '' })],
    ['no amount', rootXml({ ...aRefundContent, refund_fee: '' })],
    ['an amount in hexadecimal', rootXml({ ...aRefundContent, refund_fee: '0x7d0' })],
    ['a fraction of a fen', rootXml({ ...aRefundContent, total_fee: '6800.0' })],
  ])('that holds %s is refused', async (_, plain) => {
    expect(await refusalOf(() => openV2(v2RefundNotice(reqInfoOf(plain))))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_MALFORMED',
    })
  })

  test.each([
    ['an unknown return_code', v2RefundNotice(aRefundContent, { return_code: 'OK' })],
    ['65 KB', v2RefundNotice(aRefundContent, { padding: 'x'.repeat(66_000) })],
    ['a document type', `<!DOCTYPE xml>${v2RefundNotice()}`],
    ['req_info twice', v2RefundNotice().replace('</xml>', '<req_info>AAAA</req_info></xml>')],
  ])('with %s is refused', async (_, xml) => {
    expect(await refusalOf(() => openV2(xml))).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_MALFORMED' })
  })

  test('can be forged without the key by whoever has seen two: that is why it is a hint', async () => {
    // ECB encrypts each 16 bytes by themselves, so the blocks of genuine notifications can be put together anew.
    const small = endingOnBlock({ refund_status: 'SUCCESS', ...otherThanStatus, refund_fee: 1 })
    const large = endingOnBlock({
      refund_status: 'CHANGE',
      ...otherThanStatus,
      out_refund_no: 'refund-20261123-2',
      refund_fee: 6_800,
    })
    const forged = Buffer.concat([
      reqInfoOf(small.plain).subarray(0, small.end),
      reqInfoOf(large.plain).subarray(large.end),
    ])
    expect(await openV2(v2RefundNotice(forged))).toMatchObject({
      verified: false,
      refund: { outRefundNo: 'refund-20261123-2', refundFen: 6_800, status: 'SUCCESS' },
    })
  })
})

const { refund_status: _status, refund_recv_accout: _account, ...otherThanStatus } = aRefundContent

/** A notification whose state ends where a block ends: accounts of all lengths occur, so such ones do too. */
function endingOnBlock(content: Members): { readonly plain: string; readonly end: number } {
  const mark = '</refund_status>\n'
  for (let length = 0; length < 16; length += 1) {
    const plain = rootXml({ refund_recv_accout: 'x'.repeat(length), ...content })
    const end = plain.indexOf(mark) + mark.length
    if (end % 16 === 0) return { plain, end }
  }
  throw new Error('no length fits')
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

function sealedWithUpperCaseKey(plain: string): Buffer {
  const key = createHash('md5').update(v2Key).digest('hex').toUpperCase()
  const cipher = createCipheriv('aes-256-ecb', key, null)
  return Buffer.concat([cipher.update(plain), cipher.final()])
}

describe('req_info', () => {
  const key = readReqInfoKey(v2Key)

  test('opens to what was sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const opened = decryptReqInfo(reqInfoOf(Buffer.from(bytes)).toString('base64'), key)
        expect(opened?.equals(Buffer.from(bytes))).toBe(true)
      }),
    )
  })

  test('is null, and no error, for any other text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        const opened = decryptReqInfo(text, key)
        expect(opened === null || Buffer.isBuffer(opened)).toBe(true)
        if (text.length % 4 !== 0 || /[^A-Za-z0-9+/=]/.test(text)) expect(opened).toBeNull()
      }),
    )
  })

  test('is base64 to the letter, which Node would not insist on', () => {
    const text = reqInfoOf(Buffer.alloc(300, 0xfb)).toString('base64')
    expect(text).toMatch(/[+/].*=$/)
    expect(decryptReqInfo(text, key)).toHaveLength(300)
    for (const other of [
      text.replace(/=+$/, ''),
      text.replace(/=$/, ''),
      `    ${text}`,
      `${text}\n\n\n\n`,
      text.replaceAll('+', '-').replaceAll('/', '_'),
    ]) {
      expect(decryptReqInfo(other, key)).toBeNull()
    }
  })

  // The last block holds 4 bytes of text and 12 of padding, each of which must be 12.
  test.each([0, 1, 5, 11])('is checked in every byte of its padding (byte %d)', (index) => {
    const block = Buffer.concat([Buffer.from('text'), Buffer.alloc(12, 12)])
    expect(decryptReqInfo(sealedWithoutPadding(block), key)?.toString()).toBe('text')
    block.writeUInt8(13, 4 + index)
    expect(decryptReqInfo(sealedWithoutPadding(block), key)).toBeNull()
  })

  test.each([0, 17, 255])('is refused with a padding of %d bytes', (length) => {
    expect(decryptReqInfo(sealedWithoutPadding(Buffer.alloc(16, length)), key)).toBeNull()
  })

  test('is opened by a key of 32 characters alone', () => {
    for (const wrong of ['', 'short', `${v2Key}x`]) {
      expect(() => readReqInfoKey(wrong)).toThrow('the APIv2 key: exactly 32')
    }
  })

  function sealedWithoutPadding(block: Buffer): string {
    const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(v2Key).digest('hex'), null)
    cipher.setAutoPadding(false)
    return Buffer.concat([cipher.update(block), cipher.final()]).toString('base64')
  }
})

describe('the reader of refunds', () => {
  test('refuses a protocol that it has no keys for, and opens both when it has both', async () => {
    const json = envelopeOf()
    const inputs = {
      v2: { headers: {}, body: Buffer.from(v2RefundNotice()) },
      v3: { headers: v3Headers(json), body: Buffer.from(json) },
    }
    const v2Only = createNotificationReader({ appid, mchid, v2: { key: v2Key } })
    const v3Only = createNotificationReader({ appid, mchid, v3: { apiV3Key, verifier } })
    expect((await refusalOf(() => v2Only.openRefund(inputs.v3))).code).toBe('ERR_WXPAY_NOTIFY_NOT_CONFIGURED')
    const noV2 = await refusalOf(() => v3Only.openRefund(inputs.v2))
    expect(noV2.code).toBe('ERR_WXPAY_NOTIFY_NOT_CONFIGURED')
    for (const both of [reader, readerOf({ v2: { key: v2Key, signType: 'MD5' } })]) {
      expect(await both.openRefund(inputs.v2)).toMatchObject({ api: 'v2' })
      expect(await both.openRefund(inputs.v3)).toMatchObject({ api: 'v3' })
    }
  })

  test('does not take payments for refunds, nor refunds for payments', async () => {
    const payment = envelopeOf(aPaidTransaction, { event_type: 'TRANSACTION.SUCCESS' })
    const refund = envelopeOf()
    expect(await refusalOf(() => openV3(payment))).toMatchObject({ code: 'ERR_WXPAY_NOTIFY_KIND' })
    const asPayment = { headers: v3Headers(refund), body: Buffer.from(refund) }
    expect(await refusalOf(() => reader.openPayment(asPayment))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_KIND',
    })
    const xml = { headers: {}, body: Buffer.from(v2RefundNotice()) }
    expect(await refusalOf(() => reader.openPayment(xml))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_SIGNATURE',
    })
  })

  test('takes no answer of the query for a notification, whose state has another name', async () => {
    expect(await refusalOf(() => openV3(envelopeOf({ ...aRefund, mchid })))).toMatchObject({
      code: 'ERR_WXPAY_NOTIFY_MALFORMED',
    })
  })

  test('never throws anything but a WxpayError, whatever arrives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (body) => {
        const error = await refusalOf(() => reader.openRefund({ headers: {}, body }))
        expect(error.code).toMatch(/^ERR_WXPAY_NOTIFY_/)
      }),
    )
  })

  test('nor whatever is inside, sealed with our own key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.json(), fc.constantFrom('<root>', '<root></root>')),
        async (plain) => {
          const xml = await refusalOf(() => openV2(v2RefundNotice(reqInfoOf(plain))))
          expect(xml.code).toMatch(/^ERR_WXPAY_NOTIFY_(MALFORMED|DECRYPT)$/)
          const resource = sealed(plain, 'refund')
          const json = await refusalOf(() => openV3(envelopeOf({}, { resource })))
          expect(json.code).toMatch(/^ERR_WXPAY_NOTIFY_(MALFORMED|MISMATCH)$/)
        },
      ),
    )
  })

  test('repeats nothing of the content in its refusals', async () => {
    const secret = 'SECRETSECRET'
    const plain = rootXml({ ...aRefundContent, refund_fee: secret, refund_recv_accout: secret })
    const error = await refusalOf(() => openV2(v2RefundNotice(reqInfoOf(plain))))
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain(secret)
  })
})
