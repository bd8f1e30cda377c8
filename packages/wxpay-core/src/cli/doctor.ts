/** @module The doctor: looks at everything that can be wrong before the first payment, and says what to do about it. */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { assertApiV2Key, assertApiV3Key, assertIdentity, readOrigin } from '../checks.ts'
import { WxpayError } from '../errors.ts'
import { type MerchantKey, readMerchantKey, readPlatformPublicKey } from '../keys.ts'
import { nonce } from '../nonce.ts'
import { createTransport, defaultBaseUrl, userAgent, type WireAnswer } from '../transport.ts'
import { createWxpayV2 } from '../v2/client.ts'
import { createWxpayV3 } from '../v3/client.ts'
import { authorization, requestMessage, signRsaSha256 } from '../v3/sign.ts'
import { toleranceSeconds } from '../v3/verifier.ts'
import {
  type CommandIo,
  readArguments,
  readSettings,
  type Settings,
  signTypeOf,
  UsageError,
} from './command.ts'

/** One thing looked at. `advice` is for whoever has to mend it. */
interface Finding {
  readonly mark: 'ok' | 'warning' | 'wrong' | 'skipped'
  readonly what: string
  readonly said: string
  readonly advice?: string
}

const marks = { ok: '  ok   ', warning: '  look ', wrong: ' WRONG ', skipped: '  --   ' } as const

/** Resolves to whether nothing is wrong; warnings do not count. */
export async function doctor(args: readonly string[], io: CommandIo): Promise<boolean> {
  const { options } = readArguments(args, { values: ['env-file'], flags: ['offline'] })
  const settings = readSettings(io, options.get('env-file'))
  const findings: Finding[] = []
  const tell = (finding: Finding): void => {
    findings.push(finding)
    io.print(`${marks[finding.mark]} ${finding.what}: ${finding.said}`)
    if (finding.advice !== undefined) io.print(`         → ${finding.advice}`)
  }
  tell(nodeVersion())
  tell(tlsSetting(io))
  tell(identity(settings))
  tell(apiKey('WXPAY_V2_KEY', 'APIv2密钥', settings, assertApiV2Key))
  tell(apiKey('WXPAY_V3_KEY', 'APIv3密钥', settings, assertApiV3Key))
  const merchant = merchantKey(settings, tell)
  if (merchant !== undefined) for (const finding of merchantCertificate(settings, io)) tell(finding)
  tell(platformKey(settings))
  tell(notifyAddress(settings))
  if (options.has('offline')) {
    tell({ mark: 'skipped', what: 'calls', said: 'not tried (--offline)' })
  } else {
    for (const finding of await calls(settings, merchant, io)) tell(finding)
  }
  const wrong = findings.filter(({ mark }) => mark === 'wrong').length
  const look = findings.filter(({ mark }) => mark === 'warning').length
  io.print(`\n${wrong} wrong, ${look} to look at, ${findings.length - wrong - look} fine or skipped`)
  return wrong === 0
}

function nodeVersion(): Finding {
  const what = 'Node.js'
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return { mark: 'ok', what, said: process.versions.node }
  return { mark: 'wrong', what, said: process.versions.node, advice: 'install 20.19 or later' }
}

function tlsSetting(io: CommandIo): Finding {
  const what = 'TLS'
  if (io.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return { mark: 'ok', what, said: 'servers are verified' }
  const advice = 'unset NODE_TLS_REJECT_UNAUTHORIZED; for a test server name its authority in WXPAY_CA_FILE'
  return {
    mark: 'wrong',
    what,
    said: 'verification is switched off: anybody could answer as WeChat Pay',
    advice,
  }
}

function identity(settings: Settings): Finding {
  const [appid, mchid] = [settings.get('WX_APPID') ?? '', settings.get('WXPAY_MCHID') ?? '']
  return tried(
    'app and merchant',
    () => {
      assertIdentity({ appid, mchid })
      return `${appid}, ${mchid}`
    },
    'WX_APPID is in 小程序后台 → 开发管理, WXPAY_MCHID in 商户平台 → 账户中心; the two must be bound to each other (AppID账号管理)',
  )
}

function apiKey(
  name: string,
  chinese: string,
  settings: Settings,
  check: (member: string, key: string) => void,
): Finding {
  const key = settings.get(name)
  if (key === undefined) return { mark: 'skipped', what: name, said: 'not set' }
  return tried(
    name,
    () => {
      check(name, key)
      const other = settings.get(name === 'WXPAY_V2_KEY' ? 'WXPAY_V3_KEY' : 'WXPAY_V2_KEY')
      return key === other ? 'has the right length, and is the same as the other key' : 'has the right length'
    },
    `set it anew in 商户平台 → 账户中心 → API安全 → ${chinese}, and copy it without blanks or line ends`,
  )
}

function merchantKey(settings: Settings, tell: (finding: Finding) => void): MerchantKey | undefined {
  const what = 'merchant key and certificate'
  const advice = 'apiclient_key.pem and apiclient_cert.pem from one download of 商户API证书 belong together'
  const [privateKeyPem, certificatePem] = [settings.pem('WXPAY_KEY'), settings.pem('WXPAY_CERT')]
  if (privateKeyPem === undefined || certificatePem === undefined) {
    const missing = privateKeyPem === undefined ? 'WXPAY_KEY_FILE' : 'WXPAY_CERT_FILE'
    tell({ mark: 'wrong', what, said: `${missing} is not set`, advice })
    return undefined
  }
  try {
    const key = readMerchantKey({ privateKeyPem, certificatePem })
    tell({ mark: 'ok', what, said: `belong together, serial number ${key.serialNo}` })
    return key
  } catch (error) {
    tell({ mark: 'wrong', what, said: messageOf(error), advice })
    return undefined
  }
}

function merchantCertificate(settings: Settings, io: CommandIo): Finding[] {
  const certificate = new X509Certificate(settings.pem('WXPAY_CERT') ?? '')
  const days = Math.floor((Date.parse(certificate.validTo) - io.clock()) / 86_400_000)
  const what = 'merchant certificate'
  const renew = 'make a new one in 商户平台 → API安全 → 商户API证书; both work side by side for a time'
  const life: Finding =
    days < 0
      ? { mark: 'wrong', what, said: 'has expired', advice: renew }
      : days < 30
        ? { mark: 'warning', what, said: `expires in ${days} days`, advice: renew }
        : {
            mark: 'ok',
            what,
            said: `lives until ${new Date(certificate.validTo).toISOString().slice(0, 10)}`,
          }
  const owner = /^CN=(.+)$/m.exec(certificate.subject)?.[1]
  const mchid = settings.get('WXPAY_MCHID')
  if (owner === mchid || owner === undefined || !/^[0-9]+$/.test(owner)) return [life]
  const advice = 'WeChat issues it for the merchant number: WXPAY_MCHID and the files are of two merchants'
  return [life, { mark: 'wrong', what, said: `is that of merchant ${owner}`, advice }]
}

function platformKey(settings: Settings): Finding {
  const what = "WeChat Pay's key"
  const [id, pem] = [settings.get('WXPAY_PUBLIC_KEY_ID'), settings.pem('WXPAY_PUBLIC_KEY')]
  if (id === undefined && pem === undefined) {
    const said = 'none given: platform certificates will be fetched'
    const advice =
      'merchants since autumn 2024 have none: then set WXPAY_PUBLIC_KEY_ID and WXPAY_PUBLIC_KEY_FILE'
    return { mark: 'warning', what, said, advice }
  }
  return tried(
    what,
    () => {
      const { serial } = readPlatformPublicKey({ id: id ?? '', pem: pem ?? '' })
      return serial
    },
    '商户平台 → API安全 → 微信支付公钥 has the id (PUB_KEY_ID_…) and pub_key.pem',
  )
}

function notifyAddress(settings: Settings): Finding {
  const what = 'notification address'
  const address = settings.get('NOTIFY_BASE_URL')
  if (address === undefined) return { mark: 'skipped', what, said: 'NOTIFY_BASE_URL is not set' }
  const url = URL.canParse(address) ? new URL(address) : undefined
  const wrong = (said: string): Finding => ({
    mark: 'wrong',
    what,
    said,
    advice:
      'WeChat Pay calls a public https address without query, login or redirect, in a domain with ICP filing',
  })
  if (url === undefined) return wrong('is no address')
  if (url.search !== '' || url.hash !== '') return wrong('has a query or fragment, which WeChat refuses')
  if (url.username !== '' || url.password !== '') return wrong('has a user name')
  if (isPrivate(url.hostname)) {
    const isTest = isPrivate(new URL(settings.get('WXPAY_BASE_URL') ?? defaultBaseUrl).hostname)
    if (!isTest) return wrong('is on this machine or a private network: WeChat Pay cannot reach it')
    return { mark: 'ok', what, said: 'local, as the server that calls it' }
  }
  if (url.protocol !== 'https:') return wrong('is not https')
  return { mark: 'ok', what, said: url.host }
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 0) return host === 'localhost' || !host.includes('.') || host.endsWith('.local')
  return /^(?:127\.|10\.|192\.168\.|169\.254\.|0\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|::1$|f[cd]|fe80)/i.test(
    host,
  )
}

/** A query about a trade that cannot exist: signed, answered, and without effect. */
async function calls(
  settings: Settings,
  merchant: MerchantKey | undefined,
  io: CommandIo,
): Promise<Finding[]> {
  const ca = settings.pem('WXPAY_CA')
  const baseUrl = settings.get('WXPAY_BASE_URL') ?? defaultBaseUrl
  const connection = { baseUrl, ...(ca === undefined ? {} : { ca }), clock: io.clock }
  const findings: Finding[] = []
  try {
    readOrigin('WXPAY_BASE_URL', connection.baseUrl)
  } catch (error) {
    return [{ mark: 'wrong', what: 'WXPAY_BASE_URL', said: messageOf(error) }]
  }
  const answer = await reach(settings, merchant, connection, io)
  findings.push(...answer)
  if (answer.some(({ mark }) => mark === 'wrong')) return findings
  const outTradeNo = `doctor-${nonce().slice(0, 20)}`
  const appid = settings.get('WX_APPID') ?? ''
  const mchid = settings.get('WXPAY_MCHID') ?? ''
  if (settings.get('WXPAY_V3_KEY') !== undefined && merchant !== undefined) {
    findings.push(
      await queried('APIv3 call', async () => {
        const client = createWxpayV3({
          appid,
          mchid,
          apiV3Key: settings.get('WXPAY_V3_KEY') ?? '',
          privateKeyPem: settings.pem('WXPAY_KEY') ?? '',
          certificatePem: settings.pem('WXPAY_CERT') ?? '',
          ...publicKeyOf(settings),
          ...connection,
        })
        return client.queryByOutTradeNo(outTradeNo).finally(() => client.destroy())
      }),
    )
  }
  if (settings.get('WXPAY_V2_KEY') !== undefined) {
    findings.push(
      await queried('APIv2 call', async () => {
        const client = createWxpayV2({
          appid,
          mchid,
          key: settings.get('WXPAY_V2_KEY') ?? '',
          signType: signTypeOf(settings),
          ...connection,
        })
        return client.queryByOutTradeNo(outTradeNo).finally(() => client.destroy())
      }),
    )
  }
  return findings
}

async function reach(
  settings: Settings,
  merchant: MerchantKey | undefined,
  connection: { readonly baseUrl: string; readonly ca?: string },
  io: CommandIo,
): Promise<Finding[]> {
  const transport = createTransport(connection)
  const path = '/v3/certificates'
  const timestamp = String(Math.floor(io.clock() / 1000))
  const random = nonce()
  const message = requestMessage({ method: 'GET', path, timestamp, nonce: random, body: '' })
  const signed = merchant && {
    Authorization: authorization({
      mchid: settings.get('WXPAY_MCHID') ?? '',
      serialNo: merchant.serialNo,
      timestamp,
      nonce: random,
      signature: signRsaSha256(message, merchant.privateKey),
    }),
  }
  try {
    const headers = { Accept: 'application/json', 'User-Agent': userAgent, ...signed }
    const answer = await transport.send({ method: 'GET', path, headers, body: '' })
    return [{ mark: 'ok', what: 'connection', said: connection.baseUrl }, clockAgainst(answer, io.clock())]
  } catch (error) {
    return [{ mark: 'wrong', what: 'connection', said: messageOf(error), advice: adviceOnConnection(error) }]
  } finally {
    transport.destroy()
  }
}

function clockAgainst(answer: WireAnswer, nowMs: number): Finding {
  const what = 'clock'
  const theirs = Date.parse(answer.headers.date ?? '')
  if (Number.isNaN(theirs)) return { mark: 'skipped', what, said: 'the server did not tell its time' }
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

function tried(what: string, check: () => string, advice: string): Finding {
  try {
    return { mark: 'ok', what, said: check() }
  } catch (error) {
    return { mark: 'wrong', what, said: messageOf(error), advice }
  }
}

/** Messages of ours name members and rules, never values. */
function messageOf(error: unknown): string {
  return error instanceof WxpayError || error instanceof UsageError ? error.message : 'unexpected error'
}

function publicKeyOf(settings: Settings) {
  const [id, pem] = [settings.get('WXPAY_PUBLIC_KEY_ID'), settings.pem('WXPAY_PUBLIC_KEY')]
  return id === undefined || pem === undefined ? {} : { publicKey: { id, pem } }
}
