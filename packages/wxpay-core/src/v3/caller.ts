/** @module Everything that APIv3 calls of one merchant share: keys, connections, signing, and what is believed. */
import { badConfig } from '../checks.ts'
import type { ConnectionConfig } from '../client.ts'
import { isPair, type PlatformKey, readMerchantKey, readPlatformPublicKey } from '../keys.ts'
import { nonce } from '../nonce.ts'
import { createRefundPace } from '../refund-pace.ts'
import {
  createTransport,
  userAgent,
  type WireAnswer,
  type WireHeaders,
  type WireRequest,
} from '../transport.ts'
import { readApiV3Key } from './aes-gcm.ts'
import { believe, type SignedAnswer, signedMessageOf } from './answer.ts'
import { readCertificates } from './certificates.ts'
import { authorization, requestMessage, signRsaSha256 } from './sign.ts'
import { createRequestSigner } from './signer.ts'
import { createKeyRing, type V3KeyRing } from './verifier.ts'

/** The keys of a merchant and of WeChat Pay. */
export interface V3CallerConfig extends ConnectionConfig {
  readonly mchid: string
  readonly apiV3Key: string
  readonly privateKeyPem: string
  readonly certificatePem?: string
  readonly serialNo?: string
  readonly publicKey?: { readonly id: string; readonly pem: string }
  readonly platformCertificates?: readonly string[]
}

/** Makes calls in the merchant's name. */
export interface V3Caller {
  readonly keyRing: V3KeyRing
  readonly timeLeftMs: ConnectionConfig['timeLeftMs']
  /** Signs and sends; the verified answer. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<SignedAnswer>
  /**
   * A call that moves money: keeps to WeChat's limit for failing ones, is written once. `key` is the one that the body's
   * sensitive fields were encrypted with.
   */
  refund(path: string, body: object, key?: PlatformKey): Promise<SignedAnswer>
  /** Gets a file, whose answer nobody signs: whoever asks must know its hash. */
  download(path: string, limits: NonNullable<WireRequest['download']>): Promise<Buffer>
  /** Signs a text with the merchant's key, at once. */
  sign(message: string): string
  /** Seconds since the epoch, as both requests and payment parameters write them. */
  seconds(): string
  destroy(): void
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` */
export function createV3Caller(config: V3CallerConfig): V3Caller {
  const { mchid } = config
  const clock = config.clock ?? Date.now
  const apiV3Key = readApiV3Key(config.apiV3Key)
  const { privateKey, serialNo } = readMerchantKey(config)
  const fixedKeys = config.publicKey === undefined ? [] : [readPlatformPublicKey(config.publicKey)]
  const isOwn = ({ key }: PlatformKey): boolean => isPair(key, privateKey)
  if (fixedKeys.some(isOwn)) {
    throw badConfig('publicKey.pem', "WeChat Pay's public key; this one belongs to your own private key")
  }
  const transport = createTransport(config)
  const signer = createRequestSigner(privateKey)
  const keyRing = createKeyRing({
    ...config,
    serialNo,
    isOwn,
    // The list may name SM2 (国密) certificates, which nobody here can use, unless it is asked for these alone.
    // It is answered with the very certificates that sign the answer, so it is checked by them.
    fetchCertificates: async () =>
      readCertificates(
        await exchange({ method: 'GET', path: '/v3/certificates?algorithm_type=RSA', body: '' }),
        {
          apiV3Key,
          fixedKeys,
          clock,
        },
      ),
  })
  let underWay = 0

  const seconds = (): string => String(Math.floor(clock() / 1000))

  /** Signs the exact bytes, anew for each attempt, and sends them; `serial` is of WeChat Pay's key that we mean. */
  async function exchange(
    request: Omit<WireRequest, 'headers'>,
    serial = config.publicKey?.id,
  ): Promise<WireAnswer> {
    const { method, path, body } = request
    const headers = () => {
      const timestamp = seconds()
      const random = nonce()
      const message = requestMessage({ method, path, timestamp, nonce: random, body })
      const withSignature = (signature: string): WireHeaders => ({
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'User-Agent': userAgent,
        Authorization: authorization({ mchid, serialNo, timestamp, nonce: random, signature }),
        ...(serial !== undefined && { 'Wechatpay-Serial': serial }),
      })
      const signature = signer.sign(message, underWay > 1)
      return typeof signature === 'string' ? withSignature(signature) : signature.then(withSignature)
    }
    underWay += 1
    try {
      return await transport.send({ ...request, headers })
    } finally {
      underWay -= 1
    }
  }

  async function verdictOf(answer: WireAnswer) {
    // Refusals carry no signature at all; asking for one would only hide the real error.
    if (answer.status !== 200 && answer.status !== 204) return undefined
    return keyRing.verifier.verify(signedMessageOf(answer))
  }

  async function ask(request: Omit<WireRequest, 'headers'>, key?: PlatformKey): Promise<SignedAnswer> {
    const answer = await exchange(request, key?.serial)
    return believe(answer, await verdictOf(answer))
  }

  const refundPace = createRefundPace(config)

  return {
    keyRing,
    timeLeftMs: config.timeLeftMs,
    seconds,
    sign: (message) => signRsaSha256(message, privateKey),
    call: (method, path, body) => ask({ method, path, body: body === undefined ? '' : JSON.stringify(body) }),

    refund: (path, body, key) =>
      refundPace.run(() => ask({ method: 'POST', path, body: JSON.stringify(body), once: true }, key)),

    async download(path, limits) {
      const answer = await exchange({ method: 'GET', path, body: '', download: limits })
      // Anything but a file is an error, and `believe` knows which.
      if (answer.status !== 200) believe(answer, undefined)
      return answer.body
    },

    destroy: () => transport.destroy(),
  }
}
