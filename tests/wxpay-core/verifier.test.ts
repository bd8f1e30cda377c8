import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { createV3Verifier, type SignedMessage, type V3VerifierConfig, WxpayError } from 'wxpay-core'
import { createKeyRing } from 'wxpay-core/src/v3/verifier.ts'
import { refusalOf } from './expect-refusal.ts'
import { fixture, merchantSerialNo, noon, platformSerialA, platformSerialB, publicKeyId } from './fixtures.ts'
import { type V3SignOptions, v3Headers } from './wechat-side.ts'

const publicKey = { id: publicKeyId, pem: fixture('wxpay.pub.pem') }
const a = { serial: platformSerialA, key: 'platform-a.key.pem' }
const b = { serial: platformSerialB, key: 'platform-b.key.pem' }
const pemA = fixture('platform-a.cert.pem')
const pemB = fixture('platform-b.cert.pem')
const body = '{"id":"x"}'

function signed(options?: V3SignOptions): SignedMessage {
  const headers = v3Headers(body, options)
  return {
    timestamp: headers['Wechatpay-Timestamp'],
    nonce: headers['Wechatpay-Nonce'],
    serial: headers['Wechatpay-Serial'],
    signature: headers['Wechatpay-Signature'],
    body: Buffer.from(body),
  }
}

function verifierOf(config: V3VerifierConfig = { publicKey }) {
  return createV3Verifier({ clock: () => noon, ...config })
}

test('both kinds of key verify, each under its own serial', async () => {
  const verifier = verifierOf({ publicKey, platformCertificates: [pemA] })
  expect(verifier.serials()).toEqual([platformSerialA, publicKeyId])
  expect(await verifier.verify(signed())).toEqual({ genuine: true, serial: publicKeyId })
  expect(await verifier.verify(signed(a))).toEqual({ genuine: true, serial: platformSerialA })
  expect(await verifier.verify(signed({ ...a, serial: publicKeyId }))).toMatchObject({
    doubt: 'badSignature',
  })
})

describe('the clock window has two sides', () => {
  test.each([
    [-299, true],
    [299, true],
    [0, true],
    [-300, false],
    [300, false],
    [86_400, false],
  ])('a message %d seconds away: %s', async (seconds, genuine) => {
    const message = signed({ timestamp: String(noon / 1000 + seconds) })
    expect(await verifierOf().verify(message)).toMatchObject(
      genuine ? { genuine } : { genuine, doubt: 'clock' },
    )
  })

  test('lets nothing pass when the clock is no number', async () => {
    const verifier = verifierOf({ publicKey, clock: () => Number.NaN })
    expect(await verifier.verify(signed())).toMatchObject({ genuine: false, doubt: 'clock' })
  })

  test('counts whole seconds of our clock', async () => {
    const verifier = verifierOf({ publicKey, clock: () => noon + 299_999 })
    expect(await verifier.verify(signed())).toMatchObject({ genuine: true })
  })

  test.each([
    '1.795406400e9',
    '1795406400.0',
    ' 1795406400',
    '1795406400 ',
    '+1795406400',
    '-1795406400',
    '0x6B03',
    'now',
    '1e9',
    '١٧٩٥',
    '1795406400000000',
  ])('the timestamp "%s" is no integer of seconds', async (timestamp) => {
    expect(await verifierOf().verify(signed({ timestamp }))).toMatchObject({
      genuine: false,
      doubt: 'badTimestamp',
    })
  })
})

test.each(['timestamp', 'nonce', 'serial', 'signature'] as const)(
  'no message is believed without its %s',
  async (name) => {
    expect(await verifierOf().verify({ ...signed(), [name]: undefined })).toMatchObject({
      doubt: 'missingHeader',
    })
    expect(await verifierOf().verify({ ...signed(), [name]: '' })).toMatchObject({ doubt: 'missingHeader' })
  },
)

test('a changed body, nonce, timestamp or serial is not believed', async () => {
  const verifier = verifierOf({ publicKey, platformCertificates: [pemA] })
  const genuine = signed()
  for (const change of [
    { body: Buffer.from(`${body} `) },
    { body: Buffer.from('') },
    { nonce: 'another' },
    { timestamp: String(noon / 1000 + 1) },
    { serial: platformSerialA },
  ]) {
    expect(await verifier.verify({ ...genuine, ...change })).toMatchObject({
      genuine: false,
      doubt: 'badSignature',
    })
  }
})

test('a signature is base64 to the letter, with nothing in between', async () => {
  const { signature = '', ...rest } = signed()
  for (const changed of [
    `${signature.slice(0, 9)} ${signature.slice(9)}`,
    `${signature.slice(0, 9)}\n${signature.slice(9)}`,
    `${signature}===`,
    `"${signature}"`,
    `${signature}, ${signature}`,
  ]) {
    expect(await verifierOf().verify({ ...rest, signature: changed })).toMatchObject({
      doubt: 'badSignature',
    })
  }
})

test.each<[string, Partial<SignedMessage>]>([
  ['a Wechatpay-* header is missing', { nonce: '' }],
  ['the timestamp is not integer seconds', { timestamp: 'now' }],
  ['the timestamp is 300 s or more away from our clock', { timestamp: '0' }],
  ['a signature probe of WeChat Pay', { signature: 'WECHATPAY/SIGNTEST/A' }],
  [`signed by a key that we do not know: ${platformSerialA}`, { serial: platformSerialA }],
  ['signed by a key that we do not know: PUB_KEY_ID_1; give it as publicKey', { serial: 'PUB_KEY_ID_1' }],
  [`signed by a key that we do not know: ${'F'.repeat(60)}`, { serial: 'F'.repeat(8_000) }],
  ['the signature does not fit the bytes', { nonce: 'another' }],
])('the log reads: %s', async (reason, change) => {
  expect(await verifierOf().verify({ ...signed(), ...change })).toMatchObject({ genuine: false, reason })
})

describe('a probe', () => {
  test('is a failure of its own kind, whatever its serial and length, and fetches nothing', async () => {
    let fetched = 0
    const verifier = verifierOf({
      publicKey,
      fetchCertificates: async () => {
        fetched += 1
        return [pemA]
      },
    })
    for (const serial of [publicKeyId, platformSerialB, 'PUB_KEY_ID_0', 'x']) {
      for (const tail of ['', 'A', 'AAAA=', 'not base64 at all']) {
        const message = { ...signed(), serial, signature: `WECHATPAY/SIGNTEST/${tail}` }
        expect(await verifier.verify(message)).toMatchObject({ genuine: false, doubt: 'probe' })
      }
    }
    expect(fetched).toBe(0)
  })

  test('of any text in any header never throws and is never believed', async () => {
    const verifier = verifierOf()
    const genuine = signed()
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          { timestamp: fc.string(), nonce: fc.string(), serial: fc.string(), signature: fc.string() },
          { requiredKeys: [] },
        ),
        fc.boolean(),
        async (random, keepRest) => {
          fc.pre(Object.keys(random).length > 0)
          const message = keepRest
            ? { ...genuine, ...random }
            : {
                nonce: undefined,
                timestamp: undefined,
                serial: undefined,
                signature: undefined,
                ...random,
                body: genuine.body,
              }
          expect((await verifier.verify(message)).genuine).toBe(false)
        },
      ),
    )
  })
})

describe('fetching certificates', () => {
  function counting(pems: () => readonly string[]) {
    let count = 0
    const fetchCertificates = async (): Promise<readonly string[]> => {
      count += 1
      // Like a network: not before everybody who asks at the same time has asked.
      await new Promise(setImmediate)
      return pems()
    }
    return { fetchCertificates, count: () => count }
  }

  test('a thousand unknown serials cause one fetch, another minute one more', async () => {
    let now = noon
    const source = counting(() => [pemA])
    const verifier = createV3Verifier({ ...source, clock: () => now })
    const message = signed()
    for (let index = 0; index < 1_000; index += 1) {
      const serial = `5157F09EFDC096DE15EBE81A47057A72${String(index).padStart(8, '0')}`
      expect(await verifier.verify({ ...message, serial })).toMatchObject({ doubt: 'unknownSerial' })
    }
    expect(source.count()).toBe(1)
    now += 59_999
    await verifier.verify(signed({ ...b, timestamp: String(Math.floor(now / 1000)) }))
    expect(source.count()).toBe(1)
    now += 1
    await verifier.verify(signed({ ...b, timestamp: String(Math.floor(now / 1000)) }))
    expect(source.count()).toBe(2)
  })

  test('that throws instead of rejecting is a failed fetch, too', async () => {
    const fetchCertificates = (): never => {
      throw new Error('no network')
    }
    const verifier = verifierOf({ fetchCertificates })
    expect(await verifier.verify(signed(a))).toMatchObject({ genuine: false, doubt: 'unknownSerial' })
  })

  test('concurrent unknown serials share one fetch and all see its result', async () => {
    const source = counting(() => [pemA])
    const verifier = createV3Verifier({ ...source, clock: () => noon })
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(signed(a))))
    expect(verdicts.every((verdict) => verdict.genuine)).toBe(true)
    expect(source.count()).toBe(1)
  })

  test('a serial that cannot be a certificate fetches nothing', async () => {
    const source = counting(() => [pemA])
    const verifier = createV3Verifier({ publicKey, ...source, clock: () => noon })
    for (const serial of [
      'PUB_KEY_ID_0000000000000000000000000000000000',
      'x',
      '../../etc/passwd',
      'F'.repeat(41),
    ]) {
      await verifier.verify({ ...signed(), serial })
    }
    expect(source.count()).toBe(0)
  })

  test('an old message fetches nothing, whatever its serial', async () => {
    const source = counting(() => [pemA])
    const verifier = createV3Verifier({ ...source, clock: () => noon })
    await verifier.verify(signed({ ...a, timestamp: String(noon / 1000 - 301) }))
    expect(source.count()).toBe(0)
  })

  test('a failed fetch keeps what we have', async () => {
    let now = noon
    let pems: readonly string[] = [pemA]
    const verifier = createV3Verifier({
      fetchCertificates: async () => {
        if (pems.length === 0) throw new Error('down')
        return pems
      },
      clock: () => now,
    })
    await verifier.verify(signed(a))
    pems = []
    now += 61_000
    const timestamp = String(Math.floor(now / 1000))
    expect(await verifier.verify(signed({ ...b, timestamp }))).toMatchObject({ doubt: 'unknownSerial' })
    expect(await verifier.verify(signed({ ...a, timestamp }))).toMatchObject({ genuine: true })
  })

  test('a fetch for which no time was left was no try: the next message is verified', async () => {
    let leftMs = 0
    let count = 0
    const fetchCertificates = async (): Promise<readonly string[]> => {
      count += 1
      if (!(leftMs >= 1)) throw new WxpayError('ERR_WXPAY_CONNECT', 'x')
      return [pemA]
    }
    const ring = createKeyRing({ fetchCertificates, clock: () => noon, timeLeftMs: () => leftMs })
    const verify = () => ring.verifier.verify(signed(a))
    expect(await verify()).toMatchObject({ doubt: 'unknownSerial' })
    leftMs = Number.NaN
    expect(await verify()).toMatchObject({ doubt: 'unknownSerial' })
    leftMs = 1
    expect(await verify()).toMatchObject({ genuine: true })
    expect(count).toBe(3)
  })

  test.each([
    ['cannot be connected', 'ERR_WXPAY_CONNECT', 1],
    ['is not answered in its time', 'ERR_WXPAY_TIMEOUT', 0],
  ] as const)('a fetch that %s was the one try of its minute', async (_, code, leftMs) => {
    let count = 0
    const fetchCertificates = () => {
      count += 1
      return Promise.reject(new WxpayError(code, 'x'))
    }
    const ring = createKeyRing({ fetchCertificates, clock: () => noon, timeLeftMs: () => leftMs })
    await ring.verifier.verify(signed(a))
    await ring.verifier.verify(signed(a))
    expect(count).toBe(1)
  })

  test('where nothing limits the time, a fetch that cannot be connected is the one try of its minute, too', async () => {
    let count = 0
    const fetchCertificates = () => {
      count += 1
      return Promise.reject(new WxpayError('ERR_WXPAY_CONNECT', 'x'))
    }
    const ring = createKeyRing({ fetchCertificates, clock: () => noon })
    await ring.verifier.verify(signed(a))
    await ring.verifier.verify(signed(a))
    expect(count).toBe(1)
  })

  test('a certificate that WeChat no longer lists is gone, the configured ones stay', async () => {
    let now = noon
    let pems = [pemA]
    const verifier = createV3Verifier({ publicKey, fetchCertificates: async () => pems, clock: () => now })
    await verifier.verify(signed(a))
    pems = [pemB]
    now += 61_000
    await verifier.verify(signed({ ...b, timestamp: String(Math.floor(now / 1000)) }))
    expect(verifier.serials()).toEqual([platformSerialB, publicKeyId])
  })

  test('whoever may leave nothing running waits for the fetch that nobody else waits for', async () => {
    let now = noon
    let pems = [pemA]
    let arrive: () => void = () => {}
    const verifier = createV3Verifier({
      fetchCertificates: async () => {
        if (now > noon) await new Promise<void>((resolve) => (arrive = resolve))
        return pems
      },
      clock: () => now,
    })
    await verifier.verify(signed(a))
    await verifier.settled()
    now += 13 * 3_600_000
    pems = [pemA, pemB]
    await verifier.verify(signed({ ...a, timestamp: String(now / 1000) }))
    const settled = verifier.settled()
    expect(verifier.serials()).toEqual([platformSerialA])
    arrive()
    await settled
    expect(verifier.serials()).toEqual([platformSerialA, platformSerialB])
  })

  test('the list is fetched again after twelve hours without making anybody wait', async () => {
    let now = noon
    let pems = [pemA]
    const source = counting(() => pems)
    const verifier = createV3Verifier({ ...source, clock: () => now })
    await verifier.verify(signed(a))
    pems = [pemA, pemB]
    now += 12 * 3_600_000 + 1_000
    expect(await verifier.verify(signed({ ...a, timestamp: String(now / 1000) }))).toMatchObject({
      genuine: true,
    })
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(source.count()).toBe(2)
    expect(verifier.serials()).toEqual([platformSerialA, platformSerialB])
  })

  test('a fetch that takes longer than a minute is not doubled', async () => {
    let now = noon
    let count = 0
    let arrive: (pems: string[]) => void = () => {}
    const verifier = createV3Verifier({
      fetchCertificates: () => {
        count += 1
        return new Promise((resolve) => {
          arrive = resolve
        })
      },
      clock: () => now,
    })
    const first = verifier.verify(signed(a))
    now += 61_000
    const second = verifier.verify(signed(a))
    expect(count).toBe(1)
    arrive([pemA])
    expect(await first).toEqual({ genuine: true, serial: platformSerialA })
    expect(await second).toEqual({ genuine: true, serial: platformSerialA })
  })

  test('the list is not fetched again for twelve hours while all is well', async () => {
    let now = noon
    const source = counting(() => [pemA])
    const verifier = createV3Verifier({ ...source, clock: () => now })
    await verifier.verify(signed(a))
    for (const laterMs of [61_000, 3_600_000, 12 * 3_600_000]) {
      now = noon + laterMs
      await verifier.verify(signed({ ...a, timestamp: String(now / 1000) }))
      await verifier.settled()
    }
    expect(source.count()).toBe(1)
  })

  test('a message of an expired certificate asks for the new list', async () => {
    const source = counting(() => [pemA])
    const now = noon + 2 * 86_400_000
    const pem = fixture('platform-short.cert.pem')
    const verifier = createV3Verifier({ ...source, platformCertificates: [pem], clock: () => now })
    const serial = '5157F09EFDC096DE15EBE81A47057A72000003'
    const message = { ...signed({ timestamp: String(now / 1000) }), serial }
    expect(await verifier.verify(message)).toMatchObject({
      doubt: 'expiredCertificate',
      reason: 'signed by an expired platform certificate',
    })
    expect(source.count()).toBe(1)
    expect(verifier.serials()).toEqual([platformSerialA, serial])
  })

  test('a clock that was set back does not lock the door', async () => {
    let now = noon + 86_400_000
    const source = counting(() => [])
    const verifier = createV3Verifier({ ...source, clock: () => now })
    await verifier.verify(signed({ ...a, timestamp: String(now / 1000) }))
    now = noon
    await verifier.verify(signed(a))
    expect(source.count()).toBe(2)
  })
})

test('an expired certificate is refused', async () => {
  const short = { serial: '5157F09EFDC096DE15EBE81A47057A72000003', key: 'platform-short.key.pem' }
  let now = noon
  const verifier = createV3Verifier({
    platformCertificates: [fixture('platform-short.cert.pem')],
    clock: () => now,
  })
  expect(await verifier.verify(signed(short))).toMatchObject({ genuine: true })
  now = noon + 2 * 86_400_000
  expect(await verifier.verify(signed({ ...short, timestamp: String(now / 1000) }))).toMatchObject({
    genuine: false,
    doubt: 'expiredCertificate',
  })
})

describe('the key to encrypt with', () => {
  const short = fixture('platform-short.cert.pem')
  const shortEndsAt = Date.parse(new X509Certificate(short).validTo)

  test('is the public key, whatever certificates there are and however old they are', async () => {
    let now = noon
    let count = 0
    const fetchCertificates = async () => {
      count += 1
      return [pemA]
    }
    const ring = createKeyRing({ publicKey, fetchCertificates, clock: () => now })
    await ring.verifier.verify(signed(a))
    now += 13 * 3_600_000
    expect((await ring.sealingKey()).serial).toBe(publicKeyId)
    expect(count).toBe(1)
  })

  test('is the certificate that lives longest, in any order, and none that has ended', async () => {
    for (const platformCertificates of [
      [short, pemA],
      [pemA, short],
    ]) {
      expect((await createKeyRing({ platformCertificates, clock: () => noon }).sealingKey()).serial).toBe(
        platformSerialA,
      )
    }
    const ring = (now: number) => createKeyRing({ platformCertificates: [short], clock: () => now })
    expect((await ring(shortEndsAt - 1).sealingKey()).expiresAt).toBe(shortEndsAt)
    const error = await refusalOf(() => ring(shortEndsAt).sealingKey())
    expect(error).toMatchObject({ code: 'ERR_WXPAY_CONFIG', member: 'publicKey' })
    expect(error.message).toBe(
      'publicKey must be given, or a platform certificate available, to encrypt with; none could be fetched',
    )
  })

  test('is asked for later when the certificates could not be fetched', async () => {
    const cause = new WxpayError('ERR_WXPAY_TIMEOUT', 'x')
    const fetchCertificates = () => Promise.reject(cause)
    const error = await refusalOf(() => createKeyRing({ fetchCertificates, clock: () => noon }).sealingKey())
    expect(error).toMatchObject({ code: 'ERR_WXPAY_CONNECT', cause })
    expect(error.message).toBe(
      'platform certificates to encrypt with could not be fetched; later again, or configure publicKey',
    )
  })

  test('a certificate verifies up to its end and not at it', async () => {
    const message = signed({
      serial: '5157F09EFDC096DE15EBE81A47057A72000003',
      key: 'platform-short.key.pem',
      timestamp: String(shortEndsAt / 1000),
    })
    const verifier = (now: number) => createV3Verifier({ platformCertificates: [short], clock: () => now })
    expect(await verifier(shortEndsAt - 1).verify(message)).toMatchObject({ genuine: true })
    expect(await verifier(shortEndsAt).verify(message)).toMatchObject({ doubt: 'expiredCertificate' })
  })
})

test.each<[string, V3VerifierConfig]>([
  ['publicKey must be given', {}],
  ['publicKey.id must be', { publicKey: { ...publicKey, id: platformSerialA } }],
  [
    'publicKey.pem must be the WeChat Pay public key (pub_key.pem); this is a certificate',
    { publicKey: { ...publicKey, pem: pemA } },
  ],
  [
    'publicKey.pem must be the WeChat Pay public key (pub_key.pem); this is a private key',
    { publicKey: { ...publicKey, pem: fixture('wxpay.key.pem') } },
  ],
  ['publicKey.pem must be an RSA key', { publicKey: { ...publicKey, pem: fixture('ec.pub.pem') } }],
  ['publicKey.pem must be PEM text', { publicKey: { ...publicKey, pem: 'pub_key.pem' } }],
  [
    'publicKey.pem must be a public key in PEM',
    { publicKey: { ...publicKey, pem: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' } },
  ],
  ['platformCertificates must be an RSA key', { platformCertificates: [fixture('ec.cert.pem')] }],
  [
    'platformCertificates must be WeChat Pay platform certificates; this is your own',
    { platformCertificates: [fixture('merchant.cert.pem')], serialNo: merchantSerialNo },
  ],
])('a verifier is not made: %s', (message, config) => {
  expect(() => createV3Verifier(config)).toThrow(message)
})
