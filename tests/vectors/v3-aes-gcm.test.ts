import { X509Certificate } from 'node:crypto'
import { decryptResource, type EncryptedResource, readApiV3Key } from 'wxpay-core'
import { loadVectors, rowsOf } from './vectors.ts'

interface GcmVector {
  readonly id: string
  readonly kind: string
  readonly key: string
  readonly nonce: string
  readonly associated_data: string
  readonly ciphertext: string
  readonly strictKeyLengthRejects?: boolean
  readonly response: { readonly data: readonly { readonly encrypt_certificate: EncryptedResource }[] }
  readonly expected: {
    readonly plaintext?: string
    readonly error?: boolean
    readonly serial_no?: string
  }
}

const vectors = loadVectors<GcmVector>('v3-aes-gcm.json')
const shortKeys = vectors.filter((vector) => vector.strictKeyLengthRejects === true)
const longNonces = vectors.filter((vector) => vector.nonce?.length === 16)
const strict = vectors.filter((vector) => !shortKeys.includes(vector) && !longNonces.includes(vector))

test('every published AES-GCM vector is tested here', () => {
  expect(vectors).toHaveLength(11)
  expect([shortKeys.length, longNonces.length, strict.length]).toEqual([3, 2, 6])
  expect(strict.filter(({ kind }) => kind !== 'aes-256-gcm' && kind !== 'certificates-response')).toEqual([])
})

test.each(rowsOf(strict, 'aes-256-gcm'))('%s opens as published', (_, { key, expected, ...vector }) => {
  const opened = decryptResource({ ...vector, algorithm: 'AEAD_AES_256_GCM' }, readApiV3Key(key))
  if (expected.error === true) expect(opened).toBeNull()
  else expect(opened?.toString('utf8')).toBe(expected.plaintext)
})

test.each(rowsOf(strict, 'certificates-response'))(
  '%s holds the certificate',
  (_, { key, response, expected }) => {
    const sealed = response.data[0]?.encrypt_certificate
    if (sealed === undefined) throw new Error('the vector is empty')
    const pem = decryptResource(sealed, readApiV3Key(key))
    expect(new X509Certificate(pem ?? '').serialNumber).toBe(expected.serial_no)
  },
)

// wechatpay-go's mocks use keys of 16 bytes, which makes Go choose AES-128. APIv3 keys have 32 bytes.
test.each(shortKeys.map((vector) => [vector.id, vector] as const))('%s: the key is refused', (_, { key }) => {
  expect(() => readApiV3Key(key)).toThrow('exactly 32 bytes')
})

// wechatpay-axios-plugin's own samples use a nonce of 16 bytes. WeChat's has 12, and other lengths take another path
// through GCM that nobody needs.
test.each(longNonces.map((vector) => [vector.id, vector] as const))(
  '%s: the nonce is refused',
  (_, vector) => {
    expect(decryptResource({ ...vector, algorithm: 'AEAD_AES_256_GCM' }, readApiV3Key(vector.key))).toBeNull()
  },
)
