/** @module The findings that other programs take from wxpay-core; what the command says of them is in cli.test.ts. */
import { checkCalls, checkMerchantFiles, type Finding } from 'wxpay-core/doctor'
import { closeServers, startFakeWechat } from './fake-wechat.ts'
import { apiV3Key, appid, fixture, mchid, merchantSerialNo, noon, publicKeyId, v2Key } from './fixtures.ts'
import { refuseV3 } from './wechat-side.ts'

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
    expect(at(day - 31 * 86_400_000)).toBe('ok')
    expect(at(day - 29 * 86_400_000)).toBe('warning')
    expect(at(day + 86_400_000)).toBe('wrong')
  })

  test('that do not belong together say so, and nothing else is looked at', () => {
    const findings = checkMerchantFiles({ ...files, privateKeyPem: fixture('wxpay.key.pem') }, noon)
    expect(marks(findings)).toEqual(['wrong merchant key and certificate'])
    expect(findings[0]?.said).toContain('do not belong together')
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
    for (const { mark, advice } of found) expect(mark === 'ok' || (advice ?? '') !== '').toBe(true)
  })
})
