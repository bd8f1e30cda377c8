import { createWxpayV2, type PrepayOrder, type WxpayClient } from 'wxpay-core'
import {
  assertBillQuery,
  assertPrepayOrder,
  assertSubMerchant,
  readOrigin,
  readTimeout,
} from 'wxpay-core/src/checks.ts'
import { refusalOf } from './expect-refusal.ts'
import { anOrder, appid, mchid, noon, v2Key } from './fixtures.ts'

const accepted: readonly Partial<PrepayOrder>[] = [
  {},
  { outTradeNo: 'abcdef' },
  { outTradeNo: '0123456789abcdefABCDEF_-|*xyz012' },
  { description: '一'.repeat(42) },
  { description: 'x'.repeat(127) },
  { totalFen: 1 },
  { totalFen: Number.MAX_SAFE_INTEGER },
  { currency: 'CNY' },
  { payerClientIp: '2001:db8::1' },
  { payerClientIp: '0000:0000:0000:0000:0000:ffff:255.255.255.255' },
  { attach: '' },
  { attach: 'A-z_0'.repeat(12) },
  { notifyUrl: 'https://shop.example.com:8443/a/b' },
  { notifyUrl: 'https://shop.example.com' },
  { notifyUrl: "https://shop.example.com/a.b~c/%E5%BA%97/!$&'()*+,;=:@_-" },
  { notifyUrl: `https://shop.example.com/${'x'.repeat(230)}` },
  { notifyUrl: 'HTTPS://xn--ihq.example.com/notify' },
  { notifyUrl: 'http://127.0.0.1:8080/notify' },
  { notifyUrl: 'http://localhost/notify' },
  { notifyUrl: 'http://[::1]:3000/notify' },
  { notifyUrl: 'http://127.10.200.30/notify' },
  { timeExpire: noon },
  { timeExpire: new Date(noon), timeStart: noon },
  { goods: [{ goodsId: 'bean-250_g', quantity: 1, unitPriceFen: 0 }] },
  { goods: [{ goodsId: 'x'.repeat(32), name: '豆'.repeat(85), quantity: 2, unitPriceFen: 3_400 }] },
  { profitSharing: true, noCredit: true, invoiceEntry: true },
  { profitSharing: false, noCredit: false, invoiceEntry: false },
  { timeStart: 946_684_800_000, timeExpire: 253_370_736_000_000 },
]

test.each(accepted)('an order with %j may be sent', (change) => {
  expect(() => assertPrepayOrder({ ...anOrder, ...change })).not.toThrow()
})

const refused: readonly (readonly [keyof PrepayOrder, readonly unknown[]])[] = [
  [
    'outTradeNo',
    [
      '',
      'abcde',
      'a'.repeat(33),
      'order 1',
      'order/1',
      'order&1',
      'order\n12',
      '订单号一二三',
      'order@1',
      1234567,
      null,
      undefined,
      ['abcdef'],
    ],
  ],
  [
    'description',
    ['', '一'.repeat(43), 'x'.repeat(128), 'a\nb', 'a\u0000b', 'half \ud83d', '\uffff', 1, undefined],
  ],
  [
    'totalFen',
    [0, -1, 0.29 * 100, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '100', 100n, null, undefined],
  ],
  ['currency', ['USD', 'cny', '']],
  ['payerOpenid', ['', 'o'.repeat(129), 'o&p', 'o p', undefined, { $ne: null }]],
  [
    'payerClientIp',
    [
      '',
      '127.0.0',
      '1.2.3.4, 5.6.7.8',
      'localhost',
      '::ffff:300.1.1.1',
      `fe80::1%${'x'.repeat(40)}`,
      'fe80::1%eth0',
      '2001:db8::1%1',
      ['1.2.3.4'],
      undefined,
    ],
  ],
  ['attach', ['a&b', 'a=b', 'a b', '附加', 'x'.repeat(65), '<x>', 1]],
  [
    'notifyUrl',
    [
      '',
      'shop.example.com/notify',
      '/notify',
      'http://shop.example.com/notify',
      'http://127.0.0.1.example.com/notify',
      'https://shop.example.com/notify?a=b',
      'https://shop.example.com/notify?',
      'https://shop.example.com/notify#x',
      'https://user@shop.example.com/notify',
      'https://shop.example.com/通知',
      'https://shop.example.com/a b',
      'ftp://shop.example.com/notify',
      'ftp://localhost/notify',
      'http://notlocalhost/notify',
      'http://1.127.0.5/notify',
      'https://:word@shop.example.com/notify',
      ['https://shop.example.com/notify'],
      'javascript:alert(1)',
      // URL would mend these.
      'https:shop.example.com/notify',
      'https:/shop.example.com/notify',
      'https:///shop.example.com/notify',
      'https:\\\\shop.example.com\\notify',
      'https://shop.example.com\\notify',
      'https://shop.example.com/a\\b',
      ' https://shop.example.com/notify',
      'https://shop.example.com/notify\n',
      'https://shop.exa\tmple.com/notify',
      // Nobody before the @ is no user, and still no address of ours.
      'https://@shop.example.com/notify',
      'https://:@shop.example.com/notify',
      'https://shop.example.com/<b>',
      'https://shop.example.com/"b"',
      'https://店.example.com/notify',
      `https://shop.example.com/${'x'.repeat(231)}`,
      undefined,
    ],
  ],
  ['timeExpire', [noon / 1000, Number.NaN, new Date('never'), '2026-11-23', noon + 0.5, 253_370_736_000_001]],
  ['timeStart', [0, -noon, 946_684_799_999]],
  [
    'goods',
    [
      [],
      {},
      'bean',
      null,
      [null],
      [undefined],
      ['bean'],
      [{ quantity: 1, unitPriceFen: 1 }],
      [{ goodsId: '豆', quantity: 1, unitPriceFen: 1 }],
      [{ goodsId: 'x'.repeat(33), quantity: 1, unitPriceFen: 1 }],
      [{ goodsId: 'bean', quantity: 0, unitPriceFen: 1 }],
      [{ goodsId: 'bean', quantity: 1.5, unitPriceFen: 1 }],
      [{ goodsId: 'bean', quantity: 1, unitPriceFen: -1 }],
      [{ goodsId: 'bean', quantity: 1, unitPriceFen: 0.5 }],
      [{ goodsId: 'bean', quantity: 1 }],
      [{ goodsId: 'bean', quantity: 1, unitPriceFen: 1, name: '' }],
      [{ goodsId: 'bean', quantity: 1, unitPriceFen: 1, name: '豆'.repeat(86) }],
      [{ goodsId: 'bean', quantity: 1, unitPriceFen: 1 }, {}],
    ],
  ],
  ['goodsTag', ['a b', 'x'.repeat(33), null]],
  // Whatever is not said in the two words would be left out of the request: the money settled, not held.
  ['profitSharing', ['Y', 'N', 'true', '', 1, 0, null, {}]],
  ['noCredit', ['no_credit', 1, null]],
  ['invoiceEntry', ['Y', 1, null]],
]

const sentences: Readonly<Partial<Record<keyof PrepayOrder, string>>> = {
  outTradeNo: '6 to 32 characters of 0-9 A-Z a-z _ - |*',
  description: '1 to 127 bytes of UTF-8 text without control characters (see cutUtf8)',
  totalFen: 'a positive integer of fen',
  profitSharing: 'one of true, false',
  noCredit: 'one of true, false',
  invoiceEntry: 'one of true, false',
  currency: 'one of CNY',
  payerOpenid: '1 to 128 characters of 0-9 A-Z a-z _ -',
  payerClientIp: 'an IPv4 or IPv6 address',
  attach: '0 to 64 characters of 0-9 A-Z a-z _ -',
  goodsTag: '0 to 32 characters of 0-9 A-Z a-z _ -',
  goods: 'a list of goods with goodsId, quantity and unitPriceFen',
  notifyUrl: 'an https address of at most 255 characters, without query or user name',
  timeExpire: 'a Date or whole milliseconds since the epoch',
  timeStart: 'a Date or whole milliseconds since the epoch',
}

test('a notify address that was refused is refused again, and a good one is taken again', () => {
  const good = anOrder.notifyUrl
  const wrong = 'https://shop.example.com/notify?a=b'
  for (const notifyUrl of [wrong, wrong, good, good, wrong, good]) {
    const send = expect(() => assertPrepayOrder({ ...anOrder, notifyUrl }))
    if (notifyUrl === good) send.not.toThrow()
    else send.toThrow('notifyUrl must be')
  }
})

const rows = refused.flatMap(([member, values]) => values.map((value) => [member, value] as const))

test.each(rows)('an order whose %s is %p is refused by name', async (member, value) => {
  const order: PrepayOrder = { ...anOrder }
  const error = await refusalOf(() => assertPrepayOrder(Object.assign(order, { [member]: value })))
  expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member })
  expect(error.message).toBe(`${member} must be ${sentences[member]}`)
})

test('a notification address that is refused is refused again, and after a good one', () => {
  const check = (notifyUrl: string) => () => assertPrepayOrder({ ...anOrder, notifyUrl })
  expect(check('https://shop.example.com/a?b')).toThrow('notifyUrl must be')
  expect(check('https://shop.example.com/a?b')).toThrow('notifyUrl must be')
  expect(check('https://shop.example.com/a')).not.toThrow()
  expect(check('https://shop.example.com/a')).not.toThrow()
  expect(check('https://shop.example.com/a?b')).toThrow('notifyUrl must be')
})

describe('other input', () => {
  const wxpay: WxpayClient = createWxpayV2({ appid, mchid, key: v2Key, baseUrl: 'https://127.0.0.1:1' })

  test.each(['', 'abc', 'a'.repeat(33), '../../x', 'a b c d e'])(
    'the order number "%s" is not asked about',
    async (number) => {
      for (const call of [() => wxpay.queryByOutTradeNo(number), () => wxpay.close(number)]) {
        expect(await refusalOf(call)).toMatchObject({ code: 'ERR_WXPAY_INPUT', member: 'outTradeNo' })
      }
    },
  )

  test.each(['', '../x', 'x'.repeat(33)])('the transaction id "%s" is not asked about', async (id) => {
    expect(await refusalOf(() => wxpay.queryByTransactionId(id))).toMatchObject({ member: 'transactionId' })
  })
})

describe('a configuration', () => {
  const shop = { mchid: '1900000109', appid: 'wx7777777777777777' }

  test('names a sub-merchant by digits, and its app only when it has one', () => {
    expect(() => assertSubMerchant(shop)).not.toThrow()
    expect(() => assertSubMerchant({ mchid: '1' })).not.toThrow()
    expect(() => assertSubMerchant({ mchid: '9'.repeat(32), appid: 'A-z_0'.padEnd(32, '9') })).not.toThrow()
  })

  test.each<[unknown]>([[''], ['x1900000109'], ['1900000109x'], ['9'.repeat(33)], [1900000109], [undefined]])(
    'takes %p for no sub-merchant',
    async (mchid) => {
      const error = await refusalOf(() => assertSubMerchant(Object.assign({ ...shop }, { mchid })))
      expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member: 'subMerchant.mchid' })
      expect(error.message).toBe('subMerchant.mchid must be the merchant id, digits only')
    },
  )

  test.each<[unknown]>([
    [''],
    ['wx 1'],
    ['wx1\n'],
    [' wx1'],
    ['x'.repeat(33)],
    [['wx7777777777777777']],
    [null],
  ])("takes %p for no sub-merchant's app", async (appid) => {
    const error = await refusalOf(() => assertSubMerchant(Object.assign({ ...shop }, { appid })))
    expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member: 'subMerchant.appid' })
    expect(error.message).toBe(
      'subMerchant.appid must be the id of the mini-program, such as wx8888888888888888',
    )
  })

  test('waits a millisecond to an hour', async () => {
    expect(readTimeout('timeoutMs', undefined, 10_000)).toBe(10_000)
    expect(readTimeout('timeoutMs', 1, 10_000)).toBe(1)
    expect(readTimeout('timeoutMs', 3_600_000, 10_000)).toBe(3_600_000)
    for (const wrong of [0, -1, 1.5, 3_600_001, Number.NaN]) {
      const error = await refusalOf(() => readTimeout('timeoutMs', wrong, 10_000))
      expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member: 'timeoutMs' })
      expect(error.message).toBe('timeoutMs must be a whole number between 1 and 3600000')
    }
  })

  test('has an origin, and nothing more', async () => {
    expect(readOrigin('baseUrl', 'https://api.mch.weixin.qq.com').host).toBe('api.mch.weixin.qq.com')
    expect(readOrigin('baseUrl', 'http://127.0.0.1:8080/').port).toBe('8080')
    const wrong: readonly unknown[] = [
      '',
      'api.mch.weixin.qq.com',
      'http://api.mch.weixin.qq.com',
      'https://api.mch.weixin.qq.com/v3',
      'https://api.mch.weixin.qq.com/?a=b',
      'https://api.mch.weixin.qq.com/#a',
      'https://user@api.mch.weixin.qq.com',
      'https://:word@api.mch.weixin.qq.com',
      ['https://api.mch.weixin.qq.com'],
      undefined,
    ]
    for (const value of wrong) {
      const error = await refusalOf(() => readOrigin('baseUrl', value as string))
      expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member: 'baseUrl' })
      expect(error.message).toBe(
        'baseUrl must be an https origin without path, such as https://api.mch.weixin.qq.com',
      )
    }
  })
})

describe('a bill', () => {
  const words = {
    type: ['ALL', 'SUCCESS', 'REFUND'],
    account: ['BASIC', 'OPERATION', 'FEES'],
  }

  test.each(Object.entries(words))(
    'has as its %s one of some words, and the refusal names them',
    async (member, all) => {
      for (const word of [...all, undefined]) {
        expect(() => assertBillQuery({ date: '2026-11-22', [member]: word })).not.toThrow()
      }
      for (const wrong of [
        '',
        ...all.map((word) => `${word}S`),
        ...all.map((word) => `X${word}`),
        [all[0]],
        null,
      ]) {
        const error = await refusalOf(() => assertBillQuery({ date: '2026-11-22', [member]: wrong }))
        expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', member })
        expect(error.message).toBe(`${member} must be one of ${all.join(', ')}`)
      }
    },
  )

  test('is of a day that exists', async () => {
    for (const date of ['', '2026-11-31', '2026-11-22x', 20261122, ['2026-11-22'], undefined]) {
      const error = await refusalOf(() => assertBillQuery({ date: date as string }))
      expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', member: 'date' })
      expect(error.message).toBe('date must be a day such as 2026-11-22')
    }
  })
})
