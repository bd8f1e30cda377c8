/** @module The findings that other programs take from wxpay-core; what the command says of them is in cli.test.ts. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type CallSettings, checkCalls, checkMerchantFiles, type Finding } from 'wxpay-core/doctor'
import { type Answerer, closedOrigin, closeServers, portOf, startFakeWechat } from './fake-wechat.ts'
import { apiV3Key, appid, fixture, mchid, merchantSerialNo, noon, publicKeyId, v2Key } from './fixtures.ts'
import { authorizationIn, isSignedByMerchant } from './v3-merchant.ts'
import { answerV3, refuseV3, v2Signed } from './wechat-side.ts'

afterEach(closeServers)

const files = { privateKeyPem: fixture('merchant.key.pem'), certificatePem: fixture('merchant.cert.pem') }
const marks = (findings: readonly Finding[]) => findings.map(({ mark, what }) => `${mark} ${what}`)

describe('the merchant files', () => {
  test('of one merchant, that live long, are fine', () => {
    const [pair, life, ...rest] = checkMerchantFiles({ ...files, mchid }, noon)
    expect(pair).toMatchObject({ mark: 'ok', said: `belong together, serial number ${merchantSerialNo}` })
    expect(life).toMatchObject({ mark: 'ok', said: expect.stringMatching(/^lives until 21\d\d-\d\d-\d\d$/) })
    expect(rest).toEqual([])
  })

  test('that are made out to somebody else are wrong, a platform certificate too', () => {
    const platform = {
      privateKeyPem: fixture('platform-a.key.pem'),
      certificatePem: fixture('platform-a.cert.pem'),
      mchid,
    }
    expect(checkMerchantFiles(platform, noon).at(-1)).toMatchObject({
      mark: 'wrong',
      said: 'is made out to "Tenpay.com sign", not to 1900000001',
      advice: expect.stringContaining('平台证书'),
    })
    expect(marks(checkMerchantFiles({ ...files, mchid: '1900000002' }, noon))).toContain(
      'wrong merchant certificate',
    )
  })

  test('are wrong from the moment at which the certificate ends, and to be looked at 30 days before', () => {
    const { certificatePem } = files
    const [, life] = checkMerchantFiles({ ...files, mchid }, noon)
    const day = Date.parse(life?.said.slice('lives until '.length) ?? '')
    const at = (ms: number) => checkMerchantFiles({ ...files, certificatePem, mchid }, ms)[1]?.mark
    const ends = Date.parse(new X509Certificate(certificatePem).validTo)
    expect(at(ends - 30 * 86_400_000)).toBe('ok')
    expect(at(ends - 30 * 86_400_000 + 1)).toBe('warning')
    expect(at(ends - 1)).toBe('warning')
    expect(at(ends)).toBe('wrong')
    const [, soon] = checkMerchantFiles({ ...files, mchid }, ends - 12.5 * 86_400_000)
    expect(soon?.said).toMatch(/^expires in 12 days, on 21\d\d-\d\d-\d\d$/)
    expect(soon?.advice).toContain('商户平台 → API安全 → 商户API证书')
    const [, over] = checkMerchantFiles({ ...files, mchid }, ends)
    expect(over?.said).toMatch(/^has expired, on 21\d\d-\d\d-\d\d$/)
    expect(over?.advice).toBe(soon?.advice)
    expect(at(day - 31 * 86_400_000)).toBe('ok')
    expect(at(day - 29 * 86_400_000)).toBe('warning')
    expect(at(day + 86_400_000)).toBe('wrong')
  })

  test('that do not belong together say so, and nothing else is looked at', () => {
    const findings = checkMerchantFiles({ ...files, privateKeyPem: fixture('wxpay.key.pem') }, noon)
    expect(marks(findings)).toEqual(['wrong merchant key and certificate'])
    expect(findings[0]?.said).toContain('do not belong together')
    expect(findings[0]?.advice).toContain('from one download of 商户API证书')
  })

  test('need not be held against a merchant number', () => {
    expect(marks(checkMerchantFiles(files, noon))).toEqual([
      'ok merchant key and certificate',
      'ok merchant certificate',
    ])
  })
})

describe('the calls', () => {
  const settings = {
    appid,
    mchid,
    v2: { key: v2Key },
    v3: { ...files, apiV3Key, publicKey: { id: publicKeyId, pem: fixture('wxpay.pub.pem') } },
  }

  test('with files that do not fit, the connection is still looked at, and the call says what is wrong', async () => {
    const wechat = await startFakeWechat({ plain: true })
    wechat.answer((_, response) => refuseV3(response, 401, 'SIGN_ERROR'))
    const v3 = { ...settings.v3, privateKeyPem: fixture('wxpay.key.pem') }
    const findings = await checkCalls({ ...settings, v3, v2: undefined, baseUrl: wechat.url })
    expect(marks(findings)).toEqual(['ok connection', 'ok clock', 'wrong APIv3 call'])
    expect(findings.at(-1)?.said).toContain('do not belong together')
    expect(wechat.received.map(({ path }) => path)).toEqual(['/v3/certificates?algorithm_type=RSA'])
    expect(wechat.received[0]?.headers.authorization).toBeUndefined()
  })

  test('a protocol that is not in use is not called, and nothing is said about it', async () => {
    const wechat = await startFakeWechat({ plain: true })
    const findings = await checkCalls({ appid, mchid, baseUrl: wechat.url })
    expect(marks(findings)).toEqual(['ok connection', 'ok clock'])
    expect(wechat.received).toHaveLength(1)
  })

  test('an address that is none is named, a server that tells no time is skipped, and both with a way out', async () => {
    const wechat = await startFakeWechat({ plain: true })
    wechat.answer((_, response) => {
      response.sendDate = false
      response.end()
    })
    const found = [
      ...(await checkCalls({ appid, mchid, baseUrl: 'http://shop.example.com' })),
      ...(await checkCalls({ appid, mchid, baseUrl: wechat.url })),
    ]
    expect(marks(found)).toEqual(['wrong WXPAY_BASE_URL', 'ok connection', 'skipped clock'])
    expect(found[0]?.said).toBe(
      'WXPAY_BASE_URL must be an https origin without path, such as https://api.mch.weixin.qq.com',
    )
    expect(found[2]?.said).toBe('the server did not tell its time')
    for (const { mark, advice } of found) expect(mark === 'ok' || (advice ?? '') !== '').toBe(true)
  })

  /** The last finding of calls against a WeChat Pay that answers like this at noon, on a clock of our own. */
  async function lastFinding(answer: Answerer, change: Partial<CallSettings> = {}) {
    const wechat = await startFakeWechat({ plain: true })
    wechat.answer((request, response) => {
      response.setHeader('Date', new Date(noon).toUTCString())
      answer(request, response)
    })
    const all = { ...settings, v2: undefined, clock: () => noon, baseUrl: wechat.url, ...change }
    return { wechat, finding: (await checkCalls(all)).at(-1) }
  }
  const ntp = 'switch on NTP (timedatectl set-ntp true): beyond 300 s every call and notification is refused'

  test.each([
    [0, 'ok', '0 s ahead of the server', undefined],
    [30_400, 'ok', '30 s ahead of the server', undefined],
    [-30_400, 'ok', '30 s behind the server', undefined],
    [31_000, 'warning', '31 s ahead of the server', ntp],
    [-299_000, 'warning', '299 s behind the server', ntp],
    [300_000, 'wrong', '300 s ahead of the server', ntp],
    [-300_000, 'wrong', '300 s behind the server', ntp],
  ])('a clock that is off by %d ms', async (ms, mark, said, advice) => {
    const clock = () => noon + ms
    const { finding } = await lastFinding((_, response) => response.end(), { v3: undefined, clock })
    expect(finding).toEqual({ mark, what: 'clock', said, ...(advice === undefined ? {} : { advice }) })
  })

  test('are not made while the clock is wrong: they could only be refused', async () => {
    const wechat = await startFakeWechat({ plain: true })
    wechat.answer((_, response) => {
      response.setHeader('Date', new Date(noon - 3_600_000).toUTCString())
      response.end()
    })
    const findings = await checkCalls({ ...settings, baseUrl: wechat.url, clock: () => noon })
    expect(marks(findings)).toEqual(['ok connection', 'wrong clock'])
    expect(wechat.received).toHaveLength(1)
  })

  test('begin with a signed request whose answer need not be understood', async () => {
    const { wechat } = await lastFinding((_, response) => refuseV3(response, 404, 'ORDER_NOT_EXIST'))
    const [first] = wechat.received
    expect(first).toMatchObject({ method: 'GET', path: '/v3/certificates?algorithm_type=RSA', body: '' })
    expect(first?.headers).toMatchObject({
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^wxpay-core\//),
    })
    const {
      mchid: signedFor,
      serial_no,
      timestamp,
      nonce_str,
      signature = '',
    } = authorizationIn(first?.headers.authorization)
    expect([signedFor, serial_no, timestamp]).toEqual([mchid, merchantSerialNo, '1795406400'])
    expect(
      isSignedByMerchant(`GET\n/v3/certificates?algorithm_type=RSA\n1795406400\n${nonce_str}\n\n`, signature),
    ).toBe(true)
  })

  test('that are answered are fine, whether or not there is such a trade', async () => {
    const { finding } = await lastFinding((_, response) => refuseV3(response, 404, 'ORDER_NOT_EXIST'))
    expect(finding).toEqual({ mark: 'ok', what: 'APIv3 call', said: 'the signature was accepted' })
  })

  test.each([
    ['SIGN_ERROR', 401, 'WXPAY_MCHID, was replaced in 商户平台'],
    ['NO_AUTH', 403, '产品中心'],
    ['NOAUTH', 403, '产品中心'],
    ['MCH_NOT_EXISTS', 400, 'WXPAY_MCHID is not a merchant'],
    ['MCHID_NOT_EXIST', 400, 'WXPAY_MCHID is not a merchant'],
    ['APPID_MCHID_NOT_MATCH', 400, 'bind the app to the merchant'],
    ['APPID_NOT_EXIST', 400, 'WX_APPID is not an app'],
    ['SOMETHING_NEW', 400, 'look the code up in the README of wxpay-core'],
  ])('that are refused with %s come with what to do', async (code, status, advice) => {
    const { finding } = await lastFinding(({ path }, response) =>
      path === '/v3/certificates' ? response.end() : refuseV3(response, status, code),
    )
    expect(finding).toMatchObject({ mark: 'wrong', what: 'APIv3 call' })
    expect(finding?.said).toContain(code)
    expect(finding?.advice).toContain(advice)
  })

  test.each<[string, Partial<CallSettings>, Answerer, string]>([
    [
      'a setting that cannot be',
      { appid: 'wx 1' },
      (_, response) => response.end(),
      'mend what it names; nothing was sent',
    ],
    [
      'an answer of somebody else',
      {},
      (_, response) => answerV3(response, 200, '{}', { key: 'merchant.key.pem' }),
      'the answer is signed with a key that is not configured',
    ],
    [
      'an APIv2 key of another merchant',
      { v3: undefined, v2: { key: v2Key } },
      (_, response) => response.end(v2Signed({ return_code: 'FAIL', return_msg: '签名错误，请检查后再试' })),
      'WXPAY_V2_KEY is not the key of WXPAY_MCHID',
    ],
  ])('that end with %s say what it is', async (_, change, answer, advice) => {
    const { finding } = await lastFinding(answer, change)
    expect(finding?.mark).toBe('wrong')
    expect(finding?.advice).toContain(advice)
  })

  test('that end with a mistake of ours say so, and show nothing of it', async () => {
    let asked = 0
    const clock = () => {
      asked += 1
      if (asked > 2) throw new TypeError('a secret')
      return noon
    }
    const { finding } = await lastFinding((_, response) => response.end(), { clock })
    expect(finding).toEqual({
      mark: 'wrong',
      what: 'APIv3 call',
      said: 'unexpected error',
      advice: 'this is a mistake of the program; please report it',
    })
  })

  test.each<[string, () => Promise<string>, string]>([
    ['to a port where nobody listens', closedOrigin, 'nobody listens there: is the address right'],
    [
      'to a server of an authority that nobody knows',
      async () => (await startFakeWechat({ certificate: 'stranger' })).url,
      'an authority that Node does not know',
    ],
    [
      'to a server of another name',
      async () => (await startFakeWechat({ certificate: 'wrong-name' })).url,
      'the certificate is not for this name or time',
    ],
  ])('are not tried where there is no connection: %s', async (_, origin, advice) => {
    const baseUrl = await origin()
    const [finding, ...rest] = await checkCalls({ ...settings, baseUrl, ca: fixture('authority.cert.pem') })
    expect(finding).toMatchObject({ mark: 'wrong', what: 'connection' })
    expect(finding?.advice).toContain(advice)
    expect(rest).toEqual([])
  })

  test.each([
    ['ENOTFOUND', 'the name cannot be resolved: look at DNS and the network'],
    ['EAI_AGAIN', 'the name cannot be resolved: look at DNS and the network'],
    ['EHOSTUNREACH', 'look at the network between here and WeChat Pay'],
  ])('without a network say what to look at (%s)', async (code, advice) => {
    const lookup = jest.spyOn(process.getBuiltinModule('node:dns'), 'lookup')
    const asked: unknown[] = []
    lookup.mockImplementation(((
      name: string,
      _: object,
      done: (error: Error, address: string, family: number) => void,
    ) => {
      asked.push(name)
      done(Object.assign(new Error(code), { code }), '', 4)
    }) as never)
    const findings = await checkCalls(settings)
    lookup.mockRestore()
    expect(findings).toMatchObject([{ mark: 'wrong', what: 'connection', advice }])
    expect(findings[0]?.said).toContain(code)
    // Of the two addresses of WeChat Pay the first is looked at.
    expect(asked).toEqual(['api.mch.weixin.qq.com'])
  })

  test('that nothing answers end after three seconds, and a firewall may be why', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] })
    const silent = createServer((socket) => socket.on('error', () => {}))
    try {
      silent.listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const connected = once(silent, 'connection')
      const ended = checkCalls({ ...settings, baseUrl: `https://127.0.0.1:${portOf(silent.address())}` })
      await connected
      await jest.advanceTimersByTimeAsync(3_000)
      expect(await ended).toMatchObject([
        { mark: 'wrong', what: 'connection', advice: 'nothing answers: a firewall may drop the connection' },
      ])
    } finally {
      jest.useRealTimers()
      silent.close()
    }
  })
})
