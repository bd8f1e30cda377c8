/** @module Opens the `req_info` of v2 refund notifications: AES-256-ECB, which keeps a secret and proves nothing. */
import { createDecipheriv, createHash, createSecretKey, type KeyObject } from 'node:crypto'
import { fromBase64 } from '../base64.ts'
import { assertApiV2Key } from '../checks.ts'

/**
 * The key of `req_info`: the 32 characters of the APIv2 key's MD5 in lower-case hexadecimal.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG` unless the APIv2 key has exactly 32 characters
 */
export function readReqInfoKey(apiV2Key: string): KeyObject {
  assertApiV2Key('key', apiV2Key)
  return createSecretKey(Buffer.from(createHash('md5').update(apiV2Key).digest('hex')))
}

/**
 * Decrypts; null when it is no base64 of whole blocks or the padding (PKCS7, every byte of it) is not what this key
 * would have made. There is no authentication in ECB: blocks of two genuine texts can be recombined by anybody who has
 * seen them, without the key. What comes out is a hint.
 *
 * @see 退款结果通知 (解密步骤), https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16, checked 2026-11
 */
export function decryptReqInfo(reqInfo: string, key: KeyObject): Buffer | null {
  const sealed = fromBase64(reqInfo)
  if (sealed === null) return null
  const decipher = createDecipheriv('aes-256-ecb', key, null)
  const start = decipher.update(sealed)
  try {
    return Buffer.concat([start, decipher.final()])
  } catch {
    return null
  }
}
