/** The three functions: what each serves, how it starts, and that nothing runs once it has answered. */
import { createHmac } from 'node:crypto'
import { resolve } from 'node:path'
import { apiFunction } from '@yuanlu/backend/functions/api'
import { jobsFunction } from '@yuanlu/backend/functions/jobs'
import { wxpayNotifyFunction } from '@yuanlu/backend/functions/wxpay-notify'
import { aFunction, anHttpEvent, envelopeOf } from '../support/functions'
import { XIAOLIN } from '../support/shop-world'

const BEANS = [
  { productId: 'beans', title: '手冲咖啡豆', description: '', priceFen: 6800, stock: 10, imageUrl: '' },
]
const JOBS = { authorization: 'Bearer jobs-token-of-the-functions' }
const TIMER = { Type: 'Timer', TriggerName: 'every-minute', Time: '2026-11-23T04:00:00Z', Message: '' }

// biome-ignore lint/suspicious/noExplicitAny: the service's answer
type Answer = any

const statusOf = async (fn: { main(event: unknown): Promise<unknown> }, method: string, path: string) =>
  ((await fn.main(anHttpEvent(method, path, { headers: JOBS }))) as Answer).statusCode

test.each([
  ['GET', '/v1/products', 200, 404, 404],
  ['GET', '/openapi.json', 200, 404, 404],
  ['GET', '/healthz', 200, 404, 404],
  ['POST', '/wxpay/notify/payment', 404, 401, 404],
  ['POST', '/wxpay/notify/refund', 404, 401, 404],
  // What is left when the route's prefix is cut off.
  ['POST', '/notify/payment', 404, 401, 404],
  ['POST', '/payment', 404, 401, 404],
  ['POST', '/internal/tick', 404, 404, 200],
  ['GET', '/internal/ledger', 404, 404, 200],
])('%s %s is %i of api, %i of wxpay-notify, %i of jobs', async (method, path, ...expected) => {
  const answers = []
  for (const make of [apiFunction, wxpayNotifyFunction, jobsFunction])
    answers.push(await statusOf(aFunction(make).fn, method, path))
  expect(answers).toEqual(expected)
})

test('the operators’ calls need their token here too', async () => {
  const { fn } = aFunction(jobsFunction)
  expect(envelopeOf(await fn.main(anHttpEvent('POST', '/internal/tick')))).toMatchObject({ status: 401 })
  const without = aFunction(jobsFunction, { JOBS_TOKEN: undefined })
  expect(await statusOf(without.fn, 'POST', '/internal/tick')).toBe(404)
})

test('one instance opens the shop once, and keeps it', async () => {
  const { fn, opened, lines } = aFunction(apiFunction, {}, BEANS)
  await Promise.all([1, 2, 3].map(() => fn.main(anHttpEvent('GET', '/v1/products'))))
  await fn.main(anHttpEvent('GET', '/v1/products'))
  expect(opened()).toBe(1)
  expect(lines.filter((line) => line.includes('"function.ready"'))).toHaveLength(1)
})

test('owners are put in place by the function that people call, and by no other', async () => {
  for (const [make, role] of [
    [apiFunction, 'owner'],
    [wxpayNotifyFunction, null],
    [jobsFunction, null],
  ] as const) {
    const { fn, store } = aFunction(make, { MERCHANT_OWNER_OPENIDS: XIAOLIN })
    await fn.main(anHttpEvent('POST', '/wxpay/notify/payment'))
    await fn.main(anHttpEvent('POST', '/internal/tick', { headers: JOBS }))
    await fn.main(anHttpEvent('GET', '/v1/products'))
    expect(await store.staff.roleOf(XIAOLIN)).toBe(role)
  }
})

test('key files are found beside the bundle, wherever the platform starts it', async () => {
  const files = {
    WXPAY_CERT: undefined,
    WXPAY_CERT_FILE: 'fixtures/merchant.cert.pem',
    WXPAY_KEY: undefined,
    WXPAY_KEY_FILE: 'fixtures/merchant.key.pem',
  }
  const beside = resolve(__dirname, '../wxpay-core')
  const { fn } = aFunction((driver, outside) => apiFunction(driver, { ...outside, folder: beside }), files)
  expect(await statusOf(fn, 'GET', '/v1/products')).toBe(200)
  expect(await statusOf(aFunction(apiFunction, files).fn, 'GET', '/v1/products')).toBe(503)
})

describe('a function that cannot start', () => {
  const broken = { WXPAY_MCHID: undefined, WX_APPSECRET: '' }

  test('answers 503 without a word about why, and its log names every variable', async () => {
    const { fn, lines, opened } = aFunction(apiFunction, broken)
    const answer = envelopeOf(await fn.main(anHttpEvent('GET', '/v1/products')))
    expect(answer).toMatchObject({ status: 503, error: { code: 'UNAVAILABLE', retry: 'later' } })
    expect(JSON.stringify(answer)).not.toMatch(/WX|secret|postgres/)
    const [line] = lines
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'error',
      event: 'function.notReady',
      function: 'api',
      reason: expect.stringMatching(/WX_APPSECRET: is missing.*\n.*WXPAY_MCHID: is missing/s),
    })
    expect(lines.join('')).not.toMatch(/secret-of-the-database|sssss|22222|33333|BEGIN/)
    expect(opened()).toBe(0)
  })

  test('tries again with the next event', async () => {
    let away = true
    const { fn, opened } = aFunction((driver, outside) =>
      apiFunction(
        {
          ...driver,
          open: async (...input) => {
            const store = await driver.open(...input)
            if (away) throw new Error('the database is away')
            return store
          },
        },
        outside,
      ),
    )
    expect(envelopeOf(await fn.main(anHttpEvent('GET', '/v1/products'))).status).toBe(503)
    away = false
    expect(envelopeOf(await fn.main(anHttpEvent('GET', '/v1/products'))).status).toBe(200)
    expect(opened()).toBe(2)
  })

  test('fails its timer, so that the platform counts it', async () => {
    const { fn } = aFunction(jobsFunction, broken)
    await expect(fn.main(TIMER)).rejects.toThrow('jobs cannot start; its log says why')
  })

  test('says so when it is told another store than it carries', async () => {
    const { fn, lines } = aFunction(apiFunction, { STORE: 'cloudbase', DATABASE_URL: undefined })
    expect(envelopeOf(await fn.main(anHttpEvent('GET', '/v1/products'))).status).toBe(503)
    expect(lines.join('')).toContain(
      'STORE: is cloudbase, but this program carries the driver of postgres alone',
    )
  })

  test('is not reached over an unverified connection', async () => {
    const { fn, lines } = aFunction(apiFunction, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(envelopeOf(await fn.main(anHttpEvent('GET', '/v1/products'))).status).toBe(503)
    expect(lines.join('')).toContain('NODE_TLS_REJECT_UNAUTHORIZED')
  })
})

test('a text body above 100 KB is refused in our envelope, below it is read', async () => {
  const { fn } = aFunction(apiFunction)
  const post = (body: string) =>
    fn.main(
      anHttpEvent('POST', '/v1/sessions', {
        headers: { host: 'shop.example.com', 'content-type': 'application/json' },
        body,
      }),
    )
  expect(envelopeOf(await post('x'.repeat(100 * 1024 + 1)))).toMatchObject({
    status: 413,
    ok: false,
    error: { code: 'TOO_LARGE' },
  })
  // Two bytes a character: the bytes count.
  expect(envelopeOf(await post(`"${'é'.repeat(60_000)}"`)).status).toBe(413)
  expect(envelopeOf(await post('x'.repeat(100 * 1024))).status).toBe(400)
})

test('a genuine notification is recorded, over text and over base64, and the order shows it', async () => {
  for (const isBase64Encoded of [false, true]) {
    const notify = aFunction(wxpayNotifyFunction)
    const fields: Record<string, string> = {
      return_code: 'SUCCESS',
      result_code: 'SUCCESS',
      appid: 'wx0123456789abcdef',
      mch_id: '1900000001',
      nonce_str: 'n0nce',
      openid: XIAOLIN,
      trade_type: 'JSAPI',
      bank_type: 'OTHERS',
      total_fee: '17590',
      cash_fee: '17590',
      transaction_id: '4200001234202611231234567890',
      out_trade_no: 'nobody-knows-this-order',
      time_end: '20261123120130',
    }
    const text = `${Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join('&')}&key=${'2'.repeat(32)}`
    const sign = createHmac('sha256', '2'.repeat(32)).update(text).digest('hex').toUpperCase()
    const xml = `<xml>${Object.entries({ ...fields, sign })
      .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
      .join('')}</xml>`
    const send = (body: string): Promise<Answer> =>
      notify.fn.main(
        anHttpEvent('POST', '/wxpay/notify/payment', {
          body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
          isBase64Encoded,
        }),
      )
    const refused = await send(xml.replace('17590', '17591'))
    expect(refused.body).toContain('FAIL')
    expect(notify.store.rows.strays.size).toBe(0)
    const taken = await send(xml)
    expect([taken.statusCode, taken.isBase64Encoded]).toEqual([200, false])
    expect(taken.body).toContain('<return_code><![CDATA[SUCCESS]]></return_code>')
    expect([...notify.store.rows.strays.keys()]).toEqual(['4200001234202611231234567890'])
  }
})

describe('the timer', () => {
  test('runs what is due and says what it did', async () => {
    const { fn, lines } = aFunction(jobsFunction, {}, BEANS)
    expect(await fn.main(TIMER, { time_limit_in_ms: 60_000 })).toEqual({
      ran: expect.objectContaining({
        expire: 0,
        settlePayments: 0,
        settleRefunds: 0,
        effects: 0,
        journal: 0,
      }),
    })
    expect(lines.join('')).toContain('"jobs.ran"')
  })

  /** A clock that a minute passes on, each time it is looked at. */
  const aSlowPlatform = () => {
    let at = performance.now()
    return jest.spyOn(performance, 'now').mockImplementation(() => {
      at += 60_000
      return at
    })
  }
  const claimed = [{ limit: 10, leaseMs: 60_000, now: expect.any(Number) }]

  test.each([60_000, 25_000, 3_000])(
    'begins one piece of work with a time limit of %i ms, and none that it would cut off then',
    async (timeLimitMs) => {
      const { fn, store } = aFunction(jobsFunction, {}, BEANS)
      const claim = jest.spyOn(store.orders, 'claimDue')
      const slow = aSlowPlatform()
      try {
        await fn.main(TIMER, { time_limit_in_ms: timeLimitMs })
      } finally {
        slow.mockRestore()
      }
      expect(claim.mock.calls).toEqual([claimed])
    },
  )

  test('news that are quickly applied leave time to claim orders, however short the time limit is', async () => {
    const { fn, store } = aFunction(jobsFunction, {}, BEANS)
    await store.inbox.put({
      id: 'n-1',
      news: {
        kind: 'refundHint',
        hint: { outTradeNo: 'nobody', outRefundNo: 'nothing', transactionId: '42001' },
      },
      receivedAt: 0,
    })
    const claim = jest.spyOn(store.orders, 'claimDue')
    const still = jest.spyOn(performance, 'now').mockReturnValue(0)
    try {
      await fn.main(TIMER, { time_limit_in_ms: 3_000 })
    } finally {
      still.mockRestore()
    }
    // Once beside the question, and once for what its answer may have set off.
    expect(claim.mock.calls).toEqual([claimed, claimed])
  })

  test.each([
    [3_000, true],
    [25_000, true],
    [25_001, false],
    [60_000, false],
  ])('a time limit of %i ms is too short: %s', async (timeLimitMs, tooShort) => {
    const { fn, lines } = aFunction(jobsFunction, {}, BEANS)
    await fn.main(TIMER, { time_limit_in_ms: timeLimitMs })
    const said = lines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'jobs.timeLimitTooShort')
    expect(said).toMatchObject(
      tooShort
        ? [{ level: 'error', timeLimitMs, advice: 'set the time limit of the function jobs to 60 seconds' }]
        : [],
    )
  })
})

test.each([
  ['api', apiFunction, anHttpEvent('GET', '/v1/products'), 2_000, true, 10],
  ['api', apiFunction, anHttpEvent('GET', '/v1/products'), 5_999, true, 10],
  ['api', apiFunction, anHttpEvent('GET', '/v1/products'), 6_000, false, 10],
  ['wxpay-notify', wxpayNotifyFunction, anHttpEvent('POST', '/wxpay/notify/payment'), 4_999, true, 10],
  ['wxpay-notify', wxpayNotifyFunction, anHttpEvent('POST', '/wxpay/notify/payment'), 5_000, false, 10],
] as const)(
  'the function %s says when its time limit is too short',
  async (name, make, event, timeLimitMs, tooShort, seconds) => {
    const { fn, lines } = aFunction(make, {}, BEANS)
    await fn.main(event, { time_limit_in_ms: timeLimitMs })
    const said = lines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === `${name}.timeLimitTooShort`)
    const advice = `set the time limit of the function ${name} to ${seconds} seconds`
    expect(said).toMatchObject(tooShort ? [{ level: 'error', timeLimitMs, advice }] : [])
  },
)

describe('once it has answered', () => {
  const events: [string, typeof apiFunction, object][] = [
    ['a read', apiFunction, anHttpEvent('GET', '/v1/products')],
    ['a call that is not there', apiFunction, anHttpEvent('GET', '/v1/nothing')],
    ['a notification', wxpayNotifyFunction, anHttpEvent('POST', '/wxpay/notify/refund', { body: '<xml/>' })],
    ['the timer', jobsFunction, TIMER],
    ['a tick', jobsFunction, anHttpEvent('POST', '/internal/tick', { headers: JOBS })],
  ]
  test.each(events)('nothing is under way and no timer is left: %s', async (_, make, event) => {
    const { fn, underWay } = aFunction(make, {}, BEANS)
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    await fn.main(event)
    expect(underWay()).toBe(0)
    expect(timers()).toBe(before)
    const calls = jest.fn()
    // Whatever were to begin later would show itself in the next turns of the loop.
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((next) => setImmediate(next))
      if (underWay() > 0) calls()
    }
    expect(calls).not.toHaveBeenCalled()
  })
})

test('the clock of the shop can be set from within the process, and from nowhere else', async () => {
  const { fn } = aFunction(apiFunction)
  fn.useClock(() => Date.parse('2030-01-01T00:00:00Z'))
  const answer = (await fn.main(anHttpEvent('GET', '/v1/products'))) as Answer
  expect(answer.headers.date).toBe('Tue, 01 Jan 2030 00:00:00 GMT')
})
