import { createServer, type RequestListener } from 'node:http'
import { createPlatform, toLoginAnswer } from '@yuanlu/gateway-wechat'

test.each<[string, unknown, unknown]>([
  [
    'an openid',
    { openid: 'oXiaolin', session_key: 'k', unionid: 'u' },
    { kind: 'known', openid: 'oXiaolin' },
  ],
  ['errcode 0 beside it', { errcode: 0, errmsg: 'ok', openid: 'o-1_A' }, { kind: 'known', openid: 'o-1_A' }],
  ['40029, a wrong code', { errcode: 40029, errmsg: 'invalid code' }, { kind: 'badCode' }],
  ['40163, a used code', { errcode: 40163 }, { kind: 'badCode' }],
  ['40226, a blocked user', { errcode: 40226 }, { kind: 'badCode' }],
  ['-1, busy', { errcode: -1 }, { kind: 'unavailable', reason: 'errcode -1' }],
  ['45011, too often', { errcode: 45011 }, { kind: 'unavailable', reason: 'errcode 45011' }],
  ['40125, our secret is wrong', { errcode: 40125 }, { kind: 'unavailable', reason: 'errcode 40125' }],
  ['no openid', {}, { kind: 'unavailable', reason: 'answer without openid' }],
  ['an openid that is none', { openid: 'a b' }, { kind: 'unavailable', reason: 'answer without openid' }],
  ['an openid that is a list', { openid: ['o'] }, { kind: 'unavailable', reason: 'answer without openid' }],
  ['a list', [], { kind: 'unavailable', reason: 'answer without openid' }],
  ['null', null, { kind: 'unavailable', reason: 'malformed answer' }],
  ['text', 'ok', { kind: 'unavailable', reason: 'malformed answer' }],
])('code2session answers %s', (_, answer, expected) => {
  expect(toLoginAnswer(answer)).toEqual(expected)
})

test('the session key never leaves', () => {
  expect(JSON.stringify(toLoginAnswer({ openid: 'o', session_key: 'canary' }))).not.toContain('canary')
})

// A plain-http server is no TLS peer: nothing of the request, secret included, may reach it.
test('a peer without TLS hears nothing, and the failure names no address', async () => {
  const heard: string[] = []
  const listener: RequestListener = (request) => void heard.push(request.url ?? '')
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const platform = createPlatform({
    appid: 'wx1',
    appSecret: 'canary-secret',
    baseUrl: `https://127.0.0.1:${port}`,
    timeoutMs: 2_000,
    templates: { refundResult: null, refundRequested: null, shipped: null },
  })
  const answer = await platform.login('code')
  expect(answer).toMatchObject({ kind: 'unavailable' })
  expect(JSON.stringify(answer)).not.toContain('canary-secret')
  expect(heard).toEqual([])
  platform.destroy()
  await new Promise((resolve) => server.close(resolve))
})
