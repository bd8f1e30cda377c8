/** @module What the pages decide: prices, stock, states, actions and times, from contract shapes alone. */
import { API_ERRORS, ATTENTION_KINDS, ORDER_STATUSES } from '@yuanlu/contract'
import { attentionCopy } from '../../miniprogram/copy/attention.ts'
import { errorCopy } from '../../miniprogram/copy/errors.ts'
import { orderExpectationCopy, orderStatusCopy } from '../../miniprogram/copy/order-status.ts'
import { ApiFailure } from '../../miniprogram/services/api-failure.ts'
import { checkoutView, deliveryProblem, trimDelivery, wantedLines } from '../../miniprogram/view/checkout.ts'
import { failureText, payFailureText } from '../../miniprogram/view/failure.ts'
import { addedQuantity, homeView, productView } from '../../miniprogram/view/goods.ts'
import { cancelOutcome, changedAmount, needsAsking, orderView } from '../../miniprogram/view/order.ts'
import { orderState } from '../../miniprogram/view/order-state.ts'
import {
  countdownChanges,
  inTab,
  isOrdersTab,
  orderCardView,
  orderTabs,
} from '../../miniprogram/view/orders.ts'
import { priceParts, priceText } from '../../miniprogram/view/price.ts'
import { timeLeftText, timeText } from '../../miniprogram/view/time.ts'
import { anEvent, aRefund } from './a-refund.ts'
import { anOrder, aPaidOrder, aProduct, NOON_MS } from './an-order.ts'

const MINUTE_MS = 60_000
const noPictures = new Map<string, string>()

describe('prices and times', () => {
  test('an amount is split into yuan and cents without arithmetic on fractions', () => {
    expect(priceParts(1234)).toEqual({ yuan: '12', cents: '.34' })
    expect(priceParts(7)).toEqual({ yuan: '0', cents: '.07' })
    expect(priceText(100)).toBe('¥1.00')
  })

  test('an instant is shown in China’s time whatever the phone is set to', () => {
    expect(timeText('2026-11-22T16:05:00.000Z')).toBe('2026-11-23 00:05')
  })

  test('time left counts down to zero and never below', () => {
    expect(timeLeftText(14 * MINUTE_MS + 59_000)).toBe('14:59')
    expect(timeLeftText(2 * 60 * MINUTE_MS)).toBe('02:00:00')
    expect(timeLeftText(49 * 60 * MINUTE_MS)).toBe('2天1小时')
    expect(timeLeftText(1)).toBe('00:01')
    expect(timeLeftText(-5_000)).toBe('00:00')
  })
})

describe('the catalogue and the bag', () => {
  test('stock is named: plenty, few, none', () => {
    expect(productView(aProduct({ stock: 50 }), 0).stockText).toBe('库存 50 件')
    expect(productView(aProduct({ stock: 3 }), 0)).toMatchObject({ stockText: '仅剩 3 件', few: true })
    expect(productView(aProduct({ stock: 0 }), 0)).toMatchObject({ stockText: '', soldOut: true })
  })

  test('a product without a picture or description still shows both places filled', () => {
    const view = productView(aProduct({ imageUrl: '', description: '' }), 0)
    expect(view.picture).toBe('/assets/products/no-picture.png')
    expect(view.description).toBe('商家还没有写介绍。')
  })

  test('the bag sums up what can really be bought, at the server’s prices', () => {
    const products = [aProduct({ stock: 2 }), aProduct({ productId: 'honey', priceFen: 4590, stock: 0 })]
    const view = homeView(products, [
      { productId: 'coffee-beans', quantity: 5 },
      { productId: 'honey', quantity: 1 },
      { productId: 'gone', quantity: 1 },
    ])
    expect(view.basket).toEqual({
      pieces: 2,
      totalFen: 13600,
      lines: [{ productId: 'coffee-beans', quantity: 2 }],
    })
  })

  test('no more goes into the bag than one order may take', () => {
    const view = productView(aProduct({ stock: 5 }), 0)
    expect(addedQuantity(view, 0, 2)).toBe(2)
    expect(addedQuantity(view, 4, 3)).toBe(5)
    expect(addedQuantity(view, 5, 1)).toBe(5)
    expect(productView(aProduct({ stock: 5000 }), 0).most).toBe(999)
  })
})

describe('the checkout', () => {
  test('lines that ran out are left out and short ones lowered, each with a sentence', () => {
    const view = checkoutView(
      [
        { productId: 'coffee-beans', quantity: 3 },
        { productId: 'honey', quantity: 1 },
        { productId: 'gone', quantity: 1 },
      ],
      [aProduct({ stock: 2 }), aProduct({ productId: 'honey', title: '椴树蜜', stock: 0 })],
    )
    expect(wantedLines(view)).toEqual([{ productId: 'coffee-beans', quantity: 2 }])
    expect(view.totalFen).toBe(13600)
    expect(view.notices).toEqual([
      '“云南小粒咖啡豆 250 克”库存有限，数量已调整为 2 件。',
      '“椴树蜜”已售罄，已为您移除。',
      '有商品已下架，已为您移除。',
    ])
  })

  test('an address is checked like the server will, one thing to mend at a time', () => {
    const good = { name: '林小满', phone: '13800138000', address: '体育东路 1 号' }
    expect(deliveryProblem(good)).toBeNull()
    expect(deliveryProblem({ ...good, phone: '020-8116 7888' })).toBeNull()
    expect(deliveryProblem({ ...good, name: '' })).toBe('请填写收货人姓名，最多 40 个字。')
    expect(deliveryProblem({ ...good, phone: '电话' })).toBe('请填写可以联系到的电话号码。')
    expect(deliveryProblem({ ...good, phone: '1380' })).toBe('请填写可以联系到的电话号码。')
    expect(deliveryProblem({ ...good, address: '长'.repeat(201) })).toBe('请填写详细地址，最多 200 个字。')
    expect(deliveryProblem(trimDelivery({ ...good, address: '  ' }))).toBe('请填写详细地址，最多 200 个字。')
  })

  test('an order that costs something else than the screen said is noticed', () => {
    expect(changedAmount(anOrder(), 13600)).toBeNull()
    expect(changedAmount(anOrder({ amountFen: 14000 }), 13600)).toBe('140.00')
  })
})

describe('an order’s state', () => {
  test('unpaid: it can be paid until a minute before it expires, and cancelled', () => {
    const view = orderView(anOrder(), noPictures, NOON_MS)
    expect(view.state).toMatchObject({ title: '待付款', tone: 'waiting', payableMs: 14 * MINUTE_MS })
    expect(view.timeLeft).toBe('14:00')
    expect(view.actions.map(({ text }) => text)).toEqual(['取消订单', '继续支付'])
    expect(view.amountLabel).toBe('应付')
  })

  test('in the last minute it can no longer be paid, and our server is asked what became of it', () => {
    const late = NOON_MS + 14 * MINUTE_MS
    const view = orderView(anOrder(), noPictures, late)
    expect(view.state.title).toBe('支付时间已过')
    expect(view.actions).toEqual([])
    expect(view.timeLeft).toBe('')
    expect(needsAsking(anOrder(), late)).toBe(true)
    expect(needsAsking(anOrder(), NOON_MS)).toBe(false)
  })

  test('while it is being closed it is shown as 正在取消 and can’t be paid', () => {
    const view = orderView(anOrder({ closing: true }), noPictures, NOON_MS)
    expect(view.state.title).toBe('正在取消')
    expect(view.amountLabel).toBe('订单金额')
    expect(view.actions).toEqual([])
  })

  test('a wrong amount is said in plain words, and nobody is asked to pay again', () => {
    const view = orderView(anOrder({ attention: ['amountMismatch'] }), noPictures, NOON_MS)
    expect(view.state.title).toBe('支付核对中')
    expect(view.state.notices).toEqual(['支付金额与订单不一致，正在人工核对。'])
    expect(view.actions).toEqual([])
  })

  test('what concerns the staff alone is not shown to the shopper', () => {
    expect(orderState(aPaidOrder({ attention: ['shippingUploadFailed'] }), NOON_MS).notices).toEqual([])
  })

  test('paid: what was paid, the transaction number to copy, and quietly 确认收货', () => {
    const view = orderView(aPaidOrder(), noPictures, NOON_MS)
    expect(view.state).toMatchObject({ title: '已支付，待发货', tone: 'good' })
    expect(view).toMatchObject({
      amountLabel: '实付',
      amountFen: 13600,
      actions: [
        { kind: 'askRefund', primary: false },
        { kind: 'confirmReceipt', primary: false },
      ],
    })
    expect(view.facts).toEqual([
      { label: '订单编号', value: 'O20261122A', copyable: true },
      { label: '微信支付单号', value: '4200000000202611221234567890', copyable: true },
      { label: '下单时间', value: '2026-11-22 20:00', copyable: false },
      { label: '支付时间', value: '2026-11-22 20:01', copyable: false },
    ])
  })

  test('shipped: the parcel’s number, and receipt can be confirmed', () => {
    const view = orderView(
      aPaidOrder({
        status: 'shipped',
        shippedAt: '2026-11-23T02:00:00.000Z',
        shipment: { carrier: '顺丰速运', trackingNo: 'SF1234567890' },
      }),
      noPictures,
      NOON_MS,
    )
    expect(view.shipment).toEqual({ text: '顺丰速运 SF1234567890', trackingNo: 'SF1234567890' })
    expect(view.actions.map(({ kind }) => kind)).toEqual(['askRefund', 'confirmReceipt'])
  })

  test('completed: a refund can still be asked for; closed: nothing to tap', () => {
    const completed = orderView(aPaidOrder({ status: 'completed' }), noPictures, NOON_MS)
    expect(completed.actions.map(({ kind }) => kind)).toEqual(['askRefund'])
    expect(orderView(anOrder({ status: 'closed' }), noPictures, NOON_MS).actions).toEqual([])
  })

  test('money that came after the close is never called unpaid', () => {
    const state = orderState(anOrder({ status: 'closed', attention: ['paidAfterClose'] }), NOON_MS)
    expect(state.expectation).toBe('订单关闭后收到了一笔付款，正在核对处理。')
    expect(state.notices).toEqual(['订单关闭后收到了您的付款，商家正在核对，款项不会丢失。'])
  })

  const sentBack = (note: string, actor: string) =>
    aRefund({
      origin: 'system',
      status: 'refunded',
      timeline: [anEvent('approved', { actor: 'system', note }), anEvent('succeeded', { actor })],
    })

  test('money that came after the close is told to be back once it is', () => {
    const order = anOrder({ status: 'closed', refunds: [sentBack('paidAfterClose', 'system')] })
    const { expectation, notices } = orderState(order, NOON_MS)
    expect(expectation).toBe('订单已关闭，收到的付款已退回。如仍需要，欢迎重新下单。')
    expect(notices).toEqual(['订单关闭后收到的付款已原路退回。'])
  })

  test('what was paid twice is told to be back once it is, and never while it is looked into', () => {
    const refunds = [sentBack('duplicatePayment', 'system')]
    expect(orderState(aPaidOrder({ refunds }), NOON_MS).notices).toEqual(['多付的款项已原路退回。'])
    const open = aPaidOrder({ refunds, attention: ['duplicatePayment'] })
    expect(orderState(open, NOON_MS).notices).toEqual(['这笔订单收到了两次付款，商家正在核对多付的款项。'])
  })

  test('what staff gave back another way is not said to be back the same way', () => {
    const refunds = [sentBack('duplicatePayment', 'oStaff1')]
    expect(orderState(aPaidOrder({ refunds }), NOON_MS).notices).toEqual([])
  })

  test('cancelling says what really happened', () => {
    expect(cancelOutcome(anOrder({ status: 'closed' }))).toBe('订单已取消')
    expect(cancelOutcome(anOrder({ closing: true }))).toBe('正在取消，请稍候')
    expect(cancelOutcome(aPaidOrder())).toBe('这笔订单已经支付成功，没有取消。')
  })
})

describe('the list of orders', () => {
  test('a card shows at most three lines and counts all pieces', () => {
    const items = ['a', 'b', 'c', 'd'].map((productId) => ({
      productId,
      title: productId,
      unitPriceFen: 100,
      quantity: 2,
      amountFen: 200,
    }))
    const card = orderCardView(anOrder({ items, amountFen: 800 }), new Map([['a', '/a.png']]), NOON_MS)
    expect(card.lines.map(({ picture }) => picture)).toEqual([
      '/a.png',
      '/assets/products/no-picture.png',
      '/assets/products/no-picture.png',
    ])
    expect(card).toMatchObject({
      summary: '共 8 件',
      amountFen: 800,
      timeLeft: '14:00',
      statusText: '待付款',
    })
  })

  test('every status has its tab', () => {
    expect(orderTabs.map(({ label }) => label)).toEqual([
      '全部',
      '待付款',
      '待发货',
      '已发货',
      '已完成',
      '已关闭',
    ])
    expect(isOrdersTab('paid')).toBe(true)
    expect(isOrdersTab('refunded')).toBe(false)
  })
})

describe('the list after a change', () => {
  test('an order that was paid leaves the tab of the unpaid ones and stays among all', () => {
    const paid = aPaidOrder()
    expect(inTab(paid, 'awaitingPayment')).toBe(false)
    expect(inTab(paid, 'paid')).toBe(true)
    expect(inTab(paid, 'all')).toBe(true)
  })

  test('a tick redraws only the cards that count down', () => {
    const cards = (atMs: number) =>
      [anOrder({ orderId: 'a' }), aPaidOrder({ orderId: 'b' })].map((order) =>
        orderCardView(order, noPictures, atMs),
      )
    const changes = countdownChanges(cards(NOON_MS), cards(NOON_MS + 1_000))
    expect(Object.keys(changes)).toEqual(['cards[0]'])
    expect(changes['cards[0]']?.timeLeft).toBe('13:59')
    expect(countdownChanges(cards(NOON_MS), cards(NOON_MS))).toEqual({})
  })
})

describe('every code, state and kind has its sentence', () => {
  const sentences = [
    ...Object.keys(API_ERRORS).map((code) => ['error', code, Object.entries(errorCopy)] as const),
    ...ORDER_STATUSES.map((status) => ['status', status, Object.entries(orderStatusCopy)] as const),
    ...ORDER_STATUSES.map((status) => ['expectation', status, Object.entries(orderExpectationCopy)] as const),
  ]

  test.each(sentences)('%s %s', (_, key, entries) => {
    expect(entries.find(([name]) => name === key)?.[1]).toMatch(/[一-鿿]{2}/)
  })

  test.each(ATTENTION_KINDS)('attention %s is a sentence or deliberately silent', (kind) => {
    expect(attentionCopy[kind] ?? '静默').toMatch(/[一-鿿]{2}/)
  })

  test('no sentence shows a bare code', () => {
    for (const text of Object.values(errorCopy)) expect(text).not.toMatch(/[A-Z_]{4,}/)
  })

  test('a failure is a sentence, whatever was thrown', () => {
    const failure = new ApiFailure({ code: 'OUT_OF_STOCK', retry: 'no', message: 'honey' })
    expect(failureText(failure)).toBe('有商品库存不足，请调整数量后再提交。')
    const uncertain = new ApiFailure({ code: 'PAYMENT_UNCERTAIN', retry: 'same', message: '' })
    expect(failureText(uncertain)).toBe('正在确认支付结果，请稍候，不必重复付款。')
    expect(payFailureText(uncertain)).toBe('暂时没能打开微信支付，请稍后再试。')
    const log = jest.spyOn(console, 'error').mockReturnValue()
    expect(failureText(new TypeError('x is undefined'))).toBe('出了点小问题，请稍后再试。')
    expect(log).toHaveBeenCalledTimes(1)
    log.mockRestore()
  })
})
