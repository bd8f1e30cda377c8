import { sweep } from '@yuanlu/shop'
import { anHttpWorld, type HttpWorld, JOBS_TOKEN } from '../support/http-world'
import { aPaidOrder, aRequest, XIAOLIN } from '../support/shop-world'

const PARCEL = { carrier: '顺丰速运', trackingNo: 'SF1234567890' }

const aShop = async () => {
  const http = anHttpWorld()
  const orderId = await aPaidOrder(http.world)
  await http.world.store.staff.setRole({ openid: 'o-support', role: 'support' })
  await http.world.store.staff.setRole({ openid: 'o-owner', role: 'owner' })
  return { http, orderId, support: await http.signIn('o-support') }
}
const ship = (http: HttpWorld, orderId: string, options: { token?: string; body?: unknown }) =>
  http.request('POST', `/v1/merchant/orders/${orderId}/ship`, { body: PARCEL, ...options })
const tick = async (http: HttpWorld) =>
  (await http.request('POST', '/internal/tick', { headers: { Authorization: `Bearer ${JOBS_TOKEN}` } })).json
    .data.ran

test('support ships a paid order; the shopper sees it, and WeChat is told by the next tick', async () => {
  const { http, orderId, support } = await aShop()
  const shipped = await ship(http, orderId, { token: support })
  expect(shipped).toMatchObject({ status: 200, json: { data: { status: 'shipped', shipment: PARCEL } } })
  expect(http.world.platform.uploads).toEqual([])
  expect(await tick(http)).toMatchObject({ effects: 2, complete: 0 })
  expect(http.world.platform.uploads).toMatchObject([PARCEL])
  const token = await http.signIn(XIAOLIN)
  expect((await http.request('GET', `/v1/orders/${orderId}`, { token })).json.data).toMatchObject({
    status: 'shipped',
    shippedAt: '2026-11-23T04:00:00.000Z',
    shipment: PARCEL,
  })
})

test('a tick completes what was shipped ten days ago', async () => {
  const { http, orderId, support } = await aShop()
  await ship(http, orderId, { token: support })
  http.world.now += 10 * 24 * 60 * 60_000
  expect(await tick(http)).toMatchObject({ complete: 1 })
  expect(http.world.order(orderId).state).toBe('completed')
})

test('the same again is 200, another number 409', async () => {
  const { http, orderId, support } = await aShop()
  await ship(http, orderId, { token: support })
  expect((await ship(http, orderId, { token: support })).status).toBe(200)
  const other = await ship(http, orderId, { token: support, body: { ...PARCEL, trackingNo: 'SF2' } })
  expect(other).toMatchObject({ status: 409, json: { error: { code: 'REFUND_IN_PROGRESS' } } })
})

test('an open refund holds the goods back', async () => {
  const { http, orderId, support } = await aShop()
  await aRequest(http.world, orderId, { amountFen: 100 })
  const refused = await ship(http, orderId, { token: support })
  expect(refused).toMatchObject({
    status: 409,
    json: { error: { code: 'REFUND_IN_PROGRESS', retry: 'later' } },
  })
})

test.each([
  ['no carrier', { trackingNo: '1' }],
  ['an empty number', { carrier: '顺丰', trackingNo: '  ' }],
  ['a number of 61 characters', { carrier: '顺丰', trackingNo: '1'.repeat(61) }],
  ['a member nobody asked for', { ...PARCEL, by: 'o-owner' }],
  ['a control character', { carrier: '顺\u0000丰', trackingNo: '1' }],
])('%s is bad input, and nothing is shipped', async (_, body) => {
  const { http, orderId, support } = await aShop()
  expect(await ship(http, orderId, { token: support, body })).toMatchObject({
    status: 400,
    json: { error: { code: 'INVALID_INPUT' } },
  })
  expect(http.world.order(orderId).state).toBe('paid')
})

test('a shopper ships nothing, and an order that is not there is not found', async () => {
  const { http, orderId, support } = await aShop()
  const shopper = await http.signIn(XIAOLIN)
  expect((await ship(http, orderId, { token: shopper })).status).toBe(403)
  expect((await ship(http, orderId, {})).status).toBe(401)
  expect((await ship(http, 'nowhere', { token: support })).status).toBe(404)
})

test('an upload that WeChat refused for good needs a person, who closes it', async () => {
  const { http, orderId, support } = await aShop()
  await ship(http, orderId, { token: support })
  http.world.platform.nextAnswers.push({ kind: 'refused', code: '10060003' })
  await sweep(http.world, 100)
  const { items } = (await http.request('GET', '/v1/merchant/attention', { token: support })).json.data
  expect(items).toMatchObject([{ kind: 'shippingUploadFailed', orderId }])
  const owner = await http.signIn('o-owner')
  const resolved = await http.request('POST', `/v1/merchant/attention/${items[0].id}/resolve`, {
    token: owner,
    body: { note: '已在小程序后台补录' },
  })
  expect(resolved.status).toBe(200)
  expect((await http.request('GET', '/v1/merchant/attention', { token: support })).json.data.items).toEqual(
    [],
  )
})
