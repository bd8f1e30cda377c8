/** @module Encrypts sensitive fields (敏感信息加密) so that WeChat Pay alone can read them. */
import { constants, type KeyObject, publicEncrypt } from 'node:crypto'
import { badInput } from '../checks.ts'
import { bitsOf } from '../keys.ts'

/**
 * RSAES-OAEP with SHA-1 and MGF1-SHA-1, base64: a bank card's number, a person's name. Every call gives another text.
 * The request's `Wechatpay-Serial` must name the key.
 *
 * One page of WeChat's FAQ says SHA-256; its SDKs, their test vectors and this page say OAEP with its default, SHA-1.
 *
 * @param key WeChat Pay's public key or that of a platform certificate, never the merchant's own
 * @throws WxpayError `ERR_WXPAY_INPUT` for text that is longer than the key can carry: 214 bytes of UTF-8 for 2048 bits
 * @see 如何使用微信支付公钥加密敏感字段, https://pay.weixin.qq.com/doc/v3/merchant/4013053257, checked 2026-11
 */
export function encryptField(text: string, key: KeyObject): string {
  const plain = Buffer.from(text)
  // Two hashes of 20 bytes and 2 bytes of its own.
  const maxBytes = bitsOf(key) / 8 - 42
  if (plain.length > maxBytes) throw badInput('text', `at most ${maxBytes} bytes of UTF-8`)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  return publicEncrypt({ key, padding, oaepHash: 'sha1' }, plain).toString('base64')
}
