/** `wx.cloud.callFunction`: the one way in on which WeChat itself says who calls, and everything that only looks like it. */
import { apiFunction } from '@yuanlu/backend/functions/api'
import { jobsFunction } from '@yuanlu/backend/functions/jobs'
import { wxpayNotifyFunction } from '@yuanlu/backend/functions/wxpay-notify'
import { aCall, aFunction, anHttpEvent, envelopeOf } from '../support/functions'
import { AQING, XIAOLIN } from '../support/shop-world'

const BEANS = [
  { productId: 'beans', title: '手冲咖啡豆', description: '', priceFen: 6800, stock: 10, imageUrl: '' },
]
const anApi = () => aFunction(apiFunction, {}, BEANS)
// biome-ignore lint/suspicious/noExplicitAny: the answer of any call
type Answer = any

const me = { path: '/v1/me', method: 'GET' }

test('a call of the mini-program is signed in as whom WeChat names', async () => {
  const { fn, env } = anApi()
  const answer: Answer = await fn.main(aCall(env, me))
  expect(answer).toMatchObject({ status: 200, data: { ok: true, data: { openid: XIAOLIN, roles: [] } } })
})

test('a call places an order: body, idempotency key and query arrive, and DevTools counts as a phone', async () => {
  const { fn, env, store } = anApi()
  const placing = {
    path: '/v1/orders',
    method: 'post',
    headers: { 'idempotency-KEY': 'call-1' },
    data: { items: [{ productId: 'beans', quantity: 2 }] },
  }
  const placed: Answer = await fn.main(aCall(env, placing, { source: 'wx_devtools' }))
  expect(placed).toMatchObject({
    status: 200,
    data: { data: { status: 'awaitingPayment', amountFen: 13600 } },
  })
  const again: Answer = await fn.main(aCall(env, placing))
  expect(again.data.data.orderId).toBe(placed.data.data.orderId)
  const { orderId } = placed.data.data
  const listed: Answer = await fn.main(aCall(env, { path: '/v1/orders?status=awaitingPayment' }))
  expect(listed.data.data.items).toMatchObject([{ orderId }])
  const stranger: Answer = await fn.main(aCall(env, { path: `/v1/orders/${orderId}` }, { openid: AQING }))
  expect(stranger.status).toBe(404)
  expect(store.rows.orders.size).toBe(1)
})

test('a refusal comes in the same envelope, with its status', async () => {
  const { fn, env } = anApi()
  const answer: Answer = await fn.main(
    aCall(env, { path: '/v1/orders', method: 'POST', data: { items: [] } }),
  )
  expect(answer).toMatchObject({ status: 400, data: { ok: false, error: { code: 'INVALID_INPUT' } } })
  const nowhere: Answer = await fn.main(aCall(env, { path: '/internal/tick', method: 'POST' }))
  expect(nowhere).toMatchObject({ status: 404, data: { error: { code: 'NOT_FOUND' } } })
})

test.each(['trace', 'TRACK', 'CONNECT'])('%s, which no request has, is no call', async (method) => {
  const { fn, env } = anApi()
  expect(await fn.main(aCall(env, { path: '/v1/me', method }))).toMatchObject({
    status: 404,
    data: { ok: false, error: { code: 'NOT_FOUND' } },
  })
})

test('roles are read at the moment of the call, as for everybody', async () => {
  const { fn, env, store } = anApi()
  const asked = () => fn.main(aCall(env, { path: '/v1/merchant/orders' }))
  expect(await asked()).toMatchObject({ status: 403 })
  await store.staff.ensureOwners([AQING])
  await store.staff.setRole({ openid: XIAOLIN, role: 'support' })
  expect(await asked()).toMatchObject({ status: 200 })
  await store.staff.setRole({ openid: XIAOLIN, role: null })
  expect(await asked()).toMatchObject({ status: 403 })
})

test('every call of two hours has one session, which is written once', async () => {
  const { fn, env, store } = anApi()
  const insert = jest.spyOn(store.sessions, 'insert')
  for (let i = 0; i < 3; i++) await fn.main(aCall(env, me))
  expect(insert).toHaveBeenCalledTimes(1)
  expect(insert.mock.calls[0]?.[0]).toMatchObject({ openid: XIAOLIN })
})

test.each([
  ['the event names somebody, and the context nobody', { context: false }],
  ['a cloud function that was called by a phone', { source: 'wx_client,scf' }],
  ['a cloud function', { source: 'scf' }],
  ['WeChat’s HTTP API', { source: 'wx_http' }],
  ['nobody knows', { source: '' }],
  ['another mini-program', { appid: 'wxfedcba9876543210' }],
])('WeChat does not vouch for %s', async (_, change) => {
  const { fn, env } = anApi()
  const answer: Answer = await fn.main(aCall(env, me, change))
  expect(answer).toMatchObject({ status: 401, data: { error: { code: 'NOT_SIGNED_IN' } } })
})

test('the event and the context have to name the same person', async () => {
  const { fn, env } = anApi()
  const event = aCall(env, me)
  env.WX_OPENID = AQING
  expect(await fn.main(event)).toMatchObject({ status: 401 })
})

test('an openid in the environment is good for one call, even when the platform forgets it there', async () => {
  const { fn, env } = anApi()
  const call = aCall(env, me)
  expect(await fn.main(call)).toMatchObject({ status: 200 })
  expect(await fn.main(call)).toMatchObject({ status: 401 })
})

test('a token beside a call changes nothing about who calls', async () => {
  const { fn, env, token } = anApi()
  const headers = { Authorization: `Bearer ${await token(AQING)}` }
  expect(await fn.main(aCall(env, { ...me, headers }))).toMatchObject({
    data: { data: { openid: XIAOLIN } },
  })
})

describe('over HTTP nobody is who a header, a body or a left-over context says', () => {
  const everyHeader = {
    host: 'shop.example.com',
    'content-type': 'application/json',
    'x-wx-openid': XIAOLIN,
    'X-WX-SOURCE': 'wx_client',
    'x-wx-appid': 'wx0123456789abcdef',
    'x-wx-from-openid': XIAOLIN,
    'x-tcb-openid': XIAOLIN,
  }
  const body = JSON.stringify({ ...me, userInfo: { openId: XIAOLIN }, openid: XIAOLIN })
  test.each([
    ['headers', anHttpEvent('GET', '/v1/me', { headers: everyHeader })],
    ['a body', anHttpEvent('GET', '/v1/me', { headers: everyHeader, body })],
    [
      'a query',
      anHttpEvent('GET', '/v1/me', { queryStringParameters: { userInfo: XIAOLIN, openId: XIAOLIN } }),
    ],
    ['a request context', anHttpEvent('GET', '/v1/me', { requestContext: { openid: XIAOLIN } })],
  ])('%s', async (_, event) => {
    const { fn, env } = anApi()
    // As it would be if the platform left the last call's context where it was.
    aCall(env, me)
    expect(envelopeOf(await fn.main(event))).toMatchObject({ status: 401, error: { code: 'NOT_SIGNED_IN' } })
  })

  test('a session token is what counts there', async () => {
    const { fn, env, token } = anApi()
    aCall(env, me)
    const headers = { ...everyHeader, authorization: `Bearer ${await token(AQING)}` }
    const answer = envelopeOf(await fn.main(anHttpEvent('GET', '/v1/me', { headers })))
    expect(answer).toMatchObject({ status: 200, data: { openid: AQING } })
  })
})

test('a phone can write an event that looks like HTTP or a timer, but not send it as one', async () => {
  for (const make of [apiFunction, wxpayNotifyFunction, jobsFunction]) {
    const { fn, env, opened } = aFunction(make)
    for (const forged of [
      anHttpEvent('POST', '/internal/tick', { headers: { 'x-forwarded-for': '203.0.113.1' } }),
      { Type: 'Timer', TriggerName: 'every-minute', Time: '2026-11-23T04:00:00Z', Message: '' },
    ])
      expect(envelopeOf(await fn.main(aCall(env, forged)))).toMatchObject({
        status: 400,
        error: { code: 'INVALID_INPUT' },
      })
    expect(opened()).toBe(0)
  }
})

test('the functions of WeChat Pay and of the timer take no call of a phone', async () => {
  for (const make of [wxpayNotifyFunction, jobsFunction]) {
    const { fn, env } = aFunction(make)
    expect(envelopeOf(await fn.main(aCall(env, me)))).toMatchObject({ status: 400 })
  }
})
