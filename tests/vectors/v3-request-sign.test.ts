import { authorization, requestMessage, signRsaSha256 } from 'wxpay-core'
import { joinLines } from 'wxpay-core/src/v3/sign.ts'
import { loadVectors, privateKeyOf, rowsOf } from './vectors.ts'

interface RequestVector {
  readonly id: string
  readonly kind: string
  readonly method: string
  readonly url: string
  readonly timestamp: string
  readonly nonce: string
  readonly body: string
  readonly keyRef: string
  readonly mchid?: string
  readonly serial_no?: string
  readonly signature: string
  readonly message: string
  readonly parts: readonly string[]
  readonly expected: {
    readonly message: string
    readonly signature: string
    readonly header: string
    readonly fields?: Readonly<Record<string, string>>
  }
}

const vectors = loadVectors<RequestVector>('v3-request-sign.json')
const handled = [
  'v3-request-sign',
  'rsa-sha256-sign',
  'v3-auth-message',
  'v3-auth-header-exact',
  'v3-message-join',
]

test('every published request signature vector is of a kind that is tested here', () => {
  expect(vectors).toHaveLength(13)
  expect(vectors.filter(({ kind }) => !handled.includes(kind))).toEqual([])
})

test.each(rowsOf(vectors, 'v3-request-sign'))(
  '%s signs as published',
  (_, { url, keyRef, expected, ...vector }) => {
    const message = requestMessage({ ...vector, path: url })
    expect(message).toBe(expected.message)
    expect(signRsaSha256(message, privateKeyOf(keyRef))).toBe(expected.signature)
  },
)

test.each(rowsOf(vectors, 'rsa-sha256-sign'))('%s signs as published', (_, { message, keyRef, expected }) => {
  expect(signRsaSha256(message, privateKeyOf(keyRef))).toBe(expected.signature)
})

test.each(rowsOf(vectors, 'v3-auth-message'))('%s joins as published', (_, { url, expected, ...vector }) => {
  expect(requestMessage({ ...vector, path: url })).toBe(expected.message)
  if (expected.fields !== undefined) {
    const { mchid = '', serial_no: serialNo = '', timestamp, nonce } = vector
    const header = authorization({ mchid, serialNo, timestamp, nonce, signature: 'unpublished' })
    expect(fieldsOf(header)).toEqual({ ...expected.fields, signature: 'unpublished' })
  }
})

// The order of the members is free; they are compared as a set.
test.each(rowsOf(vectors, 'v3-auth-header-exact'))('%s has the published members', (_, vector) => {
  const { mchid = '', serial_no: serialNo = '', timestamp, nonce, signature, expected } = vector
  const header = authorization({ mchid, serialNo, timestamp, nonce, signature })
  expect(header.startsWith('WECHATPAY2-SHA256-RSA2048 ')).toBe(true)
  expect(fieldsOf(header)).toEqual(fieldsOf(expected.header))
})

test.each(rowsOf(vectors, 'v3-message-join'))('%s joins as published', (_, { parts, expected }) => {
  expect(joinLines(parts)).toBe(expected.message)
})

function fieldsOf(header: string): Readonly<Record<string, string>> {
  const [scheme = '', list = ''] = [
    header.slice(0, header.indexOf(' ')),
    header.slice(header.indexOf(' ') + 1),
  ]
  expect(scheme).toBe('WECHATPAY2-SHA256-RSA2048')
  const pairs = list.split(',').map((pair) => /^([a-z_]+)="([^"]*)"$/.exec(pair))
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? 'unreadable', pair?.[2] ?? '']))
}
