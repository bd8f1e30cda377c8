/** Time that stops and steps, certificates that rotate, scenarios, and messages out of order. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Sandbox } from 'wechat-sandbox'
import { aSandbox, aShop, cleanUp, Merchant, newDirectory, START } from './merchant.ts'

afterAll(cleanUp)

const MINUTE = 60_000
const iso = (ms: number) => new Date(START + ms).toISOString()

describe('the clock', () => {
  test('stands still while it is paused, and runs on from there', async () => {
    const time = { now: START }
    const { control } = await aSandbox({ time })
    expect(await control.moveClock({ paused: true })).toMatchObject({ now: iso(0), paused: true })
    time.now += MINUTE
    expect(control.clock()).toMatchObject({ now: iso(0), offsetMs: -MINUTE, paused: true })
    expect((await control.moveClock({ paused: false })).now).toBe(iso(0))
    time.now += MINUTE
    expect(control.clock()).toMatchObject({ now: iso(MINUTE), paused: false })
  })

  test('moves by hand while it is paused, and steps to what is due next', async () => {
    const sandbox = await aSandbox()
    const { control } = sandbox
    const merchant = new Merchant(sandbox)
    await control.moveClock({ paused: true })
    expect(control.clock().nextDueAt).toBeNull()
    expect((await control.moveClock({ step: true })).now).toBe(iso(0))
    await merchant.buy({ out_trade_no: 'CLOCK-1' })
    await control.moveClock({ advanceMs: 0 })
    await merchant.refund('CLOCK-1')
    expect(control.clock().nextDueAt).toBe(iso(1_000))
    expect(control.refund('R-CLOCK-1').state).toBe('PROCESSING')
    expect((await control.moveClock({ step: true })).now).toBe(iso(1_000))
    expect(control.refund('R-CLOCK-1').state).toBe('SUCCESS')
    expect((await control.moveClock({ advanceMs: 500 })).now).toBe(iso(1_500))
  })

  test('what is due already is done although it stands still', async () => {
    const sandbox = await aSandbox()
    const shop = await aShop()
    await sandbox.control.moveClock({ paused: true })
    await new Merchant(sandbox).buy({ out_trade_no: 'CLOCK-2', notify_url: shop.url })
    // Nobody moves the clock: whatever arrives was sent by itself.
    const late = AbortSignal.timeout(4_000)
    while (shop.received.length === 0 && !late.aborted) await new Promise((resolve) => setImmediate(resolve))
    expect(shop.received).toHaveLength(1)
    expect(sandbox.control.clock()).toMatchObject({ now: iso(0), paused: true })
  })

  test('stands still across a restart', async () => {
    const dataDir = await newDirectory()
    const time = { now: START }
    const first = await aSandbox({ dataDir, time })
    await first.control.moveClock({ paused: true, advanceMs: MINUTE })
    await first.close()
    time.now += 60 * MINUTE
    const second = await aSandbox({ dataDir, time })
    expect(second.control.clock()).toMatchObject({ now: iso(MINUTE), paused: true })
  })

  test('goes no further than the last day that WeChat Pay can write, however it is asked to', async () => {
    const END = Date.parse('9999-12-31T00:00:00Z')
    const { control } = await aSandbox({ time: { now: END - 3 * MINUTE } })
    const tooFar = { status: 400, message: expect.stringContaining('the clock ends at 9999-12-31') }
    await expect(control.moveClock({ advanceMs: 3 * MINUTE + 1 })).rejects.toMatchObject(tooFar)
    await expect(control.moveClock({ to: '9999-12-31T00:00:01Z' })).rejects.toMatchObject(tooFar)
    // Each of two is possible, both are not.
    await Promise.all([
      control.moveClock({ advanceMs: 2 * MINUTE }),
      control.moveClock({ advanceMs: 2 * MINUTE }),
    ])
    expect(control.clock()).toMatchObject({ now: '9999-12-31T00:00:00.000Z' })
    await expect(control.moveClock({ advanceMs: 1 })).rejects.toMatchObject(tooFar)
    expect((await control.moveClock({ advanceMs: 0 })).now).toBe('9999-12-31T00:00:00.000Z')
  })

  test.each([[{ paused: 1 }], [{ step: false }], [{ step: true, advanceMs: 1 }]])(
    '%j is refused',
    async (body) => {
      const { control } = await aSandbox()
      await expect(control.moveClock(body)).rejects.toMatchObject({ status: 400 })
    },
  )
})

describe('what is planned', () => {
  const step = (afterMs: number, amountFen: number) => ({
    afterMs,
    call: 'POST /balance',
    body: { amountFen },
  })

  test('what was decided by hand is no longer due', async () => {
    const sandbox = await aSandbox()
    const { control } = sandbox
    const merchant = new Merchant(sandbox)
    await control.moveClock({ paused: true })
    control.addFault({ fault: 'lose-notification', rate: 1 })
    await merchant.buy({ out_trade_no: 'PLANNED-1' })
    await merchant.refund('PLANNED-1')
    expect(control.clock().nextDueAt).toBe(iso(1_000))
    control.settleRefund('R-PLANNED-1', { status: 'SUCCESS' })
    // The settlement of the payment.
    expect(control.clock().nextDueAt).toBe(iso(24 * 60 * MINUTE))
    expect((await control.moveClock({ step: true })).now).toBe(iso(24 * 60 * MINUTE))
    expect(control.clock().nextDueAt).toBeNull()
  })

  test('a notification that was sent by hand is no longer due', async () => {
    const sandbox = await aSandbox()
    const shop = await aShop()
    shop.reply = { status: 500, body: '' }
    await new Merchant(sandbox).buy({ out_trade_no: 'PLANNED-2', notify_url: shop.url })
    await sandbox.control.moveClock({ advanceMs: 0, paused: true })
    expect(sandbox.control.clock().nextDueAt).toBe(iso(15_000))
    shop.reply = { status: 204, body: '' }
    const [{ id } = { id: '' }] = sandbox.control.notifications({}).notifications
    await sandbox.control.sendNotification(id)
    expect(sandbox.control.clock().nextDueAt).toBe(iso(24 * 60 * MINUTE))
  })

  test('clear forgets it: nothing is due, no step of a scenario comes, and a thousand others may', async () => {
    const sandbox = await aSandbox()
    const { control } = sandbox
    await new Merchant(sandbox).buy({ out_trade_no: 'PLANNED-3' })
    control.runScenario({ steps: [step(MINUTE, 1), step(2 * MINUTE, 2)] })
    control.clear()
    expect(control.clock().nextDueAt).toBeNull()
    control.runScenario({ steps: Array.from({ length: 1_000 }, () => step(3 * MINUTE, 5)) })
    await control.moveClock({ advanceMs: 2 * MINUTE })
    expect(control.balance().availableFen).toBe(0)
    await control.moveClock({ advanceMs: MINUTE })
    expect(control.balance().availableFen).toBe(5_000)
  })

  test.each(['tamper', 'forge'])('clear forgets what is on its way: %s leaves nothing', async (how) => {
    const sandbox = await aSandbox()
    const { control } = sandbox
    let answer = () => {}
    let tellArrived = () => {}
    const arrived = new Promise<void>((resolve) => (tellArrived = resolve))
    const shop = createServer((_request, response) => {
      answer = () => response.writeHead(204).end()
      tellArrived()
    })
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
    const address = shop.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    control.addFault({ fault: 'hold-notification' })
    await new Merchant(sandbox).buy({ out_trade_no: 'PLANNED-4', notify_url: `http://127.0.0.1:${port}/n` })
    const [{ id } = { id: '' }] = control.notifications({}).notifications
    const sent =
      how === 'tamper'
        ? control.tamperNotification(id, { fault: 'probe' })
        : control.forgeNotification({ outTradeNo: 'PLANNED-4', fault: 'probe' })
    await arrived
    control.clear()
    answer()
    const { notification } = await sent
    shop.closeAllConnections()
    await new Promise((resolve) => shop.close(resolve))
    expect(notification.attempts).toMatchObject([{ fault: 'probe', ok: true }])
    expect(control.notifications({}).notifications).toEqual([])
  })
})

describe('certificates', () => {
  const list = async (merchant: Merchant) => {
    const { data } = JSON.parse((await merchant.v3('GET', '/v3/certificates')).body)
    return data.map((one: { serial_no: string; encrypt_certificate: never }) => ({
      serialNo: one.serial_no,
      certificate: new X509Certificate(merchant.decrypt(one.encrypt_certificate)),
    }))
  }
  const query = (merchant: Merchant) =>
    merchant.v3('GET', '/v3/certificates', undefined, { headers: { 'Wechatpay-Serial': null } })

  test('rotate in three steps: announced beside the old one, then signing, then alone', async () => {
    const sandbox = await aSandbox()
    const merchant = new Merchant(sandbox)
    const { control, info } = sandbox
    const old = info.platformSerialNo
    expect(control.certificates()).toEqual({ certificates: [{ serialNo: old, state: 'active' }] })
    const { certificates } = await control.rotateCertificate()
    const fresh = certificates[1]?.serialNo ?? ''
    expect(certificates.map(({ state }) => state)).toEqual(['active', 'announced'])
    expect((await list(merchant)).map(({ serialNo }: { serialNo: string }) => serialNo)).toEqual([old, fresh])
    expect((await query(merchant)).headers['wechatpay-serial']).toBe(old)

    await control.rotateCertificate()
    expect(JSON.parse(readFileSync(sandbox.infoFile, 'utf8'))).toEqual({ ...info, platformSerialNo: fresh })
    expect(sandbox.info.platformSerialNo).toBe(fresh)
    const answer = await query(merchant)
    expect(answer.headers['wechatpay-serial']).toBe(fresh)
    const both = await list(merchant)
    expect(merchant.isGenuine(answer.headers, answer.body, both[1].certificate)).toBe(true)
    expect(merchant.isGenuine(answer.headers, answer.body, both[0].certificate)).toBe(false)

    await control.rotateCertificate()
    expect(control.certificates().certificates).toEqual([{ serialNo: fresh, state: 'active' }])
    expect(await list(merchant)).toHaveLength(1)
  })

  test('a rotation outlives a restart, and sandbox.json names the one that signs', async () => {
    const dataDir = await newDirectory()
    const first = await aSandbox({ dataDir })
    await first.control.rotateCertificate()
    const { certificates } = await first.control.rotateCertificate()
    await first.close()
    const second = await aSandbox({ dataDir })
    expect(second.control.certificates()).toEqual({ certificates })
    expect(second.info.platformSerialNo).toBe(certificates.find(({ state }) => state === 'active')?.serialNo)
  })

  test('the move to the public key: some messages come under the other of the two, answers and notifications', async () => {
    const sandbox = await aSandbox()
    const merchant = new Merchant(sandbox)
    const shop = await aShop()
    const { control, info } = sandbox
    control.addFault({
      fault: 'public-key-ramp',
      rate: 0.5,
      seed: 'ramp',
      match: { path: '/v3/certificates' },
    })
    const serials: unknown[] = []
    for (let i = 0; i < 12; i++) serials.push((await query(merchant)).headers['wechatpay-serial'])
    expect(new Set(serials)).toEqual(new Set([info.publicKeyId, info.platformSerialNo]))
    control.addFault({ fault: 'public-key-rollback', on: 'notification' })
    await merchant.buy({ out_trade_no: 'RAMP-1', notify_url: shop.url })
    await control.moveClock({ advanceMs: 0 })
    const [notice] = shop.received
    expect(notice?.headers['wechatpay-serial']).toBe(info.platformSerialNo)
    const [{ certificate }] = await list(merchant)
    expect(merchant.isGenuine(notice?.headers ?? {}, notice?.body ?? '', certificate)).toBe(true)
  })
})

describe('notifications', () => {
  const arrived = (merchant: Merchant, shop: { received: readonly { body: string }[] }) =>
    shop.received.map(({ body }) => JSON.parse(merchant.decrypt(JSON.parse(body).resource)).out_trade_no)

  test('reorder-notification: the first arrives after the second', async () => {
    const sandbox = await aSandbox()
    const merchant = new Merchant(sandbox)
    const shop = await aShop()
    sandbox.control.addFault({ fault: 'reorder-notification', match: { outTradeNo: 'ORDER-A' } })
    await merchant.buy({ out_trade_no: 'ORDER-A', notify_url: shop.url })
    await sandbox.control.moveClock({ advanceMs: MINUTE })
    expect(shop.received).toHaveLength(0)
    await merchant.buy({ out_trade_no: 'ORDER-B', notify_url: shop.url })
    await sandbox.control.moveClock({ advanceMs: 0 })
    expect(arrived(merchant, shop)).toEqual(['ORDER-B', 'ORDER-A'])
  })

  test.each(['wrong-signature', 'unsigned', 'probe', 'other-order-body'])(
    'a tampered one (%s) changes nothing about the real one, even when it is acknowledged',
    async (fault) => {
      const sandbox = await aSandbox()
      const merchant = new Merchant(sandbox)
      const shop = await aShop()
      sandbox.control.addFault({ fault: 'hold-notification' })
      await merchant.buy({ out_trade_no: 'TAMPER-1', notify_url: shop.url })
      const [{ id } = { id: '' }] = sandbox.control.notifications({}).notifications
      const { notification } = await sandbox.control.tamperNotification(id, { fault })
      expect(notification).toMatchObject({ status: 'held', attempts: [{ fault, ok: true }] })
      const [received] = shop.received
      const isGenuine = merchant.isGenuine(received?.headers ?? {}, received?.body ?? '')
      expect(isGenuine).toBe(fault === 'other-order-body')
      await expect(sandbox.control.tamperNotification(id, { fault: '500' })).rejects.toMatchObject({
        status: 400,
      })
      await expect(sandbox.control.tamperNotification('none', { fault })).rejects.toMatchObject({
        status: 404,
      })
    },
  )
})

describe('a scenario', () => {
  const story = {
    faults: [{ fault: '500', times: 1, match: { path: '/v3/certificates' } }],
    steps: [
      { afterMs: MINUTE, call: 'POST /balance', body: { amountFen: 700 } },
      { afterMs: 2 * MINUTE, call: 'POST /balance', body: { amountFen: -10_000 } },
      {
        afterMs: 3 * MINUTE,
        call: 'POST /faults',
        body: { fault: '429', match: { path: '/v3/certificates' } },
      },
    ],
  }
  const play = async (sandbox: Sandbox) => {
    const merchant = new Merchant(sandbox)
    const statuses = []
    for (let minute = 0; minute < 5; minute++) {
      statuses.push((await merchant.v3('GET', '/v3/certificates')).status)
      await sandbox.control.moveClock({ advanceMs: MINUTE })
    }
    return [statuses, sandbox.control.balance().availableFen]
  }

  test('plans its faults at once and its steps on the virtual clock; a refused step doesn’t stop it', async () => {
    const log: string[] = []
    const sandbox = await aSandbox({ log: (event) => log.push(event) })
    expect(sandbox.control.runScenario(story)).toEqual({ faults: [expect.any(String)], steps: 3 })
    expect(await play(sandbox)).toEqual([[500, 200, 200, 429, 200], 700])
    expect(log.filter((event) => event === 'scenario.refused')).toHaveLength(1)
  })

  test('tells the same story again', async () => {
    const again = await aSandbox()
    again.control.runScenario(story)
    expect(await play(again)).toEqual([[500, 200, 200, 429, 200], 700])
  })

  test('there are no more than a thousand faults at once, nor steps to come', async () => {
    const { control } = await aSandbox()
    const many = (count: number) => ({
      faults: Array.from({ length: count }, () => ({ fault: '500', rate: 0 })),
      steps: Array.from({ length: count }, () => ({
        afterMs: MINUTE,
        call: 'POST /balance',
        body: { amountFen: 1 },
      })),
    })
    control.runScenario(many(999))
    expect(() => control.runScenario({ faults: many(2).faults })).toThrow('1000 faults at once')
    expect(() => control.runScenario({ steps: many(2).steps })).toThrow('1000 steps to come')
    expect(control.faults().faults).toHaveLength(999)
    control.runScenario(many(1))
    await control.moveClock({ advanceMs: MINUTE })
    expect(control.balance().availableFen).toBe(1_000)
    control.runScenario({ steps: many(1_000).steps })
  })

  test.each<[string, object]>([
    ['steps[0].call', { steps: [{ afterMs: 0, call: 'GET /clock' }] }],
    ['steps[0].call: there is no /ballance', { steps: [{ afterMs: 0, call: 'POST /ballance' }] }],
    ['steps[0].call: /balance takes', { steps: [{ afterMs: 0, call: 'DELETE /balance' }] }],
    ['POST /clock', { steps: [{ afterMs: 0, call: 'POST /clock' }] }],
    ['steps[0].afterMs', { steps: [{ afterMs: -1, call: 'POST /balance' }] }],
    ['faults[1]', { faults: [{ fault: '500' }, { fault: 'nothing' }] }],
    ['chapters', { chapters: [] }],
    ['steps', { steps: {} }],
  ])('is taken whole or not at all: %s is named', async (named, body) => {
    const { control } = await aSandbox()
    expect(() => control.runScenario(body as Record<string, unknown>)).toThrow(named)
    expect(control.faults().faults).toEqual([])
  })
})
