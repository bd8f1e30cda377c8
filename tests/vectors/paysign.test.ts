import { payMessage, signRsaSha256, signV2, type V2SignType } from 'wxpay-core'
import { loadVectors, privateKeyOf, rowsOf } from './vectors.ts'

interface PaySignVector {
  readonly id: string
  readonly kind: string
  readonly signType: V2SignType
  readonly params: Readonly<Record<string, string>>
  readonly key: string
  readonly appId: string
  readonly timeStamp: string
  readonly nonceStr: string
  readonly package: string
  readonly keyRef: string
  readonly expected: { readonly message?: string; readonly paySign: string }
}

const vectors = loadVectors<PaySignVector>('paysign.json')

test('every published paySign vector is of a kind that is tested here', () => {
  expect(vectors).toHaveLength(5)
  expect(vectors.filter(({ kind }) => kind !== 'v2-paysign' && kind !== 'v3-paysign')).toEqual([])
})

test.each(rowsOf(vectors, 'v2-paysign'))(
  '%s signs as published',
  (_, { params, key, signType, expected }) => {
    expect(signV2(params, key, signType)).toBe(expected.paySign)
  },
)

test.each(rowsOf(vectors, 'v3-paysign'))('%s signs as published', (_, vector) => {
  const message = payMessage(vector)
  if (vector.expected.message !== undefined) expect(message).toBe(vector.expected.message)
  expect(signRsaSha256(message, privateKeyOf(vector.keyRef))).toBe(vector.expected.paySign)
})
