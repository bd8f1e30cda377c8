/** @module The merchant certificate (商户API证书) and its key, looked at without asking anybody. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { BackendConfig } from '../config.ts'
import { type Finding, failed, ok, warning } from './finding.ts'

const ABOUT = 'merchant certificate (商户API证书)'
const DAY_MS = 86_400_000
/** A new certificate takes a person with a token in the merchant platform: time enough to find that person. */
const SOON_MS = 30 * DAY_MS

export const checkMerchantCertificate = (wxpay: BackendConfig['wxpay'], now: number): Finding => {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(wxpay.certPem)
    if (!certificate.checkPrivateKey(createPrivateKey(wxpay.keyPem)))
      return failed(
        ABOUT,
        'the private key belongs to another certificate',
        'WXPAY_CERT_FILE and WXPAY_KEY_FILE must be the apiclient_cert.pem and apiclient_key.pem of one request',
      )
  } catch {
    return failed(
      ABOUT,
      'certificate or key cannot be read',
      'give the PEM files that WeChat’s certificate tool (证书工具) made, unchanged',
    )
  }
  const serial = certificate.serialNumber
  const ends = Date.parse(certificate.validTo)
  const day = new Date(ends).toISOString().slice(0, 10)
  if (ends <= now)
    return failed(
      ABOUT,
      `${serial} ended on ${day}`,
      'make a new certificate in the merchant platform (API安全)',
    )
  const owner = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1]
  if (owner !== wxpay.mchid)
    return failed(
      ABOUT,
      `${serial} is made out to "${owner ?? 'nobody'}", not to ${wxpay.mchid}`,
      'use the certificate of this merchant number (WXPAY_MCHID); a platform certificate (平台证书) does not belong here',
    )
  if (ends - now < SOON_MS)
    return warning(
      ABOUT,
      `${serial} ends on ${day}`,
      'make the next certificate now, and put both files in place together',
    )
  return ok(ABOUT, `${serial}, made out to ${owner}, valid until ${day}`)
}
