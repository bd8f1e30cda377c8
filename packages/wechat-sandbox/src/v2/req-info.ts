/**
 * @module The req_info of an APIv2 refund notification: AES-256-ECB under the lower-case hex MD5 of the APIv2 key.
 */
import { createCipheriv, createHash } from 'node:crypto'

export function encryptReqInfo(v2Key: string, plaintext: string): string {
  const key = createHash('md5').update(v2Key).digest('hex')
  const cipher = createCipheriv('aes-256-ecb', key, null)
  return Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]).toString('base64')
}
