/** @module Any request, signed by the signer that the SDK uses: for what the SDK itself would never send. */
import { createRequire } from 'node:module'
import type { CloudbaseEmulator } from 'cloudbase-emulator'

export interface SendOptions {
  readonly secretKey?: string
  readonly path?: string
  readonly ageSeconds?: number
  readonly tamper?: (body: string) => string
}

export async function sendSigned(
  emulator: Pick<CloudbaseEmulator, 'url'>,
  members: object,
  {
    secretKey = 'local-secret-key',
    path = '/admin',
    ageSeconds = 0,
    tamper = (body) => body,
  }: SendOptions = {},
): Promise<{ code?: string; message?: string; data?: Record<string, unknown> }> {
  const sdk = createRequire(createRequire(__filename).resolve('wx-server-sdk'))
  const { sign } = createRequire(sdk.resolve('@cloudbase/node-sdk'))('@cloudbase/signature-nodejs')
  const url = `${emulator.url.replace('/admin', path)}?env=local-env&seqId=1`
  const params = { envName: 'local-env', ...members }
  const headers = { 'content-type': 'application/json', host: new URL(url).host }
  const { authorization, timestamp } = sign({
    ...{
      secretId: 'local-secret-id',
      secretKey,
      method: 'post',
      url,
      headers,
      params,
      withSignedParams: true,
    },
    timestamp: Math.floor(Date.now() / 1000) - ageSeconds,
  })
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, authorization, 'x-timestamp': String(timestamp) },
    body: tamper(JSON.stringify(params)),
  })
  return response.status === 200 ? ((await response.json()) as object) : { code: String(response.status) }
}
