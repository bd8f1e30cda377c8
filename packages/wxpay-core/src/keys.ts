/** @module Reads keys and certificates once, into KeyObjects, and refuses the wrong ones with a way out. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { assertConfig, badConfig, forever } from './checks.ts'

/** The merchant's own key pair, as requests are signed with it. */
export interface MerchantKey {
  readonly privateKey: KeyObject
  /** Serial number of the merchant API certificate (商户API证书序列号), upper-case hexadecimal. */
  readonly serialNo: string
}

/** A key of WeChat Pay: the public key (微信支付公钥) or one platform certificate (平台证书). */
export interface PlatformKey {
  /** `PUB_KEY_ID_…` or the certificate's serial number. */
  readonly serial: string
  readonly key: KeyObject
  /** Epoch milliseconds; infinity for the public key. */
  readonly expiresAt: number
}

/**
 * Reads the merchant API certificate and private key, which must belong together.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG`
 */
export function readMerchantKey(config: {
  readonly privateKeyPem: string
  readonly certificatePem?: string | undefined
  readonly serialNo?: string | undefined
}): MerchantKey {
  const { certificatePem, serialNo } = config
  const privateKey = readPrivateKey('privateKeyPem', config.privateKeyPem)
  if (certificatePem === undefined) {
    assertConfig(
      'serialNo',
      serialNo,
      /^[0-9A-F]{8,40}$/,
      "the certificate's serial number in upper-case hexadecimal, or give certificatePem",
    )
    return { privateKey, serialNo }
  }
  const certificate = readCertificate('certificatePem', certificatePem)
  if (!certificate.checkPrivateKey(privateKey)) {
    throw badConfig('certificatePem', 'the certificate of privateKeyPem; these two do not belong together')
  }
  if (serialNo !== undefined && serialNo !== certificate.serialNumber) {
    throw badConfig('serialNo', 'the serial number of certificatePem, or left out')
  }
  return { privateKey, serialNo: certificate.serialNumber }
}

/** Reads WeChat Pay's public key with its id (微信支付公钥ID). */
export function readPlatformPublicKey(publicKey: { readonly id: string; readonly pem: string }): PlatformKey {
  const { id } = publicKey
  const expected = 'the id of the WeChat Pay public key, PUB_KEY_ID_ and digits'
  assertConfig('publicKey.id', id, /^PUB_KEY_ID_[0-9A-Za-z]{1,100}$/, expected)
  const member = 'publicKey.pem'
  const pem = asPem(member, publicKey.pem)
  const other = /(CERTIFICATE|PRIVATE KEY)-----/.exec(pem)?.[1]?.toLowerCase()
  if (other !== undefined)
    throw badConfig(member, `the WeChat Pay public key (pub_key.pem); this is a ${other}`)
  const key = readRsa(member, 'a public key in PEM', () => createPublicKey(pem))
  return { serial: id, key, expiresAt: forever }
}

/** Reads a platform certificate; its serial number is what `Wechatpay-Serial` names. */
export function readPlatformCertificate(pem: string): PlatformKey {
  const certificate = readCertificate('platformCertificates', pem)
  return {
    serial: certificate.serialNumber,
    key: certificate.publicKey,
    expiresAt: Date.parse(certificate.validTo),
  }
}

/** Whether the two are a pair. */
export function isPair(publicKey: KeyObject, privateKey: KeyObject): boolean {
  return createPublicKey(privateKey).equals(publicKey)
}

/** How long an RSA key is; 0 for what is none. */
export function bitsOf(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0
}

function readPrivateKey(member: string, text: string): KeyObject {
  const pem = asPem(member, text)
  if (pem.includes('BEGIN CERTIFICATE')) {
    throw badConfig(member, 'the private key (apiclient_key.pem); this is a certificate')
  }
  if (pem.includes('ENCRYPTED')) {
    throw badConfig(
      member,
      'an unencrypted private key; remove its pass phrase: openssl pkey -in key.pem -out plain.pem',
    )
  }
  return readRsa(member, 'a private key in PEM (apiclient_key.pem)', () => createPrivateKey(pem))
}

function readCertificate(member: string, text: string): X509Certificate {
  const pem = asPem(member, text)
  return readRsa(member, 'a certificate in PEM', () => new X509Certificate(pem))
}

function asPem(member: string, text: string): string {
  if (typeof text !== 'string') throw badConfig(member, 'PEM text')
  const trimmed = text.trim()
  if (trimmed.startsWith('-----BEGIN ')) return trimmed
  // DER starts with 0x30, base64 of DER with "MI": most likely apiclient_cert.p12, which OpenSSL 3 cannot open as it
  // comes (RC2). https://github.com/nodejs/node/issues/40672, checked 2026-11
  if (text.startsWith('0') || trimmed.startsWith('MI')) {
    throw badConfig(
      member,
      'PEM text. Is this a .p12 file? Use apiclient_key.pem and apiclient_cert.pem beside it, or convert it: ' +
        'openssl pkcs12 -legacy -nodes -in apiclient_cert.p12 -out apiclient.pem (the pass phrase is the merchant id)',
    )
  }
  throw badConfig(member, 'PEM text, starting with -----BEGIN')
}

/** What can be read, and is a key long enough, or the certificate of one. */
function readRsa<T extends KeyObject | X509Certificate>(member: string, expected: string, read: () => T): T {
  let made: T
  try {
    made = read()
  } catch (cause) {
    throw badConfig(member, `${expected}; it cannot be read`, cause)
  }
  const either: KeyObject | X509Certificate = made
  const key = either instanceof X509Certificate ? either.publicKey : either
  const bits = bitsOf(key)
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) {
    const kind = `${key.asymmetricKeyType} ${bits || ''}`.trim()
    throw badConfig(member, `an RSA key of at least 2048 bits; this one is ${kind}`)
  }
  return made
}
