/** @module The payment's result: paid is said only when our server said so. */
import {
  nextPollMs,
  type PayResultFacts,
  POLL_PAUSES_MS,
  payResult,
  payResultView,
} from '../../miniprogram/view/pay-result.ts'
import { aRefund } from './a-refund.ts'
import { anOrder, aPaidOrder, NOON_MS } from './an-order.ts'

const facts = (change: Partial<PayResultFacts>): PayResultFacts => ({
  order: anOrder(),
  certain: true,
  attempt: null,
  asked: 1,
  nowMs: NOON_MS,
  ...change,
})

test('WeChat’s ok on the phone is not a payment: until our server knows, it is being confirmed', () => {
  const reported = facts({ attempt: 'reportedPaid' })
  expect(payResultView(reported)).toMatchObject({
    result: 'confirming',
    title: '正在确认支付结果',
    canPay: false,
    canCheck: true,
  })
  expect(nextPollMs(reported)).toBe(1_000)
})

test('paid is said when the order is paid, with the amount that was paid', () => {
  const view = payResultView(facts({ order: aPaidOrder({ paidFen: 13600 }), attempt: 'cancelled' }))
  expect(view).toMatchObject({ result: 'paid', title: '支付成功', amountFen: 13600, amountLabel: '实付金额' })
  expect(nextPollMs(facts({ order: aPaidOrder() }))).toBeNull()
})

test.each(['shipped', 'completed'] as const)('an order that is already %s was paid', (status) => {
  expect(payResult(facts({ order: aPaidOrder({ status }) }))).toBe('paid')
})

test('a cancelled cashier is unfinished only after our server asked WeChat', () => {
  expect(payResult(facts({ attempt: 'cancelled', certain: true }))).toBe('unfinished')
  expect(payResult(facts({ attempt: 'cancelled', certain: false }))).toBe('confirming')
})

test('a cashier that never opened is said so, and may be tried again while WeChat can’t be asked', () => {
  const shut = facts({ order: null, certain: false, attempt: 'notStarted' })
  expect(payResultView(shut)).toMatchObject({
    result: 'notOpened',
    title: '暂时没能打开微信支付',
    canPay: true,
  })
  expect(nextPollMs(shut)).toBe(1_000)
  expect(payResult({ ...shut, order: anOrder() })).toBe('notOpened')
  expect(payResult({ ...shut, order: anOrder({ closing: true }) })).toBe('closing')
  expect(payResult({ ...shut, order: aPaidOrder() })).toBe('paid')
  expect(payResult({ ...shut, order: anOrder(), certain: true })).toBe('unfinished')
})

test('unfinished shows the time left and a way to go on', () => {
  const view = payResultView(facts({ attempt: 'cancelled' }))
  expect(view).toMatchObject({ title: '支付未完成', timeLeft: '14:00', canPay: true, canCheck: false })
})

test('unfinished without time left can’t be gone on with', () => {
  const view = payResultView(facts({ attempt: 'failed', nowMs: NOON_MS + 14 * 60_000 }))
  expect(view).toMatchObject({ result: 'overdue', canPay: false, canCheck: true })
})

test('before the first answer nothing is claimed', () => {
  expect(payResultView(facts({ order: null, asked: 0 }))).toMatchObject({
    result: 'confirming',
    amountFen: null,
  })
})

test('the questions come with growing pauses and end with the shopper’s button', () => {
  const pauses = Array.from({ length: POLL_PAUSES_MS.length + 1 }, (_, asked) =>
    nextPollMs(facts({ attempt: 'reportedPaid', asked })),
  )
  expect(pauses).toEqual([1_000, 1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 20_000, null])
  const last = payResultView(facts({ attempt: 'reportedPaid', asked: POLL_PAUSES_MS.length }))
  expect(last).toMatchObject({
    result: 'stillConfirming',
    title: '正在确认支付结果',
    canCheck: true,
    canPay: false,
  })
})

test('a wrong amount waits for a person and asks for no second payment', () => {
  const view = payResultView(
    facts({ order: anOrder({ attention: ['amountMismatch'] }), attempt: 'reportedPaid' }),
  )
  expect(view).toMatchObject({ result: 'checking', mood: 'quiet', canPay: false })
})

test('an order that is being closed is waited for', () => {
  const closing = facts({ order: anOrder({ closing: true }), attempt: 'cancelled' })
  expect(payResultView(closing)).toMatchObject({ result: 'closing', canPay: false })
  expect(nextPollMs(closing)).toBe(1_000)
})

test('a closed order says whether money came anyway', () => {
  const closed = anOrder({ status: 'closed' })
  expect(payResult(facts({ order: closed }))).toBe('closed')
  expect(payResult(facts({ order: { ...closed, attention: ['paidAfterClose'] } }))).toBe('closedWithMoney')
  const refunds = [aRefund({ origin: 'system', status: 'refunded' })]
  expect(payResult(facts({ order: { ...closed, refunds } }))).toBe('closedMoneyBack')
})
