/**
 * @module Who the sandbox is: merchant, platform and TLS keys, made on the first start and kept in the data directory.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxStartError } from '../start-error.ts'
import {
  expiryOf,
  importRsaIssuer,
  issueCa,
  issueServerCertificate,
  issueSigningCertificate,
  makeEcKeys,
  makeRsaKeys,
} from './certificates.ts'
import { makePrivateDirectory, writePrivateFile } from './files.ts'
import { makePkcs12 } from './pkcs12.ts'
import { ALPHANUMERIC, DIGITS, HEX, randomText, seededText, type TextSource } from './random-text.ts'

const CA_SUBJECT = 'CN=WeChat Sandbox TLS CA, O=wechat-sandbox'
const MERCHANT_CA_SUBJECT = 'CN=WeChat Sandbox Merchant CA, O=wechat-sandbox'
const SERVER_DAYS = 397
const PLATFORM_DAYS = 5 * 365
const RENEW_BEFORE_MS = 30 * 86_400_000

/** Strings of the identity that are not keys in PEM. */
interface Names {
  readonly version: 1
  readonly appid: string
  readonly appSecret: string
  readonly mchid: string
  readonly v2Key: string
  readonly v3Key: string
  readonly controlToken: string
  readonly serialNo: string
  readonly publicKeyId: string
  readonly platformSerialNo: string
  readonly serverHosts: readonly string[]
}

export interface Identity extends Names {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  readonly publicKeyFile: string
  readonly caPem: string
  readonly merchantCaPem: string
  readonly serverCertPem: string
  readonly serverKeyPem: string
  readonly platformCertPem: string
  /** The merchant's public key: what its requests and paySign are checked with. */
  readonly merchantPublicKey: KeyObject
  /** SHA-256 of the merchant's certificate: what its TLS connections are recognised by. */
  readonly merchantFingerprint: string
  /** WeChat Pay's key in public-key mode (微信支付公钥). */
  readonly publicModeKey: KeyObject
  /** The key of the first platform certificate (平台证书). */
  readonly platformKeyPem: string
  /** Another one, for a rotation. */
  readonly issuePlatformCertificate: () => Promise<{ serialNo: string; certPem: string; keyPem: string }>
}

const FILES = {
  names: 'identity.json',
  ca: 'ca.pem',
  caKey: 'ca-key.pem',
  server: 'server.pem',
  serverKey: 'server-key.pem',
  merchantCa: 'merchant-ca.pem',
  merchantCaKey: 'merchant-ca-key.pem',
  merchant: 'apiclient_cert.pem',
  merchantKey: 'apiclient_key.pem',
  merchantP12: 'apiclient_cert.p12',
  publicMode: 'pub_key.pem',
  publicModeKey: 'wechatpay-public-mode-key.pem',
  platform: 'wechatpay-platform-cert.pem',
  platformKey: 'wechatpay-platform-key.pem',
} as const

/**
 * Reads the identity from `dataDir`, or makes and stores a new one.
 * @throws SandboxStartError when the directory can't be written or a file of it is missing.
 */
export async function openIdentity(options: {
  dataDir: string
  hosts: readonly string[]
  seed: string | undefined
}): Promise<Identity> {
  const { dataDir } = options
  const path = (file: keyof typeof FILES): string => join(dataDir, FILES[file])
  makePrivateDirectory(dataDir)
  // identity.json is written last: without it the making was interrupted and starts again.
  if (!existsSync(path('names'))) await makeIdentity(path, options.hosts, options.seed)
  const read = (file: keyof typeof FILES): string => {
    try {
      return readFileSync(path(file), 'utf8')
    } catch {
      throw new SandboxStartError(
        `${path(file)} can't be read. It belongs to this sandbox's identity: restore it, or start with another --data directory.`,
      )
    }
  }
  const names = parseNames(read('names'), path('names'))
  const hostsKnown = options.hosts.every((host) => names.serverHosts.includes(host))
  if (!hostsKnown || expiryOf(read('server')) - Date.now() < RENEW_BEFORE_MS) {
    const hosts = [...new Set([...names.serverHosts, ...options.hosts])]
    const issuer = await importRsaIssuer(CA_SUBJECT, read('caKey'), read('ca'))
    await makeServerCertificate(path, issuer, hosts)
    writePrivateFile(path('names'), JSON.stringify({ ...names, serverHosts: hosts }, null, 2))
  }
  if (!existsSync(path('merchantP12'))) {
    const pkcs12 = { certPem: read('merchant'), keyPem: read('merchantKey'), passphrase: names.mchid }
    writePrivateFile(path('merchantP12'), await makePkcs12(pkcs12))
  }
  const merchant = new X509Certificate(read('merchant'))
  return {
    ...names,
    caFile: path('ca'),
    certFile: path('merchant'),
    keyFile: path('merchantKey'),
    publicKeyFile: path('publicMode'),
    caPem: read('ca'),
    merchantCaPem: read('merchantCa'),
    serverCertPem: read('server'),
    serverKeyPem: read('serverKey'),
    platformCertPem: read('platform'),
    merchantPublicKey: merchant.publicKey,
    merchantFingerprint: merchant.fingerprint256,
    publicModeKey: createPrivateKey(read('publicModeKey')),
    platformKeyPem: read('platformKey'),
    async issuePlatformCertificate() {
      const issuer = await importRsaIssuer(MERCHANT_CA_SUBJECT, read('merchantCaKey'), read('merchantCa'))
      const { keys, privatePem: keyPem } = await makeRsaKeys()
      const { pem: certPem, serialNo } = await issuePlatform(issuer, keys.publicKey)
      return { serialNo, certPem, keyPem }
    },
  }
}

async function makeIdentity(
  path: (file: keyof typeof FILES) => string,
  hosts: readonly string[],
  seed: string | undefined,
): Promise<void> {
  const text: TextSource =
    seed === undefined ? (_label, length, alphabet) => randomText(length, alphabet) : seededText(seed)
  const mchid = `16${text('mchid', 8, DIGITS)}`
  const [ca, merchantCa, merchant, publicMode, platform] = await Promise.all([
    makeRsaKeys(),
    makeRsaKeys(),
    makeRsaKeys(),
    makeRsaKeys(),
    makeRsaKeys(),
  ])
  const tlsIssuer = { subject: CA_SUBJECT, keys: ca.keys }
  const merchantIssuer = { subject: MERCHANT_CA_SUBJECT, keys: merchantCa.keys }
  const caCertificate = await issueCa(tlsIssuer, 20)
  const merchantCaCertificate = await issueCa(merchantIssuer, 20)
  const merchantCertificate = await issueSigningCertificate(
    merchantIssuer,
    `CN=${mchid}, O=wechat-sandbox merchant`,
    merchant.keys.publicKey,
    5 * 365,
  )
  const platformCertificate = await issuePlatform(merchantIssuer, platform.keys.publicKey)
  writePrivateFile(path('ca'), caCertificate.pem)
  writePrivateFile(path('caKey'), ca.privatePem)
  writePrivateFile(path('merchantCa'), merchantCaCertificate.pem)
  writePrivateFile(path('merchantCaKey'), merchantCa.privatePem)
  writePrivateFile(path('merchant'), merchantCertificate.pem)
  writePrivateFile(path('merchantKey'), merchant.privatePem)
  writePrivateFile(path('publicMode'), publicMode.publicPem)
  writePrivateFile(path('publicModeKey'), publicMode.privatePem)
  writePrivateFile(path('platform'), platformCertificate.pem)
  writePrivateFile(path('platformKey'), platform.privatePem)
  await makeServerCertificate(path, tlsIssuer, hosts)
  const names = {
    version: 1,
    appid: `wx${text('appid', 16, HEX)}`,
    appSecret: text('appSecret', 32, HEX),
    mchid,
    v2Key: text('v2Key', 32, ALPHANUMERIC),
    v3Key: text('v3Key', 32, ALPHANUMERIC),
    controlToken: text('controlToken', 40, ALPHANUMERIC),
    serialNo: merchantCertificate.serialNo,
    publicKeyId: `PUB_KEY_ID_01${mchid}${text('publicKeyId', 16, DIGITS)}`,
    platformSerialNo: platformCertificate.serialNo,
    serverHosts: hosts,
  } satisfies Names
  writePrivateFile(path('names'), JSON.stringify(names, null, 2))
}

function issuePlatform(
  issuer: Parameters<typeof issueSigningCertificate>[0],
  publicKey: Parameters<typeof issueSigningCertificate>[2],
): ReturnType<typeof issueSigningCertificate> {
  return issueSigningCertificate(
    issuer,
    'CN=WeChat Sandbox Pay Platform, O=wechat-sandbox',
    publicKey,
    PLATFORM_DAYS,
  )
}

async function makeServerCertificate(
  path: (file: keyof typeof FILES) => string,
  issuer: Parameters<typeof issueServerCertificate>[0],
  hosts: readonly string[],
): Promise<void> {
  const server = await makeEcKeys()
  const certificate = await issueServerCertificate(issuer, server.keys.publicKey, hosts, SERVER_DAYS)
  writePrivateFile(path('serverKey'), server.privatePem)
  writePrivateFile(path('server'), certificate.pem)
}

function parseNames(json: string, file: string): Names {
  try {
    const names: Names = JSON.parse(json)
    if (names.version === 1 && typeof names.v3Key === 'string' && Array.isArray(names.serverHosts))
      return names
  } catch {
    // Falls through to the message below.
  }
  throw new SandboxStartError(
    `${file} isn't an identity of this sandbox; start with another --data directory.`,
  )
}
