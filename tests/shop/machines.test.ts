import type { TransferStatus } from '@yuanlu/contract'
import {
  AGREEMENT_TRANSITIONS,
  type AgreementEvent,
  agreementAfter,
  nextState,
  ORDER_TRANSITIONS,
  type OrderEvent,
  type OrderState,
  orderAfter,
  orderIdOf,
  PAYMENT_TRANSITIONS,
  type PaymentEvent,
  type PaymentState,
  paymentAfter,
  type RefundStatus,
  reachableStates,
  TRANSFER_TRANSITIONS,
  type TransferEvent,
  transferAfter,
} from '@yuanlu/shop'
import fc from 'fast-check'

test('every state of an order can be reached', () => {
  expect([...reachableStates<OrderState, OrderEvent>(ORDER_TRANSITIONS, 'placing')].sort()).toEqual(
    Object.keys(ORDER_TRANSITIONS).sort(),
  )
})

test('every state of a payment can be reached', () => {
  expect([...reachableStates<PaymentState, PaymentEvent>(PAYMENT_TRANSITIONS, 'submitting')].sort()).toEqual(
    Object.keys(PAYMENT_TRANSITIONS).sort(),
  )
})

test('every state of a refund can be reached, and nothing leaves refunded', () => {
  expect(
    [...reachableStates<RefundStatus, AgreementEvent>(AGREEMENT_TRANSITIONS, 'requested')].sort(),
  ).toEqual(Object.keys(AGREEMENT_TRANSITIONS).sort())
  for (const event of ['withdrawn', 'rejected', 'approved', 'stuck', 'abandoned', 'succeeded'] as const)
    expect(agreementAfter('refunded', event)).toBeNull()
})

test('every state of a transfer can be reached, nothing leaves succeeded, and a late success beats everything', () => {
  const states = Object.keys(TRANSFER_TRANSITIONS) as TransferStatus[]
  expect(
    [...reachableStates<TransferStatus, TransferEvent>(TRANSFER_TRANSITIONS, 'submitting')].sort(),
  ).toEqual([...states].sort())
  for (const state of states)
    expect([state, transferAfter(state, 'succeeded')]).toEqual([
      state,
      state === 'succeeded' ? null : 'succeeded',
    ])
  for (const event of ['closed', 'abnormal', 'refused', 'unclear'] as const)
    expect(transferAfter('succeeded', event)).toBeNull()
})

test('nothing leaves closed, and nothing leaves paid money', () => {
  for (const event of ['stocked', 'refused', 'paid', 'shipped', 'received', 'closed'] as const)
    expect(orderAfter('closed', event)).toBeNull()
  for (const event of ['sent', 'unclear', 'prepaid', 'paid'] as const)
    expect(paymentAfter('paid', event)).toBeNull()
})

test('an unknown event does not move anything', () => {
  expect(nextState({ on: { off: 'off' }, off: {} }, 'off', 'off')).toBeNull()
})

test('order numbers are WeChat Pay’s kind, the same for the same question and different otherwise', () => {
  const question = fc.record({
    buyerOpenid: fc.string(),
    idempotencyKey: fc.string(),
    attempt: fc.integer({ min: 0, max: 50 }),
  })
  fc.assert(
    fc.property(question, question, (a, b) => {
      expect(orderIdOf(a)).toMatch(/^[0-9a-z]{26}$/)
      expect(orderIdOf(a) === orderIdOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
    }),
  )
})
