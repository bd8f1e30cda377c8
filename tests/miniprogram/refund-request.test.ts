/** @module Asking for a refund once: which key goes with which request. */
import { aRefund } from './a-refund.ts'
import { createFakeWx, ok, refused, type Script } from './fake-wx.ts'

const CALL = 'POST /v1/orders/O1/refunds'
const body = { kind: 'refundOnly', amountFen: 100, reason: '不想要了' } as const

/** A fresh start of the mini-program on a phone with this storage. */
const start = async (script: Script, storage?: ReadonlyMap<string, unknown>) => {
  jest.resetModules()
  const fake = createFakeWx({
    'POST /v1/sessions': ok({ token: 't1', expiresAt: '2026-11-22T14:00:00.000Z', roles: [] }),
    ...script,
  })
  for (const [key, value] of storage ?? []) fake.storage.set(key, value)
  Object.assign(globalThis, { wx: fake.wx })
  const requests = await import('../../miniprogram/services/refund-request.ts')
  const keys = () =>
    fake.sent
      .filter(({ path }) => path === '/v1/orders/O1/refunds')
      .map(({ header }) => header['Idempotency-Key'])
  return { ...fake, ...requests, keys }
}

test('a lost answer is asked again under the same key', async () => {
  const { requestRefund, keys } = await start({ [CALL]: ['no answer', ok(aRefund())] })
  await expect(requestRefund('O1', body)).rejects.toMatchObject({ code: 'NO_ANSWER' })
  await expect(requestRefund('O1', body)).resolves.toMatchObject({ refundId: 'O20261122A-r1' })
  expect(keys()).toHaveLength(2)
  expect(keys()[0]).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  expect(keys()[1]).toBe(keys()[0])
})

test('the key outlives the mini-program: after a restart the same request is still the same', async () => {
  const before = await start({ [CALL]: 'no answer' })
  await expect(before.requestRefund('O1', body)).rejects.toMatchObject({ code: 'NO_ANSWER' })
  const after = await start({ [CALL]: ok(aRefund()) }, before.storage)
  await after.requestRefund('O1', body)
  expect(after.keys()).toEqual(before.keys())
})

test('something else is another request', async () => {
  const { requestRefund, keys } = await start({ [CALL]: 'no answer' })
  for (const asked of [body, { ...body, amountFen: 101 }, { ...body, reason: '质量问题' }]) {
    await expect(requestRefund('O1', asked)).rejects.toMatchObject({ code: 'NO_ANSWER' })
  }
  expect(new Set(keys()).size).toBe(3)
})

test('the same again after a success, or after a withdrawal, is a new request', async () => {
  const { requestRefund, withdrawRefund, keys } = await start({
    [CALL]: [ok(aRefund()), 'no answer', ok(aRefund())],
    'POST /v1/refunds/r1/withdraw': ok(aRefund({ status: 'withdrawn' })),
  })
  await requestRefund('O1', body)
  await expect(requestRefund('O1', body)).rejects.toMatchObject({ code: 'NO_ANSWER' })
  await withdrawRefund('r1')
  await requestRefund('O1', body)
  expect(new Set(keys()).size).toBe(3)
})

test('a refusal stored nothing, so the request may go on under its key', async () => {
  const { requestRefund, keys } = await start({
    [CALL]: [refused(503, 'UNAVAILABLE'), refused(409, 'REFUND_EXCEEDS_BALANCE'), ok(aRefund())],
  })
  await expect(requestRefund('O1', body)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await expect(requestRefund('O1', body)).rejects.toMatchObject({ code: 'REFUND_EXCEEDS_BALANCE' })
  await requestRefund('O1', body)
  expect(new Set(keys()).size).toBe(1)
})

test('a key that belongs to something else is let go', async () => {
  const { requestRefund, keys } = await start({
    [CALL]: [refused(409, 'IDEMPOTENCY_MISMATCH'), ok(aRefund())],
  })
  await expect(requestRefund('O1', body)).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
  await requestRefund('O1', body)
  expect(new Set(keys()).size).toBe(2)
})

test('odd contents of the storage are no key', async () => {
  const odd = new Map<string, unknown>([['refund-request', { orderId: 'O1', asked: 7, idempotencyKey: 'k' }]])
  const { requestRefund, keys } = await start({ [CALL]: ok(aRefund()) }, odd)
  await requestRefund('O1', body)
  expect(keys()).not.toContain('k')
})
