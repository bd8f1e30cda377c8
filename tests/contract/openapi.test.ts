/** What `GET /openapi.json` says, held against what is really answered. */
import { ROUTES } from '@yuanlu/contract'
import { anHttpWorld, type HttpAnswer, type HttpWorld, JOBS_TOKEN } from '../support/http-world'
import { AQING, XIAOLIN } from '../support/shop-world'
import { mismatches } from './json-schema'

type Http = ReturnType<typeof anHttpWorld>

const CUP = { items: [{ productId: 'cup', quantity: 1 }] }
const DELIVERY = { name: '林小姐', phone: '13800000000', address: '上海市徐汇区漕溪北路 1 号' }

/** Compares an answer with the document that the same server serves. */
const documented = async (http: Http) => {
  const { json } = await http.request('GET', '/openapi.json')
  const schemas = json.components.schemas
  return (method: string, path: string, answer: HttpAnswer): string[] => {
    const { responses } = json.paths[path][method.toLowerCase()]
    const response = responses[answer.status] ?? responses.default
    return mismatches(response.content['application/json'].schema, answer.json, schemas)
  }
}

test('every call answers as the document says, success and refusal alike', async () => {
  const http = anHttpWorld()
  const check = await documented(http)
  const seen = new Set<string>()
  const ask = async (method: string, path: string, real: string, options: object = {}) => {
    const answer = await http.request(method, real, options)
    expect([method, path, answer.status, check(method, path, answer)]).toEqual([
      method,
      path,
      answer.status,
      [],
    ])
    if (answer.status === 200) seen.add(`${method} ${path}`)
    return answer.json
  }
  http.logins.set('good', { kind: 'known', openid: XIAOLIN })
  await ask('POST', '/v1/sessions', '/v1/sessions', { body: { code: 'bad' } })
  const { token } = (await ask('POST', '/v1/sessions', '/v1/sessions', { body: { code: 'good' } })).data
  const me = { token }
  await ask('GET', '/v1/me', '/v1/me', me)
  await ask('GET', '/v1/me', '/v1/me')
  await ask('GET', '/v1/products', '/v1/products')
  await ask('GET', '/v1/products/{productId}', '/v1/products/cup')
  await ask('GET', '/v1/products/{productId}', '/v1/products/none')
  await ask('GET', '/v1/message-templates', '/v1/message-templates')
  const body = { ...CUP, delivery: DELIVERY, remark: '好' }
  const placed = await ask('POST', '/v1/orders', '/v1/orders', { ...me, key: 'k', body })
  await ask('POST', '/v1/orders', '/v1/orders', { ...me, key: 'k', body: CUP })
  await ask('POST', '/v1/orders', '/v1/orders', { ...me, key: 'l', body: { ...CUP, priceFen: 1 } })
  const order = `/v1/orders/${placed.data.orderId}`
  await ask('POST', '/v1/orders/{orderId}/payment', `${order}/payment`, me)
  http.world.wechat.pay(placed.data.orderId)
  await ask('POST', '/v1/orders/{orderId}/payment/sync', `${order}/payment/sync`, me)
  await ask('POST', '/v1/orders/{orderId}/cancel', `${order}/cancel`, me)
  await ask('POST', '/v1/orders/{orderId}/received', `${order}/received`, me)
  const other = await ask('POST', '/v1/orders', '/v1/orders', { ...me, key: 'm', body: CUP })
  const otherOrder = `/v1/orders/${other.data.orderId}`
  await ask('POST', '/v1/orders/{orderId}/payment', `${otherOrder}/payment`, me)
  http.world.wechat.pay(other.data.orderId, { totalFen: 1 })
  await ask('POST', '/v1/orders/{orderId}/payment/sync', `${otherOrder}/payment/sync`, me)
  await ask('POST', '/v1/orders/{orderId}/cancel', `${otherOrder}/cancel`, me)
  await ask('GET', '/v1/orders', '/v1/orders?status=awaitingPayment', me)
  await ask('GET', '/v1/orders/{orderId}', order, me)
  await ask('GET', '/v1/orders/{orderId}', order, { token: await http.signIn(AQING) })
  await ask('GET', '/v1/merchant/attention', '/v1/merchant/attention', me)
  await http.world.store.staff.ensureOwners([XIAOLIN])
  const attention = await ask('GET', '/v1/merchant/attention', '/v1/merchant/attention', me)
  expect(attention.data.items).toMatchObject([{ kind: 'amountMismatch' }])
  await ask('POST', '/internal/tick', '/internal/tick', { token: JOBS_TOKEN })
  const ledger = await ask('GET', '/internal/ledger', '/internal/ledger', { token: JOBS_TOKEN })
  expect(ledger.data.entries).toHaveLength(4)
  await ask('GET', '/internal/ledger', '/internal/ledger')
  await ask('GET', '/healthz', '/healthz')
  await ask('GET', '/openapi.json', '/openapi.json')
  await theRefundStory(http, ask, { staff: me, shopper: { token: await http.signIn(AQING) } })
  await ask('DELETE', '/v1/sessions', '/v1/sessions', me)
  // Pictures are no JSON; tests/backend looks at them.
  for (const [name, route] of Object.entries(ROUTES))
    if (name !== 'uploadFile' && name !== 'readFile' && name !== 'readPicture')
      expect([...seen]).toContain(`${route.method} ${route.path.replace(/:(\w+)/g, '{$1}')}`)
})

type Ask = (method: string, path: string, real: string, options?: object) => Promise<HttpAnswer['json']>

/** Every call about refunds, shipping and the shop's own things, answered with success at least once. */
const theRefundStory = async (
  http: HttpWorld,
  ask: Ask,
  who: { readonly staff: { readonly token: string }; readonly shopper: { readonly token: string } },
): Promise<void> => {
  const { staff, shopper } = who
  const { world } = http
  let keys = 0
  const minute = async () => {
    world.now += 61_000
    await ask('POST', '/internal/tick', '/internal/tick', { token: JOBS_TOKEN })
  }
  const body = { items: [{ productId: 'beans', quantity: 1 }], delivery: DELIVERY }
  const placed = await ask('POST', '/v1/orders', '/v1/orders', { ...shopper, key: 'paid', body })
  const { orderId } = placed.data
  await ask('POST', '/v1/orders/{orderId}/payment', `/v1/orders/${orderId}/payment`, shopper)
  world.wechat.pay(orderId)
  await ask('POST', '/v1/orders/{orderId}/payment/sync', `/v1/orders/${orderId}/payment/sync`, shopper)

  const request = async (more: object = {}): Promise<string> => {
    const asked = await ask('POST', '/v1/orders/{orderId}/refunds', `/v1/orders/${orderId}/refunds`, {
      ...shopper,
      key: `r${++keys}`,
      body: { amountFen: 100, reason: '不想要了', ...more },
    })
    if (asked.data === undefined) throw new Error(JSON.stringify(asked.error))
    return asked.data.refundId
  }
  const decide = (refundId: string, call: string, decision: object = {}) =>
    ask('POST', `/v1/merchant/refunds/{refundId}/${call}`, `/v1/merchant/refunds/${refundId}/${call}`, {
      ...staff,
      body: decision,
    })
  const own = (refundId: string, call: string, input: object = {}) =>
    ask('POST', `/v1/refunds/{refundId}/${call}`, `/v1/refunds/${refundId}/${call}`, {
      ...shopper,
      body: input,
    })
  const settle = async (refundId: string, number: number, status: 'closed' | 'abnormal') => {
    world.wechat.settleRefund(`${refundId}-${number}`, status)
    await minute()
  }

  const withdrawn = await request()
  await ask('GET', '/v1/refunds/{refundId}/return', `/v1/refunds/${withdrawn}/return`, shopper)
  await ask('GET', '/v1/refunds', '/v1/refunds', shopper)
  await ask('GET', '/v1/refunds/{refundId}', `/v1/refunds/${withdrawn}`, shopper)
  await own(withdrawn, 'withdraw')
  const rejected = await request()
  await ask('GET', '/v1/merchant/refunds', '/v1/merchant/refunds?status=requested', staff)
  await ask('GET', '/v1/merchant/refunds/{refundId}', `/v1/merchant/refunds/${rejected}`, staff)
  await decide(rejected, 'reject', { reason: '已发货' })
  const closed = await request()
  await decide(closed, 'approve', { amountFen: 100 })
  await settle(closed, 1, 'closed')
  await decide(closed, 'resubmit')
  await minute()
  await settle(closed, 2, 'closed')
  await decide(closed, 'abandon', { reason: '改为换货' })
  for (const way of ['abnormal', 'offline'] as const) {
    const stuck = await request()
    await decide(stuck, 'approve', { amountFen: 100 })
    await minute()
    await settle(stuck, 1, 'abnormal')
    if (way === 'abnormal') await decide(stuck, way, { to: 'merchantBankCard' })
    else await decide(stuck, way, { proof: '银行转账' })
    await minute()
    if (way === 'abnormal') await decide(stuck, 'offline', { proof: '银行转账' })
  }
  const ship = { ...staff, body: { carrier: '顺丰', trackingNo: 'SF1' } }
  await ask('POST', '/v1/merchant/orders/{orderId}/ship', `/v1/merchant/orders/${orderId}/ship`, ship)
  const returned = await request({ kind: 'returnAndRefund' })
  await decide(returned, 'approve', { amountFen: 100 })
  await own(returned, 'return', { carrier: '顺丰', trackingNo: 'SF2' })
  await decide(returned, 'goods-received')
  await ask('POST', '/v1/merchant/orders/{orderId}/refund', `/v1/merchant/orders/${orderId}/refund`, {
    ...staff,
    key: 'staff',
    body: { amountFen: 100, reason: '补偿' },
  })
  await ask('GET', '/v1/merchant/orders', '/v1/merchant/orders', staff)
  await ask('GET', '/v1/merchant/orders/{orderId}', `/v1/merchant/orders/${orderId}`, staff)
  const { data } = await ask('GET', '/v1/merchant/attention', '/v1/merchant/attention', staff)
  const mismatch = data.items.find((item: { kind: string }) => item.kind === 'amountMismatch')
  const resolve = (token: string) =>
    ask('POST', '/v1/merchant/attention/{id}/resolve', `/v1/merchant/attention/${mismatch.id}/resolve`, {
      token,
      body: { note: '退回', action: 'refund' },
    })
  // The money is of this member of staff's own order: somebody else decides.
  expect(await resolve(staff.token)).toMatchObject({ error: { code: 'OWN_REQUEST' } })
  await world.store.staff.setRole({ openid: 'o-colleague', role: 'finance' })
  await resolve(await http.signIn('o-colleague'))
  const person = '/v1/merchant/staff/{openid}'
  await ask('GET', '/v1/merchant/staff', '/v1/merchant/staff', staff)
  await ask('PUT', person, `/v1/merchant/staff/${AQING}`, { ...staff, body: { role: 'support' } })
  await ask('DELETE', person, `/v1/merchant/staff/${AQING}`, staff)
  await ask('GET', '/v1/merchant/products', '/v1/merchant/products', staff)
  await ask('PUT', '/v1/merchant/products/{productId}', '/v1/merchant/products/tea', {
    ...staff,
    body: { title: '茶', description: '', priceFen: 100, stock: 5, imageUrl: '' },
  })
}

test.each(['/wxpay/notify/payment', '/wxpay/notify/refund'])(
  'a notification to %s is acknowledged and refused as the document says',
  async (path) => {
    const http = anHttpWorld()
    const check = await documented(http)
    const { post } = (await http.request('GET', '/openapi.json')).json.paths[path]
    const v3 = await http.request('POST', path, { raw: '{}' })
    expect([v3.status, v3.json.code, check('POST', path, v3)]).toEqual([401, 'FAIL', []])
    const v2 = await http.request('POST', path, { raw: '<xml></xml>' })
    expect([v2.status, v2.headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8'])
    expect(Object.keys(post.responses[200].content)).toEqual(['text/xml'])
    const large = await http.request('POST', path, { raw: 'x'.repeat(200_000) })
    expect([large.status, check('POST', path, large)]).toEqual([413, []])
    expect(Object.keys(post.responses).sort()).toEqual(['200', '204', '401', '500', 'default'])
    expect(Object.keys(post.requestBody.content)).toEqual(['application/json', 'text/xml'])
    expect(post.security).toEqual([])
  },
)

test('a picture’s signed address needs no session, and every member that the document requires', async () => {
  const http = anHttpWorld()
  const token = await http.signIn(XIAOLIN)
  const form = new FormData()
  form.append('file', new Blob([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)]), 'photo.png')
  const { url } = (await http.request('POST', '/v1/uploads', { token, raw: form })).json.data
  const { get } = (await http.request('GET', '/openapi.json')).json.paths['/v1/uploads/{fileId}']
  expect(get.security).toEqual([{}, { session: [] }])
  expect((await http.request('GET', url)).status).toBe(200)
  const required = get.parameters.filter(
    (p: { in: string; required: boolean }) => p.in === 'query' && p.required,
  )
  expect(required.map((p: { name: string }) => p.name)).toEqual(['expires', 'viewer', 'signature'])
  for (const { name } of required) {
    const without = new URL(url)
    without.searchParams.delete(name)
    expect((await http.request('GET', without.href, { token })).status).toBe(404)
  }
})

test('what the document says of an input is what the server takes', async () => {
  const http = anHttpWorld()
  const token = await http.signIn(XIAOLIN)
  const { json } = await http.request('GET', '/openapi.json')
  const schema = json.paths['/v1/orders'].post.requestBody.content['application/json'].schema
  const bodies: [boolean, object][] = [
    [true, { ...CUP, remark: '好'.repeat(200), delivery: DELIVERY }],
    [false, { ...CUP, remark: '好'.repeat(201) }],
    [false, { ...CUP, delivery: { ...DELIVERY, name: '' } }],
    [false, { ...CUP, delivery: { ...DELIVERY, address: '路'.repeat(201) } }],
    [false, { ...CUP, delivery: { ...DELIVERY, phone: '1' } }],
    [false, { items: [] }],
    [false, { items: [{ productId: 'cup', quantity: 1000 }] }],
    [false, { ...CUP, amountFen: 1 }],
  ]
  for (const [i, [taken, body]] of bodies.entries()) {
    const answer = await http.request('POST', '/v1/orders', { token, key: `k${i}`, body })
    expect([body, answer.status]).toEqual([body, taken ? 200 : 400])
    expect([body, mismatches(schema, body, json.components.schemas).length === 0]).toEqual([body, taken])
  }
})
