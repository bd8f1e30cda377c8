/** A jump of the clock past a merchant that hangs: whom it waits for, how long, and what becomes of the delivery. */
import type * as reachModule from '../../packages/wechat-sandbox/src/notify/reach.ts'
import type * as scheduleModule from '../../packages/wechat-sandbox/src/schedule.ts'
import { aSandbox, aShop, cleanUp, Merchant, START } from './merchant.ts'

const { openSchedule } = jest.requireActual<typeof scheduleModule>(
  '../../packages/wechat-sandbox/src/schedule.ts',
)
const { byHand, openReach } = jest.requireActual<typeof reachModule>(
  '../../packages/wechat-sandbox/src/notify/reach.ts',
)

afterAll(cleanUp)

const SECOND = 1_000
const HOUR = 3_600_000

/** A schedule whose clock stands still but for jumps, and whose pauses end when the test says so. */
function aSchedule() {
  let now = 0
  const story: string[] = []
  const pauses: { ms: number; end: () => void }[] = []
  const schedule = openSchedule(
    {
      real: () => 0,
      now: () => now,
      offsetMs: () => now,
      isPaused: () => true,
      moveTo: (ms) => {
        now = Math.max(now, ms)
      },
      pause: () => {},
    },
    (event) => story.push(event),
    (ms) => new Promise((end) => pauses.push({ ms, end })),
  )
  const tell = (what: string) => story.push(`${now / SECOND} s: ${what}`)
  /** Asks somebody who answers when the test lets him, or never. */
  const planQuestion = (due: number, name: string) => {
    let answer = (): void => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    schedule.plan(due, name, {
      isAwaited: () => true,
      async run(askOutside) {
        tell(`${name} is asked`)
        await askOutside({ virtualMs: 5 * SECOND, jumpStandsMs: 1_000 }, async (isOver) => {
          const over = new Promise<void>((resolve) => isOver.addEventListener('abort', () => resolve()))
          await Promise.race([answered, over])
          tell(isOver.aborted ? `${name}'s time is over` : `${name} answered`)
        })
      },
    })
    return answer
  }
  const plan = (due: number, name: string) =>
    schedule.plan(due, name, { isAwaited: () => true, run: async () => void tell(name) })
  /** Everything that goes on by itself has gone on. */
  const quiet = () => new Promise((resolve) => setImmediate(resolve))
  return { schedule, story, pauses, plan, planQuestion, quiet }
}

test('a jump stands still for somebody who does not answer, then goes on and ends his time where it is over', async () => {
  const { schedule, story, pauses, plan, planQuestion, quiet } = aSchedule()
  planQuestion(1 * SECOND, 'shop')
  plan(3 * SECOND, 'before the end of its time')
  plan(9 * SECOND, 'after it')
  const jump = schedule.advance({ ms: HOUR })
  await quiet()
  expect(story).toEqual(['1 s: shop is asked'])
  expect(pauses.map(({ ms }) => ms)).toEqual([1_000])
  pauses[0]?.end()
  await jump
  expect(story.slice(1)).toEqual([
    '3 s: before the end of its time',
    "6 s: shop's time is over",
    '9 s: after it',
  ])
})

test('whoever answers meanwhile is not cut, and the jump goes on at once', async () => {
  const { schedule, story, plan, planQuestion, quiet } = aSchedule()
  const answer = planQuestion(1 * SECOND, 'shop')
  plan(3 * SECOND, 'later')
  const jump = schedule.advance({ ms: HOUR })
  await quiet()
  answer()
  await jump
  expect(story).toEqual(['1 s: shop is asked', '1 s: shop answered', '3 s: later'])
})

test('a slow one does not spare another one its pause', async () => {
  const { schedule, story, pauses, planQuestion, quiet } = aSchedule()
  planQuestion(1 * SECOND, 'slow')
  const answer = planQuestion(2 * SECOND, 'other')
  const jump = schedule.advance({ ms: HOUR })
  await quiet()
  pauses[0]?.end()
  await quiet()
  answer()
  await jump
  expect(story).toEqual([
    '1 s: slow is asked',
    '2 s: other is asked',
    '2 s: other answered',
    "6 s: slow's time is over",
  ])
})

test('a jump that ends before somebody’s time does waits for him: what was due is done when it answers', async () => {
  const { schedule, story, pauses, planQuestion, quiet } = aSchedule()
  const answer = planQuestion(1 * SECOND, 'shop')
  let isDone = false
  const jump = schedule.advance({ ms: 2 * SECOND }).then(() => {
    isDone = true
  })
  await quiet()
  pauses[0]?.end()
  await quiet()
  expect(isDone).toBe(false)
  answer()
  await jump
  expect(story).toEqual(['1 s: shop is asked', '1 s: shop answered'])
})

test('a merchant is given all of its time, less in jumps once it let that run out, and all again when it answers', async () => {
  const answers = [
    { error: 'connect ECONNREFUSED' },
    { error: 'no answer in time' },
    { error: 'no answer in time' },
  ]
  const stands: number[] = []
  const reach = openReach(async () => answers.shift() ?? { status: 204, body: '' }, {
    timeoutMs: 5_000,
    jumpStandsMs: 1_000,
  })
  const ask = (origin: string) =>
    reach(
      (limits, asked) => {
        stands.push(limits.jumpStandsMs)
        expect(limits.virtualMs).toBe(5_000)
        return byHand(limits, asked)
      },
      `${origin}/notify`,
      {},
      '',
    )
  for (let n = 0; n < 5; n++) await ask('http://127.0.0.1:1')
  await ask('http://127.0.0.1:2')
  expect(stands).toEqual([5_000, 5_000, 1_000, 1_000, 5_000, 5_000])
})

test('a hundred merchants that hang are remembered, not more', async () => {
  const stands: number[] = []
  const reach = openReach(async () => ({ error: 'no answer in time' }), { timeoutMs: 5_000, jumpStandsMs: 1 })
  const ask = (host: number) =>
    reach(
      (limits, asked) => {
        stands.push(limits.jumpStandsMs)
        return byHand(limits, asked)
      },
      `http://127.0.0.${host}/notify`,
      {},
      '',
    )
  for (let host = 1; host <= 101; host++) await ask(host)
  await ask(2)
  await ask(1)
  expect(stands.slice(-2)).toEqual([1, 5_000])
})

test('a day past a server that hangs: every delivery is over after its virtual five seconds, the schedule follows', async () => {
  const shop = await aShop()
  shop.reply = undefined
  // Real time alone would make this test take minutes.
  const sandbox = await aSandbox({ notify: { timeoutMs: 10_000, jumpStandsMs: 1 } })
  jest.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort())
  await new Merchant(sandbox).buy({ notify_url: shop.url })
  await sandbox.control.moveClock({ advanceMs: 25 * HOUR })
  const [notification] = sandbox.control.notifications({}).notifications
  expect(notification).toMatchObject({ status: 'exhausted', nextAttemptAt: null })
  expect(notification?.attempts.map(({ answer }) => answer)).toEqual(
    Array.from({ length: 16 }, () => ({ error: 'no answer in time' })),
  )
  expect(notification?.attempts.slice(0, 4).map(({ at }) => Date.parse(at) - START)).toEqual([
    0,
    15 * SECOND,
    30 * SECOND,
    60 * SECOND,
  ])
})
