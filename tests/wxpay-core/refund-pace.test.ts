import { WxpayError } from 'wxpay-core'
import { createRefundPace } from 'wxpay-core/src/refund-pace.ts'

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

const refused = new WxpayError('ERR_WXPAY_REFUSED', 'no')
const fails = () => Promise.reject(refused)
const good = () => Promise.resolve('ok')

/** Runs `count` calls, and tells when each was sent. */
function send(pace: ReturnType<typeof createRefundPace>, count: number, call: () => Promise<unknown>) {
  const sentAt: number[] = []
  const results = Array.from({ length: count }, () =>
    pace
      .run(() => {
        sentAt.push(performance.now())
        return call()
      })
      .catch((error: unknown) => error),
  )
  return { sentAt, results }
}

test('of a hundred refunds that all fail, at most five are sent within any second', async () => {
  const { sentAt } = send(createRefundPace(60_000), 100, fails)
  await jest.advanceTimersByTimeAsync(30_000)
  expect(sentAt).toHaveLength(100)
  const most = Math.max(
    ...sentAt.map((from) => sentAt.filter((at) => at >= from && at < from + 1_000).length),
  )
  expect(most).toBe(5)
  expect((sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0)).toBeLessThan(20_000)
})

test('a failure counts for exactly one second: the next five go out the moment it is over', async () => {
  const startedAt = performance.now()
  const { sentAt } = send(createRefundPace(60_000), 12, fails)
  await jest.advanceTimersByTimeAsync(2_000)
  expect(sentAt.map((at) => at - startedAt)).toEqual([
    ...[0, 0, 0, 0, 0],
    ...[1_000, 1_000, 1_000, 1_000, 1_000],
    ...[2_000, 2_000],
  ])
})

test('however many wait, and however many failed, one timer wakes them', async () => {
  const { sentAt } = send(createRefundPace(60_000), 25, fails)
  await jest.advanceTimersByTimeAsync(0)
  expect(sentAt).toHaveLength(5)
  // One for each that waits, for when it has waited too long, and that one.
  expect(jest.getTimerCount()).toBe(20 + 1)
})

test('refunds that may still fail count until they are answered', async () => {
  const answers: (() => void)[] = []
  const slow = () => new Promise((resolve) => answers.push(() => resolve('ok')))
  const { sentAt } = send(createRefundPace(60_000), 8, slow)
  await jest.advanceTimersByTimeAsync(5_000)
  expect(sentAt).toHaveLength(5)
  answers.shift()?.()
  await jest.advanceTimersByTimeAsync(0)
  expect(sentAt).toHaveLength(6)
})

test('after ten good answers nothing waits, until one fails', async () => {
  const pace = createRefundPace()
  await Promise.all(send(pace, 10, good).results)
  const answers: ((error: Error) => void)[] = []
  const slow = () => new Promise((_, reject) => answers.push(reject))
  const many = send(pace, 64, slow)
  await jest.advanceTimersByTimeAsync(0)
  expect(many.sentAt).toHaveLength(64)
  answers[0]?.(refused)
  await jest.advanceTimersByTimeAsync(0)
  const more = send(pace, 1, good)
  await jest.advanceTimersByTimeAsync(1_500)
  // 63 under way are at risk again.
  expect(more.sentAt).toHaveLength(0)
  for (const answer of answers.slice(1)) answer(refused)
  await jest.advanceTimersByTimeAsync(1_500)
  expect(more.sentAt).toHaveLength(1)
})

test('a refund that waits too long was not sent, and says why', async () => {
  const pace = createRefundPace(3_000)
  const stuck = send(pace, 5, () => new Promise(() => {}))
  const held = send(pace, 1, good)
  await jest.advanceTimersByTimeAsync(3_000)
  expect(stuck.sentAt).toHaveLength(5)
  expect(held.sentAt).toHaveLength(0)
  expect(await held.results[0]).toMatchObject({
    code: 'ERR_WXPAY_HELD_BACK',
    outcome: 'not-sent',
    message: expect.stringMatching(/above 6 a second: look why, then try again$/),
  })
})

test('what never left this process is no failure at WeChat Pay', async () => {
  const noWay = () => Promise.reject(new WxpayError('ERR_WXPAY_CONNECT', 'down'))
  const { sentAt, results } = send(createRefundPace(), 50, noWay)
  await jest.advanceTimersByTimeAsync(0)
  await Promise.all(results)
  expect(sentAt).toHaveLength(50)
  expect(jest.getTimerCount()).toBe(0)
})
