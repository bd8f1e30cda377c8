/** Who calls, how often, and from where. */
import { createJobQueue, createRateLimiter } from '@yuanlu/backend'
import { anHttpWorld } from '../support/http-world'
import { aStartedPayment, aWorld, NOON, XIAOLIN } from '../support/shop-world'

const sentAddress = async (trustProxy: number, forwarded: string): Promise<string | undefined> => {
  const http = anHttpWorld({ trustProxy })
  const token = await http.signIn(XIAOLIN)
  const body = { items: [{ productId: 'cup', quantity: 1 }] }
  const placed = await http.request('POST', '/v1/orders', { token, key: 'k', body })
  await http.request('POST', `/v1/orders/${placed.json.data.orderId}/payment`, {
    token,
    headers: { 'X-Forwarded-For': forwarded },
  })
  return http.world.wechat.sent[0]?.payerClientIp
}

test.each([
  ['nobody is believed unless configured', 0, '198.51.100.1', '127.0.0.1'],
  ['one proxy: the last hop', 1, '203.0.113.9, 198.51.100.1', '198.51.100.1'],
  ['two proxies: the last but one', 2, 'evil, 198.51.100.1, 10.0.0.1', '198.51.100.1'],
  ['fewer hops than proxies', 3, '198.51.100.1', '127.0.0.1'],
  ['garbage', 1, '<script>', '127.0.0.1'],
  ['an address with a port', 1, '198.51.100.1:4711', '127.0.0.1'],
  ['nothing behind the comma', 1, '198.51.100.1,', '127.0.0.1'],
  ['IPv6', 1, '2001:db8::1', '2001:db8::1'],
  ['IPv4 in IPv6', 1, '::FFFF:198.51.100.1', '198.51.100.1'],
  ['a zone, which means nothing to WeChat Pay', 1, 'fe80::1%eth0', 'fe80::1'],
])('the payer’s address: %s', async (_, trustProxy, forwarded, expected) => {
  expect(await sentAddress(trustProxy, forwarded)).toBe(expected)
})

test('whoever tries tokens has to wait, too', async () => {
  const http = anHttpWorld()
  const statuses: number[] = []
  for (let i = 0; i < 60; i++)
    statuses.push((await http.request('GET', '/v1/me', { token: `guess-${i}` })).status)
  expect(statuses.slice(0, 50).every((status) => status === 401)).toBe(true)
  expect(statuses.at(-1)).toBe(429)
})

test('a limiter remembers a bounded number of callers, and forgets the longest silent one', () => {
  const limiter = createRateLimiter({ burst: 1, perSecond: 1 })
  for (let i = 0; i < 20_001; i++) expect(limiter.take(`caller-${i}`, NOON)).toBe(0)
  expect(limiter.take('caller-1', NOON)).toBe(1)
  expect(limiter.take('caller-0', NOON)).toBe(0)
})

test('a clock that is set back neither locks a caller out nor lets him in for free', () => {
  const limiter = createRateLimiter({ burst: 1, perSecond: 1 })
  expect(limiter.take('a', NOON)).toBe(0)
  expect(limiter.take('a', NOON - 3_600_000)).toBe(1)
  expect(limiter.take('a', NOON - 3_600_000 + 1_000)).toBe(0)
})

test('names that a caller invents come back short', async () => {
  const http = anHttpWorld()
  const body = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${'x'.repeat(150)}${i}`, 1]))
  const answer = await http.request('POST', '/v1/sessions', { body: { code: 'c', ...body } })
  expect(answer.status).toBe(400)
  expect(answer.text.length).toBeLessThan(3_000)
})

test('a body that breaks off is the caller’s matter and no bug of ours', async () => {
  const http = anHttpWorld()
  const raw = new ReadableStream<Uint8Array>({
    pull: (stream) => stream.error(new Error('aborted')),
  })
  const answer = await http.request('POST', '/v1/sessions', {
    raw,
    headers: { 'Content-Type': 'application/json' },
  })
  expect(answer).toMatchObject({ status: 400, json: { error: { code: 'INVALID_INPUT' } } })
  expect(http.world.events.filter((event) => event.level === 'error')).toEqual([])
})

test('a tick that comes while jobs run answers when what was due is done', async () => {
  const world = aWorld()
  const orderId = await aStartedPayment(world)
  world.now = NOON + 15 * 60_000
  const runJobs = createJobQueue(world)
  const resident = runJobs(200)
  const tick = await runJobs(1_000)
  expect(tick).toMatchObject({ expire: 0 })
  expect(world.order(orderId).state).toBe('closed')
  expect(await resident).toMatchObject({ expire: 1 })
})

test('a run that fails does not stop the next one', async () => {
  const world = aWorld()
  const runJobs = createJobQueue(world)
  const { claimDue } = world.store.orders
  world.store.orders.claimDue = () => Promise.reject(new Error('store is away'))
  const failed = runJobs(1)
  await expect(failed).rejects.toThrow('store is away')
  world.store.orders.claimDue = claimDue
  expect(await runJobs(1)).toMatchObject({ expire: 0 })
})

test('no log line names a shopper in full', async () => {
  const http = anHttpWorld()
  const token = await http.signIn(XIAOLIN)
  const body = { items: [{ productId: 'cup', quantity: 1 }], remark: 'remark-canary' }
  const placed = await http.request('POST', '/v1/orders', { token, key: 'k', body })
  const order = `/v1/orders/${placed.json.data.orderId}`
  await http.request('POST', `${order}/payment`, { token })
  http.world.wechat.nextAnswer.query = { kind: 'unknown', reason: 'ERR_WXPAY_TIMEOUT' }
  await http.request('POST', `${order}/payment/sync`, { token })
  http.world.wechat.pay(placed.json.data.orderId, { totalFen: 1 })
  await http.request('POST', `${order}/payment/sync`, { token })
  http.world.store.failNextWrite = new Error('boom')
  await http.request('POST', '/v1/orders', { token, key: 'l', body })
  const lines = JSON.stringify(http.world.events)
  expect(lines).toContain('payment.misplaced')
  for (const secret of [XIAOLIN, token, 'remark-canary']) expect(lines).not.toContain(secret)
})
