/** @module Shipping: what can be sent, what the sheet restates, what is decided by which tap. */
import { REFUND_STATUSES } from '@yuanlu/contract'
import { tap } from 'miniprogram-preview/testing'
import { ApiFailure } from '../../miniprogram/services/api-failure.ts'
import { readParcel, shipButton, shipFailureText, shipSheet } from '../../miniprogram/view/staff-ship.ts'
import { aRefund } from './a-refund.ts'
import { anOrder, aPaidOrder, aProduct } from './an-order.ts'
import { after, ok, refused, type Script } from './fake-wx.ts'
import { pass, requestsTo, textOf } from './phone.ts'
import { startProgram } from './program.ts'
import { bodiesTo, callHandler, decisionButton, tapDecision, tapText, typeInto } from './staff-hands.ts'

describe('whether an order can be shipped', () => {
  test('only a paid one', () => {
    expect(shipButton(aPaidOrder())).toEqual({ shown: true, why: '' })
    expect(shipButton(anOrder()).shown).toBe(false)
    for (const status of ['shipped', 'completed', 'closed'] as const)
      expect(shipButton(aPaidOrder({ status })).shown).toBe(false)
  })

  test.each(REFUND_STATUSES)('with a refund that is %s', (status) => {
    const open = ['requested', 'awaitingReturn', 'returning', 'refunding', 'problem'].includes(status)
    const left = ['withdrawn', 'rejected', 'abandoned'].includes(status) ? 13600 : 6800
    const order = aPaidOrder({ refundableFen: left, refunds: [aRefund({ status })] })
    expect(shipButton(order)).toEqual({
      shown: true,
      why: open ? '有退款正在处理，请先处理完退款，再决定是否发货。' : '',
    })
  })

  test('misplaced money on its way back holds nothing up', () => {
    const refunds = [aRefund({ origin: 'system', status: 'refunding', items: [] })]
    expect(shipButton(aPaidOrder({ refunds }))).toEqual({ shown: true, why: '' })
  })

  test('not when all money or every piece went back', () => {
    const all = aRefund({ status: 'refunded', items: [{ productId: 'coffee-beans', quantity: 2 }] })
    expect(shipButton(aPaidOrder({ refundableFen: 100, refunds: [all] })).shown).toBe(false)
    expect(shipButton(aPaidOrder({ refundableFen: 0 })).shown).toBe(false)
  })
})

describe('the sheet', () => {
  test('restates receiver and what is left to send', () => {
    const order = aPaidOrder({ refundableFen: 6800, refunds: [aRefund({ status: 'refunded' })] })
    expect(shipSheet(order).rows.map(({ value }) => value)).toEqual([
      '云南小粒咖啡豆 250 克 ×1',
      '林小满  13800138000',
      '广东省广州市天河区体育东路 1 号',
    ])
    expect(shipSheet(aPaidOrder({ delivery: null })).rows[1]?.value).toBe('未填写收货信息')
  })

  test('the parcel is trimmed, and needs both its parts within their bounds', () => {
    const read = (choice: string, trackingNo: string, other = '') => readParcel({ choice, other, trackingNo })
    expect(read('顺丰速运', ' SF1 ')).toEqual({
      kind: 'ready',
      parcel: { carrier: '顺丰速运', trackingNo: 'SF1' },
    })
    expect(read('其他', 'X1', ' 丹鸟 ')).toMatchObject({ parcel: { carrier: '丹鸟' } })
    // What was typed under another choice is not what is sent.
    expect(read('顺丰速运', 'X1', '丹鸟')).toMatchObject({ parcel: { carrier: '顺丰速运' } })
    for (const other of ['', '  ', '长'.repeat(61)])
      expect(read('其他', 'X1', other)).toMatchObject({ problem: '请选择或填写快递公司，最多 60 个字。' })
    expect(read('', 'X1')).toMatchObject({ problem: '请选择或填写快递公司，最多 60 个字。' })
    for (const number of ['', ' ', '1'.repeat(61)])
      expect(read('顺丰速运', number)).toMatchObject({ problem: '请填写快递单号，最多 60 个字。' })
    expect(read('顺丰速运', '1'.repeat(60)).kind).toBe('ready')
  })

  test('a refund that came first is said as what it is, a lost answer as unknown', () => {
    const failure = (code: 'REFUND_IN_PROGRESS' | 'NO_ANSWER') =>
      new ApiFailure({ code, retry: 'no', message: '' })
    expect(shipFailureText(failure('REFUND_IN_PROGRESS'))).toContain('订单刚刚有了退款')
    expect(shipFailureText(failure('NO_ANSWER'))).toContain('可能已经生效')
  })
})

describe('shipping on the page', () => {
  const ORDER = 'GET /v1/merchant/orders/O20261122A'
  const SHIP = 'POST /v1/merchant/orders/O20261122A/ship'
  const parcel = { carrier: '中通快递', trackingNo: 'ZT100' }
  const shipped = aPaidOrder({
    status: 'shipped',
    shippedAt: '2026-11-22T15:00:00.000Z',
    shipment: parcel,
  })

  const open = async (script: Script) => {
    const started = await startProgram({
      'GET /v1/products': ok({ items: [aProduct()] }),
      'GET /v1/me': ok({ openid: 'oSupport', roles: ['support'] }),
      [ORDER]: [ok(aPaidOrder()), ok(shipped)],
      ...script,
    })
    const shown = started.phone.openPage('/pages/staff-order/staff-order?orderId=O20261122A')
    await pass()
    return { ...started, shown }
  }

  test('two taps: the first restates, the second ships; then the page shows the parcel', async () => {
    const { shown, phone, sent } = await open({ [SHIP]: ok(shipped) })
    await tapText(shown.element, '发货')
    expect(textOf(shown)).toContain('商品云南小粒咖啡豆 250 克 ×2收货人林小满 13800138000')
    expect(requestsTo(sent, SHIP)).toBe(0)
    await tapText(shown.element, '中通快递')
    await typeInto(shown, '请填写面单上的单号', ' ZT100')
    await tapDecision(shown, '确认发货')
    expect(bodiesTo(sent, SHIP)).toEqual([parcel])
    expect(textOf(shown)).toContain('中通快递 ZT100')
    expect(textOf(shown)).not.toContain('请填写面单上的单号')
    expect(shown.data().shipSheet).toBeNull()
    expect(phone.overlay.textContent).toContain('已发货')
  })

  test('another carrier is written by hand', async () => {
    const { shown, sent } = await open({ [SHIP]: ok(shipped) })
    await tapText(shown.element, '发货')
    await tapText(shown.element, '其他')
    await typeInto(shown, '请填写快递公司名称', '丹鸟')
    await typeInto(shown, '请填写面单上的单号', 'DN1')
    await tapDecision(shown, '确认发货')
    expect(bodiesTo(sent, SHIP)).toEqual([{ carrier: '丹鸟', trackingNo: 'DN1' }])
  })

  test('what is missing is said, and nothing is sent', async () => {
    const { shown, sent } = await open({})
    await tapText(shown.element, '发货')
    await tapDecision(shown, '确认发货')
    expect(textOf(shown)).toContain('请选择或填写快递公司')
    await tapText(shown.element, '中通快递')
    expect(textOf(shown)).not.toContain('请选择或填写快递公司')
    await tapDecision(shown, '确认发货')
    expect(textOf(shown)).toContain('请填写快递单号')
    await tapText(shown.element, '再看看')
    expect(shown.data().shipSheet).toBeNull()
    expect(requestsTo(sent, SHIP)).toBe(0)
  })

  test('two quick taps are one parcel, and the sheet stays while it is on its way', async () => {
    const { shown, sent } = await open({ [SHIP]: after(2_000, ok(shipped)) })
    await tapText(shown.element, '发货')
    await tapText(shown.element, '中通快递')
    await typeInto(shown, '请填写面单上的单号', 'ZT100')
    const confirm = decisionButton(shown, '确认发货')
    tap(confirm)
    tap(confirm)
    await callHandler(shown, 'onShipped', parcel)
    await tapText(shown.element, '再看看')
    expect(shown.data().shipSheet).not.toBeNull()
    await pass(3_000)
    expect(requestsTo(sent, SHIP)).toBe(1)
  })

  test('a refund that came first is explained over the fresh state', async () => {
    const asked = aPaidOrder({ refundableFen: 6800, refunds: [aRefund()] })
    const { shown, phone } = await open({
      [ORDER]: [ok(aPaidOrder()), ok(asked)],
      [SHIP]: refused(409, 'REFUND_IN_PROGRESS'),
    })
    await tapText(shown.element, '发货')
    await tapText(shown.element, '中通快递')
    await typeInto(shown, '请填写面单上的单号', 'ZT100')
    await tapDecision(shown, '确认发货')
    expect(phone.overlay.textContent).toContain('订单刚刚有了退款')
    expect(textOf(shown)).toContain('有退款正在处理，请先处理完退款')
    await tapText(phone.overlay, '知道了')
    await tapText(shown.element, '发货')
    expect(shown.data().shipSheet).toBeNull()
  })

  test('a shipped order without a receiver shows its parcel, and no button', async () => {
    const { shown } = await open({ [ORDER]: ok({ ...shipped, delivery: null }) })
    expect(textOf(shown)).toContain('中通快递 ZT100')
    expect([...shown.element.querySelectorAll('button')].map((button) => button.textContent?.trim())).toEqual(
      ['主动退款'],
    )
  })
})
