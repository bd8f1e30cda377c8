import { createV3Verifier, verifyRsaSha256 } from 'wxpay-core'
import { keyEntry, loadVectors, pemOf, publicKeyOf, rowsOf } from './vectors.ts'

interface VerifyVector {
  readonly id: string
  readonly kind: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly message: string
  readonly signature: string
  readonly serial: string
  readonly keyRef: string
  readonly expected: { readonly valid: boolean }
}

const vectors = loadVectors<VerifyVector>('v3-verify.json')
const handled = ['v3-response-verify', 'rsa-sha256-verify', 'v3-key-lookup']

test('every published verification vector is of a kind that is tested here', () => {
  expect(vectors).toHaveLength(12)
  expect(vectors.filter(({ kind }) => !handled.includes(kind))).toEqual([])
})

test.each(rowsOf(vectors, 'v3-response-verify'))('%s verifies as published', async (_, vector) => {
  const timestamp = vector.headers['Wechatpay-Timestamp'] ?? ''
  const serial = vector.headers['Wechatpay-Serial'] ?? ''
  const pem = pemOf(vector.keyRef)
  const verifier = createV3Verifier({
    ...(keyEntry(vector.keyRef).type === 'x509'
      ? { platformCertificates: [pem] }
      : { publicKey: { id: serial, pem } }),
    clock: () => Number(timestamp) * 1000,
  })
  const verdict = await verifier.verify({
    timestamp,
    serial,
    nonce: vector.headers['Wechatpay-Nonce'],
    signature: vector.headers['Wechatpay-Signature'],
    body: Buffer.from(vector.body),
  })
  expect(verdict).toEqual({ genuine: vector.expected.valid, serial })
})

test.each(rowsOf(vectors, 'rsa-sha256-verify'))('%s verifies as published', (_, vector) => {
  const { message, signature, keyRef, expected } = vector
  expect(verifyRsaSha256([message], signature, publicKeyOf(keyRef))).toBe(expected.valid)
})

test.each(rowsOf(vectors, 'v3-key-lookup'))('%s finds no key', async (_, { serial }) => {
  const verifier = createV3Verifier({
    platformCertificates: [pemOf('go-platform-cert-F576')],
    clock: () => 1_624_523_846_000,
  })
  const body = Buffer.from('')
  const verdict = await verifier.verify({
    timestamp: '1624523846',
    nonce: 'n',
    serial,
    signature: 'AAAA',
    body,
  })
  expect(verdict).toMatchObject({ genuine: false, doubt: serial === '' ? 'missingHeader' : 'unknownSerial' })
})
