/** @module Opens what APIv3 encrypts: AES-256-GCM with the APIv3 key, tag checked in full. */
import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { fromBase64 } from '../base64.ts'
import { assertApiV3Key } from '../checks.ts'
import { type JsonObject, objectOf, optionalTextOf, textOf } from '../json.ts'

/** The `resource` or `encrypt_certificate` part of a message, in WeChat's spelling. */
export interface EncryptedResource {
  /** `AEAD_AES_256_GCM`; nothing else is opened. */
  readonly algorithm: string
  /** 12 bytes. */
  readonly nonce: string
  /** base64; the last 16 bytes are the tag. */
  readonly ciphertext: string
  /** May be absent or empty. */
  readonly associated_data?: string
}

/** Reads a member that is such a part. */
export function resourceOf(json: JsonObject, name: string): EncryptedResource {
  const sealed = objectOf(json, name)
  return {
    algorithm: textOf(sealed, 'algorithm'),
    nonce: textOf(sealed, 'nonce'),
    ciphertext: textOf(sealed, 'ciphertext'),
    associated_data: optionalTextOf(sealed, 'associated_data') ?? '',
  }
}

/**
 * Reads the APIv3 key.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG` unless it has exactly 32 bytes
 */
export function readApiV3Key(apiV3Key: string): KeyObject {
  assertApiV3Key('apiV3Key', apiV3Key)
  return createSecretKey(Buffer.from(apiV3Key))
}

/**
 * Decrypts and authenticates; null when the text was not made with this key, in any way. WeChat's nonce has 12 bytes
 * and its tag 16.
 *
 * @see 如何解密回调报文和平台证书, https://pay.weixin.qq.com/doc/v3/merchant/4012071382, checked 2026-11
 */
export function decryptResource(resource: EncryptedResource, apiV3Key: KeyObject): Buffer | null {
  if (resource.algorithm !== 'AEAD_AES_256_GCM') return null
  const { nonce } = resource
  const sealed = fromBase64(resource.ciphertext)
  if (Buffer.byteLength(nonce) !== 12 || sealed === null || sealed.length < 16) return null
  const decipher = createDecipheriv('aes-256-gcm', apiV3Key, nonce)
  // Always the whole 16 bytes: a shorter tag, which Node would take as well, is easier to forge.
  decipher.setAuthTag(sealed.subarray(-16))
  decipher.setAAD(Buffer.from(resource.associated_data ?? ''))
  try {
    const plain = decipher.update(sealed.subarray(0, -16))
    // It has nothing more to give, and throws when the tag does not fit: without it, anything would be believed.
    decipher.final()
    return plain
  } catch {
    return null
  }
}
