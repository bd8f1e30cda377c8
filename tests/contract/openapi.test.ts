/** What `GET /openapi.json` says, held against what is really answered. */
import { ROUTES } from '@yuanlu/contract'
import { anHttpWorld, type HttpAnswer, JOBS_TOKEN } from '../support/http-world'
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
  await ask('DELETE', '/v1/sessions', '/v1/sessions', me)
  for (const route of Object.values(ROUTES))
    expect([...seen]).toContain(`${route.method} ${route.path.replace(/:(\w+)/g, '{$1}')}`)
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
