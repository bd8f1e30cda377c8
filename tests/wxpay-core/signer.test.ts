/** @module Where a request is signed: a lone one at once, several at once beside each other where there is a second core. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { createRequestSigner, signRsaSha256Async } from 'wxpay-core/src/v3/signer.ts'
import { fixture } from './fixtures.ts'
import { isSignedByMerchant } from './v3-merchant.ts'

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
  const { publicKey } = generateKeyPairSync('x25519')
  await expect(signRsaSha256Async('text', publicKey)).rejects.toThrow()
})
