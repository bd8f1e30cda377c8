/**
 * @module GET /v3/certificates: the platform certificate, wrapped with the APIv3 key.
 */
import { createCipheriv } from 'node:crypto'
import { type Core, newNumber } from '../core.ts'
import { validityOf } from '../identity/certificates.ts'
import { toRfc3339 } from '../time.ts'
import { errorAnswer, parameterError, type V3Answer } from './answer.ts'

export function downloadCertificates(core: Core, algorithms: readonly string[]): V3Answer {
  const [algorithm = 'RSA'] = algorithms
  if (!['RSA', 'SM2', 'ALL'].includes(algorithm)) {
    return parameterError({
      location: 'query',
      field: '/algorithm_type',
      value: algorithm.slice(0, 64),
      issue: 'enum',
      message: '输入源“/query/algorithm_type”映射到枚举字段“证书算法版本”规则校验失败，不是可选的值',
    })
  }
  if (!core.hasPlatformCertificate) {
    return errorAnswer(
      404,
      'RESOURCE_NOT_EXISTS',
      '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。',
    )
  }
  const { identity, platform } = core
  const certificates = platform.listed().map(({ serialNo, certPem }) => {
    const { notBefore, notAfter } = validityOf(certPem)
    return {
      serial_no: serialNo,
      effective_time: toRfc3339(notBefore.getTime()),
      expire_time: toRfc3339(notAfter.getTime()),
      encrypt_certificate: {
        algorithm: 'AEAD_AES_256_GCM',
        ...encryptResource(identity.v3Key, certPem, 'certificate'),
      },
    }
  })
  // The sandbox has no SM2 certificate, as most merchants don't.
  return { kind: 'json', status: 200, body: { data: algorithm === 'SM2' ? [] : certificates } }
}

/** AES-256-GCM as WeChat Pay packs it: the 16-byte tag follows the ciphertext, all in base64. */
export function encryptResource(
  v3Key: string,
  plaintext: string,
  associatedData: string,
): { nonce: string; associated_data: string; ciphertext: string } {
  const nonce = newNumber.nonce().slice(0, 12)
  const cipher = createCipheriv('aes-256-gcm', v3Key, nonce)
  cipher.setAAD(Buffer.from(associatedData))
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return { nonce, associated_data: associatedData, ciphertext: ciphertext.toString('base64') }
}
