/** @module A refund's sentences: truthful for every status and every transfer, and copied from nothing but state. */
import { REFUND_STATUSES, type Refund, TRANSFER_STATUSES } from '@yuanlu/contract'
import { AGREEMENT_TRANSITIONS } from '@yuanlu/shop'
import { refundEventCopy, refundStatusCopy } from '../../miniprogram/copy/refund-status.ts'
import { orderView } from '../../miniprogram/view/order.ts'
import { parcelProblem, refundView, trimParcel } from '../../miniprogram/view/refund.ts'
import { nextRefreshMs, refundState } from '../../miniprogram/view/refund-state.ts'
import { timelineView } from '../../miniprogram/view/refund-timeline.ts'
import { refundCardView } from '../../miniprogram/view/refunds.ts'
import { aMovingRefund, anEvent, aRefund, aTransfer } from './a-refund.ts'
import { anOrder, aPaidOrder, NOON_MS } from './an-order.ts'

const noPictures = new Map<string, string>()
const stateOf = (refund: Refund) => refundState(refund, NOON_MS)
const viewOf = (refund: Refund, order = aPaidOrder()) => refundView(refund, order, noPictures, NOON_MS)

const everyState = REFUND_STATUSES.flatMap((status) =>
  [null, ...TRANSFER_STATUSES].map((transfer) => ({
    status,
    transfer,
    state: stateOf(
      transfer === null
        ? aRefund({ status })
        : aMovingRefund(transfer, { status, transfer: aTransfer(transfer) }),
    ),
  })),
)

describe('the sentence of every state', () => {
  test.each(everyState)('$status with transfer $transfer says something of its own', ({ status, state }) => {
    expect(state.title).toBe(refundStatusCopy[status])
    expect(state.expectation).toMatch(/。$/)
    expect(`${state.expectation}${state.arrival}`).not.toMatch(/[A-Za-z_]{3,}/)
  })

  test('that the money is back is said of a refunded refund alone', () => {
    const claims = everyState.filter(({ state }) =>
      /退款已完成|已原路退回|已即时到账|把钱退给您/.test(`${state.expectation}${state.arrival}`),
    )
    expect(new Set(claims.map(({ status }) => status))).toEqual(new Set(['refunded']))
  })

  test('nobody is told that a refund failed, nor that it was their fault', () => {
    for (const { state } of everyState) {
      expect(state.expectation).not.toMatch(/失败|您的账户异常|您的原因|错误/)
    }
  })

  test('unknown is not failure: it is still on its way and asked about', () => {
    const state = stateOf(aMovingRefund('unknown'))
    expect(state).toMatchObject({ title: '正在退款', tone: 'busy' })
    expect(state.expectation).toBe('正在退款：正在向微信支付核对结果。钱不会丢失，也不会退两次。')
  })

  test.each([
    ['submitting', '正在退款：正在提交给微信支付，请耐心等待。'],
    ['processing', '正在退款：微信支付已受理，钱正在原路退回。'],
  ] as const)('%s is 正在退款', (transfer, sentence) => {
    expect(stateOf(aMovingRefund(transfer)).expectation).toBe(sentence)
  })

  test('a transfer that waits its turn says that it waits', () => {
    const waits = aTransfer('submitting', { attempts: 0, nextAttemptAt: '2026-11-22T12:00:40.000Z' })
    const refund = aMovingRefund('submitting', { transfer: waits })
    expect(stateOf(refund).expectation).toContain('排到后会自动提交')
    expect(refundState(refund, NOON_MS + 41_000).expectation).toContain('正在提交给微信支付')
  })

  test.each([
    ['abnormal', '微信退款遇到问题：钱暂时没能退到原账户，商家正在处理，不会丢失。'],
    ['closed', '微信支付没有完成这笔退款，商家正在处理。这笔钱会为您保留，您不需要做任何操作。'],
    ['failed', '微信支付暂时没有受理这笔退款，商家正在处理。这笔钱会为您保留，您不需要做任何操作。'],
  ] as const)('a problem after %s is in the shop’s hands', (transfer, sentence) => {
    expect(stateOf(aMovingRefund(transfer, { status: 'problem' }))).toMatchObject({
      title: '商家正在处理',
      expectation: sentence,
      arrival: '',
    })
  })

  test('refunded tells when the money arrives', () => {
    const state = stateOf(aMovingRefund('succeeded', { status: 'refunded' }))
    expect(state).toMatchObject({ title: '退款成功', tone: 'good' })
    expect(state.arrival).toContain('1–3 个工作日')
  })

  test('money that went back another way is not said to have come the way it went', () => {
    const state = stateOf(aMovingRefund('abnormal', { status: 'refunded' }))
    expect(state.expectation).toBe('商家已用其他方式把钱退给您，并留有凭证。如没有收到，请联系商家。')
    expect(state.arrival).toBe('')
  })

  test('after staff brought a stuck refund on its way, it may go to another card', () => {
    const timeline = [anEvent('stuck', { actor: 'system' }), anEvent('resumed')]
    const done = stateOf(aMovingRefund('succeeded', { status: 'refunded', timeline }))
    expect(done.expectation).toBe('退款已完成，钱已退回原账户，或您与商家确认过的银行卡。')
    expect(done.arrival).toBe('')
    expect(stateOf(aMovingRefund('processing', { timeline })).expectation).not.toContain('原路')
  })

  test('the first of two approvals is no decision', () => {
    const refund = aRefund({ approvals: [{ by: 'oStaff1', at: '2026-11-22T12:20:00.000Z' }] })
    expect(stateOf(refund)).toMatchObject({
      title: '待商家审核',
      expectation: '商家已初步同意，正等待第二位同事确认。',
    })
  })

  test('a return that ran out of time is not called the shopper’s own withdrawal', () => {
    const withdrawn = (actor: string) =>
      stateOf(aRefund({ status: 'withdrawn', timeline: [anEvent('withdrawn', { actor })] })).expectation
    expect(withdrawn('oShopper1')).toContain('您撤销了')
    expect(withdrawn('system')).toContain('没有在期限内寄回')
  })

  test('the page looks again while money is on its way, ever more slowly', () => {
    const pauses = Array.from({ length: 10 }, (_, asked) => nextRefreshMs(aMovingRefund('unknown'), asked))
    expect(pauses).toEqual([2_000, 3_000, 5_000, 8_000, 13_000, 20_000, 30_000, 60_000, 60_000, 60_000])
    for (const status of REFUND_STATUSES.filter((each) => each !== 'refunding')) {
      expect(nextRefreshMs(aRefund({ status }), 0)).toBeNull()
    }
  })
})

describe('the timeline', () => {
  test('has words for everything that can happen to an agreement', () => {
    const events = Object.values(AGREEMENT_TRANSITIONS).flatMap((row) => Object.keys(row))
    expect([...new Set(events)].filter((event) => !Object.keys(refundEventCopy).includes(event))).toEqual([])
  })

  test('says when, who and what, newest first', () => {
    const lines = timelineView(
      aRefund({
        kind: 'returnAndRefund',
        timeline: [
          anEvent('requested', { actor: 'oShopper1', at: '2026-11-22T12:10:00.000Z' }),
          anEvent('approvedForReturn', { note: '老顾客，放行' }),
          anEvent('goodsSent', {
            actor: 'oShopper1',
            note: '顺丰 SF1',
            at: '2026-11-23T02:00:00.000Z',
          }),
          anEvent('goodsReceived', { at: '2026-11-24T02:00:00.000Z' }),
          anEvent('succeeded', { actor: 'system', at: '2026-11-24T02:01:00.000Z' }),
        ],
      }),
    )
    expect(lines.map(({ at, who, what, note, latest }) => [at, who, what, note, latest])).toEqual([
      ['2026-11-24 10:01', '系统', '退款完成', '', true],
      ['2026-11-24 10:00', '商家', '收到退货，开始原路退回', '', false],
      ['2026-11-23 10:00', '您', '寄出了商品', '运单：顺丰 SF1', false],
      ['2026-11-22 20:20', '商家', '同意退货，等待寄回商品', '', false],
      ['2026-11-22 20:10', '您', '申请退款', '', false],
    ])
  })

  test.each([
    ['approved', '系统', '自动同意退款，开始原路退回'],
    ['withdrawn', '系统', '没有在期限内寄回，自动撤销'],
    ['startedElsewhere', '系统', '记录到商家在微信商户平台发起的退款'],
    ['stuck', '系统', '微信退款遇到问题，交给商家处理'],
  ])('%s by the system is the system’s', (event, who, what) => {
    const timeline = [anEvent(event, { actor: 'system', note: 'NOT_ENOUGH' })]
    expect(timelineView(aRefund({ timeline }))).toMatchObject([{ who, what, note: '' }])
  })

  test('a refund that staff began is theirs, and a return by other means is said', () => {
    const timeline = [anEvent('requested'), anEvent('succeeded', { note: '银行转账' })]
    expect(timelineView(aRefund({ origin: 'staff', timeline }))).toMatchObject([
      { who: '商家', what: '用其他方式退还，已留凭证', note: '凭证：银行转账' },
      { who: '商家', what: '申请退款' },
    ])
  })

  test('misplaced money goes back without anybody having agreed to anything', () => {
    const timeline = [anEvent('approved', { actor: 'system', note: 'paidAfterClose' })]
    expect(timelineView(aRefund({ origin: 'system', timeline }))).toMatchObject([
      { who: '系统', what: '自动发起，原路退回', note: '' },
    ])
  })

  test('an event of a newer server is told without a code', () => {
    expect(timelineView(aRefund({ timeline: [anEvent('teleported')] }))).toMatchObject([
      { what: '退款有了新进展' },
    ])
  })
})

describe('one refund', () => {
  test('shows its own pieces, its numbers and its reason', () => {
    const view = viewOf(aRefund({ description: '颜色不对' }))
    expect(view.lines).toMatchObject([{ title: '云南小粒咖啡豆 250 克', quantity: 1, amountFen: 6800 }])
    expect(view.facts).toEqual([
      { label: '退款编号', value: 'O20261122A-r1', copyable: true },
      { label: '订单编号', value: 'O20261122A', copyable: true },
      { label: '退款类型', value: '仅退款', copyable: false },
      { label: '退款原因', value: '不想要了', copyable: false },
      { label: '补充说明', value: '颜色不对', copyable: false },
      { label: '申请时间', value: '2026-11-22 20:10', copyable: false },
    ])
  })

  test('can be withdrawn until goods or money move', () => {
    const withdrawable = REFUND_STATUSES.filter((status) =>
      viewOf(aRefund({ status })).actions.some(({ kind }) => kind === 'withdraw'),
    )
    expect(withdrawable).toEqual(['requested', 'awaitingReturn'])
  })

  test('can be asked for again once it was given up, while money is left', () => {
    const again = (refundableFen: number) =>
      REFUND_STATUSES.filter((status) =>
        viewOf(aRefund({ status }), aPaidOrder({ refundableFen })).actions.some(
          ({ kind }) => kind === 'askAgain',
        ),
      )
    expect(again(6800)).toEqual(['withdrawn', 'rejected', 'abandoned'])
    expect(again(0)).toEqual([])
  })

  test('without its order it is shown all the same', () => {
    const view = refundView(aRefund({ status: 'rejected', orderId: null }), null, noPictures, NOON_MS)
    expect(view).toMatchObject({ lines: [], actions: [], orderId: '' })
  })

  test('a parcel needs carrier and number', () => {
    expect(parcelProblem(trimParcel({ carrier: ' 顺丰 ', trackingNo: ' SF1 ' }))).toBeNull()
    expect(parcelProblem({ carrier: '', trackingNo: 'SF1' })).toBe('请填写快递公司，最多 60 个字。')
    expect(parcelProblem({ carrier: '顺丰', trackingNo: '1'.repeat(61) })).toBe(
      '请填写运单号，最多 60 个字。',
    )
  })
})

describe('the refunds of an order', () => {
  test('are listed newest first, with what went back and what is left', () => {
    const refunds = [
      aRefund({ refundId: 'a', requestedAt: '2026-11-22T12:10:00.000Z' }),
      aRefund({ refundId: 'b', requestedAt: '2026-11-22T12:30:00.000Z', status: 'refunded' }),
    ]
    const view = orderView(aPaidOrder({ refunds, refundedFen: 6800, refundableFen: 0 }), noPictures, NOON_MS)
    expect(view.refunds.map(({ refundId }) => refundId)).toEqual(['b', 'a'])
    expect(view).toMatchObject({ refundedFen: 6800, refundableFen: 0 })
    expect(view.actions.map(({ kind }) => kind)).toEqual(['confirmReceipt'])
  })

  test('an order without refunds says nothing of them', () => {
    expect(orderView(aPaidOrder(), noPictures, NOON_MS)).toMatchObject({
      refunds: [],
      refundedFen: 0,
      refundableFen: 0,
    })
  })

  test('while one is open nothing is shipped, and the page does not promise it', () => {
    const waiting = orderView(aPaidOrder({ refunds: [aRefund()] }), noPictures, NOON_MS)
    expect(waiting.state.expectation).toBe('有一笔退款正在处理，处理完之前商家不会发货。')
    const over = orderView(aPaidOrder({ refunds: [aRefund({ status: 'rejected' })] }), noPictures, NOON_MS)
    expect(over.state.expectation).toBe('已收到您的付款，商家会尽快为您发货。')
  })

  test.each([
    ['paid', '已支付，已全额退款'],
    ['shipped', '已发货，已全额退款'],
    ['completed', '已完成，已全额退款'],
  ] as const)('a fully refunded order that was %s says both', (status, title) => {
    const order = aPaidOrder({
      status,
      refundedFen: 13600,
      refundableFen: 0,
      refunds: [aRefund({ status: 'refunded' })],
    })
    const view = orderView(order, noPictures, NOON_MS)
    expect(view.state.title).toBe(title)
    expect(view.state.expectation).toContain('已全额退款')
    expect(view.actions).toEqual([])
  })

  test('a closed order whose late money goes back shows that refund', () => {
    const back = aMovingRefund('processing', { origin: 'system', items: [] })
    const view = orderView(anOrder({ status: 'closed', refunds: [back] }), noPictures, NOON_MS)
    expect(view.refunds).toMatchObject([{ statusText: '正在退款', amountFen: 6800 }])
    expect(view.actions).toEqual([])
  })
})

describe('the list of refunds', () => {
  test('a card names the goods’ pictures and pieces, or that it is an amount', () => {
    const pictures = new Map([['coffee-beans', '/c.png']])
    expect(refundCardView(aRefund(), pictures, NOON_MS)).toMatchObject({
      statusText: '待商家审核',
      kindText: '仅退款',
      summary: '共 1 件',
      pictures: [{ productId: 'coffee-beans', picture: '/c.png' }],
    })
    expect(refundCardView(aRefund({ items: [] }), pictures, NOON_MS)).toMatchObject({
      summary: '按金额退款',
      pictures: [],
    })
  })
})
