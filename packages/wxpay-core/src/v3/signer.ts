/** @module Signs with the merchant's key: at once, or on another thread while this one has more to do. */
import { type KeyObject, sign } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { signRsaSha256 } from './sign.ts'

/**
 * RSA-SHA256 on libuv's thread pool. One signature alone takes a little longer than `signRsaSha256`; several at once use
 * the other cores and leave the event loop free.
 */
export function signRsaSha256Async(message: string, privateKey: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(message), privateKey, (error, signature) => {
      if (error === null) resolve(signature.toString('base64'))
      else reject(error)
    })
  })
}

/** Signs one client's requests. */
export interface RequestSigner {
  /** `isBusy`: other calls of this client are under way. */
  sign(message: string, isBusy: boolean): string | Promise<string>
}

/** A lone call is signed at once; calls that come together are signed side by side, where there is a second core. */
export function createRequestSigner(privateKey: KeyObject, cores = availableParallelism()): RequestSigner {
  return {
    sign: (message, isBusy) =>
      isBusy && cores > 1 ? signRsaSha256Async(message, privateKey) : signRsaSha256(message, privateKey),
  }
}
