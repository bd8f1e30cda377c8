/**
 * @module The merchant's certificate and key in one file (apiclient_cert.p12), as the merchant platform hands them out.
 */

/** The pass phrase of the real file is the merchant's number, so it is here. */
export async function makePkcs12(from: {
  readonly certPem: string
  readonly keyPem: string
  readonly passphrase: string
}): Promise<Buffer> {
  // Loaded when the file is made, once in the life of a data directory.
  const { default: forge } = await import('node-forge')
  const key = forge.pki.privateKeyFromPem(from.keyPem)
  const certificate = forge.pki.certificateFromPem(from.certPem)
  // The real files use RC2, which OpenSSL 3 refuses to open; every TLS library reads this one.
  const options = { algorithm: '3des', friendlyName: 'Tenpay Certificate' } as const
  const pfx = forge.pkcs12.toPkcs12Asn1(key, [certificate], from.passphrase, options)
  return Buffer.from(forge.asn1.toDer(pfx).getBytes(), 'binary')
}
