import { constants, privateDecrypt } from 'node:crypto'
import { encryptField, WxpayError } from 'wxpay-core'
import { loadVectors, privateKeyOf, publicKeyOf, rowsOf } from './vectors.ts'

interface OaepVector {
  readonly id: string
  readonly kind: string
  readonly keyRef: string
  readonly ciphertext: string
  readonly encryptKeyRef: string
  readonly decryptKeyRef: string
  readonly expected: {
    readonly plaintext?: string
    readonly error?: boolean
    readonly acceptsBytes: number
    readonly rejectsBytes: number
  }
}

const vectors = loadVectors<OaepVector>('v3-oaep.json')

/** The receiver's side. The official ciphertexts show that its parameters are WeChat's; then it opens ours. */
function open(ciphertext: string, keyRef: string): string {
  const key = { key: privateKeyOf(keyRef), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }
  return privateDecrypt(key, Buffer.from(ciphertext, 'base64')).toString('utf8')
}

test('every published OAEP vector is of a kind that is tested here', () => {
  expect(vectors).toHaveLength(4)
  const handled = ['rsa-oaep-sha1-decrypt', 'rsa-oaep-sha1-encrypt-roundtrip']
  expect(vectors.filter(({ kind }) => !handled.includes(kind))).toEqual([])
})

test.each(rowsOf(vectors, 'rsa-oaep-sha1-decrypt'))('%s opens as published', (_, vector) => {
  if (vector.expected.error === true) expect(() => open(vector.ciphertext, vector.keyRef)).toThrow()
  else expect(open(vector.ciphertext, vector.keyRef)).toBe(vector.expected.plaintext)
})

test.each(rowsOf(vectors, 'rsa-oaep-sha1-encrypt-roundtrip'))('%s', (_, vector) => {
  const key = publicKeyOf(vector.encryptKeyRef)
  const { acceptsBytes, rejectsBytes } = vector.expected
  for (const text of ['', '6222021234567890123', '张三丰', 'x'.repeat(acceptsBytes)]) {
    expect(open(encryptField(text, key), vector.decryptKeyRef)).toBe(text)
  }
  expect(() => encryptField('x'.repeat(rejectsBytes), key)).toThrow(
    new WxpayError('ERR_WXPAY_INPUT', `text must be at most ${acceptsBytes} bytes of UTF-8`),
  )
})
