/**
 * @module X.509 certificates of the sandbox: its own CA for TLS, the merchant's certificate and the platform certificate.
 */
import { X509Certificate as NodeCertificate, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type * as X509 from '@peculiar/x509'

const DAY_MS = 86_400_000
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}
const EC = { name: 'ECDSA', namedCurve: 'P-256' }

export interface KeyPair {
  readonly keys: webcrypto.CryptoKeyPair
  readonly privatePem: string
  readonly publicPem: string
}

export interface Issued {
  readonly pem: string
  /** 40 upper-case hex digits, as WeChat Pay writes serial numbers. */
  readonly serialNo: string
}

export interface Issuer {
  readonly subject: string
  readonly keys: webcrypto.CryptoKeyPair
}

// Loaded when a certificate is made: a later start needs none and is a quarter of a second quicker.
async function loadX509(): Promise<typeof X509> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

export async function makeRsaKeys(): Promise<KeyPair> {
  return withPem(await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']))
}

/** The TLS server's key: P-256 is quick to make and every TLS client takes it. */
export async function makeEcKeys(): Promise<KeyPair> {
  return withPem(await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']))
}

/** Reads an RSA private key back, to issue another certificate with it. */
export async function importRsaIssuer(subject: string, privatePem: string, certPem: string): Promise<Issuer> {
  const x509 = await loadX509()
  const der = x509.PemConverter.decodeFirst(privatePem)
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, RSA, true, ['sign'])
  const publicKey = await webcrypto.subtle.importKey(
    'spki',
    new x509.X509Certificate(certPem).publicKey.rawData,
    RSA,
    true,
    ['verify'],
  )
  return { subject, keys: { privateKey, publicKey } }
}

export async function issueCa(issuer: Issuer, years: number): Promise<Issued> {
  const x509 = await loadX509()
  const serialNo = newSerialNo()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNo,
    name: issuer.subject,
    keys: issuer.keys,
    ...validity(years * 365),
    signingAlgorithm: RSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  })
  return { pem: `${certificate.toString('pem')}\n`, serialNo }
}

export async function issueServerCertificate(
  issuer: Issuer,
  publicKey: webcrypto.CryptoKey,
  hosts: readonly string[],
  days: number,
): Promise<Issued> {
  const x509 = await loadX509()
  return issueLeaf(issuer, 'CN=localhost', publicKey, days, [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
    new x509.SubjectAlternativeNameExtension(
      hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
    ),
  ])
}

/** A certificate for signing messages: the merchant's (also a TLS client certificate) or the platform's. */
export async function issueSigningCertificate(
  issuer: Issuer,
  subject: string,
  publicKey: webcrypto.CryptoKey,
  days: number,
): Promise<Issued> {
  const x509 = await loadX509()
  return issueLeaf(issuer, subject, publicKey, days, [
    new x509.KeyUsagesExtension(
      x509.KeyUsageFlags.digitalSignature |
        x509.KeyUsageFlags.nonRepudiation |
        x509.KeyUsageFlags.keyEncipherment,
      true,
    ),
    new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2']),
  ])
}

export function expiryOf(pem: string): number {
  return validityOf(pem).notAfter.getTime()
}

export function validityOf(pem: string): { notBefore: Date; notAfter: Date } {
  const { validFrom, validTo } = new NodeCertificate(pem)
  return { notBefore: new Date(validFrom), notAfter: new Date(validTo) }
}

async function issueLeaf(
  issuer: Issuer,
  subject: string,
  publicKey: webcrypto.CryptoKey,
  days: number,
  extensions: X509.Extension[],
): Promise<Issued> {
  const x509 = await loadX509()
  const serialNo = newSerialNo()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNo,
    subject,
    issuer: issuer.subject,
    publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: RSA,
    ...validity(days),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...extensions,
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return { pem: `${certificate.toString('pem')}\n`, serialNo }
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  // A day early, so that a client whose clock is behind accepts it too.
  const now = Date.now()
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) }
}

// Twenty bytes, the top bit clear and the first byte not zero: a positive DER integer of exactly 40 hex digits.
function newSerialNo(): string {
  const bytes = randomBytes(20)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex').toUpperCase()
}

async function withPem(keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  const x509 = await loadX509()
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey)
  return {
    keys,
    privatePem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
    publicPem: `${x509.PemConverter.encode(spki, 'PUBLIC KEY')}\n`,
  }
}
