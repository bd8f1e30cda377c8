/** Every fault there is: seen once, seen while it stands, seen at its rate in the same places for the same seed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FAULT_NAMES, type FaultName, type Sandbox } from 'wechat-sandbox'
import { aSandbox, aShop, cleanUp, fromXml, Merchant, type Received, type Shop } from './merchant.ts'

afterAll(cleanUp)

const MINUTE = 60_000

interface World {
  readonly sandbox: Sandbox
  readonly merchant: Merchant
  readonly shop: Shop
  number: number
}

/** The 23rd of November, 10:01 in China; yesterday one order was paid. */
async function aWorld(): Promise<World> {
  const sandbox = await aSandbox()
  const world = { sandbox, merchant: new Merchant(sandbox), shop: await aShop(), number: 0 }
  await world.merchant.buy({ out_trade_no: 'YESTERDAY-1', notify_url: world.shop.url })
  await sandbox.control.moveClock({ to: '2026-11-23T10:01:00+08:00' })
  return world
}

/** Does one thing that the fault can strike; true when it did. */
type Act = (world: World) => Promise<boolean>

const newNumber = (world: World): string => {
  world.number += 1
  return `ACT-${String(world.number).padStart(4, '0')}`
}

const certificates = ({ merchant }: World, headers: Record<string, string | null> = {}) =>
  merchant.v3('GET', '/v3/certificates', undefined, { headers })
const isCut: Act = (world) =>
  certificates(world).then(
    () => false,
    () => true,
  )
const hasStatus =
  (status: number): Act =>
  async (world) =>
    (await certificates(world)).status === status

const isGenuine = ({ merchant }: World, { headers, body }: Pick<Received, 'headers' | 'body'>): boolean =>
  merchant.isGenuine(headers, body)

/** What the shop was told about a fresh payment. */
async function told(world: World): Promise<{ outTradeNo: string; received: Received[] }> {
  const outTradeNo = newNumber(world)
  const { sandbox, merchant, shop } = world
  const before = shop.received.length
  await merchant.buy({ out_trade_no: outTradeNo, notify_url: shop.url })
  await sandbox.control.moveClock({ advanceMs: 0 })
  return { outTradeNo, received: shop.received.slice(before) }
}

const aboutOf = ({ merchant }: World, { body }: Received): string =>
  JSON.parse(merchant.decrypt(JSON.parse(body).resource)).out_trade_no

const isMissing: Act = async (world) => {
  const { outTradeNo, received } = await told(world)
  return !received.some((one) => aboutOf(world, one) === outTradeNo)
}

const notice =
  (isSpoilt: (world: World, one: Received, outTradeNo: string) => boolean): Act =>
  async (world) => {
    const { outTradeNo, received } = await told(world)
    const [one] = received
    if (one === undefined) throw new Error('nothing arrived')
    return isSpoilt(world, one, outTradeNo)
  }

async function refundOf(world: World) {
  const outTradeNo = newNumber(world)
  await world.merchant.buy({ out_trade_no: outTradeNo, notify_url: world.shop.url })
  const answer = await world.merchant.refund(outTradeNo)
  return { outRefundNo: `R-${outTradeNo}`, code: JSON.parse(answer.body).code }
}

const refundEnds =
  (state: string): Act =>
  async (world) => {
    const { outRefundNo } = await refundOf(world)
    await world.sandbox.control.moveClock({ advanceMs: 1_000 })
    return world.sandbox.control.refund(outRefundNo).state === state
  }

const refundIsRefused =
  (code: string): Act =>
  async (world) =>
    (await refundOf(world)).code === code

async function yesterdaysBill({ merchant, sandbox }: World) {
  const answer = JSON.parse((await merchant.v3('GET', '/v3/bill/tradebill?bill_date=2026-11-22')).body)
  if (answer.code !== undefined) return { code: String(answer.code), lines: [], isWhole: false }
  const url = String(answer.download_url).slice(sandbox.info.baseUrl.length)
  const file = await merchant.v3('GET', url)
  const { createHash } = await import('node:crypto')
  const isWhole = createHash('sha1').update(file.bytes).digest('hex') === answer.hash_value
  return { code: undefined, lines: file.body.split('\r\n'), isWhole }
}

const bill =
  (isSpoilt: (bill: Awaited<ReturnType<typeof yesterdaysBill>>) => boolean): Act =>
  async (world) =>
    isSpoilt(await yesterdaysBill(world))

const cashier =
  (outcome: (world: World, outTradeNo: string) => Promise<boolean>): Act =>
  (world) =>
    outcome(world, newNumber(world))

const ACTS = {
  'drop-before': isCut,
  'apply-then-drop': isCut,
  reset: isCut,
  delay: async (world) => {
    const before = world.sandbox.control.faults().faults[0]?.struck ?? 0
    await certificates(world)
    const after = world.sandbox.control.faults().faults[0]?.struck
    // A used-up one is gone from the list: it struck last time.
    return after === undefined ? !('delayIsOver' in world && world.delayIsOver) : after > before
  },
  '500': hasStatus(500),
  '429': hasStatus(429),
  'wrong-signature': async (world) => !isGenuine(world, await certificates(world)),
  unsigned: async (world) => (await certificates(world)).headers['wechatpay-signature'] === undefined,
  probe: async (world) =>
    String((await certificates(world)).headers['wechatpay-signature']).startsWith('WECHATPAY/SIGNTEST/'),
  'stale-timestamp': async (world) => {
    const answer = await certificates(world)
    expect(isGenuine(world, answer)).toBe(true)
    return world.merchant.realNow() / 1_000 - Number(answer.headers['wechatpay-timestamp']) === 600
  },
  'other-order-body': async (world) => {
    const answer = await world.merchant.query('YESTERDAY-1')
    expect(isGenuine(world, answer)).toBe(true)
    return JSON.parse(answer.body).out_trade_no !== 'YESTERDAY-1'
  },
  'public-key-ramp': async (world) => {
    const answer = await certificates(world, { 'Wechatpay-Serial': null })
    return answer.headers['wechatpay-serial'] === world.sandbox.info.publicKeyId
  },
  'public-key-rollback': async (world) =>
    (await certificates(world)).headers['wechatpay-serial'] === world.sandbox.info.platformSerialNo,
  'lose-notification': isMissing,
  'hold-notification': isMissing,
  'reorder-notification': isMissing,
  'duplicate-notification': async (world) => {
    const { received } = await told(world)
    expect(new Set(received.map(({ body }) => JSON.parse(body).id)).size).toBe(1)
    return received.length === 2
  },
  'unsigned-notification': notice((_world, { headers }) => headers['wechatpay-signature'] === undefined),
  'forged-notification': notice(
    (world, one) => one.headers['wechatpay-signature'] !== undefined && !isGenuine(world, one),
  ),
  'ambiguous-v2': async (world) => {
    const before = world.shop.received.length
    await world.merchant.buyV2({ out_trade_no: newNumber(world), notify_url: world.shop.url, attach: 'x' })
    await world.sandbox.control.moveClock({ advanceMs: 0 })
    const fields = fromXml(world.shop.received[before]?.body ?? '')
    expect(fields.sign).toBe(world.merchant.signV2(fields, 'HMAC-SHA256'))
    return fields.attach === 'a&total_fee=1'
  },
  'wrong-amount': cashier(async ({ merchant, sandbox }, outTradeNo) => {
    await merchant.buy({ out_trade_no: outTradeNo })
    return sandbox.control.trade(outTradeNo).transactions[0]?.paidFen === 2000
  }),
  'pay-after-close': cashier(async ({ merchant, sandbox }, outTradeNo) => {
    const sheet = merchant.payParameters(await merchant.prepay({ out_trade_no: outTradeNo }))
    await merchant.close(outTradeNo)
    sandbox.control.cashier({ ...sheet, openid: 'openid-alice', action: 'pay' })
    return sandbox.control.trade(outTradeNo).transactions.length === 1
  }),
  'second-payment': cashier(async ({ merchant, sandbox }, outTradeNo) => {
    const sheet = merchant.payParameters(await merchant.prepay({ out_trade_no: outTradeNo }))
    for (let time = 0; time < 2; time++)
      sandbox.control.cashier({ ...sheet, openid: 'openid-alice', action: 'pay' })
    return sandbox.control.trade(outTradeNo).transactions.length === 2
  }),
  'refund-abnormal': refundEnds('ABNORMAL'),
  'refund-closed': refundEnds('CLOSED'),
  'hold-refund': refundEnds('PROCESSING'),
  'not-enough': refundIsRefused('NOT_ENOUGH'),
  'user-account-abnormal': refundIsRefused('USER_ACCOUNT_ABNORMAL'),
  'frequency-limited': refundIsRefused('FREQUENCY_LIMITED'),
  'bill-not-ready': bill(({ code }) => code === 'STATEMENT_CREATING'),
  'bill-damaged': bill(({ isWhole, lines }) => !isWhole && lines.length === 5),
  'bill-cut': bill(({ isWhole, lines }) => !isWhole && lines.length < 5),
  'bill-missing-row': bill(({ isWhole, lines }) => isWhole && lines.length === 4),
  'bill-extra-row': bill(({ isWhole, lines }) => isWhole && /`EXTRA/.test(lines[2] ?? '')),
  'bill-duplicate-row': bill(({ isWhole, lines }) => isWhole && lines[1] === lines[2]),
  'bill-wrong-amount': bill(({ isWhole, lines }) => isWhole && /`20\.00,/.test(lines[1] ?? '')),
  'bill-wrong-status': bill(({ isWhole, lines }) => isWhole && /,`REVOKED,/.test(lines[1] ?? '')),
} as const satisfies Record<FaultName, Act>

/** Those that can be told to strike notifications instead, and what is wrong with one then. */
const IN_NOTICES = {
  delay: (_world, _one, _outTradeNo) => true,
  'wrong-signature': (world, one) => !isGenuine(world, one),
  unsigned: (_world, { headers }) => headers['wechatpay-signature'] === undefined,
  probe: (_world, { headers }) => String(headers['wechatpay-signature']).startsWith('WECHATPAY/SIGNTEST/'),
  'stale-timestamp': (world, one) =>
    world.merchant.realNow() / 1_000 - Number(one.headers['wechatpay-timestamp']) === 600,
  'other-order-body': (world, one, outTradeNo) => isGenuine(world, one) && aboutOf(world, one) !== outTradeNo,
  'public-key-ramp': (world, one) => one.headers['wechatpay-serial'] === world.sandbox.info.publicKeyId,
  'public-key-rollback': (world, one) =>
    one.headers['wechatpay-serial'] === world.sandbox.info.platformSerialNo,
} as const satisfies Partial<Record<FaultName, (world: World, one: Received, outTradeNo: string) => boolean>>

const MORE: Partial<Record<FaultName, object>> = { delay: { ms: 1 } }
const plan = ({ sandbox }: World, fault: FaultName, more: object = {}) =>
  sandbox.control.addFault({ fault, ...MORE[fault], ...more })

describe.each(FAULT_NAMES)('%s', (fault) => {
  const act: Act = ACTS[fault]

  test('strikes once, or as long as it stands', async () => {
    const world = await aWorld()
    plan(world, fault)
    expect(await act(world)).toBe(true)
    Object.assign(world, { delayIsOver: true })
    expect(await act(world)).toBe(false)
    expect(world.sandbox.control.faults().faults).toEqual([])
    const { id } = plan(world, fault, { rate: 1 })
    expect([await act(world), await act(world)]).toEqual([true, true])
    world.sandbox.control.removeFault(id)
    expect(await act(world)).toBe(false)
  })

  test('strikes in the same places for the same seed, in others for another', async () => {
    const series = async (seed: string) => {
      const world = await aWorld()
      plan(world, fault, { rate: 0.5, seed })
      const struck: boolean[] = []
      for (let time = 0; time < 8; time++) struck.push(await act(world))
      return struck
    }
    // The chance is drawn from the seed alone, so every fault has the same series.
    expect(await series('monday')).toEqual([false, false, false, true, false, false, true, false])
    expect(await series('tuesday')).not.toEqual(await series('monday'))
  })
})

describe('in notifications', () => {
  test.each(Object.keys(IN_NOTICES) as (keyof typeof IN_NOTICES)[])('%s', async (fault) => {
    const world = await aWorld()
    const { control } = world.sandbox
    control.addFault({ fault, ...MORE[fault], on: 'notification' })
    const { outTradeNo, received } = await told(world)
    const [one] = received
    if (one === undefined) throw new Error('nothing arrived')
    expect(IN_NOTICES[fault](world, one, outTradeNo)).toBe(true)
    expect(control.notifications({ outTradeNo }).notifications).toMatchObject([{ attempts: [{ fault }] }])
    // The request was left alone, and so is the next notification.
    const next = await told(world)
    expect(control.notifications({ outTradeNo: next.outTradeNo }).notifications).toMatchObject([
      { attempts: [{ fault: null }] },
    ])
  })

  test('a reordered one waits across a restart', async () => {
    const world = await aWorld()
    plan(world, 'reorder-notification')
    const { outTradeNo } = await told(world)
    await world.sandbox.close()
    const sandbox = await aSandbox({ dataDir: join(world.sandbox.infoFile, '..') })
    const again = { ...world, sandbox, merchant: new Merchant(sandbox), number: 100 }
    const { received } = await told(again)
    await sandbox.control.moveClock({ advanceMs: 0 })
    expect(received.length).toBeGreaterThan(0)
    expect(sandbox.control.notifications({ outTradeNo }).notifications[0]?.status).toBe('delivered')
  })
})

describe('a delayed answer', () => {
  const placing = (world: World, outTradeNo: string) =>
    world.merchant
      .v3('POST', '/v3/pay/transactions/jsapi', world.merchant.order({ out_trade_no: outTradeNo }))
      .then(
        () => 'answered',
        () => 'cut',
      )
  const isTaken = async ({ sandbox }: World) => {
    while (sandbox.control.faults().faults.length > 0) await new Promise(setImmediate)
  }

  test('comes after the order was made', async () => {
    const world = await aWorld()
    plan(world, 'delay', { ms: 600_000 })
    const answer = placing(world, 'LATE-0001')
    await isTaken(world)
    expect(world.sandbox.control.trade('LATE-0001').state).toBe('NOTPAY')
    await world.sandbox.close()
    expect(await answer).toMatch(/answered|cut/)
  })

  test('or, when that is not applied, before', async () => {
    const world = await aWorld()
    plan(world, 'delay', { ms: 600_000, applied: false })
    const answer = placing(world, 'LATE-0001')
    await isTaken(world)
    expect(() => world.sandbox.control.trade('LATE-0001')).toThrow('no trade')
    await world.sandbox.close()
    expect(await answer).toMatch(/answered|cut/)
  })
})

describe('the cookbook of the README', () => {
  const readme = readFileSync(join(__dirname, '../../packages/wechat-sandbox/README.md'), 'utf8')
  const cookbook = readme.split('## Faults cookbook')[1]?.split('\n## ')[0] ?? ''
  const recipes = [...cookbook.matchAll(/`(\{"fault".*?\})`/g)].map(([, json = '']) => json)

  test('has a line for every fault', () => {
    const named = new Set(recipes.map((json) => JSON.parse(json).fault))
    expect(FAULT_NAMES.filter((name) => !named.has(name))).toEqual([])
  })

  test.each(recipes)('%s is planned as it stands there, and strikes', async (json) => {
    const world = await aWorld()
    const { match: _match, ...recipe } = JSON.parse(json)
    expect(() => world.sandbox.control.addFault(JSON.parse(json))).not.toThrow()
    for (const { id } of world.sandbox.control.faults().faults) world.sandbox.control.removeFault(id)
    // In its place: no real wait, and for whatever order the act uses.
    const { id } = world.sandbox.control.addFault({
      ...recipe,
      ...(recipe.ms === undefined ? {} : { ms: 1 }),
      rate: 1,
    })
    const fault: FaultName = recipe.fault
    if (fault in IN_NOTICES && recipe.on === 'notification') await told(world)
    else await ACTS[fault](world).catch(() => undefined)
    expect(world.sandbox.control.faults().faults).toMatchObject([{ id, fault }])
    expect(world.sandbox.control.faults().faults[0]?.struck).toBeGreaterThan(0)
  })

  test('names control calls that there are', async () => {
    const { info } = await aSandbox()
    const calls = [...cookbook.matchAll(/`(POST|DELETE) (\/[^`\s]*)`/g)]
    expect(calls.length).toBeGreaterThan(3)
    const { findRoute } = jest.requireActual<
      typeof import('../../packages/wechat-sandbox/src/control/routes.ts')
    >('../../packages/wechat-sandbox/src/control/routes.ts')
    for (const [, method = '', path = ''] of calls) expect(() => findRoute(method, path)).not.toThrow()
    expect(info.controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:/)
  })
})

describe('a scenario', () => {
  const story = {
    faults: [
      { fault: '500', rate: 0.3, seed: 'monday', match: { path: '/v3/pay/*' } },
      { fault: 'unsigned', rate: 0.2, seed: 'tuesday' },
      { fault: 'duplicate-notification', rate: 0.5, seed: 'wednesday' },
      { fault: 'lose-notification', rate: 0.2, seed: 'thursday' },
      { fault: 'refund-abnormal', rate: 0.4, seed: 'friday' },
    ],
    steps: [
      { afterMs: 2 * MINUTE, call: 'POST /balance', body: { amountFen: 700 } },
      { afterMs: 4 * MINUTE, call: 'POST /faults', body: { fault: '429', rate: 0.5, seed: 'x' } },
      { afterMs: 6 * MINUTE, call: 'POST /balance', body: { amountFen: -100 } },
    ],
  }

  /** All that can be seen of it, the numbers and nonces that WeChat Pay makes up written as their kind. */
  async function tell(): Promise<string> {
    const world = await aWorld()
    const { sandbox, merchant, shop } = world
    sandbox.control.runScenario(JSON.parse(JSON.stringify(story)))
    const seen: unknown[] = []
    for (let minute = 0; minute < 8; minute++) {
      const outTradeNo = `STORY-${minute}`
      const order = merchant.order({ out_trade_no: outTradeNo, notify_url: shop.url })
      const placed = await merchant.v3('POST', '/v3/pay/transactions/jsapi', order)
      seen.push([
        placed.status,
        Object.keys(placed.headers)
          .filter((name) => /^wechatpay/.test(name))
          .sort(),
      ])
      if (placed.status === 200) {
        const sheet = merchant.payParameters(JSON.parse(placed.body).prepay_id)
        seen.push(sandbox.control.cashier({ ...sheet, openid: 'openid-alice', action: 'pay' }))
        const refunded = await merchant.refund(outTradeNo)
        seen.push([refunded.status, JSON.parse(refunded.body).status ?? JSON.parse(refunded.body).code])
      }
      await sandbox.control.moveClock({ advanceMs: MINUTE })
    }
    seen.push(shop.received.length, sandbox.control.balance(), sandbox.control.clock())
    seen.push(sandbox.control.ledger({}))
    const { notifications } = sandbox.control.notifications({})
    seen.push(
      notifications.map(({ status, createdAt, nextAttemptAt, attempts, content }) => [
        status,
        createdAt,
        nextAttemptAt,
        content,
        attempts.map(({ at, fault, ok, decrypted }) => [at, fault, ok, decrypted]),
      ]),
    )
    seen.push(sandbox.control.faults().faults.map(({ matched, struck }) => [matched, struck]))
    return JSON.stringify(seen)
      .replaceAll(sandbox.info.mchid, '<mchid>')
      .replaceAll(sandbox.info.appid, '<appid>')
      .replace(/\b4200000000\d{18}\b/g, '<transaction>')
      .replace(/\b5030\d{25}\b/g, '<refund>')
  }

  test('tells the same story again, to the byte, but for the numbers that are made up', async () => {
    const first = await tell()
    expect(first).toContain('500')
    expect(first).toContain('lost')
    expect(first).toContain('CHANGE')
    expect(await tell()).toBe(first)
  })
})
