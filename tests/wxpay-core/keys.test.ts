import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWxpayV2, createWxpayV3, WxpayError, type WxpayV2Config, type WxpayV3Config } from 'wxpay-core'
import { readMerchantKey } from 'wxpay-core/src/keys.ts'
import { apiV3Key, appid, fixture, mchid, merchantSerialNo, publicKeyId, v2Key } from './fixtures.ts'

const privateKeyPem = fixture('merchant.key.pem')
const certificatePem = fixture('merchant.cert.pem')
const good: WxpayV3Config = { appid, mchid, apiV3Key, privateKeyPem, certificatePem }
const p12 = readFileSync(join(__dirname, 'fixtures', 'merchant.p12'))

function errorOf(make: () => unknown): unknown {
  try {
    make()
  } catch (error) {
    return error
  }
  return undefined
}

test('a key and its serial number, given or read from the certificate, are one pair', () => {
  for (const given of [{ serialNo: merchantSerialNo }, { certificatePem }]) {
    const { privateKey, serialNo } = readMerchantKey({ privateKeyPem, ...given })
    expect(serialNo).toBe(merchantSerialNo)
    expect(privateKey.type).toBe('private')
  }
})

test('a certificate, or its serial number alone, makes a client', () => {
  expect(createWxpayV3(good).api).toBe('v3')
  expect(createWxpayV3({ appid, mchid, apiV3Key, privateKeyPem, serialNo: merchantSerialNo }).api).toBe('v3')
  expect(createWxpayV3({ ...good, serialNo: merchantSerialNo }).api).toBe('v3')
  expect(createWxpayV3({ ...good, privateKeyPem: `\n${privateKeyPem}\r\n` }).api).toBe('v3')
})

test.each<[string, Partial<WxpayV3Config>]>([
  ['appid must be the id of the mini-program', { appid: '' }],
  ['mchid must be the merchant id', { mchid: '1900000001 ' }],
  ['apiV3Key must be the APIv3 key: exactly 32 bytes', { apiV3Key: apiV3Key.slice(1) }],
  ['apiV3Key must be the APIv3 key: exactly 32 bytes', { apiV3Key: `${apiV3Key.slice(1)}密` }],
  ['privateKeyPem must be PEM text. Is this a .p12 file?', { privateKeyPem: p12.toString('utf8') }],
  ['privateKeyPem must be PEM text. Is this a .p12 file?', { privateKeyPem: p12.toString('latin1') }],
  ['privateKeyPem must be PEM text. Is this a .p12 file?', { privateKeyPem: p12.toString('base64') }],
  ['openssl pkcs12 -legacy -nodes -in apiclient_cert.p12', { certificatePem: p12.toString('base64') }],
  ['privateKeyPem must be PEM text, starting with', { privateKeyPem: 'apiclient_key.pem' }],
  ['privateKeyPem must be PEM text, starting with', { privateKeyPem: '' }],
  [
    'privateKeyPem must be the private key (apiclient_key.pem); this is a certificate',
    { privateKeyPem: certificatePem },
  ],
  ['privateKeyPem must be an unencrypted private key', { privateKeyPem: fixture('encrypted.key.pem') }],
  [
    'privateKeyPem must be an RSA key of at least 2048 bits; this one is rsa 1024',
    { privateKeyPem: fixture('short.key.pem') },
  ],
  [
    'privateKeyPem must be an RSA key of at least 2048 bits; this one is ec',
    { privateKeyPem: fixture('ec.key.pem') },
  ],
  [
    'privateKeyPem must be a private key in PEM (apiclient_key.pem); it cannot be read',
    { privateKeyPem: privateKeyPem.slice(0, 900) },
  ],
  ['certificatePem must be a certificate in PEM; it cannot be read', { certificatePem: privateKeyPem }],
  ['certificatePem must be an RSA key', { certificatePem: fixture('ec.cert.pem') }],
  [
    'certificatePem must be the certificate of privateKeyPem',
    { certificatePem: fixture('platform-a.cert.pem') },
  ],
  ['certificatePem must be the certificate of privateKeyPem', { privateKeyPem: fixture('wxpay.key.pem') }],
  [
    'serialNo must be the serial number of certificatePem',
    { serialNo: '5157F09EFDC096DE15EBE81A47057A72000001' },
  ],
  [
    "publicKey.pem must be WeChat Pay's public key; this one belongs to your own",
    { publicKey: { id: publicKeyId, pem: fixture('merchant.pub.pem') } },
  ],
  [
    'publicKey.id must be the id of the WeChat Pay public key',
    { publicKey: { id: merchantSerialNo, pem: fixture('wxpay.pub.pem') } },
  ],
  [
    'publicKey.id must be the id of the WeChat Pay public key',
    { publicKey: { id: `x${publicKeyId}`, pem: fixture('wxpay.pub.pem') } },
  ],
  [
    'publicKey.id must be the id of the WeChat Pay public key',
    { publicKey: { id: `${publicKeyId} `, pem: fixture('wxpay.pub.pem') } },
  ],
  [
    'platformCertificates must be WeChat Pay platform certificates; this is your own',
    { platformCertificates: [certificatePem] },
  ],
])('an APIv3 client is not made: %s', (message, change) => {
  const error = errorOf(() => createWxpayV3({ ...good, ...change }))
  expect(error).toBeInstanceOf(WxpayError)
  expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', outcome: 'not-sent' })
  expect(String(error)).toContain(message)
})

test('a key whose kind has no length is named by its kind alone', () => {
  const { message } = errorOf(() =>
    createWxpayV3({ ...good, privateKeyPem: fixture('ec.key.pem') }),
  ) as WxpayError
  expect(message).toBe('privateKeyPem must be an RSA key of at least 2048 bits; this one is ec')
})

test.each(['privateKeyPem', 'certificatePem'])('a %s that is no text at all is named', (member) => {
  for (const value of [null, 1, Buffer.from(privateKeyPem)]) {
    expect(errorOf(() => createWxpayV3({ ...good, [member]: value }))).toMatchObject({
      code: 'ERR_WXPAY_CONFIG',
      member,
      message: `${member} must be PEM text`,
    })
  }
})

test('the own certificate is no platform certificate, whatever its serial number was thought to be', () => {
  const serialNo = '5157F09EFDC096DE15EBE81A47057A72000009'
  const platformCertificates = [certificatePem]
  const mistaken = { appid, mchid, apiV3Key, privateKeyPem, serialNo, platformCertificates }
  expect(errorOf(() => createWxpayV3(mistaken))).toMatchObject({
    code: 'ERR_WXPAY_CONFIG',
    member: 'platformCertificates',
    message: expect.stringContaining('this is your own merchant certificate'),
  })
})

test('an RSA key of the other scheme (PSS) is refused', () => {
  const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const error = errorOf(() => createWxpayV3({ ...good, privateKeyPem: pem }))
  expect(String(error)).toContain(
    'privateKeyPem must be an RSA key of at least 2048 bits; this one is rsa-pss',
  )
})

test.each([
  '408b07e79b8269fec3d5d3e6ab8ed163a6a380db',
  'PUB_KEY_ID_1',
  '12 34',
  '',
  `x${merchantSerialNo}`,
  `${merchantSerialNo}x`,
])('without a certificate the serial number "%s" is refused', (serialNo) => {
  const error = errorOf(() => createWxpayV3({ appid, mchid, apiV3Key, privateKeyPem, serialNo }))
  expect(error).toMatchObject({
    code: 'ERR_WXPAY_CONFIG',
    member: 'serialNo',
    message:
      "serialNo must be the certificate's serial number in upper-case hexadecimal, or give certificatePem",
  })
})

test.each<[string, Partial<WxpayV2Config>]>([
  ['key', { key: v2Key.slice(1) }],
  ['key', { key: `${v2Key.slice(1)} ` }],
  ['key', { key: `${v2Key.slice(1)}密` }],
  ['appid', { appid: 'wx 1' }],
  ['mchid', { mchid: '' }],
])('an APIv2 client with a wrong %s is not made', (member, change) => {
  expect(errorOf(() => createWxpayV2({ appid, mchid, key: v2Key, ...change }))).toMatchObject({
    code: 'ERR_WXPAY_CONFIG',
    member,
  })
})

test('an APIv3 key that was forgotten is named', () => {
  // @ts-expect-error: plain JavaScript can pass anything
  expect(errorOf(() => createWxpayV3({ ...good, apiV3Key: undefined }))).toMatchObject({ member: 'apiV3Key' })
})

test('a misspelt algorithm is no downgrade', () => {
  const config = { appid, mchid, key: v2Key, signType: 'HMAC_SHA256' }
  // @ts-expect-error: plain JavaScript can pass anything
  expect(errorOf(() => createWxpayV2(config))).toMatchObject({ member: 'signType' })
})

test('no error shows a key', () => {
  const secrets = [v2Key, apiV3Key, privateKeyPem.slice(40, 80)]
  const errors = [
    errorOf(() => createWxpayV3({ ...good, apiV3Key: `${apiV3Key}x` })),
    errorOf(() => createWxpayV3({ ...good, privateKeyPem: privateKeyPem.slice(0, 900) })),
    errorOf(() => createWxpayV2({ appid, mchid, key: `${v2Key}x` })),
  ]
  for (const error of errors) {
    const shown = `${error}${JSON.stringify(error)}${error instanceof Error ? `${error.stack}${error.cause}` : ''}`
    for (const secret of secrets) expect(shown).not.toContain(secret)
  }
})
