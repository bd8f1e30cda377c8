/** @module Rules that hold for whatever text there is, not only for the examples. */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
} from 'node:crypto'
import fc from 'fast-check'
import {
  decryptReqInfo,
  decryptResource,
  encryptField,
  fenOfYuan,
  readApiV3Key,
  readFlatXml,
  readReqInfoKey,
  signRsaSha256,
  signRsaSha256Async,
  signV2,
  verifyRsaSha256,
  writeFlatXml,
  yuanOfFen,
} from 'wxpay-core'
import { signedDocument } from 'wxpay-core/src/v2/request.ts'
import { createV2Signer, isSignedBy, joinSorted, joinSortedMap } from 'wxpay-core/src/v2/sign.ts'
import { apiV3Key, fixture, v2Key } from './fixtures.ts'
import { openField } from './wechat-side.ts'

const privateKey = createPrivateKey(fixture('merchant.key.pem'))
const publicKey = createPublicKey(privateKey)

// What XML can carry: no control characters but three, no lone surrogates, neither U+FFFE nor U+FFFF.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
const hasLoneSurrogate = /\p{Surrogate}/u
const value = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter((text) => !hasLoneSurrogate.test(text) && !forbidden.test(text))
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/).filter((text) => text !== 'sign')
const members = fc.dictionary(name, value, { maxKeys: 12 })
const runs = { numRuns: 300 }

test('what is written as XML is read back, every character of it', () => {
  fc.assert(
    fc.property(members, (all) => {
      expect(Object.fromEntries(readFlatXml(Buffer.from(writeFlatXml(all))))).toEqual({ ...all })
    }),
    runs,
  )
})

test('a signed document verifies, and no longer once any value has changed', () => {
  const signer = createV2Signer(v2Key, 'HMAC-SHA256')
  fc.assert(
    fc.property(members, name, value, (all, other, text) => {
      const document = readFlatXml(Buffer.from(signedDocument(all, signer)))
      expect(isSignedBy(document, signer)).toBe(true)
      fc.pre(text !== '' && (all[other] ?? '') !== text)
      const changed = new Map([...document, [other, text]])
      // Without escaping another set of members can have the same text; then it has the same signature, and `ambiguous`.
      fc.pre(joinSortedMap(changed) !== joinSortedMap(document))
      expect(isSignedBy(changed, signer)).toBe(false)
    }),
    runs,
  )
})

test('the order of the members makes no difference to the signature, and empty ones none at all', () => {
  fc.assert(
    fc.property(members, fc.infiniteStream(fc.nat()), (all, weights) => {
      const shuffled = Object.entries(all)
        .map((entry) => [weights.next().value ?? 0, entry] as const)
        .sort(([one], [other]) => one - other)
        .map(([, entry]) => entry)
      for (const type of ['MD5', 'HMAC-SHA256'] as const) {
        const sign = signV2(all, v2Key, type)
        expect(signV2(Object.fromEntries(shuffled), v2Key, type)).toBe(sign)
        expect(signV2({ ...all, sign: 'X', zzz_empty: '', zzz_null: null }, v2Key, type)).toBe(sign)
      }
      expect(joinSortedMap(new Map(shuffled))).toBe(joinSorted(all))
    }),
    runs,
  )
})

test('names are sorted by their bytes, as WeChat sorts them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 12 }), (names) => {
      const joined = joinSorted(Object.fromEntries(names.map((one) => [one, '1'])))
      const inBytes = [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      expect(joined).toBe(inBytes.map((one) => `${one}=1`).join('&'))
    }),
    runs,
  )
})

test('the v2 signature is that of the plain formula', () => {
  fc.assert(
    fc.property(members, (all) => {
      const text = `${joinSorted(all)}&key=${v2Key}`
      expect(signV2(all, v2Key, 'MD5')).toBe(createHash('md5').update(text).digest('hex').toUpperCase())
      expect(signV2(all, v2Key, 'HMAC-SHA256')).toBe(
        createHmac('sha256', v2Key).update(text).digest('hex').toUpperCase(),
      )
    }),
    runs,
  )
})

test('an RSA signature verifies, made at once or on another thread, and for no other text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), async (text, more) => {
      const signature = signRsaSha256(text, privateKey)
      // PKCS#1 v1.5 is deterministic: the two ways must agree to the bit.
      expect(await signRsaSha256Async(text, privateKey)).toBe(signature)
      expect(verifyRsaSha256([text], signature, publicKey)).toBe(true)
      expect(verifyRsaSha256([text, more], signature, publicKey)).toBe(false)
    }),
    { numRuns: 40 },
  )
})

test('whatever a signature looks like, it is refused and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (signature) => {
      expect(verifyRsaSha256(['text'], signature, publicKey)).toBe(false)
    }),
    runs,
  )
})

test('AES-GCM opens what was sealed, and nothing in which one bit differs', () => {
  const key = readApiV3Key(apiV3Key)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ maxLength: 16 }), fc.nat(), (plain, aad, at) => {
      const cipher = createCipheriv('aes-256-gcm', apiV3Key, 'katvtHDDPxkw', { authTagLength: 16 })
      cipher.setAAD(Buffer.from(aad))
      const bytes = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      const resource = { algorithm: 'AEAD_AES_256_GCM', nonce: 'katvtHDDPxkw', associated_data: aad }
      const ciphertext = bytes.toString('base64')
      expect(decryptResource({ ...resource, ciphertext }, key)).toEqual(Buffer.from(plain, 'utf8'))
      const bit = at % (bytes.length * 8)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decryptResource({ ...resource, ciphertext: bytes.toString('base64') }, key)).toBeNull()
      expect(decryptResource({ ...resource, ciphertext, associated_data: `${aad}x` }, key)).toBeNull()
      expect(decryptResource({ ...resource, ciphertext: ciphertext.slice(0, 20) }, key)).toBeNull()
    }),
    runs,
  )
})

test('req_info opens with its own key, and another key gives nothing that can be read', () => {
  const key = readReqInfoKey(v2Key)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (plain) => {
      const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(v2Key).digest('hex'), null)
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
      expect(decryptReqInfo(sealed, key)).toEqual(Buffer.from(plain, 'utf8'))
      const other = decryptReqInfo(sealed, readReqInfoKey(randomBytes(16).toString('hex')))
      expect(other?.equals(Buffer.from(plain, 'utf8')) ?? false).toBe(false)
    }),
    runs,
  )
})

test('a sensitive field is read by WeChat Pay as it was written, up to the last byte that fits', () => {
  const key = createPublicKey(fixture('wxpay.pub.pem'))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 53 }), (text) => {
      fc.pre(!hasLoneSurrogate.test(text))
      const sealed = encryptField(text, key)
      expect(openField(sealed)).toBe(text)
      expect(encryptField(text, key)).not.toBe(sealed)
    }),
    { numRuns: 30 },
  )
  expect(() => encryptField('x'.repeat(215), key)).toThrow('at most 214 bytes')
  expect(openField(encryptField('x'.repeat(214), key))).toBe('x'.repeat(214))
})

test('fen written as yuan are the same fen, whatever the amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), (fen) => {
      expect(fenOfYuan(yuanOfFen(fen))).toBe(fen)
    }),
    { numRuns: 2_000 },
  )
  expect([0, 5, -5, 100, -1_234].map(yuanOfFen)).toEqual(['0.00', '0.05', '-0.05', '1.00', '-12.34'])
  for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(() => yuanOfFen(wrong)).toThrow(new RangeError('an amount must be a whole number of fen'))
  }
})

test('no bytes make the XML reader do anything but read or refuse', () => {
  const piece = fc.constantFrom(
    ...[
      '<xml>',
      '</xml>',
      '<a>',
      '</a>',
      '<a/>',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '&#65;',
      '&x;',
      '<!--',
      '-->',
      '<?xml',
      ' ',
      '中',
    ],
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 20 }), (pieces) => {
      try {
        const read = readFlatXml(Buffer.from(pieces.join('')))
        for (const text of read.values()) expect(typeof text).toBe('string')
      } catch (error) {
        expect(error).toMatchObject({ name: 'FlatXmlError' })
      }
    }),
    { numRuns: 3_000 },
  )
})

test('a resource without associated data is one with empty associated data', () => {
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, 'katvtHDDPxkw', { authTagLength: 16 })
  const bytes = Buffer.concat([cipher.update('微信支付'), cipher.final(), cipher.getAuthTag()])
  const resource = {
    algorithm: 'AEAD_AES_256_GCM',
    nonce: 'katvtHDDPxkw',
    ciphertext: bytes.toString('base64'),
  }
  expect(decryptResource(resource, readApiV3Key(apiV3Key))?.toString()).toBe('微信支付')
})

test('nothing but the whole signature is the signature, also right after a genuine one', () => {
  for (const type of ['MD5', 'HMAC-SHA256'] as const) {
    const signer = createV2Signer(v2Key, type)
    const sign = signV2({ total_fee: 1 }, v2Key, type)
    const isSigned = (text: string) =>
      isSignedBy(
        new Map([
          ['total_fee', '1'],
          ['sign', text],
        ]),
        signer,
      )
    for (const other of [
      '',
      sign.slice(1),
      sign.slice(0, -1),
      `${sign}0`,
      `0${sign}`,
      `${sign}\n`,
      sign.toLowerCase(),
      sign + sign,
    ]) {
      expect(isSigned(sign)).toBe(true)
      expect(isSigned(other)).toBe(false)
    }
    expect(isSignedBy(new Map([['total_fee', '1']]), signer)).toBe(false)
  }
})
