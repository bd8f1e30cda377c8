import { WxpayError } from 'wxpay-core'
import { createRefundPace } from 'wxpay-core/src/refund-pace.ts'

beforeEach(() => jest.useFakeTimers())
afterEach(() => {
  jest.restoreAllMocks()
  jest.useRealTimers()
})

const refused = new WxpayError('ERR_WXPAY_REFUSED', 'no')
const fails = () => Promise.reject(refused)
const good = () => Promise.resolve('ok')
const after = (ms: number, call: () => Promise<unknown>) => () =>
  new Promise<void>((resolve) => setTimeout(resolve, ms)).then(call)

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

/** How many came to WeChat Pay within any one second. */
function mostWithinASecond(at: readonly number[]): number {
  return Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + 1_000).length))
}

test('of a hundred refunds that all fail, at most five are sent within any second', async () => {
  const { sentAt } = send(createRefundPace({ refundPaceMs: 60_000 }), 100, fails)
  await jest.advanceTimersByTimeAsync(30_000)
  expect(sentAt).toHaveLength(100)
  expect(mostWithinASecond(sentAt)).toBe(5)
  expect((sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0)).toBeLessThan(20_000)
})

test('a failure counts for exactly one second: the next five go out the moment it is over', async () => {
  const startedAt = performance.now()
  const { sentAt } = send(createRefundPace({ refundPaceMs: 60_000 }), 12, fails)
  await jest.advanceTimersByTimeAsync(2_000)
  expect(sentAt.map((at) => at - startedAt)).toEqual([
    ...[0, 0, 0, 0, 0],
    ...[1_000, 1_000, 1_000, 1_000, 1_000],
    ...[2_000, 2_000],
  ])
})

test('however many wait, and however many failed, one timer wakes them', async () => {
  const { sentAt } = send(createRefundPace({ refundPaceMs: 60_000 }), 25, fails)
  await jest.advanceTimersByTimeAsync(0)
  expect(sentAt).toHaveLength(5)
  // One for each that waits, for when it has waited too long, and that one.
  expect(jest.getTimerCount()).toBe(20 + 1)
})

test('when the balance runs out after a thousand good ones, still at most five fail within any second', async () => {
  const pace = createRefundPace({ refundPaceMs: 600_000 })
  const before = send(pace, 1_000, after(1, good))
  await jest.advanceTimersByTimeAsync(1_000)
  await Promise.all(before.results)
  const { sentAt } = send(pace, 60, after(100, fails))
  await jest.advanceTimersByTimeAsync(60_000)
  expect(sentAt).toHaveLength(60)
  expect(mostWithinASecond(sentAt)).toBe(5)
})

test('whichever fail and however long each takes, at most five failures are under way or less than a second old', async () => {
  const pace = createRefundPace({ refundPaceMs: 600_000 })
  const failures: { readonly sentAt: number; readonly answeredAt: number }[] = []
  let seed = 7
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647
  }
  const results = Array.from({ length: 400 }, () =>
    pace
      .run(async () => {
        const sentAt = performance.now()
        const takes = Math.round(random() * 1_500)
        return after(takes, () => {
          if (random() < 0.5) return good()
          failures.push({ sentAt, answeredAt: performance.now() })
          return fails()
        })()
      })
      .catch(() => 'failed'),
  )
  await jest.advanceTimersByTimeAsync(600_000)
  expect(await Promise.all(results)).toHaveLength(400)
  // At WeChat Pay a call fails somewhere between its two ends: whenever one is sent, no more than four others may still do so,
  // or have done so within the last second.
  const crowds = failures.map(
    ({ sentAt }) => failures.filter((one) => one.sentAt <= sentAt && one.answeredAt > sentAt - 1_000).length,
  )
  expect(failures.length).toBeGreaterThan(150)
  expect(Math.max(...crowds)).toBe(5)
})

test('twenty-five good ones that take 200 ms each go out in a second', async () => {
  const { sentAt } = send(createRefundPace({}), 50, after(200, good))
  await jest.advanceTimersByTimeAsync(999)
  expect(sentAt).toHaveLength(25)
  await jest.advanceTimersByTimeAsync(1_000)
  expect(sentAt).toHaveLength(50)
})

test('refunds that may still fail count until they are answered', async () => {
  const answers: (() => void)[] = []
  const slow = () => new Promise((resolve) => answers.push(() => resolve('ok')))
  const { sentAt } = send(createRefundPace({ refundPaceMs: 60_000 }), 8, slow)
  await jest.advanceTimersByTimeAsync(5_000)
  expect(sentAt).toHaveLength(5)
  answers.shift()?.()
  await jest.advanceTimersByTimeAsync(0)
  expect(sentAt).toHaveLength(6)
})

test('they are sent in the order in which they came', async () => {
  const pace = createRefundPace({ refundPaceMs: 60_000 })
  const sent: number[] = []
  const one = (n: number) => () => {
    sent.push(n)
    return n % 2 === 0 ? fails() : good()
  }
  const results = Array.from({ length: 30 }, (_, n) => pace.run(one(n)).catch(() => 'failed'))
  await jest.advanceTimersByTimeAsync(10_000)
  await Promise.all(results)
  expect(sent).toEqual(Array.from({ length: 30 }, (_, n) => n))
})

test('a refund that waits too long was not sent, and says why', async () => {
  const pace = createRefundPace({ refundPaceMs: 3_000 })
  const stuck = send(pace, 5, () => new Promise(() => {}))
  const held = send(pace, 1, good)
  await jest.advanceTimersByTimeAsync(3_000)
  expect(stuck.sentAt).toHaveLength(5)
  expect(held.sentAt).toHaveLength(0)
  expect(await held.results[0]).toMatchObject({
    code: 'ERR_WXPAY_HELD_BACK',
    outcome: 'not-sent',
    message:
      'too many refunds are under way or have just failed; WeChat Pay blocks above 6 failures a second',
  })
})

test('who gave up waiting takes no turn from the next', async () => {
  const pace = createRefundPace({ refundPaceMs: 500 })
  send(pace, 5, fails)
  await jest.advanceTimersByTimeAsync(0)
  const early = send(pace, 5, good)
  // One for each that waits, and one for all.
  expect(jest.getTimerCount()).toBe(6)
  await jest.advanceTimersByTimeAsync(700)
  const late = send(pace, 1, good)
  await jest.advanceTimersByTimeAsync(300)
  expect([early.sentAt, late.sentAt.length]).toEqual([[], 1])
})

test('a refund waits half of the time that is left: its answer needs the rest', async () => {
  const pace = createRefundPace({ timeLeftMs: () => 300 })
  send(pace, 5, fails)
  const held = send(pace, 1, good)
  const ends: unknown[] = []
  held.results[0]?.then((end) => ends.push(end))
  await jest.advanceTimersByTimeAsync(149)
  expect(ends).toEqual([])
  await jest.advanceTimersByTimeAsync(1)
  expect(ends).toMatchObject([{ code: 'ERR_WXPAY_HELD_BACK' }])
  expect(held.sentAt).toEqual([])
})

test.each([0, -5_000, Number.NaN])('a refund that has %d ms waits for nothing', async (leftMs) => {
  const timers = jest.spyOn(globalThis, 'setTimeout')
  const pace = createRefundPace({ timeLeftMs: () => leftMs })
  send(pace, 5, fails)
  const held = send(pace, 1, good)
  await jest.advanceTimersByTimeAsync(1)
  expect(await held.results[0]).toMatchObject({ code: 'ERR_WXPAY_HELD_BACK', outcome: 'not-sent' })
  // Node warns of negative times.
  expect(timers.mock.calls.filter(([, ms]) => Number(ms) < 0)).toEqual([])
})

test('what never left this process is no failure at WeChat Pay', async () => {
  const noWay = () => Promise.reject(new WxpayError('ERR_WXPAY_CONNECT', 'down'))
  const { sentAt, results } = send(createRefundPace({}), 50, noWay)
  await jest.advanceTimersByTimeAsync(0)
  await Promise.all(results)
  expect(sentAt).toHaveLength(50)
  expect(jest.getTimerCount()).toBe(0)
})

test('an error that is not ours may have failed there', async () => {
  const { sentAt } = send(createRefundPace({}), 6, () => Promise.reject(new TypeError('bug')))
  await jest.advanceTimersByTimeAsync(999)
  expect(sentAt).toHaveLength(5)
  await jest.advanceTimersByTimeAsync(1)
  expect(sentAt).toHaveLength(6)
})
