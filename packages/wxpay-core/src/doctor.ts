/** @module What can be wrong between a merchant and WeChat Pay, found out without any effect: files, connection, clock, signed calls. */
import { X509Certificate } from 'node:crypto'
import { readOrigin } from './checks.ts'
import { WxpayError } from './errors.ts'
import { type MerchantKey, readMerchantKey } from './keys.ts'
import { nonce } from './nonce.ts'
import { createTransport, defaultBaseUrl, userAgent, type WireAnswer } from './transport.ts'
import { createWxpayV2, type WxpayV2Config } from './v2/client.ts'
import { createWxpayV3, type WxpayV3Config } from './v3/client.ts'
import { authorization, requestMessage, signRsaSha256 } from './v3/sign.ts'
import { toleranceSeconds } from './v3/verifier.ts'

/** One thing that was looked at. It never holds a secret. */
export interface Finding {
  /** How it stands: `wrong` keeps payments or refunds from working, a `warning` does not yet. */
  readonly mark: 'ok' | 'warning' | 'wrong' | 'skipped'
  /** What was looked at, in a few words. */
  readonly what: string
  /** What was found. */
  readonly said: string
  /** What to do about it, for whoever has to mend it. */
  readonly advice?: string
}

/** apiclient_key.pem and apiclient_cert.pem, and whose they should be. */
export interface MerchantFiles {
  /** apiclient_key.pem */
  readonly privateKeyPem: string
  /** apiclient_cert.pem */
  readonly certificatePem: string
  /** 商户号 that the certificate must be made out to; left out, that is not looked at. */
  readonly mchid?: string | undefined
}

/** What the calls are made with: the members of the two clients' configurations, each protocol as far as it is in use. */
export interface CallSettings {
  /** AppID of the mini-program. */
  readonly appid: string
  /** 商户号 */
  readonly mchid: string
  /** Left out, no APIv2 call is tried. */
  readonly v2?: Pick<WxpayV2Config, 'key' | 'signType'> | undefined
  /** Left out, no APIv3 call is tried. */
  readonly v3?:
    | (Pick<WxpayV3Config, 'apiV3Key' | 'publicKey' | 'privateKeyPem'> &
        Pick<MerchantFiles, 'certificatePem'>)
    | undefined
  /** Default `https://api.mch.weixin.qq.com`. */
  readonly baseUrl?: string | undefined
  /** PEM of certificate authorities to trust beside Node's own list. */
  readonly ca?: string | undefined
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined
}

/**
 * Looks at the merchant's key and certificate (商户API证书) without asking anybody: whether they can be read and belong together,
 * how long the certificate lives, and whose it is.
 *
 * @example
 * ```ts
 * import { checkMerchantFiles } from 'wxpay-core/doctor'
 *
 * export function ailments(privateKeyPem: string, certificatePem: string) {
 *   return checkMerchantFiles({ privateKeyPem, certificatePem, mchid: '1900000001' }, Date.now()).filter(({ mark }) => mark === 'wrong')
 * }
 * ```
 */
export function checkMerchantFiles(files: MerchantFiles, nowMs: number): readonly Finding[] {
  const what = 'merchant key and certificate'
  try {
    const { serialNo } = readMerchantKey(files)
    const belong: Finding = { mark: 'ok', what, said: `belong together, serial number ${serialNo}` }
    return [belong, ...checkCertificate(files, nowMs)]
  } catch (error) {
    const advice = 'apiclient_key.pem and apiclient_cert.pem from one download of 商户API证书 belong together'
    return [{ mark: 'wrong', what, said: messageOf(error), advice }]
  }
}

function checkCertificate({ certificatePem, mchid }: MerchantFiles, nowMs: number): Finding[] {
  const what = 'merchant certificate'
  const certificate = new X509Certificate(certificatePem)
  const ends = Date.parse(certificate.validTo)
  const day = new Date(ends).toISOString().slice(0, 10)
  const days = Math.floor((ends - nowMs) / 86_400_000)
  const advice = 'make a new one in 商户平台 → API安全 → 商户API证书; both work side by side for a time'
  const life: Finding =
    ends <= nowMs
      ? { mark: 'wrong', what, said: `has expired, on ${day}`, advice }
      : // A new one takes a person with a token in the merchant platform: time enough to find that person.
        days < 30
        ? { mark: 'warning', what, said: `expires in ${days} days, on ${day}`, advice }
        : { mark: 'ok', what, said: `lives until ${day}` }
  const owner = /^CN=(.+)$/m.exec(certificate.subject)?.[1]
  if (mchid === undefined || owner === mchid) return [life]
  return [
    life,
    {
      mark: 'wrong',
      what,
      said: `is made out to "${owner ?? 'nobody'}", not to ${mchid}`,
      advice:
        'WeChat makes it out to the merchant number: WXPAY_MCHID and the files are of two merchants, or this is a platform certificate (平台证书)',
    },
  ]
}

/**
 * Calls WeChat Pay in ways that change nothing: a first answer for connection and clock, then for each protocol a query about a
 * trade that cannot exist, signed and answered. What comes after a connection or clock that is wrong is not tried.
 */
export async function checkCalls(settings: CallSettings): Promise<readonly Finding[]> {
  const { appid, mchid, v2, v3, baseUrl = defaultBaseUrl, ca, clock = Date.now } = settings
  const connection = { baseUrl, ...(ca === undefined ? {} : { ca }), clock }
  try {
    readOrigin('WXPAY_BASE_URL', baseUrl)
  } catch (error) {
    const advice = 'leave it out for WeChat Pay itself, or give the origin of a test server'
    return [{ mark: 'wrong', what: 'WXPAY_BASE_URL', said: messageOf(error), advice }]
  }
  const findings = [...(await reach(settings, connection))]
  if (findings.some(({ mark }) => mark === 'wrong')) return findings
  const outTradeNo = `doctor-${nonce().slice(0, 20)}`
  if (v3 !== undefined) {
    findings.push(
      await queried('APIv3 call', async () => {
        const client = createWxpayV3({ appid, mchid, ...v3, ...connection })
        return client.queryByOutTradeNo(outTradeNo).finally(() => client.destroy())
      }),
    )
  }
  if (v2 !== undefined) {
    findings.push(
      await queried('APIv2 call', async () => {
        const client = createWxpayV2({ appid, mchid, ...v2, ...connection })
        return client.queryByOutTradeNo(outTradeNo).finally(() => client.destroy())
      }),
    )
  }
  return findings
}

async function reach(
  { mchid, v3 }: CallSettings,
  connection: { readonly baseUrl: string; readonly ca?: string; readonly clock: () => number },
): Promise<Finding[]> {
  const path = '/v3/certificates?algorithm_type=RSA'
  const timestamp = String(Math.floor(connection.clock() / 1000))
  const random = nonce()
  const message = requestMessage({ method: 'GET', path, timestamp, nonce: random, body: '' })
  try {
    const merchant = v3 && merchantKeyIn(v3)
    const signed = merchant && {
      Authorization: authorization({
        mchid,
        serialNo: merchant.serialNo,
        timestamp,
        nonce: random,
        signature: signRsaSha256(message, merchant.privateKey),
      }),
    }
    const transport = createTransport(connection)
    const headers = { Accept: 'application/json', 'User-Agent': userAgent, ...signed }
    const answer = await transport
      .send({ method: 'GET', path, headers, body: '' })
      .finally(() => transport.destroy())
    return [
      { mark: 'ok', what: 'connection', said: connection.baseUrl },
      clockAgainst(answer, connection.clock()),
    ]
  } catch (error) {
    return [{ mark: 'wrong', what: 'connection', said: messageOf(error), advice: adviceOnConnection(error) }]
  }
}

/** Files that cannot be used are a finding of their own, and no reason not to look at the connection. */
function merchantKeyIn(files: NonNullable<CallSettings['v3']>): MerchantKey | undefined {
  try {
    return readMerchantKey(files)
  } catch {
    return undefined
  }
}

function clockAgainst(answer: WireAnswer, nowMs: number): Finding {
  const what = 'clock'
  const theirs = Date.parse(answer.headers.date ?? '')
  if (Number.isNaN(theirs)) {
    const said = 'the server did not tell its time'
    return { mark: 'skipped', what, said, advice: 'WeChat Pay does: look at the address' }
  }
  const seconds = Math.round((nowMs - theirs) / 1000)
  const said = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the server`
  const advice =
    'switch on NTP (timedatectl set-ntp true): beyond 300 s every call and notification is refused'
  if (Math.abs(seconds) >= toleranceSeconds) return { mark: 'wrong', what, said, advice }
  return Math.abs(seconds) > 30 ? { mark: 'warning', what, said, advice } : { mark: 'ok', what, said }
}

async function queried(what: string, query: () => Promise<unknown>): Promise<Finding> {
  try {
    await query()
    return { mark: 'ok', what, said: 'the signature was accepted' }
  } catch (error) {
    return { mark: 'wrong', what, said: messageOf(error), advice: adviceOnCall(error) }
  }
}

const callAdvice: Readonly<Record<string, string>> = {
  SIGN_ERROR:
    'the certificate with this serial number does not belong to WXPAY_MCHID, was replaced in 商户平台, or the request was changed on its way; compare with: wxpay sign v3',
  NO_AUTH: 'the merchant may not use this product: 商户平台 → 产品中心',
  NOAUTH: 'the merchant may not use this product: 商户平台 → 产品中心',
  MCH_NOT_EXISTS: 'WXPAY_MCHID is not a merchant',
  MCHID_NOT_EXIST: 'WXPAY_MCHID is not a merchant',
  APPID_MCHID_NOT_MATCH: 'bind the app to the merchant: 商户平台 → 产品中心 → AppID账号管理',
  APPID_NOT_EXIST: 'WX_APPID is not an app',
}

function adviceOnCall(error: unknown): string {
  if (!(error instanceof WxpayError)) return 'this is a mistake of the program; please report it'
  const known = callAdvice[error.apiCode ?? '']
  if (known !== undefined) return known
  if (error.code === 'ERR_WXPAY_CONFIG') return 'mend what it names; nothing was sent'
  if (error.code === 'ERR_WXPAY_ANSWER_SIGNATURE') {
    return 'the answer is signed with a key that is not configured: for v3 compare WXPAY_PUBLIC_KEY_ID and its file with 商户平台, for v2 WXPAY_V2_KEY and WXPAY_V2_SIGN_TYPE'
  }
  if (error.apiMessage?.includes('签名') === true) {
    return 'WXPAY_V2_KEY is not the key of WXPAY_MCHID (set it anew under API安全), or WXPAY_V2_SIGN_TYPE is not the one in use'
  }
  return 'look the code up in the README of wxpay-core; Request-ID and code help WeChat support'
}

const connectionAdvice: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, 'the name cannot be resolved: look at DNS and the network'],
  [/ECONNREFUSED/, 'nobody listens there: is the address right, is the test server running?'],
  [
    /SELF_SIGNED|UNABLE_TO|CERT_UNTRUSTED|DEPTH_ZERO/,
    'an authority that Node does not know: a proxy in between, or a test server; name its certificate in WXPAY_CA_FILE',
  ],
  [
    /ALTNAME|CERT_HAS_EXPIRED|NOT_YET_VALID/,
    'the certificate is not for this name or time: look at the address and the clock',
  ],
  [/in time/, 'nothing answers: a firewall may drop the connection'],
]

function adviceOnConnection(error: unknown): string {
  const message = messageOf(error)
  return (
    connectionAdvice.find(([pattern]) => pattern.test(message))?.[1] ??
    'look at the network between here and WeChat Pay'
  )
}

/** Messages of ours name members and rules, never values. */
function messageOf(error: unknown): string {
  return error instanceof WxpayError ? error.message : 'unexpected error'
}
