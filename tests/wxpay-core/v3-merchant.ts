/** @module The merchant of the APIv3 tests: its client on a clock that stands until a test moves it, and its signature. */
import { createPublicKey, createVerify } from 'node:crypto'
import { createWxpayV3, type WxpayV3Client, type WxpayV3Config } from 'wxpay-core'
import type { FakeWechat } from './fake-wechat.ts'
import { apiV3Key, appid, fixture, mchid, noon } from './fixtures.ts'

export const time = { now: noon }
const clients: WxpayV3Client[] = []

export function clientTo(wechat: FakeWechat, config: Partial<WxpayV3Config> = {}): WxpayV3Client {
  const client = createWxpayV3({
    appid,
    mchid,
    apiV3Key,
    privateKeyPem: fixture('merchant.key.pem'),
    certificatePem: fixture('merchant.cert.pem'),
    baseUrl: wechat.url,
    ...(wechat.url.startsWith('https:') ? { ca: fixture('authority.cert.pem') } : {}),
    clock: () => time.now,
    ...config,
  })
  clients.push(client)
  return client
}

/** Call in `afterEach`: ends every client of the test, and it is noon again. */
export function endClients(): void {
  for (const client of clients.splice(0)) client.destroy()
  time.now = noon
}

/** The members of an `Authorization` header. */
export function authorizationIn(header = ''): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...header.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  )
}

export function isSignedByMerchant(message: string, signature: string): boolean {
  const key = createPublicKey(fixture('merchant.key.pem'))
  return createVerify('RSA-SHA256').update(message).verify(key, signature, 'base64')
}
