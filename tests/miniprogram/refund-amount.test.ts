/** @module What is typed becomes fen without arithmetic on fractions, and nothing is offered above the cap. */
import { formatYuan, type Order } from '@yuanlu/contract'
import fc from 'fast-check'
import {
  emptyForm,
  exceedsText,
  fitForm,
  type RefundForm,
  refundApplyView,
} from '../../miniprogram/view/refund-apply.ts'
import {
  capFen,
  isFullyRefunded,
  isRefundable,
  unclaimedItems,
  whyNot,
} from '../../miniprogram/view/refund-money.ts'
import { yuanToFen } from '../../miniprogram/view/yuan.ts'
import { aRefund } from './a-refund.ts'
import { anOrder, aPaidOrder, NOON_MS } from './an-order.ts'

describe('an amount typed in yuan', () => {
  test.each([
    ['12.34', 1234],
    ['0.07', 7],
    ['.5', 50],
    ['5.', 500],
    ['007', 700],
    [' 8.1 ', 810],
    ['１２。５', 1250],
    ['３．０７', 307],
    ['0', 0],
    ['99999999.99', 9_999_999_999],
  ])('%j is %d fen', (text, fen) => {
    expect(yuanToFen(text)).toBe(fen)
  })

  test.each([
    '',
    '.',
    '。',
    '-1',
    '+1',
    '1.234',
    '1.2.3',
    '1,000',
    '1e3',
    '0x10',
    '12元',
    '¥12',
    '十',
    'NaN',
    '１２３４５６７８９',
    '1 2',
  ])('%j is no amount', (text) => {
    expect(yuanToFen(text)).toBeNull()
  })

  test('every amount reads back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999 }), (fen) => {
        expect(yuanToFen(formatYuan(fen))).toBe(fen)
      }),
    )
  })

  test('whatever is typed from digits, points and Chinese is either exactly that amount or none', () => {
    const letter = fc.constantFrom(...'0123456789０５９..．。元圆十 ')
    fc.assert(
      fc.property(fc.string({ unit: letter, maxLength: 14 }), (text) => {
        const fen = yuanToFen(text)
        const plain = text
          .trim()
          .replaceAll('０', '0')
          .replaceAll('５', '5')
          .replaceAll('９', '9')
          .replaceAll('．', '.')
          .replaceAll('。', '.')
        const [yuan = '', cents = '', ...more] = plain.split('.')
        const digits = (part: string) => [...part].every((one) => '0123456789'.includes(one))
        const isAmount =
          digits(yuan) &&
          digits(cents) &&
          more.length === 0 &&
          yuan.length + cents.length > 0 &&
          cents.length <= 2 &&
          yuan.replace(/^0+/, '').length <= 8
        // BigInt, so that the expectation can't round either.
        expect(fen).toBe(isAmount ? Number(BigInt(yuan || '0') * 100n + BigInt(cents.padEnd(2, '0'))) : null)
      }),
      { numRuns: 2_000 },
    )
  })

  test('any text at all gives a whole number of fen or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const fen = yuanToFen(text)
        expect(fen === null || (Number.isSafeInteger(fen) && fen >= 0)).toBe(true)
      }),
    )
  })
})

/** Two coffees at 68.00 and one honey at 45.90. */
const twoKinds = (change: Partial<Order> = {}): Order => {
  const [coffee] = aPaidOrder().items
  if (coffee === undefined) throw new Error('the order has no line')
  const honey = {
    productId: 'honey',
    title: '椴树蜜',
    unitPriceFen: 4590,
    quantity: 1,
    amountFen: 4590,
  }
  return aPaidOrder({
    items: [coffee, honey],
    amountFen: 18190,
    paidFen: 18190,
    refundableFen: 18190,
    ...change,
  })
}

describe('what is left to refund', () => {
  test('goods that another refund claims are not offered; those of a refund given up are again', () => {
    const claimed = (status: 'requested' | 'refunded' | 'rejected' | 'withdrawn' | 'abandoned') =>
      unclaimedItems(twoKinds({ refunds: [aRefund({ status })] }))
    expect(claimed('requested')).toEqual([
      { productId: 'coffee-beans', quantity: 1 },
      { productId: 'honey', quantity: 1 },
    ])
    expect(claimed('refunded')).toEqual(claimed('requested'))
    for (const status of ['rejected', 'withdrawn', 'abandoned'] as const) {
      expect(claimed(status)[0]).toEqual({ productId: 'coffee-beans', quantity: 2 })
    }
  })

  test('the cap of items is their price, and never more than is left', () => {
    const honey = [{ productId: 'honey', quantity: 1 }]
    expect(capFen(twoKinds(), honey)).toBe(4590)
    expect(capFen(twoKinds({ refundableFen: 3000 }), honey)).toBe(3000)
    expect(capFen(twoKinds({ refundableFen: 3000 }), [])).toBe(3000)
  })

  test('a paid, shipped or completed order with money left can be asked for, others say why not', () => {
    for (const status of ['paid', 'shipped', 'completed'] as const) {
      expect(isRefundable(aPaidOrder({ status }))).toBe(true)
      expect(whyNot(aPaidOrder({ status }), NOON_MS)).toBeNull()
    }
    expect(isRefundable(anOrder())).toBe(false)
    expect(whyNot(anOrder(), NOON_MS)).toBe('这笔订单还没有付款，不需要退款。')
    expect(whyNot(aPaidOrder({ refundableFen: 0 }), NOON_MS)).toBe(
      '这笔订单的钱已经全部退回，或正在其他退款里处理。',
    )
    const year = 365 * 24 * 60 * 60_000
    const paidMs = Date.parse('2026-11-22T12:01:00.000Z')
    expect(whyNot(aPaidOrder(), paidMs + year)).toBeNull()
    expect(whyNot(aPaidOrder(), paidMs + year + 1)).toContain('365 天')
  })

  test('fifty refunds are the most; those given up do not count', () => {
    const fifty = Array.from({ length: 50 }, () => aRefund({ status: 'refunded', items: [] }))
    expect(whyNot(aPaidOrder({ refunds: fifty }), NOON_MS)).toContain('次数已达上限')
    const [, ...others] = fifty
    const oneGivenUp = [...others, aRefund({ status: 'rejected' })]
    expect(whyNot(aPaidOrder({ refunds: oneGivenUp }), NOON_MS)).toBeNull()
  })

  test('fully refunded is when all that was paid went back', () => {
    expect(isFullyRefunded(aPaidOrder({ refundedFen: 13600 }))).toBe(true)
    expect(isFullyRefunded(aPaidOrder({ refundedFen: 13599 }))).toBe(false)
    expect(isFullyRefunded(anOrder())).toBe(false)
  })
})

const filled = (order: Order, change: Partial<RefundForm> = {}): RefundForm =>
  fitForm(order, { ...emptyForm(order), kind: 'refundOnly', reason: '不想要了', ...change })
const viewOf = (order: Order, change: Partial<RefundForm> = {}) =>
  refundApplyView(order, filled(order, change), new Map())

describe('the application', () => {
  test('before shipping there is nothing to send back: 仅退款 is chosen already', () => {
    const view = refundApplyView(aPaidOrder(), emptyForm(aPaidOrder()), new Map())
    expect(view.kinds).toEqual([
      { value: 'refundOnly', name: '仅退款', hint: '商品还没有发货，直接退款', chosen: true },
    ])
    expect(view.receivedChoices).toEqual([])
    expect(view.problem).toBe('请选择退款原因')
    expect(view.reasons.map(({ name }) => name)).toContain('收货信息填错了')
  })

  test('on the way it is asked whether the parcel arrived, and the reasons follow', () => {
    const shipped = aPaidOrder({ status: 'shipped' })
    expect(refundApplyView(shipped, emptyForm(shipped), new Map()).problem).toBe('请选择退款类型')
    const unsaid = viewOf(shipped)
    expect(unsaid.receivedChoices.map(({ name }) => name)).toEqual(['已收到货', '未收到货'])
    expect(unsaid.problem).toBe('请选择是否收到商品')
    expect(unsaid.reasons).toEqual([])
    const reasons = (received: boolean) => viewOf(shipped, { received }).reasons.map(({ name }) => name)
    expect(reasons(false)).toContain('快递一直没有送到')
    expect(reasons(false)).not.toContain('少件或漏发')
    expect(reasons(true)).toContain('少件或漏发')
    const said = viewOf(shipped, { received: false, reason: '收到空包裹' })
    expect(said.body?.reason).toBe('未收到货，收到空包裹')
  })

  test('a completed order was received: nobody asks', () => {
    const view = viewOf(aPaidOrder({ status: 'completed' }), { reason: '质量问题' })
    expect(view.kinds.map(({ value }) => value)).toEqual(['refundOnly', 'returnAndRefund'])
    expect(view.receivedChoices).toEqual([])
    expect(view.body?.reason).toBe('质量问题')
  })

  test('a reason that no longer fits is dropped, the rest of the form stays', () => {
    const shipped = aPaidOrder({ status: 'shipped' })
    const form = filled(shipped, { received: false, reason: '收到空包裹', description: '门口没有' })
    const changed = fitForm(shipped, { ...form, received: true })
    expect(changed).toMatchObject({ reason: '', description: '门口没有', received: true })
  })

  test('whole: all that is left, with its goods', () => {
    expect(viewOf(twoKinds()).body).toEqual({
      kind: 'refundOnly',
      amountFen: 18190,
      items: [
        { productId: 'coffee-beans', quantity: 2 },
        { productId: 'honey', quantity: 1 },
      ],
      reason: '不想要了',
    })
  })

  test('whole after a cheap refund of goods: the money left is more than the goods left, and none is lost', () => {
    // One coffee went back for 1.00: 180.90 are left, the remaining goods cost 113.90.
    const order = twoKinds({
      refundableFen: 18090,
      refunds: [aRefund({ amountFen: 100, status: 'refunded' })],
    })
    expect(viewOf(order).body).toEqual({ kind: 'refundOnly', amountFen: 18090, reason: '不想要了' })
  })

  test('goods sent back go back for their own price, at most what is left', () => {
    const order = twoKinds({
      status: 'completed',
      refundableFen: 18090,
      refunds: [aRefund({ amountFen: 100, status: 'refunded' })],
    })
    const view = viewOf(order, { kind: 'returnAndRefund', reason: '质量问题' })
    expect(view.body).toMatchObject({ kind: 'returnAndRefund', amountFen: 11390 })
    expect(view.scopes.map(({ value }) => value)).toEqual(['whole', 'items'])
  })

  test('by items: nothing chosen is no request; what is chosen is summed up and capped', () => {
    expect(viewOf(twoKinds(), { scope: 'items' })).toMatchObject({
      problem: '请选择要退的商品数量',
      amountFen: 0,
      body: null,
    })
    const chosen = viewOf(twoKinds({ refundableFen: 10000 }), {
      scope: 'items',
      quantities: { 'coffee-beans': 1, honey: 1 },
    })
    expect(chosen).toMatchObject({ amountFen: 10000, capText: '最多可退 ¥100.00' })
    expect(chosen.body?.items).toEqual([
      { productId: 'coffee-beans', quantity: 1 },
      { productId: 'honey', quantity: 1 },
    ])
  })

  test('a stepper never goes beyond what no other refund claims', () => {
    const order = twoKinds({
      refundableFen: 11390,
      refunds: [aRefund(), aRefund({ refundId: 'r2', items: [{ productId: 'honey', quantity: 1 }] })],
    })
    const view = viewOf(order, { scope: 'items', quantities: { 'coffee-beans': 9, honey: 1 } })
    expect(view.lines).toMatchObject([
      { productId: 'coffee-beans', most: 1, claim: 1, leftText: '可退 1 件（共 2 件）' },
    ])
    expect(view.linesNotice).toBe('有商品已在其他退款里，这里不再列出。')
    expect(view.body?.items).toEqual([{ productId: 'coffee-beans', quantity: 1 }])
  })

  test('with every piece claimed only money is left to ask for, and nothing can be sent back', () => {
    const all = aRefund({ items: [{ productId: 'coffee-beans', quantity: 2 }], amountFen: 100 })
    const order = aPaidOrder({ status: 'completed', refundableFen: 13500, refunds: [all] })
    const view = viewOf(order, { kind: 'returnAndRefund', scope: 'items', reason: '质量问题' })
    expect(view.kinds.map(({ value }) => value)).toEqual(['refundOnly'])
    expect(view.scopes.map(({ value }) => value)).toEqual(['whole', 'amount'])
    expect(view.body).toEqual({ kind: 'refundOnly', amountFen: 13500, reason: '质量问题' })
  })

  test.each([
    ['', '请输入退款金额', ''],
    ['abc', '请输入正确的金额，最多两位小数', '请输入正确的金额，最多两位小数'],
    ['0.001', '请输入正确的金额，最多两位小数', '请输入正确的金额，最多两位小数'],
    ['0', '退款金额要大于 0 元', '退款金额要大于 0 元'],
    ['136.01', '最多可退 ¥136.00', '最多可退 ¥136.00'],
  ])('the amount %j can not be sent, and it is said why', (yuan, problem, amountProblem) => {
    expect(viewOf(aPaidOrder(), { scope: 'amount', yuan })).toMatchObject({
      problem,
      amountProblem,
      body: null,
    })
  })

  test('an amount within the cap is sent as fen, without goods', () => {
    const view = viewOf(aPaidOrder(), { scope: 'amount', yuan: '136', description: '  少了一半  ' })
    expect(view.body).toEqual({
      kind: 'refundOnly',
      amountFen: 13600,
      reason: '不想要了',
      description: '少了一半',
    })
    expect(view.confirmText).toBe('仅退款，退款金额 ¥136.00。商家同意后，钱会原路退回您付款的账户。')
  })

  test('two hundred characters are the most, an emoji is one', () => {
    expect(viewOf(aPaidOrder(), { description: '😀'.repeat(200) }).problem).toBeNull()
    expect(viewOf(aPaidOrder(), { description: '字'.repeat(201) }).problem).toBe('补充说明最多 200 个字')
  })

  test('whatever is filled in, what would be sent is within the server’s own rules', () => {
    fc.assert(
      fc.property(
        fc.record({
          status: fc.constantFrom('paid' as const, 'shipped' as const, 'completed' as const),
          takenFen: fc.integer({ min: 0, max: 18189 }),
          claimed: fc.integer({ min: 0, max: 2 }),
          kind: fc.constantFrom('refundOnly' as const, 'returnAndRefund' as const),
          received: fc.constantFrom(true, false, null),
          scope: fc.constantFrom('whole' as const, 'items' as const, 'amount' as const),
          coffee: fc.integer({ min: -1, max: 5 }),
          honey: fc.integer({ min: -1, max: 5 }),
          yuan: fc.oneof(
            fc.integer({ min: 0, max: 20000 }).map(formatYuan),
            fc.constantFrom('', '.', '1.005', '。', '十'),
          ),
          pick: fc.nat(20),
        }),
        ({ status, takenFen, claimed, pick, coffee, honey, ...form }) => {
          const taken = aRefund({
            amountFen: takenFen,
            items: claimed === 0 ? [] : [{ productId: 'coffee-beans', quantity: claimed }],
          })
          const order = twoKinds({ status, refundableFen: 18190 - takenFen, refunds: [taken] })
          const asked = fitForm(order, {
            ...emptyForm(order),
            ...form,
            quantities: { 'coffee-beans': coffee, honey },
          })
          const { reasons } = refundApplyView(order, asked, new Map())
          const reason = reasons[pick % Math.max(1, reasons.length)]?.value ?? ''
          const { body } = refundApplyView(order, fitForm(order, { ...asked, reason }), new Map())
          if (body === null) return
          const items = body.items ?? []
          expect(Number.isSafeInteger(body.amountFen)).toBe(true)
          expect(body.amountFen).toBeGreaterThan(0)
          expect(body.amountFen).toBeLessThanOrEqual(capFen(order, items))
          for (const { productId, quantity } of items) {
            const left = unclaimedItems(order).find((item) => item.productId === productId)?.quantity ?? 0
            expect(quantity).toBeGreaterThan(0)
            expect(quantity).toBeLessThanOrEqual(left)
          }
          if (status === 'paid') expect(body.kind).toBe('refundOnly')
          if (body.kind === 'returnAndRefund') expect(items.length).toBeGreaterThan(0)
          expect([...body.reason].length).toBeLessThanOrEqual(80)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a refused amount names the new cap', () => {
    expect(exceedsText({ refundableFen: 5000, capFen: 3000 })).toContain('最多可退 ¥30.00')
    expect(exceedsText({ refundableFen: 5000 })).toContain('最多可退 ¥50.00')
    expect(exceedsText({ refundableFen: 0 })).toBe('这笔订单的钱已经全部退回，或正在其他退款里处理。')
    expect(exceedsText({})).toBe('退款金额超过了可退金额，请调整后再提交。')
    expect(exceedsText({ capFen: '3000' })).toBe('退款金额超过了可退金额，请调整后再提交。')
  })
})
