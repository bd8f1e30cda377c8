/** @module Decides whether raw bytes come from WeChat Pay: one key ring for answers and notifications. */
import { adviceOn } from '../advice.ts'
import { badConfig, forever, unlimited } from '../checks.ts'
import type { ConnectionConfig } from '../client.ts'
import { isUnconnected, WxpayError } from '../errors.ts'
import { type PlatformKey, readPlatformCertificate, readPlatformPublicKey } from '../keys.ts'
import { verifyRsaSha256 } from './sign.ts'

/** The four `Wechatpay-*` headers and the body, untouched. */
export interface SignedMessage {
  /** `Wechatpay-Timestamp`: seconds since the epoch. */
  readonly timestamp: string | undefined
  /** `Wechatpay-Nonce` */
  readonly nonce: string | undefined
  /** `Wechatpay-Serial`: whose key signed it. */
  readonly serial: string | undefined
  /** `Wechatpay-Signature`, base64. */
  readonly signature: string | undefined
  /** The raw bytes. */
  readonly body: Uint8Array
}

/** The signed parts of an answer or a notification; `header` takes names in lower case. */
export function signedMessage(header: (name: string) => string | undefined, body: Uint8Array): SignedMessage {
  return {
    timestamp: header('wechatpay-timestamp'),
    nonce: header('wechatpay-nonce'),
    serial: header('wechatpay-serial'),
    signature: header('wechatpay-signature'),
    body,
  }
}

/** Why a message is not believed. */
export type Doubt =
  | 'missingHeader'
  | 'badTimestamp'
  | 'clock'
  | 'probe'
  | 'unknownSerial'
  | 'expiredCertificate'
  | 'badSignature'

/** The answer of a check. `reason` is for logs. */
export type Verdict =
  | {
      /** WeChat Pay has signed it, a moment ago. */
      readonly genuine: true
      /** Whose key signed it. */
      readonly serial: string
    }
  | {
      /** Nobody knows who has written it. */
      readonly genuine: false
      /** Why it is not believed. */
      readonly doubt: Doubt
      /** The same in a sentence, for logs. */
      readonly reason: string
    }

/** Shared by the v3 client and the notification reader, so that both know the same keys. */
export interface V3Verifier {
  /** Never throws for what is in the message. May fetch certificates, at most once a minute. */
  verify(message: SignedMessage): Promise<Verdict>
  /** Serial numbers known at the moment, for diagnosis. */
  serials(): readonly string[]
  /**
   * Resolves when no fetch is under way. Old certificates are fetched anew without making anybody wait; where nothing runs
   * after an answer, as in a cloud function, that fetch is to be waited for before the answer is given.
   */
  settled(): Promise<void>
}

/** The verifier with what the client alone needs of it. */
export interface V3KeyRing {
  readonly verifier: V3Verifier
  /**
   * The key to encrypt for WeChat Pay with: its public key where there is one, else the platform certificate that lives
   * longest. Fetches certificates when there is none or they are old.
   *
   * @throws WxpayError when there is none then either: `ERR_WXPAY_CONNECT` if fetching them later may help, else
   *   `ERR_WXPAY_CONFIG`
   */
  sealingKey(): Promise<PlatformKey>
}

/** Which keys to believe. At least one source is needed. */
export interface V3VerifierConfig {
  /** WeChat Pay public key mode (微信支付公钥): its id, `PUB_KEY_ID_…`, and PEM. */
  readonly publicKey?: {
    /** 微信支付公钥ID, `PUB_KEY_ID_…` */
    readonly id: string
    /** pub_key.pem */
    readonly pem: string
  }
  /** Platform certificates (平台证书) known from the start, PEM. */
  readonly platformCertificates?: readonly string[]
  /** Gets the present platform certificates as PEM; `createWxpayV3` passes its own. */
  readonly fetchCertificates?: () => Promise<readonly string[]>
  /** The merchant API certificate's serial number: without it, that certificate is taken for a platform certificate. */
  readonly serialNo?: string
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: () => number
}

/** Messages this old, or this far in the future, are refused. */
export const toleranceSeconds = 300

const fetchPauseMs = 60_000
const refreshAfterMs = 12 * 60 * 60 * 1000

/**
 * Makes the key ring: WeChat Pay's public key and platform certificates side by side, chosen by `Wechatpay-Serial`,
 * because during a change-over both kinds sign. Certificates are fetched when an unknown serial turns up (at most
 * once a minute, whatever arrives) and again after 12 hours.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG`
 * @see 如何使用微信支付公钥验签, https://pay.weixin.qq.com/doc/v3/merchant/4013053249, and 如何使用平台证书验签名,
 *   https://pay.weixin.qq.com/doc/v3/merchant/4013053420, checked 2026-11
 * @example
 * ```ts
 * import { createV3Verifier } from 'wxpay-core'
 *
 * export function verifierFor(publicKeyPem: string) {
 *   return createV3Verifier({ publicKey: { id: 'PUB_KEY_ID_0000000000000024101100397200000006', pem: publicKeyPem } })
 * }
 * ```
 */
export function createV3Verifier(config: V3VerifierConfig): V3Verifier {
  return createKeyRing(config).verifier
}

/** What the client knows besides. */
interface KeyRingConfig extends V3VerifierConfig, Pick<ConnectionConfig, 'timeLeftMs'> {
  /** Whether it belongs to the merchant's own private key: more certain than a serial number that somebody wrote down. */
  readonly isOwn?: (key: PlatformKey) => boolean
}

/** Like `createV3Verifier`, for the client, whose calls may have a time limit. */
export function createKeyRing(config: KeyRingConfig): V3KeyRing {
  const { clock = Date.now, fetchCertificates, timeLeftMs = unlimited } = config
  const fixed = readFixedKeys(config)
  if (fixed.size === 0 && fetchCertificates === undefined) {
    throw badConfig('publicKey', 'given, or platformCertificates, or a way to fetch them')
  }
  let keys: ReadonlyMap<string, PlatformKey> = fixed
  let fetching: Promise<void> | undefined
  // 0 is never.
  let triedAt = 0
  let fetchedAt = 0
  /** Why the last fetch failed, if it did. */
  let failure: unknown

  /** One fetch at a time, one try a minute. A failure keeps the keys we have. */
  function refresh(): Promise<void> {
    const nowMs = clock()
    // A clock set back must not lock the door for ever.
    const isTooSoon = nowMs >= triedAt && nowMs - triedAt < fetchPauseMs
    // Stryker disable next-line ConditionalExpression: to call what is not there is a failed fetch, which changes nothing either
    if (fetchCertificates === undefined) return settled()
    if (fetching !== undefined || isTooSoon) return settled()
    triedAt = nowMs
    fetching = new Promise<readonly string[]>((resolve) => resolve(fetchCertificates()))
      .then((pems) => {
        // WeChat's list is the truth: a certificate that it no longer names is gone.
        keys = new Map([...keysOf(pems, config), ...fixed])
        fetchedAt = clock()
        failure = undefined
      })
      .catch((error: unknown) => {
        failure = error
        // Not a byte left because whoever asked had no time: that was no try, and the next one may have time.
        if (isUnconnected(error) && !(timeLeftMs() >= 1)) triedAt = 0
      })
      .finally(() => {
        fetching = undefined
      })
    return fetching
  }

  function verify(message: SignedMessage): Promise<Verdict> {
    const nowMs = clock()
    const verdict = checkSignature(message, keys, nowMs)
    if (!verdict.genuine && needsCertificate(verdict.doubt, message.serial)) {
      return refresh().then(() => checkSignature(message, keys, nowMs))
    }
    // Not waited for: the answer at hand does not depend on it.
    if (isOld(nowMs)) void refresh()
    return Promise.resolve(verdict)
  }

  function settled(): Promise<void> {
    return fetching ?? Promise.resolve()
  }

  function isOld(nowMs: number): boolean {
    return nowMs - fetchedAt > refreshAfterMs && fetchedAt > 0
  }

  async function sealingKey(): Promise<PlatformKey> {
    const known = pickSealingKey(keys.values(), clock())
    if (known !== undefined && (known.expiresAt === forever || !isOld(clock()))) return known
    await refresh()
    const key = pickSealingKey(keys.values(), clock())
    if (key === undefined) throw noSealingKey(failure)
    return key
  }

  return { verifier: { verify, serials: () => [...keys.keys()], settled }, sealingKey }
}

/** The whole check against a given set of keys; pure. Cheap refusals first. */
export function checkSignature(
  message: SignedMessage,
  keys: ReadonlyMap<string, PlatformKey>,
  nowMs: number,
): Verdict {
  const { timestamp, nonce, serial, signature } = message
  if (!timestamp || !nonce || !serial || !signature) {
    return doubtful('missingHeader', 'a Wechatpay-* header is missing')
  }
  if (!/^[0-9]{1,12}$/.test(timestamp))
    return doubtful('badTimestamp', 'the timestamp is not integer seconds')
  // Written so that a clock that is no number lets nothing pass, here and below.
  if (!(Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) < toleranceSeconds)) {
    return doubtful('clock', `the timestamp is ${toleranceSeconds} s or more away from our clock`)
  }
  // WeChat tests us with wrong signatures on purpose. Known by their face, so that they cause no certificate fetch.
  if (signature.startsWith('WECHATPAY/SIGNTEST/')) return doubtful('probe', 'a signature probe of WeChat Pay')
  const key = keys.get(serial)
  if (key === undefined) {
    // For a merchant without platform certificates, as all new ones are, this is the whole reason that nothing works.
    const way = serial.startsWith('PUB_KEY_ID_') ? '; give it as publicKey' : ''
    return doubtful('unknownSerial', `signed by a key that we do not know: ${serial.slice(0, 60)}${way}`)
  }
  if (!(key.expiresAt > nowMs)) {
    return doubtful('expiredCertificate', 'signed by an expired platform certificate')
  }
  const fits = verifyRsaSha256([`${timestamp}\n${nonce}\n`, message.body, '\n'], signature, key.key)
  return fits ? { genuine: true, serial } : doubtful('badSignature', 'the signature does not fit the bytes')
}

/** A public key never expires, so it wins; of the certificates the newest, as WeChat asks for during a change-over. */
function pickSealingKey(keys: Iterable<PlatformKey>, nowMs: number): PlatformKey | undefined {
  let best: PlatformKey | undefined
  for (const key of keys) {
    if (key.expiresAt > (best?.expiresAt ?? nowMs)) best = key
  }
  return best
}

/** A merchant without platform certificates has to configure something; one whose fetch met a bad minute has not. */
function noSealingKey(failure: unknown): WxpayError {
  if (adviceOn(failure, 'read') === 'never') {
    const expected = 'given, or a platform certificate available, to encrypt with; none could be fetched'
    return badConfig('publicKey', expected, failure)
  }
  return new WxpayError(
    'ERR_WXPAY_CONNECT',
    'platform certificates to encrypt with could not be fetched; later again, or configure publicKey',
    { cause: failure },
  )
}

function doubtful(doubt: Doubt, reason: string): Verdict {
  return { genuine: false, doubt, reason }
}

/** Only a serial that looks like a certificate's is worth a request. */
function needsCertificate(doubt: Doubt, serial: string | undefined): boolean {
  if (doubt === 'expiredCertificate') return true
  return doubt === 'unknownSerial' && /^[0-9A-F]{8,40}$/.test(String(serial))
}

function readFixedKeys(config: KeyRingConfig): ReadonlyMap<string, PlatformKey> {
  const keys = keysOf(config.platformCertificates ?? [], config)
  if (config.publicKey !== undefined) {
    const key = readPlatformPublicKey(config.publicKey)
    keys.set(key.serial, key)
  }
  return keys
}

function keysOf(pems: readonly string[], { serialNo, isOwn }: KeyRingConfig): Map<string, PlatformKey> {
  const keys = new Map<string, PlatformKey>()
  for (const pem of pems) {
    const key = readPlatformCertificate(pem)
    if (key.serial === serialNo || isOwn?.(key)) {
      throw badConfig(
        'platformCertificates',
        'WeChat Pay platform certificates; this is your own merchant certificate (apiclient_cert.pem)',
      )
    }
    keys.set(key.serial, key)
  }
  return keys
}
