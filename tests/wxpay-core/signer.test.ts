/** @module Where a request is signed: a lone one at once, several at once beside each other where there is a second core. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { createRequestSigner, signRsaSha256Async } from 'wxpay-core/src/v3/signer.ts'
import { closeServers, startFakeWechat } from './fake-wechat.ts'
import { anOrder, fixture } from './fixtures.ts'
import { clientTo, endClients, isSignedByMerchant } from './v3-merchant.ts'
import { refuseV3 } from './wechat-side.ts'

afterEach(async () => {
  jest.restoreAllMocks()
  endClients()
  await closeServers()
})

const key = createPrivateKey(fixture('merchant.key.pem'))

test.each([
  ['a lone call with many cores', false, 8, 'at once'],
  ['a lone call with one core', false, 1, 'at once'],
  ['one of many calls with one core', true, 1, 'at once'],
  ['one of many calls with two cores', true, 2, 'later'],
] as const)('%s (busy: %p, cores: %d) is signed %s', async (_, isBusy, cores, when) => {
  const signature = createRequestSigner(key, cores).sign('GET\n/\n', isBusy)
  expect(typeof signature === 'string' ? 'at once' : 'later').toBe(when)
  expect(isSignedByMerchant('GET\n/\n', await signature)).toBe(true)
})

test('a key that cannot sign like this is an error, not a call that never ends', async () => {
  const { privateKey } = generateKeyPairSync('x25519')
  await expect(signRsaSha256Async('text', privateKey)).rejects.toThrow('not supported for this keytype')
})

test('a client signs beside each other what comes together, and nothing else', async () => {
  const sign = jest.spyOn(process.getBuiltinModule('node:crypto'), 'sign')
  jest.spyOn(process.getBuiltinModule('node:os'), 'availableParallelism').mockReturnValue(2)
  const wechat = await startFakeWechat({ plain: true })
  wechat.answer((_, response) => refuseV3(response, 403, 'NO_AUTH'))
  const client = clientTo(wechat)
  /** How many of so many calls were signed on another thread. */
  const besides = async (calls: number) => {
    sign.mockClear()
    await Promise.allSettled(Array.from({ length: calls }, () => client.prepay(anOrder)))
    return sign.mock.calls.filter(([, , , callback]) => callback !== undefined).length
  }
  expect(await besides(1)).toBe(0)
  expect(await besides(3)).toBe(2)
  expect(await besides(1)).toBe(0)
  expect(await besides(2)).toBe(1)
})
