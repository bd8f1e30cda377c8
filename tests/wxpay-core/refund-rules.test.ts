import { type AbnormalRefund, cutUtf8, type RefundOrder } from 'wxpay-core'
import { assertAbnormalRefund, assertMember, assertRefundOrder } from 'wxpay-core/src/checks.ts'
import { refusalOf } from './expect-refusal.ts'
import { aRefundOrder } from './fixtures.ts'

const accepted: readonly Partial<RefundOrder>[] = [
  {},
  { outRefundNo: 'r' },
  { outRefundNo: '0123456789abcXYZ_-|*@'.padEnd(64, '9') },
  { refundFen: 1 },
  { refundFen: 6_800 },
  { refundFen: 1, totalFen: 1 },
  { refundFen: Number.MAX_SAFE_INTEGER, totalFen: Number.MAX_SAFE_INTEGER },
  { reason: 'x'.repeat(80) },
  { reason: '退'.repeat(26) },
  { reason: cutUtf8('七天无理由退货'.repeat(9), 80) },
  { notifyUrl: 'http://localhost:8080/refund' },
]

test.each(accepted)('a refund with %j may be sent', (change) => {
  expect(() => assertRefundOrder({ ...aRefundOrder, ...change })).not.toThrow()
})

test('a refund need not name our order', () => {
  const { outTradeNo: _, reason: _reason, ...order } = aRefundOrder
  expect(() => assertRefundOrder(order)).not.toThrow()
})

const refused: readonly (readonly [keyof RefundOrder, readonly unknown[]])[] = [
  [
    'outRefundNo',
    ['', 'r'.repeat(65), 'a b', 'a/b', '../x', 'a&b', 'a\n', '退款一', 'a.b', 12345, null, undefined, ['a']],
  ],
  ['transactionId', ['', 'x'.repeat(33), '42 00', '4200&a=b', 4.2e27, null]],
  ['outTradeNo', ['', 'abcde', 'order&1', null]],
  ['totalFen', [0, -1, 68.5, Number.NaN, 2 ** 53, '6800', 6800n, null, undefined]],
  [
    'refundFen',
    [
      0,
      -1,
      -0.5,
      0.29 * 100,
      6_801,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      '2000',
      2000n,
      [2000],
      null,
      undefined,
    ],
  ],
  ['reason', ['', '退'.repeat(27), 'x'.repeat(81), 'a\nb', 'a\u0000', 'half \ud83d', 1, null]],
  ['fundsAccount', ['ANY', '', null]],
  [
    'notifyUrl',
    [
      '',
      'http://shop.example.com/notify',
      'https://shop.example.com/notify?a=b',
      'https://user@shop.example.com/notify',
      `https://shop.example.com/${'x'.repeat(231)}`,
      undefined,
    ],
  ],
]

const sentences: Readonly<Partial<Record<keyof RefundOrder, string>>> = {
  outRefundNo: '1 to 64 characters of 0-9 A-Z a-z _ - |*@',
  transactionId: '1 to 32 letters or digits, as WeChat Pay gave it',
  outTradeNo: '6 to 32 characters of 0-9 A-Z a-z _ - |*',
  totalFen: 'a positive integer of fen',
  refundFen: 'a positive integer of fen, not above totalFen',
  reason: '1 to 80 bytes of UTF-8 text without control characters (see cutUtf8)',
  fundsAccount: 'one of AVAILABLE, UNSETTLED',
  notifyUrl: 'an https address of at most 255 characters, without query or user name',
}

const rows = refused.flatMap(([member, values]) => values.map((value) => [member, value] as const))

test.each(rows)('a refund whose %s is %p is refused by name', async (member, value) => {
  const order: RefundOrder = { ...aRefundOrder }
  const error = await refusalOf(() => assertRefundOrder(Object.assign(order, { [member]: value })))
  expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member })
  expect(error.message).toBe(`${member} must be ${sentences[member]}`)
})

test.each(['', '../x', 'r'.repeat(65), 'a b'])(
  'the refund number "%s" is not asked about',
  async (number) => {
    expect(await refusalOf(() => assertMember('outRefundNo', number))).toMatchObject({
      member: 'outRefundNo',
    })
  },
)

describe('an abnormal refund', () => {
  const numbers = { refundId: '50000000382019052709732678859', outRefundNo: 'refund-20261123-1' }
  const toUser = {
    ...numbers,
    to: 'userBankCard',
    bankType: 'ICBC_DEBIT',
    bankAccount: '6222021234567890123',
    realName: '阿卜杜拉·买买提',
  } as const

  test('may go to either card', () => {
    expect(() => assertAbnormalRefund({ ...numbers, to: 'merchantBankCard' })).not.toThrow()
    expect(() => assertAbnormalRefund(toUser)).not.toThrow()
    expect(() => assertAbnormalRefund({ ...toUser, realName: '名'.repeat(66) })).not.toThrow()
  })

  const wrong: readonly (readonly [string, readonly unknown[]])[] = [
    ['refundId', ['', '5'.repeat(33), '../x', '50/apply', 5e28, undefined]],
    ['outRefundNo', ['', 'a b', undefined]],
    ['to', ['', 'userbankcard', 'USER_BANK_CARD', undefined]],
    ['bankType', ['', 'icbc', '工商银行', 'X'.repeat(17), undefined]],
    [
      'bankAccount',
      ['', '6222 0212 3456', '622202a234567890', '6'.repeat(7), '6'.repeat(33), 6222021234567890, undefined],
    ],
    ['realName', ['', '名'.repeat(67), '张\n三', '\ud83d', 1, undefined]],
  ]
  const abnormal: Readonly<Record<string, string>> = {
    refundId: '1 to 32 letters or digits, as WeChat Pay gave it',
    outRefundNo: '1 to 64 characters of 0-9 A-Z a-z _ - |*@',
    to: 'one of merchantBankCard, userBankCard',
    bankType: "WeChat's name of a bank, such as ICBC_DEBIT",
    bankAccount: '8 to 32 digits without blanks',
    realName: '1 to 200 bytes of UTF-8 text without control characters (see cutUtf8)',
  }
  test.each(wrong.flatMap(([member, values]) => values.map((value) => [member, value] as const)))(
    'whose %s is %p is refused by name, and not repeated',
    async (member, value) => {
      const input: AbnormalRefund = { ...toUser }
      const error = await refusalOf(() => assertAbnormalRefund(Object.assign(input, { [member]: value })))
      expect(error).toMatchObject({ code: 'ERR_WXPAY_INPUT', outcome: 'not-sent', member })
      expect(error.message).toBe(`${member} must be ${abnormal[member]}`)
    },
  )
})
