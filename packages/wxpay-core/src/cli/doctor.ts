/** @module The doctor: looks at everything that can be wrong before the first payment, and says what to do about it. */
import { BlockList, isIP } from 'node:net'
import { assertApiV2Key, assertApiV3Key, assertIdentity, readOrigin } from '../checks.ts'
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
  const signType = v2SignType(settings)
  if (signType !== undefined) tell(signType)
  tell(apiKey('WXPAY_V3_KEY', 'APIv3密钥', settings, assertApiV3Key))
  const merchant = merchantFiles(settings, io)
  for (const finding of merchant) tell(finding)
  const platform = platformKey(settings)
  tell(platform)
  tell(notifyAddress(settings))
  const server = serverSettings(settings)
  for (const finding of server) tell(finding)
  const isFine = (...looked: readonly (Finding | undefined)[]) => looked.every((one) => one?.mark !== 'wrong')
  if (options.has('offline')) {
    tell({ mark: 'skipped', what: 'calls', said: 'not tried (--offline)' })
  } else if (!isFine(...server)) {
    tell({ mark: 'skipped', what: 'calls', said: 'not tried: mend what is said of their server first' })
  } else {
    // What is wrong by itself is said already; a call with it would say something else about the same mistake.
    const able = { v2: isFine(signType), v3: isFine(merchant[0], platform) }
    for (const finding of await checkCalls(callSettings(settings, io, able))) tell(finding)
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

function v2SignType(settings: Settings): Finding | undefined {
  const name = 'WXPAY_V2_SIGN_TYPE'
  if (settings.get(name) === undefined) return undefined
  return tried(
    name,
    () => signTypeOf(settings),
    'leave it out for HMAC-SHA256, or copy the word from 商户平台',
  )
}

function merchantFiles(settings: Settings, io: CommandIo): readonly Finding[] {
  try {
    return checkMerchantFiles(
      {
        privateKeyPem: neededPem(settings, 'WXPAY_KEY'),
        certificatePem: neededPem(settings, 'WXPAY_CERT'),
        mchid: settings.get('WXPAY_MCHID'),
      },
      io.clock(),
    )
  } catch (error) {
    const advice = 'apiclient_key.pem and apiclient_cert.pem come with one download of 商户API证书'
    return [{ mark: 'wrong', what: 'merchant key and certificate', said: messageOf(error), advice }]
  }
}

function neededPem(settings: Settings, name: string): string {
  const pem = settings.pem(name)
  if (pem === undefined) throw new UsageError(`${name}_FILE is not set`)
  return pem
}

function platformKey(settings: Settings): Finding {
  const what = "WeChat Pay's key"
  const names = ['WXPAY_PUBLIC_KEY_ID', 'WXPAY_PUBLIC_KEY', 'WXPAY_PUBLIC_KEY_FILE']
  if (names.every((name) => settings.get(name) === undefined)) {
    const said = 'none given: platform certificates will be fetched'
    const advice =
      'merchants since autumn 2024 have none: then set WXPAY_PUBLIC_KEY_ID and WXPAY_PUBLIC_KEY_FILE'
    return { mark: 'warning', what, said, advice }
  }
  return tried(
    what,
    () => {
      const id = settings.get('WXPAY_PUBLIC_KEY_ID') ?? ''
      return readPlatformPublicKey({ id, pem: neededPem(settings, 'WXPAY_PUBLIC_KEY') }).serial
    },
    '商户平台 → API安全 → 微信支付公钥 has the id (PUB_KEY_ID_…) and pub_key.pem',
  )
}

/** Where the calls go and whom to trust there, when it is not WeChat Pay itself. */
function serverSettings(settings: Settings): readonly Finding[] {
  const address = settings.get('WXPAY_BASE_URL')
  const advice = 'leave it out for WeChat Pay itself, or give the origin of a test server'
  const [url, ca] = ['WXPAY_BASE_URL', 'WXPAY_CA_FILE']
  const readCa = (): string => {
    settings.pem('WXPAY_CA')
    return 'can be read'
  }
  return [
    ...(address === undefined ? [] : [tried(url, () => readOrigin(url, address).origin, advice)]),
    ...(settings.get(ca) === undefined ? [] : [tried(ca, readCa, 'name the PEM of the test server')]),
  ]
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
    const base = settings.get('WXPAY_BASE_URL') ?? defaultBaseUrl
    const isTest = URL.canParse(base) && isPrivate(new URL(base).hostname)
    if (!isTest) return wrong('is on this machine or a private network: WeChat Pay cannot reach it')
    return { mark: 'ok', what, said: 'local, as the server that calls it' }
  }
  if (url.protocol !== 'https:') return wrong('is not https')
  return { mark: 'ok', what, said: url.host }
}

// Special-purpose addresses that nobody outside can call (RFC 6890). IPv4 inside IPv6 is looked up as IPv4.
const privateNetworks = new BlockList()
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const) {
  privateNetworks.addSubnet(address, bits)
}
privateNetworks.addSubnet('::', 127, 'ipv6')
privateNetworks.addSubnet('fc00::', 7, 'ipv6')
privateNetworks.addSubnet('fe80::', 10, 'ipv6')

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const kind = isIP(host)
  if (kind === 0) return !host.includes('.') || /\.(?:local|localhost|internal)\.?$/.test(host)
  return privateNetworks.check(host, kind === 4 ? 'ipv4' : 'ipv6')
}

/** The settings of the calls, each protocol as far as what it needs is fine. */
function callSettings(
  settings: Settings,
  io: CommandIo,
  able: { readonly v2: boolean; readonly v3: boolean },
): CallSettings {
  const [v2Key, v3Key] = [settings.get('WXPAY_V2_KEY'), settings.get('WXPAY_V3_KEY')]
  return {
    appid: settings.get('WX_APPID') ?? '',
    mchid: settings.get('WXPAY_MCHID') ?? '',
    v2: v2Key === undefined || !able.v2 ? undefined : { key: v2Key, signType: signTypeOf(settings) },
    v3:
      v3Key === undefined || !able.v3
        ? undefined
        : {
            apiV3Key: v3Key,
            privateKeyPem: neededPem(settings, 'WXPAY_KEY'),
            certificatePem: neededPem(settings, 'WXPAY_CERT'),
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
