/** @module Reads the list of platform certificates, which proves itself with the APIv3 key and its own signature. */
import type { KeyObject } from 'node:crypto'
import { malformedAs } from '../answer-errors.ts'
import { isObject, JsonShapeError, parseJsonObject, textOf } from '../json.ts'
import { type PlatformKey, readPlatformCertificate } from '../keys.ts'
import type { WireAnswer } from '../transport.ts'
import { decryptResource, resourceOf } from './aes-gcm.ts'
import { believe, signedMessageOf } from './answer.ts'
import type { CertificatesResponse } from './messages.ts'
import { checkSignature } from './verifier.ts'

/**
 * PEM of the certificates that are not expired. Each one must open with the APIv3 key and carry the serial number it
 * is listed under; the answer as a whole must be signed by one of them or by a key known before.
 *
 * @throws WxpayError
 * @see 下载平台证书, https://pay.weixin.qq.com/doc/v3/merchant/4012551764, checked 2026-11
 */
export function readCertificates(
  answer: WireAnswer,
  known: {
    readonly apiV3Key: KeyObject
    readonly fixedKeys: readonly PlatformKey[]
    readonly clock: () => number
  },
): readonly string[] {
  const nowMs = known.clock()
  if (answer.status !== 200) believe(answer, undefined)
  const listed = malformedAs({ httpStatus: answer.status }, () => openAll(answer.body, known.apiV3Key))
  const fresh = listed.filter(({ key }) => key.expiresAt > nowMs)
  const keys = new Map([...known.fixedKeys, ...fresh.map(({ key }) => key)].map((key) => [key.serial, key]))
  believe(answer, checkSignature(signedMessageOf(answer), keys, nowMs))
  return fresh.map(({ pem }) => pem)
}

function openAll(
  body: Uint8Array,
  apiV3Key: KeyObject,
): { readonly pem: string; readonly key: PlatformKey }[] {
  const list = parseJsonObject(body)['data' satisfies keyof CertificatesResponse]
  if (!Array.isArray(list) || list.length > 100) throw new JsonShapeError('data is not a list')
  return list.map((entry: unknown) => {
    if (!isObject(entry)) throw new JsonShapeError('data holds something other than certificates')
    const opened = decryptResource(resourceOf(entry, 'encrypt_certificate'), apiV3Key)
    if (opened === null) throw new JsonShapeError('a certificate does not open with this APIv3 key')
    const pem = opened.toString('utf8')
    const key = readPlatformCertificate('platformCertificates', pem)
    if (key.serial !== textOf(entry, 'serial_no'))
      throw new JsonShapeError('a certificate under another serial_no')
    return { pem, key }
  })
}
