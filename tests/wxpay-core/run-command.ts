/** @module Runs `wxpay` in this process, with a configuration that is complete and a clock that stands at noon. */
import { join } from 'node:path'
import { main } from 'wxpay-core/src/cli.ts'
import { apiV3Key, appid, mchid, noon, publicKeyId, v2Key } from './fixtures.ts'

export const fixtureFile = (name: string) => join(__dirname, 'fixtures', name)

export const configured = {
  WX_APPID: appid,
  WXPAY_MCHID: mchid,
  WXPAY_V2_KEY: v2Key,
  WXPAY_V3_KEY: apiV3Key,
  WXPAY_KEY_FILE: fixtureFile('merchant.key.pem'),
  WXPAY_CERT_FILE: fixtureFile('merchant.cert.pem'),
  WXPAY_PUBLIC_KEY_ID: publicKeyId,
  WXPAY_PUBLIC_KEY_FILE: fixtureFile('wxpay.pub.pem'),
  NOTIFY_BASE_URL: 'https://shop.example.com',
}

/** What the command exits with, prints and complains of. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = configured,
  now = noon,
) {
  const printed: string[] = []
  const complained: string[] = []
  const code = await main(args, {
    env,
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    clock: () => now,
  })
  return { code, out: printed.join('\n'), err: complained.join('\n') }
}
