import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import {
  cutUtf8,
  nonce,
  signV2,
  tradeStateOf,
  WxpayError,
  type WxpayErrorCodeOf,
  wasPaid,
  wxpayOutcomes,
} from 'wxpay-core'
import {
  malformed,
  malformedAs,
  mismatch,
  refusal,
  refusedWith,
  unsigned,
} from 'wxpay-core/src/answer-errors.ts'
import {
  fromGmt8Digits,
  fromGmt8Text,
  fromRfc3339,
  toGmt8Digits,
  toGmt8Rfc3339,
} from 'wxpay-core/src/china-time.ts'
import { optionalTextOf, parseJsonObject } from 'wxpay-core/src/json.ts'
import { queriedRefund } from 'wxpay-core/src/v2/refund.ts'
import { signedDocument } from 'wxpay-core/src/v2/request.ts'
import { createV2Signer, isSignedBy, joinSortedMap } from 'wxpay-core/src/v2/sign.ts'
import { tradeOfMessage } from 'wxpay-core/src/v2/trade.ts'
import { readFlatXml } from 'wxpay-core/src/v2/xml.ts'
import { refundOfAnswer } from 'wxpay-core/src/v3/refund.ts'
import { tradeOfTransaction } from 'wxpay-core/src/v3/transaction.ts'
import { refusalOf } from './expect-refusal.ts'
import { noon, v2Key } from './fixtures.ts'

describe('errors', () => {
  test('are known by what they are, not by what they look like', () => {
    const error = new WxpayError('ERR_WXPAY_TIMEOUT', 'x')
    class Late extends WxpayError<'ERR_WXPAY_TIMEOUT'> {}
    const late = new Late('ERR_WXPAY_TIMEOUT', 'x')
    expect([error, late].map((one) => one instanceof WxpayError)).toEqual([true, true])
    expect([error, late].map((one) => one instanceof Late)).toEqual([false, true])
    for (const other of [new Error('x'), { ...error }, null, undefined, 'WxpayError', 1]) {
      expect(other instanceof WxpayError).toBe(false)
    }
    // Nothing of it is in a log or in JSON.
    expect(Object.keys(error)).toEqual(['name', 'code', 'outcome'])
    expect(JSON.stringify(error)).not.toContain('wxpay-core')
  })

  test('carry the outcome of their code and nothing else can be said', () => {
    const error = new WxpayError('ERR_WXPAY_TIMEOUT', 'x')
    const outcome: 'unknown' = error.outcome
    expect(outcome).toBe('unknown')
    // @ts-expect-error: a time-out cannot be built as rejected
    const rejected: 'rejected' = error.outcome
    expect(rejected).not.toBe('rejected')
    const onlyRefused: WxpayErrorCodeOf<'rejected'> = 'ERR_WXPAY_REFUSED'
    expect(Object.entries(wxpayOutcomes).filter(([, value]) => value === 'rejected')).toEqual([
      [onlyRefused, 'rejected'],
    ])
  })

  test('keep their cause and leave out what is not known', () => {
    const cause = new Error('below')
    const error = new WxpayError('ERR_WXPAY_REFUSED', 'x', { cause, apiCode: 'A', httpStatus: 400 })
    expect(error.cause).toBe(cause)
    expect({ ...error }).toEqual({
      name: 'WxpayError',
      code: 'ERR_WXPAY_REFUSED',
      outcome: 'rejected',
      apiCode: 'A',
      httpStatus: 400,
    })
    expect(error).toBeInstanceOf(Error)
    // A log that prints causes prints none.
    expect(Object.hasOwn(new WxpayError('ERR_WXPAY_TIMEOUT', 'x'), 'cause')).toBe(false)
  })
})

describe('trade states', () => {
  test('new words are UNKNOWN and never paid', () => {
    expect(['SUCCESS', 'REFUND', 'NOTPAY', 'NEWSTATE', 'success', ''].map(tradeStateOf)).toEqual([
      'SUCCESS',
      'REFUND',
      'NOTPAY',
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
    ])
  })

  test('a trade that was refunded in part was paid', () => {
    const states = [
      'SUCCESS',
      'REFUND',
      'NOTPAY',
      'CLOSED',
      'REVOKED',
      'USERPAYING',
      'PAYERROR',
      'ACCEPT',
      'UNKNOWN',
    ] as const
    expect(states.filter((tradeState) => wasPaid({ tradeState }))).toEqual(['SUCCESS', 'REFUND'])
  })
})

describe('JSON from outside', () => {
  test('must be UTF-8 with an object at the top', () => {
    expect(parseJsonObject(Buffer.from('{"a":"支付"}'))).toEqual({ a: '支付' })
    const broken = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')])
    expect(() => parseJsonObject(broken)).toThrow('not UTF-8')
    expect(() => parseJsonObject(Buffer.from('"text"'))).toThrow('not a JSON object')
  })

  test('has the members that it names, and none of Object.prototype', () => {
    expect(optionalTextOf({}, 'toString')).toBeUndefined()
    expect(optionalTextOf(parseJsonObject(Buffer.from('{"__proto__":{"code":"x"}}')), 'code')).toBeUndefined()
  })
})

describe('times', () => {
  test('are written in GMT+8, wherever we are', () => {
    expect(toGmt8Digits(noon)).toBe('20261123120000')
    expect(toGmt8Rfc3339(noon)).toBe('2026-11-23T12:00:00+08:00')
    expect(toGmt8Digits(Date.parse('2026-12-31T16:00:00Z'))).toBe('20270101000000')
  })

  test('are read back', () => {
    expect(fromGmt8Digits('20261123120000')).toBe(noon)
    expect(fromRfc3339('2026-11-23T12:00:00+08:00')).toBe(noon)
    expect(fromRfc3339('2026-11-23T04:00:00.000Z')).toBe(noon)
    expect(fromGmt8Digits('20240229000000')).toBe(Date.parse('2024-02-28T16:00:00Z'))
    expect(fromGmt8Text('2026-11-23 12:00:00')).toBe(noon)
    expect(fromGmt8Text('2026-02-30 12:00:00')).toBeUndefined()
  })

  test.each([
    '',
    '2026112312000',
    '20260230120000',
    '20261323120000',
    '20261123250000',
    '2026-11-23',
    'x'.repeat(14),
    'x20261123120000',
    '20261123120000x',
    '20261123126000',
    '20261123120060',
    '20260023120000',
    '20261100120000',
    '00991123120000',
    '20261123120000.5',
  ])('"%s" is no time', (text) => {
    expect(fromGmt8Digits(text)).toBeUndefined()
  })

  test.each([
    '',
    'x2026-11-23 12:00:00',
    '2026-11-23 12:00:00x',
    '2026-11-23T12:00:00',
    '2026-11-23 12:60:00',
    '2026-11-23 12:00:00.5',
  ])('"%s" is no time either', (text) => {
    expect(fromGmt8Text(text)).toBeUndefined()
  })

  test('end where the day ends, and begin with the year 100', () => {
    expect(fromGmt8Digits('20261123235959')).toBe(Date.parse('2026-11-23T15:59:59Z'))
    expect(fromGmt8Digits('01000101080000')).toBe(Date.parse('0100-01-01T00:00:00Z'))
  })

  test.each([
    [2026, 1, 31],
    [2026, 2, 28],
    [2024, 2, 29],
    [2000, 2, 29],
    [2100, 2, 28],
    [2026, 3, 31],
    [2026, 4, 30],
    [2026, 5, 31],
    [2026, 6, 30],
    [2026, 7, 31],
    [2026, 8, 31],
    [2026, 9, 30],
    [2026, 10, 31],
    [2026, 11, 30],
    [2026, 12, 31],
  ])('in %d the month %d has %d days', (year, month, days) => {
    const day = (count: number) => `${year}-${String(month).padStart(2, '0')}-${count}`
    expect(fromRfc3339(`${day(days)}T00:00:00Z`)).toBe(Date.parse(`${day(days)}T00:00:00Z`))
    expect(fromRfc3339(`${day(days + 1)}T00:00:00Z`)).toBeUndefined()
  })

  test('may be ahead of Greenwich or behind it, and may have fractions', () => {
    const four = Date.parse('2026-11-23T04:00:00Z')
    expect(fromRfc3339('2026-11-23T09:45:00+05:45')).toBe(four)
    expect(fromRfc3339('2026-11-23T00:30:00-03:30')).toBe(four)
    expect(fromRfc3339('2026-11-24T03:59:00+23:59')).toBe(four)
    expect(fromRfc3339('2026-11-23T04:00:00.5Z')).toBe(four + 500)
    expect(fromRfc3339('2026-11-23T04:00:00.123456789Z')).toBe(four + 123)
    for (const offset of ['+24:00', '-24:00', '+08:60', '+8:00', '+08:00x']) {
      expect(fromRfc3339(`2026-11-23T12:00:00${offset}`)).toBeUndefined()
    }
    expect(fromRfc3339('x2026-11-23T12:00:00Z')).toBeUndefined()
  })

  test.each([
    '',
    '2026-11-23',
    '2026-11-23T12:00:00',
    '2026-02-30T12:00:00Z',
    '2026-04-31T12:00:00Z',
    '2100-02-29T12:00:00Z',
    '2026-00-10T12:00:00Z',
    '2026-13-10T12:00:00Z',
    '2026-01-00T12:00:00Z',
    '2026-01-32T12:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T12:60:00Z',
    '2026-11-23T12:00:60Z',
    '2026-11-23T12:00:00+24:00',
    '2026-11-23T12:00:00+08:60',
    '0099-11-23T12:00:00Z',
    ' 2026-11-23T12:00:00Z',
    '2026-11-23T12:00:00Z ',
    '2026-11-23t12:00:00z',
    '23 Nov 2026',
    '1795406400',
  ])('"%s" is no instant', (text) => {
    expect(fromRfc3339(text)).toBeUndefined()
  })

  test('an instant keeps its milliseconds, and cuts off what is finer', () => {
    expect(fromRfc3339('2026-11-23T12:00:00.9999+08:00')).toBe(noon + 999)
    expect(fromRfc3339('2026-11-22T20:00:00.5-08:00')).toBe(noon + 500)
    expect(fromRfc3339('2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29))
  })

  test('survive the round trip', () => {
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800, max: 253_370_000_000 }), (seconds) => {
        expect(fromGmt8Digits(toGmt8Digits(seconds * 1000))).toBe(seconds * 1000)
        expect(fromRfc3339(toGmt8Rfc3339(seconds * 1000))).toBe(seconds * 1000)
      }),
    )
  })
})

describe('cutUtf8', () => {
  test('cuts between characters', () => {
    expect(cutUtf8('手冲咖啡', 127)).toBe('手冲咖啡')
    expect(cutUtf8('手冲咖啡', 8)).toBe('手冲')
    expect(cutUtf8('a😀b', 4)).toBe('a')
    expect(cutUtf8('a😀b', 5)).toBe('a😀')
    expect(cutUtf8('é', 1)).toBe('')
    expect(cutUtf8('x', 0)).toBe('')
    expect(cutUtf8('x', Number.NaN)).toBe('')
  })

  test('keeps as much as fits and never half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, maxBytes) => {
        const cut = cutUtf8(text, maxBytes)
        expect(text.startsWith(cut)).toBe(true)
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes)
        expect(/^[\udc00-\udfff]/.test(text.slice(cut.length)) && /[\ud800-\udbff]$/.test(cut)).toBe(false)
        const [next = ''] = text.slice(cut.length)
        expect(next === '' || Buffer.byteLength(cut + next) > maxBytes).toBe(true)
      }),
    )
  })
})

describe('nonce', () => {
  test('is 32 letters and digits, and each of them as likely as another', () => {
    const count = new Map<string, number>()
    const seen = new Set<string>()
    for (let index = 0; index < 6_200; index += 1) {
      const one = nonce()
      expect(one).toMatch(/^[A-Za-z0-9]{32}$/)
      seen.add(one)
      for (const character of one) count.set(character, (count.get(character) ?? 0) + 1)
    }
    expect(seen.size).toBe(6_200)
    expect(count.size).toBe(62)
    // 3200 expected of each. A generator that takes bytes modulo 62 gives the first eight a quarter more (3875);
    // 3600 is seven standard deviations away.
    for (const often of count.values()) expect(often).toBeLessThan(3_600)
  })
})

describe('the v2 signature', () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/)
  const value = fc.string({ unit: 'grapheme', maxLength: 20 })
  const members = fc.dictionary(name, value, { maxKeys: 10 })

  test('is what a plain reading of the rule gives, in any order', () => {
    fc.assert(
      fc.property(members, fc.constantFrom('MD5' as const, 'HMAC-SHA256' as const), (set, signType) => {
        const pairs = Object.entries(set).filter(([key, text]) => key !== 'sign' && text !== '')
        fc.pre(pairs.length > 0)
        pairs.sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
        const text = [...pairs, ['key', v2Key]].map((pair) => pair.join('=')).join('&')
        const hash = signType === 'MD5' ? createHash('md5') : createHmac('sha256', v2Key)
        const expected = hash.update(text).digest('hex').toUpperCase()
        expect(signV2(set, v2Key, signType)).toBe(expected)
        expect(signV2(Object.fromEntries(Object.entries(set).reverse()), v2Key, signType)).toBe(expected)
      }),
    )
  })

  test('keeps zero and leaves out what is empty', () => {
    const sign = signV2({ a: 0, b: 'x' }, v2Key, 'MD5')
    expect(signV2({ a: '0', b: 'x', c: '', d: null, e: undefined, sign: 'old' }, v2Key, 'MD5')).toBe(sign)
    expect(signV2({ b: 'x' }, v2Key, 'MD5')).not.toBe(sign)
  })

  test.each(['md5', 'sha1', 'HMAC-SHA1', 'RSA', '', 'xMD5', 'MD5 ', undefined, null, 5])(
    'is made by one of two algorithms: %p is refused, and is no wish for the other',
    async (signType) => {
      const sign = () => signV2({ a: 1 }, v2Key, signType as 'MD5')
      expect(await refusalOf(sign)).toMatchObject({
        code: 'ERR_WXPAY_CONFIG',
        member: 'signType',
        message: "signType must be 'HMAC-SHA256' or 'MD5'",
      })
    },
  )

  test.each(['', undefined, null, 32])(
    'is made with a key and not with %p, which anybody could guess',
    async (key) => {
      for (const signType of ['MD5', 'HMAC-SHA256'] as const) {
        expect(await refusalOf(() => signV2({ a: 1 }, key as string, signType))).toMatchObject({
          code: 'ERR_WXPAY_CONFIG',
          member: 'key',
          message: 'key must be the APIv2 key',
        })
      }
    },
  )

  test('of a request covers exactly what is written', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((one) => !/[\p{Cc}\ufffe\uffff]/u.test(one))
    const signer = createV2Signer(v2Key, 'HMAC-SHA256')
    fc.assert(
      fc.property(
        fc.dictionary(
          name.filter((one) => one !== 'sign'),
          text,
        ),
        (set) => {
          const document = readFlatXml(Buffer.from(signedDocument(set, signer)))
          expect(isSignedBy(document, signer)).toBe(true)
          const { sign: _, ...written } = Object.fromEntries(document)
          expect(written).toEqual(Object.fromEntries(Object.entries(set).filter(([, one]) => one !== '')))
          expect(joinSortedMap(document)).not.toContain('sign=')
        },
      ),
    )
  })

  test('fails when any byte of any member changes', () => {
    const signer = createV2Signer(v2Key, 'HMAC-SHA256')
    const xml = signedDocument({ a: 'one', b: 'two', c: '3' }, signer)
    for (const [was, is] of [
      ['one', 'onf'],
      ['two', 'tw'],
      ['3', '4'],
      ['<c>', '<d>'],
    ] as const) {
      const changed = xml.replace(was, is).replace('</c>', is === '<d>' ? '</d>' : '</c>')
      expect(isSignedBy(readFlatXml(Buffer.from(changed)), signer)).toBe(false)
    }
  })
})

describe('a v2 trade', () => {
  const read = (members: Readonly<Record<string, string>>) =>
    tradeOfMessage(
      new Map(Object.entries({ out_trade_no: 'order-1', trade_state: 'SUCCESS', ...members })),
      'trade_state',
    )

  test('has every member under the name that WeChat gives it', () => {
    expect(
      read({
        appid: 'a',
        mch_id: '1',
        sub_appid: 'b',
        sub_mch_id: '2',
        transaction_id: '4',
        trade_type: 'JSAPI',
        openid: 'o',
        sub_openid: 's',
        total_fee: '6800',
        cash_fee: '6300',
        settlement_total_fee: '6700',
        fee_type: 'HKD',
        attach: 'shop-1',
        bank_type: 'CMC',
        time_end: '20261123120000',
      }),
    ).toEqual({
      appid: 'a',
      mchid: '1',
      subAppid: 'b',
      subMchid: '2',
      outTradeNo: 'order-1',
      transactionId: '4',
      tradeType: 'JSAPI',
      tradeState: 'SUCCESS',
      rawTradeState: 'SUCCESS',
      payerOpenid: 'o',
      subOpenid: 's',
      totalFen: 6_800,
      payerTotalFen: 6_300,
      settlementTotalFen: 6_700,
      currency: 'HKD',
      attach: 'shop-1',
      bankType: 'CMC',
      successAt: noon,
    })
  })

  test('has the coupons that are numbered and have an amount, by their numbers', () => {
    const coupons = read({
      coupon_id_10: 'k',
      coupon_fee_10: '10',
      coupon_id_2: 'c',
      coupon_fee_2: '2',
      coupon_type_2: 'CASH',
      coupon_id_0: 'a',
      coupon_fee_0: '0',
      coupon_id_1: 'b',
      coupon_fee_1: '1',
      coupon_id_01: 'twice',
      coupon_id_3: '',
      coupon_fee_3: '3',
      coupon_id_4: 'no amount',
      coupon_id_5: 'no fen',
      coupon_fee_5: '1.5',
      coupon_id_12345: 'too many',
      coupon_fee_12345: '1',
      coupon_id_$n: 'none',
    }).coupons
    expect(coupons).toEqual([
      { couponId: 'a', amountFen: 0 },
      { couponId: 'b', amountFen: 1 },
      { couponId: 'c', amountFen: 2, type: 'CASH' },
      { couponId: 'k', amountFen: 10 },
    ])
    expect(read({ coupon_id_0: 'a' })).not.toHaveProperty('coupons')
  })

  test.each(['1e2', '0x64', '1.0', '+1', '-1', '01', ' 1', '1x', 'x1', '9007199254740993'])(
    'of %p fen is refused by the name of the member',
    (fen) => {
      for (const name of ['total_fee', 'cash_fee', 'settlement_total_fee']) {
        expect(() => read({ [name]: fen })).toThrow(`${name} is not a whole number of fen`)
      }
    },
  )

  test('without its number or its state is none', () => {
    expect(() => read({ out_trade_no: '' })).toThrow('out_trade_no is missing')
    expect(() => read({ trade_state: '' })).toThrow('trade_state is missing')
    expect(read({})).not.toHaveProperty('currency')
    expect(read({ total_fee: '1' }).currency).toBe('CNY')
  })
})

describe('a v2 refund in the answer to a query', () => {
  const answer = {
    transaction_id: '4',
    out_refund_no_0: 'other',
    out_refund_no_1: 'refund-1',
    refund_id_1: '5',
    refund_fee_1: '2000',
    refund_status_1: 'SUCCESS',
  }
  const read = (change: Readonly<Record<string, string>> = {}) =>
    queriedRefund(new Map(Object.entries({ ...answer, ...change })), 'refund-1')

  test('is found by its number, and by nothing that looks like one', () => {
    const found = {
      outRefundNo: 'refund-1',
      refundId: '5',
      transactionId: '4',
      status: 'SUCCESS',
      rawStatus: 'SUCCESS',
      refundFen: 2_000,
    }
    expect(read()).toEqual(found)
    for (const name of ['x_out_refund_no_0', 'out_refund_no_1x', 'out_refund_no_01', 'out_refund_no']) {
      expect(read({ [name]: 'refund-1' })).toEqual(found)
    }
    expect(read({ sub_mch_id: '1900000109' })).toEqual({ ...found, subMchid: '1900000109' })
    expect(read({ out_refund_no_1: 'another' })).toBeNull()
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    ['the same refund twice', { out_refund_no_12: 'refund-1' }],
    ['fee_type is not CNY', { fee_type: 'USD' }],
    ['refund_fee is missing', { refund_fee_1: '' }],
    ['refund_fee is not a whole number of fen', { refund_fee_1: '20.00' }],
    ['refund_id is missing', { refund_id_1: '' }],
    ['refund_status is missing', { refund_status_1: '' }],
    ['transaction_id is missing', { transaction_id: '' }],
  ])('is refused: %s', (reason, change) => {
    expect(() => read(change)).toThrow(reason)
  })
})

describe('a v3 trade and a v3 refund', () => {
  test('have every member under the name that WeChat gives it', () => {
    const trade = { trade_state: 'SUCCESS', out_trade_no: 'order-1', attach: 'shop-1', bank_type: 'CMC' }
    expect(tradeOfTransaction(trade)).toEqual({
      tradeState: 'SUCCESS',
      rawTradeState: 'SUCCESS',
      outTradeNo: 'order-1',
      attach: 'shop-1',
      bankType: 'CMC',
    })
  })

  test('are told in CNY alone', () => {
    const refund = { status: 'SUCCESS', amount: { refund: 1, currency: 'USD' } }
    expect(() => refundOfAnswer(refund)).toThrow('amount.currency is not CNY')
  })
})

describe('an answer that is no success', () => {
  test.each<[number, string, string, string]>([
    [429, '', 'ERR_WXPAY_RATE_LIMITED', 'WeChat Pay asks to slow down (HTTP 429)'],
    [
      400,
      'RATELIMIT_EXCEEDED',
      'ERR_WXPAY_RATE_LIMITED',
      'WeChat Pay asks to slow down (HTTP 400 RATELIMIT_EXCEEDED)',
    ],
    [500, '', 'ERR_WXPAY_SERVER', 'WeChat Pay could not tell the result (HTTP 500)'],
    [202, '', 'ERR_WXPAY_SERVER', 'WeChat Pay could not tell the result (HTTP 202)'],
    [300, '', 'ERR_WXPAY_REDIRECTED', 'a redirect, which is not followed; check baseUrl (HTTP 300)'],
    [399, '', 'ERR_WXPAY_REDIRECTED', 'a redirect, which is not followed; check baseUrl (HTTP 399)'],
    [400, 'PARAM_ERROR', 'ERR_WXPAY_REFUSED', 'WeChat Pay refused (HTTP 400 PARAM_ERROR)'],
  ])('of status %d and code %p is %s', (httpStatus, apiCode, code, message) => {
    const error = refusal({ httpStatus, ...(apiCode === '' ? {} : { apiCode }) }, true)
    expect(error).toMatchObject({ code, message })
  })

  test('says what it is when it is not even of WeChat Pay', () => {
    expect(refusal({ httpStatus: 404 }, false).message).toBe('not an answer of WeChat Pay (HTTP 404)')
    expect(refusal({ httpStatus: 404 }, false, '; is baseUrl right?').message).toBe(
      'not an answer of WeChat Pay (HTTP 404); is baseUrl right?',
    )
    expect(unsigned('no signature', {}).message).toBe(
      'the answer cannot be believed: no signature; query before repeating',
    )
    expect(mismatch('trade').message).toBe('the answer is about another trade, app or merchant')
    expect(malformed({}, 'not JSON').message).toBe('the answer is not what WeChat Pay documents: not JSON')
  })

  test('repeats what our readers say, and nothing that others quote', () => {
    const reading = (error: unknown) => () =>
      malformedAs({}, () => {
        throw error
      })
    expect(reading(new WxpayError('ERR_WXPAY_INPUT', 'ours'))).toThrow(': ours')
    expect(reading(new SyntaxError('oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'))).toThrow(': unreadable')
  })

  test('names the code of a refusal and of nothing else', () => {
    const details = { apiCode: 'ORDER_NOT_EXIST' }
    expect(refusedWith(new WxpayError('ERR_WXPAY_REFUSED', 'x', details))).toBe('ORDER_NOT_EXIST')
    expect(refusedWith(new WxpayError('ERR_WXPAY_REFUSED', 'x'))).toBe('')
    expect(refusedWith(new WxpayError('ERR_WXPAY_SERVER', 'x', details))).toBe('')
    expect(refusedWith(Object.assign(new Error('x'), { code: 'ERR_WXPAY_REFUSED', ...details }))).toBe('')
  })
})
