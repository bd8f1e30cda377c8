import { ROUTES } from '@yuanlu/contract'
import { CALLS } from '@yuanlu/contract/schemas'
import { attentionOf, NOON, strayOf } from '../store/builders'
import { anHttpWorld, JOBS_TOKEN } from '../support/http-world'
import { AQING, XIAOLIN } from '../support/shop-world'

const CUP = { items: [{ productId: 'cup', quantity: 1 }] }

describe('sessions', () => {
  test('a login code becomes a token that names its holder', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    expect((await http.request('GET', '/v1/me', { token })).json).toEqual({
      ok: true,
      data: { openid: XIAOLIN, roles: [] },
    })
  })

  test('roles are read from the store, not from the token', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    expect((await http.request('GET', '/v1/merchant/attention', { token })).status).toBe(403)
    await http.world.store.staff.ensureOwners([XIAOLIN])
    expect((await http.request('GET', '/v1/me', { token })).json.data.roles).toEqual(['owner'])
    expect((await http.request('GET', '/v1/merchant/attention', { token })).json.data).toEqual({
      items: [],
      nextCursor: null,
    })
  })

  test('a used or invented code is a bad input', async () => {
    const answer = await anHttpWorld().request('POST', '/v1/sessions', { body: { code: 'invented' } })
    expect(answer).toMatchObject({
      status: 400,
      json: { error: { code: 'INVALID_INPUT', details: { field: 'code' } } },
    })
  })

  test('WeChat being away is unavailable, not a wrong code', async () => {
    const http = anHttpWorld()
    http.logins.set('c', { kind: 'unavailable', reason: 'ECONNREFUSED' })
    const answer = await http.request('POST', '/v1/sessions', { body: { code: 'c' } })
    expect(answer).toMatchObject({ status: 503, json: { error: { code: 'UNAVAILABLE', retry: 'later' } } })
  })

  test('signing out ends the token at once', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    expect((await http.request('DELETE', '/v1/sessions', { token })).status).toBe(200)
    expect((await http.request('GET', '/v1/me', { token })).status).toBe(401)
  })

  test('a token dies after two hours', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    http.world.now += 2 * 60 * 60_000 - 1_000
    expect((await http.request('GET', '/v1/me', { token })).status).toBe(200)
    http.world.now += 1_000
    expect((await http.request('GET', '/v1/me', { token })).status).toBe(401)
  })

  test('the previous secret is accepted, a foreign one is not', async () => {
    const old = anHttpWorld({ secrets: ['a'.repeat(32)] })
    const token = await old.signIn(XIAOLIN)
    const session = { id: 'id-2', openid: XIAOLIN, expiresAt: old.world.now + 60_000 }
    const rotated = anHttpWorld({ secrets: ['b'.repeat(32), 'a'.repeat(32)] })
    await rotated.world.store.sessions.insert(session)
    const foreign = anHttpWorld({ secrets: ['c'.repeat(32)] })
    await foreign.world.store.sessions.insert(session)
    expect((await rotated.request('GET', '/v1/me', { token })).status).toBe(200)
    expect((await foreign.request('GET', '/v1/me', { token })).status).toBe(401)
  })

  test.each([
    ['none', undefined],
    ['nonsense', 'nonsense'],
    [
      'alg none',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(`{"sub":"${XIAOLIN}"}`).toString('base64url')}.`,
    ],
  ])('a token that is %s is not signed in', async (_, token) => {
    const answer = await anHttpWorld().request('GET', '/v1/orders', token === undefined ? {} : { token })
    expect(answer).toMatchObject({ status: 401, json: { error: { code: 'NOT_SIGNED_IN' } } })
  })

  test('a header of a cloud gateway is nobody’s identity', async () => {
    const answer = await anHttpWorld().request('GET', '/v1/me', { headers: { 'x-wx-openid': XIAOLIN } })
    expect(answer.status).toBe(401)
  })
})

describe('bad input', () => {
  const place = async (options: object) => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    return http.request('POST', '/v1/orders', { token, key: 'k1', ...options })
  }

  test.each([
    ['a price', { body: { items: [{ productId: 'cup', quantity: 1, priceFen: 1 }] } }, 'items.0.priceFen'],
    ['an amount', { body: { ...CUP, amountFen: 1 } }, 'amountFen'],
    ['another openid', { body: { ...CUP, openid: AQING } }, 'openid'],
    ['no items', { body: { items: [] } }, 'items'],
    ['51 lines', { body: { items: Array.from({ length: 51 }, () => CUP.items[0]) } }, 'items'],
    ['quantity 0', { body: { items: [{ productId: 'cup', quantity: 0 }] } }, 'items.0.quantity'],
    ['quantity 1000', { body: { items: [{ productId: 'cup', quantity: 1000 }] } }, 'items.0.quantity'],
    ['quantity 1.5', { body: { items: [{ productId: 'cup', quantity: 1.5 }] } }, 'items.0.quantity'],
    ['quantity as text', { body: { items: [{ productId: 'cup', quantity: '1' }] } }, 'items.0.quantity'],
    [
      'a query object as an id',
      { body: { items: [{ productId: { $ne: null }, quantity: 1 }] } },
      'items.0.productId',
    ],
    ['a remark of 201 characters', { body: { ...CUP, remark: '好'.repeat(201) } }, 'remark'],
    ['a broken surrogate', { body: { ...CUP, remark: '\ud800' } }, 'remark'],
    ['a NUL', { body: { ...CUP, remark: 'a\u0000b' } }, 'remark'],
    [
      'a delivery without a phone',
      { body: { ...CUP, delivery: { name: '林', address: '路 1 号' } } },
      'delivery.phone',
    ],
    ['a list for an object', { body: [] }, 'body'],
    ['text that is not JSON', { raw: '{', headers: { 'Content-Type': 'application/json' } }, 'body'],
    [
      'invalid UTF-8',
      { raw: new Uint8Array([0x22, 0xff, 0x22]), headers: { 'Content-Type': 'application/json' } },
      'body',
    ],
    [
      '10,000 nested lists',
      { raw: '['.repeat(10_000), headers: { 'Content-Type': 'application/json' } },
      'body',
    ],
    [
      '__proto__',
      {
        raw: '{"items":[{"productId":"cup","quantity":1}],"__proto__":{"a":1}}',
        headers: { 'Content-Type': 'application/json' },
      },
      '__proto__',
    ],
    ['a form', { raw: 'items=1', headers: { 'Content-Type': 'text/plain' } }, 'Content-Type'],
    ['no Idempotency-Key', { body: CUP, key: undefined }, 'Idempotency-Key'],
    ['a key with spaces', { body: CUP, key: 'a b' }, 'Idempotency-Key'],
  ])('%s is refused and named', async (_, options, field) => {
    const answer = await place(options)
    expect(answer).toMatchObject({
      status: 400,
      json: { ok: false, error: { code: 'INVALID_INPUT', retry: 'no', details: { field } } },
    })
  })

  test('200 Chinese characters of a remark are welcome', async () => {
    const answer = await place({ body: { ...CUP, remark: '好'.repeat(200) } })
    expect(answer.json.data.remark).toHaveLength(200)
  })

  test('a body over 100 KB is too large, with and without its length announced', async () => {
    const raw = JSON.stringify({ ...CUP, remark: 'x'.repeat(103_000) })
    const headers = { 'Content-Type': 'application/json' }
    expect(await place({ raw, headers })).toMatchObject({
      status: 413,
      json: { error: { code: 'TOO_LARGE' } },
    })
    expect((await place({ raw, headers: { ...headers, 'Content-Length': '10' } })).status).toBe(413)
  })

  test('unknown query members and bad cursors are refused', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    for (const query of ['openid=x', 'status=shiny', 'cursor=nonsense', 'status=paid&status=closed'])
      expect((await http.request('GET', `/v1/orders?${query}`, { token })).status).toBe(400)
  })

  test('unknown ids, other people’s ids and impossible ids get the same 404', async () => {
    const http = anHttpWorld()
    const mine = await http.signIn(XIAOLIN)
    const theirs = await http.signIn(AQING)
    const placed = await http.request('POST', '/v1/orders', { token: mine, key: 'k', body: CUP })
    const id = placed.json.data.orderId
    for (const orderId of [id, '0'.repeat(26), 'a'.repeat(200), '%00', '..%2f..'])
      for (const [method, tail] of [
        ['GET', ''],
        ['POST', '/payment'],
        ['POST', '/payment/sync'],
        ['POST', '/cancel'],
        ['POST', '/received'],
      ] as const) {
        const answer = await http.request(method, `/v1/orders/${orderId}${tail}`, { token: theirs })
        expect([orderId, tail, answer.status, answer.json.error.code]).toEqual([
          orderId,
          tail,
          404,
          'NOT_FOUND',
        ])
      }
    expect((await http.request('GET', '/v1/products/none')).status).toBe(404)
    expect((await http.request('GET', '/nowhere')).json.error.code).toBe('NOT_FOUND')
  })

  test('too many calls wait, and are told how long', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    let answer = await http.request('GET', '/v1/me', { token })
    for (let i = 0; i < 60 && answer.status === 200; i++)
      answer = await http.request('GET', '/v1/me', { token })
    expect(answer).toMatchObject({
      status: 429,
      json: { error: { code: 'TOO_MANY_REQUESTS', retry: 'later' } },
    })
    expect(answer.headers.get('retry-after')).toBe('1')
    http.world.now += 2_000
    expect((await http.request('GET', '/v1/me', { token })).status).toBe(200)
  })

  test('every answer carries the time that the rules go by, from which a phone counts down', async () => {
    const http = anHttpWorld()
    http.world.now += 3 * 60 * 60_000
    const { headers } = await http.request('GET', '/v1/products', {})
    expect(headers.get('date')).toBe(new Date(http.world.now).toUTCString())
  })

  test('a store that is away is 503, a bug is 500 with a number to name', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    http.world.store.failNextWrite = new Error('store is away')
    expect(await http.request('POST', '/v1/orders', { token, key: 'k', body: CUP })).toMatchObject({
      status: 503,
      json: { error: { code: 'UNAVAILABLE' } },
    })
    http.world.store.failNextWrite = new Error('secret detail')
    const bug = await http.request('POST', '/v1/orders', { token, key: 'k', body: CUP })
    expect(bug).toMatchObject({ status: 500, json: { error: { code: 'INTERNAL' } } })
    expect(bug.text).not.toContain('secret detail')
    expect(bug.json.error.requestId).toBe(bug.headers.get('x-request-id'))
  })
})

describe('lists', () => {
  test('twenty a page, newest first, until the cursor is null', async () => {
    const http = anHttpWorld()
    await http.world.store.products.insertMissing([
      { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 100, imageUrl: '' },
    ])
    const token = await http.signIn(XIAOLIN)
    const ids: string[] = []
    for (let i = 0; i < 23; i++) {
      http.world.now += i % 3 === 0 ? 1 : 1_000
      const body = { items: [{ productId: 'tea', quantity: 1 }] }
      ids.unshift((await http.request('POST', '/v1/orders', { token, key: `k${i}`, body })).json.data.orderId)
      http.world.now += 1_000
    }
    const first = await http.request('GET', '/v1/orders', { token })
    expect(first.json.data.items).toHaveLength(20)
    const cursor = first.json.data.nextCursor
    const second = await http.request('GET', `/v1/orders?cursor=${cursor}`, { token })
    expect(second.json.data.nextCursor).toBeNull()
    const seen = [...first.json.data.items, ...second.json.data.items].map(
      (o: { orderId: string }) => o.orderId,
    )
    expect(seen).toEqual(ids)
  })

  test('what needs a person is newest first, too', async () => {
    const http = anHttpWorld()
    await http.world.store.staff.ensureOwners([XIAOLIN])
    const token = await http.signIn(XIAOLIN)
    const ids: string[] = []
    for (let i = 10; i < 33; i++) {
      const stray = strayOf(`42000${i}`)
      // Some are of one instant.
      const attention = { ...stray.attention, since: NOON + Math.floor(i / 3) }
      await http.world.store.strays.insert({ ...stray, attention })
      ids.unshift(attention.id)
    }
    const first = await http.request('GET', '/v1/merchant/attention', { token })
    expect(first.json.data.items).toHaveLength(20)
    // Flagged in between, it is before what was already seen.
    await http.world.store.strays.insert({
      ...strayOf('4300000'),
      attention: attentionOf('later', { since: NOON + 99 }),
    })
    const cursor = first.json.data.nextCursor
    const second = await http.request('GET', `/v1/merchant/attention?cursor=${cursor}`, { token })
    expect(second.json.data.nextCursor).toBeNull()
    const seen = [...first.json.data.items, ...second.json.data.items].map(({ id }: { id: string }) => id)
    expect(seen).toEqual(ids)
  })

  test('a status filters', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    const placed = await http.request('POST', '/v1/orders', { token, key: 'k', body: CUP })
    await http.request('POST', `/v1/orders/${placed.json.data.orderId}/cancel`, { token })
    expect((await http.request('GET', '/v1/orders?status=closed', { token })).json.data.items).toHaveLength(1)
    expect((await http.request('GET', '/v1/orders?status=paid', { token })).json.data.items).toEqual([])
  })
})

describe('operations', () => {
  test('without a token configured the internal calls do not exist', async () => {
    const http = anHttpWorld({ jobsToken: null })
    expect((await http.request('POST', '/internal/tick', { token: 'x' })).status).toBe(404)
    expect((await http.request('GET', '/internal/ledger', { token: 'x' })).status).toBe(404)
  })

  test('a wrong token is refused', async () => {
    const http = anHttpWorld()
    expect((await http.request('POST', '/internal/tick', { token: 'wrong' })).status).toBe(401)
    expect((await http.request('POST', '/internal/tick')).status).toBe(401)
  })

  test('a tick says what ran', async () => {
    const answer = await anHttpWorld().request('POST', '/internal/tick', { token: JOBS_TOKEN })
    expect(answer.json).toEqual({
      ok: true,
      data: {
        ran: {
          expire: 0,
          settlePayments: 0,
          settleRefunds: 0,
          autoApprove: 0,
          returns: 0,
          complete: 0,
          effects: 0,
          journal: 0,
          reconcile: 0,
        },
      },
    })
  })

  test('health fails when the store does', async () => {
    const http = anHttpWorld()
    expect((await http.request('GET', '/healthz')).status).toBe(200)
    http.world.store.ping = () => Promise.reject(new Error('gone'))
    expect((await http.request('GET', '/healthz')).status).toBe(503)
  })

  test('the OpenAPI document names every call, and every reference in it leads somewhere', async () => {
    const http = anHttpWorld()
    const document = (await http.request('GET', '/openapi.json')).json
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(http.served.length).toBeGreaterThan(Object.keys(ROUTES).length)
    expect(listed.sort()).toEqual(http.served.map((call) => call.replace(/:(\w+)/g, '{$1}')).sort())
    const references = JSON.stringify(document).match(/"#\/components\/schemas\/\w+"/g) ?? []
    expect(references.length).toBeGreaterThan(5)
    for (const reference of references) {
      const name = reference.slice('"#/components/schemas/'.length, -1)
      expect(Object.keys(document.components.schemas)).toContain(name)
    }
  })

  test('answers keep to their schemas', async () => {
    const http = anHttpWorld()
    const token = await http.signIn(XIAOLIN)
    const delivery = { name: '林小姐', phone: '13800000000', address: '上海市徐汇区漕溪北路 1 号' }
    const placed = await http.request('POST', '/v1/orders', { token, key: 'k', body: { ...CUP, delivery } })
    const orderId = placed.json.data.orderId
    expect(CALLS.placeOrder.data.parse(placed.json.data)).toEqual(placed.json.data)
    const params = await http.request('POST', `/v1/orders/${orderId}/payment`, { token, body: {} })
    expect(CALLS.startPayment.data.parse(params.json.data)).toEqual(params.json.data)
    const list = await http.request('GET', '/v1/orders', { token })
    expect(CALLS.listOrders.data.parse(list.json.data)).toEqual(list.json.data)
    const products = await http.request('GET', '/v1/products')
    expect(CALLS.listProducts.data.parse(products.json.data)).toEqual(products.json.data)
  })
})
