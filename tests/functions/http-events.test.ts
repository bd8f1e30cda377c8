/** Events of the HTTP access service as requests, and answers as the service takes them. */
import { type AppEnv, createFunction, type FunctionParts } from '@yuanlu/backend/functions'
import { Hono } from 'hono'
import { aFunction, anHttpEvent, envelopeOf } from '../support/functions'

/** Answers with what arrived. */
const echo: FunctionParts = {
  timeLimitMs: 10_000,
  name: 'echo',
  roots: ['/v1', '/healthz'],
  servesCalls: false,
  hasTimer: false,
  open: async () => {
    const app = new Hono<AppEnv>()
    app.get('/v1/picture', () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
      return new Response(bytes, { headers: { 'Content-Type': 'image/png' } })
    })
    app.get('/v1/nothing', () => new Response(null, { status: 204 }))
    app.get('/v1/cookies', () => {
      const headers = new Headers({ 'Content-Type': 'text/plain' })
      headers.append('Set-Cookie', 'a=1; Path=/')
      headers.append('Set-Cookie', 'b=2; Path=/')
      return new Response('两块饼干', { headers })
    })
    app.all('*', async (c) =>
      c.json({
        method: c.req.method,
        url: c.req.url,
        headers: Object.fromEntries(c.req.raw.headers),
        query: c.req.queries(),
        body: Buffer.from(await c.req.arrayBuffer()).toString('base64'),
        caller: c.env.caller,
      }),
    )
    return { app }
  },
}

const send = async (event: object, env: Record<string, string> = {}) => {
  const { fn } = aFunction((driver, outside) => createFunction(echo, { driver, ...outside }), env)
  // biome-ignore lint/suspicious/noExplicitAny: the service's answer
  return (await fn.main(event)) as any
}
const echoed = async (event: object, env: Record<string, string> = {}) =>
  JSON.parse((await send(event, env)).body)

test('method, path, query, headers and body arrive as they were sent', async () => {
  const arrived = await echoed(
    anHttpEvent('POST', '/v1/orders', {
      headers: { HOST: 'shop.example.com', 'CONTENT-type': 'application/json', 'X-Odd': 'Ä' },
      queryStringParameters: { cursor: 'a b&c', status: '已付' },
      body: '{"remark":"谢谢 🙏"}',
    }),
  )
  expect(arrived).toMatchObject({
    method: 'POST',
    query: { cursor: ['a b&c'], status: ['已付'] },
    headers: { host: 'shop.example.com', 'content-type': 'application/json', 'x-odd': 'Ä' },
  })
  expect(new URL(arrived.url).origin + new URL(arrived.url).pathname).toBe(
    'https://shop.example.com/v1/orders',
  )
  expect(Buffer.from(arrived.body, 'base64').toString()).toBe('{"remark":"谢谢 🙏"}')
})

test.each([true, 'true'])(
  'a body in base64 arrives byte for byte (isBase64Encoded: %j)',
  async (isBase64Encoded) => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const { body } = await echoed(
      anHttpEvent('POST', '/v1/uploads', { body: bytes.toString('base64'), isBase64Encoded }),
    )
    expect(body).toBe(bytes.toString('base64'))
  },
)

test.each(['TRACE', 'track', 'CONNECT'])('%s, which no request of ours has, is no call', async (method) => {
  expect(envelopeOf(await send(anHttpEvent(method, '/v1/orders')))).toMatchObject({
    status: 404,
    ok: false,
    error: { code: 'NOT_FOUND', retry: 'no' },
  })
})

test.each(['shop.example.com:99999', '1.2.3.999', '[:::]'])(
  'a host that no address has (%j) is not believed, and the call is answered',
  async (host) => {
    const arrived = await echoed(anHttpEvent('GET', '/v1/orders', { headers: { host } }))
    expect(arrived.url).toBe('https://function.invalid/v1/orders')
  },
)

test('a text that looks like base64 stays text', async () => {
  const { body } = await echoed(anHttpEvent('POST', '/v1/x', { body: 'aGVsbG8=' }))
  expect(Buffer.from(body, 'base64').toString()).toBe('aGVsbG8=')
})

test('a repeated header and a repeated query member stay repeated, wherever the service puts them', async () => {
  const single = await echoed(
    anHttpEvent('GET', '/v1/x', {
      headers: { host: 'shop.example.com', Accept: ['text/html', 'text/plain'] },
      queryStringParameters: { tag: ['a', 'b'] },
    }),
  )
  expect(single.headers.accept).toBe('text/html, text/plain')
  expect(single.query).toEqual({ tag: ['a', 'b'] })
  const multi = await echoed(
    anHttpEvent('GET', '/v1/x', {
      headers: { host: 'shop.example.com', accept: 'text/plain' },
      multiValueHeaders: { Accept: ['text/html', 'text/plain'] },
      queryStringParameters: { tag: 'b' },
      multiValueQueryStringParameters: { tag: ['a', 'b'] },
    }),
  )
  expect(multi.headers.accept).toBe('text/html, text/plain')
  expect(multi.query).toEqual({ tag: ['a', 'b'] })
})

test('a header that HTTP does not know is left out; the others still arrive', async () => {
  const { headers } = await echoed(
    anHttpEvent('GET', '/v1/x', { headers: { 'not a name': 'x', broken: 'a\nb', fine: 'yes', none: null } }),
  )
  expect(headers).toEqual({ fine: 'yes' })
})

test.each([
  ['without its prefix', '/v1/orders', '/v1/orders', ''],
  ['with it', '/shop/api/v1/orders', '/v1/orders', '/shop/api'],
  ['cut off further, because the route is /v1 itself', '/orders', '/v1/orders', ''],
  ['without the slash', 'v1/orders', '/v1/orders', ''],
  ['another root of the function', '/shop/healthz', '/healthz', '/shop'],
  ['a root inside a path of ours', '/v1/products/v1', '/v1/products/v1', ''],
  ['what only begins like a root', '/v1x/orders', '/v1/v1x/orders', ''],
  ['what would end a path', '/v1/a?b#c', '/v1/a%3Fb%23c', ''],
  ['dots, which lead nowhere else', '/v1/../../healthz', '/healthz', ''],
])('a path is found %s', async (_, seen, path, prefix) => {
  const arrived = await echoed(anHttpEvent('GET', seen))
  expect(new URL(arrived.url).pathname).toBe(path)
  expect(arrived.caller.prefix).toBe(prefix)
})

test.each(['evil.example@shop', 'shop.example.com/x', 'a b', '', '[::1', 'shop:port'])(
  'a host that is none (%j) becomes nobody’s',
  async (host) => {
    const { url } = await echoed(anHttpEvent('GET', '/v1/x', { headers: { host } }))
    expect(url).toBe('https://function.invalid/v1/x')
  },
)

test.each([
  ['the service is a proxy like others: not believed unless counted', {}, 'evil, 198.51.100.1', '127.0.0.1'],
  ['counted, it appends whom it serves', { TRUST_PROXY: '1' }, 'evil, 198.51.100.1', '198.51.100.1'],
  ['another proxy in front of it', { TRUST_PROXY: '2' }, 'evil, 198.51.100.1, 203.0.113.9', '198.51.100.1'],
  ['nothing said', { TRUST_PROXY: '1' }, '', '127.0.0.1'],
])('the caller’s address: %s', async (_, env, forwarded, expected) => {
  const event = anHttpEvent('GET', '/v1/x', { headers: { 'X-Forwarded-For': forwarded } })
  expect((await echoed(event, env)).caller.ip).toBe(expected)
})

test('where the service names the caller, what a header claims does not count', async () => {
  const event = anHttpEvent('GET', '/v1/x', {
    headers: { 'x-forwarded-for': '203.0.113.9' },
    requestContext: { sourceIp: '198.51.100.1' },
  })
  expect((await echoed(event)).caller.ip).toBe('198.51.100.1')
  expect((await echoed(event, { TRUST_PROXY: '1' })).caller.ip).toBe('203.0.113.9')
})

test('text answers are text, pictures are base64 byte for byte, and nothing is nothing', async () => {
  const text = await send(anHttpEvent('GET', '/v1/cookies'))
  expect(text).toMatchObject({
    statusCode: 200,
    body: '两块饼干',
    isBase64Encoded: false,
    multiValueHeaders: { 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'] },
  })
  const picture = await send(anHttpEvent('GET', '/v1/picture'))
  expect(picture).toMatchObject({ isBase64Encoded: true, headers: { 'content-type': 'image/png' } })
  expect([...Buffer.from(picture.body, 'base64')]).toEqual(Array.from({ length: 256 }, (_, i) => i))
  const nothing = await send(anHttpEvent('GET', '/v1/nothing'))
  expect(nothing).toMatchObject({ statusCode: 204, body: '', isBase64Encoded: false })
})

test.each([
  ['nothing', undefined],
  ['an empty object', {}],
  ['a list', []],
  ['a message of a queue', { Records: [{ CMQ: {} }] }],
  ['a path without a method', { path: '/v1/orders' }],
  ['a method that is none', { path: '/v1/orders', httpMethod: 'G ET', headers: {} }],
  ['a timer, which this function has not', { Type: 'Timer', TriggerName: 'x' }],
])('%s is answered with what was expected', async (_, event) => {
  const answer = envelopeOf(await send(event as object))
  expect(answer).toMatchObject({ status: 400, ok: false, error: { code: 'INVALID_INPUT', retry: 'no' } })
  expect(answer.error.message).toBe(
    'echo expects an event of the HTTP access service ({path, httpMethod, headers, body, …}) below /v1, /healthz',
  )
})
