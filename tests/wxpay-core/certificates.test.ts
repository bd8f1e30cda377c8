/** @module Reading the list of platform certificates by itself: through a client, what is wrong with it is only a doubt. */
import { X509Certificate } from 'node:crypto'
import { readApiV3Key } from 'wxpay-core/src/v3/aes-gcm.ts'
import { readCertificates } from 'wxpay-core/src/v3/certificates.ts'
import { refusalOf } from './expect-refusal.ts'
import { apiV3Key, fixture, noon, platformSerialA, platformSerialB } from './fixtures.ts'
import { sealed, type V3SignOptions, v3Headers } from './wechat-side.ts'

const entryOf = (serial_no: string, name: string) => ({
  serial_no,
  encrypt_certificate: sealed(fixture(`${name}.cert.pem`), 'certificate'),
})
const a = entryOf(platformSerialA, 'platform-a')
const b = entryOf(platformSerialB, 'platform-b')
const short = entryOf('5157F09EFDC096DE15EBE81A47057A72000003', 'platform-short')
const signedByA = { serial: platformSerialA, key: 'platform-a.key.pem' }

function read(
  list: unknown,
  { status = 200, at = noon, ...signer }: V3SignOptions & { status?: number; at?: number } = signedByA,
) {
  const body = JSON.stringify(list)
  const headers = v3Headers(body, { ...signedByA, ...signer, timestamp: String(at / 1_000) })
  const lowerCase = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return readCertificates(
    { status, headers: { ...lowerCase, 'request-id': '08ABCDEF-0' }, body: Buffer.from(body) },
    { apiV3Key: readApiV3Key(apiV3Key), fixedKeys: [], clock: () => at },
  )
}

test('every certificate of the list is handed out', () => {
  expect(read({ data: [a, b] })).toEqual([fixture('platform-a.cert.pem'), fixture('platform-b.cert.pem')])
})

test('a certificate is left out from the moment at which it ends', () => {
  expect(read({ data: [a, short] })).toHaveLength(2)
  const end = Date.parse(new X509Certificate(fixture('platform-short.cert.pem')).validTo)
  expect(read({ data: [a, short] }, { at: end - 1_000 })).toHaveLength(2)
  expect(read({ data: [a, short] }, { at: end })).toEqual([fixture('platform-a.cert.pem')])
})

test.each<[string, unknown]>([
  ['data is not a list', { data: {} }],
  ['data is not a list', { data: { length: 0 } }],
  ['data is not a list', { data: Array.from({ length: 101 }, () => null) }],
  ['data holds something other than certificates', { data: Array.from({ length: 100 }, () => null) }],
  ['data holds something other than certificates', { data: ['certificate'] }],
  [
    'a certificate does not open with this APIv3 key',
    {
      data: [
        { ...a, encrypt_certificate: sealed(fixture('platform-a.cert.pem'), 'certificate', 'k'.repeat(32)) },
      ],
    },
  ],
  ['a certificate under another serial_no', { data: [a, { ...b, serial_no: platformSerialA }] }],
])('no list is believed of which it must be said: %s', async (reason, list) => {
  const error = await refusalOf(async () => read(list))
  expect(error).toMatchObject({
    code: 'ERR_WXPAY_ANSWER_MALFORMED',
    outcome: 'unknown',
    httpStatus: 200,
    message: `the answer is not what WeChat Pay documents: ${reason}`,
  })
})

test('a refusal is one, and a list that somebody else signed is none', async () => {
  expect(await refusalOf(async () => read({ code: 'NO_AUTH' }, { status: 403 }))).toMatchObject({
    code: 'ERR_WXPAY_REFUSED',
    apiCode: 'NO_AUTH',
  })
  expect(await refusalOf(async () => read({ data: [a] }, { status: 204 }))).toMatchObject({
    code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    message: expect.stringContaining('it was not checked'),
  })
  const stranger = { serial: platformSerialB, key: 'platform-b.key.pem' }
  expect(await refusalOf(async () => read({ data: [a] }, stranger))).toMatchObject({
    code: 'ERR_WXPAY_ANSWER_SIGNATURE',
    requestId: '08ABCDEF-0',
  })
})
