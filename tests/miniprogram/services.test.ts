/** @module The services behind the pages: signing in, repeating, keeping keys, paying. */
import { anOrder, aProduct } from './an-order.ts'
import { after, createFakeWx, ok, refused, type Script } from './fake-wx.ts'

const me = ok({ openid: 'o1', roles: [] })
const session = (token: string) => ok({ token, expiresAt: '2026-11-22T14:00:00.000Z', roles: [] })

/** A fresh mini-program: its modules are loaded again, with this `wx`. */
const start = async (script: Script) => {
  jest.resetModules()
  const fake = createFakeWx({ 'POST /v1/sessions': [session('t1'), session('t2')], ...script })
  Object.assign(globalThis, { wx: fake.wx })
  const { api } = await import('../../miniprogram/services/api.ts')
  return { ...fake, api }
}

const authorizations = (sent: readonly { path: string; header: Record<string, string> }[], path: string) =>
  sent.filter((request) => request.path === path).map(({ header }) => header.Authorization)

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask'] })
})

afterEach(() => {
  jest.useRealTimers()
})

/** Lets the pauses between repetitions pass. */
const settled = async <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined)
  await jest.advanceTimersByTimeAsync(10_000)
  return promise
}

describe('signing in', () => {
  test('callers at the same time share one sign-in', async () => {
    const { api, sent, platform } = await start({
      'GET /v1/me': me,
      'GET /v1/orders': ok({ items: [], nextCursor: null }),
    })
    await Promise.all([api.getMe(), api.listOrders(), api.getMe()])
    expect(platform.logins).toBe(1)
    expect(authorizations(sent, '/v1/me')).toEqual(['Bearer t1', 'Bearer t1'])
  })

  test('the catalogue needs no sign-in', async () => {
    const { api, platform, sent } = await start({ 'GET /v1/products': ok({ items: [aProduct()] }) })
    await api.listProducts()
    expect(platform.logins).toBe(0)
    expect(sent[0]?.header).not.toHaveProperty('Authorization')
  })

  test('a refused token is replaced once, also for a write', async () => {
    const { api, sent, platform } = await start({
      'POST /v1/orders/O1/cancel': [refused(401, 'NOT_SIGNED_IN'), ok(anOrder({ status: 'closed' }))],
    })
    const order = await api.cancelOrder({ params: { orderId: 'O1' } })
    expect(order.status).toBe('closed')
    expect(platform.logins).toBe(2)
    expect(authorizations(sent, '/v1/orders/O1/cancel')).toEqual(['Bearer t1', 'Bearer t2'])
  })

  test('a token refused twice is a failure, not a loop', async () => {
    const { api, sent } = await start({ 'GET /v1/me': refused(401, 'NOT_SIGNED_IN') })
    await expect(settled(api.getMe())).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
    expect(authorizations(sent, '/v1/me')).toHaveLength(2)
  })

  test('two calls refused at once sign in again once', async () => {
    const { api, platform } = await start({
      'GET /v1/me': ({ header }) =>
        header.Authorization === 'Bearer t1'
          ? refused(401, 'NOT_SIGNED_IN')
          : ok({ openid: 'o1', roles: [] }),
    })
    await Promise.all([api.getMe(), api.getMe()])
    expect(platform.logins).toBe(2)
  })

  test('a refusal that arrives after a newer sign-in does not drop it', async () => {
    const { api, platform } = await start({
      'GET /v1/me': [refused(401, 'NOT_SIGNED_IN'), after(1_000, refused(401, 'NOT_SIGNED_IN')), me, me],
    })
    await settled(Promise.all([api.getMe(), api.getMe()]))
    expect(platform.logins).toBe(2)
  })

  test('a failed wx.login is a failure of its own, and the next call tries again', async () => {
    const { api, platform } = await start({ 'POST /v1/orders/O1/received': ok(anOrder()) })
    platform.loginFails = true
    const received = () => api.confirmReceipt({ params: { orderId: 'O1' } })
    await expect(received()).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
    platform.loginFails = false
    await expect(received()).resolves.toMatchObject({ orderId: 'O20261122A' })
  })
})

describe('repeating', () => {
  test('a read without an answer is sent again', async () => {
    const { api, sent } = await start({ 'GET /v1/products': ['no answer', ok({ items: [] })] })
    await expect(settled(api.listProducts())).resolves.toEqual({ items: [] })
    expect(sent).toHaveLength(2)
  })

  test('a read gives up after three times', async () => {
    const { api, sent } = await start({ 'GET /v1/products': refused(503, 'UNAVAILABLE') })
    await expect(settled(api.listProducts())).rejects.toMatchObject({ code: 'UNAVAILABLE', requestId: 'r1' })
    expect(sent).toHaveLength(3)
  })

  test('a refusal that repeating can’t change is not repeated', async () => {
    const { api, sent } = await start({})
    await expect(settled(api.getProduct({ params: { productId: 'x' } }))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(sent).toHaveLength(1)
  })

  test('a write is never repeated by itself', async () => {
    const { api, sent } = await start({ 'POST /v1/orders/O1/payment': 'no answer' })
    const starting = settled(api.startPayment({ params: { orderId: 'O1' } }))
    await expect(starting).rejects.toMatchObject({ code: 'NO_ANSWER' })
    expect(sent.filter(({ path }) => path.endsWith('/payment'))).toHaveLength(1)
  })

  test('a server that asks for a long pause is not pressed', async () => {
    const { api, sent } = await start({
      'GET /v1/products': refused(429, 'TOO_MANY_REQUESTS', { 'Retry-After': '30' }),
    })
    await expect(settled(api.listProducts())).rejects.toMatchObject({ retryAfterMs: 30_000 })
    expect(sent).toHaveLength(1)
  })

  test('an answer that is not ours is not understood', async () => {
    const { api } = await start({ 'GET /v1/products': { statusCode: 404, data: '<html>nginx</html>' } })
    await expect(settled(api.listProducts())).rejects.toMatchObject({ code: 'NOT_UNDERSTOOD', retry: 'no' })
  })

  test('an unknown code of a newer server is not taken for one we know', async () => {
    const { api } = await start({ 'GET /v1/products': refused(409, 'SOMETHING_NEW') })
    await expect(settled(api.listProducts())).rejects.toMatchObject({ code: 'NOT_UNDERSTOOD' })
  })
})

describe('where calls go', () => {
  test('queries and paths are escaped, and empty members left out', async () => {
    const { api, sent } = await start({
      'GET /v1/orders?cursor=a%2Fb%3D': ok({ items: [], nextCursor: null }),
    })
    await api.listOrders({ query: { cursor: 'a/b=', status: undefined } as { cursor: string } })
    expect(sent.at(-1)?.url).toBe('http://127.0.0.1:8080/v1/orders?cursor=a%2Fb%3D')
  })

  test('a released version without its address says which constant to fill in', async () => {
    const { api, platform, sent } = await start({})
    platform.envVersion = 'release'
    await expect(api.listProducts()).rejects.toMatchObject({
      code: 'NOT_CONFIGURED',
      message: expect.stringContaining('RELEASE_API_BASE_URL in miniprogram/services/config.ts is empty'),
    })
    expect(sent).toHaveLength(0)
  })

  test('countdowns follow the server’s clock', async () => {
    jest.setSystemTime(new Date('2026-11-22T12:10:00.000Z'))
    const { api } = await start({
      'GET /v1/products': ok({ items: [] }, { date: 'Sun, 22 Nov 2026 12:00:00 GMT' }),
    })
    await api.listProducts()
    const { nowMs } = await import('../../miniprogram/services/clock.ts')
    expect(nowMs()).toBe(Date.parse('2026-11-22T12:00:00.000Z'))
  })
})

describe('the checkout’s key', () => {
  const lines = [{ productId: 'coffee-beans', quantity: 2 }]

  test('is kept when a submission’s answer is lost, and when the same is checked out again', async () => {
    const { sent, api } = await start({ 'POST /v1/orders': ['no answer', ok(anOrder())] })
    const { beginCheckout, readDraft } = await import('../../miniprogram/services/checkout-draft.ts')
    const draft = beginCheckout(lines, 'basket')
    const place = (idempotencyKey: string) => api.placeOrder({ body: { items: [...lines] }, idempotencyKey })
    await expect(place(draft.idempotencyKey)).rejects.toMatchObject({ code: 'NO_ANSWER' })
    expect(readDraft()).toEqual(draft)
    await place(beginCheckout(lines, 'basket').idempotencyKey)
    const keys = sent
      .filter(({ path }) => path === '/v1/orders')
      .map(({ header }) => header['Idempotency-Key'])
    expect(keys).toEqual([draft.idempotencyKey, draft.idempotencyKey])
    expect(draft.idempotencyKey).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  })

  test('is new when the lines changed, and when the order was made', async () => {
    await start({})
    const { beginCheckout, changeLines, finishCheckout, readDraft } = await import(
      '../../miniprogram/services/checkout-draft.ts'
    )
    const first = beginCheckout(lines, 'basket')
    const changed = changeLines(first, [{ productId: 'coffee-beans', quantity: 1 }])
    expect(changed.idempotencyKey).not.toBe(first.idempotencyKey)
    expect(changeLines(changed, [{ productId: 'coffee-beans', quantity: 1 }])).toBe(changed)
    finishCheckout(changed)
    expect(readDraft()).toBeNull()
    expect(beginCheckout(lines, 'basket').idempotencyKey).not.toBe(first.idempotencyKey)
  })

  test('is new when the checkout was left alone until its order would have expired', async () => {
    await start({})
    const { beginCheckout } = await import('../../miniprogram/services/checkout-draft.ts')
    const first = beginCheckout(lines, 'basket')
    jest.setSystemTime(Date.now() + 16 * 60_000)
    expect(beginCheckout(lines, 'basket').idempotencyKey).not.toBe(first.idempotencyKey)
  })
})

describe('the bag', () => {
  test('survives odd contents of the storage', async () => {
    const { storage } = await start({})
    const { readBasket, setQuantity } = await import('../../miniprogram/services/basket.ts')
    storage.set('basket', [
      { productId: 'honey', quantity: 1 },
      { productId: 'x', quantity: 1.5 },
      { productId: 7, quantity: 1 },
      'y',
      { productId: 'z', quantity: 100_000 },
    ])
    expect(readBasket()).toEqual([{ productId: 'honey', quantity: 1 }])
    storage.set('basket', { not: 'a list' })
    expect(readBasket()).toEqual([])
    expect(setQuantity('honey', 2_000)).toEqual([{ productId: 'honey', quantity: 999 }])
    expect(setQuantity('honey', 0)).toEqual([])
  })

  test('loses what was ordered and keeps what was added meanwhile', async () => {
    await start({})
    const { setQuantity, takeOut } = await import('../../miniprogram/services/basket.ts')
    setQuantity('honey', 3)
    setQuantity('notebook', 1)
    expect(takeOut([{ productId: 'honey', quantity: 2 }])).toEqual([
      { productId: 'honey', quantity: 1 },
      { productId: 'notebook', quantity: 1 },
    ])
  })
})

describe('paying', () => {
  const params = { timeStamp: '1', nonceStr: 'n', package: 'prepay_id=wx1', signType: 'RSA', paySign: 's' }
  const startPaying = async (reply: Script[string], errMsg = 'requestPayment:ok') => {
    const fake = await start({ 'POST /v1/orders/O1/payment': reply })
    fake.cashier.answer = { errMsg }
    const payment = await import('../../miniprogram/services/payment.ts')
    return { ...fake, ...payment }
  }

  test('the server’s parameters reach the cashier as they are', async () => {
    const { payOrder, cashier } = await startPaying(ok(params))
    await expect(payOrder('O1')).resolves.toBe('reportedPaid')
    expect(cashier.seen).toHaveLength(1)
    expect(cashier.seen[0]).toMatchObject(params)
  })

  test.each([
    ['requestPayment:fail cancel', 'cancelled'],
    ['requestPayment:fail no permission', 'failed'],
  ])('%s is remembered as %s', async (errMsg, attempt) => {
    const { payOrder, lastAttempt } = await startPaying(ok(params), errMsg)
    await expect(payOrder('O1')).resolves.toBe(attempt)
    expect(lastAttempt('O1')).toBe(attempt)
    expect(lastAttempt('O2')).toBeNull()
  })

  test('without an answer of our server the cashier stays shut', async () => {
    const { payOrder, lastAttempt, cashier } = await startPaying(refused(503, 'PAYMENT_UNCERTAIN'))
    await expect(payOrder('O1')).rejects.toMatchObject({ code: 'PAYMENT_UNCERTAIN' })
    expect(cashier.seen).toHaveLength(0)
    expect(lastAttempt('O1')).toBe('notStarted')
  })

  test('an order paid meanwhile is not paid again: the result page asks', async () => {
    const { payOrder, cashier } = await startPaying(refused(409, 'ORDER_ALREADY_PAID'))
    await expect(payOrder('O1')).resolves.toBe('reportedPaid')
    expect(cashier.seen).toHaveLength(0)
  })
})
