import { createWxpayV2, type PrepayOrder, type WxpayClient } from 'wxpay-core'
import { assertPrepayOrder } from 'wxpay-core/src/checks.ts'
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
  { attach: '' },
  { attach: 'A-z_0'.repeat(12) },
  { notifyUrl: 'https://shop.example.com:8443/a/b' },
  { notifyUrl: 'http://127.0.0.1:8080/notify' },
  { notifyUrl: 'http://localhost/notify' },
  { notifyUrl: 'http://[::1]:3000/notify' },
  { timeExpire: noon },
  { timeExpire: new Date(noon), timeStart: noon },
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
  ['payerClientIp', ['', '127.0.0', '1.2.3.4, 5.6.7.8', 'localhost', '::ffff:300.1.1.1', undefined]],
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
      'javascript:alert(1)',
      `https://shop.example.com/${'x'.repeat(231)}`,
      undefined,
    ],
  ],
  ['timeExpire', [noon / 1000, Number.NaN, new Date('never'), '2026-11-23', noon + 0.5]],
  ['timeStart', [0, -noon]],
]

const rows = refused.flatMap(([member, values]) => values.map((value) => [member, value] as const))

test.each(rows)('an order whose %s is %p is refused by name', async (member, value) => {
  const order: PrepayOrder = { ...anOrder }
  const error = await refusalOf(() => assertPrepayOrder(Object.assign(order, { [member]: value })))
  expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member })
  expect(error.message.startsWith(`${member} must be`)).toBe(true)
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
