/** @module The APIv3 signature: ours on requests and paySign, theirs on answers and notifications. */
import { createVerify, type KeyObject, sign } from 'node:crypto'
import { fromBase64 } from '../base64.ts'

/** RSA-SHA256 (PKCS#1 v1.5), base64: the only signature of APIv3. The key is a KeyObject, read once. */
export function signRsaSha256(message: string, privateKey: KeyObject): string {
  return sign('sha256', Buffer.from(message), privateKey).toString('base64')
}

/**
 * Whether a base64 signature (RSA-SHA256) fits the bytes of the chunks, one after another. False for anything that is
 * no signature at all; never throws for what came from outside.
 */
export function verifyRsaSha256(
  chunks: readonly (string | Uint8Array)[],
  signature: string,
  publicKey: KeyObject,
): boolean {
  const bytes = fromBase64(signature)
  if (bytes === null) return false
  const verify = createVerify('RSA-SHA256')
  for (const chunk of chunks) verify.update(chunk)
  return verify.verify(publicKey, bytes)
}

/** Lines joined as APIv3 signs them: each one, the last included, ends with a line feed. */
export function joinLines(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

/** What one request says about itself. */
export interface SignedRequest {
  /** In capitals. */
  readonly method: string
  /** Path and query exactly as sent. */
  readonly path: string
  /** Seconds since the epoch. */
  readonly timestamp: string
  /** 随机串: 32 letters and digits. */
  readonly nonce: string
  /** Exactly the bytes sent, `''` for GET. */
  readonly body: string
}

/** The five lines that a request's signature covers. */
export function requestMessage(request: SignedRequest): string {
  return joinLines([request.method, request.path, request.timestamp, request.nonce, request.body])
}

/**
 * The value of the Authorization header.
 *
 * @see 请求参数里带Body参数，如何计算签名 (signing a request), https://pay.weixin.qq.com/doc/v3/merchant/4012365336, checked 2026-11
 */
export function authorization(parts: {
  readonly mchid: string
  readonly serialNo: string
  readonly timestamp: string
  readonly nonce: string
  readonly signature: string
}): string {
  return `WECHATPAY2-SHA256-RSA2048 mchid="${parts.mchid}",nonce_str="${parts.nonce}",signature="${parts.signature}",timestamp="${parts.timestamp}",serial_no="${parts.serialNo}"`
}

/**
 * The four lines that `paySign` covers for `wx.requestPayment`. `package` is `prepay_id=…`, not the bare id.
 *
 * @see 小程序调起支付签名 (paySign), https://pay.weixin.qq.com/doc/v3/merchant/4012365341, checked 2026-11
 */
export function payMessage(parts: {
  readonly appId: string
  readonly timeStamp: string
  readonly nonceStr: string
  readonly package: string
}): string {
  return joinLines([parts.appId, parts.timeStamp, parts.nonceStr, parts.package])
}
