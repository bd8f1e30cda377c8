/** @module Reads keys and certificates once, into KeyObjects, and refuses the wrong ones with a way out. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { badConfig } from './checks.ts'
import { WxpayError } from './errors.ts'

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
  /** Epoch milliseconds; certificates only. */
  readonly expiresAt?: number
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
  const privateKey = readPrivateKey('privateKeyPem', config.privateKeyPem)
  if (config.certificatePem === undefined) {
    if (typeof config.serialNo !== 'string' || !/^[0-9A-F]{8,40}$/.test(config.serialNo)) {
      throw badConfig(
        'serialNo',
        'the serial number of the merchant API certificate in upper-case hexadecimal, unless certificatePem is given',
      )
    }
    return { privateKey, serialNo: config.serialNo }
  }
  const certificate = readCertificate('certificatePem', config.certificatePem)
  if (!certificate.checkPrivateKey(privateKey)) {
    throw badConfig('certificatePem', 'the certificate of privateKeyPem; these two do not belong together')
  }
  if (config.serialNo !== undefined && config.serialNo !== certificate.serialNumber) {
    throw badConfig('serialNo', 'the serial number of certificatePem; leave it out and it is read from there')
  }
  return { privateKey, serialNo: certificate.serialNumber }
}

/** Reads WeChat Pay's public key with its id (微信支付公钥ID). */
export function readPlatformPublicKey(publicKey: { readonly id: string; readonly pem: string }): PlatformKey {
  if (typeof publicKey.id !== 'string' || !/^PUB_KEY_ID_[0-9A-Za-z]{1,100}$/.test(publicKey.id)) {
    throw badConfig('publicKey.id', 'the id of the WeChat Pay public key, PUB_KEY_ID_ and digits')
  }
  const pem = asPem('publicKey.pem', publicKey.pem)
  if (pem.includes('BEGIN CERTIFICATE')) {
    throw badConfig('publicKey.pem', 'the WeChat Pay public key (pub_key.pem); this is a certificate')
  }
  if (pem.includes('PRIVATE KEY')) {
    throw badConfig('publicKey.pem', 'the WeChat Pay public key (pub_key.pem); this is a private key')
  }
  const key = readingKey('publicKey.pem', 'a public key in PEM', () => createPublicKey(pem))
  assertRsa('publicKey.pem', key)
  return { serial: publicKey.id, key }
}

/** Reads a platform certificate; its serial number is what `Wechatpay-Serial` names. */
export function readPlatformCertificate(member: string, pem: string): PlatformKey {
  const certificate = readCertificate(member, pem)
  return {
    serial: certificate.serialNumber,
    key: certificate.publicKey,
    expiresAt: Date.parse(certificate.validTo),
  }
}

/** Whether two RSA public keys are the same number. */
export function isSamePublicKey(one: KeyObject, other: KeyObject): boolean {
  return createPublicKeyOf(one).equals(createPublicKeyOf(other))
}

function createPublicKeyOf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
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
  const key = readingKey(member, 'a private key in PEM (apiclient_key.pem)', () => createPrivateKey(pem))
  assertRsa(member, key)
  return key
}

function readCertificate(member: string, text: string): X509Certificate {
  const pem = asPem(member, text)
  const certificate = readingKey(member, 'a certificate in PEM', () => new X509Certificate(pem))
  assertRsa(member, certificate.publicKey)
  return certificate
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
      'PEM text. Is this a .p12 file? Use apiclient_key.pem and apiclient_cert.pem from the same download, or convert it: ' +
        'openssl pkcs12 -legacy -nodes -in apiclient_cert.p12 -out apiclient.pem (the pass phrase is the merchant id)',
    )
  }
  throw badConfig(member, 'PEM text, starting with -----BEGIN')
}

function readingKey<T>(member: string, expected: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new WxpayError('ERR_WXPAY_CONFIG', `${member} must be ${expected}; it cannot be read`, {
      member,
      cause,
    })
  }
}

function assertRsa(member: string, key: KeyObject): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) {
    throw badConfig(
      member,
      `an RSA key of at least 2048 bits; this one is ${key.asymmetricKeyType} ${bits || ''}`.trim(),
    )
  }
}
