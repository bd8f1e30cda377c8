/** @module The doctor: looks at everything that can be wrong before the first payment, and says what to do about it. */
import { isIP } from 'node:net'
import { assertApiV2Key, assertApiV3Key, assertIdentity } from '../checks.ts'
import { type CallSettings, checkCalls, checkMerchantFiles, type Finding } from '../doctor.ts'
import { WxpayError } from '../errors.ts'
import { readPlatformPublicKey } from '../keys.ts'
import { defaultBaseUrl } from '../transport.ts'
import {
  type CommandIo,
  readArguments,
  readSettings,
  type Settings,
  signTypeOf,
  UsageError,
} from './command.ts'

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
  const merchant = merchantFiles(settings, io)
  for (const finding of merchant) tell(finding)
  tell(platformKey(settings))
  tell(notifyAddress(settings))
  if (options.has('offline')) {
    tell({ mark: 'skipped', what: 'calls', said: 'not tried (--offline)' })
  } else {
    const isKeyReadable = merchant[0]?.mark === 'ok'
    for (const finding of await checkCalls(callSettings(settings, io, isKeyReadable))) tell(finding)
  }
  const wrong = findings.filter(({ mark }) => mark === 'wrong').length
  const look = findings.filter(({ mark }) => mark === 'warning').length
  io.print(`\n${wrong} wrong, ${look} to look at, ${findings.length - wrong - look} fine or skipped`)
  return wrong === 0
}

function nodeVersion(): Finding {
  const what = 'Node.js'
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isFit = major > 22 || (major === 22 && minor >= 3) || (major === 20 && minor >= 19)
  if (isFit) return { mark: 'ok', what, said: process.versions.node }
  return { mark: 'wrong', what, said: process.versions.node, advice: 'install 20.19, or 22.3 or later' }
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

function merchantFiles(settings: Settings, io: CommandIo): readonly Finding[] {
  const [privateKeyPem, certificatePem] = [settings.pem('WXPAY_KEY'), settings.pem('WXPAY_CERT')]
  if (privateKeyPem !== undefined && certificatePem !== undefined) {
    return checkMerchantFiles(
      { privateKeyPem, certificatePem, mchid: settings.get('WXPAY_MCHID') },
      io.clock(),
    )
  }
  const missing = privateKeyPem === undefined ? 'WXPAY_KEY_FILE' : 'WXPAY_CERT_FILE'
  return [
    {
      mark: 'wrong',
      what: 'merchant key and certificate',
      said: `${missing} is not set`,
      advice: 'apiclient_key.pem and apiclient_cert.pem come with one download of 商户API证书',
    },
  ]
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
  if (isIP(host) === 0) return !host.includes('.') || host.endsWith('.local')
  return /^(?:127\.|10\.|192\.168\.|169\.254\.|0\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|::1$|f[cd]|fe80)/i.test(
    host,
  )
}

/** The settings of the calls; APIv3 needs files that can be read. */
function callSettings(settings: Settings, io: CommandIo, isKeyReadable: boolean): CallSettings {
  const [v2Key, v3Key] = [settings.get('WXPAY_V2_KEY'), settings.get('WXPAY_V3_KEY')]
  return {
    appid: settings.get('WX_APPID') ?? '',
    mchid: settings.get('WXPAY_MCHID') ?? '',
    v2: v2Key === undefined ? undefined : { key: v2Key, signType: signTypeOf(settings) },
    v3:
      v3Key === undefined || !isKeyReadable
        ? undefined
        : {
            apiV3Key: v3Key,
            privateKeyPem: settings.pem('WXPAY_KEY') ?? '',
            certificatePem: settings.pem('WXPAY_CERT') ?? '',
            ...publicKeyOf(settings),
          },
    baseUrl: settings.get('WXPAY_BASE_URL'),
    ca: settings.pem('WXPAY_CA'),
    clock: io.clock,
  }
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
